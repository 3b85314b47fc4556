"""Closings and several orders: all who lose a visit are planned together, each placed or named with what to do."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import delete, func, select
from uuid_utils.compat import uuid7

from intake.domain.closings import Closing, ClosingKind, cut_shift
from intake.domain.errors import DomainError
from intake.domain.roles import Role
from intake.domain.scheduling import values
from intake.domain.scheduling.values import Slot
from intake.domain.statuses import SeriesStatus, Status
from intake.extensions import db, transaction
from intake.models.appointments import Appointment
from intake.models.orders import Order
from intake.models.replanning import Batch, BatchCase
from intake.models.series import Series, SeriesEvent
from intake.models.sites import Closure, Opening, Shift
from intake.queries import closings as reads
from intake.queries import sites
from intake.services import appointments, batch_placing, closings, replanning
from intake.services.appointment_steps import Seen
from intake.services.appointments import NewAppointment
from intake.services.errors import NotAllowed
from tests import factories
from tests.factories import NOW
from tests.racing import race, until_not_busy
from tests.services.bookings import DATES, a_finished_series, an_order_to_book, check_tables, the_kind
from tests.services.replans import AFTER_FIRST, a_begun_series, live, row


def ten_seconds() -> float:
    return 10.0


class Ticks:
    """A clock that says that the time is up after so many questions."""

    def __init__(self, count: int) -> None:
        self.left = count

    def __call__(self) -> float:
        self.left -= 1
        return 1.0 if self.left >= 0 else 0.0


@pytest.fixture
def site_id():
    return factories.a_site(chairs=4, watch_units=8)


@pytest.fixture
def desk():
    return factories.a_desk()


def three_series(site_id: UUID) -> list[UUID]:
    """Three series at the same site on the same days, one infusion of each given."""
    return [a_begun_series(site_id, start=hour * 60)[0] for hour in (8, 11, 14)]


def the_day() -> Closing:
    return Closing(ClosingKind.DAY, DATES[2])


def proposed(site_id: UUID, closing: Closing, desk: UUID, *, now: datetime = AFTER_FIRST, key=None) -> UUID:
    found = closings.propose_closing(
        site_id, closing, request_key=key or uuid7(), actor_id=desk, now=now, seconds_left=Ticks(400)
    )
    db.session.rollback()
    return found


def done(site_id: UUID, closing: Closing, desk: UUID, *, now: datetime = AFTER_FIRST) -> UUID:
    batch_id = proposed(site_id, closing, desk, now=now)
    closings.close(batch_id, actor_id=desk, now=now)
    batch_placing.place(batch_id, actor_id=desk, now=now, seconds_left=ten_seconds)
    return batch_id


def outcomes(batch_id: UUID) -> list[str]:
    db.session.rollback()
    found = [case.outcome for case in reads.cases_of(batch_id)]
    db.session.rollback()
    return found


def stands_in(visit: Appointment, closing: Closing) -> bool:
    """Whether an expected visit overlaps what is closed, reckoned plainly."""
    if visit.status is not Status.BOOKED or visit.on_date < closing.day:
        return False
    if closing.kind is ClosingKind.CHAIR:
        return visit.chair.name == closing.chair
    zone = ZoneInfo("America/Denver")
    starts, ends = (at.astimezone(zone) for at in (visit.starts_at, visit.ends_at))
    is_on = visit.on_date <= (closing.last or closing.day)
    return is_on and starts.hour * 60 + starts.minute < closing.ends and closing.starts < ends.hour * 60 + ends.minute


def provider_shifts(site_id: UUID, account_id: UUID | None = None) -> None:
    with transaction() as session:
        for weekday in range(5):
            session.add(
                Shift(site_id=site_id, kind="provider", weekday=weekday, starts=480, ends=1020, account_id=account_id)
            )


class TestEveryClosing:
    """A day, an afternoon, a chair, a provider away."""

    @pytest.mark.parametrize(
        ("closing", "lost"),
        [
            (Closing(ClosingKind.DAY, DATES[2]), 3),
            (Closing(ClosingKind.PART, DATES[2], 12 * 60), 2),  # 8:00 to 10:00 is over by noon
            (Closing(ClosingKind.PART, DATES[2], 10 * 60, 11 * 60), 0),  # between two of them
            (Closing(ClosingKind.CHAIR, DATES[2], chair="A"), 12),  # four visits of each of the three
            (Closing(ClosingKind.PROVIDER, DATES[2]), 3),
            (Closing(ClosingKind.PROVIDER, DATES[2], last=DATES[3]), 6),
        ],
    )
    def test_all_stranded_are_listed_first_and_then_placed(self, site_id, desk, closing, lost):
        orders = three_series(site_id)
        if closing.kind is ClosingKind.PROVIDER:
            provider_shifts(site_id)
        before = {order_id: live(order_id) for order_id in orders}
        batch_id = proposed(site_id, closing, desk)
        cases = reads.cases_of(batch_id)
        assert sum(len(case.appointment_ids) for case in cases) == lost
        db.session.rollback()
        assert {order_id: live(order_id) for order_id in orders} == before  # nothing yet
        closings.close(batch_id, actor_id=desk, now=AFTER_FIRST)
        batch_placing.place(batch_id, actor_id=desk, now=AFTER_FIRST, seconds_left=ten_seconds)
        assert set(outcomes(batch_id)) <= {"placed"}
        for order_id in orders:
            assert [number for number, *_ in live(order_id)] == [1, 2, 3, 4, 5, 6]
            assert live(order_id)[0] == before[order_id][0]
        site = reads.site_of(reads.batch(batch_id))
        assert reads.standing_in_closed(site, now=AFTER_FIRST) == []
        assert not any(stands_in(visit, closing) for visit in db.session.scalars(select(Appointment)))
        db.session.rollback()
        check_tables()

    def test_a_provider_s_absence_leaves_the_days_around_it(self, site_id, desk):
        pat = factories.a_provider()
        provider_shifts(site_id, pat)
        done(site_id, Closing(ClosingKind.PROVIDER, DATES[2], 12 * 60, account_id=pat), desk)
        monday = select(Shift).where(Shift.kind == "provider", Shift.weekday == DATES[2].weekday())
        found = sorted(
            (s.first_on or date.min, s.last_on or date.max, s.starts, s.ends) for s in db.session.scalars(monday)
        )
        day, one = DATES[2], timedelta(days=1)
        assert found == [
            (date.min, day - one, 480, 1020),
            (day, day, 480, 720),
            (day + one, date.max, 480, 1020),
        ]
        db.session.rollback()

    def test_today_s_visits_move_when_the_afternoon_is_closed_from_now_on(self, site_id, desk):
        order_id, keys = a_begun_series(site_id, start=14 * 60)
        noon = row(keys[1]).starts_at - timedelta(hours=2)
        db.session.rollback()
        done(site_id, Closing(ClosingKind.PART, DATES[1], 12 * 60), desk, now=noon)
        days = [day for _, day, _, _ in live(order_id)]
        assert DATES[1] not in days and len(days) == 6
        check_tables()

    def test_what_has_no_chair_or_series_is_moved(self, site_id, desk):
        the_kind("follow-up")
        the_kind("talk", chair=False)
        for kind, chair in (("follow-up", "A"), ("talk", "")):
            wanted = NewAppointment(
                factories.a_patient(site_id, with_account=False), site_id, kind, Slot(DATES[2], 600, chair)
            )
            appointments.book(wanted, request_key=uuid7(), actor_id=desk, now=NOW)
        batch_id = done(site_id, the_day(), desk)
        assert outcomes(batch_id) == ["placed", "placed"]
        check_tables()


class TestTogether:
    """One plan for all."""

    def test_nobody_is_promised_what_another_one_gets(self, site_id, desk):
        three_series(site_id)
        batch_id = proposed(site_id, the_day(), desk)
        taken = [tuple(place) for case in reads.cases_of(batch_id) for place in case.plan]
        assert len(taken) == len(set(taken)) == 15
        assert reads.batch(batch_id).detail["bound"] <= reads.batch(batch_id).detail["cost"]
        db.session.rollback()

    def test_who_cannot_be_placed_keeps_the_visit_and_says_what_would_help(self, site_id, desk):
        order_id, _ = a_begun_series(site_id)
        wishes = {"available": {"mon": [["08:00", "17:00"]], "thu": [["08:00", "17:00"]]}}
        with transaction() as session:
            session.scalars(select(Series).where(Series.order_id == order_id)).one().wishes = wishes
        closing = Closing(ClosingKind.PROVIDER, date(2026, 12, 8), last=date(2026, 12, 24))
        provider_shifts(site_id)
        before = live(order_id)
        manager = factories.an_account(Role.DESK, Role.MANAGER)
        batch_id = done(site_id, closing, manager)
        assert outcomes(batch_id) == ["by-hand"]
        assert reads.cases_of(batch_id)[0].words
        db.session.rollback()
        assert live(order_id) == before
        check_tables()

    def test_a_visit_booked_between_proposal_and_closing_is_added(self, site_id, desk):
        batch_id = proposed(site_id, the_day(), desk)
        order_id, _ = a_begun_series(site_id)
        closings.close(batch_id, actor_id=desk, now=AFTER_FIRST)
        assert outcomes(batch_id) == ["waiting"]
        batch_placing.place(batch_id, actor_id=desk, now=AFTER_FIRST, seconds_left=ten_seconds)
        assert outcomes(batch_id) == ["waiting"]  # a plan is made now, and looked at before it is booked
        batch_placing.place(batch_id, actor_id=desk, now=AFTER_FIRST, seconds_left=ten_seconds)
        assert outcomes(batch_id) == ["placed"]
        assert DATES[2] not in {day for _, day, _, _ in live(order_id)}

    def test_whose_series_was_changed_meanwhile_gets_a_fresh_plan_to_look_at(self, site_id, desk):
        orders = three_series(site_id)
        batch_id = proposed(site_id, the_day(), desk)
        closings.close(batch_id, actor_id=desk, now=AFTER_FIRST)
        found = replanning.propose(orders[0], now=AFTER_FIRST)
        other = found.rest_slots(found.found.alternatives[0])
        common = {"token": found.rest.token, "request_key": uuid7(), "actor_id": desk, "now": AFTER_FIRST}
        replanning.apply(orders[0], other, **common)
        batch_placing.place(batch_id, actor_id=desk, now=AFTER_FIRST, seconds_left=ten_seconds)
        assert sorted(outcomes(batch_id)) == ["placed", "placed", "placed"]
        assert len(live(orders[0])) == 6
        check_tables()


class TestSafe:
    """Twice, at once, cut short, not allowed."""

    def test_the_same_press_proposes_and_closes_once(self, site_id, desk):
        key = uuid7()
        three_series(site_id)
        first = proposed(site_id, the_day(), desk, key=key)
        assert proposed(site_id, the_day(), desk, key=key) == first
        for _press in range(2):
            closings.close(first, actor_id=desk, now=AFTER_FIRST)
        assert db.session.scalar(select(func.count()).select_from(Closure)) == 1
        assert db.session.scalar(select(func.count()).select_from(Batch)) == 1
        db.session.rollback()

    def test_it_goes_on_where_the_time_was_up(self, site_id, desk):
        three_series(site_id)
        batch_id = proposed(site_id, the_day(), desk)
        closings.close(batch_id, actor_id=desk, now=AFTER_FIRST)
        assert batch_placing.place(batch_id, actor_id=desk, now=AFTER_FIRST, seconds_left=Ticks(1)) == 1
        assert sorted(outcomes(batch_id)) == ["placed", "waiting", "waiting"]
        batch_placing.place(batch_id, actor_id=desk, now=AFTER_FIRST, seconds_left=ten_seconds)
        assert outcomes(batch_id) == ["placed"] * 3
        assert db.session.scalar(select(func.count()).where(SeriesEvent.kind == "re-planned")) == 3
        db.session.rollback()

    def test_a_crash_before_the_mark_is_mended_by_going_on(self, site_id, desk, monkeypatch):
        three_series(site_id)
        batch_id = proposed(site_id, the_day(), desk)
        closings.close(batch_id, actor_id=desk, now=AFTER_FIRST)

        def crash(*_args):
            raise KeyboardInterrupt

        monkeypatch.setattr(batch_placing, "_keep", crash)
        with pytest.raises(KeyboardInterrupt):
            batch_placing.place(batch_id, actor_id=desk, now=AFTER_FIRST, seconds_left=ten_seconds)
        monkeypatch.undo()
        batch_placing.place(batch_id, actor_id=desk, now=AFTER_FIRST, seconds_left=ten_seconds)
        assert outcomes(batch_id) == ["placed"] * 3
        assert db.session.scalar(select(func.count()).where(SeriesEvent.kind == "re-planned")) == 3
        db.session.rollback()
        check_tables()

    def test_two_desks_that_place_one_batch_move_nobody_twice(self, app, site_id, desk):
        orders = three_series(site_id)
        batch_id = proposed(site_id, the_day(), desk)
        closings.close(batch_id, actor_id=desk, now=AFTER_FIRST)

        def act(_number):
            return until_not_busy(
                lambda: batch_placing.place(batch_id, actor_id=desk, now=AFTER_FIRST, seconds_left=ten_seconds)
            )

        answers = race(app, act, 2)
        assert not [answer for answer in answers if isinstance(answer, Exception)], answers
        assert outcomes(batch_id) == ["placed"] * 3
        assert all(len(live(order_id)) == 6 for order_id in orders)
        assert db.session.scalar(select(func.count()).where(SeriesEvent.kind == "re-planned")) == 3
        db.session.rollback()
        check_tables()

    def test_nobody_is_placed_before_it_is_closed(self, site_id, desk):
        batch_id = proposed(site_id, the_day(), desk)
        with pytest.raises(DomainError, match="Close it first"):
            batch_placing.place(batch_id, actor_id=desk, now=AFTER_FIRST, seconds_left=ten_seconds)

    def test_far_ahead_or_for_long_it_is_the_manager_s(self, site_id, desk):
        far = Closing(ClosingKind.DAY, AFTER_FIRST.date() + timedelta(days=15))
        batch_id = proposed(site_id, far, desk)
        with pytest.raises(DomainError, match="practice manager"):
            closings.close(batch_id, actor_id=desk, now=AFTER_FIRST)
        assert db.session.scalar(select(func.count()).select_from(Closure)) == 0
        db.session.rollback()
        closings.close(batch_id, actor_id=factories.an_account(Role.DESK, Role.MANAGER), now=AFTER_FIRST)

    def test_a_provider_does_not_close(self, site_id):
        with pytest.raises(NotAllowed):
            proposed(site_id, the_day(), factories.a_provider())

    @pytest.mark.parametrize(
        "closing",
        [
            Closing(ClosingKind.DAY, date(2026, 12, 6)),
            Closing(ClosingKind.PART, DATES[2], 720, 720),
            Closing(ClosingKind.PROVIDER, DATES[2], last=DATES[1]),
            Closing(ClosingKind.PROVIDER, date.max, last=date.max),
            Closing(ClosingKind.DAY, AFTER_FIRST.date() + timedelta(days=367)),
            Closing(ClosingKind.PROVIDER, DATES[2], last=DATES[2] + timedelta(days=367)),
        ],
    )
    def test_what_cannot_be_is_refused(self, site_id, desk, closing):
        with pytest.raises(DomainError):
            proposed(site_id, closing, desk)

    def test_a_call_is_noted_once(self, site_id, desk):
        a_begun_series(site_id)
        batch_id = proposed(site_id, the_day(), desk)
        (case_id,) = [case.id for case in reads.cases_of(batch_id)]
        db.session.rollback()
        closings.mark_told(case_id, actor_id=desk, now=AFTER_FIRST)
        closings.mark_told(case_id, actor_id=factories.a_desk(), now=AFTER_FIRST + timedelta(hours=1))
        case = db.session.get_one(BatchCase, case_id)
        assert (case.told_by, case.told_at) == (desk, AFTER_FIRST)
        db.session.rollback()


class TestOrders:
    """Monday's new orders."""

    def test_they_are_planned_together_and_booked_one_by_one(self, site_id, desk):
        waiting = [an_order_to_book(site_id) for _ in range(4)]
        batch_id = closings.propose_orders(
            site_id, waiting, request_key=uuid7(), actor_id=desk, now=NOW, seconds_left=Ticks(400)
        )
        assert db.session.scalar(select(func.count()).select_from(Appointment)) == 0
        db.session.rollback()
        assert batch_placing.place(batch_id, actor_id=desk, now=NOW, seconds_left=ten_seconds) == 4
        assert db.session.scalar(select(func.count()).where(Series.status == SeriesStatus.BOOKED)) == 4
        assert db.session.scalar(select(func.count()).select_from(Appointment)) == 24
        db.session.rollback()
        check_tables()

    def test_what_cannot_be_booked_is_left_out(self, site_id, desk):
        blocked = an_order_to_book(site_id, conditions=("A letter",))
        with pytest.raises(DomainError):
            closings.propose_orders(
                site_id, [blocked], request_key=uuid7(), actor_id=desk, now=NOW, seconds_left=ten_seconds
            )


