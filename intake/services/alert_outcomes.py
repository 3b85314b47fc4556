"""Acknowledging and closing an alert: by a named, licensed person, with an outcome. Nothing closes itself."""

from __future__ import annotations

import logging
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from intake.domain.errors import DomainError
from intake.domain.reviews import AlertOutcome, check_outcome
from intake.domain.roles import Permission
from intake.extensions import transaction
from intake.models.people import Account
from intake.models.scores import Alert
from intake.services import audit, permissions

logger = logging.getLogger("intake.alerts")


def acknowledge(alert_id: UUID, *, actor_id: UUID, now: datetime) -> None:
    """Say that one is on it. Who was first stands; twice is harmless."""
    with transaction() as session:
        permissions.check(session, actor_id, Permission.CLOSE_ALERT)
        alert = _locked(session, alert_id)
        if alert.acknowledged_at is None:
            alert.acknowledged_by, alert.acknowledged_at = actor_id, now
            _audit(session, alert, "alert.acknowledge", actor_id, now)
    logger.info("alert_acknowledged", extra={"alert_id": alert_id})


def close(alert_id: UUID, outcome: AlertOutcome, *, actor_id: UUID, now: datetime, today: date) -> None:
    """Close an alert with what came of it. The same press again is harmless; a colleague's outcome stands.

    Raises `DomainError` for an outcome that lacks something.
    """
    check_outcome(outcome, today=today)
    with transaction() as session:
        permissions.check(session, actor_id, Permission.CLOSE_ALERT)
        alert = _locked(session, alert_id)
        if alert.closed_at is not None:
            return _refuse_colleague(session, alert, actor_id)
        if alert.acknowledged_at is None:
            alert.acknowledged_by, alert.acknowledged_at = actor_id, now
        alert.closed_by, alert.closed_at = actor_id, now
        alert.outcome = _outcome(outcome)
        _audit(session, alert, "alert.close", actor_id, now)
    logger.info("alert_closed", extra={"alert_id": alert_id})
    return None


def _locked(session: Session, alert_id: UUID) -> Alert:
    return session.scalars(select(Alert).where(Alert.id == alert_id).with_for_update()).one()


def _refuse_colleague(session: Session, alert: Alert, actor_id: UUID) -> None:
    if alert.closed_by != actor_id and alert.closed_by is not None:
        name = session.get_one(Account, alert.closed_by).name
        raise DomainError(f"{name} has closed this alert already.")


def _outcome(outcome: AlertOutcome) -> dict[str, Any]:
    return {
        "contact": outcome.contact.value,
        "tool": outcome.tool.strip(),
        "disposition": outcome.disposition.strip(),
        "safety_plan": outcome.has_safety_plan,
        "next_contact_on": outcome.next_contact_on.isoformat(),
    }


def _audit(session: Session, alert: Alert, action: str, actor_id: UUID, now: datetime) -> None:
    audit.add(
        session,
        actor_id=actor_id,
        action=action,
        subject=("alert", alert.id),
        now=now,
        patient_id=alert.patient_id,
        detail={"action": alert.action},
    )
