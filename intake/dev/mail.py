"""The mailbox: messages that the worker dropped as files."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

from flask import abort, current_app, render_template
from flask.typing import ResponseReturnValue
from markupsafe import Markup, escape

from intake.dev import bp

SHOWN = 100
LINK = re.compile(r"https?://[^\s<>\"']+")


@dataclass(frozen=True, slots=True)
class Mail:
    """One message of the folder."""

    name: str
    at: datetime
    message: EmailMessage

    @property
    def text(self) -> str:
        """Its plain text."""
        body = self.message.get_body(("plain",))
        return body.get_content() if body else ""

    @property
    def attachments(self) -> list[str]:
        """The names of attached files."""
        return [part.get_filename() or "" for part in self.message.iter_attachments()]


@bp.get("/mail")
def mailbox() -> ResponseReturnValue:
    """The newest hundred messages."""
    return render_template("dev/mailbox.html", mails=mails()[:SHOWN])


@bp.get("/mail/<name>")
def mail(name: str) -> ResponseReturnValue:
    """One message, its links to press."""
    found = next((one for one in mails() if one.name == name), None)
    if found is None:
        abort(404)
    return render_template("dev/mail.html", mail=found, text=with_links(found.text))


def mails() -> list[Mail]:
    """All messages in the folder, newest first; none where mail goes to a server."""
    url = urlsplit(current_app.config["INTAKE"].mail)
    if url.scheme != "file":
        return []
    found = [read(path) for path in Path(unquote(url.path)).glob("*.eml")]
    return sorted(found, key=lambda one: one.at, reverse=True)


def read(path: Path) -> Mail:
    """A message from its file."""
    at = datetime.fromtimestamp(path.stat().st_mtime, UTC)
    return Mail(path.stem, at, BytesParser(EmailMessage, policy=policy.default).parsebytes(path.read_bytes()))


def with_links(text: str) -> Markup:
    """The text with its addresses as links; everything is escaped."""
    parts, end = [], 0
    for found in LINK.finditer(text):
        parts += [escape(text[end : found.start()]), Markup('<a href="{0}">{0}</a>').format(found[0])]
        end = found.end()
    return Markup("").join([*parts, escape(text[end:])])