@pytest.mark.parametrize(
    ("shift", "left"),
    [
        ((None, None), [(None, date(2026, 12, 13)), (date(2026, 12, 16), None)]),
        ((date(2026, 12, 15), None), [(date(2026, 12, 15), date(2026, 12, 13)), (date(2026, 12, 16), None)]),
        ((None, date(2026, 12, 15)), [(None, date(2026, 12, 13))]),
    ],
)
@pytest.mark.one_database
def test_an_absence_cuts_a_shift_around_its_days(shift, left):
    whole = values.Shift(frozenset({0, 1}), 480, 1020, first_on=shift[0], last_on=shift[1])
    closing = Closing(ClosingKind.PROVIDER, date(2026, 12, 14), last=date(2026, 12, 15))
    assert [(piece.first_on, piece.last_on) for piece in cut_shift(whole, closing)] == left


class TestStale:
    """What another desk did meanwhile."""

    def a_visit(self, site_id, desk):
        the_kind("follow-up")
        wanted = NewAppointment(
            factories.a_patient(site_id, with_account=False), site_id, "follow-up", Slot(DATES[2], 540, "A")
        )
        return appointments.book(wanted, request_key=uuid7(), actor_id=desk, now=NOW)

    def test_a_visit_that_was_moved_within_the_closed_time_is_not_placed(self, site_id, desk):
        key = self.a_visit(site_id, desk)
        batch_id = proposed(site_id, Closing(ClosingKind.PART, DATES[2], 8 * 60, 12 * 60), desk)
        assert reads.cases_of(batch_id)[0].plan[0][:2] == [DATES[2].isoformat(), 12 * 60]
        seen = Seen(row(key).version, Status.BOOKED)
        db.session.rollback()
        appointments.move(key, Slot(DATES[2], 570, "A"), seen=seen, reason="other", actor_id=desk, now=AFTER_FIRST)
        closings.close(batch_id, actor_id=desk, now=AFTER_FIRST)
        batch_placing.place(batch_id, actor_id=desk, now=AFTER_FIRST, seconds_left=ten_seconds)
        assert outcomes(batch_id) == ["by-hand"]

    def test_who_is_placed_stays_placed_whatever_a_stale_desk_met(self, site_id, desk):
        self.a_visit(site_id, desk)
        batch_id = done(site_id, the_day(), desk)
        assert outcomes(batch_id) == ["placed"]
        (case,) = reads.cases_of(batch_id)
        case_id = case.id
        db.session.rollback()
        batch_placing._keep(case_id, batch_placing._Result("by-hand", "Gone."), AFTER_FIRST)
        assert outcomes(batch_id) == ["placed"]


