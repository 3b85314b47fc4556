"""Who is called for a booster, what a provider suggests, what a try came to, and pairs."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.exc import NoResultFound
from uuid_utils.compat import uuid7

from intake.domain.errors import DomainError
from intake.domain.scheduling.booster_signals import Advice
from intake.domain.scheduling.recalls import Touch
from intake.domain.scheduling.values import Slot
from intake.domain.statuses import OrderStatus, Status
from intake.extensions import db, transaction
from intake.models.appointments import Appointment
from intake.models.boosters import BoosterAdvice, RecallTouch
from intake.models.orders import Order
from intake.models.scores import Contact
from intake.queries import boosters as booster_reads
from intake.queries import recalls
from intake.queries.recalls import Show
from intake.services import appointments, attendance, boosters
from intake.services.appointment_steps import Seen
from intake.services.appointments import NewAppointment
from intake.services.errors import NotAllowed
from tests import factories
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
PAIRS = {"steps": [{"every_days": 28, "times": None, "tolerance_days": 7, "pair_days": 3}], "max_boosters": 6}
AFTER = utc(date(2027, 1, 4), 16)
TODAY = date(2027, 1, 4)


@pytest.fixture
def site_id():
    the_kind("booster", minutes=120)
    return factories.a_site()


@pytest.fixture
def desk():
    return factories.a_desk()


@pytest.fixture
def provider():
    return factories.a_provider()


@pytest.fixture
def order_id(site_id):
    return a_finished_series(site_id)


def change(order_id, **values):
    with transaction() as session:
        for name, value in values.items():
            setattr(session.get_one(Order, order_id), name, value)


def patient_of(order_id):
    found = db.session.get_one(Order, order_id).patient_id
    db.session.rollback()
    return found


def book(order_id, day, desk, site_id, *, now=AFTER):
    wanted = NewAppointment(patient_of(order_id), site_id, "booster", Slot(day, NINE, "A"), order_id)
    return appointments.book(wanted, request_key=uuid7(), actor_id=desk, now=now)


def window(order_id, today=TODAY):
    found = booster_reads.next_window(db.session.get_one(Order, order_id), today=today)
    db.session.rollback()
    return found


def listed(site_id, show=Show.DUE, today=TODAY, page=1):
    found = recalls.recall(site_id, today=today, show=show, page=page)
    db.session.rollback()
    return found


def ids(found):
    return [one.order.id for one in found.rows]


def say(order_id, advice, provider, *, key=None, now=AFTER, patient_id=None, note=""):
    boosters.advise(
        order_id,
        advice,
        note=note,
        patient_id=patient_id or patient_of(order_id),
        request_key=key or uuid7(),
        actor_id=provider,
        now=now,
    )


class TestList:
    """The desk's list."""

    @pytest.mark.parametrize(
        ("today", "shown"),
        [
            (date(2026, 12, 30), []),  # more than two weeks before the window
            (date(2026, 12, 31), [Show.DUE]),
            (date(2027, 1, 28), [Show.DUE]),
            (date(2027, 1, 29), [Show.DUE, Show.OVERDUE]),
        ],
    )
    def test_somebody_is_due_two_weeks_before_the_window_and_overdue_after_it(self, site_id, order_id, today, shown):
        for show in Show:
            assert ids(listed(site_id, show, today)) == [order_id] * (show in (*shown, Show.ALL))
        assert listed(site_id, today=today).counts[Show.ALL] == 1

    def test_a_row_says_what_the_desk_needs(self, site_id, order_id, desk, provider):
        with transaction() as session:
            patient_id = session.get_one(Order, order_id).patient_id
            values = {"channel": "phone", "outcome": "reached", "safety_checked": True}
            session.add(Contact(patient_id=patient_id, by_id=provider, at=AFTER - timedelta(days=3), **values))
        boosters.touch(order_id, Touch.LEFT_MESSAGE, call_again_on=None, request_key=uuid7(), actor_id=desk, now=AFTER)
        (row,) = listed(site_id).rows
        assert (row.window.target, row.given, row.last_on) == (BEST, 0, DATES[-1])
        assert (row.touch.outcome, row.touched_by) == ("left-message", "Dana Desk")
        assert row.contact_at == AFTER - timedelta(days=3)
        assert (row.advice, row.reorder) == (None, "")

    @pytest.mark.parametrize(
        "values",
        [
            {"expires_on": date(2027, 1, 3)},
            {"status": OrderStatus.STOPPED},
            {"booster_regime": MONTHLY | {"max_boosters": 0}},
            {"booster_regime": {}},
        ],
    )
    def test_whoever_no_booster_is_due_for_is_left_out(self, site_id, order_id, values):
        change(order_id, **values)
        assert ids(listed(site_id, Show.ALL)) == []

    def test_another_sites_patients_are_on_its_own_list(self, site_id, order_id):
        assert ids(listed(factories.a_site(), Show.ALL)) == []

    def test_the_soonest_come_first_page_by_page(self, site_id, monkeypatch):
        monkeypatch.setattr(recalls, "PER_PAGE", 1)
        first, second = a_finished_series(site_id), a_finished_series(site_id, chair="B")
        change(second, booster_regime=MONTHLY | {"steps": [{"every_days": 21, "times": None, "tolerance_days": 3}]})
        assert [ids(listed(site_id, page=page)) for page in (1, 2, 3, 0)] == [[second], [first], [first], [second]]
        assert listed(site_id).pages == 2
        assert [one.series.order_id for one in recalls.due_soonest(site_id, today=TODAY, limit=8)] == [second, first]

    def test_a_new_order_is_asked_for_at_the_last_booster(self, site_id, order_id):
        change(order_id, booster_regime=MONTHLY | {"max_boosters": 1})
        assert "last booster" in listed(site_id).rows[0].reorder


