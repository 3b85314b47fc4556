"""The response check: later infusions are tentative until a provider confirms, and nothing stops by itself."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.exc import NoResultFound
from uuid_utils.compat import uuid7

from intake.domain.errors import DomainError
from intake.domain.scheduling.checkpoints import CheckOutcome, Impression
from intake.domain.scheduling.values import Slot
from intake.domain.statuses import Status
from intake.extensions import db, transaction
from intake.models.appointments import Appointment, AppointmentEvent
from intake.models.response_checks import ResponseCheck
from intake.models.scores import Score
from intake.queries import response_checks as reads
from intake.services import appointments, attendance, response_checks, series
from intake.services.appointment_steps import Seen
from intake.services.errors import NotAllowed
from intake.services.response_checks import CheckEntry
from tests import factories
from tests.factories import NOW
from tests.services.bookings import DATES, NINE, an_order_to_book, check_tables, finish, plan

RESPONSE = CheckEntry(CheckOutcome.RESPONSE, Impression.BETTER, Impression.MUCH_BETTER, "Sleeps again.")
GO_ON = CheckEntry(CheckOutcome.GO_ON, Impression.SAME)
ASK_AGAIN = CheckEntry(CheckOutcome.ASK_AGAIN, Impression.SAME)


@pytest.fixture
def desk():
    return factories.a_desk()


@pytest.fixture
def provider():
    return factories.a_provider()


@pytest.fixture
def series_id(desk):
    """Six infusions booked by a protocol that asks after the third."""
    protocol_id = factories.a_protocol(name="Checked", checkpoint_after=3)
    order_id = an_order_to_book(factories.a_site(), protocol_id=protocol_id)
    return series.book(order_id, plan(), request_key=uuid7(), actor_id=desk, now=NOW)


def rows(series_id):
    db.session.rollback()
    return list(
        db.session.scalars(select(Appointment).where(Appointment.series_id == series_id).order_by(Appointment.number))
    )


def tentative(series_id):
    return [row.awaits_response for row in rows(series_id)]


def patient_of(series_id):
    return rows(series_id)[0].patient_id


def do(series_id, desk, count):
    for row in rows(series_id)[:count]:
        if row.status is Status.BOOKED:
            key, at = row.id, row.starts_at
            db.session.rollback()
            finish(key, desk, at)


def check(series_id, entry, provider, *, key=None, now=None):
    patient_id = patient_of(series_id)
    db.session.rollback()
    moment = now or NOW + timedelta(days=20)
    return response_checks.record(
        patient_id, series_id, entry, request_key=key or uuid7(), actor_id=provider, now=moment
    )


def answer(series_id, at, points):
    """A PHQ-9 whose first item has so many points, the others 2."""
    with transaction() as session:
        answers = {"1": points} | {str(item): 2 for item in range(2, 9)} | {"9": 0}
        values = {"instrument": "phq9", "instrument_version": "1", "mode": "self", "scorer_version": "1"}
        row = Score(patient_id=patient_of(series_id), answered_at=at, total=None, **values)
        row.answers = answers
        session.add(row)


def due(today=date(2026, 12, 20)):
    found = [(one.series.id, one.done, one.days) for one in reads.due(today)]
    db.session.rollback()
    return found


def test_what_comes_after_the_check_is_tentative_and_holds_its_claims(series_id):
    assert tentative(series_id) == [False] * 3 + [True] * 3
    assert not any(row.tentative for row in rows(series_id))  # a driver is known: the other reason
    check_tables()


def test_a_protocol_without_a_check_makes_none_tentative(desk):
    order_id = an_order_to_book(factories.a_site())
    key = series.book(order_id, plan(), request_key=uuid7(), actor_id=desk, now=NOW)
    assert not any(tentative(key))
    assert due() == []


@pytest.mark.parametrize("entry", [RESPONSE, GO_ON])
def test_a_confirmation_makes_the_rest_definite(series_id, desk, provider, entry):
    do(series_id, desk, 3)
    check(series_id, entry, provider)
    assert not any(tentative(series_id))
    events = db.session.scalars(select(AppointmentEvent).where(AppointmentEvent.kind == "response")).all()
    assert [event.detail for event in events] == [{"awaited": False}] * 3
    check_tables()


def test_to_ask_again_leaves_the_rest_tentative_and_stops_nothing(series_id, desk, provider):
    do(series_id, desk, 3)
    check(series_id, ASK_AGAIN, provider)
    assert tentative(series_id)[3:] == [True] * 3
    assert due() == []
    do(series_id, desk, 4)  # no confirmation is needed to come
    assert due(date(2026, 12, 18)) == [(series_id, 4, 1)]


def test_a_confirmation_can_be_taken_back_for_what_is_still_to_come(series_id, desk, provider):
    do(series_id, desk, 3)
    check(series_id, RESPONSE, provider)
    do(series_id, desk, 4)
    check(series_id, ASK_AGAIN, provider)
    assert tentative(series_id) == [False] * 4 + [True] * 2


@pytest.mark.parametrize(("done", "is_due"), [(2, False), (3, True), (5, True)])
def test_the_check_is_due_once_so_many_infusions_are_done(series_id, desk, done, is_due):
    do(series_id, desk, done)
    last = DATES[done - 1]
    assert due(last + timedelta(days=4)) == [(series_id, done, 4)] * is_due


def test_one_that_is_confirmed_over_or_stopped_is_not_due(series_id, desk, provider):
    do(series_id, desk, 3)
    check(series_id, RESPONSE, provider)
    assert due() == []
    do(series_id, desk, 6)
    with pytest.raises(DomainError, match="nothing to check"):
        check(series_id, RESPONSE, provider)


def test_before_the_first_infusion_there_is_nothing_to_check(series_id, provider):
    with pytest.raises(DomainError, match="nothing to check"):
        check(series_id, RESPONSE, provider)


def test_what_is_moved_stays_tentative_and_what_is_booked_anew_is_asked_again(series_id, desk, provider):
    fourth, fifth = rows(series_id)[3].id, rows(series_id)[4].id
    db.session.rollback()
    day = DATES[3] + timedelta(days=1)
    appointments.move(
        fourth, Slot(day, NINE, "A"), seen=Seen(1, Status.BOOKED), reason="patient-asked", actor_id=desk, now=NOW
    )
    assert tentative(series_id)[3]
    do(series_id, desk, 3)
    attendance.mark(
        fifth, Status.CANCELLED, seen=Seen(1, Status.BOOKED), actor_id=desk, now=NOW, reason="patient-asked"
    )
    check(series_id, RESPONSE, provider)
    key = appointments.book_anew(
        fifth, Slot(DATES[4], NINE, "A"), request_key=uuid7(), reason="patient-asked", actor_id=desk, now=NOW
    )
    assert not db.session.get_one(Appointment, key).awaits_response


def test_the_change_is_from_the_last_before_the_first_infusion_to_the_last_after_it(series_id, desk, provider):
    do(series_id, desk, 3)
    first = rows(series_id)[0].starts_at
    for at, points in ((first - timedelta(days=9), 0), (first - timedelta(minutes=1), 3), (first, 2)):
        answer(series_id, at, points)
    answer(series_id, first + timedelta(days=7), 1)
    found = reads.case_of(patient_of(series_id), series_id)
    assert (found.change.baseline.total, found.change.latest.total, found.change.points) == (17, 15, -2)
    assert found.change.days_before == 7
    check(series_id, RESPONSE, provider)
    row = db.session.scalars(select(ResponseCheck)).one()
    assert row.basis["points"] == -2 and row.note == "Sleeps again."
    assert b"Sleeps" not in row.note_sealed


def test_the_same_press_is_kept_once_and_another_outcome_under_it_is_refused(series_id, desk, provider):
    do(series_id, desk, 3)
    key = uuid7()
    first = check(series_id, RESPONSE, provider, key=key)
    assert check(series_id, RESPONSE, provider, key=key) == first
    with pytest.raises(DomainError):
        check(series_id, ASK_AGAIN, provider, key=key)
    assert not any(tentative(series_id))


def test_only_who_may_sign_orders_confirms_and_only_for_the_patient_whose_series_it_is(series_id, desk, provider):
    do(series_id, desk, 3)
    with pytest.raises(NotAllowed):
        check(series_id, RESPONSE, desk)
    other = factories.a_patient(factories.a_site())
    with pytest.raises(NoResultFound):
        response_checks.record(other, series_id, RESPONSE, request_key=uuid7(), actor_id=provider, now=NOW)
