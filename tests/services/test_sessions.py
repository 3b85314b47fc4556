"""The session register: idle, absolute, revoked, and the token as a digest only."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from intake.domain.roles import Role
from intake.extensions import db, transaction
from intake.models.audit import AuditRow
from intake.models.people import Account, AuthSession
from intake.services import sessions
from tests.factories import NOW, a_site, an_account


def begun(account_id: UUID, browser: str = "Firefox on Linux", now=NOW) -> str:
    return sessions.open_for(account_id, browser=browser, second_factor=True, now=now)


def test_a_session_is_found_by_its_token_which_is_kept_as_a_digest() -> None:
    account_id = an_account(Role.DESK)
    token = begun(account_id)
    row = sessions.find(token, NOW)
    assert row is not None
    assert row.account_id == account_id
    assert token.encode() not in row.digest
    assert sessions.find(token + "x", NOW) is None


@pytest.mark.parametrize(
    ("role", "minutes", "is_open"),
    [(Role.DESK, 15, True), (Role.DESK, 16, False), (Role.PATIENT, 30, True), (Role.PATIENT, 31, False)],
)
def test_a_session_left_alone_ends(role: Role, minutes: int, is_open: bool) -> None:
    token = begun(an_account(role))
    assert (sessions.find(token, NOW + timedelta(minutes=minutes)) is not None) is is_open


@pytest.mark.parametrize(("minutes", "is_open"), [(12 * 60, True), (12 * 60 + 1, False)])
def test_a_session_in_use_ends_after_twelve_hours(minutes: int, is_open: bool) -> None:
    token = begun(an_account(Role.DESK))
    row = sessions.find(token, NOW)
    assert row is not None
    session_id = row.id
    for seen in range(10, minutes + 1, 10):
        sessions.touch(session_id, NOW + timedelta(minutes=seen))
    assert (sessions.find(token, NOW + timedelta(minutes=minutes)) is not None) is is_open


def test_being_seen_is_noted_at_most_once_a_minute() -> None:
    begun(an_account(Role.DESK))
    session_id = db.session.scalars(select(AuthSession.id)).one()
    seen = []
    for seconds in (59, 60, 90, 120):
        sessions.touch(session_id, NOW + timedelta(seconds=seconds))
        seen.append((db.session.get_one(AuthSession, session_id).last_seen_at - NOW).total_seconds())
    assert seen == [0, 60, 60, 120]


def test_one_session_can_be_ended_and_the_other_stays() -> None:
    account_id = an_account(Role.DESK)
    first, second = begun(account_id), begun(account_id)
    row = sessions.find(first, NOW)
    assert row is not None
    sessions.revoke(account_id, row.id, NOW)
    assert sessions.find(first, NOW) is None
    assert sessions.find(second, NOW) is not None


def test_somebody_elses_session_cannot_be_ended() -> None:
    mine, other = an_account(Role.DESK), an_account(Role.DESK)
    token = begun(other)
    row = sessions.find(token, NOW)
    assert row is not None
    sessions.revoke(mine, row.id, NOW)
    assert sessions.find(token, NOW) is not None


def test_signing_out_ends_the_session_once() -> None:
    token = begun(an_account(Role.DESK))
    sessions.end(token, NOW)
    sessions.end(token, NOW)
    assert sessions.find(token, NOW) is None
    ended = db.session.scalars(select(AuditRow).where(AuditRow.action == "session.end")).all()
    assert len(ended) == 1


def test_a_disabled_account_has_no_session() -> None:
    account_id = an_account(Role.DESK)
    token = begun(account_id)
    with transaction() as session:
        session.get_one(Account, account_id).disabled_at = NOW
    assert sessions.find(token, NOW) is None


def test_the_list_has_ones_own_sessions_that_still_open_pages() -> None:
    account_id = an_account(Role.DESK)
    begun(account_id, "too old", NOW - timedelta(hours=13))
    begun(account_id, "left alone", NOW - timedelta(minutes=16))
    begun(account_id, "older", NOW - timedelta(minutes=5))
    begun(account_id, "newest")
    begun(an_account(Role.DESK), "somebody else's")
    ended = begun(account_id, "ended")
    sessions.end(ended, NOW)
    assert [row.browser for row in sessions.open_sessions_of(account_id, NOW)] == ["newest", "older"]


def test_the_chosen_site_is_kept_in_the_session() -> None:
    site_id = a_site()
    token = begun(an_account(Role.DESK))
    row = sessions.find(token, NOW)
    assert row is not None
    sessions.choose_site(row.id, site_id)
    found = sessions.find(token, NOW)
    assert found is not None
    assert found.site_id == site_id
