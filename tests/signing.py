"""People who can sign in, and what they type."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import cache
from uuid import UUID

import pyotp
from uuid_utils.compat import uuid7

from intake.domain.requests import ReachBy, ReachWhen, Reason
from intake.domain.roles import Role
from intake.extensions import transaction, write_intent
from intake.models.people import Account
from intake.services import passwords, people, tickets
from tests.factories import NOW, an_account

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
PASSWORD = "lantern-otter-quiet-bicycle"
LETTER = tickets.Letter("Your sign-in link", "…")


@cache
def kept_hash() -> str:
    """The hash of `PASSWORD`, made once: it takes a tenth of a second."""
    return passwords.hashed(PASSWORD)


def staff_who_can_sign_in(role: Role = Role.PROVIDER, *, email: str = "pat@example.org") -> UUID:
    """A member of staff with `PASSWORD` and an authenticator with `SECRET`."""
    account_id = an_account(role, name="Pat Provider", email=email, password_hash=kept_hash(), totp_confirmed_at=NOW)
    with transaction() as session:
        session.get_one(Account, account_id).totp_secret = SECRET
    return account_id


def app_code(at: datetime = NOW, *, steps: int = 0) -> str:
    """What the authenticator shows at an instant, `steps` half minutes later."""
    return pyotp.TOTP(SECRET).at(at + timedelta(seconds=30 * steps))


def details(site_id: UUID, *, email: str = "ana@example.org", **values: object) -> people.RequestDetails:
    """A request as the public form gives it."""
    usual = {
        "given_name": "Ana",
        "family_name": "Rivera",
        "born_on": date(1985, 3, 14),
        "phone": "303 555 0142",
        "reason": Reason.DEPRESSION,
        "reach_by": ReachBy.PHONE,
        "reach_when": ReachWhen.ANY,
    }
    return people.RequestDetails(site_id=site_id, email=email, **{**usual, **values})  # type: ignore[arg-type]


class Post:
    """A writer of letters that keeps the secrets it was given."""

    def __init__(self) -> None:
        self.made: list[tickets.Secrets] = []

    def __call__(self, made: tickets.Secrets) -> tickets.Letter:
        assert not write_intent.get(), "letters are written before the transaction"
        self.made.append(made)
        return LETTER

    @property
    def link(self) -> str:
        """The token of the newest link."""
        return self.made[-1].link

    @property
    def code(self) -> str:
        """The newest code."""
        return self.made[-1].code


def request_for(
    site_id: UUID, *, email: str = "ana@example.org", browser: str = "a browser", now: datetime = NOW, **values: object
) -> Post:
    """Send a request; the post holds its link and code."""
    post = Post()
    people.request_consultation(
        details(site_id, email=email, **values),
        request_key=uuid7(),
        browser=browser,
        write=post,
        address="10.0.0.1",
        now=now,
    )
    return post
