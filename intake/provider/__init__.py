"""Providers: queue, charts, evaluation, decision, order."""

from typing import Any

from flask_login import current_user

from intake.domain.roles import Role
from intake.queries import alerts as alert_reads
from intake.web.access import area

bp = area(
    "provider",
    roles=(Role.NURSE, Role.PROVIDER, Role.MEDICAL_DIRECTOR),
    nav=(
        ("Review queue", "provider.queue"),
        ("Response checks", "provider.response_checks"),
        ("Boosters", "provider.boosters"),
    ),
)


@bp.context_processor
def open_alerts() -> dict[str, Any]:
    """What every provider page shows until somebody has closed it: how many alerts are open, by action."""
    return {"alert_counts": alert_reads.open_counts() if current_user.is_authenticated else {}}


from intake.provider import (  # noqa: E402  # their pages hang on the blueprint
    alerts,
    amendments,
    boosters,
    charts,
    checkpoints,
    contacts,
    decisions,
    evaluations,
    findings,
    order_stops,
    orders,
    questions,
    queue,
    verdicts,
)

__all__ = [
    "alerts",
    "amendments",
    "boosters",
    "bp",
    "charts",
    "checkpoints",
    "contacts",
    "decisions",
    "evaluations",
    "findings",
    "order_stops",
    "orders",
    "questions",
    "queue",
    "verdicts",
]
