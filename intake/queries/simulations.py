"""Reads of simulated years."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select

from intake.extensions import current_session
from intake.models.simulations import SimulationRun

__all__ = ["SimulationRun", "latest", "run"]

MOST = 20


def run(run_id: UUID) -> SimulationRun:
    """One run; raises `NoResultFound`."""
    return current_session().scalars(select(SimulationRun).where(SimulationRun.id == run_id)).one()


def latest(site_id: UUID) -> Sequence[SimulationRun]:
    """The last twenty runs of a site, the newest first."""
    rows = select(SimulationRun).where(SimulationRun.site_id == site_id)
    return current_session().scalars(rows.order_by(SimulationRun.made_at.desc(), SimulationRun.id).limit(MOST)).all()