BEST = DATES[-1] + timedelta(days=28)  # Thu Jan 21: the due window is from Jan 14 to Jan 28
JANUARY = datetime(2027, 1, 4, 18, 0, tzinfo=NOW.tzinfo)


def a_booster(site_id: UUID, desk: UUID, day: date, *, wishes: dict | None = None) -> tuple[UUID, UUID]:
    """An order whose booster is booked on a day at nine, and the booster."""
    the_kind("booster", minutes=120)
    order_id = a_finished_series(site_id)
    with transaction() as session:
        patient_id = session.get_one(Order, order_id).patient_id
        if wishes is not None:
            session.scalars(select(Series).where(Series.order_id == order_id)).one().wishes = wishes
    wanted = NewAppointment(patient_id, site_id, "booster", Slot(day, 540, "A"), order_id)
    return order_id, appointments.book(wanted, request_key=uuid7(), actor_id=desk, now=JANUARY)


class TestSingleVisits:
    """Boosters, follow-ups and consultations: what is shown can be booked."""

    @pytest.mark.parametrize(
        ("day", "wishes", "allowed"),
        [
            (BEST, None, {date(2027, 1, 22), date(2027, 1, 25)}),
            (date(2027, 1, 27), None, {date(2027, 1, 28)}),  # its last day
            (date(2027, 1, 28), None, {date(2027, 1, 21), date(2027, 1, 22), date(2027, 1, 25)}),  # only before it
            (BEST, {"available": {"wed": [["13:00", "17:00"]]}}, {date(2027, 1, 27)}),
            (
                BEST,
                {"available": {"fri": [["08:00", "17:00"]]}, "unavailable_dates": ["2027-01-22"]},
                {date(2027, 1, 15)},
            ),
        ],
    )
    def test_a_booster_stays_in_its_window_and_in_the_patient_s_hours(self, site_id, desk, day, wishes, allowed):
        _order_id, key = a_booster(site_id, desk, day, wishes=wishes)
        batch_id = done(
            site_id, Closing(ClosingKind.DAY, day), factories.an_account(Role.DESK, Role.MANAGER), now=JANUARY
        )
        assert outcomes(batch_id) == ["placed"]
        visit = row(key)
        assert visit.on_date in allowed
        if wishes and "wed" in wishes["available"]:
            assert visit.starts_at >= datetime(2027, 1, 27, 20, 0, tzinfo=NOW.tzinfo)  # one in the afternoon in Denver
        db.session.rollback()
        check_tables()

    def test_a_booster_that_has_no_day_in_its_window_says_so_and_stays(self, site_id, desk):
        _order_id, key = a_booster(site_id, desk, BEST, wishes={"available": {"sun": [["08:00", "17:00"]]}})
        batch_id = done(
            site_id, Closing(ClosingKind.DAY, BEST), factories.an_account(Role.DESK, Role.MANAGER), now=JANUARY
        )
        assert outcomes(batch_id) == ["by-hand"]
        assert "by hand" in reads.cases_of(batch_id)[0].words
        assert row(key).on_date == BEST
        db.session.rollback()

    def test_consultations_of_one_provider_go_one_after_the_other_within_the_shifts(self, site_id, desk):
        the_kind("talk", chair=False, provider=True)
        pat = factories.a_provider()
        provider_shifts(site_id, pat)
        for start in (600, 660):
            patient_id = factories.a_patient(site_id, with_account=False)
            wanted = NewAppointment(patient_id, site_id, "talk", Slot(DATES[2], start, ""), provider_id=pat)
            appointments.book(wanted, request_key=uuid7(), actor_id=desk, now=NOW)
        closing = Closing(ClosingKind.PROVIDER, DATES[2], account_id=pat, last=DATES[2] + timedelta(days=2))
        batch_id = done(site_id, closing, desk)
        assert outcomes(batch_id) == ["placed", "placed"]
        plans = [case.plan[0] for case in reads.cases_of(batch_id)]
        assert {day for day, _, _ in plans} == {DATES[3].isoformat()}
        assert abs(plans[0][1] - plans[1][1]) >= 60
        db.session.rollback()
        check_tables()

    def test_a_visit_without_a_chair_never_meets_its_patient_s_infusion(self, site_id, desk):
        the_kind("talk", chair=False)
        order_id, _keys = a_begun_series(site_id)
        patient_id = db.session.get_one(Order, order_id).patient_id
        db.session.rollback()
        friday = date(2026, 12, 18)
        with transaction() as session:
            for weekday in (3, 4):  # only the nine o'clock of Thursday is left, where the infusion is
                session.execute(delete(Opening).where(Opening.site_id == site_id, Opening.weekday == weekday))
                session.add(Opening(site_id=site_id, weekday=weekday, opens=540, closes=720))
        wanted = NewAppointment(patient_id, site_id, "talk", Slot(friday, 540, ""))
        appointments.book(wanted, request_key=uuid7(), actor_id=desk, now=NOW)
        batch_id = done(site_id, Closing(ClosingKind.DAY, friday), desk)
        assert outcomes(batch_id) == ["placed"]
        assert DATES[4].isoformat() == reads.cases_of(batch_id)[0].plan[0][0]
        db.session.rollback()
        check_tables()


