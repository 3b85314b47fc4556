"""Where a patient begins: what is left to fill in, or where the consultation stands. Never a verdict."""

from __future__ import annotations

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from intake.domain.statuses import ConsultationStatus as Status
from intake.patient import bp, steps
from intake.patient.visit import Visit, patient, visit
from intake.queries import consultations
from intake.queries.patient_appointments import upcoming_of
from intake.services.consultations import start
from intake.web import access

TALKED = ("We have talked about what comes next", "If you want to go over it again, call us. We are glad to.")
ENDED_WORDS = ("This consultation has ended", "You can begin a new one whenever you want to.")
STATUS_WORDS = {
    Status.SUBMITTED: ("Your answers are here", "A provider will read them. We write when there is something to do."),
    Status.IN_REVIEW: ("Your answers are being read", "A provider is reading them. You need not do anything now."),
    Status.ACCEPTED: ("The next step is ours", "We will call you to find times that suit you."),
    Status.DECLINED: TALKED,
    Status.REFERRED: TALKED,
    Status.WITHDRAWN: ENDED_WORDS,
    Status.CLOSED: ENDED_WORDS,
}
BOOKED_WORDS = ("Your appointments are booked", "They are listed below. If a time does not suit you any more, call us.")
ENDED = frozenset({Status.WITHDRAWN, Status.CLOSED})


@bp.get("/")
def home() -> ResponseReturnValue:
    """The task list, the questions, or where things stand."""
    if consultations.latest_of(patient().id) is None:
        return render_template("patient/begin.html")
    at = visit()
    if at.is_returned:
        return redirect(url_for("patient.questions"))
    return _tasks(at) if at.may_edit else _status(at)


@bp.post("/start")
def begin() -> ResponseReturnValue:
    """Begin a consultation where none stands."""
    start(patient().id, actor_id=current_user.id, now=access.now())
    return redirect(url_for("patient.home"))


def _tasks(at: Visit) -> str:
    found = steps.tasks(at.form(at.drafts()))
    return render_template(
        "patient/tasks.html",
        called=at.patient.called,
        tasks=found,
        done=sum(task.kind == "done" for task in found),
        next_task=steps.next_task(found),
    )


def _status(at: Visit) -> str:
    status = at.consultation.status
    upcoming = upcoming_of(at.patient_id, at.at)
    heading, text = BOOKED_WORDS if upcoming and status is Status.ACCEPTED else STATUS_WORDS[status]
    return render_template(
        "patient/status.html",
        heading=heading,
        text=text,
        sent_at=at.consultation.submitted_at,
        zone=at.zone,
        appointments=upcoming,
        may_begin=status in ENDED,
    )
