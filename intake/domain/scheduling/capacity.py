"""What is free: the one definition, used by search, planning, booking and the pages that say what breaks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from intake.domain.clinic_time import MIDNIGHT, clock_words, day_words, local_day, minutes_of_day, to_utc
from intake.domain.scheduling.occupancy import (
    WHOLE_DAY,
    Day,
    away,
    grid,
    mask,
    phases,
    starts_inside,
    starts_touching,
    union,
)
from intake.domain.scheduling.values import Booking, Busy, Chair, Fault, Patient, Rule, Session, Site, Slot

KIND_WORDS: Mapping[str, str] = {"booster": "boosters", "urgent": "urgent visits", "infusion": "infusions"}
"""Kinds of session as a sentence about protected starts names them."""


class Calendar:
    """A site with its bookings; each day's occupancy is worked out once, when it is first asked for."""

    def __init__(self, site: Site, bookings: Iterable[Booking] = ()) -> None:
        self.site = site
        self.chairs = {chair.name: chair for chair in site.chairs}
        self._bookings: dict[date, list[Booking]] = {}
        for booking in bookings:
            self._bookings.setdefault(booking.day, []).append(booking)
        self._days: dict[date, Day] = {}

    def day(self, day: date) -> Day:
        """The occupancy of one date."""
        if day not in self._days:
            self._days[day] = Day(self.site, day, self._bookings.get(day, ()))
        return self._days[day]


@dataclass(frozen=True, slots=True)
class ChairStarts:
    """The starts at which one chair can take the session, by the number of unusable holes (0, 1, 2) beside it."""

    chair: str
    by_holes: tuple[int, int, int]


def blocked_starts(calendar: Calendar, session: Session, day: date, patient: Patient | None = None) -> dict[Rule, int]:
    """For each rule that does not depend on a chair, the mask of starts that would break it on that date."""
    today, site = calendar.day(day), calendar.site
    blocked = {
        Rule.OFF_GRID: WHOLE_DAY & ~grid(site.slot_minutes),
        Rule.CLOSED: WHOLE_DAY & ~starts_inside(today.openings, session.minutes),
    }
    if session.needs_chair:
        blocked |= _blocked_by_staff(today, session)
    if session.start_range is not None:
        first, last = session.start_range
        blocked[Rule.FIRST_START] = WHOLE_DAY & ~mask(first, last + 1)
    if session.attendant is not None:
        missing = away(session.attendant.shifts, day) | union(_busy_on(session.attendant.busy, day))
        blocked[Rule.ATTENDANT] = starts_touching(missing, 0, session.minutes)
    if patient is not None:
        blocked |= _blocked_by_patient(patient, session, day)
    return blocked


def _blocked_by_staff(today: Day, session: Session) -> dict[Rule, int]:
    """What only a session on a chair has to keep: staff, starts, protected starts."""
    blocked = {
        Rule.NO_START: today.no_start,
        Rule.MONITORING: _unwatched_starts(today, session),
        Rule.STARTS: today.full_starts,
        Rule.PROVIDER: starts_touching(today.provider_away, 0, session.minutes),
    }
    return blocked if session.may_use_protected else blocked | {Rule.PROTECTED: today.protected}


def _unwatched_starts(today: Day, session: Session) -> int:
    unwatched = 0
    for begin, end, units in phases(session.watch_profile, session.minutes):
        unwatched |= starts_touching(today.short_of(units), begin, end)
    return unwatched


def _blocked_by_patient(patient: Patient, session: Session, day: date) -> dict[Rule, int]:
    """Rule 5: the patient's hours, dates and other appointments, and who drives home."""
    weekday, length = day.weekday(), session.minutes
    blocked = {
        Rule.NOT_AVAILABLE: WHOLE_DAY & ~starts_inside(patient.available.get(weekday, ()), length),
        Rule.DATE_UNAVAILABLE: WHOLE_DAY if day in patient.unavailable_dates else 0,
        Rule.BUSY: starts_touching(union(_busy_on(patient.busy, day)), 0, length),
    }
    if patient.pickup is not None:
        fetched = union((start - length, end - length + 1) for start, end in patient.pickup.get(weekday, ()))
        blocked[Rule.PICKUP] = WHOLE_DAY & ~fetched
    return blocked


