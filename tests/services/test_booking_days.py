"""Every time that is offered can be booked while nothing else happens: on any day, over clock changes, at midnight."""

from datetime import UTC, date, datetime, timedelta
from itertools import count

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select
from uuid_utils.compat import uuid7

from intake.domain import clinic_time
from intake.domain.scheduling.capacity import open_times
from intake.domain.scheduling.planning import Plan
from intake.domain.statuses import Status
from intake.extensions import db, transaction
from intake.models.appointments import Appointment
from intake.models.sites import Opening, Shift
from intake.queries import cases, schedules, sites
from intake.services import appointments, attendance, series
from intake.services.appointment_steps import Seen
from intake.services.appointments import NewAppointment
from tests import factories
from tests.services.bookings import an_order_to_book, check_tables, the_kind

ZONES = ("America/Denver", "America/Santiago", "Australia/Lord_Howe", "Europe/Berlin", "Asia/Kolkata")
ODD_DAYS = (
    date(2027, 3, 14),  # Denver goes forward
    date(2027, 11, 7),  # and back
    date(2027, 9, 4),  # Santiago has no midnight behind this day
    date(2027, 4, 3),  # and the last hour of this one twice
    date(2027, 10, 3),  # Lord Howe goes forward by half an hour
    date(2027, 3, 28),  # Berlin goes forward
    date(2027, 10, 31),
    date(2026, 12, 31),
    date(2027, 1, 1),
    date(2028, 2, 29),
)
ALL_DAY, BY_DAY, TILL_MIDNIGHT = (0, 1440), (480, 1020), (1200, 1440)
_number = count(1)

days = st.sampled_from(ODD_DAYS) | st.dates(date(2026, 12, 2), date(2028, 12, 31))
hours = st.sampled_from((ALL_DAY, BY_DAY, TILL_MIDNIGHT))
lengths = st.tuples(st.sampled_from((15, 60, 150)), st.sampled_from((0, 15, 20)))


def a_site(zone, hours):
    """Open every day of the week."""
    site_id = factories.a_site(timezone=zone, chairs=2, watch_units=3, starts_per_slot=1)
    with transaction() as session:
        session.execute(delete(Opening).where(Opening.site_id == site_id))
        session.execute(delete(Shift).where(Shift.site_id == site_id))
        for weekday in range(7):
            session.add(Opening(site_id=site_id, weekday=weekday, opens=hours[0], closes=hours[1]))
            session.add(Shift(site_id=site_id, kind="monitoring", weekday=weekday, starts=0, ends=1440, capacity=3))
    return site_id


def offered(site_id, patient_id, kind, day, now):
    """What search says is free for a patient on a day."""
    db.session.rollback()
    site = sites.site(site_id)
    calendar = schedules.calendar_of(site, day, day, now=now)
    busy = schedules.busy_of(patient_id, site.timezone, day, day, now=now)
    session = schedules.session_of(sites.session_kind(kind))
    found = open_times(calendar, session, [day], cases.at_any_hour(day, busy=busy))
    db.session.rollback()
    return found


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck), database=None)
@given(days, st.sampled_from(ZONES), hours, lengths, st.integers(0, 99))
@example(date(2027, 9, 4), "America/Santiago", TILL_MIDNIGHT, (60, 0), 50)
@example(date(2027, 4, 3), "America/Santiago", TILL_MIDNIGHT, (60, 15), 50)
@example(date(2027, 3, 14), "America/Denver", ALL_DAY, (150, 20), 10)
@example(date(2027, 11, 7), "America/Denver", ALL_DAY, (15, 0), 5)
@example(date(2027, 10, 3), "Australia/Lord_Howe", ALL_DAY, (60, 15), 8)
@example(date(2026, 12, 31), "Europe/Berlin", TILL_MIDNIGHT, (60, 20), 70)
def test_every_offered_time_can_be_booked(day, zone, hours, length, share):
    site_id, desk, kind = a_site(zone, hours), factories.a_desk(), f"visit-{next(_number)}"
    the_kind(kind, minutes=length[0])
    now = clinic_time.day_bounds(day, zone)[0] - timedelta(hours=1)
    for _ in range(2):
        patient_id = factories.a_patient(site_id, with_account=False)
        found = offered(site_id, patient_id, kind, day, now)
        places = sorted({0, len(found) - 1, len(found) * share // 100}) if found else []
        for place in places:
            wanted = NewAppointment(patient_id, site_id, kind, found[place])
            key = appointments.book(wanted, request_key=uuid7(), actor_id=desk, now=now)
            row = db.session.get_one(Appointment, key)
            assert row.ends_at - row.starts_at == timedelta(minutes=length[0])
            assert clinic_time.minutes_of_day(row.starts_at, zone) == found[place].start
            check_tables()
            give_up(key, 1, desk, now)
            attendance.undo(key, seen=Seen(2, Status.CANCELLED), actor_id=desk, now=now)
            if place != places[-1]:
                give_up(key, 3, desk, now)
    check_tables()


def give_up(key, version, desk, now):
    """Cancel what is booked."""
    attendance.mark(key, Status.CANCELLED, seen=Seen(version, Status.BOOKED), actor_id=desk, now=now, reason="ill")


@pytest.mark.parametrize(
    ("zone", "now"),
    [
        ("America/Denver", datetime(2027, 3, 1, 17, tzinfo=UTC)),  # clocks go forward on Mar 14
        ("America/Denver", datetime(2027, 10, 25, 17, tzinfo=UTC)),  # and back on Nov 7
        ("America/Denver", datetime(2026, 12, 22, 17, tzinfo=UTC)),  # over the year's end
        ("America/Santiago", datetime(2027, 8, 24, 17, tzinfo=UTC)),
    ],
)
def test_a_plan_over_a_clock_change_or_the_years_end_is_held_and_booked_as_shown(zone, now):
    site_id, desk = a_site(zone, ALL_DAY), factories.a_desk()
    week = {day: [["00:00", "24:00"]] for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")}
    wishes = {"available": week, "preferred": {"from": "20:00", "to": "24:00"}}
    order_id = an_order_to_book(site_id, wishes=wishes, expires_on=date(2028, 12, 31))
    found = series.propose(order_id, now=now)
    assert isinstance(found, Plan)
    db.session.rollback()
    hold_id = series.hold(order_id, found.slots, actor_id=desk, now=now)
    assert series.propose(order_id, now=now).slots == found.slots
    db.session.rollback()
    series.confirm(order_id, hold_id, request_key=uuid7(), actor_id=desk, now=now)
    rows = db.session.scalars(select(Appointment).order_by(Appointment.number)).all()
    assert [clinic_time.minutes_of_day(row.starts_at, zone) for row in rows] == [one.start for one in found.slots]
    check_tables()
