"""Another time for one appointment: ranked free times with reasons, then the move."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from intake.desk import bp
from intake.desk.appointment_presenter import present_appointment
from intake.desk.appointments import read_seen
from intake.desk.board_presenter import seen_text
from intake.desk.forms import MoveForm
from intake.desk.series_presenter import read_slots, slots_text
from intake.domain import clinic_time
from intake.domain.errors import DomainError
from intake.domain.roles import Permission
from intake.domain.statuses import LIVE
from intake.queries import appointments, offers, orders
from intake.queries.appointments import Visit
from intake.queries.offers import Offer
from intake.services import appointments as booking
from intake.services import audit
from intake.web import access

OVER = "over:"
"""What a time is called by that passes the limits."""


@bp.route("/appointments/<uuid:appointment_id>/move", methods=["GET", "POST"])
def move_appointment(appointment_id: UUID) -> ResponseReturnValue:
    """Choose another time; a time that is not expected any more is booked anew instead."""
    if request.method == "GET":
        patient_id = appointments.patient_of(appointment_id)
        audit.record_view(current_user.id, patient_id, what="desk", now=access.now())
    visit, form = appointments.visit(appointment_id), MoveForm()
    if request.method == "GET":
        form.seen.data = seen_text(visit.appointment.version, visit.appointment.status)
        form.request_key.data = str(uuid4())
    if form.validate_on_submit():
        try:
            moved_id = act(visit, form)
        except DomainError as error:
            form.blame(error)
        else:
            flash("The new time is booked.", "success")
            return redirect(url_for("desk.appointment", appointment_id=moved_id))
    page = render_template("desk/move.html", form=form, **shown(appointment_id))
    return page, (422 if request.method == "POST" else 200)


def act(visit: Visit, form: MoveForm) -> UUID:
    """Move a live appointment, book another one in place of one that is not; returns where to look."""
    text = form.slot.data or ""
    row, slots = visit.appointment, read_slots(text.removeprefix(OVER))
    if len(slots) != 1:
        abort(400)
    common: dict[str, Any] = {"reason": form.reason.data, "actor_id": current_user.id, "now": access.now()}
    if text.startswith(OVER):
        common["overbook"] = form.overbook.data or ""
    if row.status in LIVE:
        booking.move(row.id, slots[0], seen=read_seen(form.seen.data or ""), **common)
        return row.id
    return booking.book_anew(row.id, slots[0], request_key=read_key(form.request_key.data), **common)


def may_overbook(visit: Visit) -> bool:
    """Whether the person at the desk may pass the limits of watch units and starts; without a chair there are none."""
    return visit.appointment.chair_id is not None and current_user.may(Permission.OVERBOOK)


def read_key(text: str | None) -> UUID:
    """The key of a form; 400 for what no page of ours has made."""
    try:
        return UUID(text or "")
    except ValueError:
        abort(400)


def shown(appointment_id: UUID) -> dict[str, Any]:
    """The appointment and its free times, read anew: after a refusal they are others."""
    visit, now = appointments.visit(appointment_id), access.now()
    order = orders.order(visit.appointment.order_id) if visit.appointment.order_id else None
    found = [present_offer(one) for one in offers.times_for(visit.appointment, order, now=now)]
    over = offers.times_over(visit.appointment, order, now=now) if may_overbook(visit) else []
    return {
        "appointment": present_appointment(visit, now),
        "over": [present_offer(one) | {"value": OVER + slots_text([one.slot])} for one in over],
        "good": [one for one in found if not one["breaks"]],
        "bending": [one for one in found if one["breaks"]],
    }


def present_offer(one: Offer) -> dict[str, Any]:
    """A free time with what speaks for or against it."""
    slot = one.slot
    reasons = [] if one.is_wished else ["Outside the hours that the patient gave."]
    return {
        "value": slots_text([slot]),
        "day": clinic_time.day_words(slot.day),
        "time": clinic_time.clock_words(slot.start),
        "chair": slot.chair,
        "breaks": [fault.text for fault in one.faults],
        "reasons": reasons,
    }
