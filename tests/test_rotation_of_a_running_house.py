"""The field key is rotated by a command that is killed and run again, while web and worker go on: nobody notices."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import func, insert, select
from uuid_utils.compat import uuid7

from config import ROOT, Config
from intake import create_app
from intake.extensions import db, ring, transaction
from intake.keyring import head_of, write_new_keys
from intake.models.messages import Message
from intake.models.people import ConsultationRequest, Patient
from intake.services import sessions
from intake.services.sealed_columns import values_by_key
from tests.bench.serving import Client, cookie_for, production, serving
from tests.databases import Databases
from tests.factories import a_desk, a_site

PATIENTS = 8000
PHONE = "303-555-0142"


@pytest.fixture
def house(
    app: Flask, databases: Databases, tmp_path: Path, database_kind: str
) -> Iterator[tuple[Flask, dict[str, str]]]:
    """An app on a database and a key ring of its own, and the environment of processes beside it."""
    environment = production(tmp_path, databases.fresh(database_kind))
    write_new_keys(tmp_path / "keys.json")
    own = create_app(Config.from_environment(environment))
    yield own, environment
    with own.app_context():
        db.session.remove()
        db.engine.dispose()
    ring.load(app.config["INTAKE"].keys)


def given_patients(site_id: UUID) -> list[UUID]:
    keys = [uuid7() for _ in range(PATIENTS)]
    rows = [
        {
            "id": key,
            "home_site_id": site_id,
            "given_name": "Ana",
            "family_name": f"Rivera{number}",
            "born_on": datetime(1985, 3, 14, tzinfo=UTC).date(),
            "email": f"{key}@example.org",
            "created_at": datetime.now(UTC),
            "phone_sealed": ring.seal(b"+13035550142", f"patient.phone:{key}".encode()),
        }
        for number, key in enumerate(keys)
    ]
    with transaction() as session:
        session.execute(insert(Patient), rows)
    return keys


def asks_for_a_consultation(port: int, number: int) -> None:
    """Seals a phone number, and an e-mail that the worker has to open."""
    visitor = Client(port)
    form = visitor.get("/request")
    fields = {
        "request_key": form.value_of("request_key"),
        "given_name": "Bo",
        "family_name": "Lake",
        "born_on-month": "3",
        "born_on-day": "14",
        "born_on-year": "1985",
        "email": f"bo{number}@example.org",
        "phone": PHONE,
        "reason": "depression",
        "reach_by": "phone",
        "reach_when": "any",
    }
    assert visitor.post("/request", fields).status == 302
    visitor.close()


@contextmanager
def looked_at(port: int, cookie: dict[str, str], patients: list[UUID]) -> Iterator[list[str]]:
    """Read one patient after another until the block ends; gives what went wrong."""
    ended, faults, seen = threading.Event(), [], []

    def look() -> None:
        browser = Client(port, dict(cookie))
        while not ended.is_set():
            for patient_id in patients[:: len(patients) // 20]:
                page = browser.get(f"/desk/patients/{patient_id}")
                seen.append(page.status)
                if page.status != 200 or PHONE not in page.text:
                    faults.append(f"{page.status} {patient_id}")
        browser.close()

    threads = [threading.Thread(target=look) for _ in range(2)]
    for thread in threads:
        thread.start()
    try:
        yield faults
    finally:
        ended.set()
        for thread in threads:
            thread.join()
    assert len(seen) > 20, "the pages were hardly read: this says nothing"


def flask(environment: dict[str, str], *words: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "flask", "--app", "wsgi", *words]
    return subprocess.Popen(
        command,
        cwd=ROOT,
        env={"PATH": "/usr/bin:/bin", **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def killed_half_way(app: Flask, environment: dict[str, str]) -> dict[int, int]:
    process = flask(environment, "keys", "rotate")
    keys = Path(environment["INTAKE_KEY_FILE"])
    while process.poll() is None and json.loads(keys.read_text())["current"] == 1:
        time.sleep(0.005)
    deadline = time.monotonic() + 60
    while process.poll() is None and time.monotonic() < deadline:
        with app.app_context():
            under_new = select(func.count()).where(func.substr(Patient.phone_sealed, 1, 3) == head_of(2))
            done = db.session.scalar(under_new) or 0
        if done >= 400:
            break
    process.kill()
    process.communicate()
    with app.app_context():
        return values_by_key(db.session(), range(1, 9))


@pytest.mark.both_databases
def test_a_rotation_that_is_killed_and_run_again_is_noticed_by_nobody(house: tuple[Flask, dict[str, str]]) -> None:
    app, environment = house
    with app.app_context():
        site_id, desk_id = a_site(), a_desk()
        patients = given_patients(site_id)
        token = sessions.open_for(desk_id, browser="Test", second_factor=True, now=datetime.now(UTC))
    cookie = cookie_for(app, token)
    worker = flask(environment, "worker")
    try:
        with serving(
            ["--workers", "2", "--threads", "4", "--preload", "--no-control-socket", "wsgi:app"], environment
        ) as (port, _):
            asks_for_a_consultation(port, 1)
            with looked_at(port, cookie, patients) as faults:
                halves = killed_half_way(app, environment)
                assert halves.get(1, 0) > 0, "it was killed too late for this test to mean anything"
                assert halves.get(2, 0) > 0
                asks_for_a_consultation(port, 2)
                again = flask(environment, "keys", "rotate")
                output, _ = again.communicate(timeout=120)
                assert (again.returncode, "Going on under key 2" in output) == (0, True), output
                asks_for_a_consultation(port, 3)
            assert faults == []
            letters = _letters_sent(app)
    finally:
        worker.terminate()
        worker.communicate(timeout=30)
    assert letters == 3
    with app.app_context():
        assert set(values_by_key(db.session(), range(1, 9))) == {2}
        assert {row.phone for row in db.session.scalars(select(ConsultationRequest))} == {"+13035550142"}


def _letters_sent(app: Flask) -> int:
    """How many letters went out within a minute; the worker opens each to send it."""
    for _ in range(120):
        with app.app_context():
            sent = db.session.scalars(select(Message.id).where(Message.sent_at.is_not(None))).all()
        if len(sent) == 3:
            break
        time.sleep(0.5)
    return len(sent)
