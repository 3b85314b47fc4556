"""Medicines that the patient has tried: the list, and two pages for each."""

from __future__ import annotations

from uuid import UUID

from flask import jsonify, redirect, url_for
from flask.typing import ResponseReturnValue

from intake.domain.form import trial as trial_form
from intake.domain.form import trial_words
from intake.domain.form.pages import Page
from intake.domain.form.whole import TrialItem
from intake.patient import bp
from intake.patient.item_lists import Card, new_key, removal, restoring, shown_list
from intake.patient.item_screens import course_screen, effect_screen, treatment_choices
from intake.patient.screens import answer
from intake.patient.visit import visit
from intake.web.limits import SEVERAL_TEXTS, body_limit


@bp.route("/trials", methods=["GET", "POST"])
def trials() -> ResponseReturnValue:
    """The list in order of time, and whether it is whole."""
    return shown_list(Page.TRIAL, lambda form: [_card(item) for item in form.trials])


@bp.get("/trials/new")
def new_trial() -> ResponseReturnValue:
    """Choose the key of a new item, so that sending the form twice adds one."""
    return redirect(url_for("patient.added_trial", item=new_key()))


@bp.route("/trials/new/<uuid:item>", methods=["GET", "POST"])
@body_limit(SEVERAL_TEXTS)
def added_trial(item: UUID) -> ResponseReturnValue:
    """What was taken and how much, of an item that may not be there yet."""
    return answer(course_screen(visit(), str(item), may_add=True))


@bp.get("/trials/<uuid:item>/copy")
def copy_trial(item: UUID) -> ResponseReturnValue:
    """A new item that begins with the answers of another."""
    return redirect(url_for("patient.added_trial", item=new_key(), copy=item))


@bp.route("/trials/<uuid:item>", methods=["GET", "POST"])
@body_limit(SEVERAL_TEXTS)
def trial(item: UUID) -> ResponseReturnValue:
    """What was taken and how much."""
    return answer(course_screen(visit(), str(item)))


@bp.route("/trials/<uuid:item>/effect", methods=["GET", "POST"])
@body_limit(SEVERAL_TEXTS)
def trial_effect(item: UUID) -> ResponseReturnValue:
    """What it did; the page before it comes first."""
    screen = effect_screen(visit(), str(item))
    return answer(screen) if screen else redirect(url_for("patient.trial", item=item))


@bp.route("/trials/<uuid:item>/remove", methods=["GET", "POST"])
def remove_trial(item: UUID) -> ResponseReturnValue:
    """Ask, then take it out of the list."""
    return removal(Page.TRIAL, str(item))


@bp.post("/trials/<uuid:item>/restore")
def restore_trial(item: UUID) -> ResponseReturnValue:
    """Put it back."""
    return restoring(Page.TRIAL, str(item))


@bp.get("/names/treatments")
def treatment_names() -> ResponseReturnValue:
    """The names that the field offers, searched in the browser so that none stands in an address."""
    return jsonify(treatment_choices())


def _card(item: TrialItem) -> Card:
    lines = []
    if item.course:
        lines = list(trial_words.amounts_in_words(item.course))
    if item.effect:
        lines.append(trial_form.IMPROVEMENTS[item.effect.improvement])
    when = trial_words.time_in_words(item.course.doses[0]) if item.course else ""
    part = "course" if item.course is None else "effect"
    return Card(item.item, item.name, when, tuple(lines), item.is_whole, part)
