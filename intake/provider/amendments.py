"""Amending an order: what it does is shown first, then signed with the second factor. And what the desk asks for."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any
from uuid import UUID

from flask import abort, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from werkzeug.exceptions import NotFound

from intake.domain.amendments import Amendment, AmendmentKind
from intake.domain.errors import DomainError
from intake.domain.roles import Permission
from intake.domain.scheduling.planning import Infeasible, Plan
from intake.domain.scheduling.values import Slot
from intake.domain.sign_offs import limits_of_changes
from intake.domain.statuses import LIVE_ORDER
from intake.provider import bp
from intake.provider.amend_form import KINDS, AmendForm
from intake.provider.amend_presenter import present_plans, terms_rows, visit_words
from intake.provider.opening import back_to_chart, open_chart
from intake.provider.signing import spend_code
from intake.queries import amendments as reads
from intake.queries import sign_offs, sites
from intake.queries.charts import Chart
from intake.queries.orders import Order
from intake.queries.sign_offs import SignOff
from intake.services import amendments
from intake.services.amendments import Preview
from intake.services.claims import Taken
from intake.services.placing import NoLongerHolds
from intake.web import filters
from intake.web.access import needs, now
from intake.web.slots import read_slots

TO_DESK = "desk"
"""What the form carries instead of times when the desk is to find them."""


@bp.route("/patients/<uuid:patient_id>/orders/<uuid:order_id>/amend", methods=["GET", "POST"])
@needs(Permission.SIGN_ORDER)
def amend_order(patient_id: UUID, order_id: UUID) -> ResponseReturnValue:
    """Choose what to amend, look at what it does to every visit, sign. Nothing is written before the signature."""
    chart = open_chart(patient_id)
    order = next((row for row in chart.orders if row.id == order_id), None)
    if order is None or order.status not in LIVE_ORDER:
        raise NotFound
    form = AmendForm()
    protocols = [(row.id, f"{row.name} (version {row.version})") for row in sites.current_protocols()]
    form.show(protocols, [(row.id, row.name) for row in sites.all_sites()])
    asked = asked_in(order, form)
    if request.method == "GET":
        begin(form, asked)
        return entry(chart, order, form, asked)
    if form.chosen is None:
        abort(400)  # a page of ours names a kind, and only then has it the fields
    if not form.validate_on_submit():
        return entry(chart, order, form, asked), 422
    press = request.form.get("press", "show")
    return declined(chart, form, asked) if press == "decline" else shown(chart, order, form, asked, press)


@bp.get("/to-allow")
@needs(Permission.SIGN_ORDER)
def to_allow() -> ResponseReturnValue:
    """What the desk asks to be allowed beyond a protocol, the longest waiting first."""
    found = [
        {
            "name": patient.full_name,
            "words": asked.words,
            "waited": filters.span(now() - asked.asked_at),
            "url": url_for("provider.amend_order", patient_id=patient.id, order_id=order.id, sign_off=asked.id),
        }
        for asked, order, patient in sign_offs.open_sign_offs()
    ]
    return render_template("provider/to_allow.html", found=found)


@bp.context_processor
def waiting_requests() -> dict[str, int]:
    """How many requests wait, for the queue alone and for who may answer them."""
    if request.endpoint != "provider.queue" or not current_user.may(Permission.SIGN_ORDER):
        return {}
    return {"waits_to_allow": len(sign_offs.open_sign_offs())}


def asked_in(order: Order, form: AmendForm) -> SignOff | None:
    """The request that this page answers, if it is one on this order that still waits."""
    asked = sign_offs.asked_of(order.id)
    wanted = form.sign_off.data or request.args.get("sign_off", "")
    return asked if asked and asked.decided_at is None and str(asked.id) == wanted else None


def begin(form: AmendForm, asked: SignOff | None) -> None:
    """What the form begins with: the kind in the address, or what was asked for."""
    form.kind.data = AmendmentKind.LIMITS.value if asked else request.args.get("kind", "")
    if asked is not None:
        form.sign_off.data = str(asked.id)
        form.fill_limits(asked.limits)


def shown(chart: Chart, order: Order, form: AmendForm, asked: SignOff | None, press: str) -> ResponseReturnValue:
    """The preview, or with `press` = sign the signature; a refusal shows the preview again."""
    try:
        change = amendment_of(form, asked)
        if press == "sign":
            sign(order, form, asked)
            return back_to_chart(chart.patient.id, "The amendment is signed.")
        preview = amendments.preview(order.id, change, now=now())
    except (Taken, NoLongerHolds) as error:
        form.blame(error)
        return preview_page(chart, order, form, error.offer, asked), 422
    except DomainError as error:
        form.blame(error)
        if press == "sign" and error.field in (None, "code"):
            again = amendments.preview(order.id, amendment_of(form, asked), now=now())
            return preview_page(chart, order, form, again, asked), 422
        return entry(chart, order, form, asked), 422
    return preview_page(chart, order, form, preview, asked)


def sign(order: Order, form: AmendForm, asked: SignOff | None) -> None:
    """Check all that was typed before a code is spent on it; a second press finds the first and spends none."""
    change, key = amendment_of(form, asked), form.key
    slots = times_of(form.slots.data or "")
    if reads.amended_with(order.id, key) is None:
        amendments.preview(order.id, change, now=now(), alternatives=0)
        spend_code(form.code.data)
    amendments.sign(
        order.id,
        change,
        slots=slots,
        token=form.seen.data or "",
        request_key=key,
        actor_id=current_user.id,
        now=now(),
        sign_off_id=asked.id if asked else None,
    )


def amendment_of(form: AmendForm, asked: SignOff | None) -> Amendment:
    """The amendment as typed, and whether it answers the desk."""
    return replace(form.to_amendment(), is_asked=asked is not None)


def times_of(text: str) -> list[Slot] | None:
    """The times of the plan that was pressed; None where the desk is to find them."""
    return None if text == TO_DESK else read_slots(text)


def declined(chart: Chart, form: AmendForm, asked: SignOff | None) -> ResponseReturnValue:
    """Say no to the desk, with a reason that stays on the chart."""
    if asked is None:
        abort(400)
    try:
        amendments.decline(asked.id, form.reason.data, actor_id=current_user.id, now=now())
    except DomainError as error:
        form.blame(error)
        order = next(row for row in chart.orders if row.id == asked.order_id)
        return entry(chart, order, form, asked), 422
    return back_to_chart(chart.patient.id, "The desk is told that it is not allowed.")


def entry(chart: Chart, order: Order, form: AmendForm, asked: SignOff | None) -> str:
    """The form of one kind, or the list of kinds."""
    links = [
        (label, url_for("provider.amend_order", patient_id=chart.patient.id, order_id=order.id, kind=kind.value))
        for kind, label in KINDS.items()
    ]
    return render_template(
        "provider/amend.html",
        form=form,
        chart=chart,
        order=order,
        asked=asked,
        kinds=links,
        title=KINDS[form.chosen] if form.chosen else "",
        zone=chart.site.timezone,
    )


def preview_page(chart: Chart, order: Order, form: AmendForm, preview: Any, asked: SignOff | None) -> str:
    """What the amendment does, and the buttons that sign it."""
    assert isinstance(preview, Preview)
    found = preview.proposal.found if preview.proposal else None
    form.seen.data = preview.proposal.rest.token if preview.proposal else ""
    is_planned = form.chosen is not AmendmentKind.BOOSTERS
    today = chart.as_of
    return render_template(
        "provider/amend_preview.html",
        form=form,
        chart=chart,
        order=order,
        asked=asked,
        title=KINDS[form.chosen] if form.chosen else "",
        rows=terms_rows(preview.before, preview.after),
        cautions=preview.cautions,
        plans=present_plans(preview.proposal) if preview.proposal and isinstance(found, Plan) and is_planned else [],
        reasons=present_reasons(found) if isinstance(found, Infeasible) and is_planned else [],
        released=[visit_words(one) for one in preview.released],
        has_series=preview.proposal is not None and is_planned,
        windows=reads.windows_under(order, preview.after.regime, today=today) if not is_planned else [],
        to_desk=TO_DESK,
        zone=chart.site.timezone,
    )


def present_reasons(found: Infeasible) -> list[dict[str, Any]]:
    """Why no plan fits; what this signature could allow as one press."""
    return [{"text": one.text, "limits": json.dumps(limits_of_changes(one.changes) or {})} for one in found.reasons]
