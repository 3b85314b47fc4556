"""Single-use tickets: made, looked at, spent. Only digests of their secrets are kept."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import Session

from intake.extensions import current_session
from intake.keyring import digest
from intake.models.people import Ticket

TRIES = 5
CODE_DIGITS = 8


class Purpose(StrEnum):
    """What a ticket is good for."""

    SIGN_IN = "sign-in"
    SECOND_FACTOR = "second-factor"  # the password was right, the code is still to come
    INVITATION = "invitation"
    RESET = "password-reset"


LIFETIME: dict[Purpose, timedelta] = {
    Purpose.SIGN_IN: timedelta(minutes=15),
    Purpose.SECOND_FACTOR: timedelta(minutes=10),
    Purpose.INVITATION: timedelta(days=7),
    Purpose.RESET: timedelta(hours=1),
}


@dataclass(frozen=True, slots=True)
class Secrets:
    """What goes out by e-mail: the token of the link, and the code to type."""

    link: str
    code: str

    @classmethod
    def new(cls) -> Secrets:
        """Fresh ones: 256 bits, and eight digits."""
        return cls(secrets.token_urlsafe(32), f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}d}")


@dataclass(frozen=True, slots=True)
class Letter:
    """Subject and text of a message about a ticket."""

    subject: str
    text: str


Writer = Callable[[Secrets], Letter]
"""Writes the letter for a ticket's secrets; called before the transaction, because it renders."""


@dataclass(frozen=True, slots=True)
class Spent:
    """A ticket that was just used: it cannot be used again."""

    email: str
    roles: str
    request_id: UUID | None
    created_at: datetime


def add(
    session: Session,
    purpose: Purpose,
    email: str,
    link: str,
    *,
    now: datetime,
    code_digest: bytes | None = None,
    browser: str | None = None,
    roles: str | None = None,
    request_id: UUID | None = None,
) -> UUID:
    """Add a ticket to the caller's transaction; returns its key. `browser` is the random value in a cookie."""
    row = Ticket(
        purpose=purpose,
        email=email,
        link_digest=digest(link),
        code_digest=code_digest,
        browser_digest=digest(browser) if browser else None,
        created_at=now,
        expires_at=now + LIFETIME[purpose],
        roles=roles,
        request_id=request_id,
    )
    session.add(row)
    session.flush()
    return row.id


def is_open(now: datetime) -> tuple[ColumnElement[bool], ...]:
    """What holds of a ticket that can still be used. At the instant of its end it cannot."""
    return (Ticket.used_at.is_(None), Ticket.expires_at > now, Ticket.tries < TRIES)


def email_of(purpose: Purpose, link: str, now: datetime) -> str | None:
    """The address of an open ticket, None when it was used, ended or never was. Changes nothing."""
    wanted = (Ticket.purpose == purpose, Ticket.link_digest == digest(link), *is_open(now))
    return current_session().scalar(select(Ticket.email).where(*wanted))


def spend(session: Session, purpose: Purpose, link: str, *, now: datetime) -> Spent | None:
    """Use the ticket behind a link, in one conditional UPDATE; None when it is not open (any more)."""
    wanted = (Ticket.purpose == purpose, Ticket.link_digest == digest(link), *is_open(now))
    return _spend(session, wanted, now)


def spend_code(session: Session, browser: str, code: str, *, now: datetime) -> Spent | None:
    """Use the sign-in ticket with this code that was asked for in this browser; None when there is none.

    Counts a try on every open ticket of the browser first, so that a code can be guessed at five times only.
    """
    mine = (Ticket.purpose == Purpose.SIGN_IN, Ticket.browser_digest == digest(browser))
    count = update(Ticket).where(*mine, *is_open(now)).values(tries=Ticket.tries + 1)
    tried = session.execute(count.returning(Ticket.id, Ticket.code_digest)).all()
    wanted = code_digest(browser, code)
    right = [row.id for row in tried if row.code_digest and secrets.compare_digest(row.code_digest, wanted)]
    return _spend(session, (Ticket.id.in_(right), Ticket.used_at.is_(None)), now) if right else None


def count_try(session: Session, purpose: Purpose, link: str, *, now: datetime) -> str | None:
    """Count a try on an open ticket; its address, or None when it is not open (any more)."""
    wanted = (Ticket.purpose == purpose, Ticket.link_digest == digest(link), *is_open(now))
    counted = update(Ticket).where(*wanted).values(tries=Ticket.tries + 1).returning(Ticket.email)
    return session.scalar(counted)


def close_all(session: Session, purpose: Purpose, email: str, now: datetime) -> None:
    """Use up every ticket of a purpose for an address."""
    open_ones = (Ticket.purpose == purpose, Ticket.email == email, Ticket.used_at.is_(None))
    session.execute(update(Ticket).where(*open_ones).values(used_at=now))


def code_digest(browser: str, code: str) -> bytes:
    """What is kept of a code. Bound to the browser's random value: the table alone does not give it away."""
    return digest(f"{browser}:{code}")


def _spend(session: Session, wanted: tuple[ColumnElement[bool], ...], now: datetime) -> Spent | None:
    used = update(Ticket).where(*wanted).values(used_at=now)
    row = session.execute(used.returning(Ticket.email, Ticket.roles, Ticket.request_id, Ticket.created_at)).first()
    return Spent(row.email, row.roles or "", row.request_id, row.created_at) if row else None
