"""Looking longer for a better plan of a batch: one worker, stopped or not, never over what somebody is booked by."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select
from uuid_utils.compat import uuid7

from intake.domain.closings import Closing, ClosingKind
from intake.domain.errors import DomainError
from intake.domain.roles import Role
from intake.extensions import db, transaction
from intake.models.replanning import Batch, BatchCase
from intake.queries import closings as reads
from intake.services import batch_placing, closings, searches
from intake.services.errors import NotAllowed
from tests import factories
from tests.services.bookings import DATES, check_tables
from tests.services.replans import AFTER_FIRST, a_begun_series

LATER = AFTER_FIRST + timedelta(minutes=5)


@pytest.fixture
def site_id() -> UUID:
    return factories.a_site(chairs=4, watch_units=8)


@pytest.fixture
def desk() -> UUID:
    return factories.a_desk()


@pytest.fixture
def batch_id(app: object, site_id: UUID, desk: UUID) -> UUID:
    """Three series lose a day, and their first plan is made as poor as a plan can be."""
    for hour in (8, 11, 14):
        a_begun_series(site_id, start=hour * 60)
    found = closings.propose_closing(
        site_id,
        Closing(ClosingKind.DAY, DATES[2]),
        request_key=uuid7(),
        actor_id=desk,
        now=AFTER_FIRST,
        seconds_left=lambda: 10.0,
    )
    with transaction() as session:
        row = session.get_one(Batch, found)
        row.detail = {**row.detail, "cost": 10**6, "bound": 0}
        for case in session.scalars(select(BatchCase)):
            case.plan, case.outcome = [], "by-hand"
    return found


def at_once() -> datetime:
    return AFTER_FIRST


def row_of(batch_id: UUID) -> Batch:
    db.session.rollback()
    return reads.batch(batch_id)


def outcomes(batch_id: UUID) -> list[str]:
    db.session.rollback()
    return [case.outcome for case in reads.cases_of(batch_id)]


def test_a_better_plan_takes_the_place_of_the_shown_one(batch_id: UUID, desk: UUID) -> None:
    searches.begin(batch_id, actor_id=desk, now=AFTER_FIRST)
    assert searches.work("one", at_once)
    assert outcomes(batch_id) == ["waiting"] * 3
    row = row_of(batch_id)
    assert row.search_until is None and row.detail["bound"] <= row.detail["cost"] < 10**6
    assert not searches.work("one", at_once)


def test_what_was_found_can_be_closed_and_booked(batch_id: UUID, desk: UUID) -> None:
    searches.begin(batch_id, actor_id=desk, now=AFTER_FIRST)
    searches.work("one", at_once)
    closings.close(batch_id, actor_id=desk, now=AFTER_FIRST)
    batch_placing.place(batch_id, actor_id=desk, now=AFTER_FIRST, seconds_left=lambda: 10.0)
    assert outcomes(batch_id) == ["placed"] * 3
    check_tables()


def test_a_plan_that_is_no_better_changes_nothing(batch_id: UUID, desk: UUID) -> None:
    with transaction() as session:
        row = session.get_one(Batch, batch_id)
        row.detail = {**row.detail, "cost": 0}
    searches.begin(batch_id, actor_id=desk, now=AFTER_FIRST)
    assert searches.work("one", at_once)
    assert outcomes(batch_id) == ["by-hand"] * 3
    assert row_of(batch_id).search_until is None


def test_stopped_before_anybody_began_it_ends_at_once(batch_id: UUID, desk: UUID) -> None:
    searches.begin(batch_id, actor_id=desk, now=AFTER_FIRST)
    searches.stop(batch_id, actor_id=desk)
    assert row_of(batch_id).search_until is None
    assert not searches.work("one", at_once)


def test_stopped_under_way_it_ends_soon_with_what_it_has(batch_id: UUID, desk: UUID) -> None:
    searches.begin(batch_id, actor_id=desk, now=AFTER_FIRST)
    asked = 0

    def ticks() -> float:
        nonlocal asked
        asked += 1
        if asked == 3:
            searches.stop(batch_id, actor_id=desk)
        return float(asked)

    assert searches.work("one", at_once, ticks=ticks)
    assert row_of(batch_id).search_until is None
    assert asked < 60  # of more than a thousand that the minute has
    assert len(outcomes(batch_id)) == 3


def test_nothing_is_looked_for_once_somebody_is_booked_by_the_plan(batch_id: UUID, desk: UUID) -> None:
    closings.close(batch_id, actor_id=desk, now=AFTER_FIRST)
    with pytest.raises(DomainError, match="booked already"):
        searches.begin(batch_id, actor_id=desk, now=AFTER_FIRST)
    assert row_of(batch_id).search_until is None


def test_closed_while_it_is_looked_for_the_shown_plan_stays(batch_id: UUID, desk: UUID) -> None:
    searches.begin(batch_id, actor_id=desk, now=AFTER_FIRST)
    closings.close(batch_id, actor_id=desk, now=AFTER_FIRST)
    assert searches.work("one", at_once)
    assert outcomes(batch_id) == ["by-hand"] * 3
    assert row_of(batch_id).search_until is None


def test_a_search_of_a_killed_worker_is_taken_up_after_its_lease(batch_id: UUID, desk: UUID) -> None:
    searches.begin(batch_id, actor_id=desk, now=AFTER_FIRST)
    with transaction() as session:
        row = session.get_one(Batch, batch_id)
        row.search_owner, row.search_leased_until = "killed", AFTER_FIRST + searches.LEASE
    assert not searches.work("other", at_once)
    assert searches.work("other", lambda: AFTER_FIRST + searches.LEASE)
    assert outcomes(batch_id) == ["waiting"] * 3


def test_who_may_not_book_may_not_search(batch_id: UUID) -> None:
    nobody = factories.an_account(Role.NURSE)
    with pytest.raises(NotAllowed):
        searches.begin(batch_id, actor_id=nobody, now=AFTER_FIRST)
    assert row_of(batch_id).search_until is None
