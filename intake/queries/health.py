"""What tells whether the installation is ready."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select, text

from intake.extensions import current_session
from intake.models.messages import Message, WorkerBeat
from intake.queries.downtime import BEAT


def revision() -> str | None:
    """The migration that the database stands at; raises where there is no database."""
    found: str | None = current_session().scalar(text("SELECT version_num FROM alembic_version"))
    return found


def last_beat() -> datetime | None:
    """When any worker was last alive."""
    return current_session().scalar(select(func.max(WorkerBeat.at)).where(WorkerBeat.name != BEAT))


def undelivered() -> int:
    """How many messages were given up."""
    return current_session().scalar(select(func.count()).where(Message.dead_at.is_not(None))) or 0
