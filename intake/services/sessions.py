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
    if row is None or row.revoked_at is not None or row.account.disabled_at is not None:
        return None
    idle = IDLE_STAFF if row.account.is_staff else IDLE_PATIENT
    if now - row.last_seen_at > idle or now - row.created_at > ABSOLUTE:
        return None
    return row


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
    """The open sessions of one account, newest first."""
    rows = select(AuthSession).where(AuthSession.account_id == account_id, AuthSession.revoked_at.is_(None))
    rows = rows.where(AuthSession.created_at > now - ABSOLUTE).order_by(AuthSession.created_at.desc())
    return list(current_session().scalars(rows))


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
