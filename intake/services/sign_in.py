"""Signing in of patients: a single-use link and a code, both sent by e-mail.

Asking costs the same and answers the same for every address. Whether a message goes out is decided when it is sent.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from intake.domain.errors import DomainError
from intake.domain.roles import Role
from intake.extensions import current_session, transaction
from intake.models.people import Account, ConsultationRequest
from intake.services import passwords, people, sessions, sign_in_letters, throttle, tickets
from intake.services.errors import Throttled
from intake.services.tickets import Purpose

KIND = sign_in_letters.KIND
KINDS = frozenset({KIND, passwords.KIND_RESET})
"""Kinds of messages of which `should_send` decides."""
CODES_FROM_ONE_ADDRESS = 60


def ask(email: str, *, browser: str, write: tickets.Writer, address: str, now: datetime) -> None:
    """Make a link and a code for an address (lower case) and the message that carries them.

    `browser` is the random value in the asker's cookie: the code works only there. Raises `Throttled`.
    """
    throttle.admit(passwords.asks("sign-in", email, address), now=now)
    made = tickets.Secrets.new()
    letter = write(made)
    with transaction() as session:
        sign_in_letters.post(session, email, made, letter, browser=browser, now=now)


def should_send(email: str, now: datetime, *, kind: str = KIND) -> bool:
    """Whether a message of `KINDS` has somebody to go to: patients get links, staff get resets, others nothing.

    Only reads; `now` is there so that every check of a message is asked alike.
    """
    if kind == passwords.KIND_RESET:
        return passwords.account_for_reset(email) is not None
    session = current_session()
    account = session.scalar(select(Account).where(Account.email == email))
    if account is not None:
        return account.disabled_at is None and account.roles == {Role.PATIENT}
    asked = select(ConsultationRequest.id).where(ConsultationRequest.email == email).limit(1)
    return session.scalar(asked) is not None


def redeem_link(link: str, *, browser_name: str, now: datetime) -> str:
    """Sign in by a link, once; returns the token for the cookie. Raises `DomainError` when the link is spent.

    The first time, the request becomes account, patient and consultation in the same transaction.
    """
    try:
        return _redeem_link(link, browser_name, now)
    except IntegrityError:  # another link of the same new address opened the account a moment ago
        return _redeem_link(link, browser_name, now)


def redeem_code(browser: str, code: str, *, address: str, browser_name: str, now: datetime) -> str:
    """Sign in by a code typed in the browser that asked for it; returns the token for the cookie.

    Five tries. Raises `DomainError` (field `code`), `Throttled`.
    """
    typed = "".join(code.split()).replace("-", "")
    try:
        token = _redeem_code(browser, typed, address, browser_name, now)
    except IntegrityError:  # the link of the same new address opened the account a moment ago
        token = _redeem_code(browser, typed, address, browser_name, now)
    if token is None:
        raise DomainError(
            "This code does not fit. Check it, or ask for a new one: five tries, fifteen minutes, this browser only.",
            field="code",
        )
    return token


def _redeem_code(browser: str, typed: str, address: str, browser_name: str, now: datetime) -> str | None:
    tries = throttle.Count("sign-in-code", address, CODES_FROM_ONE_ADDRESS)
    with transaction() as session:
        if not throttle.raise_count(session, tries, now=now):
            raise Throttled
        spent = tickets.spend_code(session, browser, typed, now=now)
        account = people.account_for(session, spent.email, spent.request_id, now=now) if spent else None
        if account is None:
            return None
        return sessions.begin(session, account, browser=browser_name, second_factor=False, now=now)


def _redeem_link(link: str, browser_name: str, now: datetime) -> str:
    with transaction() as session:
        spent = tickets.spend(session, Purpose.SIGN_IN, link, now=now)
        account = people.account_for(session, spent.email, spent.request_id, now=now) if spent else None
        if account is None:
            raise passwords.link_is_spent()
        return sessions.begin(session, account, browser=browser_name, second_factor=False, now=now)
