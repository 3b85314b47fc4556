"""The number of queries of a page does not grow with what a patient has entered."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from flask import Flask
from sqlalchemy import event

from intake.extensions import db
from tests.conftest import NOW
from tests.web.patients import a_patient, filled, signed_in

MOST = 14


@pytest.fixture(autouse=True)
def _frozen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("intake.web.access.now", lambda: NOW)


@contextmanager
def counted(app: Flask) -> Iterator[list[str]]:
    statements: list[str] = []

    def note(_c: object, _cursor: object, statement: str, *_rest: object) -> None:
        statements.append(statement)

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    yield statements
    event.remove(engine, "before_cursor_execute", note)


def queries(app: Flask, trials: int, path: str) -> int:
    patient_id = a_patient(app)
    items = filled(app, patient_id, trials=trials)
    client = signed_in(app, patient_id)
    client.get(path.format(item=items[0]))  # warm: formulary, templates
    with counted(app) as statements:
        client.get(path.format(item=items[0]))
    return len(statements)


@pytest.mark.parametrize(
    "path",
    [
        "/patient/",
        "/patient/about/you",
        "/patient/reason",
        "/patient/trials",
        "/patient/trials/{item}",
        "/patient/trials/{item}/effect",
        "/patient/medicines",
        "/patient/mood",
        "/patient/check",
        "/patient/sign",
        "/patient/appointments",
    ],
)
def test_a_page_asks_as_much_with_25_trials_as_with_one(app: Flask, path: str) -> None:
    one = queries(app, 1, path)
    assert queries(app, 25, path) == one
    assert one <= MOST


def test_twenty_five_trials_are_shown_checked_and_sent(app: Flask) -> None:
    patient_id = a_patient(app)
    filled(app, patient_id, trials=25)
    client = signed_in(app, patient_id)
    assert client.get("/patient/trials").text.count("Remove Zoloft") == 25
    key = str(client.get("/patient/sign").value("request_key"))
    done = client.submit("/patient/sign", {"agrees": "y", "signature": "Ana", "request_key": key})
    assert done.h1 == ["Your answers are here"]
