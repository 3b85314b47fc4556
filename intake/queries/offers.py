"""Free times for one infusion that is to move, or for a booster: the best first, each with what it does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from intake.domain import clinic_time
from intake.domain.scheduling import values
from intake.domain.scheduling.boosters import DueWindow
from intake.domain.scheduling.capacity import Calendar, open_times, reasons_against
from intake.domain.scheduling.replanning import faults_over_pauses
from intake.domain.scheduling.values import Fault, Rule, Slot
from intake.domain.statuses import LIVE, Status
from intake.models.appointments import Appointment
from intake.models.orders import Order
from intake.models.series import Series
from intake.models.sites import Site
from intake.queries import cases, schedules, series, sites, visit_times
from intake.queries.schedules import Leave

AROUND_DAYS = 14
OVERDUE_DAYS = 14  # how far ahead an overdue booster is looked for
PER_DAY = 2  # times of one date at least, more where few dates are left
IN_ALL = 12
APART = 30
MOST = 16
BOOSTER_PER_DAY = 3
SPREAD = 120
AMPLE = 1_000  # watch units and starts, where their limits do not count


@dataclass(frozen=True, slots=True)
class Offer:
    """A free time, what it breaks in the series, and whether it lies within the hours that the patient gave."""

    slot: Slot
    faults: tuple[Fault, ...]
    is_wished: bool


@dataclass(frozen=True, slots=True)
class _Search:
    """Where another time for an appointment is looked for."""

    row: Appointment
    order: Order | None
    site: Site
    others: list[Appointment]
    days: list[date]
    leave: Leave
    calendar: Calendar
    session: values.Session
    patient: values.Patient


def times_for(row: Appointment, order: Order | None, *, now: datetime) -> list[Offer]:
    """Up to 16 other free times for an appointment: legal and wished ones first, then the nearest dates."""
    search = _search(row, order, now)
    return _offered(search, search.calendar, frozenset(), now) if search else []


def times_over(row: Appointment, order: Order | None, *, now: datetime) -> list[Offer]:
    """The same for times that only pass the limits of watch units or starts; nobody is offered an unwatched one."""
    search = _search(row, order, now)
    if search is None:
        return []
    site, days = search.calendar.site, search.days
    watched = tuple(
        replace(shift, capacity=shift.capacity + AMPLE if shift.capacity else 0) for shift in site.monitoring
    )
    ample = replace(site, monitoring=watched, starts_per_slot=site.starts_per_slot + AMPLE)
    taken = schedules.bookings_at(search.site, days[0], days[-1], now=now, leave=search.leave)
    free = frozenset((one.day, one.start) for one in open_times(search.calendar, search.session, days, search.patient))
    return _offered(search, Calendar(ample, taken), free, now)


def _search(row: Appointment, order: Order | None, now: datetime) -> _Search | None:
    site, others = sites.site(row.site_id), _others(row)
    days = _days(row, others, order, site, now)
    if not days:
        return None
    leave = Leave(appointment_ids=frozenset({row.id}))
    calendar = schedules.calendar_of(site, days[0], days[-1], now=now, leave=leave)
    session = visit_times.attended(_session(row, order), row.provider_id, site, days[0], days[-1], leave=leave)
    busy = schedules.busy_of(row.patient_id, site.timezone, days[0], days[-1], now=now, leave=leave)
    patient = cases.at_any_hour(days[0], needs=cases.needs_of(order), busy=busy)
    return _Search(row, order, site, others, days, leave, calendar, session, patient)


def _offered(search: _Search, calendar: Calendar, but: frozenset[tuple[date, int]], now: datetime) -> list[Offer]:
    """The best of what a calendar has free, with all that each time breaks in the series and on the real calendar."""
    row, order, site, session = search.row, search.order, search.site, search.session
    wished = _wished(row, order, site, calendar, session, search.days, search.patient, now)
    free = [slot for slot in open_times(calendar, session, search.days, search.patient) if _instant(slot, site) > now]
    offers = []
    for slot in free:
        if (slot.day, slot.start) not in but:
            faults = _faults(slot, row, search.others, order)
            if but:
                faults += tuple(reasons_against(slot, session, search.calendar, search.patient))
            offers.append(Offer(slot, faults, (slot.day, slot.start) in wished))
    return _ranked(offers, row, clinic_time.minutes_of_day(row.starts_at, site.timezone), len(search.days))


def booster_times(order: Order, window: DueWindow, *, now: datetime) -> list[Offer]:
    """Up to 16 free times for the booster of a due window: wished ones first, then those nearest to its best day."""
    known = series.proposed_of(order.id)
    site = sites.site(known.site_id)
    days = _window_days(window, order, clinic_time.local_day(now, site.timezone))
    if not days:
        return []
    calendar = schedules.calendar_of(site, days[0], days[-1], now=now)
    session = schedules.session_of(sites.session_kind(series.BOOSTER))
    busy = schedules.busy_of(order.patient_id, site.timezone, days[0], days[-1], now=now)
    anytime = cases.at_any_hour(days[0], needs=cases.needs_of(order), busy=busy)
    wishes = cases.patient_of(order, site, known.wishes, now=now) if known.wishes.get("available") else anytime
    wished = {(one.day, one.start) for one in open_times(calendar, session, days, replace(wishes, busy=busy))}
    free = [slot for slot in open_times(calendar, session, days, anytime) if _instant(slot, site) > now]
    offers = [Offer(slot, (), (slot.day, slot.start) in wished) for slot in free]
    return _nearest(offers, max(window.target, days[0]))


def _window_days(window: DueWindow, order: Order, today: date) -> list[date]:
    first = max(window.earliest, today)
    last = min(max(window.latest, first + timedelta(days=OVERDUE_DAYS)), order.expires_on)
    days = [first + timedelta(days=ahead) for ahead in range((last - first).days + 1)]
    return [day for day in days if window.allows(day)]


def _nearest(offers: Sequence[Offer], best: date) -> list[Offer]:
    """A few of each date, spread over it, and of those the wished ones and the dates nearest to the best first."""
    kept: dict[date, list[Offer]] = {}
    for one in sorted(offers, key=lambda one: (not one.is_wished, one.slot.start)):
        known = kept.setdefault(one.slot.day, [])
        if len(known) < BOOSTER_PER_DAY and all(abs(one.slot.start - other.slot.start) >= SPREAD for other in known):
            known.append(one)
    found = [one for known in kept.values() for one in known]
    return sorted(found, key=lambda one: (not one.is_wished, abs((one.slot.day - best).days), one.slot.start))[:MOST]


def _ranked(offers: Sequence[Offer], row: Appointment, start: int, days: int) -> list[Offer]:
    """The nearest hours of each date, half an hour apart at least, and of those the best dates."""
    most = max(PER_DAY, IN_ALL // days)
    kept: dict[date, list[Offer]] = {}
    for one in sorted(offers, key=lambda one: (not one.is_wished, abs(one.slot.start - start))):
        known = kept.setdefault(one.slot.day, [])
        is_apart = all(abs(one.slot.start - other.slot.start) >= APART for other in known)
        if is_apart and len(known) < most and (one.slot.day, one.slot.start) != (row.on_date, start):
            known.append(one)
    found = [one for known in kept.values() for one in known]
    return sorted(found, key=lambda one: _distance(one, row))[:MOST]


def _distance(one: Offer, row: Appointment) -> tuple[int, bool, int, int]:
    return len(one.faults), not one.is_wished, abs((one.slot.day - row.on_date).days), one.slot.start


def _others(row: Appointment) -> list[Appointment]:
    """The other live infusions of the series, by number."""
    if row.series_id is None:
        return []
    return [one for one in series.infusions_of(row.series_id) if one.status in LIVE and one.number != row.number]


def _days(
    row: Appointment, others: Sequence[Appointment], order: Order | None, site: Site, now: datetime
) -> list[date]:
    """Between the infusion before and the one behind, never closer than the shortest gap; else two weeks around.

    A booster stays in its due window.
    """
    today, number = clinic_time.local_day(now, site.timezone), row.number or 0
    window = series.next_booster(order, today=today) if order is not None and row.kind == series.BOOSTER else None
    if window is not None and order is not None:
        return _window_days(window, order, today)
    gap = timedelta(days=1 if order is None else min(schedules.protocol_of(order).gap_points))
    before = [one.on_date + gap for one in others if (one.number or 0) < number]
    behind = [one.on_date - gap for one in others if (one.number or 0) > number]
    middle = max(row.on_date, today)
    first = max([today, *before] if before else [today, middle - timedelta(days=AROUND_DAYS)])
    last = min([middle + timedelta(days=AROUND_DAYS), *behind])
    if order is not None:
        last = min(last, order.expires_on)
    return [first + timedelta(days=ahead) for ahead in range((last - first).days + 1)]


def _session(row: Appointment, order: Order | None) -> values.Session:
    minutes = int((row.ends_at - row.starts_at).total_seconds() // 60)
    profile = schedules.profile_of(row.watch_profile)
    session = values.Session(minutes, row.turnover_minutes, profile, needs_chair=row.chair_id is not None)
    if order is None or row.number is None:
        return session
    return replace(session, start_range=schedules.protocol_of(order).session(row.number).start_range)


def _faults(slot: Slot, row: Appointment, others: Sequence[Appointment], order: Order | None) -> tuple[Fault, ...]:
    """What the series breaks with the infusion on that date; that some are missing is said elsewhere."""
    if order is None or row.number is None:
        return ()
    dated = sorted([(one.number or 0, one.on_date) for one in others] + [(row.number, slot.day)])
    done = sum(one.status is Status.FULFILLED for one in others)
    numbers, dates = [number for number, _ in dated], [day for _, day in dated]
    protocol, restarts = schedules.protocol_of(order), schedules.restarts_of(order)
    found = faults_over_pauses(dates, protocol, restarts, done=done, numbers=numbers)
    return tuple(fault for fault in found if fault.rule is not Rule.COUNT)


def _wished(
    row: Appointment,
    order: Order | None,
    site: Site,
    calendar: Calendar,
    session: values.Session,
    days: Sequence[date],
    patient: values.Patient,
    now: datetime,
) -> frozenset[tuple[date, int]]:
    """The free times within what the patient said; all of them where nothing was said."""
    known: Series | None = series.series(row.series_id) if row.series_id else None
    if known is None or order is None or not known.wishes.get("available"):
        return frozenset((slot.day, slot.start) for slot in open_times(calendar, session, days, patient))
    wishes = replace(cases.patient_of(order, site, known.wishes, now=now), busy=patient.busy)
    return frozenset((slot.day, slot.start) for slot in open_times(calendar, session, days, wishes))


def _instant(slot: Slot, site: Site) -> datetime:
    return clinic_time.to_utc(slot.day, slot.start, site.timezone)
