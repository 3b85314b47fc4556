"""The second factor of staff: one-time codes of an authenticator, and recovery codes. Each works once."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

import pyotp
from sqlalchemy import delete, or_, update
from sqlalchemy.orm import Session

from intake.domain.errors import DomainError
from intake.extensions import current_session, transaction
from intake.keyring import digest
from intake.models.people import Account, AuthSession, RecoveryCode
from intake.services import audit, throttle
from intake.services.errors import Throttled

STEP_SECONDS = 30
WINDOW = (-1, 0, 1)
"""Steps that count beside the current one: clocks may differ by half a minute."""
TRIES = 10
"""Wrong codes an account may give in fifteen minutes."""
CODES = 10
CODE_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
CODE_LENGTH = 12
ISSUER = "Intake"


def verify(account_id: UUID, code: str, *, now: datetime, session_id: UUID | None = None) -> None:
    """Spend one authenticator or recovery code; with `session_id` that session counts as stepped up.

    Raises `DomainError` (field `code`) for a wrong or used code, `Throttled` after ten of them in fifteen minutes.
    """
    with transaction() as session:
        is_right = tried_within_limit(session, account_id, code, now=now)
        if is_right and session_id is not None:
            mine = (AuthSession.id == session_id, AuthSession.account_id == account_id)
            session.execute(update(AuthSession).where(*mine).values(stepped_up_at=now))
    if not is_right:
        raise wrong_code()


def wrong_code() -> DomainError:
    """What a person reads after a code that does not fit."""
    return DomainError(
        "This code is not right, or was used already. Wait for the next one and enter that.", field="code"
    )


def tried_within_limit(session: Session, account_id: UUID, code: str, *, now: datetime) -> bool:
    """Count the try and spend the code in the caller's transaction. Raises `Throttled` past the limit."""
    tries = throttle.Count("code", str(account_id), TRIES)
    if not throttle.raise_count(session, tries, now=now):
        raise Throttled
    is_right = spend(session, account_id, code, now=now)
    if is_right:
        throttle.give_back(session, tries, now=now)
    return is_right


def spend(session: Session, account_id: UUID, code: str, *, now: datetime) -> bool:
    """Spend a code in the caller's transaction; False when it is wrong, used, or the account has no factor."""
    typed = "".join(code.split()).replace("-", "").upper()
    if len(typed) == 6 and typed.isascii() and typed.isdigit():
        return _spend_step(session, account_id, typed, now)
    return _spend_recovery(session, account_id, typed, now)


def matching_step(secret: str, code: str, now: datetime) -> int | None:
    """The 30-second step whose code this is, among the one before, the current and the next."""
    authenticator, current = pyotp.TOTP(secret), int(now.timestamp()) // STEP_SECONDS
    for step in (current + offset for offset in WINDOW):
        if secrets.compare_digest(authenticator.generate_otp(step), code):
            return step
    return None


def current_code(account_id: UUID, *, now: datetime) -> str | None:
    """The code that the account's authenticator would give next; for development pages and tests.

    That of the next step when the current one is spent; None without a factor, or while both are spent.
    """
    account = current_session().get_one(Account, account_id)
    if account.totp_secret is None:
        return None
    current = int(now.timestamp()) // STEP_SECONDS
    step = max(current, (account.totp_last_step or 0) + 1)
    return pyotp.TOTP(account.totp_secret).generate_otp(step) if step <= current + WINDOW[-1] else None


def new_secret() -> str:
    """A fresh secret of 160 bits for an authenticator."""
    return pyotp.random_base32()


def setup_uri(secret: str, email: str) -> str:
    """What the QR code says to an authenticator."""
    return pyotp.TOTP(secret).provisioning_uri(name=email, issuer_name=ISSUER)


def replace_recovery_codes(session: Session, account_id: UUID, codes: Iterable[str]) -> None:
    """Keep the digests of new recovery codes; what was there before no longer works."""
    session.execute(delete(RecoveryCode).where(RecoveryCode.account_id == account_id))
    session.add_all(RecoveryCode(account_id=account_id, digest=digest(code)) for code in codes)


def new_recovery_codes() -> list[str]:
    """Ten fresh codes of 60 bits, as `replace_recovery_codes` wants them."""
    return ["".join(secrets.choice(CODE_LETTERS) for _ in range(CODE_LENGTH)) for _ in range(CODES)]


def code_words(code: str) -> str:
    """A recovery code as it is shown: 'ABCD-EFGH-JKLM'."""
    return "-".join(code[start : start + 4] for start in range(0, len(code), 4))


def _spend_step(session: Session, account_id: UUID, code: str, now: datetime) -> bool:
    account = session.get_one(Account, account_id)
    has_factor = account.totp_secret is not None and account.totp_confirmed_at is not None
    step = matching_step(account.totp_secret or "", code, now) if has_factor else None
    if step is None:
        return False
    is_later = or_(Account.totp_last_step.is_(None), Account.totp_last_step < step)
    still_there = Account.totp_confirmed_at.is_not(None)  # it may have been reset since it was read
    moved = update(Account).where(Account.id == account_id, is_later, still_there).values(totp_last_step=step)
    return session.scalar(moved.returning(Account.id)) is not None


def _spend_recovery(session: Session, account_id: UUID, code: str, now: datetime) -> bool:
    unused = (
        RecoveryCode.account_id == account_id,
        RecoveryCode.digest == digest(code),
        RecoveryCode.used_at.is_(None),
    )
    used = update(RecoveryCode).where(*unused).values(used_at=now).returning(RecoveryCode.id)
    code_id = session.scalar(used)
    if code_id is None:
        return False
    subject = ("recovery_code", code_id)
    audit.add(session, actor_id=account_id, action="second-factor.recovery", subject=subject, now=now)
    return True
