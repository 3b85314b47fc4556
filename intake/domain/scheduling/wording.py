"""What a plan compromises on, in sentences for the desk, each with its points."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from intake.domain.clinic_time import DAY_NAMES, MONTH_NAMES, clock_words, day_words
from intake.domain.scheduling.capacity import Calendar
from intake.domain.scheduling.costs import Charge
from intake.domain.scheduling.levels import NEAR_MINUTES
from intake.domain.scheduling.series_rules import days_words
from intake.domain.scheduling.values import Case, Slot
from intake.domain.scheduling.whys import why_no_sooner, why_not_at, why_this_gap, why_this_weekday


def breakdown_words(charged: Sequence[Charge], slots: Sequence[Slot], case: Case, calendar: Calendar) -> list[str]:
    """One sentence for each compromise, the dearest first."""
    ranked = sorted(charged, key=lambda charge: -charge.points)
    return [
        f"{_WORDS[charge.term](charge, slots, case, calendar)} ({points_words(charge.points)})." for charge in ranked
    ]


def points_words(points: int) -> str:
    """'1 point', '2 points'."""
    return f"{points} point" if points == 1 else f"{points} points"


def moment_words(slot: Slot) -> str:
    """A slot as a person reads it: 'Tue Dec 1, 9:00 am'."""
    return f"{day_words(slot.day)}, {clock_words(slot.start)}"


def _because(text: str, why: str | None, when: str = "") -> str:
    return f"{text}: {why}{when}" if why else text


def _spacing(charge: Charge, slots: Sequence[Slot], case: Case, calendar: Calendar) -> str:
    before, here = slots[charge.number - 2].day, slots[charge.number - 1].day
    points = case.protocol.gap_points
    best = [gap for gap in sorted(points) if points[gap] == min(points.values())]
    between = f"{days_words((here - before).days)} between {day_words(before)} and {day_words(here)}"
    if (here - before).days in best:
        return between
    instead = f"{between} instead of {' or '.join(map(str, best))}"
    return _because(instead, why_this_gap(charge.number, slots, case, calendar))


def _delay(charge: Charge, slots: Sequence[Slot], case: Case, calendar: Calendar) -> str:
    days = (slots[charge.number - 1].day - case.patient.earliest).days
    verb = "Continues" if case.fixed else "Starts"
    text = f"{verb} {days_words(days)} after {day_words(case.patient.earliest)}, the earliest date"
    return _because(text, why_no_sooner(slots, case, calendar))


def _outside_preferred(charge: Charge, slots: Sequence[Slot], case: Case, calendar: Calendar) -> str:
    slot, (first, last) = slots[charge.number - 1], case.patient.preferred or (0, 0)
    text = f"{DAY_NAMES[slot.day.weekday()]}'s infusion ({MONTH_NAMES[slot.day.month - 1]} {slot.day.day})"
    text += f" is at {clock_words(slot.start)} instead of between {clock_words(first)} and {clock_words(last)}"
    when = " before" if slot.start > last else " then"
    return _because(text, why_not_at(charge.number, slot.day, (first, last), case, calendar), when)


def _time_shift(charge: Charge, slots: Sequence[Slot], case: Case, calendar: Calendar) -> str:
    before, here = slots[charge.number - 2], slots[charge.number - 1]
    text = f"{moment_words(here)} is more than an hour off {moment_words(before)}"
    span = (before.start - NEAR_MINUTES, before.start + NEAR_MINUTES)
    return _because(text, why_not_at(charge.number, here.day, span, case, calendar), " nearer to that")


def _weekday_change(charge: Charge, slots: Sequence[Slot], case: Case, calendar: Calendar) -> str:
    earlier = charge.number - case.protocol.per_week
    here, before = (DAY_NAMES[slots[number - 1].day.weekday()] for number in (charge.number, earlier))
    text = f"Infusion {charge.number} is on a {here}, infusion {earlier} on a {before}"
    return _because(text, why_this_weekday(charge.number, slots, case, calendar))


def _sliver(charge: Charge, slots: Sequence[Slot], _: Case, __: Calendar) -> str:
    slot = slots[charge.number - 1]
    return f"{moment_words(slot)} leaves time on chair {slot.chair} that no session can use"


def _protected(charge: Charge, slots: Sequence[Slot], _: Case, __: Calendar) -> str:
    return f"{moment_words(slots[charge.number - 1])} takes a start kept for boosters and urgent visits"


def _moved(charge: Charge, _: Sequence[Slot], case: Case, calendar: Calendar) -> str:
    """`number` is the place in `current`; which infusion it was is not known, so it is judged as a later one."""
    slot = case.current[charge.number].slot
    text = f"Moves the infusion booked for {moment_words(slot)}"
    later = len(case.fixed) + 2
    return _because(text, why_not_at(later, slot.day, (slot.start, slot.start), case, calendar), " then")


_WORDS: Mapping[str, Callable[[Charge, Sequence[Slot], Case, Calendar], str]] = {
    "spacing": _spacing,
    "delay_day": _delay,
    "outside_preferred": _outside_preferred,
    "time_shift": _time_shift,
    "weekday_change": _weekday_change,
    "sliver": _sliver,
    "protected": _protected,
    "moved": _moved,
}
