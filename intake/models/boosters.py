"""Around boosters: what a provider suggests, and how the desk tried to reach somebody who is due."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, LargeBinary, String, text
from sqlalchemy.orm import Mapped, mapped_column

from intake.domain.scheduling.booster_signals import Advice
from intake.models.columns import Code, Encrypted, Record, UtcDateTime


class BoosterAdvice(Record):
    """What a provider tells the desk about the next booster of an order. Never made by itself."""

    __tablename__ = "booster_advice"
    __table_args__ = (
        Index(
            "uq_booster_advice_standing",
            "order_id",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
    )
    patient_id: Mapped[UUID] = mapped_column(ForeignKey("patient.id"), index=True)
    order_id: Mapped[UUID] = mapped_column(ForeignKey("treatment_order.id"))
    advice: Mapped[Advice] = mapped_column(Code(Advice))
    note_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)  # why, for the chart; the desk never sees it
    note = Encrypted()
    request_key: Mapped[UUID] = mapped_column(unique=True)
    by_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_by: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class RecallTouch(Record):
    """One try of the desk to reach somebody whose booster is due. Only ever added."""

    __tablename__ = "recall_touch"
    __table_args__ = (Index("ix_recall_touch_order", "order_id", "at"),)
    patient_id: Mapped[UUID] = mapped_column(ForeignKey("patient.id"), index=True)
    order_id: Mapped[UUID] = mapped_column(ForeignKey("treatment_order.id"))
    outcome: Mapped[str] = mapped_column(String(20))  # a code of `domain.scheduling.recalls`
    call_again_on: Mapped[date | None]
    request_key: Mapped[UUID] = mapped_column(unique=True)
    by_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
