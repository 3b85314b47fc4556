"""Re-planning that takes more than one press: what a provider is asked to allow, and many series planned together."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, ForeignKey, Index, LargeBinary, String, text
from sqlalchemy.orm import Mapped, mapped_column

from intake.models.columns import Encrypted, Record, UtcDateTime


class SignOff(Record):
    """What the desk asks a provider to allow beyond the protocol of one order. One open at a time."""

    __tablename__ = "sign_off"
    __table_args__ = (
        Index(
            "uq_sign_off_open",
            "order_id",
            unique=True,
            sqlite_where=text("decided_at IS NULL"),
            postgresql_where=text("decided_at IS NULL"),
        ),
    )
    order_id: Mapped[UUID] = mapped_column(ForeignKey("treatment_order.id"))
    limits: Mapped[dict[str, int]] = mapped_column(JSON)  # keys of `domain.amendments.LIMITS`
    words: Mapped[str] = mapped_column(String(400))  # what it would make possible, as the planner said it
    asked_by: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    decided_by: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    is_approved: Mapped[bool | None]
    reason_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    reason = Encrypted()


class Batch(Record):
    """Many series planned together: a day, an afternoon or a chair closed, a provider away, several new orders."""

    __tablename__ = "batch"
    site_id: Mapped[UUID] = mapped_column(ForeignKey("site.id"), index=True)
    kind: Mapped[str] = mapped_column(String(20))
    detail: Mapped[dict[str, Any]] = mapped_column(JSON)  # what was closed; cost and bound of the plan
    request_key: Mapped[UUID] = mapped_column(unique=True)
    made_by: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    search_until: Mapped[datetime | None] = mapped_column(UtcDateTime)  # a better plan is looked for until then
    search_percent: Mapped[int] = mapped_column(default=0)
    search_owner: Mapped[str | None] = mapped_column(String(60))  # the worker that looks, while it says so
    search_leased_until: Mapped[datetime | None] = mapped_column(UtcDateTime)


class BatchCase(Record):
    """One patient of a batch: what is to be placed, the plan that was shown, and what came of it."""

    __tablename__ = "batch_case"
    batch_id: Mapped[UUID] = mapped_column(ForeignKey("batch.id"), index=True)
    patient_id: Mapped[UUID] = mapped_column(ForeignKey("patient.id"))
    series_id: Mapped[UUID | None] = mapped_column(ForeignKey("series.id"))
    order_id: Mapped[UUID | None] = mapped_column(ForeignKey("treatment_order.id"))
    appointment_ids: Mapped[list[str]] = mapped_column(JSON)  # those that lost their place
    plan: Mapped[list[list[Any]]] = mapped_column(JSON)  # [date, start, chair] each; empty: by hand
    token: Mapped[str] = mapped_column(String(40), default="")  # the state that the plan was made from
    outcome: Mapped[str] = mapped_column(String(12))  # waiting, placed, by-hand
    words: Mapped[str] = mapped_column(String(400), default="")  # why it was not placed, and what would help
    placed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    told_by: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    told_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # somebody called the patient
