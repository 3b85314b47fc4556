"""A series from wishes to its end: what is proposed, what can be booked, when it is done."""

import random
from datetime import date, timedelta

import pytest
from sqlalchemy import select
from uuid_utils.compat import uuid7

from intake.domain.errors import DomainError
from intake.domain.scheduling.planning import Infeasible, Plan
from intake.domain.statuses import SeriesStatus, Status
from intake.extensions import db, transaction
from intake.models.appointments import Appointment
from intake.models.orders import Order
from intake.models.series import Series, SeriesEvent
from intake.queries import orders
from intake.queries import series as series_queries
from intake.services import attendance, series, sites
from intake.services.appointment_steps import Seen
from tests import factories
from tests.factories import NOW
from tests.refusing import refused
from tests.services.bookings import ALL_WEEK, DATES, NINE, an_order_to_book, check_tables, plan, with_wishes

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri")
HALVES = (["08:00", "13:00"], ["12:00", "17:00"], ["08:00", "17:00"])


@pytest.fixture
def desk():
    return factories.a_desk()


@pytest.fixture
def booked(desk):
    """A series on Mondays and Thursdays at nine; its infusions by number."""
    site_id = factories.a_site()
    series.book(an_order_to_book(site_id), plan(), request_key=uuid7(), actor_id=desk, now=NOW)
    return [None, *db.session.scalars(select(Appointment.id).order_by(Appointment.number))]


def row(key) -> Appointment:
    db.session.rollback()
    return db.session.get_one(Appointment, key)


def seen(key) -> Seen:
    found = row(key)
    return Seen(found.version, found.status)


def mark(key, to, desk):
    now = row(key).starts_at + timedelta(minutes=1)
    attendance.mark(key, to, seen=seen(key), actor_id=desk, now=now)


class TestProposal:
    """Plans are made, shown, and not written."""

    def test_wishes_alone_leave_the_order_waiting(self):
        site_id = factories.a_site()
        order_id = an_order_to_book(site_id)
        assert [one.order.id for one in orders.awaiting_booking(site_id)] == [order_id]
        assert db.session.scalars(select(Series.status)).all() == [SeriesStatus.PROPOSED]

    def test_wishes_can_be_changed_until_it_is_booked(self, desk):
        site_id = factories.a_site()
        order_id = an_order_to_book(site_id)
        mornings = {"available": {day: [["08:00", "11:00"]] for day in WEEKDAYS}}
        with_wishes(order_id, site_id, mornings)
        found = series.propose(order_id, now=NOW)
        assert {slot.start <= NINE for slot in found.slots} == {True}
        db.session.rollback()
        series.book(order_id, found.slots, request_key=uuid7(), actor_id=desk, now=NOW)
        with refused(DomainError, match="booked already", besides=("account", "account_role")):  # who asks
            with_wishes(order_id, site_id)

    def test_wishes_that_cannot_be_read_are_refused(self):
        site_id = factories.a_site()
        order_id = an_order_to_book(site_id)
        with refused(DomainError, match="patient.available", besides=("account", "account_role")):  # who asks
            with_wishes(order_id, site_id, {"available": {"mon": [["09:00"]]}})

    def test_no_infusion_is_planned_before_tomorrow_or_after_the_orders_end(self):
        order_id = an_order_to_book(factories.a_site(), wishes={**ALL_WEEK, "earliest": "2026-11-01"})
        assert series.propose(order_id, now=NOW).slots[0].day >= date(2026, 12, 2)
        with transaction() as session:
            session.get_one(Order, order_id).expires_on = date(2026, 12, 17)
        found = series.propose(order_id, now=NOW)
        assert isinstance(found, Plan) and found.slots[-1].day <= date(2026, 12, 17)

    def test_a_patient_with_one_day_a_week_is_told_what_to_relax(self):
        order_id = an_order_to_book(factories.a_site(), wishes={"available": {"mon": [["08:00", "17:00"]]}})
        found = series.propose(order_id, now=NOW)
        assert isinstance(found, Infeasible)
        assert found.reasons and all(reason.text.endswith(".") for reason in found.reasons)

    def test_a_full_site_names_the_other_one(self, desk):
        here = factories.a_site(name="Denver")
        factories.a_site(name="Boulder")
        order_id = an_order_to_book(here)
        for ahead in range(1, 60):
            sites.close_day(here, NOW.date() + timedelta(days=ahead), actor_id=desk, now=NOW)
        found = series.propose(order_id, now=NOW)
        assert isinstance(found, Infeasible)
        assert any("Boulder" in reason.text for reason in found.reasons)


@pytest.mark.parametrize("seed", range(3))
def test_every_plan_offered_can_be_booked_while_nothing_else_happens(seed, desk):
    """What search and planning call free, the claims give: until the site is full, no offer is ever refused."""
    draw = random.Random(seed)
    site_id = factories.a_site(
        chairs=draw.choice((2, 3)), watch_units=draw.choice((2, 3, 4)), starts_per_slot=draw.choice((1, 2))
    )
    protocol = factories.a_protocol(turnover_minutes=draw.choice((0, 15, 20)), first_chair_minutes=150)
    for _ in range(10):
        wishes = {"available": {day: [draw.choice(HALVES)] for day in draw.sample(WEEKDAYS, draw.choice((4, 5)))}}
        order_id = an_order_to_book(site_id, wishes=wishes, protocol_id=protocol)
        found = series.propose(order_id, now=NOW)
        if isinstance(found, Plan):
            chosen = draw.choice((found, *found.alternatives))
            series.book(order_id, chosen.slots, request_key=uuid7(), actor_id=desk, now=NOW)
    assert db.session.scalars(select(SeriesEvent.kind)).all()
    check_tables()


class TestCompletion:
    """The sixth is done."""

    def finish(self, booked, desk):
        for key in booked[1:]:
            for to in (Status.ARRIVED, Status.CHECKED_IN, Status.FULFILLED):
                mark(key, to, desk)

    def state(self, booked):
        return db.session.get_one(Series, row(booked[1]).series_id).status

    def test_the_last_infusion_completes_the_series_and_its_undo_opens_it_again(self, booked, desk):
        self.finish(booked, desk)
        assert self.state(booked) is SeriesStatus.COMPLETED
        attendance.undo(booked[6], seen=seen(booked[6]), actor_id=desk, now=NOW)
        assert self.state(booked) is SeriesStatus.BOOKED
        check_tables()

    def test_five_of_six_do_not(self, booked, desk):
        self.finish([*booked[:3], *booked[4:]], desk)
        assert self.state(booked) is SeriesStatus.BOOKED

    def test_booster_windows_appear_when_it_is_done(self, booked, desk):
        with transaction() as session:
            steps = [{"every_days": 28, "times": None, "tolerance_days": 7}]
            order = session.get_one(Order, row(booked[1]).order_id)
            order.booster_regime = {"name": "monthly", "steps": steps, "source": "test", "max_boosters": 6}
        today = DATES[-1]
        order = db.session.get_one(Order, row(booked[1]).order_id)
        found = db.session.get_one(Series, row(booked[1]).series_id)
        assert series_queries.boosters_due(found, order, today=today) == []
        self.finish(booked, desk)
        order = db.session.get_one(Order, row(booked[1]).order_id)
        found = db.session.get_one(Series, row(booked[1]).series_id)
        first = series_queries.boosters_due(found, order, today=today)[0]
        assert (first.number, first.target) == (1, DATES[-1] + timedelta(days=28))
        assert [due.patient.id for due in series_queries.recall(found.site_id, today=today)] == [found.patient_id]
