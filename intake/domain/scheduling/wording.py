"""What a plan compromises on, in sentences for the desk, each with its points."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from intake.domain.clinic_time import DAY_NAMES, MONTH_NAMES, clock_words, day_words
from intake.domain.scheduling.capacity import Calendar, blocked_starts, open_starts
from intake.domain.scheduling.costs import Charge
from intake.domain.scheduling.occupancy import mask
from intake.domain.scheduling.series_rules import days_words
from intake.domain.scheduling.values import Case, Rule, Slot

WHY_NOT: Mapping[Rule, str] = {
    Rule.NOT_AVAILABLE: "the patient cannot come then",
    Rule.DATE_UNAVAILABLE: "the patient cannot come that day",
    Rule.BUSY: "the patient has another appointment then",
    Rule.PICKUP: "nobody can drive home then",
    Rule.CLOSED: "the clinic is not open for it",
    Rule.OFF_GRID: "no session starts between two slots",
    Rule.NO_START: "no session starts then",
    Rule.FIRST_START: "a first infusion does not start then",
    Rule.PROVIDER: "no provider is on site then",
    Rule.MONITORING: "no nurse is free then",
    Rule.STARTS: "other sessions start then",
    Rule.CHAIR_TAKEN: "no chair is free then",
}
"""From what is given to what is scarce; the last rule that closes a range of starts is named."""


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


def why_no_start(number: int, slot: Slot, span: tuple[int, int], case: Case, calendar: Calendar) -> str | None:
    """Why infusion `number` cannot start within a span (both ends in) on the slot's date; None when it can."""
    session = case.protocol.session(number)
    wanted = mask(span[0], span[1] + 1)
    chairs = open_starts(calendar, session, slot.day, case.patient)
    if any(chair.by_holes[0] & wanted for chair in chairs):
        return None
    blocked = blocked_starts(calendar, session, slot.day, case.patient)
    for rule, why in WHY_NOT.items():
        wanted &= ~blocked.get(rule, 0)
        if not wanted:
            return why
    return WHY_NOT[Rule.CHAIR_TAKEN]


def _spacing(charge: Charge, slots: Sequence[Slot], case: Case, _: Calendar) -> str:
    before, here = slots[charge.number - 2].day, slots[charge.number - 1].day
    points = case.protocol.gap_points
    best = [str(gap) for gap in sorted(points) if points[gap] == min(points.values())]
    between = f"{days_words((here - before).days)} between {day_words(before)} and {day_words(here)}"
    return between if (here - before).days in map(int, best) else f"{between} instead of {' or '.join(best)}"


def _delay(charge: Charge, slots: Sequence[Slot], case: Case, _: Calendar) -> str:
    days = (slots[charge.number - 1].day - case.patient.earliest).days
    verb = "Continues" if case.fixed else "Starts"
    return f"{verb} {days_words(days)} after {day_words(case.patient.earliest)}, the earliest date"


def _outside_preferred(charge: Charge, slots: Sequence[Slot], case: Case, calendar: Calendar) -> str:
    slot, (first, last) = slots[charge.number - 1], case.patient.preferred or (0, 0)
    text = f"{DAY_NAMES[slot.day.weekday()]}'s infusion ({MONTH_NAMES[slot.day.month - 1]} {slot.day.day})"
    text += f" is at {clock_words(slot.start)} instead of between {clock_words(first)} and {clock_words(last)}"
    why = why_no_start(charge.number, slot, (first, last), case, calendar)
    return f"{text}: {why}" if why else text


def _time_shift(charge: Charge, slots: Sequence[Slot], _: Case, __: Calendar) -> str:
    before, here = slots[charge.number - 2], slots[charge.number - 1]
    return f"{moment_words(here)} is more than an hour off {moment_words(before)}"


def _weekday_change(charge: Charge, slots: Sequence[Slot], case: Case, _: Calendar) -> str:
    earlier = charge.number - case.protocol.per_week
    here, before = (DAY_NAMES[slots[number - 1].day.weekday()] for number in (charge.number, earlier))
    return f"Infusion {charge.number} is on a {here}, infusion {earlier} on a {before}"


def _sliver(charge: Charge, slots: Sequence[Slot], _: Case, __: Calendar) -> str:
    slot = slots[charge.number - 1]
    return f"{moment_words(slot)} leaves time on chair {slot.chair} that no session can use"


def _protected(charge: Charge, slots: Sequence[Slot], _: Case, __: Calendar) -> str:
    return f"{moment_words(slots[charge.number - 1])} takes a start kept for boosters and urgent visits"


def _moved(charge: Charge, _: Sequence[Slot], case: Case, __: Calendar) -> str:
    return f"Moves the infusion booked for {moment_words(case.current[charge.number].slot)}"


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
