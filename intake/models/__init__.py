"""Tables and their constraints. Importing this package registers all of them."""

from intake.models import (
    appointments,
    audit,
    consultations,
    medicines,
    messages,
    orders,
    people,
    replanning,
    reviews,
    scores,
    series,
    sites,
    trials,
)

__all__ = [
    "appointments",
    "audit",
    "consultations",
    "medicines",
    "messages",
    "orders",
    "people",
    "replanning",
    "reviews",
    "scores",
    "series",
    "sites",
    "trials",
]
