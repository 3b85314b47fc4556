"""`/healthz` and `/readyz` for whatever watches the process."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from alembic.script import ScriptDirectory
from flask import Blueprint, Flask, current_app
from sqlalchemy.exc import SQLAlchemyError

from intake.queries import health
from intake.services import downtime

STALE = timedelta(minutes=2)
bp = Blueprint("health", "intake.health")


@bp.get("/healthz")
def healthz() -> dict[str, str]:
    """The process answers."""
    return {"status": "ok"}


@bp.get("/readyz")
def readyz() -> tuple[dict[str, object], int]:
    """The database is reachable, migrations are at head, and a worker was alive in the last two minutes.

    An old downtime pack is told too, but a site that answers is not taken out of service for it.
    """
    from intake.web.access import now

    try:
        migrated = health.revision() == current_app.extensions["intake_head"]
        beat = health.last_beat()
        pack = not downtime.is_stale(now())
    except SQLAlchemyError:
        return {"database": False}, 503
    worker = beat is not None and now() - beat < STALE
    found = {"database": True, "migrations": migrated, "worker": worker}
    return {**found, "downtime_pack": pack, "undelivered": health.undelivered()}, 200 if all(found.values()) else 503


def init_app(app: Flask) -> None:
    """Register the two pages and read once which migration is the newest."""
    folder = Path(app.root_path).parent / "migrations"
    app.extensions["intake_head"] = ScriptDirectory(str(folder)).get_current_head()
    app.register_blueprint(bp)
