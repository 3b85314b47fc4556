"""Single visits that lose their place, such as boosters and consultations: where each of them may be placed anew."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from intake.domain import clinic_time
from intake.domain.closings import Closing, ClosingKind, cut_shift, is_touched
from intake.domain.errors import DomainError
from intake.domain.scheduling import values
from intake.domain.scheduling.capacity import Calendar, open_times
from intake.domain.scheduling.replanning import move_points
from intake.domain.scheduling.values import Busy, Case, Current, Slot
from intake.models.appointments import Appointment
from intake.models.orders import Order
from intake.models.sites import Site
from intake.queries import boosters, cases, orders, replanning, schedules, series, visit_times
from intake.queries.replanning import Shared

__all__ = ["DAYS", "Ground", "Taken", "case_of", "time_of"]

DAYS = 7
"""How many days from its date a single visit is placed anew: the soonest after it, else before it."""
NEAR = 60
"""How many minutes from its old hour a new time may lie without a price."""
NO_DAY = "No open day within a week of it will do: find another time by hand."
NO_TIME = "No time within a week of it is free: find another time by hand."


@dataclass(frozen=True, slots=True)
class Taken:
    """A time that was just given to another visit of the same closing, for its patient and who holds it."""

    row: Appointment
    busy: Busy


@dataclass(frozen=True, slots=True)
class Ground:
    """What all single visits of a closing are planned on."""

    site: Site
    closing: Closing | None
    shared: Shared
    today: date
    taken: tuple[Taken, ...] = ()


def case_of(row: Appointment, ground: Ground, patient: values.Patient) -> Case:
    """A single visit with a chair as a series of one for `patient` of `patient_of`, its move priced."""
    session = session_of(row)
    protocol = values.Protocol(
        1, session.minutes, session.turnover_minutes, {1: 0}, 0, 1, 7, 1, watch_profile=session.watch_profile
    )
    slot = schedules.slot_of(row, ground.site)
    current = (Current(slot, move_points(slot.day, ground.today, replanning.prices())),)
    shared = ground.shared
    return Case(shared.site, protocol, patient, shared.bookings, current=current, weights=schedules.weights())


def time_of(row: Appointment, ground: Ground, patient: values.Patient) -> Slot:
    """The time for a visit without a chair that lies nearest to its old one. Raises `DomainError` where none is free.

    It takes nothing that others want but its patient's time and that of who holds it.
    """
    days = [patient.earliest + timedelta(days=ahead) for ahead in range(DAYS + 1)]
    days = [day for day in days if day <= (patient.latest_start or day)]
    found = open_times(Calendar(ground.shared.site), session_of(row), days, patient)
    if not found:
        raise DomainError(NO_TIME)
    was = schedules.slot_of(row, ground.site)
    return min(found, key=lambda slot: (abs((slot.day - was.day).days), abs(slot.start - was.start), slot.start))


def patient_of(row: Appointment, ground: Ground, *, busy: tuple[Busy, ...]) -> values.Patient:
    """When a visit may be: wishes of its series, a booster's window, whoever holds it, and what its patient has.

    `busy` is what the patient has elsewhere. Raises `DomainError` with what stands in the way.
    """
    order = orders.order(row.order_id) if row.order_id else None
    for sentence in series.obstacles(order, [], today=ground.today) if order is not None else ():
        raise DomainError(sentence)
    wished = _wishes(order, ground)
    days = _days(row, order, wished, ground)
    if not days:
        raise DomainError(NO_DAY)
    between = (days[0] + timedelta(days=ahead) for ahead in range((days[-1] - days[0]).days))
    start = schedules.slot_of(row, ground.site).start
    return replace(
        wished,
        earliest=days[0],
        latest_start=days[-1],
        not_after=order.expires_on if order is not None else None,
        unavailable_dates=wished.unavailable_dates | {day for day in between if day not in days},
        preferred=(max(start - NEAR, 0), start + NEAR),
        busy=(*busy, *_taken_from(row, ground), *_holder_busy(row, ground, days)),
    )


def session_of(row: Appointment) -> values.Session:
    """A visit as what is to be placed: as long as it was booked, on a chair if it had one."""
    minutes = int((row.ends_at - row.starts_at).total_seconds() // 60)
    profile = schedules.profile_of(row.watch_profile)
    return values.Session(minutes, row.turnover_minutes, profile, needs_chair=row.chair_id is not None)


def _wishes(order: Order | None, ground: Ground) -> values.Patient:
    """The hours and dates that the patient gave for the series of the order; any hour where none are known."""
    known = series.series_of_order(order.id) if order is not None else None
    if order is None or known is None or not known.wishes.get("available"):
        return cases.at_any_hour(ground.shared.first, needs=cases.needs_of(order))
    now = clinic_time.day_bounds(ground.today, ground.site.timezone)[0]
    return cases.patient_of(order, ground.site, known.wishes, now=now)


def _days(row: Appointment, order: Order | None, wished: values.Patient, ground: Ground) -> list[date]:
    """The dates on which it may be, in order: those from its own on, else those before it."""
    windows = boosters.movable_windows(order, today=ground.today) if order and row.kind == series.BOOSTER else []
    calendar = Calendar(ground.shared.site)

    def is_allowed(day: date) -> bool:
        is_in_time = not windows or any(window.allows(day) for window in windows)
        ends = order.expires_on if order is not None else day
        is_open = bool(calendar.day(day).openings) and day not in wished.unavailable_dates
        return is_in_time and is_open and bool(wished.available.get(day.weekday())) and day <= ends

    around = [row.on_date + timedelta(days=ahead) for ahead in range(-DAYS, DAYS + 1)]
    found = [day for day in around if day >= ground.shared.first and is_allowed(day)]
    return [day for day in found if day >= row.on_date] or found


def _taken_from(row: Appointment, ground: Ground) -> Iterator[Busy]:
    for other in ground.taken:
        is_same_holder = row.provider_id is not None and row.provider_id == other.row.provider_id
        if is_same_holder or row.patient_id == other.row.patient_id:
            yield other.busy


def _holder_busy(row: Appointment, ground: Ground, days: Sequence[date]) -> Iterator[Busy]:
    """When whoever holds the visit has no time after the closing; nothing for a visit that nobody holds."""
    leave, closing = ground.shared.leave, ground.closing
    held = visit_times.attended(session_of(row), row.provider_id, ground.site, days[0], days[-1], leave=leave).attendant
    if held is None:
        return
    yield from held.busy
    if held.shifts is None:
        return
    is_away = closing is not None and closing.kind is ClosingKind.PROVIDER and closing.account_id == row.provider_id
    shifts = list(held.shifts)
    if closing is not None and is_away:
        shifts = [
            piece
            for shift in shifts
            for piece in (cut_shift(shift, closing) if is_touched(shift, closing) else [shift])
        ]
    for day in days:
        yield from _gaps([(shift.start, shift.end) for shift in shifts if shift.is_on(day)], day)


def _gaps(spans: Sequence[values.Span], day: date) -> Iterator[Busy]:
    """The minutes of a date that no span covers."""
    covered = 0
    for start, end in sorted(spans):
        if start > covered:
            yield Busy(day, covered, day, start)
        covered = max(covered, end)
    if covered < clinic_time.MIDNIGHT:
        yield Busy(day, covered, day, clinic_time.MIDNIGHT)
