"""The demo clinic: a real day on whatever day it is opened, the same again when started twice."""

from collections import Counter
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select, update

from intake.demo import board, cast, rows, treatment
from intake.demo.clinic import half_day
from intake.demo.seed import Sizes, seed
from intake.domain.scheduling.values import Slot
from intake.domain.statuses import ConsultationStatus, OrderStatus, SeriesStatus, Status
from intake.extensions import db, transaction
from intake.models.appointments import Appointment
from intake.models.consultations import Consultation
from intake.models.messages import Message
from intake.models.orders import Order
from intake.models.people import Patient
from intake.models.scores import Alert
from intake.models.series import Series
from intake.models.sites import Closure, Shift
from intake.queries import orders, staff, stages
from intake.services import passwords, second_factor
from tests.services.bookings import check_tables

NOON = datetime(2026, 12, 1, 12, 40, tzinfo=ZoneInfo("America/Denver"))
"""A Tuesday."""
SMALL = Sizes(intake=3, review=3, orders=1, series=2, boosters=2, ended=0)
A_DAY = Sizes(intake=0, review=0, orders=0, series=6, boosters=6, ended=0, extra=9)
NOBODY = Sizes(intake=0, review=0, orders=0, series=0, boosters=0, ended=0)


@pytest.fixture(autouse=True)
def _quick_passwords(monkeypatch):
    """Seven staff would take a second; how they are hashed is tested elsewhere."""
    monkeypatch.setattr(passwords, "hashed", lambda password: f"quick {len(password)}")


def count(model, *wanted) -> int:
    number = db.session.scalar(select(func.count()).select_from(model).where(*wanted))
    db.session.rollback()
    return number


def sizes_of_tables() -> dict[str, int]:
    """All but the audit trail, in which every start leaves a row."""
    found = {
        table.name: db.session.scalar(select(func.count()).select_from(table))
        for table in db.metadata.sorted_tables
        if table.name != "audit_row"
    }
    db.session.rollback()
    return found


def denver(when: str) -> datetime:
    return datetime.fromisoformat(when).replace(tzinfo=ZoneInfo("America/Denver"))


def todays_visits(now: datetime, place: int = 0) -> tuple[date, list[rows.Visit]]:
    there = cast.gather(now)
    office = there.offices[place]
    day = board.board_day(there, office)
    return day, rows.on_day(office.id, day)


def patient_ids() -> set[UUID]:
    found = set(db.session.scalars(select(Patient.id)))
    db.session.rollback()
    return found


def test_a_first_run_brings_people_to_every_stage():
    seed(NOON, sizes=SMALL)
    statuses = Counter(db.session.scalars(select(Consultation.status)))
    db.session.rollback()
    assert statuses[ConsultationStatus.DRAFT] == 3
    assert statuses[ConsultationStatus.SUBMITTED] + statuses[ConsultationStatus.IN_REVIEW] == 3
    assert rows.counts(NOON.date()) == rows.Counts(intake=3, review=3, orders=1, series=2, boosters=2)
    assert count(Patient) == 11
    check_tables()


def test_a_second_start_in_a_row_adds_nothing():
    seed(NOON, sizes=SMALL)
    before = sizes_of_tables()
    seed(NOON + timedelta(seconds=30), sizes=SMALL)
    assert sizes_of_tables() == before


def test_a_later_start_settles_what_is_past_and_keeps_everybody():
    seed(NOON, sizes=SMALL)
    before, tomorrow = patient_ids(), NOON + timedelta(days=1)
    seed(tomorrow, sizes=SMALL)
    left = count(Appointment, Appointment.on_date < tomorrow.date(), Appointment.status.in_(rows.UNDER_WAY))
    assert left == 0
    assert before <= patient_ids()


def test_nobody_hears_of_the_past():
    seed(NOON, sizes=SMALL)
    open_ones = select(Message.kind).where(Message.voided_at.is_(None), Message.sent_at.is_(None))
    kinds = list(db.session.scalars(open_ones))
    db.session.rollback()
    assert len(kinds) == len(set(kinds)) <= 3
    assert "sign-in" not in kinds


