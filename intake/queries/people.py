"""Reads of accounts. Patients are searched elsewhere; these are for signing in and for development pages."""

from __future__ import annotations

from sqlalchemy import select

from intake.extensions import current_session
from intake.models.people import Account

__all__ = ["Account", "account_by_email", "demo_accounts"]

DEMO_DOMAIN = "@demo.example.org"


def account_by_email(email: str) -> Account | None:
    """The account with this address (lower case), disabled or not."""
    return current_session().scalar(select(Account).where(Account.email == email))


def demo_accounts() -> list[Account]:
    """Everybody invented for the demo clinic who can sign in, by name."""
    rows = select(Account).where(Account.email.endswith(DEMO_DOMAIN), Account.disabled_at.is_(None))
    return [account for account in current_session().scalars(rows.order_by(Account.name)) if account.roles]
