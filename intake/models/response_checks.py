"""The response check of a series: what a provider found after infusion n."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from intake.domain.scheduling.checkpoints import CheckOutcome, Impression
from intake.models.columns import Code, Encrypted, EncryptedJson, Record, UtcDateTime


class ResponseCheck(Record):
    """One look at whether there is a response. Only ever added; the last one of a series stands."""

    __tablename__ = "response_check"
    patient_id: Mapped[UUID] = mapped_column(ForeignKey("patient.id"), index=True)
    series_id: Mapped[UUID] = mapped_column(ForeignKey("series.id"), index=True)
    after_infusion: Mapped[int]  # how many were done when it was made
    outcome: Mapped[CheckOutcome] = mapped_column(Code(CheckOutcome))
    clinician_impression: Mapped[Impression] = mapped_column(Code(Impression))
    patient_impression: Mapped[Impression | None] = mapped_column(Code(Impression))  # None: not asked
    note_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    note = Encrypted()
    basis_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)  # the readings and the change that were shown
    basis = EncryptedJson()
    request_key: Mapped[UUID] = mapped_column(unique=True)
    by_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
