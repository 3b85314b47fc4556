"""Simulated years that a manager asked for."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, Numeric, String
from sqlalchemy.orm import Mapped, mapped_column

from intake.models.columns import Record, UtcDateTime


class SimulationRun(Record):
    """One question to the simulation, worked by whoever holds the lease; ended by figures, or by words why not."""

    __tablename__ = "simulation_run"
    __table_args__ = (
        CheckConstraint("0 <= percent AND percent <= 100", name="percent"),
        Index("ix_simulation_run_due", "finished_at", "made_at"),
    )
    site_id: Mapped[UUID] = mapped_column(ForeignKey("site.id"), index=True)
    protocol_id: Mapped[UUID] = mapped_column(ForeignKey("protocol.id"))
    question: Mapped[str] = mapped_column(String(20))  # "ways", or a code of `simulation.asking.Change`
    orders_per_week: Mapped[float] = mapped_column(Numeric(6, 2, asdecimal=False))
    seed: Mapped[int]
    request_key: Mapped[UUID] = mapped_column(unique=True)
    made_by: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    owner: Mapped[str | None] = mapped_column(String(60))
    leased_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    percent: Mapped[int] = mapped_column(default=0)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # done, ended, or failed
    figures: Mapped[list[dict[str, Any]] | None] = mapped_column(JSON)
    words: Mapped[str] = mapped_column(String(200), default="")  # why there are no figures
