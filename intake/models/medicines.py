"""What a patient takes now, and a provider's clearance of findings."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary, Numeric, String
from sqlalchemy.orm import Mapped, mapped_column

from intake.models.columns import Encrypted, Record, UtcDateTime


class CurrentMedicine(Record):
    """One medicine as entered. A change is a new row that names the one it replaces."""

    __tablename__ = "current_medicine"
    __table_args__ = (CheckConstraint("mg_per_day > 0", name="mg_per_day"),)
    patient_id: Mapped[UUID] = mapped_column(ForeignKey("patient.id"), index=True)
    snapshot_id: Mapped[UUID | None] = mapped_column(ForeignKey("snapshot.id"))
    replaces_id: Mapped[UUID | None] = mapped_column(ForeignKey("current_medicine.id"), unique=True)
    recorded_by: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)
    position: Mapped[int]
    name: Mapped[str] = mapped_column(String(120))  # as typed
    matched: Mapped[str | None] = mapped_column(String(200))
    dose_text: Mapped[str] = mapped_column(String(60), default="")  # "20 mg", as typed
    mg_per_day: Mapped[float | None] = mapped_column(Numeric(10, 4, asdecimal=False))
    frequency: Mapped[str] = mapped_column(String(30))
    as_needed: Mapped[bool] = mapped_column(default=False)
    last_taken: Mapped[str | None] = mapped_column(String(20))  # ISO date or date-time at the site, as entered
    reason_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    reason = Encrypted()
    stopped_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class FindingClearance(Record):
    """A provider's written clearance of one finding: reason, who, when. Uncleared stops block booking."""

    __tablename__ = "finding_clearance"
    patient_id: Mapped[UUID] = mapped_column(ForeignKey("patient.id"), index=True)
    finding: Mapped[str] = mapped_column(String(200))  # "MAOI antidepressants: phenelzine"
    rules_version: Mapped[str] = mapped_column(String(40))
    reason_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    reason = Encrypted()
    by_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
