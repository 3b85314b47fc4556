"""Many desks at once, each a process of its own: one winner, no overlap, and no refusal but "taken"."""

import time
from datetime import date, timedelta

import pytest
from sqlalchemy import func, select
from uuid_utils.compat import uuid7

from intake.domain.errors import DomainError
from intake.domain.scheduling.planning import Plan
from intake.domain.scheduling.values import Slot
from intake.domain.statuses import Status
from intake.extensions import db
from intake.models.appointments import Appointment
from intake.models.series import Series
from intake.models.sites import Shift, Site
from intake.services import appointments, attendance, holds, series, sites
from intake.services.appointment_steps import Seen
from intake.services.appointments import NewAppointment
from intake.services.claims import Taken
from intake.services.placing import NoLongerHolds
from tests import factories
from tests.factories import NOW
from tests.racing import race, until_not_busy
from tests.services.bookings import DATES, NINE, an_order_to_book, check_tables, plan, the_kind

RACERS = 64
TUESDAY = date(2026, 12, 8)


@pytest.fixture(autouse=True)
def _warm():
    """Book once elsewhere, as a server has by the time that many come: racers inherit what was compiled."""
    site_id = factories.a_site(name="Elsewhere")
    series.book(an_order_to_book(site_id), plan(), request_key=uuid7(), actor_id=factories.a_desk(), now=NOW)
    with pytest.raises(Taken):
        series.book(an_order_to_book(site_id), plan(), request_key=uuid7(), actor_id=factories.a_desk(), now=NOW)


def booked() -> int:
    elsewhere = select(Site.id).where(Site.name == "Elsewhere")
    mine = select(func.count()).select_from(Appointment).where(Appointment.site_id.not_in(elsewhere))
    return db.session.scalar(mine)


def check_one_winner(answers: list, offer: type) -> None:
    losers = [answer for answer in answers if isinstance(answer, Exception)]
    assert len(answers) - len(losers) == 1
    assert {type(loser) for loser in losers} == {Taken}, losers
    assert all("just taken" in loser.message and isinstance(loser.offer, offer) for loser in losers)


def test_one_of_64_gets_a_series(app):
    site_id, desk = factories.a_site(), factories.a_desk()
    orders = [an_order_to_book(site_id) for _ in range(RACERS)]
    answers = race(
        app,
        lambda number: until_not_busy(
            lambda: series.book(orders[number], plan(), request_key=uuid7(), actor_id=desk, now=NOW)
        ),
        RACERS,
    )
    check_one_winner(answers, Plan)
    assert booked() == 6
    check_tables()


def test_one_of_64_gets_a_slot(app):
    site_id, desk = factories.a_site(), factories.a_desk()
    the_kind("follow-up")
    people = [factories.a_patient(site_id, with_account=False) for _ in range(RACERS)]

    def book(number):
        wanted = NewAppointment(people[number], site_id, "follow-up", Slot(TUESDAY, NINE, "A"))
        return until_not_busy(lambda: appointments.book(wanted, request_key=uuid7(), actor_id=desk, now=NOW))

    answers = race(app, book, RACERS)
    check_one_winner(answers, tuple)
    assert all(loser.offer for loser in answers if isinstance(loser, Taken))
    assert booked() == 1
    check_tables()


@pytest.mark.parametrize("desks", [4, 8])
def test_as_many_desks_as_there_is_room_for_all_book(app, desks):
    site_id, desk = factories.a_site(chairs=desks, watch_units=2 * desks, starts_per_slot=desks), factories.a_desk()
    orders = [an_order_to_book(site_id) for _ in range(desks)]
    chairs = "ABCDEFGH"
    answers = race(
        app,
        lambda number: series.book(orders[number], plan(chairs[number]), request_key=uuid7(), actor_id=desk, now=NOW),
        desks,
    )
    assert not [answer for answer in answers if isinstance(answer, Exception)]
    assert booked() == 6 * desks
    check_tables()