class TestAdvice:
    """What a provider suggests, never by itself."""

    def test_sooner_opens_the_window_today_and_puts_the_patient_on_the_list(self, site_id, order_id, desk, provider):
        early = date(2026, 12, 28)
        assert ids(listed(site_id, today=early)) == []
        say(order_id, Advice.SOONER, provider, now=utc(early, 16), note="Sleeps badly.")
        assert ids(listed(site_id, today=early)) == [order_id]
        assert window(order_id, early).earliest == early
        book(order_id, date(2026, 12, 29), desk, site_id, now=utc(early, 16))
        check_tables()

    def test_later_makes_the_last_day_the_best_and_a_review_moves_nothing(self, order_id, provider):
        say(order_id, Advice.LATER, provider)
        assert window(order_id).target == BEST + timedelta(days=7)
        say(order_id, Advice.REVIEW, provider)
        assert (window(order_id).earliest, window(order_id).target) == (date(2027, 1, 14), BEST)

    def test_the_last_word_stands_and_can_be_taken_back(self, site_id, order_id, provider):
        say(order_id, Advice.SOONER, provider)
        say(order_id, Advice.REVIEW, provider)
        assert listed(site_id).rows[0].advice.advice is Advice.REVIEW
        say(order_id, None, provider)
        assert listed(site_id).rows[0].advice is None
        assert len(db.session.scalars(select(BoosterAdvice)).all()) == 2

    def test_what_was_said_before_the_last_booster_counts_no_more(self, site_id, order_id, desk, provider):
        say(order_id, Advice.SOONER, provider)
        key = book(order_id, date(2027, 1, 6), desk, site_id)
        finish(key, desk, db.session.get_one(Appointment, key).starts_at)
        assert listed(site_id, Show.ALL).rows[0].advice is None
        assert window(order_id, date(2027, 1, 7)).earliest == date(2027, 1, 6) + timedelta(days=21)

    def test_the_evening_before_the_last_booster_is_before_it(self, site_id, order_id, desk, provider):
        key = book(order_id, date(2027, 1, 14), desk, site_id)
        evening = datetime(2027, 1, 14, 3, 0, tzinfo=UTC)  # Jan 13, 8:00 pm in Denver
        with transaction() as session:  # said just before it was booked
            row = BoosterAdvice(patient_id=patient_of(order_id), order_id=order_id, advice=Advice.SOONER)
            row.request_key, row.by_id, row.at = uuid7(), provider, evening
            session.add(row)
        finish(key, desk, db.session.get_one(Appointment, key).starts_at)
        assert listed(site_id, Show.ALL, today=date(2027, 1, 20)).rows[0].advice is None
        assert window(order_id, date(2027, 1, 20)).earliest == date(2027, 1, 14) + timedelta(days=21)

    def test_why_is_sealed(self, order_id, provider):
        say(order_id, Advice.SOONER, provider, note="Sleeps badly.")
        row = db.session.scalars(select(BoosterAdvice)).one()
        assert row.note == "Sleeps badly." and b"Sleeps" not in row.note_sealed

    def test_the_same_press_is_kept_once(self, order_id, provider):
        key = uuid7()
        say(order_id, Advice.SOONER, provider, key=key)
        say(order_id, Advice.SOONER, provider, key=key)
        with pytest.raises(DomainError):
            say(order_id, Advice.LATER, provider, key=key)
        assert len(db.session.scalars(select(BoosterAdvice)).all()) == 1

    def test_only_who_may_sign_and_only_for_the_patient_whose_order_it_is(self, order_id, desk, provider, site_id):
        with pytest.raises(NotAllowed):
            say(order_id, Advice.SOONER, desk)
        with pytest.raises(NoResultFound):
            say(order_id, Advice.SOONER, provider, patient_id=factories.a_patient(site_id))
        change(order_id, status=OrderStatus.STOPPED)
        with pytest.raises(DomainError, match="no longer in force"):
            say(order_id, Advice.SOONER, provider)


