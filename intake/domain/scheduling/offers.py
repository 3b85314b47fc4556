"""What each date offers to each infusion of a case: legal starts by cost, and the chair for each start."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from intake.domain.scheduling.capacity import Calendar, best_chairs, open_starts
from intake.domain.scheduling.levels import Levels, lowest
from intake.domain.scheduling.occupancy import WHOLE_DAY, mask
from intake.domain.scheduling.values import Case, Slot

LAST_ORDINAL = date.max.toordinal() - 7


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
    """The offers to every new infusion of the case; ordinals instead of dates make planning quick."""
    done, total = len(case.fixed), case.protocol.infusions
    later: dict[int, Offer] | None = None
    found: dict[int, Mapping[int, Offer]] = {}
    for number in range(done + 1, total + 1):
        if number in case.pinned:
            found[number] = dict(_pinned_offer(case, calendar, number))
        elif number == 1:
            found[number] = dict(_offers_on(case, calendar, number, range(*_first_days(case))))
        else:
            later = dict(_offers_on(case, calendar, number, range(*_later_days(case)))) if later is None else later
            found[number] = later
    return found


def _first_days(case: Case) -> tuple[int, int]:
    latest = case.patient.latest_start or case.patient.earliest
    return case.patient.earliest.toordinal(), _until(case, latest.toordinal())


def _later_days(case: Case) -> tuple[int, int]:
    """The dates that an infusion after the first may have: within the span and within the widest gaps."""
    protocol, fixed = case.protocol, case.fixed
    if fixed:
        first, last = fixed[0].day.toordinal(), fixed[-1].day.toordinal()
    else:
        first = last = (case.patient.latest_start or case.patient.earliest).toordinal()
    to_go = protocol.infusions - max(len(fixed), 1)
    widest = max(protocol.gap_points, default=0)
    return case.patient.earliest.toordinal(), _until(case, min(first + protocol.max_span_days, last + to_go * widest))


def _until(case: Case, last: int) -> int:
    limit = case.patient.not_after
    return min(last, LAST_ORDINAL if limit is None else limit.toordinal(), LAST_ORDINAL) + 1


def _offers_on(case: Case, calendar: Calendar, number: int, days: range) -> Iterator[tuple[int, Offer]]:
    for ordinal in days:
        day = date.fromordinal(ordinal)
        if day.weekday() in case.patient.available and day not in case.patient.unavailable_dates:
            offer = offer_on(case, calendar, number, day)
            if offer is not None:
                yield ordinal, offer


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
    if not _is_in_window(case, number, slot.day):
        return
    for chair in open_starts(calendar, case.protocol.session(number), slot.day, case.patient, usable_minutes=usable):
        holes = [n for n, starts in enumerate(chair.by_holes) if starts >> slot.start & 1]
        if chair.chair == slot.chair and holes:
            bit = 1 << slot.start
            extra = next(points for points, where in _surcharges(case, calendar, slot.day) if where & bit)
            yield slot.day.toordinal(), Offer([(holes[0] * case.weights.sliver + extra, bit)], ((slot.chair, bit),))


def _is_in_window(case: Case, number: int, day: date) -> bool:
    first, until = _first_days(case) if number == 1 else _later_days(case)
    return first <= day.toordinal() < until
