"""Booking a series and single times: what is written, what is refused, what a repeat answers."""

from datetime import date, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import NoResultFound
from uuid_utils.compat import uuid7

from intake.domain.errors import DomainError
from intake.domain.scheduling.planning import Plan
from intake.domain.scheduling.values import Slot
from intake.domain.statuses import OrderStatus, SeriesStatus, Status
from intake.extensions import db, transaction
from intake.models.appointments import Appointment, AppointmentEvent, SlotClaim
from intake.models.audit import AuditRow
from intake.models.messages import Message
from intake.models.orders import Order
from intake.models.series import Series, SeriesEvent
from intake.services import appointments, holds, series
from intake.services.appointments import NewAppointment
from intake.services.claims import Taken
from intake.services.placing import NoLongerHolds
from tests import factories
from tests.factories import NOW
from tests.refusing import refused
from tests.services.bookings import DATES, an_order_to_book, check_tables, plan, the_kind


def book(order_id, slots=None, **values):
    arguments = {"request_key": uuid7(), "now": NOW} | values
    arguments["actor_id"] = values.get("actor_id") or factories.a_desk()
    return series.book(order_id, plan() if slots is None else slots, **arguments)


def patient_of(order_id):
    found = db.session.get_one(Order, order_id).patient_id
    db.session.rollback()
    return found


def count(model):
    return db.session.scalar(select(func.count()).select_from(model))


def test_six_infusions_are_booked_with_all_their_claims():
    order_id = an_order_to_book(factories.a_site())
    series_id = book(order_id)
    rows = list(db.session.scalars(select(Appointment).order_by(Appointment.number)))
    assert [(row.number, row.on_date, row.status) for row in rows] == [
        (number, day, Status.BOOKED) for number, day in enumerate(DATES, 1)
    ]
    assert {row.series_id for row in rows} == {series_id}
    assert db.session.get_one(Series, series_id).status is SeriesStatus.BOOKED
    assert db.session.scalars(select(SeriesEvent.kind)).all() == ["booked"]
    assert count(AppointmentEvent) == 6
    check_tables()


def test_booking_writes_one_audit_row_and_one_confirmation_in_the_same_transaction():
    series_id = book(an_order_to_book(factories.a_site()))
    assert count(AuditRow) and "series.book" in set(db.session.scalars(select(AuditRow.action)))
    message = db.session.scalars(select(Message)).one()
    assert message.key == f"series:{series_id}:confirmation"
    words = (message.body["subject"] + message.body["text"]).lower()
    assert not [word for word in ("ketamine", "infusion", "depression", "treatment", "series") if word in words]


def test_the_proposed_plan_can_be_booked_as_it_is():
    order_id = an_order_to_book(factories.a_site())
    found = series.propose(order_id, now=NOW)
    assert isinstance(found, Plan)
    assert len(found.alternatives) == 2
    db.session.rollback()
    series_id = book(order_id, found.slots)
    row = db.session.get_one(Series, series_id)
    assert (row.cost, row.breakdown) == (found.cost, found.breakdown)
    check_tables()


def test_a_repeat_of_the_form_answers_with_the_first_series():
    order_id, key = an_order_to_book(factories.a_site()), uuid7()
    assert book(order_id, request_key=key) == book(order_id, request_key=key)
    assert count(Appointment) == 6


def test_a_second_plan_for_one_order_is_refused():
    order_id = an_order_to_book(factories.a_site())
    book(order_id)
    with pytest.raises(DomainError, match="booked already"):
        book(order_id, plan("B"))
    assert count(Appointment) == 6


def test_a_plan_on_a_taken_chair_is_refused_with_a_fresh_plan():
    site_id = factories.a_site()
    book(an_order_to_book(site_id))
    with pytest.raises(Taken, match="just taken") as told:
        book(an_order_to_book(site_id), plan("A", 10 * 60))
    assert isinstance(told.value.offer, Plan)
    assert count(Appointment) == 6
    check_tables()


