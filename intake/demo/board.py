"""The day on the board, and the weeks after it: nine visits today at Denver, boosters booked for those who are due."""

from __future__ import annotations

from contextlib import suppress
from datetime import date, datetime, timedelta

from intake.demo import paths, rows, treatment
from intake.demo.cast import Cast, Office
from intake.demo.packing import Packing, Place, Table, table_of
from intake.demo.rows import OnBoosters
from intake.domain.errors import DomainError
from intake.domain.scheduling.values import Slot
from intake.domain.statuses import Status
from intake.extensions import current_session
from intake.queries import schedules, sites
from intake.services import appointments
from intake.services.appointment_steps import Seen

EITHER = 2
"""Which infusion somebody new gets where a booster is meant; the fourth or sixth will do as well."""
MOVED = "patient-asked"
TRIES = 3
"""Looks at each place: a series cannot always be laid around it, and somebody new is booked at the next look only."""
INTERVAL_DAYS, EARLY_DAYS = 28, 7
MOST_BOOSTERS = 6
AHEAD_DAYS = 14
LEFT_WAITING = 6
"""One of so many who are due stays for the desk to call."""


def board_day(cast: Cast, office: Office) -> date:
    """The day that the board opens on."""
    day = schedules.board_day(sites.site(office.id), cast.now)
    current_session().rollback()
    return day


def lay(cast: Cast, office: Office, day: date, newcomers: int, *, extra: int) -> int:
    """Fill a site's day up to the number of its table, whatever is booked there; returns how many came into series.

    First the series of the table take up to `newcomers` people, then whoever is due has a booster; where nobody is,
    one of the coming week is brought forward, or up to `extra` people more come whose series is just behind them.
    """
    began, table = 0, table_of(office, day)
    for _ in range(TRIES * len(table)):
        place = _next_place(office, day, table, at=_the_day_before(cast, office, day))
        if place is None:
            break
        if place.number and began < newcomers:
            began += 1
            if paths.into_series_at(cast, office, day, place.slot.start, place.number):
                continue
        if _give_booster(cast, office, place.slot) or _bring_forward(cast, office, place.slot):
            continue
        extra -= 1
        if extra < 0 or not _newcomer(cast, office, place):
            break
    return began


def fill_ahead(cast: Cast, office: Office, day: date) -> int:
    """Book the boosters that fall due within two weeks after the board's day; returns how many."""
    until, count = day + timedelta(days=AHEAD_DAYS), 0
    for one in rows.on_boosters(office.id, until):
        target = max(one.last_on + timedelta(days=INTERVAL_DAYS), day + timedelta(days=1))
        if one.given < MOST_BOOSTERS and target <= until and one.patient_id.int % LEFT_WAITING:
            count += paths.booster_near(cast, one.patient_id, one.order_id, office, target) is not None
    return count


def _next_place(office: Office, day: date, table: Table, *, at: datetime) -> Place | None:
    """Where the next one goes so that the day can still be filled; none when as many came, come or were expected.

    What was cancelled does not count.
    """
    there = len([one for one in rows.on_day(office.id, day) if one.status is not Status.CANCELLED])
    if there >= len(table):
        return None
    site, session = sites.site(office.id), schedules.session_of(sites.session_kind(rows.BOOSTER))
    packing = Packing(schedules.site_rules(site, first=day), day, session, table, len(table) - there)
    packing.look(schedules.bookings_at(site, day, day, now=at))
    current_session().rollback()
    return packing.found[0] if packing.found else None


def _give_booster(cast: Cast, office: Office, slot: Slot) -> bool:
    """Book somebody who may have a booster that day; whether anybody may."""
    at = _the_day_before(cast, office, slot.day)
    may = (one for one in rows.on_boosters(office.id, slot.day) if _is_due(one, slot.day))
    return any(treatment.book_booster(cast, one.patient_id, one.order_id, office, slot, at=at) for one in may)


def _newcomer(cast: Cast, office: Office, place: Place) -> bool:
    """Somebody whose booster is due then, or whose series can be laid around this place; whether either fitted."""
    day, start = place.slot.day, place.slot.start
    if paths.due_for_booster(cast, office, day):
        return True
    return paths.into_series_at(cast, office, day, start, place.number or EITHER)


def _bring_forward(cast: Cast, office: Office, slot: Slot) -> bool:
    """Move a booster of the coming week to this place; four weeks less one after the last infusion is soon enough."""
    at = _the_day_before(cast, office, slot.day)
    for visit in rows.boosters_ahead(office.id, slot.day, slot.day + timedelta(days=EARLY_DAYS)):
        seen = Seen(visit.version, visit.status)
        with suppress(DomainError):
            appointments.move(visit.id, slot, seen=seen, reason=MOVED, actor_id=cast.desk_id, now=at)
            return True
    return False


def _the_day_before(cast: Cast, office: Office, day: date) -> datetime:
    return cast.past(office.at(day - timedelta(days=1), 960))


def _is_due(one: OnBoosters, day: date) -> bool:
    soonest = one.last_on + timedelta(days=INTERVAL_DAYS - EARLY_DAYS)
    return one.given < MOST_BOOSTERS and soonest <= day
