"""The demo's staff can sign in like anybody else: password and authenticator, through their invitations."""

from __future__ import annotations

from datetime import datetime, timedelta

import pyotp

from intake.extensions import current_session
from intake.queries import staff
from intake.services import invitations, sessions

PASSWORD = "copper lantern harvest moon"  # noqa: S105  # of invented people, in development only
DOMAIN = "@demo.example.org"
BROWSER = "Demo"


def make_usable(now: datetime) -> int:
    """Take every member of staff without an authenticator through the invitation; returns how many there were."""
    people = [one for one in staff.all_staff() if one.email.endswith(DOMAIN) and one.totp_confirmed_at is None]
    waiting = [(one.email, one.name, one.roles) for one in people]
    current_session().rollback()
    at = now - timedelta(minutes=2)  # so that the code of this moment is still unspent
    for email, name, roles in waiting:
        token = invitations.invite(email, name=name, roles=roles, actor_id=None, now=at)
        invitations.choose_password(token, PASSWORD, now=at)
        opened = invitations.opened(token, at)
        secret = opened.secret if opened and opened.secret else ""
        accepted = invitations.accept(token, pyotp.TOTP(secret).at(at), browser_name=BROWSER, now=at)
        sessions.end(accepted.token, at)
    return len(waiting)
