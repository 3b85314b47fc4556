"""What scenarios share: a clinic behind a real socket, a clock that the test moves, one browser for each person."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select

from intake.domain.roles import Role
from intake.extensions import current_session
from intake.models.messages import Message
from intake.models.people import Account
from tests.browser import OpenPage
from tests.live import LiveServer
from tests.web import world
from tests.web.worlds import Clock

if TYPE_CHECKING:
    from playwright.sync_api import Page

LINK = re.compile(r"https?://\S+/account/link/\S+")


@dataclass
class Setting:
    """One clinic and the people in it."""

    server: LiveServer
    clock: Clock
    open_page: OpenPage
    clinic: world.World
    has_script: bool
    pages: dict[str, Page] = field(default_factory=dict)

    def page(self, who: str) -> Page:
        """Somebody's own browser."""
        if who not in self.pages:
            self.pages[who] = self.open_page(java_script_enabled=self.has_script)
        return self.pages[who]

    def later(self, **span: float) -> None:
        """Time passes."""
        self.clock.at += timedelta(**span)

    def newest_message(self, email: str, kind: str) -> dict[str, str]:
        """What went last to somebody, of a kind: subject, text and calendar file, unsealed."""
        with self.server.app.app_context():
            rows = select(Message).where(Message.kind == kind).order_by(Message.created_at.desc(), Message.id.desc())
            found = next(row for row in current_session().scalars(rows) if row.recipient == email)
            body: dict[str, str] = found.body
            return body

    def sign_in_link(self, email: str) -> str:
        """The link that came by e-mail."""
        found = LINK.search(self.newest_message(email, "sign-in")["text"])
        assert found
        return found[0]

    def sign_in_staff(self, role: Role) -> Page:
        """Sign in as staff do: address and password, then the code of the authenticator; nothing while signed in."""
        page, account_id = self.page(role.value), self.clinic.staff[role]
        with self.server.app.app_context():
            email = current_session().get_one(Account, account_id).email
        page.goto("/account/staff")
        if not page.url.endswith("/account/staff"):
            return page
        page.get_by_label("E-mail address").fill(email)
        page.get_by_label("Password").fill(world.PASSWORD)
        page.get_by_role("button", name="Continue to the code").click()
        page.get_by_label("Code").fill(self.code(role))
        page.get_by_role("button", name="Sign in").click()
        return page

    def code(self, role: Role) -> str:
        """What the authenticator shows now; a minute passes first, because a code works once."""
        self.later(minutes=1)
        with self.server.app.app_context():
            return world.current_code(self.clinic.staff[role], self.clock.at)
