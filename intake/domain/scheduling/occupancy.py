"""One day at one site as bit masks: bit m of a number stands for minute m after midnight.

A rule that forbids minutes becomes a mask of minutes; `starts_touching` turns it into the starts whose session
would meet one of them. So a whole day is judged by a few operations on numbers, and a single start by one bit.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from functools import lru_cache

from intake.domain.clinic_time import MIDNIGHT, clock_change_span
from intake.domain.scheduling.values import Booking, Profile, Shift, Site, Span

WHOLE_DAY = (1 << MIDNIGHT) - 1


def mask(start: int, end: int) -> int:
    """The minutes of `[start, end)` that lie within the day.

    Cutting at midnight loses nothing: two spans of one day that meet at all meet before it.
    """
    start, end = max(start, 0), min(end, MIDNIGHT)
    return (1 << end) - (1 << start) if end > start else 0


def union(spans: Iterable[Span]) -> int:
    """The minutes that any of the spans covers."""
    covered = 0
    for start, end in spans:
        covered |= mask(start, end)
    return covered


def starts_touching(minutes: int, begin: int, end: int) -> int:
    """The starts s for which some minute of `[s + begin, s + end)` is in the mask; doubles its reach each round."""
    if end <= begin:
        return 0
    touched, reach = minutes >> begin, 1
    while reach < end - begin:
        step = min(reach, end - begin - reach)
        touched |= touched >> step
        reach += step
    return touched


def starts_inside(spans: Iterable[Span], length: int) -> int:
    """The starts whose session of that length lies wholly inside one of the spans."""
    return union((start, end - length + 1) for start, end in spans)


def phases(profile: Profile, length: int) -> Iterator[tuple[int, int, int]]:
    """A watch profile as (from, to, units) of a session of that length; the last step lasts to the end."""
    at = 0
    for place, (minutes, units) in enumerate(profile, 1):
        until = length if place == len(profile) else min(at + minutes, length)
        if until > at:
            yield at, until, units
        at = until


@lru_cache(maxsize=8)
def grid(slot_minutes: int) -> int:
    """The minutes at which a session may start: multiples of `slot_minutes`."""
    return sum(1 << minute for minute in range(0, MIDNIGHT, slot_minutes))


class Day:
    """What one date at a site holds: openings, staff, and every booking's share of it."""

    def __init__(self, site: Site, day: date, bookings: Sequence[Booking]) -> None:
        self.site = site
        self.bookings = bookings
        self.openings = _openings(site, day)
        self.no_start = union(_on(site.no_start, day))
        self.protected = union(_on(site.protected, day)) & ~_released(site, day)
        self.provider_away = away(site.provider, day)
        self.full_starts = _full_starts(bookings, site.starts_per_slot)
        self._free = _free_units(_shifts(site.monitoring, day), bookings)
        self._short: dict[int, int] = {}
        self._chairs: dict[str, list[Booking]] = defaultdict(list)
        for booking in bookings:
            self._chairs[booking.chair].append(booking)

    def short_of(self, units: int) -> int:
        """The minutes in which fewer than `units` watch units are free."""
        if units not in self._short:
            enough = union((start, end) for start, end, free in self._free if free >= units)
            outside = 0 if units > 0 else WHOLE_DAY & ~union((start, end) for start, end, _ in self._free)
            self._short[units] = WHOLE_DAY & ~(enough | outside)
        return self._short[units]

    def held(self, chair: str) -> int:
        """The minutes in which the chair is taken, turnover included."""
        return union((b.start, b.end + b.turnover) for b in self._chairs.get(chair, ()))

    def idle(self, chair: str) -> Iterator[Span]:
        """The idle stretches of the chair between openings, bookings and closings.

        A stretch begins when the chair was cleaned; one that cleaning eats whole is left out.
        """
        booked = sorted(self._chairs.get(chair, ()), key=lambda b: b.start)
        for opening, closing in self.openings:
            free_from = opening
            for b in booked:
                if b.end <= opening or b.start >= closing:
                    continue
                if b.start >= free_from:
                    yield free_from, b.start
                free_from = max(free_from, b.end + b.turnover)
            if free_from < closing:
                yield free_from, closing


def away(shifts: Iterable[Shift] | None, day: date) -> int:
    """The minutes of a date in which nobody works these shifts; None: somebody always does."""
    return 0 if shifts is None else WHOLE_DAY & ~union(_on(shifts, day))


def _released(site: Site, day: date) -> int:
    """The minutes whose protected starts are anybody's by now."""
    if site.release is None:
        return 0
    last_day, minute = site.release.until
    if day == last_day:
        return mask(0, minute + 1)
    return WHOLE_DAY if day < last_day else 0


def _on(shifts: Iterable[Shift], day: date) -> list[Span]:
    return [(shift.start, shift.end) for shift in _shifts(shifts, day)]


def _shifts(shifts: Iterable[Shift], day: date) -> list[Shift]:
    return [shift for shift in shifts if shift.is_on(day)]


def _openings(site: Site, day: date) -> list[Span]:
    """The day's opening intervals without what is closed and without what a clock change skips or repeats."""
    hours = site.hours.get(day.weekday(), ())
    if not hours:
        return []
    spans = list(hours)
    for closed in (*site.closures.get(day, ()), *_odd_minutes(day, site.timezone)):
        spans = [rest for span in spans for rest in _without(span, closed)]
    return spans


def _odd_minutes(day: date, zone: str) -> Iterator[Span]:
    """The minutes of a date in which nothing may be booked because of a clock change.

    The minute before it is one of them: a session that ended just then would end at a time that the clock skips or
    shows twice. So is the last minute of a day whose next one begins with a change.
    """
    odd, following = clock_change_span(day, zone), clock_change_span(day + timedelta(days=1), zone)
    if odd is not None:
        yield max(odd[0] - 1, 0), odd[1]
    if following is not None and following[0] == 0:
        yield MIDNIGHT - 1, MIDNIGHT


def _without(span: Span, closed: Span) -> list[Span]:
    """What is left of a span when a closed one is taken out."""
    if closed[0] >= closed[1]:
        return [span]
    parts = ((span[0], min(span[1], closed[0])), (max(span[0], closed[1]), span[1]))
    return [part for part in parts if part[0] < part[1]]


def _full_starts(bookings: Iterable[Booking], starts_per_slot: int) -> int:
    """The minutes at which as many sessions start as may."""
    if starts_per_slot < 1:
        return WHOLE_DAY
    counts = Counter(booking.start for booking in bookings)
    return sum(1 << minute for minute, count in counts.items() if count >= starts_per_slot)


def _free_units(shifts: Iterable[Shift], bookings: Iterable[Booking]) -> list[tuple[int, int, int]]:
    """Free watch units as (from, to, free), from the first change to the last; outside of them none is free."""
    change: dict[int, int] = defaultdict(int)
    for shift in shifts:
        change[shift.start] += shift.capacity
        change[shift.end] -= shift.capacity
    for booking in bookings:
        for start, end, units in phases(booking.watch_profile, booking.end - booking.start):
            change[booking.start + start] -= units
            change[booking.start + end] += units
    runs, free, since = [], 0, 0
    for minute in sorted(change):
        if minute > since:
            runs.append((since, minute, free))
        free, since = free + change[minute], minute
    return runs
