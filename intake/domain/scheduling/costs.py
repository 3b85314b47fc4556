"""What a plan costs, term by term: the eight terms of the planning format."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from intake.domain.scheduling.capacity import Calendar, holes_beside
from intake.domain.scheduling.levels import NEAR_MINUTES
from intake.domain.scheduling.offers import move_points
from intake.domain.scheduling.values import TERMS, Case, Slot


@dataclass(frozen=True, slots=True)
class Charge:
    """Points of one term, and which infusion (by number) causes them; `moved` names the place in `current`."""

    term: str
    points: int
    number: int


def charges(case: Case, slots: Sequence[Slot], calendar: Calendar) -> list[Charge]:
    """Every compromise of a legal series that costs points."""
    found = [*_pair_charges(case, slots), *_slot_charges(case, slots, calendar), *_moved_charges(case, slots)]
    if len(slots) > len(case.fixed):
        days = (slots[len(case.fixed)].day - case.patient.earliest).days
        found.append(Charge("delay_day", case.weights.delay_day * days, len(case.fixed) + 1))
    return [charge for charge in found if charge.points]


def breakdown_of(charged: Sequence[Charge]) -> dict[str, int]:
    """One number for each of the eight terms."""
    return {term: sum(charge.points for charge in charged if charge.term == term) for term in TERMS}


def _pair_charges(case: Case, slots: Sequence[Slot]) -> Iterator[Charge]:
    """What hangs on two infusions: gap, time of day, weekday. At least the later one is new."""
    weights, protocol = case.weights, case.protocol
    for place in range(max(len(case.fixed), 1), len(slots)):
        before, here = slots[place - 1], slots[place]
        gap = (here.day - before.day).days
        yield Charge("spacing", weights.spacing * protocol.gap_points.get(gap, 0), place + 1)
        if abs(here.start - before.start) > NEAR_MINUTES:
            yield Charge("time_shift", weights.time_shift, place + 1)
        back = place - protocol.per_week
        if back >= 0 and slots[back].day.weekday() != here.day.weekday():
            yield Charge("weekday_change", weights.weekday_change, place + 1)


def _slot_charges(case: Case, slots: Sequence[Slot], calendar: Calendar) -> Iterator[Charge]:
    """What hangs on one new infusion: preferred starts, holes, protected starts."""
    weights, preferred = case.weights, case.patient.preferred
    for number, slot in enumerate(slots[len(case.fixed) :], len(case.fixed) + 1):
        if preferred is not None and not preferred[0] <= slot.start <= preferred[1]:
            yield Charge("outside_preferred", weights.outside_preferred, number)
        holes = holes_beside(slot, case.protocol.session(number), calendar, case.protocol.chair_minutes)
        yield Charge("sliver", weights.sliver * holes, number)
        if calendar.day(slot.day).protected >> slot.start & 1:
            yield Charge("protected", weights.protected, number)


def _moved_charges(case: Case, slots: Sequence[Slot]) -> Iterator[Charge]:
    kept = {(slot.day, slot.start) for slot in slots[len(case.fixed) :]}
    for place, entry in enumerate(case.current):
        if (entry.slot.day, entry.slot.start) not in kept:
            yield Charge("moved", move_points(case, place), place)
