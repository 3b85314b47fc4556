"""The record around the evaluation: drafts, submitted snapshots, what is asked back."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, LargeBinary, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from intake.domain.statuses import ConsultationStatus
from intake.models.columns import Code, Encrypted, EncryptedJson, Record, UtcDateTime
from intake.models.people import Patient


class Consultation(Record):
    """A patient's evaluation before treatment, from request to decision."""

    __tablename__ = "consultation"
    __table_args__ = (
        Index("ix_consultation_status", "status", "submitted_at", "id"),
        # one open consultation a patient: a second tab or a second request finds the first
        Index(
            "uq_consultation_open",
            "patient_id",
            unique=True,
            sqlite_where=text("closed_at IS NULL"),
            postgresql_where=text("closed_at IS NULL"),
        ),
    )
    patient_id: Mapped[UUID] = mapped_column(ForeignKey("patient.id"), index=True)
    site_id: Mapped[UUID] = mapped_column(ForeignKey("site.id"))
    status: Mapped[ConsultationStatus] = mapped_column(Code(ConsultationStatus))
    reason: Mapped[str] = mapped_column(String(30))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    submitted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    claimed_by: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    claimed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    patient: Mapped[Patient] = relationship(lazy="select")


class ConsultationEvent(Record):
    """One change of status: what, when, who. Only ever added."""

    __tablename__ = "consultation_event"
    consultation_id: Mapped[UUID] = mapped_column(ForeignKey("consultation.id"), index=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    actor_id: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    from_status: Mapped[ConsultationStatus | None] = mapped_column(Code(ConsultationStatus))
    to_status: Mapped[ConsultationStatus] = mapped_column(Code(ConsultationStatus))


class Draft(Record):
    """What a patient has typed on one page (of one item); its version is what a second tab is checked against."""

    __tablename__ = "draft"
    __table_args__ = (UniqueConstraint("consultation_id", "page", "item"),)
    consultation_id: Mapped[UUID] = mapped_column(ForeignKey("consultation.id"))
    page: Mapped[str] = mapped_column(String(40))
    item: Mapped[str] = mapped_column(String(36), default="")  # a UUID of a repeated thing, else empty
    position: Mapped[int] = mapped_column(default=0)
    version: Mapped[int] = mapped_column(default=1)
    body_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    body = EncryptedJson()
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)
    removed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # kept until submitted, so that undo loses nothing


class Snapshot(Record):
    """What was submitted, word for word, with form version and wording. Never changed."""

    __tablename__ = "snapshot"
    __table_args__ = (UniqueConstraint("consultation_id", "number"),)
    consultation_id: Mapped[UUID] = mapped_column(ForeignKey("consultation.id"))
    number: Mapped[int]  # 1 is the first submission, 2 the answer to a return
    form_version: Mapped[str] = mapped_column(String(20))
    body_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    body = EncryptedJson()
    signature_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    signature = Encrypted()
    request_key: Mapped[UUID] = mapped_column(unique=True)
    submitted_at: Mapped[datetime] = mapped_column(UtcDateTime)


class ReturnedItem(Record):
    """One question that a provider asks back; only its page reopens."""

    __tablename__ = "returned_item"
    consultation_id: Mapped[UUID] = mapped_column(ForeignKey("consultation.id"), index=True)
    page: Mapped[str] = mapped_column(String(40))
    item: Mapped[str] = mapped_column(String(36), default="")
    question_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    question = Encrypted()
    answer_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    answer = Encrypted()
    asked_by: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Document(Record):
    """A photograph or letter, sealed whole."""

    __tablename__ = "document"
    patient_id: Mapped[UUID] = mapped_column(ForeignKey("patient.id"), index=True)
    kind: Mapped[str] = mapped_column(String(30))
    media_type: Mapped[str] = mapped_column(String(40))
    content_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    added_by: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    added_at: Mapped[datetime] = mapped_column(UtcDateTime)
