"""What signing in means to the browser: its cookie, where it goes next, what it is called."""

from __future__ import annotations

import re
import secrets
from urllib.parse import urlsplit

from flask import redirect, request, session
from flask.typing import ResponseReturnValue

from intake.services import sessions
from intake.web import access

BROWSERS = (("Edg", "Edge"), ("OPR", "Opera"), ("Firefox", "Firefox"), ("Chrome", "Chrome"), ("Safari", "Safari"))
SYSTEMS = (("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows"), ("Mac OS", "Mac"))


def open_session(token: str, wanted: str | None) -> ResponseReturnValue:
    """Start the cookie anew with this session, end the one it had, and go where the person wanted to."""
    now = access.now()
    row = sessions.find(token, now)
    assert row is not None  # begun a moment ago
    home = access.home_of(row.account.roles)
    take_over(token)
    return redirect(local_path(wanted) or home)


def take_over(token: str) -> None:
    """Put a session just begun into a clean cookie; nothing of an earlier person stays in this browser."""
    old = session.get("sid")
    session.clear()
    session["sid"] = token
    session.permanent = True
    if old:
        sessions.end(old, access.now())


def local_path(text: str | None) -> str | None:
    """A path on this site, or None for anything that could lead elsewhere."""
    if not text or not text.startswith("/") or re.search(r"[\x00-\x20\x7f\\]", text):
        return None
    parts = urlsplit(text)
    return text if not parts.scheme and not parts.netloc and not text.startswith("//") else None


def browser_token() -> str:
    """The random value that binds a code to this browser; made when first asked for."""
    if "browser" not in session:
        session["browser"] = secrets.token_urlsafe(16)
    return str(session["browser"])


def browser_name() -> str:
    """What the list of sessions calls this browser: 'Firefox on Android'. Never an address or a version."""
    agent = request.user_agent.string
    name = next((word for mark, word in BROWSERS if mark in agent), "A browser")
    system = next((word for mark, word in SYSTEMS if mark in agent), "Linux" if "Linux" in agent else "")
    return f"{name} on {system}" if system else name


def address() -> str:
    """The network address that tries are counted for."""
    return request.remote_addr or "unknown"