@pytest.mark.parametrize(
    ("dates", "words"),
    [
        ((*DATES[:5], date(2026, 12, 22)), "Gap of 1 day"),
        (DATES[:5], "has 6 infusions"),
        ((date(2026, 12, 5), *DATES[1:]), "not open"),
        ((date(2026, 11, 26), *DATES[1:]), "is over"),
    ],
)
def test_a_plan_that_breaks_a_rule_is_refused(dates, words):
    order_id = an_order_to_book(factories.a_site())
    with pytest.raises(NoLongerHolds, match=words):
        book(order_id, plan(dates=dates))
    assert count(SlotClaim) == 0


def test_a_plan_outside_the_patients_hours_is_refused():
    site_id = factories.a_site()
    order_id = an_order_to_book(
        site_id, wishes={"available": {"mon": [["08:00", "17:00"]], "thu": [["12:00", "17:00"]]}}
    )
    desk = factories.a_desk()
    with refused(NoLongerHolds, match="cannot be here"):
        book(order_id, actor_id=desk)


class TestOrders:
    """What has to be true of an order where rows are written."""

    def refuse(self, order_id, words):
        with pytest.raises(DomainError, match=words):
            book(order_id)
        assert count(Appointment) == 0
        db.session.rollback()

    def test_a_stopped_order_is_refused(self):
        order_id = an_order_to_book(factories.a_site())
        with transaction() as session:
            session.get_one(Order, order_id).status = OrderStatus.STOPPED
        self.refuse(order_id, "no longer in force")

    def test_an_infusion_after_the_orders_end_is_refused(self):
        order_id = an_order_to_book(factories.a_site())
        with transaction() as session:
            session.get_one(Order, order_id).expires_on = DATES[-1] - timedelta(days=1)
        self.refuse(order_id, "Thu Dec 24 is after Wed Dec 23")

    def test_the_orders_last_day_is_still_good(self):
        order_id = an_order_to_book(factories.a_site())
        with transaction() as session:
            session.get_one(Order, order_id).expires_on = DATES[-1]
        book(order_id)
        assert count(Appointment) == 6
        db.session.rollback()

    def test_an_open_condition_blocks_booking_and_is_not_told(self):
        site_id = factories.a_site()
        order_id = an_order_to_book(site_id, conditions=("CANARY blood pressure",))
        self.refuse(order_id, "conditions that are not met")
        desk = factories.a_desk()
        with refused(DomainError) as told:
            book(order_id, actor_id=desk)
        assert "CANARY" not in told.value.message

    def test_an_uncleared_stop_finding_blocks_booking(self, monkeypatch):
        from intake.queries import series as series_queries

        order_id = an_order_to_book(factories.a_site())
        monkeypatch.setattr(series_queries.findings, "uncleared_stops", lambda *_args, **_values: ["MAOI: phenelzine"])
        self.refuse(order_id, "look at this chart first")


