"""Who sits where on one day: chairs for planned sessions among the bookings, moved about freely at no cost."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from intake.domain.scheduling.batch_tables import Tables
from intake.domain.scheduling.occupancy import WHOLE_DAY, union

MOST_TRIES = 80
"""Steps of the search for a new seating of a day; a day that needs more counts as full."""
MOST_REMEMBERED = 50_000
"""Seatings kept, by who is there: about 300 bytes each."""


@dataclass(frozen=True, slots=True)
class Sitter:
    """A planned session on a day: its kind, and the minutes `[start, until)` that hold its chair."""

    kind: int
    start: int
    until: int


@dataclass(frozen=True, slots=True)
class Seat:
    """A chair that bookings leave to a session of a kind at a start of a day.

    `busy_until`: the end of what is booked there before, or the opening; `free_until`: the next booking or closing.
    Chairs of one `likeness` differ in nothing from that start on. `worth`: how many kinds of session it fits.
    """

    chair: str
    busy_until: int
    free_until: int
    likeness: int
    worth: int


class Seating:
    """Finds chairs. A chair that leaves the least idle time beside the session is taken first."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables
        self._seats: dict[tuple[int, int, int], list[Seat]] = {}
        self._known: dict[tuple[int, tuple[Sitter, ...]], tuple[str, ...] | None] = {}

    def with_one_more(
        self, day: int, sitters: Mapping[int, Sitter], seats: Mapping[int, str], series: int, sitter: Sitter
    ) -> dict[int, str] | None:
        """The seats of a day with one session more; the others stay where they are if that is possible."""
        chair = self._snuggest(day, sitters, seats, sitter)
        if chair is not None:
            return {**seats, series: chair}
        return self._anew(day, {**sitters, series: sitter})

    def _snuggest(
        self, day: int, sitters: Mapping[int, Sitter], seats: Mapping[int, str], sitter: Sitter
    ) -> str | None:
        best: tuple[int, int, str] | None = None
        for seat in self._seats_for(day, sitter):
            before, after = seat.busy_until, seat.free_until
            for series, chair in seats.items():
                if chair == seat.chair:
                    other = sitters[series]
                    if other.until <= sitter.start:
                        before = max(before, other.until)
                    elif other.start >= sitter.until:
                        after = min(after, other.start)
                    else:
                        break
            else:
                gaps = (sitter.start - before, after - sitter.until)
                if best is None or (min(gaps), sum(gaps)) < best[:2]:
                    best = (min(gaps), sum(gaps), seat.chair)
        return None if best is None else best[2]

    def _anew(self, day: int, sitters: Mapping[int, Sitter]) -> dict[int, str] | None:
        """A seating of everybody on a day, remembered by who is there; None when there is none or no time for it."""
        order = sorted(sitters, key=lambda series: (sitters[series].start, sitters[series].until, sitters[series].kind))
        seated = tuple(sitters[series] for series in order)
        key = (day, seated)
        if key not in self._known:
            if len(self._known) >= MOST_REMEMBERED:
                self._known.clear()
            self._known[key] = self._seat_all(day, seated)
        chairs = self._known[key]
        return None if chairs is None else dict(zip(order, chairs, strict=True))

    def _seat_all(self, day: int, sitters: tuple[Sitter, ...]) -> tuple[str, ...] | None:
        """Chairs for sessions in the order of their starts, by trying; of chairs that are alike only one is tried."""
        choices: list[Iterator[str]] = []
        chairs: list[str] = []
        ends: dict[str, list[int]] = {}
        for _ in range(MOST_TRIES):
            place = len(chairs)
            if place == len(sitters):
                return tuple(chairs)
            if len(choices) == place:
                choices.append(iter(self._choices(day, sitters[place], ends)))
            chair = next(choices[place], None)
            if chair is not None:
                chairs.append(chair)
                ends.setdefault(chair, [0]).append(sitters[place].until)
                continue
            choices.pop()
            if not chairs:
                return None
            ends[chairs.pop()].pop()
        return None

    def _choices(self, day: int, sitter: Sitter, ends: Mapping[str, list[int]]) -> list[str]:
        """The chairs free for a session after those before it: first those booked again soonest, then plain ones."""
        found: dict[int, tuple[int, int, str]] = {}
        for seat in self._seats_for(day, sitter):
            until = ends[seat.chair][-1] if seat.chair in ends else 0
            if until <= sitter.start:
                found.setdefault(seat.likeness, (seat.free_until, seat.worth, seat.chair))
        return [chair for _, _, chair in sorted(found.values())]

    def _seats_for(self, day: int, sitter: Sitter) -> list[Seat]:
        key = (day, sitter.kind, sitter.start)
        if key not in self._seats:
            self._seats[key] = list(self._booked_seats(day, sitter))
        return self._seats[key]

    def _booked_seats(self, day: int, sitter: Sitter) -> Iterator[Seat]:
        likenesses: dict[tuple[object, ...], int] = {}
        booked = self._tables.booked_days(day)
        shut = WHOLE_DAY & ~union(booked[0].openings)
        for chair, legal in self._tables.legal(sitter.kind, day):
            if legal >> sitter.start & 1:
                held = [today.held(chair) | shut for today in booked]
                groups = tuple(chair in kind.chairs for kind in self._tables.kinds)
                ahead = (groups, *(each >> sitter.start for each in held))
                likeness = likenesses.setdefault(ahead, len(likenesses))
                before = (held[0] & (1 << sitter.start) - 1).bit_length()
                above = held[0] >> sitter.until
                after = sitter.until + (above & -above).bit_length() - 1 if above else sitter.until
                yield Seat(chair, before, after, likeness, sum(groups))
