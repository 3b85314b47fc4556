"""Prior treatments as the chart keeps them, and a provider's word over a verdict."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import JSON, CheckConstraint, ForeignKey, LargeBinary, Numeric, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from intake.models.columns import Encrypted, Record, UtcDateTime


class MedicationTrial(Record):
    """One course of one drug as entered. A correction is a new row that names the one it replaces."""

    __tablename__ = "medication_trial"
    patient_id: Mapped[UUID] = mapped_column(ForeignKey("patient.id"), index=True)
    snapshot_id: Mapped[UUID | None] = mapped_column(ForeignKey("snapshot.id"))
    replaces_id: Mapped[UUID | None] = mapped_column(ForeignKey("medication_trial.id"), unique=True)
    recorded_by: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)
    position: Mapped[int]
    treatment: Mapped[str] = mapped_column(String(120))  # as typed
    molecule: Mapped[str | None] = mapped_column(String(120))  # None: not recognised
    episode: Mapped[str] = mapped_column(String(10))
    added_to_id: Mapped[UUID | None] = mapped_column(ForeignKey("medication_trial.id"))
    adherence: Mapped[str] = mapped_column(String(10))
    improvement: Mapped[str] = mapped_column(String(20))
    wore_off: Mapped[bool] = mapped_column(default=False)
    stop_reason: Mapped[str] = mapped_column(String(20))
    sessions: Mapped[int | None]
    side_effects: Mapped[list[str]] = mapped_column(JSON, default=list)
    note_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    note = Encrypted()

    doses: Mapped[list[TrialDose]] = relationship(order_by="TrialDose.position", lazy="selectin")


class TrialDose(Record):
    """One dose held for one time: dates as entered, or weeks. Milligrams in the formulary row's own unit."""

    __tablename__ = "trial_dose"
    __table_args__ = (UniqueConstraint("trial_id", "position"), CheckConstraint("mg_per_day > 0", name="mg_per_day"))
    trial_id: Mapped[UUID] = mapped_column(ForeignKey("medication_trial.id"))
    position: Mapped[int]
    mg_per_day: Mapped[float | None] = mapped_column(Numeric(10, 4, asdecimal=False))  # None: not remembered
    from_text: Mapped[str | None] = mapped_column(String(20))
    to_text: Mapped[str | None] = mapped_column(String(20))  # "now" while still taking
    weeks: Mapped[float | None] = mapped_column(Numeric(8, 2, asdecimal=False))
    about_weeks: Mapped[float | None] = mapped_column(Numeric(8, 2, asdecimal=False))


class VerdictOverride(Record):
    """A provider's verdict over the computed one, with a reason; the original stays visible."""

    __tablename__ = "verdict_override"
    trial_id: Mapped[UUID] = mapped_column(ForeignKey("medication_trial.id"), index=True)
    verdict: Mapped[str] = mapped_column(String(24))
    computed: Mapped[str] = mapped_column(String(24))
    rules_version: Mapped[str] = mapped_column(String(40))
    reason_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    reason = Encrypted()
    by_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
