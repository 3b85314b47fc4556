"""Deciding; letting bad news take effect; taking it back before it does."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from flask import render_template
from flask.typing import ResponseReturnValue
from flask_login import current_user

from intake.domain.errors import DomainError
from intake.domain.reviews import ACCEPTING
from intake.domain.roles import Permission
from intake.provider import bp, words
from intake.provider.effect import hour_sentence
from intake.provider.forms import DecisionForm
from intake.provider.opening import back_to_chart, open_chart, review_of
from intake.services import reviews
from intake.web.access import needs, now
from intake.web.limits import SEVERAL_TEXTS, body_limit

WAITS = "The decision is recorded. The patient sees nothing of it until a contact is recorded."


@bp.route("/patients/<uuid:patient_id>/decision", methods=["GET", "POST"])
@needs(Permission.DECIDE)
@body_limit(SEVERAL_TEXTS)
def decide(patient_id: UUID) -> ResponseReturnValue:
    """Accept, accept with conditions, decline, refer."""
    chart = open_chart(patient_id)
    review = review_of(chart)
    form = DecisionForm()
    form.show(chart.history.first_line)
    if form.validate_on_submit():
        entry = form.to_decision()
        try:
            reviews.decide(review.consultation.id, entry, actor_id=current_user.id, now=now())
        except DomainError as error:
            form.blame(error)
        else:
            done = "Recorded and in effect. The next step is beside the chart." if entry.kind in ACCEPTING else WAITS
            return back_to_chart(patient_id, done)
    page = render_template(
        "provider/decision.html", form=form, chart=chart, words=words, hour=hour_sentence(chart, now())
    )
    return page, (422 if form.errors else 200)


@bp.post("/patients/<uuid:patient_id>/decision/effect")
@needs(Permission.DECIDE)
def put_into_effect(patient_id: UUID) -> ResponseReturnValue:
    """Let a decline or referral take effect after a recorded contact."""
    return _press(patient_id, reviews.put_into_effect, "The decision is in effect.")


@bp.post("/patients/<uuid:patient_id>/decision/withdraw")
@needs(Permission.DECIDE)
def withdraw_decision(patient_id: UUID) -> ResponseReturnValue:
    """Take back a decision that is not in effect."""
    return _press(patient_id, reviews.withdraw_decision, "The decision is withdrawn.")


def _press(patient_id: UUID, act: Callable[..., None], done: str) -> ResponseReturnValue:
    at: datetime = now()
    consultation = review_of(open_chart(patient_id)).consultation
    try:
        act(consultation.id, actor_id=current_user.id, now=at)
    except DomainError as error:
        return back_to_chart(patient_id, error.message, "caution")
    return back_to_chart(patient_id, done)
