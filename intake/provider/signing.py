"""The second factor at the moment of signing."""

from __future__ import annotations

from flask import g
from flask_login import current_user

from intake.domain.errors import DomainError
from intake.services import second_factor, sessions
from intake.web.access import now


def is_asked() -> bool:
    """Whether this session has to give a code again before an evaluation is signed."""
    return not sessions.has_stepped_up(g.auth_session, now())


def spend_code(code: str) -> None:
    """Spend one code of the second factor; the session then counts as stepped up. Raises `DomainError`, `Throttled`."""
    if not code:
        raise DomainError("Enter the code of your second factor.", field="code")
    second_factor.verify(current_user.id, code, now=now(), session_id=g.auth_session.id)
