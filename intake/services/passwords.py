"""Passwords of staff: strength, hashing, checking, resetting. Hashing never runs inside a transaction."""

from __future__ import annotations

import re
from datetime import datetime
from functools import cache
from uuid import UUID

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from argon2.profiles import RFC_9106_LOW_MEMORY
from sqlalchemy import select, update
from zxcvbn import zxcvbn

from intake.domain.errors import DomainError
from intake.extensions import current_session, transaction
from intake.models.people import Account, AuthSession
from intake.services import audit, messages, throttle, tickets
from intake.services.tickets import Purpose

SHORTEST, LONGEST = 12, 128
JUDGED = 72
"""zxcvbn takes time with the length; the beginning must be strong enough by itself."""
STRONG_ENOUGH = 3
"""Of zxcvbn's 0 to 4: safe against 10^8 guesses."""
CLINIC_WORDS = (
    "ketamine", "esketamine", "spravato", "infusion", "infusions", "booster", "clinic", "intake", "patient",
    "provider", "nurse", "doctor", "desk", "frontdesk", "denver", "phoenix", "consultation", "depression",
)  # fmt: skip
COUNTED_LETTERS = 4
"""Shorter own words are left in: taking them out would break other words."""
KIND_RESET = "password-reset"
ASKS = 5
ASKS_FROM_ONE_ADDRESS = 30
_hasher = PasswordHasher.from_parameters(RFC_9106_LOW_MEMORY)


def faults_of(password: str, *, email: str = "", name: str = "") -> list[str]:
    """Why a new password is refused, as sentences; empty when it is good. Limits are in: 12 and 128 characters pass."""
    if len(password) < SHORTEST:
        return [f"Use at least {SHORTEST} characters. Four or five unrelated words are easy to remember."]
    if len(password) > LONGEST:
        return [f"Use at most {LONGEST} characters."]
    own_words = {*CLINIC_WORDS, *email.lower().replace("@", " ").replace(".", " ").split(), *name.lower().split()}
    rest = _without(password, own_words)
    judged = zxcvbn(rest[:JUDGED] or password[:JUDGED], user_inputs=sorted(own_words))
    if rest and judged["score"] >= STRONG_ENOUGH:
        return []
    if rest != password:
        return ["The clinic's words and your own name do not count. Add two or three unrelated words."]
    feedback = judged["feedback"]
    reasons = [text for text in (feedback["warning"], *feedback["suggestions"]) if text]
    return reasons or ["This password can be guessed. Add another unrelated word or two."]


def _without(password: str, words: set[str]) -> str:
    """The password without the words that anybody would try here; short ones stay."""
    for word in sorted((word for word in words if len(word) >= COUNTED_LETTERS), key=len, reverse=True):
        password = re.sub(re.escape(word), "", password, flags=re.IGNORECASE)
    return password


def refuse_weak(password: str, *, email: str, name: str) -> None:
    """Raise `DomainError` (field `password`) with the reasons unless the password is strong enough."""
    faults = faults_of(password, email=email, name=name)
    if faults:
        raise DomainError(" ".join(fault if fault.endswith(".") else f"{fault}." for fault in faults), field="password")


def hashed(password: str) -> str:
    """The argon2id hash of a password, with the RFC 9106 low-memory profile. Takes a tenth of a second."""
    return _hasher.hash(password)


def is_right(kept_hash: str | None, password: str) -> bool:
    """Whether a password fits its hash; takes as long where there is no hash, and then is always False."""
    current_session().rollback()  # no read is kept open for the tenth of a second either
    try:
        _hasher.verify(kept_hash or _nobodys_hash(), password)
    except (VerifyMismatchError, InvalidHashError):
        return False
    return kept_hash is not None


def renew_hash(account_id: UUID, kept_hash: str, password: str) -> None:
    """Hash anew where the parameters have changed since."""
    if not _hasher.check_needs_rehash(kept_hash):
        return
    fresh = hashed(password)
    with transaction() as session:
        same = (Account.id == account_id, Account.password_hash == kept_hash)
        session.execute(update(Account).where(*same).values(password_hash=fresh))


def ask_reset(email: str, *, write: tickets.Writer, address: str, now: datetime) -> None:
    """Make a reset ticket and its message, alike for every address; the sending step drops what is for nobody.

    Raises `Throttled`.
    """
    throttle.admit(asks("reset", email, address), now=now)
    made = tickets.Secrets.new()
    letter = write(made)
    with transaction() as session:
        ticket_id = tickets.add(session, Purpose.RESET, email, made.link, now=now)
        messages.enqueue(
            session,
            key=f"ticket:{ticket_id}",
            kind=KIND_RESET,
            recipient=email,
            subject=letter.subject,
            text=letter.text,
            due_at=now,
            now=now,
        )


def asks(what: str, email: str, address: str) -> list[throttle.Count]:
    """The counts of one asking for a message: few for an e-mail address, more for a network address."""
    return [
        throttle.Count(f"ask-{what}", email, ASKS),
        throttle.Count(f"ask-{what}-from", address, ASKS_FROM_ONE_ADDRESS),
    ]


def reset(link: str, password: str, *, now: datetime) -> None:
    """Set a new password by a reset link, once, and end every session and every open ticket of the account.

    The second factor is not touched: signing in still asks for it. Raises `DomainError`, field `password` for
    a weak one.
    """
    email = tickets.email_of(Purpose.RESET, link, now)
    account = account_for_reset(email) if email else None
    if email is None or account is None:
        raise link_is_spent()
    refuse_weak(password, email=account.email, name=account.name)
    account_id = account.id
    current_session().rollback()
    fresh = hashed(password)
    with transaction() as session:
        if tickets.spend(session, Purpose.RESET, link, now=now) is None:
            raise link_is_spent()
        for purpose in (Purpose.RESET, Purpose.SECOND_FACTOR):  # who knew the old password may stand half-way in
            tickets.close_all(session, purpose, email, now)
        session.execute(update(Account).where(Account.id == account_id).values(password_hash=fresh))
        live = (AuthSession.account_id == account_id, AuthSession.revoked_at.is_(None))
        session.execute(update(AuthSession).where(*live).values(revoked_at=now))
        subject = ("account", account_id)
        audit.add(session, actor_id=account_id, action="password.reset", subject=subject, now=now)


def account_for_reset(email: str) -> Account | None:
    """The member of staff who may reset a password by this address; None for patients, disabled and unfinished ones."""
    account = current_session().scalar(select(Account).where(Account.email == email, Account.disabled_at.is_(None)))
    is_usable = account is not None and account.is_staff and account.totp_confirmed_at is not None
    return account if is_usable else None


def link_is_spent() -> DomainError:
    """What a person reads behind a link that was used or has ended."""
    return DomainError("This link was used already or has ended.")


@cache
def _nobodys_hash() -> str:
    """What a password is compared with where there is no account, so that the answer takes as long."""
    return _hasher.hash("nobody has this password")