def _busy_on(taken: Iterable[Busy], day: date) -> Iterator[tuple[int, int]]:
    for busy in taken:
        if busy.start_day <= day <= busy.end_day:
            yield busy.start if busy.start_day == day else 0, busy.end if busy.end_day == day else MIDNIGHT


def blocked_on_chair(calendar: Calendar, session: Session, slot: Slot, patient: Patient | None) -> dict[Rule, int]:
    """For each rule about the slot's chair, the mask of starts that would break it on the slot's date."""
    if not session.needs_chair and not slot.chair:
        return {}
    chair = calendar.chairs.get(slot.chair)
    if chair is None:
        return {Rule.CHAIR_UNKNOWN: WHOLE_DAY}
    held = calendar.day(slot.day).held(chair.name)
    return {
        Rule.CHAIR_FEATURE: 0 if _fits(chair, patient) else WHOLE_DAY,
        Rule.CHAIR_TAKEN: starts_touching(held, 0, session.minutes + session.turnover_minutes),
    }


def _fits(chair: Chair, patient: Patient | None) -> bool:
    return patient is None or patient.needs <= chair.features


def reasons_against(slot: Slot, session: Session, calendar: Calendar, patient: Patient | None = None) -> list[Fault]:
    """Every rule (1 to 6 of a planning case) that a session would break at `slot`; none: it may be booked.

    Without a patient the patient's own rules (5, and needed features) are left out.
    """
    if not 0 <= slot.start < MIDNIGHT:
        return [Fault(Rule.OFF_GRID, "A session starts within its day.")]
    blocked = blocked_starts(calendar, session, slot.day, patient)
    blocked |= blocked_on_chair(calendar, session, slot, patient)
    broken = [rule for rule, starts in blocked.items() if starts >> slot.start & 1]
    return [Fault(rule, _sentence(rule, slot, session, calendar)) for rule in broken]


def open_starts(
    calendar: Calendar, session: Session, day: date, patient: Patient | None = None, *, usable_minutes: int = 0
) -> list[ChairStarts]:
    """The legal starts of a date on each fitting chair, in the site's order; without a name where none is needed.

    Holes are idle times above 0 and below `usable_minutes`; with 0 none is counted.
    """
    today = calendar.day(day)
    if not today.openings:
        return []
    free = WHOLE_DAY
    for starts in blocked_starts(calendar, session, day, patient).values():
        free &= ~starts
    if not session.needs_chair:
        return [ChairStarts("", (free, 0, 0))] if free else []
    found = []
    for chair in calendar.site.chairs if free else ():
        held = today.held(chair.name)
        legal = free & ~starts_touching(held, 0, session.minutes + session.turnover_minutes)
        if legal and _fits(chair, patient):
            before, after = _hole_starts(today, chair.name, session, usable_minutes)
            by_holes = (legal & ~(before | after), legal & (before ^ after), legal & before & after)
            found.append(ChairStarts(chair.name, by_holes))
    return found


def _hole_starts(today: Day, chair: str, session: Session, usable: int) -> tuple[int, int]:
    """The starts that leave an unusable hole before the session, and those that leave one after it."""
    before = after = 0
    held = session.minutes + session.turnover_minutes
    for free_from, until in today.idle(chair) if usable > 1 else ():
        here = mask(free_from, until - session.minutes + 1)
        before |= here & mask(free_from + 1, free_from + usable)
        after |= here & mask(until - held - usable + 1, until - held)
    return before, after


def holes_beside(slot: Slot, session: Session, calendar: Calendar, usable_minutes: int) -> int:
    """How many unusable holes (0, 1 or 2) a session at a legal `slot` leaves beside it on its chair.

    A hole is idle time on the chair above 0 and below `usable_minutes`, between the session with its turnover and
    the next booking, opening or closing.
    """
    before, after = _hole_starts(calendar.day(slot.day), slot.chair, session, usable_minutes)
    return (before >> slot.start & 1) + (after >> slot.start & 1)


def protection_words(slot: Slot, site: Site) -> str:
    """Whom a protected start is kept for and until when: "boosters and urgent visits until Mon Nov 30, 9:00 am"."""
    if site.release is None:
        return "boosters and urgent visits"
    whom = listed([KIND_WORDS.get(kind, kind.replace("-", " ")) for kind in site.release.kinds])
    start = to_utc(slot.day, slot.start, site.timezone) - timedelta(hours=site.release.hours)
    ends = f"{day_words(local_day(start, site.timezone))}, {clock_words(minutes_of_day(start, site.timezone))}"
    return f"{whom} until {ends}"