@pytest.mark.one_database
def test_nine_are_booked_and_their_states_follow_the_clock():
    seed(NOON, sizes=A_DAY)
    day, visits = todays_visits(NOON)
    done, checked_in, late, held, to_come = visits[:2], visits[2:5], visits[5:6], visits[6:7], visits[7:]
    assert day == NOON.date()
    assert len(visits) == 9
    assert {one.status for one in done} == {Status.FULFILLED}
    assert {one.status for one in checked_in} == {Status.CHECKED_IN}
    assert checked_in[0].ends_at < NOON < checked_in[1].ends_at
    assert late[0].starts_at < NOON
    assert [one.status for one in (*late, *to_come)] == [Status.BOOKED] * 3
    assert held[0].status is Status.CLINIC_HOLD
    check_tables()
    seed(NOON + timedelta(seconds=30), sizes=A_DAY)
    assert todays_visits(NOON)[1] == visits, "the place that a hold gave back was filled again"


@pytest.mark.one_database
def test_on_a_friday_the_states_are_those_of_any_day_an_hour_before_noon():
    friday = denver("2026-12-04T10:55")
    seed(friday, sizes=A_DAY)
    _, visits = todays_visits(friday)
    booked, here = Status.BOOKED, Status.CHECKED_IN
    assert [one.status for one in visits] == [
        *[Status.FULFILLED] * 2, *[here] * 3, booked, Status.CLINIC_HOLD, *[booked] * 2,
    ]  # fmt: skip
    assert visits[2].ends_at < friday < visits[3].ends_at
    assert visits[5].starts_at < friday


@pytest.mark.one_database
@pytest.mark.parametrize(
    ("opened", "shown", "at_phoenix"),
    [
        ("2026-11-30T12:40", "2026-11-30", 4),  # a Monday, and so on
        ("2026-12-02T12:40", "2026-12-02", 4),
        ("2026-12-01T05:30", "2026-12-01", 4),  # early in the morning
        ("2026-12-02T22:30", "2026-12-03", 4),  # late in the evening, when it is tomorrow in Greenwich
        ("2026-12-05T12:00", "2026-12-07", 4),  # a Saturday
        ("2026-12-06T19:00", "2026-12-07", 4),  # a Sunday evening
        ("2026-11-25T12:40", "2026-11-25", 4),  # before a holiday
        ("2026-11-26T12:40", "2026-11-27", 3),  # on it: the day after, a Friday, which ends at three
        ("2027-06-15T12:40", "2027-06-15", 4),  # in summer Phoenix is an hour behind
    ],
)
def test_both_sites_have_a_full_day_whenever_it_is_opened(opened, shown, at_phoenix):
    now = denver(opened)
    seed(now, sizes=A_DAY)
    (day, at_denver), (other_day, others) = todays_visits(now), todays_visits(now, 1)
    assert (day, other_day) == (date.fromisoformat(shown),) * 2
    assert (len(at_denver), len(others)) == (9, at_phoenix)
    if day > now.date():
        assert {one.status for one in (*at_denver, *others)} == {Status.BOOKED}


@pytest.mark.one_database
def test_a_day_that_filled_up_beforehand_is_made_full():
    seed(NOON, sizes=A_DAY)
    on_friday = NOON + timedelta(days=3)
    assert 0 < len(rows.on_day(cast.gather(NOON).denver.id, on_friday.date())) < 9
    seed(on_friday, sizes=A_DAY)
    assert len(todays_visits(on_friday)[1]) == 9
    check_tables()


@pytest.mark.one_database
def test_the_half_closed_day_is_a_whole_one_when_its_week_has_come():
    seed(NOON, sizes=NOBODY)
    half_closed = (Closure.starts == 12 * 60,)
    assert count(Closure, *half_closed, Closure.on_date == date(2026, 12, 9)) == 1
    seed(NOON + timedelta(days=6), sizes=NOBODY)
    assert count(Closure, *half_closed, Closure.on_date == date(2026, 12, 9)) == 0
    assert count(Closure, *half_closed, Closure.on_date == date(2026, 12, 16)) == 1


@pytest.mark.one_database
def test_a_site_that_was_changed_by_hand_stays_as_it_is():
    seed(NOON, sizes=Sizes(intake=0, review=0, orders=0, series=1, boosters=0, ended=0))
    with transaction() as session:
        session.execute(update(Shift).where(Shift.capacity == 2).values(capacity=3))
    seed(NOON + timedelta(minutes=5), sizes=NOBODY)
    assert count(Shift, Shift.capacity == 3) > 0


