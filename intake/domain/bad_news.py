"""When a decline, a referral away or a stop may take effect: after a live contact, and never before a closed stretch.

Source: crisis, decisions for the product. Nobody is to be left alone with bad news while the clinic is closed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from intake.domain.clinic_time import local_day, minutes_of_day
from intake.domain.scheduling.values import Span, Weekly

LATEST_MINUTE = 15 * 60
"""3 pm: from then on, on the last working day before a closed one, nothing takes effect."""
TRIES_NEEDED = 3
TRY_SPACING = timedelta(hours=1)
"""Tries closer together than this count as one: three rings in five minutes are one try. A judgement."""
LOOK_AHEAD_DAYS = 60


@dataclass(frozen=True, slots=True)
class WorkingHours:
    """A site's week and its closed dates; spans are half-open minutes of the day at the site."""

    weekly: Weekly
    closures: Mapping[date, Sequence[Span]]
    timezone: str

    def bounds(self, day: date) -> Span | None:
        """First opening and last closing of a date, or None on a closed one."""
        open_spans = [part for span in self.weekly.get(day.weekday(), ()) for part in self._open_parts(span, day)]
        return (min(start for start, _ in open_spans), max(end for _, end in open_spans)) if open_spans else None

    def _open_parts(self, span: Span, day: date) -> list[Span]:
        parts = [span]
        for shut_from, shut_to in self.closures.get(day, ()):
            cut = [(max(a, 0), min(b, shut_from)) for a, b in parts] + [(max(a, shut_to), b) for a, b in parts]
            parts = [(a, b) for a, b in cut if a < b]
        return parts


@dataclass(frozen=True, slots=True)
class Try:
    """One contact, or one try: when, whether the patient was reached, whether safety was asked about."""

    at: datetime
    is_reached: bool
    is_safety_checked: bool


def is_told(tries: Sequence[Try]) -> bool:
    """Whether the patient was reached with a safety check, or three tries at least an hour apart are documented."""
    if any(one.is_reached and one.is_safety_checked for one in tries):
        return True
    return len(_spaced(tries)) >= TRIES_NEEDED


def may_take_effect(at: datetime, hours: WorkingHours) -> bool:
    """Whether bad news may take effect at this instant: not on a closed day, nor from 3 pm on before one."""
    day, minute = local_day(at, hours.timezone), minutes_of_day(at, hours.timezone)
    bounds = hours.bounds(day)
    if bounds is None:
        return False
    if hours.bounds(day - timedelta(days=1)) is None and minute < bounds[0]:
        return False  # the morning after a closed day begins with opening
    if hours.bounds(day + timedelta(days=1)) is None:
        return minute < min(LATEST_MINUTE, bounds[1])
    return True


def next_allowed(at: datetime, hours: WorkingHours) -> tuple[date, int] | None:
    """The first date and minute, after the day of `at`, at which it may take effect; None within two months."""
    today = local_day(at, hours.timezone)
    opening = hours.bounds(today)
    if opening and minutes_of_day(at, hours.timezone) < opening[0]:
        return today, opening[0]
    for ahead in range(1, LOOK_AHEAD_DAYS):
        day = today + timedelta(days=ahead)
        bounds = hours.bounds(day)
        if bounds is not None:
            return day, bounds[0] if hours.bounds(day - timedelta(days=1)) is None else 0
    return None


def _spaced(tries: Sequence[Try]) -> list[datetime]:
    kept: list[datetime] = []
    for at in sorted(one.at for one in tries if not one.is_reached):
        if not kept or at - kept[-1] >= TRY_SPACING:
            kept.append(at)
    return kept
