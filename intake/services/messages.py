"""The outbox: messages are written in the transaction that causes them and sent by the worker after commit."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from intake.models.messages import Message
from intake.services.dialects import insert


def enqueue(
    session: Session,
    *,
    key: str,
    kind: str,
    recipient: str,
    subject: str,
    text: str,
    due_at: datetime,
    now: datetime,
    patient_id: UUID | None = None,
    appointment_id: UUID | None = None,
    calendar: Mapping[str, Any] | None = None,
) -> None:
    """Add a message to the caller's transaction; a key that is there already changes nothing.

    Neither subject nor text may hold health information. `calendar` is what `calendar_files.kept` answers: the file
    itself is made when the message is sent.
    """
    sealed = Message(id=uuid7(), recipient=recipient, body={"subject": subject, "text": text, "calendar": calendar})
    new = insert(session, Message).on_conflict_do_nothing(index_elements=[Message.key])
    values = {
        "id": sealed.id,
        "key": key,
        "kind": kind,
        "patient_id": patient_id,
        "appointment_id": appointment_id,
        "recipient_sealed": sealed.recipient_sealed,
        "body_sealed": sealed.body_sealed,
        "due_at": due_at,
        "created_at": now,
        "leased_until": now,
        "tries": 0,
    }
    session.execute(new, [values])


def void_for_appointment(session: Session, appointment_id: UUID, now: datetime) -> None:
    """Void what is unsent about an appointment that was moved or cancelled."""
    unsent = (Message.appointment_id == appointment_id, Message.sent_at.is_(None), Message.voided_at.is_(None))
    session.execute(update(Message).where(*unsent).values(voided_at=now))


def has_unsent(session: Session, appointment_id: UUID) -> bool:
    """Whether something about an appointment waits to be sent."""
    rows = select(Message.id).where(
        Message.appointment_id == appointment_id, Message.sent_at.is_(None), Message.voided_at.is_(None)
    )
    return session.scalar(rows.limit(1)) is not None


def void_with_key(session: Session, key: str, now: datetime) -> None:
    """Void one message that has not gone out: what replaces it says more."""
    unsent = (Message.key == key, Message.sent_at.is_(None), Message.voided_at.is_(None))
    session.execute(update(Message).where(*unsent).values(voided_at=now))


def last_sent_about(session: Session, appointment_id: UUID) -> str | None:
    """The kind of the last message about an appointment that went out; None before any did."""
    sent = select(Message.kind).where(Message.appointment_id == appointment_id, Message.sent_at.is_not(None))
    return session.scalar(sent.order_by(Message.sent_at.desc(), Message.id.desc()).limit(1))
