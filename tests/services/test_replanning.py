"""Re-planning the rest of a series: every cause, what stays, what moves, and what never happens by half."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import func, select
from uuid_utils.compat import uuid7

from intake.domain.errors import DomainError
from intake.domain.scheduling.planning import Infeasible, Plan
from intake.domain.scheduling.values import Slot
from intake.domain.statuses import OrderStatus, SeriesStatus, Status
from intake.extensions import db, transaction
from intake.models.appointments import Appointment, AppointmentEvent
from intake.models.audit import AuditRow
from intake.models.messages import Message
from intake.models.orders import Order
from intake.models.series import Series, SeriesEvent
from intake.queries import orders
from intake.queries import series as series_queries
from intake.services import appointments, claims, replan_swap, replanning, series, sites
from intake.services.appointment_steps import Seen
from intake.services.claims import Taken
from intake.services.placing import NoLongerHolds
from tests import factories
from tests.services.bookings import ALL_WEEK, DATES, NINE, an_order_to_book, check_tables, plan
from tests.services.replans import (
    AFTER_FIRST,
    CAUSES,
    a_begun_series,
    cancel,
    infusions,
    live,
    mark,
    miss,
    replan,
    row,
)


@pytest.fixture
def site_id():
    return factories.a_site()


def faults(order_id) -> list[str]:
    found = series_queries.faults_of(
        series_queries.infusions_of(db.session.scalars(select(Series.id).where(Series.order_id == order_id)).one()),
        orders.order(order_id),
    )
    db.session.rollback()
    return [fault.text for fault in found]


class TestEveryCause:
    """A miss, a cancellation, a hold, a closed day, a retired chair, a provider away."""

    @pytest.mark.parametrize("cause", CAUSES)
    def test_the_series_is_whole_again_and_what_is_done_is_unchanged(self, site_id, cause):
        order_id, keys = a_begun_series(site_id)
        done = live(order_id)[0]
        now = CAUSES[cause](site_id, keys)
        replan(order_id, now=now)
        found = live(order_id)
        assert found[0] == done
        assert [number for number, *_ in found] == [1, 2, 3, 4, 5, 6]
        assert faults(order_id) == []
        check_tables()

    @pytest.mark.parametrize(
        ("cause", "moved"),
        [
            ("missed", 0),  # one more at another time, the others stay
            ("cancelled", 0),
            ("clinic hold", 0),
            ("closed day", 1),
            ("retired chair", 0),  # other chairs at the same times
            ("provider away", 1),
        ],
    )
    def test_no_more_than_has_to_moves(self, site_id, cause, moved):
        order_id, keys = a_begun_series(site_id)
        now = CAUSES[cause](site_id, keys)
        before = {number: at for number, _, at, _ in live(order_id)}
        replan(order_id, now=now)
        after = {at for _, _, at, _ in live(order_id)}
        assert len(set(before.values()) - after) == moved

    def test_another_chair_at_the_same_time_is_free_and_nobody_is_told(self, site_id):
        order_id, keys = a_begun_series(site_id)
        now = CAUSES["retired chair"](site_id, keys)
        sent = db.session.scalar(select(func.count()).select_from(Message))
        found = replan(order_id, now=now)
        assert isinstance(found.found, Plan) and found.found.breakdown["moved"] == 0
        versions = [row(key).version for key in keys[2:]]
        assert versions == [1] * 4
        assert {row(key).chair.name for key in keys[2:]} != {"A"}
        assert db.session.scalar(select(func.count()).select_from(Message)) == sent


def test_a_move_to_another_chair_by_hand_does_not_read_as_a_cancellation(site_id):
    _order_id, keys = a_begun_series(site_id)
    sent = db.session.scalar(select(func.count()).select_from(Message))
    appointments.move(
        keys[3],
        Slot(DATES[3], NINE, "B"),
        seen=Seen(1, Status.BOOKED),
        reason="clinic",
        actor_id=factories.a_desk(),
        now=AFTER_FIRST,
    )
    assert db.session.scalar(select(func.count()).select_from(Message)) == sent
    db.session.rollback()


class TestPlans:
    """What is proposed."""

    def test_nothing_new_stands_before_tomorrow(self, site_id):
        order_id, keys = a_begun_series(site_id)
        now = miss(site_id, keys)
        found = replanning.propose(order_id, now=now).found
        assert isinstance(found, Plan)
        assert min(slot.day for slot in found.slots[1:]) > date(2026, 12, 10)

    def test_after_a_clinic_hold_the_same_day_will_do_an_hour_from_now(self, site_id):
        order_id, keys = a_begun_series(site_id)
        now = CAUSES["clinic hold"](site_id, keys)  # at nine in the morning
        replan(order_id, now=now)
        (second,) = [at for number, _, at, _ in live(order_id) if number == 2]
        assert timedelta(hours=1) <= second - now < timedelta(hours=6)
        assert [day for _, day, _, _ in live(order_id)] == list(DATES)
        check_tables()

    def test_after_a_miss_it_will_not(self, site_id):
        order_id, keys = a_begun_series(site_id)
        now = miss(site_id, keys)
        assert replanning.propose(order_id, now=now).rest.today_from is None

    def test_a_series_that_lacks_nothing_keeps_every_time(self, site_id):
        order_id, _ = a_begun_series(site_id)
        found = replanning.propose(order_id, now=AFTER_FIRST)
        assert isinstance(found.found, Plan) and found.found.breakdown["moved"] == 0
        assert [slot.day for slot in found.rest_slots(found.found)] == list(DATES[1:])

    def test_a_visit_agreed_outside_of_the_wishes_stays(self, site_id):
        mornings = {"available": {day: [["08:00", "12:00"]] for day in ALL_WEEK["available"]}}
        order_id, keys = a_begun_series(site_id, wishes=mornings)
        afternoon = Slot(DATES[3], 14 * 60, "A")
        appointments.move(
            keys[3],
            afternoon,
            seen=Seen(1, Status.BOOKED),
            reason="patient-asked",
            actor_id=factories.a_desk(),
            now=AFTER_FIRST,
        )
        cancel(site_id, keys)
        found = replanning.propose(order_id, now=AFTER_FIRST)
        assert isinstance(found.found, Plan)
        assert afternoon in found.rest_slots(found.found)

    def test_changed_wishes_move_what_lies_outside_of_them(self, site_id):
        order_id, _ = a_begun_series(site_id)
        no_thursdays = {"available": {day: hours for day, hours in ALL_WEEK["available"].items() if day != "thu"}}
        replanning.keep_wishes(order_id, no_thursdays, actor_id=factories.a_desk(), now=AFTER_FIRST)
        replan(order_id, now=AFTER_FIRST)
        days = {day.weekday() for _, day, _, _ in live(order_id)[1:]}
        assert 3 not in days
        check_tables()

    def test_today_s_visit_stays_unless_it_has_to_move(self, site_id):
        order_id, keys = a_begun_series(site_id, start=14 * 60)
        this_morning = row(keys[1]).starts_at - timedelta(hours=5)
        cancel_at = replanning.propose(order_id, now=this_morning)
        assert [one.id for one in cancel_at.rest.given] == keys[:2]
        forced = replanning.propose(order_id, now=this_morning, must_move={keys[1]})
        assert keys[1] in {one.id for one in forced.rest.coming}

    def test_a_visit_in_the_past_that_nobody_marked_is_named(self, site_id):
        order_id, keys = a_begun_series(site_id)
        later = row(keys[1]).starts_at + timedelta(hours=6)
        assert [one.number for one in replanning.propose(order_id, now=later).rest.unmarked] == [2]

    def test_what_no_plan_can_mend_says_what_would_help(self, site_id):
        order_id, keys = a_begun_series(site_id)
        mondays = {"available": {"mon": [["08:00", "17:00"]]}}
        replanning.keep_wishes(order_id, mondays, actor_id=factories.a_desk(), now=AFTER_FIRST)
        found = replanning.propose(order_id, now=AFTER_FIRST).found
        assert isinstance(found, Infeasible) and found.reasons

    def test_one_press_applies_what_the_patient_can_settle(self, site_id):
        order_id, _ = a_begun_series(site_id)
        mondays = {"available": {"mon": [["08:00", "17:00"]]}}
        replanning.keep_wishes(order_id, mondays, actor_id=factories.a_desk(), now=AFTER_FIRST)
        found = replanning.propose(order_id, now=AFTER_FIRST).found
        assert isinstance(found, Infeasible)
        changed = [wishes for reason in found.reasons if (wishes := replanning.wishes_after(order_id, reason))]
        assert changed
        db.session.rollback()
        replanning.keep_wishes(order_id, changed[0], actor_id=factories.a_desk(), now=AFTER_FIRST)
        replan(order_id, now=AFTER_FIRST)
        assert faults(order_id) == []


class TestOutsideTheWindow:
    """Only with the provider's sign-off."""

    def far_away(self, site_id):
        """The third infusion is cancelled and the patient is away for twelve days."""
        order_id, keys = a_begun_series(site_id)
        away = [(date(2026, 12, 9) + timedelta(days=ahead)).isoformat() for ahead in range(14)]
        wishes = {**ALL_WEEK, "unavailable_dates": away}
        replanning.keep_wishes(order_id, wishes, actor_id=factories.a_desk(), now=AFTER_FIRST)
        return order_id

    def test_without_it_there_is_no_plan_and_the_reason_names_the_provider(self, site_id):
        found = replanning.propose(self.far_away(site_id), now=AFTER_FIRST).found
        assert isinstance(found, Infeasible)
        assert any("provider" in reason.allowed_by for reason in found.reasons)

    def test_a_plan_outside_the_window_is_refused(self, site_id):
        order_id = self.far_away(site_id)
        token = replanning.propose(order_id, now=AFTER_FIRST).rest.token
        late = [Slot(date(2026, 12, 23) + timedelta(days=days), NINE, "A") for days in (0, 5, 7, 12, 14)]
        with pytest.raises(NoLongerHolds):
            replanning.apply(
                order_id, late, token=token, request_key=uuid7(), actor_id=factories.a_desk(), now=AFTER_FIRST
            )

    def test_a_request_carries_the_limits_that_make_a_plan_exist(self, site_id):
        order_id = self.far_away(site_id)
        with transaction() as session:
            session.get_one(Order, order_id).exceptions = {"limits": {"max_gap_days": 16, "max_span_days": 40}}
        found = replanning.propose(order_id, now=AFTER_FIRST)
        assert isinstance(found.found, Plan)
        assert found.allowed == (
            "Up to 16 days between two infusions.",
            "Up to 40 days from the first infusion to the last.",
        )
        replan(order_id, now=AFTER_FIRST)
        assert faults(order_id) == []
        check_tables()


