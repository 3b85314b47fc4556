"""Series and boosters of the demo: wishes, planner and booking door, as the desk uses them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from uuid_utils.compat import uuid7

from intake.demo.cast import DENVER, Cast, Office
from intake.demo.packing import FIRST_MINUTES, FRIDAY, table_of
from intake.domain.clinic_time import format_clock
from intake.domain.errors import DomainError
from intake.domain.scheduling.capacity import Calendar, open_times
from intake.domain.scheduling.offers import offers_of
from intake.domain.scheduling.search import solve
from intake.domain.scheduling.values import WEEKDAYS, Slot
from intake.extensions import current_session
from intake.queries import cases, orders, schedules, sites
from intake.services import appointments, series
from intake.services.appointments import NewAppointment

BOOSTER = "booster"
SESSION_MINUTES = 120
NOON = 12 * 60
HALF_DAY = 2
"""On Wednesdays the demo books mornings only, so that next week's half-closed day strands nobody."""
PARTNERS = (3, 3, 0, 0, 1)
"""With which weekday each of Monday to Friday makes two a week."""
STARTS = (540, 780, 855, 600, 645, 810, 585, 720)
"""When boosters of the past started: the places kept for them first. The first two of a day are left to series."""
FULL_DAY = 8
"""So many visits the demo books ahead; the day itself is filled to the number of its table."""

Wishes = dict[str, Any]


def wishes(number: int, first: date, last: date, *, avoid: Iterable[date] = (), is_near: bool = True) -> Wishes:
    """What a person can do and likes: a first infusion between two dates, nothing on the dates to avoid.

    Near today they leave room on the short days: mornings on Wednesdays, the first starts on Fridays.
    """
    week: dict[str, list[list[str]]] = {WEEKDAYS[day]: [["08:45", "17:00"]] for day in range(5)}
    if is_near:
        week |= {WEEKDAYS[HALF_DAY]: [["08:45", format_clock(NOON)]], WEEKDAYS[FRIDAY]: [["08:00", "10:30"]]}
    kept: Wishes = {"earliest": first.isoformat(), "latest_start": last.isoformat(), "available": week}
    kept["unavailable_dates"] = sorted({day.isoformat() for day in avoid})
    if number % 3:
        kept["preferred"] = {"from": "08:00", "to": "11:00"} if number % 3 == 1 else {"from": "12:15", "to": "15:00"}
    if number % 5 == 0:
        kept["pickup"] = {WEEKDAYS[day]: [["10:00", "17:00"]] for day in range(5)}
    if number % 29 == 0:
        kept["needs"] = ["wheelchair"]
    return kept


def began_on(day: date, number: int) -> date:
    """When a series began, twice a week, whose infusion `number` (1, or an even one) falls on this date."""
    if number == 1:
        return day
    return day - timedelta(days=(day.weekday() - PARTNERS[day.weekday()]) % 7 + 7 * (number // 2 - 1))


def wishes_around(day: date, start: int, number: int, *, is_strict: bool) -> Wishes:
    """Wishes of which infusion `number` (1, or an even one) can only fall on this date and start.

    Strict: on the other weekday only that start will do too, so that the days to come keep the shape of a full one.
    """
    first = began_on(day, number).isoformat()
    until = format_clock(start + (FIRST_MINUTES if number == 1 else SESSION_MINUTES))
    here = [[format_clock(start), until]]
    partner = WEEKDAYS[PARTNERS[day.weekday()]]
    available = {partner: here if is_strict else [["08:00", "17:00"]], WEEKDAYS[day.weekday()]: here}
    return {"earliest": first, "latest_start": first, "available": available}


def lay_out(cast: Cast, order_id: UUID, wanted: Wishes, office: Office, *, at: datetime) -> UUID | None:
    """Plan a series for these wishes, keep them, and book the best plan; None, and nothing kept, where none fits."""
    case = cases.series_case(orders.order(order_id), sites.site(office.id), wanted, now=at)
    current_session().rollback()
    slots = solve(case, offers_of(case, Calendar(case.site, case.bookings)))
    if slots is None:
        return None
    series.keep_wishes(order_id, wanted, site_id=office.id, request_key=uuid7(), actor_id=cast.desk_id, now=at)
    return series.book(order_id, slots, request_key=uuid7(), actor_id=cast.desk_id, now=at)


def book_booster(
    cast: Cast, patient_id: UUID, order_id: UUID, office: Office, slot: Slot, *, at: datetime
) -> UUID | None:
    """Book one booster; None where the place or the order does not allow it."""
    wanted = NewAppointment(patient_id, office.id, BOOSTER, slot, order_id, any_day=True)
    try:
        return appointments.book(wanted, request_key=uuid7(), actor_id=cast.desk_id, now=at)
    except DomainError:
        return None


def free_slot(
    office: Office, day: date, *, at: datetime, starts: Sequence[int], most: int = FULL_DAY, any_start: bool = False
) -> Slot | None:
    """A free place for a booster at the first possible of these starts; none on a day with `most` visits."""
    site = sites.site(office.id)
    booked = schedules.bookings_at(site, day, day, now=at)
    calendar = Calendar(schedules.site_rules(site, first=day), booked)
    session = schedules.session_of(sites.session_kind(BOOSTER))
    times = {} if len(booked) >= most else {slot.start: slot for slot in open_times(calendar, session, [day])}
    current_session().rollback()
    wanted = [*starts, *(times if any_start else ())]
    return next((times[start] for start in wanted if start in times), None)


def usual_starts(office: Office, day: date, number: int, *, is_ahead: bool) -> list[int]:
    """When a person likes a booster to start that day.

    In days to come, and at the small site always, only at the starts of a full day: others would leave room for less.
    """
    is_shaped = is_ahead or office.name != DENVER
    starts = [start for start, place in table_of(office, day).items() if place != 1] if is_shaped else list(STARTS)
    turn = number % len(starts)
    turned = [*starts[turn:], *starts[:turn]]
    liked = [*STARTS[:2], *turned] if number % 2 and not is_shaped else turned
    return [start for start in liked if day.weekday() != HALF_DAY or start <= NOON - SESSION_MINUTES]
