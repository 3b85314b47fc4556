"""Reads of the clinic's own people."""

from __future__ import annotations

from sqlalchemy import select

from intake.domain.roles import Role
from intake.extensions import current_session
from intake.models.people import Account, AccountRole

__all__ = ["Account", "all_staff"]


def all_staff() -> list[Account]:
    """Everybody with a role other than patient, by name."""
    ids = select(AccountRole.account_id).where(AccountRole.role != Role.PATIENT)
    return list(current_session().scalars(select(Account).where(Account.id.in_(ids)).order_by(Account.name)))
