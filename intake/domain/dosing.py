"""Milligrams: from mg/kg to a dose, and from what a person typed to a number."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Dose:
    """A reckoned dose. `exact_mg` is before rounding, `mg` is what is drawn up; `is_capped` when a ceiling cut it."""

    mg_per_kg: float
    weight_kg: float
    exact_mg: float
    mg: float
    is_capped: bool


@dataclass(frozen=True, slots=True)
class MgPerKgRange:
    """A range of mg/kg, both ends included, with where it was read."""

    lowest: float
    highest: float
    source: str
    is_verified: bool


def dose_for(mg_per_kg: float, weight_kg: float, *, round_to_mg: float = 1, ceiling_mg: float | None = None) -> Dose:
    """mg/kg times kg, rounded to the nearest `round_to_mg` (half upwards), then cut to the ceiling if there is one.

    Raises `DomainError` for a figure that is not above 0 or outside what can be true of a person.
    """
    raise NotImplementedError


def usual_range() -> MgPerKgRange:
    """The range of mg/kg outside which an order needs a reason."""
    raise NotImplementedError


def parse_mg(text: str, *, field: str | None = None) -> float:
    """Milligrams from what a person typed: "37.5", "37,5", "50 mg", "25 mcg", "0.5 g".

    A comma is a decimal comma only where it cannot be a thousands mark. Raises `DomainError` with a sentence for an
    ambiguous comma, a figure not above 0, a range, another unit, or anything else.
    """
    raise NotImplementedError


def parse_number(text: str, *, field: str | None = None, expected: str = "Enter a number such as 37.5") -> float:
    """A number above 0 without a unit, with the same reading of a comma. Raises `DomainError`."""
    raise NotImplementedError
