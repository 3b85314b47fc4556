"""The recall list: whose booster is due, and nobody who is booked already or whose order is over."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select, update
from uuid_utils.compat import uuid7

from intake.domain.scheduling.values import Slot
from intake.domain.statuses import SeriesStatus, Status
from intake.extensions import db, transaction
from intake.models.appointments import Appointment
from intake.models.orders import Order
from intake.models.series import Series
from intake.queries import series as series_queries
from intake.services import appointments, attendance, series
from intake.services.appointment_steps import Seen
from intake.services.appointments import NewAppointment
from tests import factories
from tests.factories import NOW
from tests.services.bookings import DATES, an_order_to_book, plan, the_kind

MONTHLY = {"steps": [{"every_days": 28, "times": None, "tolerance_days": 7}], "source": "test", "max_boosters": 6}
AFTER = DATES[-1] + timedelta(days=20)


@pytest.fixture
def site_id():
    return factories.a_site()


@pytest.fixture
def order_id(site_id):
    """An order whose six infusions are done."""
    found = an_order_to_book(site_id, expires_on=date(2027, 3, 1))
    with transaction() as session:
        session.execute(update(Order).where(Order.id == found).values(booster_regime=MONTHLY))
    desk = factories.a_desk()
    series.book(found, plan(), request_key=uuid7(), actor_id=desk, now=NOW)
    rows = list(db.session.execute(select(Appointment.id, Appointment.starts_at).order_by(Appointment.number)))
    for key, starts_at in rows:
        steps = (Status.BOOKED, Status.ARRIVED, Status.CHECKED_IN, Status.FULFILLED)
        for before, after in zip(steps, steps[1:], strict=False):
            attendance.mark(key, after, seen=Seen(1, before), actor_id=desk, now=starts_at)
    return found


def recalled(site_id, today=AFTER):
    found = [one.series.order_id for one in series_queries.recall(site_id, today=today)]
    db.session.rollback()
    return found


def test_somebody_whose_series_is_done_is_recalled(site_id, order_id):
    assert recalled(site_id) == [order_id]


def test_whoever_has_a_booster_booked_is_not_recalled(site_id, order_id):
    the_kind("booster")
    patient_id = db.session.get_one(Order, order_id).patient_id
    slot = Slot(date(2027, 1, 20), 9 * 60, "A")
    wanted = NewAppointment(patient_id, site_id, "booster", slot, order_id)
    key = appointments.book(wanted, request_key=uuid7(), actor_id=factories.a_desk(), now=NOW)
    assert recalled(site_id) == []
    attendance.mark(key, Status.CANCELLED, seen=Seen(1, Status.BOOKED), actor_id=factories.a_desk(), now=NOW)
    assert recalled(site_id) == [order_id]


@pytest.mark.parametrize(("today", "is_recalled"), [(date(2027, 3, 1), True), (date(2027, 3, 2), False)])
def test_an_order_that_is_over_recalls_nobody(site_id, order_id, today, is_recalled):
    assert recalled(site_id, today) == [order_id] * is_recalled


def test_a_visit_is_done_although_its_order_was_stopped_meanwhile(site_id):
    found = an_order_to_book(site_id)
    desk = factories.a_desk()
    key = series.book(found, plan(), request_key=uuid7(), actor_id=desk, now=NOW)
    first, starts_at = db.session.execute(
        select(Appointment.id, Appointment.starts_at).where(Appointment.number == 1)
    ).one()
    attendance.mark(first, Status.ARRIVED, seen=Seen(1, Status.BOOKED), actor_id=desk, now=starts_at)
    attendance.mark(first, Status.CHECKED_IN, seen=Seen(1, Status.ARRIVED), actor_id=desk, now=starts_at)
    with transaction() as session:
        session.execute(update(Series).where(Series.id == key).values(status=SeriesStatus.STOPPED))
    attendance.mark(first, Status.FULFILLED, seen=Seen(1, Status.CHECKED_IN), actor_id=desk, now=starts_at)
    assert db.session.get_one(Appointment, first).status is Status.FULFILLED
    assert db.session.get_one(Series, key).status is SeriesStatus.STOPPED