def test_one_person_is_booked_at_one_of_two_sites(app):
    here, there, desk = factories.a_site(), factories.a_site(timezone="America/Phoenix"), factories.a_desk()
    the_kind("follow-up")
    patient_id = factories.a_patient(here, with_account=False)

    def book(number):
        wanted = NewAppointment(patient_id, (here, there)[number % 2], "follow-up", Slot(TUESDAY, NINE, "A"))
        return appointments.book(wanted, request_key=uuid7(), actor_id=desk, now=NOW)

    answers = race(app, book, 8)
    check_one_winner(answers, tuple)
    check_tables()


def test_one_of_two_plans_for_one_order_is_booked(app):
    order_id, desk = an_order_to_book(factories.a_site()), factories.a_desk()
    answers = race(
        app,
        lambda number: series.book(order_id, plan("AB"[number % 2]), request_key=uuid7(), actor_id=desk, now=NOW),
        8,
    )
    losers = [answer for answer in answers if isinstance(answer, Exception)]
    assert len(losers) == 7
    assert {str(loser) for loser in losers} == {"These infusions are booked already."}
    assert booked() == 6
    check_tables()


def test_a_double_click_books_one_series_and_both_hear_of_it(app):
    order_id, desk, key = an_order_to_book(factories.a_site()), factories.a_desk(), uuid7()
    answers = race(app, lambda _: series.book(order_id, plan(), request_key=key, actor_id=desk, now=NOW), 8)
    assert len(set(answers)) == 1
    assert db.session.scalar(select(func.count()).where(Series.order_id == order_id)) == 1
    assert booked() == 6
    check_tables()


def test_a_double_click_books_one_appointment(app):
    site_id, desk, key = factories.a_site(), factories.a_desk(), uuid7()
    the_kind("follow-up")
    wanted = NewAppointment(
        factories.a_patient(site_id, with_account=False), site_id, "follow-up", Slot(TUESDAY, NINE, "A")
    )
    answers = race(app, lambda _: appointments.book(wanted, request_key=key, actor_id=desk, now=NOW), 8)
    assert len(set(answers)) == 1
    assert booked() == 1


def test_a_cut_of_capacity_sees_the_booking_or_the_booking_sees_the_cut(app):
    for attempt in range(6):
        site_id, desk = factories.a_site(watch_units=2), factories.a_desk()
        order_id = an_order_to_book(site_id)
        monday = db.session.scalars(select(Shift.id).where(Shift.site_id == site_id, Shift.weekday == 0)).one()

        def act(number, attempt=attempt, order_id=order_id, desk=desk, monday=monday):
            if number == 0:
                return series.book(order_id, plan(), request_key=uuid7(), actor_id=desk, now=NOW)
            time.sleep(attempt * 0.01)
            return sites.cut_shift_capacity(monday, 1, actor_id=desk, now=NOW)

        booking, cut = race(app, act, 2)
        capacity = db.session.get_one(Shift, monday).capacity
        if isinstance(cut, sites.StrandsBookings):
            assert not isinstance(booking, Exception)
            assert len(cut.stranded) == 3 and capacity == 2  # the three Mondays
        else:
            assert (cut, capacity) == ([], 1)
            assert isinstance(booking, Taken)
        check_tables()


def test_a_hold_is_confirmed_by_one_and_taken_over_by_none_of_many(app):
    site_id, desk = factories.a_site(), factories.a_desk()
    order_id = an_order_to_book(site_id)
    others = [an_order_to_book(site_id) for _ in range(8)]
    hold_id = series.hold(order_id, plan(), actor_id=desk, now=NOW)
    late = NOW + holds.KEPT_FOR

    def act(number):
        if number == 0:
            return series.confirm(
                order_id, hold_id, request_key=uuid7(), actor_id=desk, now=late - timedelta(seconds=1)
            )
        return series.book(others[number - 1], plan(), request_key=uuid7(), actor_id=desk, now=late)

    answers = race(app, act, 9)
    losers = [answer for answer in answers if isinstance(answer, Exception)]
    assert len(losers) == 8 and booked() == 6
    assert {type(loser) for loser in losers} <= {Taken, NoLongerHolds}
    check_tables()


