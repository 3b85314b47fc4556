"""Alerts: raised by a safety answer as soon as it is saved. What the clinic does is named, never a risk."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from intake.domain.form import phq9
from intake.domain.screening import safety
from intake.domain.screening.instruments import Answer
from intake.domain.screening.safety import Action, SafetyAnswers, SafetyDecision
from intake.models.consultations import Consultation
from intake.models.scores import Alert, Score
from intake.queries import sites
from intake.services import audit, messages

ITEM_9 = "phq9:9"
MAILBOX_POLICY = "alert_mailbox"
"""The address that is told that somebody waits; without it the queue on screen is the only place."""


def note_item9(session: Session, row: Consultation, answer: Answer, *, actor_id: UUID, now: datetime) -> SafetyDecision:
    """Note the answer to PHQ-9 item 9 in the caller's transaction; raises an alert when it is new or worse.

    The first answer stands in the alert's detail, each later one is added to it: a change to "not at all" takes
    nothing back, and the same answer again adds nothing. `answer` None (not answered so far) asks for nothing.
    """
    decision = safety.decide(SafetyAnswers(answer, is_asked=answer is not None), baseline=_baseline(session, row))
    if answer is None:
        return decision
    alerts = _alerts_of(session, row.id)
    if alerts and _last_answer(alerts[-1]) == answer:
        return decision
    said = _said(answer, decision, now)
    if alerts:
        _add_change(alerts[-1], said)
    if decision.raises_alert and _is_worse(decision.action, answer, alerts):
        _raise(session, row, said, decision, actor_id, now)
    return decision


def _alerts_of(session: Session, consultation_id: UUID) -> Sequence[Alert]:
    rows = select(Alert).where(Alert.consultation_id == consultation_id, Alert.source == ITEM_9)
    return session.scalars(rows.order_by(Alert.raised_at, Alert.id)).all()


def _raise(
    session: Session,
    row: Consultation,
    said: dict[str, Any],
    decision: SafetyDecision,
    actor_id: UUID,
    now: datetime,
) -> None:
    alert = Alert(
        patient_id=row.patient_id,
        consultation_id=row.id,
        action=decision.action.value,
        source=ITEM_9,
        rule_version=decision.rules_version,
        detail={"question": phq9.safety_item().text, "reason": decision.reason, "first": said, "changes": []},
        help_shown_at=now,  # every way to save the answer leads to the help, with script even before it
        raised_at=now,
    )
    session.add(alert)
    audit.add(
        session,
        actor_id=actor_id,
        action="alert.raise",
        subject=("alert", alert.id),
        patient_id=row.patient_id,
        site_id=row.site_id,
        now=now,
        detail={"source": ITEM_9},
    )
    _tell(session, alert, now)


def _tell(session: Session, alert: Alert, now: datetime) -> None:
    """Write to the clinic's mailbox for alerts, where it has one; neither who nor why."""
    mailbox = sites.policy(MAILBOX_POLICY)
    if not mailbox:
        return
    messages.enqueue(
        session,
        key=f"alert:{alert.id}",
        kind="alert",
        recipient=mailbox,
        subject="Urgent intake review waiting",
        text="Somebody waits for a call. Sign in and open the review queue.\n",
        due_at=now,
        now=now,
    )


def _said(answer: Answer, decision: SafetyDecision, now: datetime) -> dict[str, Any]:
    words = phq9.options_of(phq9.safety_item())[str(answer)]
    return {"answer": answer, "words": words, "action": decision.action.value, "at": now.isoformat()}


def _add_change(alert: Alert, said: dict[str, Any]) -> None:
    detail = alert.detail
    alert.detail = {**detail, "changes": [*detail["changes"], said]}


def _last_answer(alert: Alert) -> Answer:
    detail = alert.detail
    last: Answer = (detail["changes"] or [detail["first"]])[-1]["answer"]
    return last


def _is_worse(action: Action, answer: Answer, alerts: Sequence[Alert]) -> bool:
    """Whether nothing as urgent was raised before, by this consultation."""
    raised = [(Action(alert.action), alert.detail["first"]["answer"]) for alert in alerts]
    return all(_rank(action, answer) > _rank(*before) for before in raised)


def _rank(action: Action, answer: Answer) -> tuple[int, int]:
    return (-list(Action).index(action), answer if isinstance(answer, int) else 0)


def _baseline(session: Session, row: Consultation) -> int | None:
    """The patient's known item 9: that of the last PHQ-9 on the chart."""
    rows = select(Score).where(Score.patient_id == row.patient_id, Score.instrument == phq9.CODE)
    last = session.scalars(rows.order_by(Score.answered_at.desc(), Score.id.desc()).limit(1)).first()
    known = last.answers.get(phq9.safety_item().code) if last else None
    return known if isinstance(known, int) else None
