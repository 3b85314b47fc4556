"""Why an infusion is not somewhere better: what stands in the way there, by the rules of `capacity`.

Nothing is said where nothing stands in the way: then the better place would cost more elsewhere in the series.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta

from intake.domain.clinic_time import MIDNIGHT, day_words
from intake.domain.scheduling.capacity import Calendar, blocked_starts, open_starts
from intake.domain.scheduling.occupancy import mask
from intake.domain.scheduling.values import Case, Rule, Slot, Span

MOST_DAYS = 7
"""Of more dates than these nothing is said: nobody would read it."""
ALL_DAY = (0, MIDNIGHT)

WHY_NOT: Mapping[Rule, str] = {
    Rule.CLOSED: "the clinic is not open for it",
    Rule.OFF_GRID: "no session starts between two slots",
    Rule.NOT_AVAILABLE: "the patient cannot come",
    Rule.DATE_UNAVAILABLE: "the patient is away",
    Rule.BUSY: "the patient has another appointment",
    Rule.PICKUP: "nobody can drive home",
    Rule.NO_START: "no session starts",
    Rule.FIRST_START: "a first infusion does not start",
    Rule.PROVIDER: "the provider is away",
    Rule.MONITORING: "no nurse is free to watch",
    Rule.STARTS: "other sessions start",
    Rule.CHAIR_FEATURE: "no chair has what the patient needs",
    Rule.CHAIR_TAKEN: "no chair is free",
}
"""From what is given to what is scarce; the last rule that closes a range of starts is named."""


def why_not_at(number: int, day: date, span: Span, case: Case, calendar: Calendar) -> str | None:
    """Why infusion `number` cannot start within a span (both ends in) on a date; None when it can."""
    session = case.protocol.session(number)
    wanted = mask(span[0], span[1] + 1)
    chairs = open_starts(calendar, session, day, case.patient)
    if any(chair.by_holes[0] & wanted for chair in chairs):
        return None
    blocked = blocked_starts(calendar, session, day, case.patient)
    for rule, why in WHY_NOT.items():
        wanted &= ~blocked.get(rule, 0)
        if not wanted:
            return why
    fits = any(case.patient.needs <= chair.features for chair in case.site.chairs)
    return WHY_NOT[Rule.CHAIR_TAKEN if fits else Rule.CHAIR_FEATURE]


def why_not_on(number: int, days: Iterable[date], case: Case, calendar: Calendar) -> str | None:
    """Why infusion `number` is on none of some dates: "no chair is free (Mon Mar 1), the patient is away (…)".

    None when one of them would do, or there is none.
    """
    days = list(days)
    if not days or len(days) > MOST_DAYS or number in case.pinned:
        return None
    blocked: dict[str, list[str]] = {}
    for day in days:
        why = _why_not_on(number, day, case, calendar)
        if why is None:
            return None
        blocked.setdefault(why, []).append(day_words(day))
    return ", ".join(f"{why} ({', '.join(on)})" for why, on in blocked.items())


def _why_not_on(number: int, day: date, case: Case, calendar: Calendar) -> str | None:
    limit = case.patient.not_after
    if limit is not None and day > limit:
        return "the order has ended"
    return why_not_at(number, day, ALL_DAY, case, calendar)


def why_no_sooner(slots: Sequence[Slot], case: Case, calendar: Calendar) -> str | None:
    """Why the first new infusion is on no sooner date."""
    number, day = len(case.fixed) + 1, slots[len(case.fixed)].day
    sooner = [case.patient.earliest + timedelta(days=n) for n in range((day - case.patient.earliest).days)]
    if case.fixed:
        gaps = case.protocol.gap_points
        sooner = [before for before in sooner if (before - case.fixed[-1].day).days in gaps]
    return why_not_on(number, sooner, case, calendar)


def why_this_gap(number: int, slots: Sequence[Slot], case: Case, calendar: Calendar) -> str | None:
    """Why infusion `number` keeps no gap of fewer points from the one before."""
    points, before = case.protocol.gap_points, slots[number - 2].day
    here = points.get((slots[number - 1].day - before).days, 0)
    better = sorted(gap for gap in points if points[gap] < here)
    days = [before + timedelta(days=gap) for gap in better]
    return why_not_on(number, [day for day in days if day >= case.patient.earliest], case, calendar)


def why_this_weekday(number: int, slots: Sequence[Slot], case: Case, calendar: Calendar) -> str | None:
    """Why infusion `number` is not on the weekday that the rhythm asks for, within the allowed gaps."""
    weekday = slots[number - 1 - case.protocol.per_week].day.weekday()
    days = [slots[number - 2].day + timedelta(days=gap) for gap in sorted(case.protocol.gap_points)]
    fitting = [day for day in days if day.weekday() == weekday and day >= case.patient.earliest]
    return why_not_on(number, fitting, case, calendar)
