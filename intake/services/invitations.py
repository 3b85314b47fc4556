"""Inviting staff: a link, then a password, then an authenticator. Only then can the account be used."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from intake.domain.errors import DomainError
from intake.domain.roles import STAFF, Role
from intake.extensions import current_session, transaction
from intake.models.people import Account, AccountRole, AuthSession, Ticket
from intake.services import audit, passwords, second_factor, sessions, tickets
from intake.services.tickets import Purpose


@dataclass(frozen=True, slots=True)
class Invitation:
    """What an open invitation shows to the person who holds its link."""

    email: str
    name: str
    secret: str | None  # of the authenticator; there once the password is chosen


@dataclass(frozen=True, slots=True)
class Accepted:
    """The end of an invitation: the token for the cookie, and the recovery codes, shown once."""

    token: str
    recovery_codes: list[str]


def invite(
    email: str,
    *,
    name: str,
    roles: Iterable[Role],
    actor_id: UUID | None,
    now: datetime,
    resets_factor: bool = False,
) -> str:
    """Make an invitation good for seven days and return the token of its link; an earlier one ends.

    An account that the clinic's file made keeps its name and roles; `roles` are added. With `resets_factor` password,
    authenticator, recovery codes and sessions of somebody who lost the factor end in the same transaction. Raises
    `DomainError` (`email`, `roles`): a patient's address, somebody who can sign in already (with `resets_factor`:
    who cannot), nobody's role.
    """
    wanted, email = sorted(set(roles)), email.strip().lower()
    if not STAFF.issuperset(wanted):
        raise DomainError("Choose roles of the clinic's staff.", field="roles")
    token = secrets.token_urlsafe(32)
    with transaction() as session:
        if resets_factor:
            _end_factor(session, email, actor_id, now)
        account = _account_to_invite(session, email, name.strip(), now)
        if not wanted and not account.roles:
            raise DomainError("Choose at least one role.", field="roles")
        tickets.close_all(session, Purpose.INVITATION, email, now)
        words = " ".join(role.value for role in wanted)
        tickets.add(session, Purpose.INVITATION, email, token, now=now, roles=words)
        subject, detail = ("account", account.id), {"roles": words}
        audit.add(session, actor_id=actor_id, action="invitation.make", subject=subject, detail=detail, now=now)
    return token


def opened(token: str, now: datetime) -> Invitation | None:
    """The invitation behind a link, None when it was used, ended or never was. Changes nothing."""
    account = _invited(token, now)
    if account is None:
        return None
    return Invitation(account.email, account.name, account.totp_secret if account.password_hash else None)


def choose_password(token: str, password: str, *, now: datetime) -> None:
    """Keep the password and make the authenticator's secret; nobody can sign in with it yet.

    Raises `DomainError`, field `password` for a weak one.
    """
    account = _invited(token, now)
    if account is None:
        raise passwords.link_is_spent()
    account_id = account.id
    passwords.refuse_weak(password, email=account.email, name=account.name)
    current_session().rollback()
    fresh = passwords.hashed(password)
    with transaction() as session:
        row = session.get_one(Account, account_id)
        if row.totp_confirmed_at is not None:
            raise passwords.link_is_spent()
        row.password_hash, row.totp_secret = fresh, second_factor.new_secret()


def accept(token: str, code: str, *, browser_name: str, now: datetime) -> Accepted:
    """End the invitation with a code of the new authenticator: roles, recovery codes and a session, all at once.

    Raises `DomainError`, field `code` for a wrong one.
    """
    account = _invited(token, now)
    secret = account.totp_secret if account and account.password_hash else None
    if account is None or secret is None:
        raise passwords.link_is_spent()
    account_id, step = account.id, second_factor.matching_step(secret, "".join(code.split()), now)
    if step is None:
        raise DomainError("This code does not fit. Enter the six digits that the app shows now.", field="code")
    codes = second_factor.new_recovery_codes()
    with transaction() as session:
        spent = tickets.spend(session, Purpose.INVITATION, token, now=now)
        if spent is None or session.get_one(Account, account_id).totp_secret != secret:
            raise passwords.link_is_spent()
        _make_usable(session, account_id, step, spent.roles, now)
        second_factor.replace_recovery_codes(session, account_id, codes)
        row = session.get_one(Account, account_id)
        return Accepted(sessions.begin(session, row, browser=browser_name, second_factor=True, now=now), codes)


def _end_factor(session: Session, email: str, actor_id: UUID | None, now: datetime) -> None:
    """End whatever signs the account in.

    Signing in holds its ticket while it waits for the account, so the account comes first here and a ticket in use is
    left alone: whoever holds it finds neither authenticator nor recovery code any more.
    """
    account = session.scalar(select(Account).where(Account.email == email))
    if account is None or account.totp_confirmed_at is None:
        raise DomainError("This person has no second factor to reset. Invite without that.", field="email")
    account.totp_confirmed_at = account.totp_last_step = None
    session.flush()
    second_factor.replace_recovery_codes(session, account.id, [])
    live = (AuthSession.account_id == account.id, AuthSession.revoked_at.is_(None))
    session.execute(update(AuthSession).where(*live).values(revoked_at=now))
    half_way = (Ticket.email == email, Ticket.purpose.in_((Purpose.SECOND_FACTOR, Purpose.RESET)))
    free = select(Ticket.id).where(*half_way, Ticket.used_at.is_(None)).with_for_update(skip_locked=True)
    session.execute(update(Ticket).where(Ticket.id.in_(free)).values(used_at=now))
    subject = ("account", account.id)
    audit.add(session, actor_id=actor_id, action="second-factor.reset", subject=subject, now=now)


def _account_to_invite(session: Session, email: str, name: str, now: datetime) -> Account:
    account = session.scalar(select(Account).where(Account.email == email))
    if account is None:
        account = Account(email=email, name=name or email.partition("@")[0], created_at=now)
        session.add(account)
        session.flush()
    if Role.PATIENT in account.roles:
        raise DomainError("This address belongs to a patient. Use the person's work address.", field="email")
    if account.totp_confirmed_at is not None:
        why = "This person can sign in already. Only a reset of a lost second factor gives a new link."
        raise DomainError(why, field="email")
    account.name, account.password_hash, account.totp_secret = name or account.name, None, None
    return account


def _invited(token: str, now: datetime) -> Account | None:
    email = tickets.email_of(Purpose.INVITATION, token, now)
    unfinished = (Account.email == email, Account.totp_confirmed_at.is_(None), Account.disabled_at.is_(None))
    return current_session().scalar(select(Account).where(*unfinished))


def _make_usable(session: Session, account_id: UUID, step: int, roles: str, now: datetime) -> None:
    done = {"totp_confirmed_at": now, "totp_last_step": step}
    session.execute(update(Account).where(Account.id == account_id).values(done))
    new_roles = {Role(role) for role in roles.split()} - session.get_one(Account, account_id).roles
    session.add_all(AccountRole(account_id=account_id, role=role) for role in new_roles)
    session.flush()
    session.expire_all()
    subject, detail = ("account", account_id), {"roles": roles}
    audit.add(session, actor_id=account_id, action="invitation.accept", subject=subject, detail=detail, now=now)
