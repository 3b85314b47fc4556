"""Reads of safety alerts that nobody has closed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, case, func, select

from intake.domain.screening.safety import Action
from intake.extensions import current_session
from intake.models.people import Account, Patient
from intake.models.scores import Alert

RANK = {action.value: place for place, action in enumerate(Action) if action is not Action.NONE}
"""How urgent each action is, by its code as rows keep it; 0 is the most urgent."""
LONGEST_LIST = 100


@dataclass(frozen=True, slots=True)
class OpenAlert:
    """An alert that waits for a person; `acknowledged_name` says who is on it."""

    alert: Alert
    patient: Patient
    acknowledged_name: str | None


def rank(action: ColumnElement[str] | object) -> ColumnElement[int]:
    """The urgency of an action inside a query."""
    return case(RANK, value=action, else_=len(RANK))


def open_alerts() -> list[OpenAlert]:
    """Open alerts of the whole clinic, the most urgent first, then the oldest; at most 100."""
    rows = (
        select(Alert, Patient, Account.name)
        .join(Patient, Patient.id == Alert.patient_id)
        .outerjoin(Account, Account.id == Alert.acknowledged_by)
        .where(Alert.closed_at.is_(None))
        .order_by(rank(Alert.action), Alert.raised_at, Alert.id)
        .limit(LONGEST_LIST)
    )
    return [OpenAlert(*row) for row in current_session().execute(rows)]


def open_counts() -> dict[str, int]:
    """How many open alerts there are of each action, the most urgent first."""
    rows = select(Alert.action, func.count()).where(Alert.closed_at.is_(None)).group_by(Alert.action)
    found = dict(current_session().execute(rows.order_by(rank(Alert.action))).all())
    return {action: found[action] for action in sorted(found, key=lambda action: RANK.get(action, len(RANK)))}


def alert(alert_id: UUID) -> Alert:
    """One alert; raises `NoResultFound`."""
    return current_session().scalars(select(Alert).where(Alert.id == alert_id)).one()


def alerts_of(patient_id: UUID) -> Sequence[Alert]:
    """Every alert of a patient: open ones first, then the newest."""
    rows = select(Alert).where(Alert.patient_id == patient_id)
    return current_session().scalars(rows.order_by(Alert.closed_at.is_not(None), Alert.raised_at.desc())).all()
