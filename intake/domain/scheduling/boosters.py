"""When boosters after a series are due: windows from the regime and the limits of the order. Never automatic."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta

from intake.domain.errors import DomainError


@dataclass(frozen=True, slots=True)
class Step:
    """`times` boosters (None: on and on), each `every_days` after the infusion before it, give or take."""

    every_days: int
    times: int | None
    tolerance_days: int


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

    `is_overdue`: its latest date has passed. `is_cut`: the order's expiry ends the window early.
    """

    number: int
    target: date
    earliest: date
    latest: date
    is_overdue: bool = False
    is_cut: bool = False


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
    for number, step in enumerate(_steps_from(regime, given), given + 1):
        if len(windows) == count or (regime.max_boosters is not None and number > regime.max_boosters):
            break
        window = _window(number, before, step, regime.expires_on, today)
        if window is None:
            break
        windows.append(window)
        before = max(window.target, today) if window.is_overdue else window.target
    return windows


def _steps_from(regime: Regime, given: int) -> Iterator[Step]:
    """The step of each booster to come, without end when the last step has none."""
    for step in regime.steps:
        left = None if step.times is None else max(step.times - given, 0)
        given = 0 if step.times is None else max(given - step.times, 0)
        while left is None or left > 0:
            yield step
            left = None if left is None else left - 1


def _window(number: int, before: date, step: Step, expires_on: date | None, today: date) -> DueWindow | None:
    target = before + timedelta(days=step.every_days)
    earliest, latest = target - timedelta(days=step.tolerance_days), target + timedelta(days=step.tolerance_days)
    if expires_on is not None and earliest > expires_on:
        return None
    is_cut = expires_on is not None and latest > expires_on
    if expires_on is not None:
        latest, target = min(latest, expires_on), min(target, expires_on)
    return DueWindow(number, target, earliest, latest, is_overdue=latest < today, is_cut=is_cut)
