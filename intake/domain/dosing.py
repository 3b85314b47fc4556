"""Milligrams: from mg/kg to a dose, and from what a person typed to a number."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import cache

from intake.domain.data import is_verified, read_table
from intake.domain.errors import DomainError

MOST_MG = 100_000  # what a person may type as one day's dose of anything; above it is a slip
_MG_IN = {
    **dict.fromkeys(("", "mg", "mgs", "milligram", "milligrams"), Decimal(1)),
    **dict.fromkeys(("mcg", "ug", "µg", "μg", "microgram", "micrograms"), Decimal("0.001")),
    **dict.fromkeys(("g", "gram", "grams"), Decimal(1000)),
}
_PER_DAY = re.compile(r"\s*(?:/|per|a)?\s*(?:day|daily|d)$")
_TYPED = re.compile(r"(-?[ ]?[0-9.,]+)\s*([^0-9]*)")
_RANGE = re.compile(r"[0-9.,]+\s*(?:mg)?\s*(?:-|–|to)\s*[0-9.,]+.*")
_PLAIN = re.compile(r"[0-9]+(?:\.[0-9]*)?|\.[0-9]+")
_DECIMAL_COMMA = re.compile(r"(?:[0-9]+,(?:[0-9]{1,2}|[0-9]{4,})|0,[0-9]+|[0-9]{4,},[0-9]+)")
_LONGEST = 12  # characters of a number


@dataclass(frozen=True, slots=True)
class Dose:
    """A reckoned dose. `exact_mg` is before rounding, `mg` is what is drawn up; `is_capped` when a ceiling cut it."""

    mg_per_kg: float
    weight_kg: float
    exact_mg: float
    mg: float
    is_capped: bool

    def in_words(self) -> str:
        """The reckoning as an order prints it: "0.5 mg/kg x 81.6 kg = 41 mg"."""
        cut = " (cut to the ceiling)" if self.is_capped else ""
        return f"{self.mg_per_kg:g} mg/kg × {self.weight_kg:g} kg = {self.mg:g} mg{cut}"


@dataclass(frozen=True, slots=True)
class MgPerKgRange:
    """A range of mg/kg, both ends included, with where it was read."""

    lowest: float
    highest: float
    source: str
    is_verified: bool

    def holds(self, mg_per_kg: float) -> bool:
        """Whether a figure lies in it."""
        return self.lowest <= mg_per_kg <= self.highest


def dose_for(mg_per_kg: float, weight_kg: float, *, round_to_mg: float = 1, ceiling_mg: float | None = None) -> Dose:
    """mg/kg times kg, rounded to the nearest `round_to_mg` (half upwards), then cut to the ceiling if there is one.

    Raises `DomainError` for a figure that is not above 0, more than 3 mg/kg, a weight outside 20 to 350 kg, or a dose
    that rounds to nothing.
    """
    _refuse_outside("dose_mg_per_kg", mg_per_kg, 0, _figure("most_mg_per_kg"), "mg/kg")
    _refuse_outside("weight_kg", weight_kg, _figure("least_weight"), _figure("most_weight"), "kg")
    exact = _exact(mg_per_kg) * _exact(weight_kg)
    step = _exact(round_to_mg)
    rounded = (exact / step).quantize(Decimal(1), ROUND_HALF_UP) * step
    if rounded <= 0:
        raise DomainError("This dose is too small to draw up", field="dose_mg_per_kg")
    is_capped = ceiling_mg is not None and rounded > _exact(ceiling_mg)
    mg = ceiling_mg if is_capped and ceiling_mg is not None else float(rounded)
    return Dose(mg_per_kg, weight_kg, float(exact), mg, is_capped)


@cache
def usual_range() -> MgPerKgRange:
    """The range of mg/kg outside which an order needs a reason."""
    row = _figures()["usual_from"]
    return MgPerKgRange(_figure("usual_from"), _figure("usual_to"), row["source"], is_verified(row["confidence"]))


def parse_mg(text: str, *, field: str | None = None) -> float:
    """Milligrams from what a person typed: "37.5", "37,5", "50 mg", "25 mcg", "0.5 g", "100 mg daily".

    A comma is a decimal comma only where it cannot be a thousands mark. Raises `DomainError` with a sentence for an
    ambiguous comma, a figure not above 0, a range, another unit, or anything else.
    """
    words = _plain(text)
    if _RANGE.fullmatch(words):
        raise DomainError("Enter one dose, such as 75", field=field)
    match = _TYPED.fullmatch(words)
    if match is None:
        raise DomainError("Enter the dose in mg, such as 37.5", field=field)
    factor = _MG_IN.get(_PER_DAY.sub("", match[2]).strip().rstrip("."))
    if factor is None:
        raise DomainError("Enter the dose of one whole day in mg, such as 37.5", field=field)
    return float(_above_zero(_number(match[1], field, "Enter the dose in mg, such as 37.5") * factor, field))


def parse_number(text: str, *, field: str | None = None, expected: str = "Enter a number such as 37.5") -> float:
    """A number above 0 without a unit, with the same reading of a comma. Raises `DomainError`."""
    return float(_above_zero(_number(_plain(text), field, expected), field))


def _plain(text: str) -> str:
    words = " ".join(text.replace("−", "-").strip().lower().split())
    return words.removeprefix("+")


def _number(text: str, field: str | None, expected: str) -> Decimal:
    if text.startswith("-"):
        raise DomainError("Enter a number above 0", field=field)
    if len(text) > _LONGEST:
        raise DomainError(expected, field=field)
    if _DECIMAL_COMMA.fullmatch(text):
        return Decimal(text.replace(",", "."))
    if _PLAIN.fullmatch(text):
        return Decimal(text)
    if "," in text:
        raise DomainError("Enter the number without a comma, such as 1500 or 1.5", field=field)
    raise DomainError(expected, field=field)


def _above_zero(value: Decimal, field: str | None) -> Decimal:
    if value <= 0:
        raise DomainError("Enter a number above 0", field=field)
    if value > MOST_MG:
        raise DomainError("Check the number: it is far too high", field=field)
    return value


def _refuse_outside(field: str, value: float, lowest: float, highest: float, unit: str) -> None:
    if not 0 < value <= highest or value < lowest:
        least = f"from {lowest:g}" if lowest else "above 0 and up"
        raise DomainError(f"Enter a figure {least} to {highest:g} {unit}", field=field)


def _exact(value: float) -> Decimal:
    return Decimal(str(value))


@cache
def _figures() -> dict[str, dict[str, str]]:
    return {row["figure"]: row for row in read_table("dosing.csv")}


def _figure(name: str) -> float:
    return float(_figures()[name]["value"])