class TestTouches:
    """What a try came to."""

    @pytest.mark.parametrize(
        ("outcome", "again", "is_kept"),
        [
            (Touch.NO_ANSWER, None, True),
            (Touch.CALL_AGAIN, None, False),
            (Touch.CALL_AGAIN, TODAY, True),
            (Touch.CALL_AGAIN, TODAY - timedelta(days=1), False),
            (Touch.CALL_AGAIN, TODAY + timedelta(days=120), True),
            (Touch.CALL_AGAIN, TODAY + timedelta(days=121), False),
        ],
    )
    def test_a_day_to_call_again_is_to_come(self, order_id, desk, outcome, again, is_kept):
        call = {"call_again_on": again, "request_key": uuid7(), "actor_id": desk, "now": AFTER}
        if is_kept:
            boosters.touch(order_id, outcome, **call)
        else:
            with pytest.raises(DomainError) as caught:
                boosters.touch(order_id, outcome, **call)
            assert caught.value.field == "call_again_on"
        assert len(db.session.scalars(select(RecallTouch)).all()) == is_kept

    def test_the_same_press_is_kept_once_and_others_do_not_call(self, order_id, desk, provider):
        call = {"call_again_on": None, "request_key": uuid7(), "now": AFTER}
        first = boosters.touch(order_id, Touch.NO_ANSWER, actor_id=desk, **call)
        assert boosters.touch(order_id, Touch.NO_ANSWER, actor_id=desk, **call) == first
        with pytest.raises(DomainError):
            boosters.touch(order_id, Touch.NOT_NOW, actor_id=desk, **call)
        with pytest.raises(NotAllowed):
            boosters.touch(order_id, Touch.NO_ANSWER, actor_id=provider, **call)


class TestNoneDue:
    """Where no booster is due nothing is suggested and nobody is called."""

    @pytest.fixture(params=["no series", "not booked", "one is booked", "order over"])
    def other_id(self, request, site_id, desk, provider):
        if request.param == "no series":
            return factories.an_order(factories.a_patient(site_id, with_account=False), provider)
        if request.param == "not booked":
            return an_order_to_book(site_id)
        found = a_finished_series(site_id)
        if request.param == "one is booked":
            book(found, BEST, desk, site_id)
        else:
            change(found, expires_on=TODAY - timedelta(days=1))
        return found

    def test_both_are_refused(self, other_id, desk, provider):
        with pytest.raises(DomainError):
            say(other_id, Advice.SOONER, provider)
        call = {"call_again_on": None, "request_key": uuid7(), "actor_id": desk, "now": AFTER}
        with pytest.raises(DomainError):
            boosters.touch(other_id, Touch.NO_ANSWER, **call)
        assert not db.session.scalars(select(BoosterAdvice)).all() + db.session.scalars(select(RecallTouch)).all()


