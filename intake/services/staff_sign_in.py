"""Signing in of staff: the password first, then a code; there is no session before both."""

from __future__ import annotations

import secrets
from datetime import datetime

from sqlalchemy import select

from intake.domain.errors import DomainError
from intake.extensions import current_session, transaction
from intake.models.people import Account
from intake.services import passwords, second_factor, sessions, throttle, tickets
from intake.services.retries import retried
from intake.services.tickets import Purpose

WRONG_PASSWORDS = 10
"""In fifteen minutes, for one account."""
WRONG_FROM_ONE_ADDRESS = 50
"""In fifteen minutes; a whole clinic sits behind one address, and one person must not lock out all."""


def check_password(email: str, password: str, *, address: str, now: datetime) -> str:
    """The first step; returns the token of the second. Counted before hashing, for accounts that do not exist too.

    Raises `DomainError` (field `password`), the same for an unknown address and a wrong password; `Throttled`.
    """
    counts = [
        throttle.Count("password", email, WRONG_PASSWORDS),
        throttle.Count("password-from", address, WRONG_FROM_ONE_ADDRESS),
    ]
    throttle.admit(counts, now=now)
    account = current_session().scalar(select(Account).where(Account.email == email, Account.disabled_at.is_(None)))
    is_usable = account is not None and account.is_staff and account.totp_confirmed_at is not None
    account_id, kept_hash = (account.id, account.password_hash) if account and is_usable else (None, None)
    if not passwords.is_right(kept_hash, password) or account_id is None or kept_hash is None:
        raise DomainError("The e-mail address or the password is not right.", field="password")
    passwords.renew_hash(account_id, kept_hash, password)
    token = secrets.token_urlsafe(32)
    with transaction() as session:
        for count in counts:
            throttle.give_back(session, count, now=now)
        tickets.add(session, Purpose.SECOND_FACTOR, email, token, now=now)
    return token


def is_waiting(token: str, now: datetime) -> bool:
    """Whether the password was given and the code may still follow."""
    return tickets.email_of(Purpose.SECOND_FACTOR, token, now) is not None


@retried  # several at once for one account each hold a ticket that the others want to close
def check_code(token: str, code: str, *, browser_name: str, now: datetime) -> str:
    """The second step: a one-time or recovery code; returns the token for the cookie.

    Five tries, then the password again. Raises `DomainError` (field `code`, or none when the password is due again),
    `Throttled`.
    """
    opened = None
    with transaction() as session:
        email = tickets.count_try(session, Purpose.SECOND_FACTOR, token, now=now)
        account = session.scalar(select(Account).where(Account.email == email, Account.disabled_at.is_(None)))
        if account is not None and second_factor.tried_within_limit(session, account.id, code, now=now):
            tickets.close_all(session, Purpose.SECOND_FACTOR, account.email, now)
            opened = sessions.begin(session, account, browser=browser_name, second_factor=True, now=now)
    if email is None:
        raise DomainError("Enter your password again: too many tries, or too long ago.")
    if opened is None:
        raise second_factor.wrong_code()
    return opened
