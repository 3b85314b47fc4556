"""`flask staff invite` and `flask keys new`."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from intake.domain.roles import Role
from intake.extensions import db
from intake.keyring import KeyRing
from intake.models.people import Account
from tests.factories import an_account
from tests.signing import staff_who_can_sign_in
from tests.web.client import Client


def test_an_invitation_prints_a_link_that_opens(app: Flask) -> None:
    done = app.test_cli_runner().invoke(
        args=["staff", "invite", "Mona@Example.org", "--role", "manager", "--name", "Mona Manager"]
    )
    link = done.output.strip()
    assert link.startswith("http://localhost/account/invitation/")
    assert "Mona Manager" in Client(app).get(link.removeprefix("http://localhost"))
    with app.app_context():
        assert db.session.scalars(select(Account.email)).all() == ["mona@example.org"]


def test_somebody_of_the_clinics_file_needs_no_role(app: Flask) -> None:
    with app.app_context():
        an_account(Role.NURSE, email="nora@example.org")
    done = app.test_cli_runner().invoke(args=["staff", "invite", "nora@example.org"])
    assert done.exit_code == 0


def test_only_with_reset_factor_somebody_who_can_sign_in_gets_a_new_link(app: Flask) -> None:
    with app.app_context():
        staff_who_can_sign_in(email="pat@example.org")
    runner = app.test_cli_runner()
    refused = runner.invoke(args=["staff", "invite", "pat@example.org"])
    assert refused.exit_code != 0 and "Only a reset of a lost second factor" in refused.output
    done = runner.invoke(args=["staff", "invite", "pat@example.org", "--reset-factor"])
    assert done.exit_code == 0
    assert "Pat Provider" in Client(app).get(done.output.strip().removeprefix("http://localhost"))
    again = runner.invoke(args=["staff", "invite", "pat@example.org", "--reset-factor"])
    assert again.exit_code != 0 and "no second factor to reset" in again.output


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["mona@example.org"], "Choose at least one role"),
        (["mona at example", "--role", "manager"], "is not an e-mail address"),
        (["mona@example.org", "--role", "patient"], "is not one of"),
    ],
)
def test_a_wrong_invitation_is_refused_with_the_reason(app: Flask, arguments: list[str], why: str) -> None:
    done = app.test_cli_runner().invoke(args=["staff", "invite", *arguments])
    assert done.exit_code != 0
    assert why in done.output
    with app.app_context():
        assert db.session.scalars(select(Account)).all() == []


def test_new_keys_are_readable_by_their_owner_only_and_never_replaced(app: Flask, tmp_path: Path) -> None:
    place = tmp_path / "ring" / "keys.json"
    runner = app.test_cli_runner()
    assert runner.invoke(args=["keys", "new", str(place)]).exit_code == 0
    assert stat.S_IMODE(place.stat().st_mode) == 0o600
    before = place.read_text()
    KeyRing().load(place)
    assert runner.invoke(args=["keys", "new", str(place)]).exit_code != 0
    assert place.read_text() == before
