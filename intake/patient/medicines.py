"""Medicines that the patient takes now: the list, and one page for each."""

from __future__ import annotations

from uuid import UUID

from flask import jsonify, redirect, url_for
from flask.typing import ResponseReturnValue

from intake.domain.form.medicine import FREQUENCIES
from intake.domain.form.pages import Page
from intake.domain.form.whole import MedicineItem
from intake.domain.screening import name_search
from intake.patient import bp
from intake.patient.item_lists import Card, new_key, removal, restoring, shown_list
from intake.patient.item_screens import medicine_screen
from intake.patient.screens import answer
from intake.patient.visit import visit
from intake.web.limits import SEVERAL_TEXTS, body_limit


@bp.route("/medicines", methods=["GET", "POST"])
def medicines() -> ResponseReturnValue:
    """The list, and whether it is whole."""
    return shown_list(Page.MEDICINE, lambda form: [_card(item) for item in form.medicines])


@bp.get("/medicines/new")
def new_medicine() -> ResponseReturnValue:
    """Choose the key of a new item, so that sending the form twice adds one."""
    return redirect(url_for("patient.added_medicine", item=new_key()))


@bp.route("/medicines/new/<uuid:item>", methods=["GET", "POST"])
@body_limit(SEVERAL_TEXTS)
def added_medicine(item: UUID) -> ResponseReturnValue:
    """A medicine that may not be there yet."""
    return answer(medicine_screen(visit(), str(item), may_add=True))


@bp.get("/medicines/<uuid:item>/copy")
def copy_medicine(item: UUID) -> ResponseReturnValue:
    """A new item that begins with the answers of another."""
    return redirect(url_for("patient.added_medicine", item=new_key(), copy=item))


@bp.route("/medicines/<uuid:item>", methods=["GET", "POST"])
@body_limit(SEVERAL_TEXTS)
def medicine(item: UUID) -> ResponseReturnValue:
    """One current medicine."""
    return answer(medicine_screen(visit(), str(item)))


@bp.route("/medicines/<uuid:item>/remove", methods=["GET", "POST"])
def remove_medicine(item: UUID) -> ResponseReturnValue:
    """Ask, then take it out of the list."""
    return removal(Page.MEDICINE, str(item))


@bp.post("/medicines/<uuid:item>/restore")
def restore_medicine(item: UUID) -> ResponseReturnValue:
    """Put it back."""
    return restoring(Page.MEDICINE, str(item))


@bp.get("/names/medicines")
def medicine_names() -> ResponseReturnValue:
    """The names that the field offers, searched in the browser so that none stands in an address."""
    return jsonify([(one.name, one.note, *one.looks_like) for one in name_search.offers()])


def _card(item: MedicineItem) -> Card:
    if item.entry is None:
        return Card(item.item, item.name, "", (), False, "medicine")
    lines = (f"{item.entry.dose}, {FREQUENCIES[item.entry.frequency].lower()}", f"For: {item.entry.reason}")
    return Card(item.item, item.name, "", lines, True, "medicine")
