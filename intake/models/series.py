"""The planned first set of infusions of one order."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from intake.domain.statuses import SeriesStatus
from intake.models.columns import Code, Record, UtcDateTime


class Series(Record):
    """Six booked infusions, or none: at most one series of an order is not stopped."""

    __tablename__ = "series"
    __table_args__ = (
        Index(
            "uq_series_order",
            "order_id",
            unique=True,
            sqlite_where=text("status <> 'stopped'"),
            postgresql_where=text("status <> 'stopped'"),
        ),
    )
    order_id: Mapped[UUID] = mapped_column(ForeignKey("treatment_order.id"))
    patient_id: Mapped[UUID] = mapped_column(ForeignKey("patient.id"), index=True)
    site_id: Mapped[UUID] = mapped_column(ForeignKey("site.id"))
    status: Mapped[SeriesStatus] = mapped_column(Code(SeriesStatus))
    wishes: Mapped[dict[str, Any]] = mapped_column(JSON)  # keys of `patient` in the planning format: days, hours, needs
    cost: Mapped[int]
    breakdown: Mapped[dict[str, int]] = mapped_column(JSON)
    request_key: Mapped[UUID] = mapped_column(unique=True)
    booked_by: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    booked_at: Mapped[datetime] = mapped_column(UtcDateTime)


class SeriesEvent(Record):
    """Booked, re-planned, completed, stopped: what, when, who. Only ever added."""

    __tablename__ = "series_event"
    series_id: Mapped[UUID] = mapped_column(ForeignKey("series.id"), index=True)
    kind: Mapped[str] = mapped_column(String(20))
    detail: Mapped[dict[str, Any] | None] = mapped_column(JSON)  # of a re-plan: what each infusion became
    request_key: Mapped[UUID | None] = mapped_column(unique=True)  # of the form that re-planned
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    by_id: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
