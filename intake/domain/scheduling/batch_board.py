"""The calendar while a batch is planned: what the sessions planned so far leave free, kept up to date day by day.

Free watch units and free chairs of each minute are counted in planes of bits: plane u holds the minutes in which at
least u are free, so a session moves a few bits between planes, in and out. Chairs are counted first and given out
when a session is seated; where none is free as it stands, the day's planned sessions are seated anew.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from intake.domain.scheduling.batch_seating import Seating, Sitter
from intake.domain.scheduling.batch_tables import Kind, Tables
from intake.domain.scheduling.capacity import minutes_in
from intake.domain.scheduling.occupancy import WHOLE_DAY, mask, phases, starts_touching

Planes = tuple[int, ...]


class PlannedDay:
    """One date (an ordinal) of the board. `sitters` maps a series' place in the batch to its session."""

    __slots__ = ("chairs", "free", "seats", "sitters", "starting", "watch")

    def __init__(self, watch: Planes, chairs: tuple[Planes, ...], starting: dict[int, int]) -> None:
        self.watch = watch
        self.chairs = chairs
        self.starting = starting
        self.sitters: dict[int, Sitter] = {}
        self.seats: dict[int, str] = {}
        self.free: dict[int, int] = {}

    def copy(self) -> PlannedDay:
        """A day that changes on its own."""
        other = PlannedDay(self.watch, self.chairs, self.starting.copy())
        other.sitters, other.seats, other.free = self.sitters.copy(), self.seats.copy(), self.free.copy()
        return other