class TestApplying:
    """One transaction, one message, one press."""

    def proposed(self, site_id):
        order_id, keys = a_begun_series(site_id)
        now = CAUSES["closed day"](site_id, keys)
        found = replanning.propose(order_id, now=now)
        assert isinstance(found.found, Plan)
        return order_id, found, {"token": found.rest.token, "actor_id": factories.a_desk(), "now": now}

    def test_a_double_press_changes_nothing_more(self, site_id):
        order_id, found, common = self.proposed(site_id)
        key, slots = uuid7(), found.rest_slots(found.found)
        first = replanning.apply(order_id, slots, request_key=key, **common)
        after = live(order_id)
        assert replanning.apply(order_id, slots, request_key=key, **common) == first
        assert live(order_id) == after
        assert db.session.scalar(select(func.count()).where(SeriesEvent.kind == "re-planned")) == 1

    def test_a_stale_preview_is_refused_and_comes_with_a_fresh_one(self, site_id):
        order_id, found, common = self.proposed(site_id)
        mark(infusions(order_id)[4], Status.CANCELLED, now=common["now"], reason="ill")
        with pytest.raises(NoLongerHolds, match="changed meanwhile") as refused:
            replanning.apply(order_id, found.rest_slots(found.found), request_key=uuid7(), **common)
        assert isinstance(refused.value.offer.found, Plan)
        assert refused.value.offer.rest.token != found.rest.token

    def test_a_time_taken_meanwhile_comes_with_a_fresh_plan(self, site_id):
        order_id, found, common = self.proposed(site_id)
        (gone,) = [slot for slot in found.rest_slots(found.found) if slot.day not in DATES]
        other = an_order_to_book(site_id)
        days = [gone.day + timedelta(days=ahead) for ahead in (0, 3, 7, 10, 14, 17)]
        days = [day if day.weekday() < 5 and day != DATES[2] else day + timedelta(days=2) for day in days]
        try:
            series.book(
                other,
                [Slot(day, gone.start, gone.chair) for day in days],
                request_key=uuid7(),
                actor_id=common["actor_id"],
                now=common["now"],
            )
        except DomainError as error:
            pytest.skip(f"the other series does not fit: {error.message}")
        with pytest.raises(Taken) as refused:
            replanning.apply(order_id, found.rest_slots(found.found), request_key=uuid7(), **common)
        assert isinstance(refused.value.offer.found, Plan)
        check_tables()

    def test_two_of_its_own_infusions_may_swap_their_places(self, site_id):
        order_id, keys = a_begun_series(site_id)
        found = replanning.propose(order_id, now=AFTER_FIRST)
        shifted = [Slot(day, NINE, "A") for day in (*DATES[2:], date(2026, 12, 28))]
        with transaction() as session:
            session.get_one(Order, order_id).exceptions = {"limits": {"max_gap_days": 10, "max_span_days": 30}}
        found = replanning.propose(order_id, now=AFTER_FIRST)
        replanning.apply(
            order_id,
            shifted,
            token=found.rest.token,
            request_key=uuid7(),
            actor_id=factories.a_desk(),
            now=AFTER_FIRST,
        )
        assert [day for _, day, _, _ in live(order_id)] == [DATES[0], *DATES[2:], date(2026, 12, 28)]
        assert len(keys) == 6
        check_tables()

    def test_one_message_lists_every_change_and_voids_what_was_unsent(self, site_id):
        order_id, keys = a_begun_series(site_id)
        now = cancel(site_id, keys)
        sites.close_day(site_id, DATES[4], actor_id=factories.a_desk(), now=now, strand=True)
        replan(order_id, now=now)
        db.session.rollback()
        waiting = list(db.session.scalars(select(Message).where(Message.voided_at.is_(None))))
        (told,) = [message for message in waiting if ":replanned:" in message.key]
        assert waiting == [told]
        text = told.body["text"]
        assert "Mon Dec 21, 9:00 am is now on" in text and "new:" in text and "Mon Dec 14, 9:00 am is cancelled" in text
        assert sorted(entry["is_cancelled"] for entry in told.body["calendar"]["entries"]) == [False, False, True]
        assert not any(word in text.lower() for word in ("infusion", "ketamine", "series"))
        assert row(keys[4]).version == 2

    def test_it_leaves_events_and_an_audit_row(self, site_id):
        order_id, keys = a_begun_series(site_id)
        now = CAUSES["closed day"](site_id, keys)
        replan(order_id, now=now)
        db.session.rollback()
        moved = list(db.session.scalars(select(AppointmentEvent).where(AppointmentEvent.kind == "moved")))
        assert [event.appointment_id for event in moved] == [keys[2]]
        (event,) = db.session.scalars(select(SeriesEvent).where(SeriesEvent.kind == "re-planned"))
        assert event.detail == {"kept": 4, "moved": 1}
        assert db.session.scalar(select(func.count()).where(AuditRow.action == "series.re-planned")) == 1

    def test_a_stopped_order_is_not_replanned(self, site_id):
        order_id, found, common = self.proposed(site_id)
        with transaction() as session:
            session.get_one(Order, order_id).status = OrderStatus.STOPPED
        with pytest.raises(DomainError, match="no longer in force"):
            replanning.apply(order_id, found.rest_slots(found.found), request_key=uuid7(), **common)

    @pytest.mark.parametrize("step", ["release", "claim"])
    def test_a_crash_between_giving_back_and_taking_leaves_nothing_half(self, site_id, step, monkeypatch):
        order_id, found, common = self.proposed(site_id)
        before = live(order_id)
        original = getattr(claims, step)

        def crash(*args, **kwargs):
            original(*args, **kwargs)
            raise KeyboardInterrupt

        monkeypatch.setattr(replan_swap.claims, step, crash)
        with pytest.raises(KeyboardInterrupt):
            replanning.apply(order_id, found.rest_slots(found.found), request_key=uuid7(), **common)
        monkeypatch.undo()
        assert live(order_id) == before
        check_tables()

    def test_a_completed_series_is_left_alone(self, site_id):
        order_id, keys = a_begun_series(site_id, given=6)
        found = replanning.propose(order_id, now=row(keys[5]).starts_at + timedelta(hours=5))
        assert found.found is None and found.rest.missing == 0
        assert db.session.scalars(select(Series.status)).one() is SeriesStatus.COMPLETED

    def test_a_gap_in_the_numbers_is_closed(self, site_id):
        """The third was given in place of the second, which was missed; they are numbered by date again."""
        order_id, keys = a_begun_series(site_id)
        miss(site_id, keys)
        mark(keys[2], Status.ARRIVED, now=row(keys[2]).starts_at)
        mark(keys[2], Status.CHECKED_IN, now=row(keys[2]).starts_at)
        mark(keys[2], Status.FULFILLED, now=row(keys[2]).starts_at)
        replan(order_id, now=row(keys[2]).starts_at + timedelta(hours=3))
        assert [number for number, *_ in live(order_id)] == [1, 2, 3, 4, 5, 6]
        assert row(keys[2]).number == 2 and row(keys[2]).status is Status.FULFILLED
        check_tables()


def test_a_plan_of_another_length_is_refused(site_id):
    order_id, _ = a_begun_series(site_id)
    found = replanning.propose(order_id, now=AFTER_FIRST)
    with pytest.raises(NoLongerHolds, match="5 infusions are left"):
        replanning.apply(
            order_id,
            plan(dates=DATES[1:4]),
            token=found.rest.token,
            request_key=uuid7(),
            actor_id=factories.a_desk(),
            now=AFTER_FIRST,
        )
    assert db.session.scalar(select(func.count()).select_from(Appointment)) == 6
