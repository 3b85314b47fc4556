"""Sending the outbox: lease, renew before the irreversible act, mark. Any number of workers may run.

A worker killed between the server's yes and the mark sends again: mail has no idempotency. The
Message-ID stays the same so that receivers can fold the two.
"""

from __future__ import annotations

import logging
import smtplib
import ssl
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import unquote, urlsplit
from uuid import UUID

from sqlalchemy import select, update

from intake.extensions import transaction
from intake.models.messages import Message
from intake.services import calendar_files, sign_in

LEASE = timedelta(minutes=5)
TRIES = 8
FIRST_PAUSE = timedelta(minutes=1)
TIMEOUT_SECONDS = 30
BATCH = 8
"""So many, each waiting for a slow server as long as it may, still end within the lease."""
logger = logging.getLogger("intake.delivery")


@dataclass(frozen=True, slots=True)
class Letter:
    """A message as read from the outbox, opened; the e-mail is made of it when no transaction is open any more."""

    id: UUID
    recipient: str
    body: dict[str, Any]


class Transport(Protocol):
    """Whatever takes a finished e-mail."""

    def send(self, mail: EmailMessage) -> None:
        """Hand the mail over; raises on any failure."""


class SmtpTransport:
    """A mail server: `smtp://` (STARTTLS where offered, required with a password) or `smtps://`.

    With a password, and always over `smtps://`, the server's certificate is checked.
    """

    def __init__(self, url: str) -> None:
        self.url = urlsplit(url)

    def send(self, mail: EmailMessage) -> None:
        """Hand the mail over in a connection of its own."""
        secure = self.url.scheme == "smtps"
        host, port = self.url.hostname or "localhost", self.url.port or (465 if secure else 25)
        checked = ssl.create_default_context()
        with (
            smtplib.SMTP_SSL(host, port, timeout=TIMEOUT_SECONDS, context=checked)
            if secure
            else smtplib.SMTP(host, port, timeout=TIMEOUT_SECONDS)
        ) as server:
            if not secure and (self.url.username or (server.ehlo() and server.has_extn("starttls"))):
                server.starttls(context=checked if self.url.username else None)  # raises where it is not offered
            if self.url.username:
                server.login(unquote(self.url.username), unquote(self.url.password or ""))
            server.send_message(mail)


class FolderTransport:
    """Development: each message is a file in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def send(self, mail: EmailMessage) -> None:
        """Write the mail under its own id, so that sending twice leaves one file."""
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / f"{mail['Message-ID'].strip('<>').split('@')[0]}.eml").write_bytes(bytes(mail))


def transport(url: str) -> Transport:
    """The transport for `smtp://…`, `smtps://…` or `file:FOLDER`; raises `ValueError` for anything else."""
    parts = urlsplit(url)
    if parts.scheme in ("smtp", "smtps"):
        return SmtpTransport(url)
    if parts.scheme == "file":
        return FolderTransport(Path(unquote(parts.path)))
    raise ValueError("MAIL_URL must begin with smtp://, smtps:// or file:")


def send_due(owner: str, by: Transport, *, sender: str, now: datetime) -> int:
    """Send what is due; returns how many went out."""
    return sum(_send_one(message_id, owner, by, sender, now) for message_id in lease(owner, now))


def lease(owner: str, now: datetime, *, count: int = BATCH) -> list[UUID]:
    """Take up to `count` due messages for five minutes. What another worker holds is passed over."""
    due = select(Message.id).where(Message.due_at <= now, Message.leased_until <= now)
    due = due.where(Message.sent_at.is_(None), Message.voided_at.is_(None), Message.dead_at.is_(None))
    chosen = due.order_by(Message.due_at).limit(count).with_for_update(skip_locked=True)
    taken = update(Message).where(Message.id.in_(chosen)).values(owner=owner, leased_until=now + LEASE)
    with transaction() as session:
        return list(session.scalars(taken.returning(Message.id)))


def _send_one(message_id: UUID, owner: str, by: Transport, sender: str, now: datetime) -> bool:
    try:
        letter = _renew(message_id, owner, now)
        if letter is None:
            return False
        by.send(compose(letter, sender))
    except Exception as error:  # whatever a mail server does, the message stays in the outbox; nor does it stop others
        _back_off(message_id, owner, error, now)
        return False
    _mark(message_id, owner, now)
    logger.info("message_sent", extra={"message_id": message_id})
    return True


def _renew(message_id: UUID, owner: str, now: datetime) -> Letter | None:
    """Renew the lease and read; None when the message is no longer ours, was voided, or goes to nobody."""
    with transaction() as session:
        mine = (
            Message.id == message_id,
            Message.owner == owner,
            Message.voided_at.is_(None),
            Message.sent_at.is_(None),
        )
        renewed = update(Message).where(*mine).values(leased_until=now + LEASE).returning(Message.id)
        if session.scalar(renewed) is None:
            return None
        row = session.get_one(Message, message_id)
        if row.kind in sign_in.KINDS and not sign_in.should_send(row.recipient or "", now, kind=row.kind):
            row.voided_at = now
            return None
        return Letter(row.id, row.recipient or "", row.body)


def compose(letter: Letter, sender: str) -> EmailMessage:
    """The e-mail of an outbox row; its id is stable so that a repeat can be recognised."""
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = sender, letter.recipient, letter.body["subject"]
    mail["Message-ID"] = f"<{letter.id}@{sender.rsplit('@', 1)[-1].strip('> ')}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(letter.body["text"])
    file = calendar_files.made(letter.body.get("calendar"))
    if file is not None:
        mail.add_attachment(file, maintype="text", subtype="calendar", filename="appointment.ics")
    return mail


def _mark(message_id: UUID, owner: str, now: datetime) -> None:
    with transaction() as session:
        mine = (Message.id == message_id, Message.owner == owner)
        session.execute(update(Message).where(*mine).values(sent_at=now, last_error=None))


def _back_off(message_id: UUID, owner: str, error: Exception, now: datetime) -> None:
    """Wait twice as long after each failure; after the last try give up loudly."""
    with transaction() as session:
        row = session.get_one(Message, message_id)
        if row.owner != owner:
            return
        row.tries += 1
        row.last_error = type(error).__name__
        row.leased_until = now + FIRST_PAUSE * 2 ** (row.tries - 1)
        row.dead_at = now if row.tries >= TRIES else None
        is_dead, tries = row.dead_at is not None, row.tries
    extra = {"message_id": message_id, "tries": tries, "error_kind": type(error).__name__}
    logger.log(
        logging.ERROR if is_dead else logging.WARNING, "message_dead" if is_dead else "message_failed", extra=extra
    )