EVERY_KIND = [
    Closing(ClosingKind.DAY, DATES[2]),
    Closing(ClosingKind.PART, DATES[2], 12 * 60),
    Closing(ClosingKind.CHAIR, DATES[2], chair="A"),
    Closing(ClosingKind.PROVIDER, DATES[2]),
]


class TestClosedOnly:
    """Closed without booking: what stands there is found again, and a mistake can be taken back."""

    @pytest.mark.parametrize("closing", EVERY_KIND)
    def test_a_second_proposal_finds_those_who_still_stand_there(self, site_id, desk, closing):
        three_series(site_id)
        provider_shifts(site_id)
        first = proposed(site_id, closing, desk)
        lost = {key for case in reads.cases_of(first) for key in case.appointment_ids}
        db.session.rollback()
        closings.close(first, actor_id=desk, now=AFTER_FIRST)
        second = proposed(site_id, closing, desk)
        assert lost and {key for case in reads.cases_of(second) for key in case.appointment_ids} == lost
        site = reads.site_of(reads.batch(first))
        assert {str(visit.id) for visit, _ in reads.standing_in_closed(site, now=AFTER_FIRST)} == lost
        db.session.rollback()
        closings.close(second, actor_id=desk, now=AFTER_FIRST)
        batch_placing.place(second, actor_id=desk, now=AFTER_FIRST, seconds_left=ten_seconds)
        assert set(outcomes(second)) == {"placed"}
        check_tables()

    @pytest.mark.parametrize("closing", EVERY_KIND)
    def test_a_closing_is_taken_back_while_nobody_was_moved(self, site_id, desk, closing):
        orders = three_series(site_id)
        provider_shifts(site_id)
        rules = self.rules(site_id)
        batch_id = proposed(site_id, closing, desk)
        closings.close(batch_id, actor_id=desk, now=AFTER_FIRST)
        assert self.rules(site_id) != rules
        for _press in range(2):
            closings.reopen(batch_id, actor_id=desk, now=AFTER_FIRST)
        assert self.rules(site_id) == rules
        closings.close(batch_id, actor_id=desk, now=AFTER_FIRST)  # and may be closed again
        batch_placing.place(batch_id, actor_id=desk, now=AFTER_FIRST, seconds_left=ten_seconds)
        assert set(outcomes(batch_id)) == {"placed"} and all(len(live(order_id)) == 6 for order_id in orders)
        with pytest.raises(DomainError, match="moved"):
            closings.reopen(batch_id, actor_id=desk, now=AFTER_FIRST)
        check_tables()

    def test_what_was_changed_since_is_not_taken_back(self, site_id, desk):
        batch_id = proposed(site_id, the_day(), desk)
        closings.close(batch_id, actor_id=desk, now=AFTER_FIRST)
        with transaction() as session:
            session.delete(session.scalars(select(Closure)).one())
        with pytest.raises(DomainError, match="changed since"):
            closings.reopen(batch_id, actor_id=desk, now=AFTER_FIRST)

    def test_who_may_not_close_takes_nothing_back(self, site_id, desk):
        batch_id = proposed(site_id, the_day(), desk)
        closings.close(batch_id, actor_id=desk, now=AFTER_FIRST)
        with pytest.raises(NotAllowed):
            closings.reopen(batch_id, actor_id=factories.a_provider(), now=AFTER_FIRST)

    def rules(self, site_id):
        db.session.rollback()
        site = sites.site(site_id)
        found = {(chair.name, chair.retired_on) for chair in site.chairs} | {
            (row.on_date, row.starts, row.ends) for row in site.closures
        }
        found |= {(s.weekday, s.starts, s.ends, s.first_on, s.last_on) for s in site.shifts if s.kind == "provider"}
        db.session.rollback()
        return found
