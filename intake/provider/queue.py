"""The review queue: what waits, why, and taking it on."""

from __future__ import annotations

from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from intake.domain.errors import DomainError
from intake.domain.roles import Permission
from intake.provider import bp
from intake.provider.opening import back_to_chart
from intake.provider.words import EMPTY_QUEUE, QUEUE_FILTERS, why_waiting
from intake.queries import alerts, reviews
from intake.queries.reviews import QueueFilter
from intake.services import reviews as review_acts
from intake.web.access import needs, now
from intake.web.sites import current_site


@bp.get("/")
@needs(Permission.READ_CHART)
def queue() -> ResponseReturnValue:
    """Open alerts first, then consultations by waiting time."""
    which = _filter(request.args.get("show"))
    found = reviews.queue(which, actor_id=current_user.id, page=request.args.get("page", 1, type=int))
    return render_template(
        "provider/queue.html",
        queue=found,
        which=which,
        filters=QUEUE_FILTERS,
        empty=EMPTY_QUEUE,
        why_waiting=why_waiting,
        open_alerts=alerts.open_alerts(),
        zone=current_site().timezone,
        now=now(),
    )


@bp.post("/consultations/<uuid:consultation_id>/claim")
@needs(Permission.REVIEW)
def claim(consultation_id: UUID) -> ResponseReturnValue:
    """Take a consultation into review, then read its chart."""
    patient_id = reviews.consultation(consultation_id).patient_id
    try:
        review_acts.claim(consultation_id, actor_id=current_user.id, now=now())
    except DomainError as error:
        return back_to_chart(patient_id, error.message, "caution")
    return back_to_chart(patient_id, "Claimed. It is yours to review.")


@bp.post("/consultations/<uuid:consultation_id>/release")
@needs(Permission.REVIEW)
def release(consultation_id: UUID) -> ResponseReturnValue:
    """Give a consultation back to the queue."""
    patient_id = reviews.consultation(consultation_id).patient_id
    try:
        review_acts.release(consultation_id, actor_id=current_user.id, now=now())
    except DomainError as error:
        return back_to_chart(patient_id, error.message, "caution")
    flash("Released. Anybody can claim it now.", "success")
    return redirect(url_for("provider.queue"))


def _filter(text: str | None) -> QueueFilter:
    """What the address asks for; anything else shows what is open."""
    return QueueFilter(text) if text in set(QueueFilter) else QueueFilter.OPEN
