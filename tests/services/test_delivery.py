"""The outbox reaches a real mail server once, and survives what a mail server does."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from datetime import timedelta
from email import message_from_bytes
from email.message import EmailMessage, Message
from email.policy import default
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from aiosmtpd.controller import Controller
from sqlalchemy import select, update

from intake.domain.roles import Role
from intake.extensions import db, transaction
from intake.models.messages import Message as Row
from intake.services import delivery, messages, sign_in
from tests.conftest import NOW
from tests.factories import an_account

pytestmark = pytest.mark.usefixtures("app_context")
SENDER = "Front desk <desk@example.org>"


class Mailbox:
    """Keeps what it is given; `refusals` answers are refused first."""

    def __init__(self) -> None:
        self.mails: list[Message] = []
        self.refusals = 0
        self.url = ""

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802  # the library's name
        if self.refusals:
            self.refusals -= 1
            return "451 try again later"
        self.mails.append(message_from_bytes(envelope.content, policy=default))
        return "250 OK"


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    box = Mailbox()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = Controller(box, hostname="127.0.0.1", port=port)
    server.start()
    box.url = f"smtp://127.0.0.1:{port}"
    yield box
    server.stop()


def given_message(
    key: str = "a", *, kind: str = "reminder-24h", recipient: str = "ana@example.org", **values: Any
) -> None:
    with transaction() as session:
        messages.enqueue(
            session,
            key=key,
            kind=kind,
            recipient=recipient,
            subject="Appointment reminder",
            text="Hello",
            due_at=NOW,
            now=NOW,
            **values,
        )


def send(box: Mailbox, *, now: Any = NOW, owner: str = "w1") -> int:
    return delivery.send_due(owner, delivery.transport(box.url), sender=SENDER, now=now)


def row() -> Row:
    found = db.session.scalars(select(Row)).one()
    db.session.expunge(found)
    db.session.rollback()
    return found


def test_a_message_is_sent_once(mailbox: Mailbox) -> None:
    given_message(calendar="BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n")
    assert send(mailbox) == 1
    assert send(mailbox, now=NOW + timedelta(hours=1)) == 0
    mail = mailbox.mails[0]
    assert (mail["To"], mail["Subject"]) == ("ana@example.org", "Appointment reminder")
    assert [part.get_content_type() for part in mail.walk()][-1] == "text/calendar"  # type: ignore[union-attr]


def test_a_key_that_is_there_already_adds_nothing(mailbox: Mailbox) -> None:
    given_message("same")
    given_message("same")
    assert send(mailbox) == 1


def test_a_message_is_not_sent_before_its_time(mailbox: Mailbox) -> None:
    given_message()
    assert send(mailbox, now=NOW - timedelta(seconds=1)) == 0


def test_a_voided_message_is_not_sent(mailbox: Mailbox) -> None:
    given_message()
    with transaction() as session:
        session.execute(update(Row).values(voided_at=NOW))
    assert send(mailbox) == 0


def test_a_refused_message_waits_and_is_sent_later(mailbox: Mailbox) -> None:
    given_message()
    mailbox.refusals = 1
    assert send(mailbox) == 0
    assert (row().tries, row().last_error) == (1, "SMTPDataError")
    assert send(mailbox, now=NOW + timedelta(seconds=59)) == 0
    assert send(mailbox, now=NOW + timedelta(seconds=61)) == 1


def test_a_message_is_given_up_after_eight_tries(mailbox: Mailbox) -> None:
    given_message()
    mailbox.refusals, now = 100, NOW
    for _ in range(delivery.TRIES):
        send(mailbox, now=now)
        now += timedelta(days=1)
    assert row().dead_at is not None
    assert send(mailbox, now=now) == 0
    assert 100 - mailbox.refusals == delivery.TRIES


def test_a_lease_that_ran_out_is_taken_by_another_worker(mailbox: Mailbox) -> None:
    given_message()
    assert len(delivery.lease("w1", NOW)) == 1  # and then w1 dies
    assert send(mailbox, owner="w2", now=NOW + timedelta(minutes=4)) == 0
    assert send(mailbox, owner="w2", now=NOW + timedelta(minutes=5)) == 1


def test_a_worker_that_lost_its_lease_does_not_send(mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch) -> None:
    given_message()
    slow = delivery.lease("w1", NOW)
    assert send(mailbox, owner="w2", now=NOW + timedelta(minutes=6)) == 1
    monkeypatch.setattr(delivery, "lease", lambda _owner, _now: slow)
    assert send(mailbox, owner="w1", now=NOW + timedelta(minutes=7)) == 0
    assert len(mailbox.mails) == 1


@pytest.mark.parametrize(("known", "sent"), [(True, 1), (False, 0)])
def test_a_sign_in_link_goes_out_only_to_somebody_known(mailbox: Mailbox, known: bool, sent: int) -> None:
    if known:
        an_account(Role.PATIENT, email="ana@example.org")
    given_message(kind=sign_in.KIND)
    assert send(mailbox) == sent
    assert (row().voided_at is None) is known


def test_the_message_id_stays_the_same_so_that_a_repeat_can_be_folded(mailbox: Mailbox) -> None:
    given_message()
    send(mailbox)
    with transaction() as session:
        session.execute(update(Row).values(sent_at=None, leased_until=NOW))
    send(mailbox)
    first, second = mailbox.mails
    assert first["Message-ID"] == second["Message-ID"] == f"<{row().id}@example.org>"


def test_a_folder_keeps_one_file_a_message(tmp_path: Path) -> None:
    mail = EmailMessage()
    mail["Message-ID"] = f"<{UUID(int=1)}@example.org>"
    mail.set_content("Hello")
    for _ in range(2):
        delivery.transport(f"file:{tmp_path}").send(mail)
    assert [path.name for path in tmp_path.iterdir()] == [f"{UUID(int=1)}.eml"]


@pytest.mark.parametrize("url", ["", "http://example.org", "ftp://x"])
def test_another_kind_of_address_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="MAIL_URL"):
        delivery.transport(url)


def test_a_message_that_cannot_be_composed_does_not_stop_the_others(mailbox: Mailbox) -> None:
    given_message("broken", recipient="ana@example.org\nBcc: all@example.org")
    given_message("whole", recipient="bo@example.org")
    assert send(mailbox) == 1
    assert [mail["To"] for mail in mailbox.mails] == ["bo@example.org"]
    errors = db.session.scalars(select(Row.last_error).where(Row.key == "broken")).all()
    assert errors == ["ValueError"]


def test_a_password_is_never_given_to_a_server_without_tls(mailbox: Mailbox) -> None:
    given_message()
    by = delivery.transport(mailbox.url.replace("smtp://", "smtp://clinic:secret@"))
    assert delivery.send_due("w1", by, sender=SENDER, now=NOW) == 0
    assert row().last_error == "SMTPNotSupportedError"
