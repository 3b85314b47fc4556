"""Headers of every answer, and the pages for whatever watches the process."""

from __future__ import annotations

import json
import logging
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy.exc import OperationalError

from intake.domain.roles import Role
from intake.services import housekeeping
from intake.web.access import now
from intake.web.logs import EventFormatter
from tests.databases import Databases
from tests.factories import an_account
from tests.web.client import Client


def test_the_policy_allows_nothing_but_our_own(client: Client) -> None:
    policy = client.get("/").headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "require-trusted-types-for 'script'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy


def test_each_page_has_a_nonce_of_its_own(client: Client) -> None:
    assert client.get("/").headers["Content-Security-Policy"] != client.get("/").headers["Content-Security-Policy"]


def test_a_signed_in_page_is_never_stored(client: Client, app: Flask) -> None:
    with app.app_context():
        account_id = an_account(Role.MANAGER)
    client.sign_in(account_id)
    assert client.get("/manage/").headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(("base_url", "sent"), [("http://localhost", False), ("https://localhost", True)])
def test_hsts_and_secure_cookies_go_with_tls(databases: Databases, base_url: str, sent: bool) -> None:
    app = databases.app(databases.fresh("sqlite"), base_url)
    answer = app.test_client().get("/account/sign-in", base_url=base_url)
    assert ("Strict-Transport-Security" in answer.headers) is sent
    cookies = answer.headers.getlist("Set-Cookie")
    assert cookies
    assert all(("Secure" in cookie) is sent and "HttpOnly" in cookie and "SameSite=Lax" in cookie for cookie in cookies)


def test_the_process_says_that_it_is_there(app: Flask) -> None:
    assert app.test_client().get("/healthz").get_json() == {"status": "ok"}


@pytest.mark.parametrize(("age", "status"), [(timedelta(seconds=5), 200), (timedelta(minutes=3), 503), (None, 503)])
def test_ready_means_database_migrations_and_a_living_worker(app: Flask, age: timedelta | None, status: int) -> None:
    if age is not None:
        with app.app_context():
            housekeeping.beat("worker", now() - age)
    answer = app.test_client().get("/readyz")
    assert answer.status_code == status
    assert answer.get_json()["database"] is True
    assert answer.get_json()["migrations"] is True
    assert answer.get_json()["worker"] is (status == 200)


@pytest.mark.parametrize("status", [404, 405])
def test_an_error_page_helps_and_shows_no_trace(client: Client, status: int) -> None:
    page = client.get("/nowhere", status=404) if status == 404 else client.post("/healthz", status=405)
    assert "988" in page.text
    assert "Traceback" not in page.text


def test_a_crash_shows_a_calm_page_and_logs_no_text(app: Flask, caplog: pytest.LogCaptureFixture) -> None:
    app.config["PROPAGATE_EXCEPTIONS"] = False
    try:
        with caplog.at_level(logging.INFO), pytest.MonkeyPatch.context() as patch:
            patch.setitem(app.view_functions, "health.healthz", lambda: 1 / int("CANARY"[6:] or "0"))
            answer = app.test_client().get("/healthz")
    finally:
        app.config.pop("PROPAGATE_EXCEPTIONS")
    assert answer.status_code == 500
    assert "988" in answer.text
    written = "\n".join(EventFormatter(as_json=True).format(record) for record in caplog.records)
    assert '"error": "ZeroDivisionError"' in written
    assert "division by zero" not in written


def test_a_log_line_is_json_with_ids_and_no_path(app: Flask, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "intake"):
        app.test_client().get("/healthz?name=CANARY")
    lines = [EventFormatter(as_json=True).format(record) for record in caplog.records]
    event = json.loads(next(line for line in lines if '"event": "request"' in line))
    assert (event["method"], event["endpoint"], event["status"]) == ("GET", "health.healthz", "200")
    assert not any("CANARY" in line for line in lines)


def test_a_body_above_a_megabyte_is_refused(app: Flask) -> None:
    answer = app.test_client().post("/account/sign-in", data={"email": "x" * (1024 * 1024 + 1)})
    assert answer.status_code == 413
    assert "988" in answer.text


@pytest.mark.parametrize("path", ["/", "/desk/", "/account/sign-in"])
def test_without_a_database_the_page_says_to_try_again(app: Flask, monkeypatch: pytest.MonkeyPatch, path: str) -> None:
    with app.app_context():
        account_id = an_account(Role.DESK)
    visitor = Client(app)
    visitor.sign_in(account_id)

    def away(*_: object, **__: object) -> None:
        raise OperationalError("SELECT 1", {}, Exception("no database"))

    monkeypatch.setattr("sqlalchemy.orm.Session.execute", away)
    monkeypatch.setattr("sqlalchemy.orm.Session.scalars", away)
    monkeypatch.setattr("sqlalchemy.orm.Session.scalar", away)
    page = visitor.get(path, status=503)
    assert "988" in page.text
