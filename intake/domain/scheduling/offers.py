"""What each date offers to each infusion of a case: legal starts by cost, and the chair for each start."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from intake.domain.scheduling.capacity import Calendar, best_chairs, open_starts
from intake.domain.scheduling.levels import Levels, lowest
from intake.domain.scheduling.occupancy import WHOLE_DAY, mask
from intake.domain.scheduling.values import Case, Slot

LAST_ORDINAL = date.max.toordinal() - 7
LONG_WINDOW_DAYS = 60
"""Windows of starts up to this length are taken as they are."""


@dataclass(frozen=True, slots=True)
class Offer:
    """One date for one infusion: its legal starts by what they cost alone, and which chair takes which starts."""

    levels: Levels
    chairs: tuple[tuple[str, int], ...]

    def chair_at(self, start: int) -> str:
        """The chair of the plan at a start that the offer holds."""
        return next(chair for chair, starts in self.chairs if starts >> start & 1)

    def only(self, starts: int) -> Offer | None:
        """The offer without all other starts; None when nothing is left."""
        levels = [(points, kept) for points, mask_ in self.levels if (kept := mask_ & starts)]
        return Offer(levels, self.chairs) if levels else None


Offers = Mapping[int, Mapping[int, Offer]]
"""Infusion number → date as an ordinal → offer."""


def offers_of(case: Case, calendar: Calendar) -> Offers:
    """The offers to every new infusion of the case; ordinals instead of dates make planning quick.

    Only dates that some series of allowed gaps can reach are looked at, each of them once.
    """
    done, total = len(case.fixed), case.protocol.infusions
    seen: dict[tuple[bool, int], Offer | None] = {}
    found: dict[int, dict[int, Offer]] = {}
    for number in range(done + 1, total + 1):
        days = _days_of(case, number, found.get(number - 1, {}))
        if number in case.pinned:
            found[number] = {day: offer for day, offer in _pinned_offer(case, calendar, number) if day in days}
            continue
        for day in days:
            if (number == 1, day) not in seen:
                seen[number == 1, day] = _offer_if_possible(case, calendar, number, day)
        offered = ((day, seen[number == 1, day]) for day in days)
        found[number] = {day: offer for day, offer in offered if offer is not None}
    return found


def _days_of(case: Case, number: int, before: Mapping[int, Offer]) -> Sequence[int]:
    """The dates that infusion `number` may have when the one before may have those."""
    earliest, patient = case.patient.earliest.toordinal(), case.patient
    last = min(LAST_ORDINAL, LAST_ORDINAL if patient.not_after is None else patient.not_after.toordinal())
    if number == 1:
        return range(earliest, min(last, latest_useful_start(case).toordinal()) + 1)
    if number == len(case.fixed) + 1:
        start = case.fixed[-1].day.toordinal()
        return sorted(day for gap in case.protocol.gap_points if earliest <= (day := start + gap) <= last)
    return sorted({day for start in before for gap in case.protocol.gap_points if (day := start + gap) <= last})


def latest_useful_start(case: Case) -> date:
    """The last date on which it can be worth while to start: `latest_start`, or sooner where that is far away.

    A week after the last date that is unlike others of its weekday every start can be moved a week forward: the same
    plan, but sooner.
    """
    earliest, latest = case.patient.earliest, case.patient.latest_start or case.patient.earliest
    if (latest - earliest).days <= LONG_WINDOW_DAYS:
        return latest
    return min(latest, max(earliest, *_odd_days(case)) + timedelta(days=7))


def _odd_days(case: Case) -> Iterator[date]:
    """The dates that something is said about by themselves."""
    site, patient = case.site, case.patient
    yield patient.earliest
    yield from (booking.day for booking in case.bookings)
    yield from (*site.closures, *patient.unavailable_dates, *(busy.end_day for busy in patient.busy))
    yield from (*(entry.slot.day for entry in case.current), *(slot.day for slot in case.pinned.values()))
    for shift in (*site.monitoring, *(site.provider or ()), *site.no_start, *site.protected):
        yield from (day for day in (shift.first_on, shift.last_on) if day is not None)


def _offer_if_possible(case: Case, calendar: Calendar, number: int, ordinal: int) -> Offer | None:
    day = date.fromordinal(ordinal)
    if day.weekday() not in case.patient.available or day in case.patient.unavailable_dates:
        return None
    return offer_on(case, calendar, number, day)


def offer_on(case: Case, calendar: Calendar, number: int, day: date) -> Offer | None:
    """What one date offers to one infusion, or None. A start's own points: hole, preference, protection, kept move."""
    usable = case.protocol.chair_minutes if case.weights.sliver else 0
    found = open_starts(calendar, case.protocol.session(number), day, case.patient, usable_minutes=usable)
    best = list(best_chairs(found))
    if not best:
        return None
    surcharges = _surcharges(case, calendar, day)
    pieces = [
        (holes * case.weights.sliver + points, starts & where)
        for holes, _, starts in best
        for points, where in surcharges
        if starts & where
    ]
    return Offer(lowest(pieces), tuple((chair, starts) for _, chair, starts in best))


def _surcharges(case: Case, calendar: Calendar, day: date) -> Levels:
    """What a start costs whatever the chair, as disjoint masks; a kept booking is a gain."""
    masks = [(case.weights.protected, calendar.day(day).protected)]
    if case.patient.preferred is not None:
        first, last = case.patient.preferred
        masks.append((case.weights.outside_preferred, WHOLE_DAY & ~mask(first, last + 1)))
    masks += [
        (-move_points(case, place), 1 << entry.slot.start)
        for place, entry in enumerate(case.current)
        if entry.slot.day == day
    ]
    levels: Levels = [(0, WHOLE_DAY)]
    for points, where in masks:
        inside = [(total + points, starts & where) for total, starts in levels]
        outside = [(total, starts & ~where) for total, starts in levels]
        levels = [level for level in (*inside, *outside) if level[1]]
    return levels


def move_points(case: Case, place: int) -> int:
    """What moving the `current` booking at that place of the list costs."""
    points = case.current[place].move_points
    return case.weights.moved if points is None else points


def _pinned_offer(case: Case, calendar: Calendar, number: int) -> Iterator[tuple[int, Offer]]:
    """The one slot that a pinned infusion may have, when it is legal, on its own chair."""
    slot: Slot = case.pinned[number]
    usable = case.protocol.chair_minutes if case.weights.sliver else 0
    for chair in open_starts(calendar, case.protocol.session(number), slot.day, case.patient, usable_minutes=usable):
        holes = [n for n, starts in enumerate(chair.by_holes) if starts >> slot.start & 1]
        if chair.chair == slot.chair and holes:
            bit = 1 << slot.start
            extra = next(points for points, where in _surcharges(case, calendar, slot.day) if where & bit)
            yield slot.day.toordinal(), Offer([(holes[0] * case.weights.sliver + extra, bit)], ((slot.chair, bit),))
