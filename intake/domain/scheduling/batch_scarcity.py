"""What sessions of a batch compete for, as constraints: chairs and watch units at a minute, starts at a moment."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from intake.domain.scheduling.batch_tables import Tables
from intake.domain.scheduling.capacity import minutes_in
from intake.domain.scheduling.occupancy import Day, mask, phases


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `capacity` of something on a day (an ordinal).

    `uses`: kind of session → (units, starts): a session of that kind that starts there takes as many.
    """

    day: int
    capacity: int
    uses: dict[int, list[tuple[int, int]]]


def limits_of(tables: Tables) -> list[Limit]:
    """Every limit that the sessions to be planned could overstep; chairs are counted, not told apart."""
    days: dict[int, set[int]] = {}
    for entry in tables.entries:
        for track in entry.tracks:
            for day in track.offers:
                days.setdefault(day, set()).add(track.kind)
    return [limit for day in sorted(days) for limit in _limits_on(tables, day, sorted(days[day]))]


def _limits_on(tables: Tables, day: int, kinds: list[int]) -> Iterator[Limit]:
    starts = dict.fromkeys(kinds, 0)
    for kind in kinds:
        for _, legal in tables.legal(kind, day):
            starts[kind] |= legal
    booked = tables.booked_days(day)
    moments = 0
    for legal in starts.values():
        moments |= legal
    for minute in minutes_in(moments):
        yield from _start_limit(tables, day, minute, starts)
        yield from _chair_limit(tables, day, minute, starts, booked)
    for minute in minutes_in(_turns(tables, starts)):
        yield from _watch_limit(tables, day, minute, starts, booked[0])


def _start_limit(tables: Tables, day: int, minute: int, starts: dict[int, int]) -> Iterator[Limit]:
    counted = sum(booking.start == minute for booking in tables.booked_days(day)[0].bookings)
    uses = {kind: [(1, 1 << minute)] for kind, legal in starts.items() if legal >> minute & 1}
    yield Limit(day, tables.site.starts_per_slot - counted, uses)


def _chair_limit(tables: Tables, day: int, minute: int, starts: dict[int, int], booked: list[Day]) -> Iterator[Limit]:
    names = {chair for kind in starts for chair in tables.kinds[kind].chairs}
    free = sum(any(not today.held(name) >> minute & 1 for today in booked) for name in names)
    uses = {}
    for kind, legal in starts.items():
        holding = legal & mask(minute - tables.kinds[kind].held_minutes + 1, minute + 1)
        if holding:
            uses[kind] = [(1, holding)]
    yield Limit(day, free, uses)


def _turns(tables: Tables, starts: dict[int, int]) -> int:
    """The minutes at which a session starts to need more than before."""
    found = 0
    for kind, legal in starts.items():
        session, before = tables.kinds[kind].session, 0
        for begin, _, units in phases(session.watch_profile, session.minutes):
            found |= legal << begin if units > before else 0
            before = units
    return found


def _watch_limit(tables: Tables, day: int, minute: int, starts: dict[int, int], booked: Day) -> Iterator[Limit]:
    uses: dict[int, list[tuple[int, int]]] = {}
    most = 0
    for kind, legal in starts.items():
        session = tables.kinds[kind].session
        for begin, end, units in phases(session.watch_profile, session.minutes):
            watched = legal & mask(minute - end + 1, minute - begin + 1)
            if watched and units:
                uses.setdefault(kind, []).append((units, watched))
                most += units
    if uses:
        free = 0
        while free < most * len(tables.entries) and not booked.short_of(free + 1) >> minute & 1:
            free += 1
        yield Limit(day, free, uses)
