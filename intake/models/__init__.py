"""Tables and their constraints. Importing this package registers all of them."""

from intake.models import (
    appointments,
    audit,
    boosters,
    consultations,
    medicines,
    messages,
    orders,
    people,
    replanning,
    response_checks,
    reviews,
    scores,
    series,
    simulations,
    sites,
    trials,
)

__all__ = [
    "appointments",
    "audit",
    "boosters",
    "consultations",
    "medicines",
    "messages",
    "orders",
    "people",
    "replanning",
    "response_checks",
    "reviews",
    "scores",
    "series",
    "simulations",
    "sites",
    "trials",
]
