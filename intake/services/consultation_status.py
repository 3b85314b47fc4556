"""Moving a consultation from one status to the next, inside the caller's transaction."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from intake.domain import statuses
from intake.domain.statuses import ConsultationStatus
from intake.models.consultations import Consultation, ConsultationEvent


def locked(session: Session, consultation_id: UUID) -> Consultation:
    """The consultation, kept from others until the transaction ends; raises `NoResultFound`."""
    rows = select(Consultation).where(Consultation.id == consultation_id).with_for_update()
    return session.scalars(rows).one()


def move(session: Session, row: Consultation, to: ConsultationStatus, *, actor_id: UUID | None, now: datetime) -> None:
    """Change the status by the table of moves and note it; raises `DomainError` for a move that is not allowed."""
    before = row.status
    row.status = statuses.move(before, to)
    row.closed_at = None if to in statuses.OPEN_CONSULTATION else now
    session.add(ConsultationEvent(consultation_id=row.id, at=now, actor_id=actor_id, from_status=before, to_status=to))
