"""The sign-in ticket and its message, added together to a caller's transaction."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from intake.services import messages, tickets

KIND = "sign-in"


def post(
    session: Session,
    email: str,
    made: tickets.Secrets,
    letter: tickets.Letter,
    *,
    browser: str,
    request_id: UUID | None = None,
    now: datetime,
) -> None:
    """Add a sign-in ticket bound to the asking browser, and the message that carries its link and code."""
    ticket_id = tickets.add(
        session,
        tickets.Purpose.SIGN_IN,
        email,
        made.link,
        now=now,
        code_digest=tickets.code_digest(browser, made.code),
        browser=browser,
        request_id=request_id,
    )
    messages.enqueue(
        session,
        key=f"ticket:{ticket_id}",
        kind=KIND,
        recipient=email,
        subject=letter.subject,
        text=letter.text,
        due_at=now,
        now=now,
    )
