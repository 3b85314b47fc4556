"""What a provider orders: protocol, dose, conditions, boosters, expiry, and the checks before it is signed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from intake.domain.dosing import Dose, dose_for, usual_range
from intake.domain.errors import DomainError
from intake.domain.reviews import check_conditions, check_length
from intake.domain.scheduling.boosters import Regime, step_to_json

DEFAULT_MG_PER_KG = 0.5
DEFAULT_EXPIRY = timedelta(days=90)
LONGEST_EXPIRY = timedelta(days=180)
"""A new order is due after six boosters or six months (protocols, section 5)."""
TOLD_WITHIN = timedelta(days=7)
"""A stop rests on a contact within this time. A judgement."""


@dataclass(frozen=True, slots=True)
class OrderEntry:
    """An order as it comes from the form. `dose_reason` is needed outside the usual range."""

    protocol_id: UUID
    dose_mg_per_kg: float
    expires_on: date
    regime: Regime
    regime_name: str
    conditions: tuple[str, ...] = ()
    dose_reason: str = ""


def check(entry: OrderEntry, *, weight_kg: float, today: date) -> Dose:
    """Refuse an order that cannot be signed; returns the reckoned dose. Raises `DomainError` beside the field.

    Outside the usual range of mg/kg (both ends in) a reason is needed.
    """
    dose = dose_for(entry.dose_mg_per_kg, weight_kg)
    if not usual_range().holds(entry.dose_mg_per_kg) and not entry.dose_reason.strip():
        usual = usual_range()
        raise DomainError(
            f"Outside {usual.lowest:g} to {usual.highest:g} mg/kg an order needs a reason.", field="dose_reason"
        )
    if not today < entry.expires_on <= today + LONGEST_EXPIRY:
        raise DomainError(f"Enter a last day after today, at most {LONGEST_EXPIRY.days} days on.", field="expires_on")
    check_conditions(entry.conditions)
    check_length(entry.dose_reason, "dose_reason")
    return dose


def regime_json(entry: OrderEntry) -> dict[str, Any]:
    """The booster regime as an order keeps it; its expiry is the order's own."""
    steps = [step_to_json(step) for step in entry.regime.steps]
    return {
        "name": entry.regime_name,
        "steps": steps,
        "source": entry.regime.source,
        "max_boosters": entry.regime.max_boosters,
    }
