"""Development pages: there in development, absent everywhere else."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pyotp
import pytest
from flask import Flask

from config import Config
from intake import create_app
from intake.domain.roles import Role
from intake.extensions import transaction
from intake.keyring import write_new_keys
from intake.models.people import Account
from intake.services import delivery, second_factor
from tests.databases import Databases
from tests.factories import a_patient, a_site, an_account
from tests.signing import SECRET, request_for, staff_who_can_sign_in
from tests.web.client import Client


@pytest.fixture
def dev_app(databases: Databases, tmp_path: Path) -> Flask:
    """The app in development mode, with a database and a mail folder of its own."""
    shared = databases.folder / "keys.json"
    return create_app(
        Config(
            mode="development",
            instance=tmp_path,
            database_url=databases.fresh("sqlite"),
            key_file=shared if shared.exists() else None,
            base_url="http://localhost",
        )
    )


@pytest.fixture
def visitor(dev_app: Flask) -> Client:
    return Client(dev_app)


@pytest.mark.parametrize("mode", ["production", "testing"])
def test_outside_of_development_there_are_no_such_pages(mode: str, tmp_path: Path, databases: Databases) -> None:
    write_new_keys(tmp_path / "keys.json")
    app = create_app(
        Config(
            mode=mode,
            instance=tmp_path,
            key_file=tmp_path / "keys.json",
            base_url="https://clinic.example.org",
            database_url=databases.fresh("sqlite"),
        )
    )
    assert [rule.rule for rule in app.url_map.iter_rules() if rule.rule.startswith("/dev")] == []
    assert "dev" not in app.blueprints
    visitor = app.test_client()
    for path in ("/dev/sign-in", "/dev/mail", "/dev/mail/x", "/dev/code"):
        assert visitor.get(path, base_url="https://clinic.example.org").status_code == 404


def test_one_press_signs_in_second_factor_included(visitor: Client, dev_app: Flask) -> None:
    with dev_app.app_context():
        account_id = staff_who_can_sign_in(Role.DESK, email="dana@demo.example.org")
    page = visitor.get("/dev/sign-in")
    action = next(form["action"] for form in page.forms if str(account_id) in form.get("action", ""))
    assert visitor.post(action).location == "/desk/"
    assert "this browser" in visitor.get("/account/sessions")


def test_demo_people_are_grouped_by_role(visitor: Client, dev_app: Flask) -> None:
    with dev_app.app_context():
        an_account(Role.DESK, name="Dana Desk", email="dana@demo.example.org")
        an_account(Role.PROVIDER, Role.MANAGER, name="Olga Owner", email="olga@demo.example.org")
        a_patient(a_site(), email="ana@demo.example.org")
        an_account(Role.DESK, name="Real Person", email="real@clinic.example.org")
    text = visitor.get("/dev/sign-in").text
    assert text.index("Front desk") < text.index("Dana Desk") < text.index("Providers") < text.index("Olga Owner")
    assert text.index("Patients") < text.index("Ana Rivera")
    assert "Real Person" not in text


def test_nobody_but_demo_people_can_be_pressed(visitor: Client, dev_app: Flask) -> None:
    with dev_app.app_context():
        account_id = an_account(Role.DESK, email="real@clinic.example.org")
    visitor.post(f"/dev/sign-in/{account_id}", status=404)


def test_an_empty_copy_says_how_to_fill_it(visitor: Client) -> None:
    assert "There is no demo clinic yet" in visitor.get("/dev/sign-in")


def test_the_code_page_shows_a_code_that_works_and_the_next_once_it_is_spent(visitor: Client, dev_app: Flask) -> None:
    with dev_app.app_context():
        account_id = staff_who_can_sign_in(email="pat@demo.example.org")
    visitor.sign_in(account_id)
    shown = second_factor_code(visitor)
    with dev_app.app_context():
        second_factor.verify(account_id, shown, now=datetime.now(UTC))
    assert second_factor_code(visitor) != shown


def second_factor_code(visitor: Client) -> str:
    body = visitor.get("/dev/code").body
    return body.split('<code id="code">')[1][:6]


def test_when_two_codes_are_spent_the_page_says_wait(visitor: Client, dev_app: Flask) -> None:
    with dev_app.app_context():
        account_id = staff_who_can_sign_in(email="pat@demo.example.org")
        with transaction() as session:
            step = int(datetime.now(UTC).timestamp()) // 30
            session.get_one(Account, account_id).totp_last_step = step + 2
    visitor.sign_in(account_id)
    assert "There is no code now" in visitor.get("/dev/code")


def test_the_code_page_asks_strangers_to_sign_in(visitor: Client) -> None:
    assert pyotp.TOTP(SECRET).now() not in visitor.get("/dev/code").body


def test_messages_can_be_read_and_their_links_pressed(visitor: Client, dev_app: Flask) -> None:
    with dev_app.app_context():
        post = request_for(a_site(), email="new@example.org", now=datetime.now(UTC))
        transport = delivery.transport(dev_app.config["INTAKE"].mail)
        assert delivery.send_due("test", transport, sender="Desk <desk@example.org>", now=datetime.now(UTC)) == 1
    assert post.made
    page = visitor.get("/dev/mail")
    assert "Your sign-in link" in page
    mail = visitor.get(next(link for link in page.links if link.startswith("/dev/mail/")))
    assert "new@example.org" in mail


def test_a_message_is_escaped_and_only_its_addresses_are_links(visitor: Client, dev_app: Flask) -> None:
    folder = Path(dev_app.config["INTAKE"].mail.removeprefix("file:"))
    folder.mkdir(parents=True)
    text = "From: a@example.org\nTo: b@example.org\nSubject: Hello\n\n<b>x</b> https://example.org/?a=1&b=2 end\n"
    (folder / "one.eml").write_text(text)
    page = visitor.get("/dev/mail/one")
    assert "<b>x</b>" not in page.body
    assert "https://example.org/?a=1&b=2" in page.links


@pytest.mark.parametrize("name", ["nothing", "..%2fkeys", "%2e%2e"])
def test_a_name_that_is_no_message_is_not_found(visitor: Client, name: str) -> None:
    visitor.get(f"/dev/mail/{name}", status=404)


def test_an_empty_mailbox_says_so(visitor: Client) -> None:
    assert "No message yet" in visitor.get("/dev/mail")
