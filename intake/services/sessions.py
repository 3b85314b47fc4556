"""The session register: one row for each signed-in browser; the cookie holds a random id."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from intake.extensions import current_session, transaction
from intake.keyring import digest
from intake.models.people import Account, AuthSession
from intake.services import audit

IDLE_STAFF = timedelta(minutes=15)
IDLE_PATIENT = timedelta(minutes=30)
ABSOLUTE = timedelta(hours=12)
TOUCH = timedelta(minutes=1)
STEP_UP = timedelta(minutes=5)


def find(token: str, now: datetime) -> AuthSession | None:
    """The open session behind a cookie's token; None when revoked, idle, too old, or the account is disabled."""
    row = current_session().scalar(select(AuthSession).where(AuthSession.digest == digest(token)))
    return row if row is not None and is_alive(row, now) else None


def detach(row: AuthSession) -> None:
    """Keep a session with its account and roles as they are now, whatever is written later in the request."""
    reading = current_session()
    for one in (row, *row.account.role_rows, row.account):
        reading.expunge(one)


def is_alive(row: AuthSession, now: datetime) -> bool:
    """Whether a session still opens pages. The last minute of the idle and of the whole time is in."""
    if row.revoked_at is not None or row.account.disabled_at is not None:
        return False
    idle = IDLE_STAFF if row.account.is_staff else IDLE_PATIENT
    return now - row.last_seen_at <= idle and now - row.created_at <= ABSOLUTE


def begin(session: Session, account: Account, *, browser: str, second_factor: bool, now: datetime) -> str:
    """Add a session to the caller's transaction; returns the token for the cookie."""
    token = secrets.token_urlsafe(32)
    row = AuthSession(
        digest=digest(token),
        account_id=account.id,
        browser=browser[:80],
        created_at=now,
        last_seen_at=now,
        second_factor_at=now if second_factor else None,
    )
    session.add(row)
    audit.add(session, actor_id=account.id, action="session.begin", subject=("auth_session", row.id), now=now)
    return token


def touch(session_id: UUID, now: datetime) -> None:
    """Note that the session was seen; writes at most once a minute."""
    seen = current_session().scalar(select(AuthSession.last_seen_at).where(AuthSession.id == session_id))
    if seen is None or now - seen < TOUCH:
        return
    with transaction() as session:
        session.execute(update(AuthSession).where(AuthSession.id == session_id).values(last_seen_at=now))


def open_sessions_of(account_id: UUID, now: datetime) -> list[AuthSession]:
    """The sessions of one account that still open pages, newest first."""
    rows = select(AuthSession).where(AuthSession.account_id == account_id, AuthSession.revoked_at.is_(None))
    rows = rows.where(AuthSession.created_at >= now - ABSOLUTE).order_by(AuthSession.created_at.desc())
    return [row for row in current_session().scalars(rows) if is_alive(row, now)]


def open_for(account_id: UUID, *, browser: str, second_factor: bool, now: datetime) -> str:
    """Begin a session without asking for anything; development pages and tests only. Returns the token."""
    with transaction() as session:
        account = session.get_one(Account, account_id)
        return begin(session, account, browser=browser, second_factor=second_factor, now=now)


def end(token: str, now: datetime) -> None:
    """End the session behind a cookie's token; one that is over already, or never was, is left alone."""
    live = (AuthSession.digest == digest(token), AuthSession.revoked_at.is_(None))
    ended = update(AuthSession).where(*live).values(revoked_at=now).returning(AuthSession.id, AuthSession.account_id)
    with transaction() as session:
        row = session.execute(ended).first()
        if row is not None:
            subject = ("auth_session", row.id)
            audit.add(session, actor_id=row.account_id, action="session.end", subject=subject, now=now)


def revoke(account_id: UUID, session_id: UUID, now: datetime) -> None:
    """End one session of one's own; somebody else's is left alone. Twice is harmless."""
    mine = (AuthSession.id == session_id, AuthSession.account_id == account_id, AuthSession.revoked_at.is_(None))
    with transaction() as session:
        ended = session.execute(update(AuthSession).where(*mine).values(revoked_at=now).returning(AuthSession.id)).all()
        if ended:
            audit.add(session, actor_id=account_id, action="session.end", subject=("auth_session", session_id), now=now)


def choose_site(session_id: UUID, site_id: UUID) -> None:
    """Keep the site that a member of staff works in."""
    with transaction() as session:
        session.execute(update(AuthSession).where(AuthSession.id == session_id).values(site_id=site_id))


def has_stepped_up(row: AuthSession, now: datetime) -> bool:
    """Whether the second factor was given again within the last five minutes."""
    return row.stepped_up_at is not None and now - row.stepped_up_at <= STEP_UP