def test_a_hold_that_has_just_run_out_loses_to_whoever_takes_its_places(app):
    site_id, desk = factories.a_site(), factories.a_desk()
    order_id = an_order_to_book(site_id)
    others = [an_order_to_book(site_id) for _ in range(15)]
    hold_id = series.hold(order_id, plan(), actor_id=desk, now=NOW)
    late = NOW + holds.KEPT_FOR

    def act(number):
        key = uuid7()
        if number == 0:
            return series.confirm(order_id, hold_id, request_key=key, actor_id=desk, now=late)
        return series.book(others[number - 1], plan(), request_key=key, actor_id=desk, now=late)

    holder, *takers = race(app, act, 16)
    assert isinstance(holder, NoLongerHolds) and holder.message.startswith(holds.RUN_OUT)
    check_one_winner(takers, Plan)
    assert booked() == 6
    check_tables()


@pytest.mark.parametrize("late", [timedelta(microseconds=1), timedelta(seconds=1)])
def test_of_many_confirming_one_hold_a_moment_too_late_none_books(app, late):
    site_id, desk = factories.a_site(), factories.a_desk()
    order_id = an_order_to_book(site_id)
    hold_id = series.hold(order_id, plan(), actor_id=desk, now=NOW)
    at = NOW + holds.KEPT_FOR + late

    def act(_number):
        return series.confirm(order_id, hold_id, request_key=uuid7(), actor_id=desk, now=at)

    assert {type(answer) for answer in race(app, act, 8)} == {NoLongerHolds}
    assert booked() == 0
    check_tables()


def test_two_moves_into_each_others_time_both_end_cleanly(app):
    site_id, desk = factories.a_site(chairs=1), factories.a_desk()
    the_kind("follow-up")
    ids = []
    for hour in (9, 11):
        wanted = NewAppointment(
            factories.a_patient(site_id, with_account=False), site_id, "follow-up", Slot(TUESDAY, hour * 60, "A")
        )
        ids.append(appointments.book(wanted, request_key=uuid7(), actor_id=desk, now=NOW))
    targets = [Slot(TUESDAY, 11 * 60, "A"), Slot(TUESDAY, 9 * 60, "A")]

    def swap(number):
        seen = Seen(1, Status.BOOKED)
        return appointments.move(
            ids[number], targets[number], seen=seen, reason="patient-asked", actor_id=desk, now=NOW
        )

    answers = race(app, swap, 2)
    assert {type(answer) for answer in answers} == {Taken}
    check_tables()


def test_one_of_many_undoes_gets_its_place_back(app):
    site_id, desk = factories.a_site(chairs=1), factories.a_desk()
    the_kind("follow-up")
    ids = []
    for _ in range(8):
        wanted = NewAppointment(
            factories.a_patient(site_id, with_account=False), site_id, "follow-up", Slot(TUESDAY, NINE, "A")
        )
        ids.append(appointments.book(wanted, request_key=uuid7(), actor_id=desk, now=NOW))
        attendance.mark(ids[-1], Status.CANCELLED, seen=Seen(1, Status.BOOKED), actor_id=desk, now=NOW, reason="ill")

    def undo(number):
        return attendance.undo(ids[number], seen=Seen(2, Status.CANCELLED), actor_id=desk, now=NOW)

    answers = race(app, undo, 8)
    losers = [answer for answer in answers if isinstance(answer, Exception)]
    assert len(losers) == 7
    assert all(isinstance(loser, DomainError) and "somebody else" in loser.message for loser in losers)
    check_tables()


def test_desks_booking_all_over_the_calendar_never_overlap(app):
    site_id, desk = factories.a_site(chairs=3, watch_units=4), factories.a_desk()
    orders = [an_order_to_book(site_id) for _ in range(16)]
    starts = [NINE + 30 * (number % 4) for number in range(16)]

    def book(number):
        order_id, offered = orders[number], plan("ABC"[number % 3], starts[number])
        for _ in range(4):
            try:
                return series.book(order_id, offered, request_key=uuid7(), actor_id=desk, now=NOW)
            except Taken as taken:
                offered = taken.offer.slots
        return None

    answers = race(app, book, 16)
    assert not [answer for answer in answers if isinstance(answer, Exception)]
    assert booked() == 6 * sum(answer is not None for answer in answers)
    assert sum(answer is not None for answer in answers) >= 4
    assert DATES
    check_tables()
