"""When boosters after a series are due: windows from the regime and the limits of the order. Never automatic."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import islice
from typing import Any

from intake.domain.errors import DomainError

WEEK_DAYS = 7
FIRST_OF_PAIR, SECOND_OF_PAIR = 1, 2


@dataclass(frozen=True, slots=True)
class Step:
    """`times` boosters (None: on and on), each `every_days` after the infusion before it, give or take.

    With `pair_days` they come in pairs: `times` counts pairs, the second follows the first after so many days, a day
    more or less, and `every_days` is reckoned from the second one of the pair before.
    """

    every_days: int
    times: int | None
    tolerance_days: int
    pair_days: int | None = None


@dataclass(frozen=True, slots=True)
class Regime:
    """How boosters follow a series, with its source.

    `max_boosters` and `expires_on` (the last date allowed) are the order's limits; None: no limit.
    """

    steps: tuple[Step, ...]
    source: str
    max_boosters: int | None = None
    expires_on: date | None = None

    def limited_to(self, *, max_boosters: int | None, expires_on: date | None) -> Regime:
        """The regime under the limits of an order."""
        return replace(self, max_boosters=max_boosters, expires_on=expires_on)


@dataclass(frozen=True, slots=True)
class DueWindow:
    """One booster that is due: best on `target`, from `earliest` to `latest`, both in.

    `is_overdue`: its latest date has passed. `is_cut`: the order's expiry ends the window early. `pair`: 1 or 2 for
    the first or second of a pair, 0 for a single one.
    """

    number: int
    target: date
    earliest: date
    latest: date
    is_overdue: bool = False
    is_cut: bool = False
    pair: int = 0

    def allows(self, day: date) -> bool:
        """Whether the booster may be booked on a day: in its window, or at any later one while it is overdue."""
        return self.earliest <= day and (day <= self.latest or self.is_overdue)


def fixed_interval(every_days: int, tolerance_days: int, source: str) -> Regime:
    """A regime of one interval, on and on. Raises `DomainError` unless the tolerance is below the interval."""
    if not 0 <= tolerance_days < every_days:
        raise DomainError("The tolerance has to be shorter than the interval.", field="tolerance_days")
    return Regime((Step(every_days, None, tolerance_days),), source)


def due_windows(
    last_infusion_on: date, regime: Regime, today: date, *, given: int = 0, count: int = 6
) -> list[DueWindow]:
    """The next boosters that are due, `count` at most, reckoned from the last infusion or booster given.

    `given` boosters have been given so far: numbering and the order's most boosters go on from there. A window after
    an overdue one is reckoned from today, because the overdue one cannot be given sooner. None is offered whose
    earliest date lies after the order's expiry. Source: the regime's own.
    """
    windows: list[DueWindow] = []
    before = last_infusion_on
    for number, (step, pair) in enumerate(_steps_from(regime, given), given + 1):
        if len(windows) == count or (regime.max_boosters is not None and number > regime.max_boosters):
            break
        window = _window(number, before, step, pair, regime.expires_on, today)
        if window is None:
            break
        windows.append(window)
        before = max(window.target, today) if window.is_overdue else window.target
    return windows


def step_to_json(step: Step) -> dict[str, Any]:
    """A step as an order stores it; one that is no pair says nothing of pairs."""
    pair = {"pair_days": step.pair_days} if step.pair_days else {}
    return {"every_days": step.every_days, "times": step.times, "tolerance_days": step.tolerance_days, **pair}


def step_from_json(raw: Mapping[str, Any]) -> Step:
    """The step that an order stores."""
    return Step(int(raw["every_days"]), raw.get("times"), int(raw.get("tolerance_days", 0)), raw.get("pair_days"))


def regime_from_json(raw: Mapping[str, Any], expires_on: date | None) -> Regime:
    """The regime that an order stores, with the order's own end; one without steps has no windows."""
    steps = tuple(step_from_json(step) for step in raw.get("steps", ()))
    return Regime(steps, raw.get("source", ""), raw.get("max_boosters"), expires_on)


@dataclass(frozen=True, slots=True)
class Density:
    """From how many days after the first infusion on more than `per_week` boosters in 7 days are worth a warning."""

    per_week: int
    after_days: int
    source: str


def density_warning(day: date, others: Sequence[date], first_infusion_on: date, limit: Density) -> str:
    """What to say of a booster on `day` beside the `others` of its order; empty where there is nothing to say.

    It warns where any 7 consecutive days that hold `day` would hold more than the limit, from `after_days` after the
    first infusion on (that day itself in). It never refuses. Source: the limit's own.
    """
    if (day - first_infusion_on).days < limit.after_days:
        return ""
    dates = [*others, day]
    starts = (day - timedelta(days=back) for back in range(WEEK_DAYS))
    most = max(sum(0 <= (one - start).days < WEEK_DAYS for one in dates) for start in starts)
    if most <= limit.per_week:
        return ""
    return f"{most} boosters in 7 days, more than two months after the first infusion. Source: {limit.source}."


def reorder_words(given: int, regime: Regime, today: date, *, within_days: int = 28) -> str:
    """Why a new order is due soon, as the desk may read it: the last boosters of the order, or its end; else empty."""
    left = None if regime.max_boosters is None else regime.max_boosters - given
    if left is not None and left <= 0:
        return f"All {regime.max_boosters} boosters of this order are given. The provider can sign a new one."
    ends = regime.expires_on
    if ends is not None and (ends - today).days <= within_days:
        return "This order ends soon. Ask the provider for a new one."
    return "The last booster of this order. Ask the provider for a new one." if left == 1 else ""


def _steps_from(regime: Regime, given: int) -> Iterator[tuple[Step, int]]:
    """The step of each booster to come and its place in a pair, without end when the last step has none."""
    return islice(_all_steps(regime), given, None)


def _all_steps(regime: Regime) -> Iterator[tuple[Step, int]]:
    for step in regime.steps:
        places = (FIRST_OF_PAIR, SECOND_OF_PAIR) if step.pair_days else (0,)
        left = step.times
        while left is None or left > 0:
            for place in places:
                yield step, place
            left = None if left is None else left - 1


def _window(number: int, before: date, step: Step, pair: int, expires_on: date | None, today: date) -> DueWindow | None:
    days, tolerance = step.every_days, step.tolerance_days
    if pair == SECOND_OF_PAIR and step.pair_days is not None:
        days, tolerance = step.pair_days, min(1, step.pair_days - 1)
    target = before + timedelta(days=days)
    earliest, latest = target - timedelta(days=tolerance), target + timedelta(days=tolerance)
    if expires_on is not None and earliest > expires_on:
        return None
    is_cut = expires_on is not None and latest > expires_on
    if expires_on is not None:
        latest, target = min(latest, expires_on), min(target, expires_on)
    return DueWindow(number, target, earliest, latest, is_overdue=latest < today, is_cut=is_cut, pair=pair)
