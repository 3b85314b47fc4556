"""The manager's "what if": ask, see how far it is, read the figures."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest
from flask import Flask

from intake.domain.roles import Role
from intake.queries import simulations as reads
from intake.services import simulations
from intake.web import access
from tests import factories
from tests.factories import NOW
from tests.web.client import Client


@pytest.fixture(autouse=True)
def _clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(access, "now", lambda: NOW)


@pytest.fixture
def site(client: Client) -> UUID:
    with client.app.app_context():
        site_id = factories.a_site(name="Denver")
        factories.a_protocol()
        manager = factories.an_account(Role.MANAGER)
    client.sign_in(manager, now=NOW)
    return site_id


def form_of(client: Client, **values: str) -> dict[str, str]:
    page = client.get("/manage/simulations")
    fields = {"question": "chair", "protocol": page.value("protocol") or "", "orders_per_week": "0.4", "seed": "1"}
    return {"request_key": page.value("request_key") or "", **fields, **values}


def protocol_key(app: Flask) -> str:
    from intake.queries import sites

    with app.app_context():
        return str(sites.current_protocols()[0].id)


def played(app: Flask) -> None:
    with app.app_context():
        assert simulations.work("worker", lambda: NOW)


def test_a_question_is_asked_watched_and_answered(client: Client, app: Flask, site: UUID) -> None:
    where = client.post("/manage/simulations", form_of(client, protocol=protocol_key(app))).location
    assert where
    waiting = client.open("GET", where)
    assert "Waiting for the worker" in waiting.text
    assert waiting.headers["Refresh"] == "3"
    played(app)
    done = client.open("GET", where)
    assert "with one more chair" in done.text
    assert "Refresh" not in done.headers
    drawn = client.open("GET", f"{where}/plot.svg")
    assert drawn.mimetype == "image/svg+xml" and drawn.text.startswith("<svg")
    assert "done" in client.get("/manage/simulations").body


def test_pressed_twice_there_is_one_run(client: Client, app: Flask, site: UUID) -> None:
    form = form_of(client, protocol=protocol_key(app))
    assert client.post("/manage/simulations", form).location == client.post("/manage/simulations", form).location
    with app.app_context():
        assert len(reads.latest(site)) == 1


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"orders_per_week": "many"}, "valid decimal"),
        ({"orders_per_week": "0"}, "between 0.1 and 60"),
        ({"orders_per_week": "sNaN"}, "Enter a number, such as 5."),
        ({"orders_per_week": "-Infinity"}, "Enter a number, such as 5."),
        ({"seed": "-1"}, "between 0 and 999999"),
        ({"question": ""}, "Choose what to find out."),
    ],
)
def test_what_cannot_be_played_is_said_beside_its_field(
    client: Client, app: Flask, site: UUID, values: dict[str, str], words: str
) -> None:
    form = form_of(client, protocol=protocol_key(app), **values)
    assert words in client.post("/manage/simulations", form, status=422).body
    with app.app_context():
        assert reads.latest(site) == []


def test_a_run_is_ended_by_a_press(client: Client, app: Flask, site: UUID) -> None:
    where = client.post("/manage/simulations", form_of(client, protocol=protocol_key(app))).location
    page = client.submit(f"{where}/end")
    assert "Ended." in page.body
    client.get(f"{where}/plot.svg", status=404)


def test_it_is_the_managers_alone(client: Client, app: Flask, site: UUID) -> None:
    with app.app_context():
        desk = factories.a_desk()
    other = Client(app)
    other.sign_in(desk, now=NOW)
    other.get("/manage/simulations", status=403)
    client.get(f"/manage/simulations/{uuid4()}", status=404)
