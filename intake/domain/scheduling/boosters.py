"""When boosters after a series are due."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Step:
    """`times` boosters (None: on and on), each `every_days` after the one before."""

    every_days: int
    times: int | None
    tolerance_days: int


@dataclass(frozen=True, slots=True)
class Regime:
    """How boosters follow a series, with its source; `max_boosters` and `expires_on` come from the order."""

    steps: tuple[Step, ...]
    source: str
    max_boosters: int | None = None
    expires_on: date | None = None


@dataclass(frozen=True, slots=True)
class DueWindow:
    """One booster that is due: best on `target`, from `earliest` to `latest`, both in."""

    number: int
    target: date
    earliest: date
    latest: date
    is_overdue: bool = False


def due_windows(
    last_infusion_on: date, regime: Regime, today: date, *, given: int = 0, count: int = 6
) -> list[DueWindow]:
    """The next boosters that are due, counted from the last infusion (or booster) given, `given` of them so far."""
    raise NotImplementedError
