"""Two at once on one series or one place: one clear outcome each, and nothing half."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest
from sqlalchemy import select
from uuid_utils.compat import uuid7

from intake.domain.scheduling.planning import Plan
from intake.domain.scheduling.values import Slot
from intake.domain.statuses import Status
from intake.extensions import db
from intake.models.sites import Chair
from intake.services import attendance, replanning, sites
from intake.services.appointment_steps import Seen
from intake.services.claims import Taken
from intake.services.placing import NoLongerHolds
from tests import factories
from tests.racing import race, until_not_busy
from tests.services.bookings import DATES, check_tables
from tests.services.replans import AFTER_FIRST, CAUSES, a_begun_series, live, row


@pytest.fixture
def site_id():
    return factories.a_site(chairs=2)


def proposal(order_id, now=AFTER_FIRST):
    found = replanning.propose(order_id, now=now)
    assert isinstance(found.found, Plan)
    db.session.rollback()
    return found


def test_of_two_desks_that_replan_one_series_one_wins(app, site_id):
    order_id, keys = a_begun_series(site_id)
    now = CAUSES["closed day"](site_id, keys)
    found, desk = proposal(order_id, now), factories.a_desk()
    plans = [found.rest_slots(found.found), found.rest_slots(found.found.alternatives[0])]

    def act(number):
        common = {"token": found.rest.token, "request_key": uuid7(), "actor_id": desk, "now": now}
        return until_not_busy(lambda: replanning.apply(order_id, plans[number % 2], **common))

    answers = race(app, act, 4)
    losers = [answer for answer in answers if isinstance(answer, Exception)]
    assert {type(loser) for loser in losers} == {NoLongerHolds} and len(losers) == 3
    assert all(isinstance(loser.offer.found, Plan) for loser in losers)
    assert len(live(order_id)) == 6
    check_tables()


def test_a_double_click_is_one_replan(app, site_id):
    order_id, keys = a_begun_series(site_id)
    now = CAUSES["closed day"](site_id, keys)
    found, desk, key = proposal(order_id, now), factories.a_desk(), uuid7()
    slots = found.rest_slots(found.found)

    def act(_number):
        common = {"token": found.rest.token, "request_key": key, "actor_id": desk, "now": now}
        return until_not_busy(lambda: replanning.apply(order_id, slots, **common))

    assert len(set(race(app, act, 4))) == 1
    assert [row(one).version for one in keys] == [1, 1, 2, 1, 1, 1]
    check_tables()


def test_two_series_that_want_one_place_get_it_once(app, site_id):
    orders = [a_begun_series(site_id, start=hour * 60)[0] for hour in (9, 13)]
    sites.close_day(site_id, DATES[2], actor_id=factories.a_desk(), now=AFTER_FIRST, strand=True)
    chair = db.session.scalars(select(Chair.id).where(Chair.site_id == site_id, Chair.name == "B")).one()
    sites.retire_chair(chair, DATES[1], actor_id=factories.a_desk(), now=AFTER_FIRST, strand=True)
    wanted = Slot(DATES[2] + timedelta(days=1), 11 * 60, "A")
    desk = factories.a_desk()
    found = [proposal(order_id) for order_id in orders]

    def act(number):
        kept = [one.slot for one in found[number].rest.coming if one.slot.day != DATES[2]]
        common = {"token": found[number].rest.token, "request_key": uuid7(), "actor_id": desk, "now": AFTER_FIRST}
        return until_not_busy(lambda: replanning.apply(orders[number], [*kept, wanted], **common))

    answers = race(app, act, 2)
    losers = [answer for answer in answers if isinstance(answer, Exception)]
    assert [type(loser) for loser in losers] == [Taken], answers
    assert isinstance(losers[0].offer.found, Plan)
    check_tables()


@pytest.mark.parametrize("delay", [0, 0.01, 0.02, 0.04])
def test_a_cut_sees_the_replan_or_the_replan_sees_the_cut(app, site_id, delay):
    order_id, keys = a_begun_series(site_id)
    now = CAUSES["closed day"](site_id, keys)
    found, desk = proposal(order_id, now), factories.a_desk()
    slots = found.rest_slots(found.found)
    (new,) = [slot for slot in slots if slot.day not in DATES]

    def act(number):
        if number == 0:
            common = {"token": found.rest.token, "request_key": uuid7(), "actor_id": desk, "now": now}
            return until_not_busy(lambda: replanning.apply(order_id, slots, **common))
        time.sleep(delay)
        return until_not_busy(lambda: sites.close_day(site_id, new.day, actor_id=desk, now=now, strand=True))

    replanned, cut = race(app, act, 2)
    if isinstance(replanned, NoLongerHolds):
        assert isinstance(replanned.offer.found, Plan)
        assert new.day not in {slot.day for slot in replanned.offer.found.slots}
    else:
        assert not isinstance(replanned, Exception), replanned
        assert new.day in {one.starts_at.date() for one in cut}
    check_tables()


def test_a_move_beside_a_replan_ends_cleanly(app, site_id):
    order_id, keys = a_begun_series(site_id)
    now = CAUSES["closed day"](site_id, keys)
    found, desk = proposal(order_id, now), factories.a_desk()
    slots = found.rest_slots(found.found)

    def act(number):
        if number == 0:
            common = {"token": found.rest.token, "request_key": uuid7(), "actor_id": desk, "now": now}
            return until_not_busy(lambda: replanning.apply(order_id, slots, **common))
        seen = Seen(1, Status.BOOKED)
        return until_not_busy(
            lambda: attendance.mark(keys[4], Status.CANCELLED, seen=seen, actor_id=desk, now=now, reason="ill")
        )

    replanned, cancelled = race(app, act, 2)
    assert cancelled is None or isinstance(cancelled, Exception)
    assert isinstance(replanned, NoLongerHolds) or len(live(order_id)) == 5
    check_tables()