def is_protected(slot: Slot, calendar: Calendar) -> bool:
    """Whether a start is kept for those named by the site's release, and not released yet."""
    return bool(calendar.day(slot.day).protected >> slot.start & 1)


def listed(words: Sequence[str]) -> str:
    """Words as a sentence names them: "boosters and urgent visits"; "nobody" for none."""
    *rest, last = words or ["nobody"]
    return f"{', '.join(rest)} and {last}" if rest else last


def best_chairs(found: Iterable[ChairStarts]) -> Iterator[tuple[int, str, int]]:
    """For each start the chair with the fewest holes, the first of them by the site's order: (holes, chair, starts)."""
    found, taken = list(found), 0
    for holes in range(3):
        for chair_starts in found:
            starts = chair_starts.by_holes[holes] & ~taken
            if starts:
                taken |= starts
                yield holes, chair_starts.chair, starts


def minutes_in(starts: int) -> Iterator[int]:
    """The minutes whose bits are set, in rising order."""
    while starts:
        lowest = starts & -starts
        yield lowest.bit_length() - 1
        starts ^= lowest


def candidates(
    calendar: Calendar, session: Session, days: Iterable[date], patient: Patient | None = None
) -> list[Slot]:
    """Every legal slot of those days, ordered by date, start and the site's order of chairs."""
    found = []
    for day in days:
        chairs = open_starts(calendar, session, day, patient)
        starts = [(minute, place) for place, chair in enumerate(chairs) for minute in minutes_in(chair.by_holes[0])]
        found += [Slot(day, minute, chairs[place].chair) for minute, place in sorted(starts)]
    return found


def open_times(
    calendar: Calendar, session: Session, days: Iterable[date], patient: Patient | None = None
) -> list[Slot]:
    """Each (day, start) at which the session can be booked, once, on the chair that it fragments least.

    For one session of any kind: moving one infusion, a booster, a consultation. Ordered by date and start.
    """
    found = []
    for day in days:
        chairs = open_starts(calendar, session, day, patient, usable_minutes=session.minutes)
        starts = {minute: chair for _, chair, mask_ in best_chairs(chairs) for minute in minutes_in(mask_)}
        found += [Slot(day, minute, starts[minute]) for minute in sorted(starts)]
    return found


def _sentence(rule: Rule, slot: Slot, session: Session, calendar: Calendar) -> str:
    start, end = clock_words(slot.start), clock_words(slot.start + session.minutes)
    first, last = session.start_range or (0, 0)
    if rule is Rule.PROTECTED:
        return f"{start} on {day_words(slot.day)} is kept for {protection_words(slot, calendar.site)}."
    words: Mapping[Rule, str] = {
        Rule.OFF_GRID: f"Sessions here start every {calendar.site.slot_minutes} minutes; {start} lies between two.",
        Rule.CLOSED: f"The clinic is not open from {start} to {end} on {day_words(slot.day)}.",
        Rule.NO_START: f"No session starts at {start} on {day_words(slot.day)}.",
        Rule.FIRST_START: f"It has to start between {clock_words(first)} and {clock_words(last)}.",
        Rule.CHAIR_UNKNOWN: f"This site has no chair {slot.chair}.",
        Rule.CHAIR_FEATURE: f"Chair {slot.chair} does not have what the patient needs.",
        Rule.CHAIR_TAKEN: f"Chair {slot.chair} is taken for part of {start} to {end} on {day_words(slot.day)}.",
        Rule.MONITORING: f"Not enough staff are free to watch from {start} to {end} on {day_words(slot.day)}.",
        Rule.STARTS: f"No more sessions can start at {start} on {day_words(slot.day)}.",
        Rule.NOT_AVAILABLE: f"The patient cannot be here from {start} to {end} on {day_words(slot.day)}.",
        Rule.DATE_UNAVAILABLE: f"The patient cannot come on {day_words(slot.day)}.",
        Rule.PICKUP: f"Nobody can drive the patient home at {end} on {day_words(slot.day)}.",
        Rule.BUSY: f"The patient has another appointment on {day_words(slot.day)} at that time.",
        Rule.PROVIDER: f"No provider is on site for all of {start} to {end} on {day_words(slot.day)}.",
        Rule.ATTENDANT: f"The provider is not free from {start} to {end} on {day_words(slot.day)}.",
    }
    return words[rule]
