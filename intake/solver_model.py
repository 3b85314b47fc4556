"""The rules of a batch as CP-SAT constraints: one series, and what all sessions of a day share.

The model object is OR-Tools' `CpModel`; nothing of OR-Tools is imported here. Fixed infusions take part as constants.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from intake.domain.scheduling.batch_layout import Layout, Placement
from intake.domain.scheduling.batch_tables import Entry
from intake.domain.scheduling.batch_trimming import Trimmed
from intake.domain.scheduling.capacity import minutes_in
from intake.domain.scheduling.levels import NEAR_MINUTES
from intake.domain.scheduling.occupancy import Day, mask, phases
from intake.domain.scheduling.series_rules import WEEK_DAYS
from intake.domain.scheduling.values import Slot

MOST_UNITS = 1000
"""More free watch units in a minute than this are not told apart."""

Count = Any
"""A linear expression of CP-SAT or a whole number; OR-Tools has no types of its own for mypy."""
Sessions = dict[int, dict[tuple[int, int], list[Any]]]
"""Day (an ordinal) → (kind, start) → the Booleans of sessions that would start then."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """One series of a group: its place in the batch and what it may have."""

    place: int
    entry: Entry
    parts: tuple[Trimmed, ...]


class SeriesRules:
    """The variables and rules of one series; `cost` is its cost when it is placed and 0 when it is left out."""

    def __init__(self, model: Any, candidate: Candidate, sessions: Sessions) -> None:
        self._model = model
        self._entry = candidate.entry
        self._case = candidate.entry.case
        self._done = len(self._case.fixed)
        self._total = self._case.protocol.infusions
        self._slots: dict[tuple[int, int], Any] = {}
        self._on: dict[int, dict[int, Any]] = {}
        self._starts: dict[int, dict[int, list[Any]]] = {}
        self.place = candidate.place
        self.inside = model.new_bool_var("")
        self.cost: Count = candidate.entry.moved_points * self.inside
        self._add_fixed()
        for part in candidate.parts:
            self._add_infusion(part, sessions)
        for number in range(max(self._done, 1), self._total):
            self._add_gap(number)
            self._add_shift(number)
        for number in range(self._done + 1, self._total + 1):
            self._add_weekday(number)
        self._add_span()

    def placement(self, solver: Any) -> Placement:
        """What the solver chose: cost and slots without chairs."""
        chosen = sorted(key for key, variable in self._slots.items() if solver.value(variable))
        slots = tuple(Slot(date.fromordinal(day), start, "") for day, start in chosen)
        return int(solver.value(self.cost)), (*self._case.fixed, *slots)

    def _add_fixed(self) -> None:
        for number, slot in enumerate(self._case.fixed, 1):
            self._on[number] = {slot.day.toordinal(): self.inside}
            self._starts[number] = {slot.start: [self.inside]}

    def _add_infusion(self, part: Trimmed, sessions: Sessions) -> None:
        """One start on one date, with what it costs alone; the first new infusion pays for the delay."""
        starts: dict[int, list[Any]] = defaultdict(list)
        on = self._on[part.number] = {}
        earliest, weights = self._case.patient.earliest.toordinal(), self._case.weights
        for day, offer in part.offers.items():
            chosen = []
            for points, where in offer.levels:
                for start in minutes_in(where):
                    here = self._model.new_bool_var("")
                    # Which infusion it is follows from the order of dates; at most one of them starts here.
                    self._slots[day, start] = self._slots.get((day, start), 0) + here
                    sessions[day][part.kind, start].append(here)
                    starts[start].append(here)
                    chosen.append(here)
                    self.cost += points * here
            on[day] = self._model.new_bool_var("")
            self._model.add(sum(chosen) == on[day])
            if part.number == self._done + 1:
                self.cost += weights.delay_day * (day - earliest) * on[day]
        self._starts[part.number] = starts
        self._model.add(sum(on.values()) == self.inside)

    def _add_gap(self, number: int) -> None:
        """From an infusion to the next by an allowed gap, as a flow through the dates."""
        leaving: dict[int, list[Any]] = defaultdict(list)
        arriving: dict[int, list[Any]] = defaultdict(list)
        for day in self._on[number]:
            for gap, points in self._case.protocol.gap_points.items():
                if day + gap in self._on[number + 1]:
                    way = self._model.new_bool_var("")
                    leaving[day].append(way)
                    arriving[day + gap].append(way)
                    self.cost += points * self._case.weights.spacing * way
        for there, ways in ((self._on[number], leaving), (self._on[number + 1], arriving)):
            for day, here in there.items():
                self._model.add(sum(ways[day]) == here)

    def _add_shift(self, number: int) -> None:
        """Starts more than an hour apart cost a shift: for each start, those on its side and those beyond its reach."""
        if not self._case.weights.time_shift:
            return
        shift = self._model.new_bool_var("")
        self.cost += self._case.weights.time_shift * shift
        before, after = self._starts[number], self._starts[number + 1]
        for start in before:
            for sign in (1, -1):
                near = [v for other, vs in before.items() if sign * (other - start) <= 0 for v in vs]
                far = [v for other, vs in after.items() if sign * (other - start) > NEAR_MINUTES for v in vs]
                if far:
                    self._model.add(sum(near) + sum(far) <= 1 + shift)

    def _add_weekday(self, number: int) -> None:
        back = number - self._case.protocol.per_week
        if back < 1 or not self._case.weights.weekday_change:
            return
        change = self._model.new_bool_var("")
        self.cost += self._case.weights.weekday_change * change
        for weekday in range(WEEK_DAYS):
            here, there = ([v for day, v in self._on[n].items() if day % WEEK_DAYS == weekday] for n in (number, back))
            if here:
                self._model.add(sum(here) - sum(there) <= change)

    def _add_span(self) -> None:
        """First to last date within the span, and no more infusions in seven days than may be."""
        protocol = self._case.protocol
        dates = {number: sum(day * v for day, v in on.items()) for number, on in self._on.items()}
        span = dates[self._total] - dates[1]
        self._model.add(span >= protocol.min_span_days * self.inside)
        self._model.add(span <= protocol.max_span_days * self.inside)
        for number in range(self._done + 1, self._total + 1):
            before = number - protocol.max_in_7_days
            if before >= 1:
                self._model.add(dates[number] - dates[before] >= WEEK_DAYS * self.inside)


class SharedDay:
    """What the sessions of one date share: chairs, watch units, starts; those that stay count as constants."""

    def __init__(self, model: Any, layout: Layout, day: int, wanted: Mapping[tuple[int, int], Sequence[Any]]) -> None:
        self._model = model
        self._tables = layout.tables
        self._day = day
        self._booked = layout.tables.booked_days(day)[0]
        counts: dict[tuple[int, int], Count] = {key: sum(sessions) for key, sessions in wanted.items()}
        for sitter in layout.board.sitters(day).values():
            key = (sitter.kind, sitter.start)
            counts[key] = counts.get(key, 0) + 1
        self._add_chairs(counts)
        self._add_watch(counts)
        self._add_starts(counts)

    def _add_chairs(self, counts: Mapping[tuple[int, int], Count]) -> None:
        """Each session sits on one chair that fits, and no two on one chair at a time."""
        sitting: dict[str, list[tuple[int, int, Any]]] = defaultdict(list)
        for (kind, start), count in counts.items():
            until = start + self._tables.kinds[kind].held_minutes
            seats = []
            for chair, legal in self._tables.legal(kind, self._day):
                if legal >> start & 1:
                    seats.append(self._model.new_bool_var(""))
                    sitting[chair].append((start, until, seats[-1]))
            self._model.add(sum(seats) == count)
        for held in sitting.values():
            for moment in {start for start, _, _ in held}:
                self._model.add_at_most_one(seat for start, until, seat in held if start <= moment < until)

    def _add_watch(self, counts: Mapping[tuple[int, int], Count]) -> None:
        watched = list(self._watched(counts))
        moments = sorted({moment for begin, end, _, _ in watched for moment in (begin, end)})
        for since, until in zip(moments, moments[1:], strict=False):
            taken = [units * count for begin, end, units, count in watched if begin <= since < end]
            if taken:
                self._model.add(sum(taken) <= _least_free(self._booked, since, until))

    def _watched(self, counts: Mapping[tuple[int, int], Count]) -> Iterator[tuple[int, int, int, Count]]:
        for (kind, start), count in counts.items():
            session = self._tables.kinds[kind].session
            for begin, end, units in phases(session.watch_profile, session.minutes):
                if units:
                    yield start + begin, start + end, units, count

    def _add_starts(self, counts: Mapping[tuple[int, int], Count]) -> None:
        starting: dict[int, list[Count]] = defaultdict(list)
        for (_, start), count in counts.items():
            starting[start].append(count)
        for start, found in starting.items():
            booked = sum(booking.start == start for booking in self._booked.bookings)
            self._model.add(sum(found) <= self._tables.site.starts_per_slot - booked)


def _least_free(booked: Day, since: int, until: int) -> int:
    """The fewest watch units that bookings leave in any minute of a stretch."""
    here, free = mask(since, until), 0
    while free < MOST_UNITS and not booked.short_of(free + 1) & here:
        free += 1
    return free
