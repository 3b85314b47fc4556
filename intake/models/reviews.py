"""The evaluation visit and the decision."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, Numeric, String, text
from sqlalchemy.orm import Mapped, mapped_column

from intake.models.columns import Encrypted, EncryptedJson, Record, UtcDateTime


class Evaluation(Record):
    """The first meeting with a provider, signed. Corrections are a new row; the old one stays."""

    __tablename__ = "evaluation"
    __table_args__ = (
        CheckConstraint("weight_kg > 20 AND weight_kg < 400", name="weight_kg"),
        CheckConstraint("systolic > diastolic", name="pressure"),
    )
    consultation_id: Mapped[UUID] = mapped_column(ForeignKey("consultation.id"), index=True)
    patient_id: Mapped[UUID] = mapped_column(ForeignKey("patient.id"), index=True)
    provider_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    held_as: Mapped[str] = mapped_column(String(12))  # in-person or video
    held_at: Mapped[datetime] = mapped_column(UtcDateTime)
    diagnosis: Mapped[str] = mapped_column(String(20))  # ICD-10-CM code from a list
    asa_class: Mapped[int]  # physical status 1-4
    airway_class: Mapped[int]  # Mallampati 1-4
    weight_kg: Mapped[float] = mapped_column(Numeric(6, 2, asdecimal=False))
    height_cm: Mapped[float | None] = mapped_column(Numeric(6, 2, asdecimal=False))
    systolic: Mapped[int]
    diastolic: Mapped[int]
    heart_rate: Mapped[int]
    spo2: Mapped[int]
    pdmp_checked_at: Mapped[datetime] = mapped_column(UtcDateTime)  # prescription-monitoring programme
    suicide_risk: Mapped[str] = mapped_column(String(20))  # the clinician's own judgement after contact
    plan_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    plan = Encrypted()
    request_key: Mapped[UUID] = mapped_column(unique=True)
    signed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    replaces_id: Mapped[UUID | None] = mapped_column(ForeignKey("evaluation.id"), unique=True)


class Decision(Record):
    """Accepted, accepted with conditions, declined or referred. Bad news takes effect with a recorded contact."""

    __tablename__ = "decision"
    __table_args__ = (
        Index(
            "uq_decision_standing",
            "consultation_id",
            unique=True,
            sqlite_where=text("withdrawn_at IS NULL"),
            postgresql_where=text("withdrawn_at IS NULL"),
        ),
    )
    consultation_id: Mapped[UUID] = mapped_column(ForeignKey("consultation.id"))
    kind: Mapped[str] = mapped_column(String(30))  # accepted, accepted-with-conditions, declined, referred
    reason_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    reason = Encrypted()
    conditions_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    conditions = EncryptedJson()
    statement_sealed: Mapped[bytes] = mapped_column(LargeBinary)  # frozen statement, verdicts, rule versions
    statement = EncryptedJson()
    decided_by: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    decided_at: Mapped[datetime] = mapped_column(UtcDateTime)
    effective_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    contact_id: Mapped[UUID | None] = mapped_column(ForeignKey("contact.id"))
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
