"""What becomes of a booked time: status, undo, move, another time instead."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select, text, update
from uuid_utils.compat import uuid7

from intake.domain.errors import DomainError
from intake.domain.roles import Role
from intake.domain.scheduling.values import Rule, Slot
from intake.domain.statuses import OrderStatus, SeriesStatus, Status
from intake.extensions import db, transaction
from intake.models.appointments import Appointment, AppointmentEvent, SlotClaim
from intake.models.audit import AuditRow
from intake.models.messages import Message
from intake.models.orders import Order
from intake.models.series import Series
from intake.models.sites import Chair, Shift
from intake.queries import offers
from intake.queries import series as series_queries
from intake.services import appointments, attendance, calendar_files, series, sites
from intake.services.appointment_steps import Seen
from intake.services.appointments import NewAppointment
from intake.services.claims import Taken
from intake.services.errors import NotAllowed
from intake.services.placing import NoLongerHolds
from tests import factories
from tests.factories import NOW
from tests.refusing import refused
from tests.services.bookings import ALL_WEEK, DATES, NINE, an_order_to_book, check_tables, plan, the_kind, utc


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


def mark(key, to, desk, now=None, **values):
    now = now or row(key).starts_at + timedelta(minutes=1)
    attendance.mark(key, to, seen=seen(key), actor_id=desk, now=now, **values)


def move(key, slot, desk, **values):
    appointments.move(key, slot, seen=seen(key), reason="patient-asked", actor_id=desk, now=NOW, **values)


def messages_about(key) -> list[tuple[str, bool]]:
    db.session.rollback()
    rows = select(Message).where(Message.appointment_id == key).order_by(Message.created_at, Message.id)
    return [(message.kind, message.voided_at is not None) for message in db.session.scalars(rows)]


class TestStatus:
    """One press each, by the table."""

    def test_a_day_goes_from_arrived_to_done(self, booked, desk):
        for to in (Status.ARRIVED, Status.CHECKED_IN, Status.FULFILLED):
            mark(booked[1], to, desk)
        assert row(booked[1]).status is Status.FULFILLED
        kinds = select(AppointmentEvent.to_status).where(AppointmentEvent.appointment_id == booked[1])
        assert db.session.scalars(kinds.order_by(AppointmentEvent.id)).all() == [
            Status.BOOKED,
            Status.ARRIVED,
            Status.CHECKED_IN,
            Status.FULFILLED,
        ]
        check_tables()

    def test_what_the_table_lacks_is_refused(self, booked, desk):
        with refused(DomainError, match="cannot become done"):
            mark(booked[1], Status.FULFILLED, desk)

    @pytest.mark.parametrize("to", [Status.ARRIVED, Status.NO_SHOW])
    def test_nobody_arrives_or_misses_on_an_earlier_day(self, booked, desk, to):
        with refused(DomainError, match="on that day"):
            mark(booked[1], to, desk, now=utc(DATES[0], 6, 59))  # Sunday evening in Denver

    def test_somebody_may_arrive_early_on_the_day(self, booked, desk):
        mark(booked[1], Status.ARRIVED, desk, now=utc(DATES[0], 7, 0))
        assert row(booked[1]).status is Status.ARRIVED

    def test_a_visit_is_missed_once_its_time_has_begun(self, booked, desk):
        start = row(booked[1]).starts_at
        with pytest.raises(DomainError, match="not time yet"):
            mark(booked[1], Status.NO_SHOW, desk, now=start - timedelta(seconds=1))
        mark(booked[1], Status.NO_SHOW, desk, now=start)
        assert row(booked[1]).status is Status.NO_SHOW

    @pytest.mark.parametrize("to", [Status.CANCELLED, Status.CLINIC_HOLD, Status.NO_SHOW])
    def test_what_is_no_longer_expected_frees_its_place(self, booked, desk, to):
        mark(booked[2], to, desk, reason="ill", asked_by="patient")
        assert db.session.scalars(select(SlotClaim).where(SlotClaim.appointment_id == booked[2])).all() == []
        check_tables()

    def test_a_stale_page_is_refused(self, booked, desk):
        old = seen(booked[1])
        mark(booked[1], Status.ARRIVED, desk)
        with pytest.raises(DomainError, match="it is arrived now"):
            attendance.mark(booked[1], Status.CANCELLED, seen=old, actor_id=desk, now=NOW)
        assert row(booked[1]).status is Status.ARRIVED

    def test_an_unknown_reason_is_refused(self, booked, desk):
        with refused(DomainError, match="reason from the list"):
            mark(booked[1], Status.CANCELLED, desk, reason="CANARY free text")

    def test_a_cancelled_time_voids_what_is_unsent_and_is_told(self, booked, desk):
        move(booked[1], Slot(DATES[0], 10 * 60, "A"), desk)
        mark(booked[1], Status.CANCELLED, desk, now=NOW)
        assert messages_about(booked[1]) == [("moved", True), ("cancelled", False)]


class TestDriver:
    """Somebody who drives home has to be known before check-in."""

    def know(self, key, is_known, desk):
        attendance.know_driver(key, is_known, seen=seen(key), actor_id=desk, now=NOW)

    def test_without_one_nobody_is_checked_in(self, booked, desk):
        self.know(booked[1], False, desk)
        mark(booked[1], Status.ARRIVED, desk)
        with pytest.raises(DomainError, match="drives the patient home"):
            mark(booked[1], Status.CHECKED_IN, desk)
        self.know(booked[1], True, desk)
        mark(booked[1], Status.CHECKED_IN, desk)
        kinds = select(AppointmentEvent.detail).where(AppointmentEvent.kind == "driver").order_by(AppointmentEvent.id)
        assert db.session.scalars(kinds).all() == [{"driver": False}, {"driver": True}]

    def test_a_tentative_time_claims_like_any_other(self, booked, desk):
        self.know(booked[1], False, desk)
        check_tables()

    def test_what_is_booked_anew_lacks_a_driver_still(self, booked, desk):
        self.know(booked[2], False, desk)
        mark(booked[2], Status.CANCELLED, desk, now=NOW)
        slot, arguments = Slot(DATES[1], NINE, "A"), {"reason": "no-ride", "actor_id": desk, "now": NOW}
        assert row(appointments.book_anew(booked[2], slot, request_key=uuid7(), **arguments)).tentative

    def test_it_is_asked_of_nobody_who_is_not_expected(self, booked, desk):
        mark(booked[1], Status.CANCELLED, desk, now=NOW)
        with refused(DomainError, match="no longer asked for"):
            self.know(booked[1], False, desk)


class TestUndo:
    """One press back."""

    @pytest.mark.parametrize("to", [Status.CANCELLED, Status.CLINIC_HOLD])
    def test_a_cancel_is_undone_while_its_place_is_free(self, booked, desk, to):
        mark(booked[2], to, desk, now=NOW)
        attendance.undo(booked[2], seen=seen(booked[2]), actor_id=desk, now=NOW)
        assert row(booked[2]).status is Status.BOOKED
        assert row(booked[2]).version == 3
        assert all(voided for _, voided in messages_about(booked[2]))
        check_tables()

    def test_it_is_refused_when_the_place_was_given_away(self, booked, desk):
        mark(booked[2], Status.CANCELLED, desk, now=NOW)
        the_kind("follow-up")
        site_id = row(booked[2]).site_id
        other = factories.a_patient(site_id, with_account=False)
        wanted = NewAppointment(other, site_id, "follow-up", Slot(DATES[1], NINE + 60, "A"))
        appointments.book(wanted, request_key=uuid7(), actor_id=desk, now=NOW)
        with pytest.raises(DomainError, match="given to somebody else"):
            attendance.undo(booked[2], seen=seen(booked[2]), actor_id=desk, now=NOW)
        assert row(booked[2]).status is Status.CANCELLED
        check_tables()

    def test_it_is_refused_on_a_day_that_was_closed_meanwhile(self, booked, desk):
        mark(booked[2], Status.CANCELLED, desk, now=NOW)
        sites.close_day(row(booked[2]).site_id, DATES[1], actor_id=desk, now=NOW)
        with refused(DomainError, match="not open"):
            attendance.undo(booked[2], seen=seen(booked[2]), actor_id=desk, now=NOW)

    def test_who_came_late_after_all_gets_the_place_again(self, booked, desk):
        mark(booked[1], Status.NO_SHOW, desk)
        attendance.undo(booked[1], seen=seen(booked[1]), actor_id=desk, now=row(booked[1]).starts_at)
        assert row(booked[1]).status is Status.ARRIVED
        check_tables()

    @pytest.mark.parametrize(
        ("gone", "back"),
        [
            (Status.NO_SHOW, Status.ARRIVED),
            (Status.CANCELLED, Status.BOOKED),
            (Status.CLINIC_HOLD, Status.BOOKED),
        ],
    )
    def test_who_is_expected_again_has_the_claims_again(self, booked, desk, gone, back):
        mark(booked[1], gone, desk)
        mark(booked[1], back, desk, now=NOW if back is Status.BOOKED else None)
        assert row(booked[1]).status is back
        check_tables()

    @pytest.mark.parametrize("by_undo", [True, False])
    def test_nothing_comes_back_on_a_stopped_order(self, booked, desk, by_undo):
        mark(booked[2], Status.CANCELLED, desk, now=NOW)
        with transaction() as session:
            session.get_one(Order, row(booked[2]).order_id).status = OrderStatus.STOPPED
        with pytest.raises(DomainError, match="no longer in force"):
            if by_undo:
                attendance.undo(booked[2], seen=seen(booked[2]), actor_id=desk, now=NOW)
            else:
                mark(booked[2], Status.BOOKED, desk, now=NOW)
        assert row(booked[2]).status is Status.CANCELLED
        check_tables()

    @pytest.mark.parametrize("by_undo", [True, False])
    @pytest.mark.parametrize(
        ("values", "message"),
        [
            ({"status": OrderStatus.EXPIRED}, "no longer in force"),
            ({"expires_on": DATES[1] - timedelta(days=1)}, "when the order ends"),
        ],
    )
    def test_nothing_comes_back_on_an_order_that_has_ended(self, booked, desk, values, message, by_undo):
        mark(booked[2], Status.CANCELLED, desk, now=NOW)
        with transaction() as session:
            session.execute(update(Order).where(Order.id == row(booked[2]).order_id).values(**values))
        with pytest.raises(DomainError, match=message):
            if by_undo:
                attendance.undo(booked[2], seen=seen(booked[2]), actor_id=desk, now=NOW)
            else:
                mark(booked[2], Status.BOOKED, desk, now=NOW)
        assert row(booked[2]).status is Status.CANCELLED
        check_tables()

    def stop_series(self, key):
        with transaction() as session:
            session.get_one(Series, row(key).series_id).status = SeriesStatus.STOPPED

    def test_nothing_comes_back_on_a_stopped_series(self, booked, desk):
        mark(booked[2], Status.CANCELLED, desk, now=NOW)
        self.stop_series(booked[2])
        with pytest.raises(DomainError, match="stopped meanwhile"):
            attendance.undo(booked[2], seen=seen(booked[2]), actor_id=desk, now=NOW)
        with pytest.raises(DomainError, match="stopped meanwhile"):
            slot, arguments = Slot(DATES[1], NINE, "A"), {"reason": "ill", "actor_id": desk, "now": NOW}
            appointments.book_anew(booked[2], slot, request_key=uuid7(), **arguments)
        check_tables()

    def test_who_was_in_the_clinic_when_it_stopped_goes_on_but_is_not_expected_again(self, booked, desk):
        mark(booked[1], Status.ARRIVED, desk)
        self.stop_series(booked[1])
        with pytest.raises(DomainError, match="stopped meanwhile"):
            attendance.undo(booked[1], seen=seen(booked[1]), actor_id=desk, now=NOW)
        mark(booked[1], Status.CHECKED_IN, desk)
        attendance.undo(booked[1], seen=seen(booked[1]), actor_id=desk, now=NOW)
        assert row(booked[1]).status is Status.ARRIVED

    def test_who_has_read_that_it_is_cancelled_hears_that_it_is_not(self, booked, desk):
        mark(booked[2], Status.CANCELLED, desk, now=NOW)
        with transaction() as session:
            session.execute(update(Message).where(Message.appointment_id == booked[2]).values(sent_at=NOW))
        attendance.undo(booked[2], seen=seen(booked[2]), actor_id=desk, now=NOW)
        assert messages_about(booked[2]) == [("cancelled", False), ("confirmation", False)]
        told = db.session.scalars(select(Message).where(Message.kind == "confirmation")).all()[-1]
        assert b"STATUS:CONFIRMED" in calendar_files.made(told.body["calendar"])

    def test_a_booked_time_has_nothing_to_undo(self, booked, desk):
        with refused(DomainError, match="nothing to undo"):
            attendance.undo(booked[1], seen=seen(booked[1]), actor_id=desk, now=NOW)


class TestMove:
    """Another time for one infusion."""

    def test_claims_messages_and_history_follow(self, booked, desk):
        move(booked[2], Slot(date(2026, 12, 11), 13 * 60, "B"), desk)
        moved = row(booked[2])
        assert (moved.on_date, moved.version, moved.status) == (date(2026, 12, 11), 2, Status.BOOKED)
        event = db.session.scalars(select(AppointmentEvent).where(AppointmentEvent.kind == "moved")).one()
        assert event.reason == "patient-asked"
        assert event.detail["from"]["starts_at"] < event.detail["to"]["starts_at"]
        assert messages_about(booked[2]) == [("moved", False)]
        check_tables()

    def test_it_may_overlap_its_own_old_time(self, booked, desk):
        move(booked[2], Slot(DATES[1], NINE + 15, "A"), desk)
        check_tables()

    def test_the_gap_that_breaks_is_named_not_refused(self, booked, desk):
        move(booked[2], Slot(date(2026, 12, 8), NINE, "A"), desk)
        order = db.session.get_one(Order, row(booked[2]).order_id)
        faults = series_queries.faults_of(series_queries.infusions_of(row(booked[2]).series_id), order)
        assert [fault.text for fault in faults] == ["Gap of 1 day between infusion 1 and 2 (allowed: 2 to 7 days)."]

    def test_after_a_cancelled_infusion_the_others_keep_their_numbers(self, booked, desk):
        mark(booked[2], Status.CANCELLED, desk, now=NOW)
        move(booked[5], Slot(DATES[3] + timedelta(days=1), NINE, "A"), desk)
        order = db.session.get_one(Order, row(booked[1]).order_id)
        faults = series_queries.faults_of(series_queries.infusions_of(row(booked[1]).series_id), order)
        assert [fault.text for fault in faults if fault.rule is Rule.GAP] == [
            "Gap of 1 day between infusion 4 and 5 (allowed: 2 to 7 days)."
        ]

    def test_an_offer_names_infusions_by_their_own_numbers(self, booked, desk):
        mark(booked[2], Status.CANCELLED, desk, now=NOW)
        order = db.session.get_one(Order, row(booked[3]).order_id)
        texts = {fault.text for one in offers.times_for(row(booked[3]), order, now=NOW) for fault in one.faults}
        assert texts == {
            "Gap of 8 days between infusion 1 and 3 (allowed: 2 to 7 days).",
            "Gap of 8 days between infusion 3 and 4 (allowed: 2 to 7 days).",
        }

    def test_another_chair_has_what_the_patient_needs(self, desk):
        site_id = factories.a_site()
        with transaction() as session:
            for chair in session.scalars(select(Chair).where(Chair.site_id == site_id, Chair.number > 2)):
                chair.features = ["wheelchair"]
        order_id = an_order_to_book(site_id, wishes={**ALL_WEEK, "needs": ["wheelchair"]})
        series.book(order_id, plan("C"), request_key=uuid7(), actor_id=desk, now=NOW)
        key = db.session.scalars(select(Appointment.id).where(Appointment.number == 2)).one()
        order = db.session.get_one(Order, order_id)
        found = offers.times_for(row(key), order, now=NOW)
        assert found and {one.slot.chair for one in found} <= {"C", "D"}
        with pytest.raises(NoLongerHolds, match="does not have what the patient needs"):
            move(key, Slot(date(2026, 12, 11), 13 * 60, "A"), desk)
        move(key, Slot(date(2026, 12, 11), 13 * 60, "D"), desk)
        check_tables()

    @pytest.mark.parametrize("day", [DATES[0], DATES[2], date(2026, 12, 15)])
    def test_infusions_stay_in_their_order(self, booked, desk, day):
        with refused(NoLongerHolds, match="cannot be on"):
            move(booked[2], Slot(day, 14 * 60, "B"), desk)

    def test_a_taken_time_is_refused_with_the_nearest_free_ones(self, booked, desk):
        site_id = row(booked[1]).site_id
        other = an_order_to_book(site_id)
        series.book(other, plan("B", 13 * 60), request_key=uuid7(), actor_id=desk, now=NOW)
        with pytest.raises(Taken, match="nearest free times") as told:
            move(booked[2], Slot(DATES[1], 13 * 60, "B"), desk)
        assert (DATES[1], 13 * 60) == (told.value.offer[0].day, told.value.offer[0].start)
        assert row(booked[2]).version == 1
        check_tables()

    def test_an_order_that_ended_meanwhile_is_checked_again(self, booked, desk):
        with transaction() as session:
            session.get_one(Order, row(booked[2]).order_id).expires_on = date(2026, 12, 10)
        with refused(DomainError, match="when the order ends"):
            move(booked[2], Slot(date(2026, 12, 11), NINE, "A"), desk)

    def test_a_time_that_is_over_is_refused(self, booked, desk):
        with refused(NoLongerHolds, match="is over"):
            move(booked[1], Slot(date(2026, 12, 1), NINE, "A"), desk)

    def test_only_a_booked_time_is_moved(self, booked, desk):
        mark(booked[1], Status.ARRIVED, desk)
        with refused(DomainError, match="only a booked time"):
            move(booked[1], Slot(date(2026, 12, 8), NINE, "A"), desk)

    def test_a_missed_infusion_gets_another_time(self, booked, desk):
        mark(booked[1], Status.NO_SHOW, desk)
        key = uuid7()
        now = utc(DATES[0], 20)
        arguments = {"request_key": key, "reason": "patient-asked", "actor_id": desk, "now": now}
        new = appointments.book_anew(booked[1], Slot(date(2026, 12, 8), NINE, "A"), **arguments)
        assert appointments.book_anew(booked[1], Slot(date(2026, 12, 8), NINE, "A"), **arguments) == new
        with pytest.raises(DomainError, match="sent before"):
            appointments.book_anew(booked[1], Slot(date(2026, 12, 8), NINE + 15, "A"), **arguments)
        assert (row(new).number, row(new).series_id) == (1, row(booked[1]).series_id)
        with pytest.raises(DomainError, match="another time by now"):
            attendance.undo(booked[1], seen=seen(booked[1]), actor_id=desk, now=now)
        check_tables()


class TestOverbooking:
    """Over the limits of watch units and starts, by permission, with a reason; never over a chair or a person."""

    @pytest.fixture
    def lead(self):
        return factories.an_account(Role.DESK, Role.MANAGER, name="Lee Lead")

    @pytest.fixture
    def pair(self, desk):
        """Two series at one site with three watch units: of two that start together, one is too many."""
        site_id = factories.a_site(watch_units=3, starts_per_slot=1)
        found = []
        for chair, start in (("A", NINE), ("B", 13 * 60)):
            order_id = an_order_to_book(site_id)
            series.book(order_id, plan(chair, start), request_key=uuid7(), actor_id=desk, now=NOW)
            found.append(db.session.scalars(select(Appointment.id).where(Appointment.order_id == order_id)).first())
        db.session.rollback()
        return found

    def move(self, key, slot, actor, why="Drove two hours"):
        state = seen(key)
        appointments.move(key, slot, seen=state, reason="other", actor_id=actor, now=NOW, overbook=why)

    def units_at(self, key, kind):
        names = select(SlotClaim.resource).where(SlotClaim.appointment_id == key, SlotClaim.resource.startswith(kind))
        return set(db.session.scalars(names))

    @pytest.mark.parametrize("late", [0, 15])
    def test_a_unit_above_the_limit_is_taken_and_the_place_is_marked(self, pair, lead, late):
        first, second = pair
        self.move(second, Slot(DATES[0], NINE + late, "B"), lead)
        assert row(second).overbooked_reason == "Drove two hours"
        assert row(first).overbooked_reason is None
        assert ("watch:04" in self.units_at(second, "watch")) and (
            ("start:02" in self.units_at(second, "start")) == (not late)
        )
        assert "Drove" not in repr(db.session.execute(text("SELECT * FROM appointment")).all())
        assert "appointment.overbook" in set(db.session.scalars(select(AuditRow.action)))
        check_tables()

    def test_without_the_permission_nothing_is_written(self, pair, desk):
        with refused(NotAllowed):
            appointments.move(
                pair[1],
                Slot(DATES[0], NINE, "B"),
                seen=Seen(1, Status.BOOKED),
                reason="other",
                actor_id=desk,
                now=NOW,
                overbook="x",
            )

    @pytest.mark.parametrize(
        ("slot", "error", "message"),
        [
            (Slot(DATES[0], NINE, "A"), Taken, "just taken"),  # another's chair
            (Slot(DATES[0], 5 * 60, "B"), NoLongerHolds, "not open"),
            (Slot(DATES[1], NINE, "C"), NoLongerHolds, "cannot be on"),  # the patient is there already
        ],
    )
    def test_no_other_rule_gives_way(self, pair, lead, slot, error, message):
        with pytest.raises(error, match=message):
            self.move(pair[1], slot, lead)
        assert row(pair[1]).overbooked_reason is None
        check_tables()

    def test_a_time_that_nobody_watches_is_not_overbooked(self, pair, lead):
        with transaction() as session:
            session.execute(update(Shift).where(Shift.site_id == row(pair[0]).site_id).values(capacity=0))
        with pytest.raises(Taken):
            self.move(pair[1], Slot(DATES[0], NINE, "B"), lead)

    @pytest.mark.parametrize("why", ["", "  "])
    def test_it_takes_a_reason(self, pair, lead, why):
        with pytest.raises(DomainError, match="Say why"):
            self.move(pair[1], Slot(DATES[0], NINE, "B"), lead, why)

    def test_a_time_within_the_limits_is_not_marked(self, pair, lead):
        self.move(pair[1], Slot(DATES[0], 14 * 60, "B"), lead)
        assert row(pair[1]).overbooked_reason is None

    def test_moving_on_to_a_place_within_the_limits_takes_the_mark_off(self, pair, lead, desk):
        self.move(pair[1], Slot(DATES[0], NINE, "B"), lead)
        move(pair[1], Slot(DATES[0], 14 * 60, "B"), desk)
        assert row(pair[1]).overbooked_reason is None
        check_tables()

    def test_nobody_else_fits_in_beside_it(self, pair, lead, desk):
        self.move(pair[1], Slot(DATES[0], NINE, "B"), lead)
        the_kind("follow-up")
        site_id = row(pair[0]).site_id
        wanted = NewAppointment(
            factories.a_patient(site_id, with_account=False), site_id, "follow-up", Slot(DATES[0], NINE + 30, "C")
        )
        appointments.book(wanted, request_key=uuid7(), actor_id=desk, now=NOW)  # 1 + 1 + 1 of three
        with pytest.raises(Taken):
            late = NewAppointment(
                factories.a_patient(site_id, with_account=False), site_id, "follow-up", Slot(DATES[0], NINE + 45, "D")
            )
            appointments.book(late, request_key=uuid7(), actor_id=desk, now=NOW)
        check_tables()

    def test_its_cancellation_is_undone_as_it_was(self, pair, lead, desk):
        self.move(pair[1], Slot(DATES[0], NINE, "B"), lead)
        mark(pair[1], Status.CANCELLED, desk, now=NOW)
        attendance.undo(pair[1], seen=seen(pair[1]), actor_id=desk, now=NOW)
        assert row(pair[1]).overbooked_reason == "Drove two hours"
        check_tables()

    def test_what_is_offered_over_the_limit_can_be_had_and_nothing_else_is(self, pair, lead):
        order = db.session.get_one(Order, row(pair[1]).order_id)
        found = offers.times_over(row(pair[1]), order, now=NOW)
        free = {(one.slot.day, one.slot.start) for one in offers.times_for(row(pair[1]), order, now=NOW)}
        assert found and not free & {(one.slot.day, one.slot.start) for one in found}
        assert all({fault.rule for fault in one.faults} & {Rule.MONITORING, Rule.STARTS} for one in found)
        self.move(pair[1], found[0].slot, lead)
        assert row(pair[1]).overbooked_reason
        check_tables()


class TestSites:
    """Changes that strand bookings list them."""

    def test_a_closed_day_lists_what_it_strands_and_changes_nothing(self, booked, desk):
        with pytest.raises(sites.StrandsBookings, match="1 booked time") as told:
            sites.close_day(row(booked[1]).site_id, DATES[0], actor_id=desk, now=NOW)
        assert [one.appointment_id for one in told.value.stranded] == [booked[1]]
        stranded = sites.close_day(row(booked[1]).site_id, DATES[0], actor_id=desk, now=NOW, strand=True)
        assert [one.appointment_id for one in stranded] == [booked[1]]

    def test_a_retired_chair_lists_its_bookings_from_that_day_on(self, booked, desk):
        chair_id = row(booked[1]).chair_id
        with refused(sites.StrandsBookings) as told:
            sites.retire_chair(chair_id, DATES[3], actor_id=desk, now=NOW)
        assert [one.appointment_id for one in told.value.stranded] == booked[4:]
