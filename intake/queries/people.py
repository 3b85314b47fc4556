"""Reads of accounts. Patients are searched elsewhere; these are for who signs in, and for development pages."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from intake.extensions import current_session
from intake.models.people import Account, Patient

__all__ = ["Account", "Patient", "account_by_email", "demo_accounts", "patient_of"]

DEMO_DOMAIN = "@demo.example.org"


def account_by_email(email: str) -> Account | None:
    """The account with this address (lower case), disabled or not."""
    return current_session().scalar(select(Account).where(Account.email == email))


def demo_accounts() -> list[Account]:
    """Everybody invented for the demo clinic who can sign in, by name."""
    rows = select(Account).where(Account.email.endswith(DEMO_DOMAIN), Account.disabled_at.is_(None))
    return [account for account in current_session().scalars(rows.order_by(Account.name)) if account.roles]


def patient_of(account_id: UUID) -> Patient | None:
    """The patient behind an account; None for an account of staff."""
    return current_session().scalar(select(Patient).where(Patient.account_id == account_id))