@pytest.mark.one_database
def test_orders_that_were_used_up_are_made_anew():
    sizes = Sizes(intake=0, review=0, orders=3, series=0, boosters=0, ended=0)
    seed(NOON, sizes=sizes)
    there = cast.gather(NOON)
    for waiting in [one.order.id for one in orders.awaiting_booking(there.denver.id)][:2]:
        wanted = treatment.wishes(1, date(2026, 12, 7), date(2026, 12, 14))
        assert treatment.lay_out(there, waiting, wanted, there.denver, at=NOON)
    assert rows.counts(NOON.date()).orders == 1
    seed(NOON + timedelta(minutes=5), sizes=sizes)
    assert rows.counts(NOON.date()).orders == 3


@pytest.mark.one_database
def test_a_pool_that_is_half_full_is_left_alone():
    seed(NOON, sizes=Sizes(intake=2, review=0, orders=0, series=0, boosters=0, ended=0))
    seed(NOON + timedelta(minutes=5), sizes=Sizes(intake=4, review=0, orders=0, series=0, boosters=0, ended=0))
    assert count(Patient) == 2


@pytest.mark.one_database
def test_a_first_run_that_was_stopped_is_finished_by_the_next(monkeypatch):
    def stopped(_run):
        raise KeyboardInterrupt

    sizes = Sizes(intake=2, review=2, orders=0, series=0, boosters=0, ended=0)
    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr("intake.demo.seed._add_intake", stopped)
        seed(NOON, sizes=sizes)
    seed(NOON + timedelta(minutes=1), sizes=sizes)
    assert rows.counts(NOON.date()) == rows.Counts(intake=2, review=2, orders=0, series=0, boosters=0)


@pytest.mark.one_database
def test_a_half_closed_day_is_left_out_where_it_would_strand_somebody():
    seed(NOON, sizes=SMALL)
    later = NOON + timedelta(days=7)
    there = cast.gather(NOON)
    closed, hours = set(), {"mon": [], "tue": [], "wed": [["08:00", "17:00"]], "thu": [], "fri": []}
    day = date.fromisoformat(half_day(later.date(), closed, hours)["date"])
    waiting = orders.awaiting_booking(there.denver.id)[0]
    patient_id, order_id = waiting.patient.id, waiting.order.id
    slot = treatment.free_slot(there.denver, day, at=NOON, starts=[13 * 60])
    assert isinstance(slot, Slot)
    assert treatment.book_booster(there, patient_id, order_id, there.denver, slot, at=NOON)
    seed(later, sizes=SMALL)
    assert count(Closure, Closure.on_date == day) == 0


@pytest.mark.one_database
def test_one_alert_is_open_and_one_was_closed_after_a_call():
    sizes = Sizes(intake=3, review=4, orders=0, series=0, boosters=0, ended=0)
    seed(NOON, sizes=sizes)
    assert count(Alert, Alert.closed_at.is_(None)) == 1
    assert count(Alert, Alert.closed_at.is_not(None)) == 1


@pytest.mark.one_database
def test_treatment_ends_in_every_way():
    seed(NOON, sizes=Sizes(intake=0, review=0, orders=0, series=0, boosters=1, ended=8))
    assert count(Consultation, Consultation.status == ConsultationStatus.DECLINED) == 2
    assert count(Consultation, Consultation.status == ConsultationStatus.REFERRED) == 1
    assert count(Order, Order.status == OrderStatus.STOPPED) == 2
    assert count(Order, Order.status == OrderStatus.SIGNED, Order.expires_on < NOON.date()) == 3
    assert count(Series, Series.status == SeriesStatus.STOPPED) == 2
    said = Counter(words for words in stages.stages(NOON.date()).values())
    assert said["over, order stopped"] == 2
    assert said["over, order expired"] == 3


@pytest.mark.one_database
def test_stages_are_told_from_the_tables():
    seed(NOON, sizes=Sizes(intake=3, review=5, orders=1, series=0, boosters=1, ended=0))
    said = Counter(stages.stages(NOON.date()).values())
    assert said["filling in the form, open alert"] == 1
    assert said["in review, with a provider"] == 1
    assert said["in review, asked something back"] == 1
    assert said["order to book"] == 1
    assert said["on boosters"] == 1
    assert set(stages.accounts(NOON.date()).values()) == set(said)


@pytest.mark.one_database
def test_staff_can_give_a_code_at_once():
    seed(NOON, sizes=NOBODY)
    account_id = staff.all_staff()[0].id
    code = second_factor.current_code(account_id, now=NOON)
    assert code is not None
    second_factor.verify(account_id, code, now=NOON)


@pytest.mark.one_database
def test_the_command_refuses_outside_development(app):
    result = app.test_cli_runner().invoke(args=["demo", "seed"])
    assert result.exit_code != 0
    assert "development only" in result.output
    assert count(Patient) == 0
