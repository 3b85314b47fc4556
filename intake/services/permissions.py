"""Asking again, inside the transaction of an act, whether its actor may do it."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy.orm import Session

from intake.domain.roles import Permission
from intake.models.people import Account
from intake.services.errors import NotAllowed


def check(session: Session, actor_id: UUID, permission: Permission) -> Account:
    """The actor's account; raises `NotAllowed` unless it is in use and carries the permission."""
    account = session.get(Account, actor_id)
    if account is None or account.disabled_at is not None or not account.may(permission):
        raise NotAllowed
    return account