class Board:
    """Planned sessions on top of the bookings. `begin` and `undo` take back all that was done in between."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables
        self._groups = sorted({frozenset(kind.chairs) for kind in tables.kinds}, key=sorted)
        self._wider = [
            [place for place, group in enumerate(self._groups) if group >= set(kind.chairs)] for kind in tables.kinds
        ]
        self._phases = [list(_phases(kind)) for kind in tables.kinds]
        self._most_units = sum(_most_units(tables, (track.kind for track in entry.tracks)) for entry in tables.entries)
        self._seating = Seating(tables)
        self._days: dict[int, PlannedDay] = {}
        self._before: dict[int, PlannedDay] = {}

    def begin(self) -> None:
        """Forget how to undo; what is done from here on can be taken back."""
        self._before = {}

    def undo(self) -> None:
        """Take back everything since `begin`."""
        self._days.update(self._before)
        self._before = {}

    def free_starts(self, kind: int, day: int) -> int:
        """The starts of a day that bookings and planned sessions leave to sessions of a kind, chairs being counted."""
        today = self._day(day)
        if kind not in today.free:
            today.free[kind] = self._free(kind, day, today)
        return today.free[kind]

    def is_free(self, kind: int, day: int, start: int) -> bool:
        """Whether one start is among the free ones, without working out all of them."""
        today, found = self._day(day), self._tables.kinds[kind]
        if kind in today.free:
            return bool(today.free[kind] >> start & 1)
        if not any(starts >> start & 1 for _, starts in self._tables.legal(kind, day)):
            return False
        if today.starting.get(start, 0) >= self._tables.site.starts_per_slot:
            return False
        held = mask(start, start + found.held_minutes)
        if any(held & ~today.chairs[group][1] for group in self._wider[kind]):
            return False
        return all(
            units < len(today.watch) and not mask(start + begin, start + end) & ~today.watch[units]
            for begin, end, units in self._phases[kind]
        )

    def refine(self, kind: int, day: int) -> None:
        """Leave only those free starts for which the day can be seated, after one turned out to have no chair."""
        today = self._day(day)
        held, free = self._tables.kinds[kind].held_minutes, 0
        for start in minutes_in(self.free_starts(kind, day)):
            sitter = Sitter(kind, start, start + held)
            if self._seating.with_one_more(day, today.sitters, today.seats, -1, sitter) is not None:
                free |= 1 << start
        today.free[kind] = free

    def place(self, series: int, kind: int, day: int, start: int) -> bool:
        """Seat a session at a free start; False when no seating of the day has a chair for it."""
        today = self._changed(day)
        sitter = Sitter(kind, start, start + self._tables.kinds[kind].held_minutes)
        seats = self._seating.with_one_more(day, today.sitters, today.seats, series, sitter)
        if seats is None:
            return False
        today.seats = seats
        today.sitters[series] = sitter
        self._count(today, sitter, _taken)
        today.starting[start] = today.starting.get(start, 0) + 1
        return True

    def remove(self, series: int, day: int) -> None:
        """Take the session of a series off a day."""
        today = self._changed(day)
        sitter = today.sitters.pop(series)
        del today.seats[series]
        self._count(today, sitter, _given_back)
        today.starting[sitter.start] -= 1

    def chair_of(self, series: int, day: int) -> str:
        """Where the session of a series is seated on a day."""
        return self._day(day).seats[series]

    def sitters(self, day: int) -> dict[int, Sitter]:
        """The sessions planned on a day, by series."""
        return self._day(day).sitters

    def _day(self, day: int) -> PlannedDay:
        if day not in self._days:
            self._days[day] = self._booked(day)
        return self._days[day]

    def _changed(self, day: int) -> PlannedDay:
        """A day that is about to change; how it was is kept for `undo`."""
        today = self._day(day)
        if day not in self._before:
            self._before[day] = today
            today = self._days[day] = today.copy()
        today.free = {}
        return today

    def _booked(self, day: int) -> PlannedDay:
        """A day with nothing but the bookings."""
        booked = self._tables.booked_days(day)
        first = booked[0]
        watch = [WHOLE_DAY & ~first.short_of(0)]
        while watch[-1] and len(watch) <= self._most_units:
            watch.append(WHOLE_DAY & ~first.short_of(len(watch)))
        held = {chair.name: _shared(today.held(chair.name) for today in booked) for chair in self._tables.site.chairs}
        chairs = tuple(_counted(WHOLE_DAY & ~held[name] for name in group) for group in self._groups)
        return PlannedDay(tuple(watch), chairs, dict(Counter(booking.start for booking in first.bookings)))

    def _free(self, kind: int, day: int, today: PlannedDay) -> int:
        free = 0
        for _, starts in self._tables.legal(kind, day):
            free |= starts
        if not free or not today.sitters:
            return free
        held = self._tables.kinds[kind].held_minutes
        for group in self._wider[kind]:
            free &= ~starts_touching(WHOLE_DAY & ~today.chairs[group][1], 0, held)
        for begin, end, units in self._phases[kind]:
            enough = today.watch[units] if units < len(today.watch) else 0
            free &= ~starts_touching(WHOLE_DAY & ~enough, begin, end)
        limit = self._tables.site.starts_per_slot
        for start, count in today.starting.items():
            if count >= limit:
                free &= ~(1 << start)
        return free

    def _count(self, today: PlannedDay, sitter: Sitter, change: object) -> None:
        move = _taken if change is _taken else _given_back
        held = mask(sitter.start, sitter.until)
        chairs = list(today.chairs)
        for group in self._wider[sitter.kind]:
            chairs[group] = move(chairs[group], held)
        today.chairs = tuple(chairs)
        for begin, end, units in self._phases[sitter.kind]:
            minutes = mask(sitter.start + begin, sitter.start + end)
            for _ in range(units):
                today.watch = move(today.watch, minutes)


def _most_units(tables: Tables, kinds: Iterable[int]) -> int:
    """The most watch units that a session of these kinds takes at once."""
    return max((units for kind in kinds for _, _, units in _phases(tables.kinds[kind])), default=0)


def _phases(kind: Kind) -> Iterable[tuple[int, int, int]]:
    return phases(kind.session.watch_profile, kind.session.minutes)


def _shared(masks: Iterable[int]) -> int:
    found = WHOLE_DAY
    for each in masks:
        found &= each
    return found


def _counted(masks: Iterable[int]) -> Planes:
    """Planes from the free minutes of each chair: how many are free in each minute; plane 0 is the whole day."""
    planes = [WHOLE_DAY, 0]
    for free in masks:
        planes = [WHOLE_DAY, *(planes[u] | planes[u - 1] & free for u in range(1, len(planes))), planes[-1] & free]
    return tuple(planes)


def _taken(planes: Planes, minutes: int) -> Planes:
    """One fewer free in these minutes; the topmost plane is always empty."""
    kept = ~minutes
    return (
        planes[0],
        *(planes[u] & kept | planes[u + 1] & minutes for u in range(1, len(planes) - 1)),
        planes[-1] & kept,
    )


def _given_back(planes: Planes, minutes: int) -> Planes:
    """One more free in these minutes; the undoing of `_taken`."""
    kept = ~minutes
    return (planes[0], *(planes[u] & kept | planes[u - 1] & minutes for u in range(1, len(planes))))
