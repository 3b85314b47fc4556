"""One appointment: what it is, what became of it, one press each, cancelling with a reason."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from intake.desk import bp
from intake.desk.appointment_presenter import present_appointment
from intake.desk.board_presenter import DRIVER, NO_DRIVER, seen_text
from intake.desk.forms import CancelForm
from intake.domain.errors import DomainError
from intake.domain.statuses import Status, word_for
from intake.queries import appointments
from intake.services import attendance, audit
from intake.services.appointment_steps import Seen
from intake.web import access

UNDO = "undo"


@bp.get("/appointments/<uuid:appointment_id>")
def appointment(appointment_id: UUID) -> ResponseReturnValue:
    """What an appointment is, what can be done with it, and what its series lacks now. Opens in the board's drawer."""
    patient_id = appointments.patient_of(appointment_id)
    audit.record_view(current_user.id, patient_id, what="desk", now=access.now())
    shown = present_appointment(appointments.visit(appointment_id), access.now())
    return render_template("desk/appointment.html", appointment=shown)


@bp.post("/appointments/<uuid:appointment_id>/press")
def press(appointment_id: UUID) -> ResponseReturnValue:
    """One press: the next status by the table, undo, or the driver. Back to the board of that day."""
    act, seen = read_press(request.form.get("press", ""))
    try:
        flash(do(act, appointment_id, seen), "success")
    except DomainError as error:
        flash(error.message, "caution")
    return redirect(board_of(appointment_id))


def do(act: str, appointment_id: UUID, seen: Seen) -> str:
    """Do what was pressed; returns what to say."""
    who: dict[str, Any] = {"seen": seen, "actor_id": current_user.id, "now": access.now()}
    if act == UNDO:
        attendance.undo(appointment_id, **who)
        return "Undone."
    if act in (DRIVER, NO_DRIVER):
        attendance.know_driver(appointment_id, act == DRIVER, **who)
        return "The driver is confirmed." if act == DRIVER else "Tentative until a driver is confirmed."
    attendance.mark(appointment_id, Status(act), **who)
    return f"Marked {word_for(Status(act))}."


@bp.route("/appointments/<uuid:appointment_id>/cancel", methods=["GET", "POST"])
def cancel_appointment(appointment_id: UUID) -> ResponseReturnValue:
    """Cancel one appointment: who asked, and why."""
    patient_id = appointments.patient_of(appointment_id)
    audit.record_view(current_user.id, patient_id, what="desk", now=access.now())
    visit = appointments.visit(appointment_id)
    form = CancelForm()
    if request.method == "GET":
        form.seen.data = seen_text(visit.appointment.version, visit.appointment.status)
    shown = present_appointment(visit, access.now())
    if form.validate_on_submit():
        try:
            attendance.mark(
                appointment_id,
                Status.CANCELLED,
                seen=read_seen(form.seen.data or ""),
                actor_id=current_user.id,
                now=access.now(),
                reason=form.reason.data,
                asked_by=form.asked_by.data,
            )
        except DomainError as error:
            form.blame(error)
        else:
            flash("Cancelled. Its place is free again.", "success")
            return redirect(url_for("desk.appointment", appointment_id=appointment_id))
    page = render_template("desk/cancel.html", form=form, appointment=shown)
    return page, (422 if request.method == "POST" else 200)


def read_press(text: str) -> tuple[str, Seen]:
    """'arrived.1.booked' as what to do and what its reader saw; 400 for what no page of ours has made."""
    act, _, seen = text.partition(".")
    if act not in {UNDO, DRIVER, NO_DRIVER, *(status.value for status in Status)}:
        abort(400)
    return act, read_seen(seen)


def read_seen(text: str) -> Seen:
    """'1.booked' as version and status; 400 for what no page of ours has made."""
    version, _, status = text.partition(".")
    try:
        return Seen(int(version), Status(status))
    except ValueError:
        abort(400)


def board_of(appointment_id: UUID) -> str:
    """The board of the day on which an appointment is."""
    row = appointments.appointment(appointment_id)
    return url_for("desk.board", day=row.on_date.isoformat())
