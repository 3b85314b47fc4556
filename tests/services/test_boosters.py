"""When a booster may be booked: in its window, one at a time, within the limits of its order."""

from datetime import date, timedelta

import pytest
from uuid_utils.compat import uuid7

from intake.domain.errors import DomainError
from intake.domain.scheduling.values import Slot
from intake.domain.statuses import OrderStatus, Status
from intake.extensions import db, transaction
from intake.models.appointments import Appointment
from intake.models.orders import Order
from intake.queries import offers
from intake.queries import series as series_queries
from intake.services import appointments, attendance
from intake.services.appointment_steps import Seen
from intake.services.appointments import NewAppointment
from tests import factories
from tests.refusing import refused
from tests.services.bookings import (
    DATES,
    MONTHLY,
    NINE,
    a_finished_series,
    an_order_to_book,
    check_tables,
    finish,
    the_kind,
    utc,
)

BEST = DATES[-1] + timedelta(days=28)  # Thu Jan 21, from Jan 14 to Jan 28
AFTER = utc(date(2027, 1, 4), 16)


@pytest.fixture
def desk():
    return factories.a_desk()


@pytest.fixture
def order_id():
    the_kind("booster", minutes=120)
    return a_finished_series(factories.a_site())


def book(order_id, day, desk, *, now=AFTER, key=None):
    order = db.session.get_one(Order, order_id)
    row = series_queries.series_of_order(order_id)
    wanted = NewAppointment(order.patient_id, row.site_id, "booster", Slot(day, NINE, "A"), order_id)
    db.session.rollback()
    return appointments.book(wanted, request_key=key or uuid7(), actor_id=desk, now=now)


def change(order_id, **values):
    with transaction() as session:
        order = session.get_one(Order, order_id)
        for name, value in values.items():
            setattr(order, name, value)


@pytest.mark.parametrize("day", [date(2027, 1, 14), BEST, date(2027, 1, 28)])
def test_a_booster_can_be_booked_from_the_first_to_the_last_day_of_its_window(order_id, desk, day):
    book(order_id, day, desk)
    check_tables()


@pytest.mark.parametrize(
    ("day", "message"),
    [(date(2027, 1, 13), "is due from Thu Jan 14 on"), (date(2027, 1, 29), "is due by Thu Jan 28")],
)
def test_a_day_outside_of_the_window_is_refused(order_id, desk, day, message):
    with refused(DomainError, match=message):
        book(order_id, day, desk)


def test_a_move_stays_in_the_window_and_so_does_what_is_offered(order_id, desk):
    key = book(order_id, BEST, desk)
    order, row = db.session.get_one(Order, order_id), db.session.get_one(Appointment, key)
    offered = {one.slot.day for one in offers.times_for(row, order, now=AFTER)}
    assert offered and min(offered) >= date(2027, 1, 14) and max(offered) <= date(2027, 1, 28)
    db.session.rollback()
    for day, message in ((date(2027, 1, 13), "is due from Thu Jan 14 on"), (date(2027, 1, 29), "is due by Thu Jan 28")):
        with pytest.raises(DomainError, match=message):
            move(key, day, desk)
    move(key, date(2027, 1, 28), desk)
    check_tables()


def move(key, day, desk):
    seen = Seen(1, Status.BOOKED)
    appointments.move(key, Slot(day, NINE, "A"), seen=seen, reason="patient-asked", actor_id=desk, now=AFTER)


def test_one_that_is_overdue_can_still_be_booked(order_id, desk):
    book(order_id, date(2027, 2, 3), desk, now=utc(date(2027, 2, 1), 16))


def test_one_at_a_time(order_id, desk):
    book(order_id, BEST, desk)
    with pytest.raises(DomainError, match="booked on this order already, on Thu Jan 21"):
        book(order_id, BEST + timedelta(days=1), desk)
    check_tables()


def test_a_cancelled_one_neither_comes_back_nor_is_booked_again_beside_another(order_id, desk):
    first = book(order_id, BEST, desk)
    attendance.mark(first, Status.CANCELLED, seen=Seen(1, Status.BOOKED), actor_id=desk, now=AFTER)
    book(order_id, BEST + timedelta(days=1), desk)
    with refused(DomainError, match="already"):
        attendance.undo(first, seen=Seen(2, Status.CANCELLED), actor_id=desk, now=AFTER)
    with refused(DomainError, match="already"):
        slot, why = Slot(BEST, NINE, "A"), "patient-asked"
        appointments.book_anew(first, slot, request_key=uuid7(), reason=why, actor_id=desk, now=AFTER)


@pytest.mark.parametrize(
    "values",
    [
        {"booster_regime": MONTHLY | {"max_boosters": 0}},
        {"booster_regime": MONTHLY | {"steps": []}},
        {"expires_on": date(2027, 1, 13)},
        {"status": OrderStatus.STOPPED},
        {"status": OrderStatus.EXPIRED},
    ],
)
def test_an_order_that_is_over_or_whose_limits_are_reached_takes_none(order_id, desk, values):
    change(order_id, **values)
    with refused(DomainError, match=r"No more boosters|no longer in force|when the order ends"):
        book(order_id, BEST, desk)


def test_the_last_one_that_the_order_allows_is_the_last(order_id, desk):
    change(order_id, booster_regime=MONTHLY | {"max_boosters": 1})
    key = book(order_id, BEST, desk)
    finish(key, desk, db.session.get_one(Appointment, key).starts_at)
    with refused(DomainError, match="No more boosters"):
        book(order_id, BEST + timedelta(days=28), desk, now=utc(BEST, 22))


def test_none_before_the_series_is_done(desk):
    the_kind("booster", minutes=120)
    order_id = an_order_to_book(factories.a_site())
    with refused(DomainError, match="when all infusions of the series are done"):
        book(order_id, BEST, desk)


class TestOffers:
    """What the desk is shown."""

    def offered(self, order_id, now=AFTER):
        order = db.session.get_one(Order, order_id)
        window = series_queries.next_booster(order, today=now.date())
        return offers.booster_times(order, window, now=now)

    def test_all_lie_in_the_window_and_the_best_day_comes_first(self, order_id):
        found = self.offered(order_id)
        assert found[0].slot.day == BEST
        assert {date(2027, 1, 14) <= one.slot.day <= date(2027, 1, 28) for one in found} == {True}

    def test_what_lies_within_the_patients_hours_comes_first(self):
        the_kind("booster", minutes=120)
        site_id = factories.a_site()
        order_id = a_finished_series(site_id)
        with transaction() as session:
            row = series_queries.series_of_order(order_id)
            session.add(row)
            row.wishes = {"available": {"mon": [["13:00", "17:00"]]}}
        found = self.offered(order_id)
        assert (found[0].slot.day, found[0].slot.start, found[0].is_wished) == (date(2027, 1, 18), 13 * 60, True)
        assert not found[-1].is_wished

    def test_an_overdue_one_is_looked_for_from_now_on(self, order_id):
        found = self.offered(order_id, now=utc(date(2027, 2, 1), 16))
        assert found[0].slot.day == date(2027, 2, 1)
        assert found[0].slot.start > NINE

    def test_each_of_them_can_be_booked(self, order_id, desk):
        for one in self.offered(order_id)[:4]:
            key = book(order_id, one.slot.day, desk)
            attendance.mark(key, Status.CANCELLED, seen=Seen(1, Status.BOOKED), actor_id=desk, now=AFTER)