class TestHolds:
    """Places kept for ten minutes."""

    def test_a_hold_keeps_the_places_from_others(self):
        site_id = factories.a_site()
        order_id = an_order_to_book(site_id)
        series.hold(order_id, plan(), actor_id=factories.a_desk(), now=NOW)
        another, desk = an_order_to_book(site_id), factories.a_desk()
        with refused(Taken):
            book(another, actor_id=desk)

    def test_the_holder_sees_its_own_places_as_free(self):
        order_id = an_order_to_book(factories.a_site(chairs=1))
        best = series.propose(order_id, now=NOW)
        db.session.rollback()
        series.hold(order_id, best.slots, actor_id=factories.a_desk(), now=NOW)
        assert series.propose(order_id, now=NOW).slots == best.slots

    def test_a_hold_becomes_six_appointments(self):
        order_id, desk = an_order_to_book(factories.a_site()), factories.a_desk()
        hold_id = series.hold(order_id, plan(), actor_id=desk, now=NOW)
        later = NOW + holds.KEPT_FOR - timedelta(seconds=1)
        series.confirm(order_id, hold_id, request_key=uuid7(), actor_id=desk, now=later)
        assert count(Appointment) == 6
        assert not db.session.scalars(select(SlotClaim).where(SlotClaim.hold_id.is_not(None))).all()
        check_tables()

    def test_an_expired_hold_cannot_be_confirmed(self):
        order_id, desk = an_order_to_book(factories.a_site()), factories.a_desk()
        hold_id = series.hold(order_id, plan(), actor_id=desk, now=NOW)
        with pytest.raises(NoLongerHolds, match="hold has run out") as told:
            series.confirm(order_id, hold_id, request_key=uuid7(), actor_id=desk, now=NOW + holds.KEPT_FOR)
        assert isinstance(told.value.offer, Plan)
        assert count(Appointment) == 0

    def test_an_expired_hold_is_taken_over(self):
        site_id = factories.a_site()
        series.hold(an_order_to_book(site_id), plan(), actor_id=factories.a_desk(), now=NOW)
        book(an_order_to_book(site_id), now=NOW + holds.KEPT_FOR)
        check_tables()

    def test_a_hold_that_was_let_go_is_free_at_once(self):
        site_id, desk = factories.a_site(), factories.a_desk()
        order_id = an_order_to_book(site_id)
        hold_id = series.hold(order_id, plan(), actor_id=desk, now=NOW)
        for _ in range(2):
            holds.let_go(hold_id, patient_id=patient_of(order_id), actor_id=desk, now=NOW)
        assert count(SlotClaim) == 0
        book(an_order_to_book(site_id))

    def test_another_patients_hold_cannot_be_let_go(self):
        site_id, desk = factories.a_site(), factories.a_desk()
        hold_id = series.hold(an_order_to_book(site_id), plan(), actor_id=desk, now=NOW)
        other = patient_of(an_order_to_book(site_id))
        held = count(SlotClaim)
        with pytest.raises(NoResultFound):
            holds.let_go(hold_id, patient_id=other, actor_id=desk, now=NOW)
        assert count(SlotClaim) == held > 0

    def test_booking_another_plan_gives_ones_own_hold_back(self):
        order_id, desk = an_order_to_book(factories.a_site()), factories.a_desk()
        series.hold(order_id, plan("A"), actor_id=desk, now=NOW)
        book(order_id, plan("A", 9 * 60 + 30))
        assert not db.session.scalars(select(SlotClaim).where(SlotClaim.hold_id.is_not(None))).all()
        check_tables()

    def test_a_second_hold_replaces_the_first(self):
        order_id, desk = an_order_to_book(factories.a_site()), factories.a_desk()
        first = series.hold(order_id, plan("A"), actor_id=desk, now=NOW)
        second = series.hold(order_id, plan("B"), actor_id=desk, now=NOW)
        assert set(db.session.scalars(select(SlotClaim.hold_id))) == {second} != {first}


def test_slots_of_a_chair_that_does_not_exist_are_refused():
    order_id, desk = an_order_to_book(factories.a_site()), factories.a_desk()
    with refused(NoLongerHolds, match="no chair"):
        book(order_id, [Slot(day, 540, "Z") for day in DATES], actor_id=desk)


class TestKeys:
    """The key of a form stands for one booking of one patient."""

    def test_a_series_under_another_orders_key_is_refused_in_words(self):
        site_id, key = factories.a_site(), uuid7()
        book(an_order_to_book(site_id), request_key=key)
        with pytest.raises(DomainError, match="sent before"):
            book(an_order_to_book(site_id), plan("B"), request_key=key)
        assert count(Appointment) == 6
        check_tables()

    def single(self, patient_id, site_id, key, *, kind="follow-up", slot=None):
        wanted = NewAppointment(patient_id, site_id, kind, slot or Slot(DATES[0], 540, "A"))
        return appointments.book(wanted, request_key=key, actor_id=factories.a_desk(), now=NOW)

    def test_a_time_under_another_patients_key_is_refused_in_words(self):
        site_id, key = factories.a_site(), uuid7()
        the_kind("follow-up")
        one, other = (factories.a_patient(site_id, with_account=False) for _ in range(2))
        self.single(one, site_id, key)
        for slot in (None, Slot(DATES[0], 540, "B")):
            with pytest.raises(DomainError, match="sent before|just taken"):
                self.single(other, site_id, key, slot=slot)
        assert count(Appointment) == 1
        check_tables()

    def test_a_repeat_that_says_another_kind_is_refused(self):
        site_id, key = factories.a_site(), uuid7()
        the_kind("follow-up")
        the_kind("urgent")
        patient_id = factories.a_patient(site_id, with_account=False)
        assert self.single(patient_id, site_id, key) == self.single(patient_id, site_id, key)
        with pytest.raises(DomainError, match="sent before"):
            self.single(patient_id, site_id, key, kind="urgent")
