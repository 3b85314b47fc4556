"""Daily benzodiazepines as milligrams of diazepam. The table is unverified; the clinic confirms it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from intake.domain.data import is_verified, read_table

LIMIT_MG_PER_DAY = 8  # the interaction row's action: "flag above 8 mg/day"; the limit itself is not above it
_REFERENCE_MG = 10


@dataclass(frozen=True, slots=True)
class Equivalent:
    """How much of a benzodiazepine equals 10 mg of diazepam."""

    molecule: str
    mg: float
    source: str
    is_verified: bool


@dataclass(frozen=True, slots=True)
class BenzodiazepineLoad:
    """Daily benzodiazepines as milligrams of diazepam, to one decimal; None when one cannot be reckoned.

    `used` are the lines of the table that it rests on; `is_verified` False: "not verified: clinic to confirm".
    """

    mg_per_day: float | None
    is_over_limit: bool
    used: tuple[Equivalent, ...]
    source: str
    is_verified: bool


@cache
def equivalents() -> dict[str, Equivalent]:
    """The table, by molecule."""
    return {
        row["molecule"]: Equivalent(
            row["molecule"], float(row["mg_equal_to_10_mg_diazepam"]), row["source"], is_verified(row["confidence"])
        )
        for row in read_table("diazepam-equivalents.csv")
    }


def load_of(daily: Iterable[tuple[str, float | None]]) -> BenzodiazepineLoad:
    """Sum up molecules taken daily with their mg per day. Without any, 0.0."""
    total: float | None = 0.0
    used = []
    for molecule, mg_per_day in daily:
        equivalent = equivalents().get(molecule)
        if equivalent is None or mg_per_day is None:
            total = None
            continue
        used.append(equivalent)
        total = None if total is None else total + mg_per_day * _REFERENCE_MG / equivalent.mg
    return BenzodiazepineLoad(
        mg_per_day=None if total is None else round(total, 1),
        is_over_limit=total is not None and total > LIMIT_MG_PER_DAY,
        used=tuple(used),
        source="; ".join(sorted({each.source for each in used})),
        is_verified=bool(used) and all(each.is_verified for each in used),
    )