class TestPairs:
    """Two boosters in one week."""

    @pytest.fixture
    def pair_id(self, order_id):
        change(order_id, booster_regime=PAIRS)
        return order_id

    def test_the_second_can_be_booked_as_soon_as_the_first_is(self, pair_id, desk, site_id):
        assert window(pair_id).pair == 1
        book(pair_id, BEST, desk, site_id)
        second = window(pair_id)
        assert (second.pair, second.number, second.target) == (2, 2, BEST + timedelta(days=3))
        assert ids(listed(site_id)) == [pair_id]
        with pytest.raises(DomainError, match="is due from Sat Jan 23"):
            book(pair_id, BEST + timedelta(days=1), desk, site_id)
        book(pair_id, BEST + timedelta(days=4), desk, site_id)
        assert window(pair_id) is None
        assert ids(listed(site_id, Show.ALL)) == []
        with pytest.raises(DomainError, match="booked on this order already"):
            book(pair_id, BEST + timedelta(days=5), desk, site_id)
        check_tables()

    def test_after_the_first_was_given_the_second_is_due(self, pair_id, desk, site_id):
        key = book(pair_id, BEST, desk, site_id)
        finish(key, desk, db.session.get_one(Appointment, key).starts_at)
        assert window(pair_id, BEST).target == BEST + timedelta(days=3)

    def test_each_of_a_pair_can_be_moved_within_its_own_window(self, pair_id, desk, site_id):
        first = book(pair_id, BEST, desk, site_id)
        second = book(pair_id, BEST + timedelta(days=4), desk, site_id)
        common = {"seen": Seen(1, Status.BOOKED), "reason": "patient-asked", "actor_id": desk, "now": AFTER}
        appointments.move(first, Slot(BEST + timedelta(days=1), NINE, "A"), **common)
        appointments.move(second, Slot(BEST + timedelta(days=5), NINE, "A"), **common)
        with pytest.raises(DomainError, match="due"):
            appointments.move(first, Slot(date(2027, 1, 11), NINE, "A"), **common | {"seen": Seen(2, Status.BOOKED)})
        check_tables()

    def test_a_single_booster_that_is_booked_takes_nobody_else_beside_it(self, order_id, desk, site_id):
        book(order_id, BEST, desk, site_id)
        assert window(order_id) is None
        attendance.mark(
            db.session.scalars(select(Appointment.id).where(Appointment.kind == "booster")).one(),
            Status.CANCELLED,
            seen=Seen(1, Status.BOOKED),
            actor_id=desk,
            now=AFTER,
        )
        assert window(order_id).target == BEST


def test_more_than_two_in_a_week_beyond_two_months_is_said(order_id, desk, site_id):
    change(order_id, booster_regime={"steps": [{"every_days": 3, "times": None, "tolerance_days": 1}]})
    order = db.session.get_one(Order, order_id)
    assert boosters.density_words(order, date(2027, 2, 10)) == ""
    with transaction() as session:
        row = session.scalars(select(Appointment).where(Appointment.order_id == order_id)).first()
        for day in (date(2027, 2, 8), date(2027, 2, 9)):
            at = utc(day, 16)
            values = {"turnover_minutes": 15, "watch_profile": [], "booked_by": desk, "booked_at": AFTER}
            values |= {
                "starts_at": at,
                "ends_at": at + timedelta(hours=2),
                "kind": "booster",
                "status": Status.FULFILLED,
            }
            session.add(
                Appointment(site_id=site_id, patient_id=row.patient_id, order_id=order_id, on_date=day, **values)
            )
    assert boosters.density_words(db.session.get_one(Order, order_id), date(2027, 2, 10)).startswith(
        "3 boosters in 7 days"
    )
    assert boosters.density_words(db.session.get_one(Order, order_id), date(2027, 2, 20)) == ""
    db.session.rollback()
