"""The outbox, and the worker's beat."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from intake.extensions import Base
from intake.models.columns import Encrypted, EncryptedJson, Record, UtcDateTime


class Message(Record):
    """One e-mail to be sent. Its unique key makes a second scan harmless; sent after commit, by lease."""

    __tablename__ = "message"
    __table_args__ = (Index("ix_message_due", "sent_at", "voided_at", "dead_at", "due_at"),)
    key: Mapped[str] = mapped_column(String(160), unique=True)  # "appointment:<id>:reminder-24h:<version>"
    kind: Mapped[str] = mapped_column(String(30))
    patient_id: Mapped[UUID | None] = mapped_column(ForeignKey("patient.id"), index=True)
    appointment_id: Mapped[UUID | None] = mapped_column(ForeignKey("appointment.id"), index=True)
    recipient_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    recipient = Encrypted()
    body_sealed: Mapped[bytes] = mapped_column(LargeBinary)  # subject, text, calendar file
    body = EncryptedJson()
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    owner: Mapped[str | None] = mapped_column(String(60))
    leased_until: Mapped[datetime] = mapped_column(UtcDateTime)
    tries: Mapped[int] = mapped_column(default=0)
    last_error: Mapped[str | None] = mapped_column(String(60))  # a class name, never a text
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    voided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    dead_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class WorkerBeat(Base):
    """When a worker was last alive."""

    __tablename__ = "worker_beat"
    name: Mapped[str] = mapped_column(String(60), primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
