"""What a miss does to the rest of a series: go on, the provider first, or a new series."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from uuid_utils.compat import uuid7

from intake.domain.amendments import Amendment, AmendmentKind
from intake.domain.errors import DomainError
from intake.domain.scheduling.planning import Plan
from intake.domain.statuses import Status
from intake.extensions import db, transaction
from intake.models.orders import Order
from intake.models.replanning import SignOff
from intake.models.scores import Score
from intake.queries import misses, orders, sign_offs
from intake.queries import replanning as reads
from intake.services import amendments, replanning
from tests import factories
from tests.factories import NOW
from tests.services.bookings import DATES, check_tables
from tests.services.replans import AFTER_FIRST, a_begun_series, live, mark, replan, row

RULES = {
    "miss_usual_gap_days": 7,
    "miss_provider_over_days": 14,
    "miss_screen_over_days": 28,
    "miss_append_below_days": 28,
    "miss_worse_points": 5,
}


@pytest.fixture
def site_id():
    return factories.a_site()


def begun(site_id, *, start=9 * 60, **rules):
    """A series whose protocol says what a miss does, the first infusion given."""
    protocol_id = factories.a_protocol(name=f"With misses {uuid7()}", **(RULES | rules))
    return a_begun_series(site_id, start=start, protocol_id=protocol_id)


def miss(keys, *places):
    """Infusions that were missed, each told half an hour after its start; returns when the last was."""
    at = NOW
    for place in places:
        at = row(keys[place]).starts_at + timedelta(minutes=30)
        mark(keys[place], Status.NO_SHOW, now=at)
    return at


def score(order_id, *totals, last_at: datetime):
    """PHQ-9 a day apart, the last one at `last_at`."""
    with transaction() as session:
        patient_id = session.get_one(Order, order_id).patient_id
        for place, total in enumerate(reversed(totals)):
            answers = {str(item): min(3, max(0, total - 3 * (item - 1))) for item in range(1, 9)} | {"9": 0}
            values = {"instrument": "phq9", "instrument_version": "1", "mode": "self", "scorer_version": "1"}
            found = Score(patient_id=patient_id, answered_at=last_at - timedelta(days=place), total=None, **values)
            found.answers = answers
            session.add(found)


def press(order_id, found, now):
    plan = found.found
    assert isinstance(plan, Plan), plan
    common = {"request_key": uuid7(), "actor_id": factories.a_desk(), "now": now}
    replanning.apply(order_id, found.rest_slots(plan), token=found.rest.token, **common)


def allow(order_id, provider_id, limits, now):
    """The provider answers what the desk asked."""
    db.session.rollback()
    asked = db.session.scalars(select(SignOff).where(SignOff.decided_at.is_(None))).one().id
    db.session.rollback()
    change = Amendment(AmendmentKind.LIMITS, "Seen today.", limits=limits, is_asked=True)
    shown = amendments.preview(order_id, change, now=now)
    common = {"request_key": uuid7(), "actor_id": provider_id, "now": now, "sign_off_id": asked}
    amendments.sign(order_id, change, slots=None, token=shown.proposal.rest.token, **common)


def test_the_remaining_dates_stay_and_one_is_appended_beyond_the_usual_span(site_id):
    order_id, keys = begun(site_id, gap_points={"3": 0, "4": 0, "7": 8})
    at = miss(keys, 1)
    replan(order_id, now=at)
    days = [day for _, day, _, _ in live(order_id)]
    assert days[:5] == [DATES[0], *DATES[2:]]  # nothing is doubled up
    assert len(days) == 6 and 21 >= (days[5] - DATES[5]).days >= 3
    check_tables()


def test_one_may_be_appended_up_to_the_protocols_limit_and_no_later(site_id):
    long = begun(site_id, max_span_days=17)
    short = begun(site_id, start=13 * 60, max_span_days=17, miss_append_below_days=18)
    for order_id, keys, is_possible in ((*long, True), (*short, False)):
        found = replanning.propose(order_id, now=miss(keys, 1))
        ends = found.found.slots[-1].day if isinstance(found.found, Plan) else None
        assert (ends is not None and ends > DATES[5]) is is_possible
    db.session.rollback()


def test_a_gap_that_the_kept_dates_leave_goes_on_up_to_two_weeks(site_id):
    order_id, keys = begun(site_id)
    at = miss(keys, 1, 2)  # Dec 7 to Dec 17: ten days
    found = replan(order_id, now=at)
    assert found.obstacles == () and found.question is None
    assert [day for _, day, _, _ in live(order_id)][:2] == [DATES[0], DATES[3]]
    again = replanning.propose(order_id, now=at)
    assert isinstance(again.found, Plan) and again.found.breakdown["moved"] == 0
    assert again.rest.faults == ()  # the series' page agrees
    db.session.rollback()


@pytest.mark.parametrize(("days", "obstacle"), [(13, ()), (14, (misses.LOOK_FIRST,)), (28, (misses.NEW_SCREEN,))])
def test_the_gap_decides_who_has_to_look(site_id, days, obstacle):
    order_id, keys = begun(site_id)
    miss(keys, *range(1, 6))
    at = AFTER_FIRST + timedelta(days=days)
    assert replanning.propose(order_id, now=at).obstacles == obstacle
    db.session.rollback()


def test_an_older_version_of_a_protocol_says_nothing(site_id):
    order_id, keys = a_begun_series(site_id)
    miss(keys, *range(1, 6))
    assert replanning.propose(order_id, now=AFTER_FIRST + timedelta(days=40)).obstacles == ()
    db.session.rollback()


def test_over_two_weeks_nothing_is_booked_until_the_provider_allows_the_gap(site_id):
    order_id, keys = begun(site_id)
    miss(keys, *range(1, 6))
    at, provider = AFTER_FIRST + timedelta(days=14), factories.a_provider()
    found = replanning.propose(order_id, now=at)
    replanning.ask_provider(order_id, found.question, actor_id=factories.a_desk(), now=at)
    db.session.rollback()
    assert sign_offs.asked_of(order_id).limits == {"max_gap_days": 15}
    allow(order_id, provider, {"max_gap_days": 15, "max_span_days": 40}, at)
    found = replanning.propose(order_id, now=at)
    assert found.obstacles == ()
    press(order_id, found, at)
    assert len(live(order_id)) == 6
    check_tables()


@pytest.mark.parametrize(("totals", "has_to_look"), [((10, 14), False), ((10, 15), True), ((15,), False)])
def test_a_worse_phq9_asks_for_the_provider_and_tells_the_desk_no_score(site_id, totals, has_to_look):
    order_id, keys = begun(site_id)
    at = miss(keys, 1)
    score(order_id, *totals, last_at=at)
    found = replanning.propose(order_id, now=at)
    assert found.obstacles == ((misses.LOOK_FIRST,) if has_to_look else ())
    if not has_to_look:
        return
    assert not any(mark.isdigit() for mark in found.question.text)
    with pytest.raises(DomainError, match="look first"):
        press(order_id, found, at)
    replanning.ask_provider(order_id, found.question, actor_id=factories.a_desk(), now=at)
    allow(order_id, factories.a_provider(), dict(sign_offs.asked_of(order_id).limits), at)
    found = replanning.propose(order_id, now=at)
    assert found.obstacles == ()
    press(order_id, found, at)


def test_a_pause_that_was_signed_is_no_miss(site_id):
    order_id, keys = begun(site_id)
    miss(keys, *range(1, 6))
    with transaction() as session:
        session.get_one(Order, order_id).exceptions = {"restarts": ["2026-12-29"]}
    at = AFTER_FIRST + timedelta(days=20)
    order, series = orders.order(order_id), reads.booked_series(order_id)
    rest = reads.rest_of(series, order, now=at)
    assert misses.obstacle(misses.needed(rest, reads.terms_of(order, series), order)) == []
    db.session.rollback()
