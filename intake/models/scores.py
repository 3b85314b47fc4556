"""Answered instruments, screening answers, and the alerts that they raise."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from intake.models.columns import Encrypted, EncryptedJson, Record, UtcDateTime


class Score(Record):
    """One filled-in instrument. Items are sealed; the total is recomputed when shown."""

    __tablename__ = "score"
    __table_args__ = (Index("ix_score_patient", "patient_id", "instrument", "answered_at"),)
    patient_id: Mapped[UUID] = mapped_column(ForeignKey("patient.id"))
    snapshot_id: Mapped[UUID | None] = mapped_column(ForeignKey("snapshot.id"))
    appointment_id: Mapped[UUID | None] = mapped_column(ForeignKey("appointment.id"))
    instrument: Mapped[str] = mapped_column(String(20))
    instrument_version: Mapped[str] = mapped_column(String(20))
    language: Mapped[str] = mapped_column(String(8), default="en")
    mode: Mapped[str] = mapped_column(String(12))  # "self" or "staff"
    answers_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    answers = EncryptedJson()
    total: Mapped[int | None]
    scorer_version: Mapped[str] = mapped_column(String(20))
    answered_at: Mapped[datetime] = mapped_column(UtcDateTime)


class ScreeningAnswer(Record):
    """One answered health question of the eligibility screen."""

    __tablename__ = "screening_answer"
    __table_args__ = (UniqueConstraint("snapshot_id", "question"),)
    patient_id: Mapped[UUID] = mapped_column(ForeignKey("patient.id"), index=True)
    snapshot_id: Mapped[UUID] = mapped_column(ForeignKey("snapshot.id"))
    question: Mapped[str] = mapped_column(String(20))
    rule_version: Mapped[str] = mapped_column(String(20))
    answer_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    answer = Encrypted()


class Alert(Record):
    """A safety answer that asks for a person: the action, never a risk. Closed only by a licensed person."""

    __tablename__ = "alert"
    __table_args__ = (Index("ix_alert_open", "closed_at", "action", "raised_at"),)
    patient_id: Mapped[UUID] = mapped_column(ForeignKey("patient.id"), index=True)
    consultation_id: Mapped[UUID | None] = mapped_column(ForeignKey("consultation.id"))
    action: Mapped[str] = mapped_column(String(20))  # call-now, call-today, talk-at-visit
    source: Mapped[str] = mapped_column(String(40))  # which question, by code
    rule_version: Mapped[str] = mapped_column(String(20))
    detail_sealed: Mapped[bytes] = mapped_column(LargeBinary)  # wording, first and changed answers
    detail = EncryptedJson()
    help_shown_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    raised_at: Mapped[datetime] = mapped_column(UtcDateTime)
    acknowledged_by: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    acknowledged_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    closed_by: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    outcome_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    outcome = EncryptedJson()


class Contact(Record):
    """A live contact with a patient, or a try. Decisions and alerts name the contact that made them effective."""

    __tablename__ = "contact"
    patient_id: Mapped[UUID] = mapped_column(ForeignKey("patient.id"), index=True)
    by_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    channel: Mapped[str] = mapped_column(String(20))  # phone, video, in-person
    outcome: Mapped[str] = mapped_column(String(20))  # reached, left-message, no-answer
    safety_checked: Mapped[bool] = mapped_column(default=False)
    note_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    note = Encrypted()
