"""A new field key: every value sealed anew, while others read and write, whoever is killed on the way."""

from __future__ import annotations

import json
import os
import shutil
import signal
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from multiprocessing import get_context
from pathlib import Path
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select, update

from intake.domain.errors import DomainError
from intake.extensions import db, ring, transaction
from intake.keyring import KeyRing, KeysMissing, write_new_keys
from intake.models.audit import AuditRow
from intake.models.people import Patient
from intake.services import key_rotation
from intake.services.sealed_columns import sealed_columns, values_by_key
from tests.conftest import NOW
from tests.factories import a_patient, a_provider, a_site, an_order
from tests.racing import race

LATER = datetime.now(UTC) + timedelta(hours=1)


@pytest.fixture
def keys(app: Flask, tmp_path: Path) -> Iterator[Path]:
    """A ring of this test's own, as a copy of that of all tests; afterwards that one is in use again."""
    shared = app.config["INTAKE"].keys
    own = tmp_path / "keys.json"
    shutil.copy(shared, own)
    ring.load(own)
    yield own
    ring.load(shared)


def given_patients(count: int) -> list[UUID]:
    site_id = a_site()
    return [a_patient(site_id, phone=f"303555{number:04d}", address="1 Main St") for number in range(count)]


def rotated(path: Path) -> int:
    number, _ = key_rotation.begin(path, now=NOW)
    for _ in key_rotation.reseal():
        continue
    return number


def by_key() -> dict[int, int]:
    found = dict(values_by_key(db.session(), range(1, 9)))
    db.session.rollback()
    return found


def phones() -> set[str | None]:
    found = {patient.phone for patient in db.session.scalars(select(Patient))}
    db.session.rollback()
    return found


def test_every_column_of_sealed_values_is_known() -> None:
    labels = {one.label for one in sealed_columns()}
    assert {"patient.phone", "document.content", "draft.body", "message.body", "account.totp_secret"} <= labels
    assert len(labels) == sum(
        name.endswith("_sealed")
        for t in db.metadata.tables.values()
        for name in t.c.keys()  # noqa: SIM118
    )


def test_every_value_lies_under_the_new_key_and_reads_as_before(keys: Path) -> None:
    patients = given_patients(5)
    an_order(patients[0], a_provider(), conditions=("Bring the list",))
    before, read = by_key(), phones()
    assert rotated(keys) == 2
    assert by_key() == {2: before[1]}
    assert phones() == read
    assert key_rotation.left_over() == {}


def test_more_values_than_one_batch_are_sealed_anew(keys: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(key_rotation, "BATCH", 3)
    given_patients(8)
    rotated(keys)
    assert by_key() == {2: 16}


def test_large_values_are_taken_a_few_at_a_time(keys: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    given_patients(5)
    monkeypatch.setattr(key_rotation, "MOST_BYTES", 90)  # two phone numbers of 41 bytes, one sealed address of 40
    key_rotation.begin(keys, now=NOW)
    assert [step.resealed for step in key_rotation.reseal() if step.column == "patient.phone"] == [2, 2, 1]
    monkeypatch.setattr(key_rotation, "MOST_BYTES", 1)
    key_rotation.begin(keys, now=NOW, new_key=True)
    assert [step.resealed for step in key_rotation.reseal() if step.column == "patient.phone"] == [1] * 5
    assert by_key() == {3: 10}


def test_a_rotation_that_was_interrupted_goes_on_under_the_same_key(
    keys: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(key_rotation, "BATCH", 2)
    given_patients(6)
    key_rotation.begin(keys, now=NOW)
    steps = key_rotation.reseal()
    next(steps)
    del steps
    assert by_key() == {1: 10, 2: 2}
    assert phones() == {f"303555{number:04d}" for number in range(6)}
    assert key_rotation.begin(keys, now=NOW) == (2, False)
    assert sum(step.resealed for step in key_rotation.reseal()) == 10


def test_a_new_key_can_be_asked_for_in_the_middle(keys: Path) -> None:
    given_patients(2)
    key_rotation.begin(keys, now=NOW)
    assert key_rotation.begin(keys, now=NOW, new_key=True) == (3, True)
    for _ in key_rotation.reseal():
        continue
    assert by_key() == {3: 4}


def test_a_value_changed_meanwhile_is_not_overwritten(keys: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (patient_id,) = given_patients(1)
    key_rotation.begin(keys, now=NOW)
    store = key_rotation._store

    def change_first(column: object, changes: object) -> int:
        monkeypatch.setattr(key_rotation, "_store", store)  # once: a second change would hide that it was undone
        with transaction() as session:
            session.get_one(Patient, patient_id).phone = "3035559999"
        return store(column, changes)  # type: ignore[arg-type]

    monkeypatch.setattr(key_rotation, "_store", change_first)
    for _ in key_rotation.reseal():
        continue
    assert phones() == {"3035559999"}


def test_a_value_that_cannot_be_opened_stays_and_is_told(keys: Path) -> None:
    first, _ = given_patients(2)
    with transaction() as session:
        session.execute(update(Patient).where(Patient.id == first).values(phone_sealed=b"\x01\x00\x01 torn"))
    rotated(keys)
    assert key_rotation.left_over() == {"patient.phone": 1}
    with pytest.raises(DomainError, match=r"still seals 1 values: patient\.phone"):
        key_rotation.retire(keys, 1, now=LATER)


def test_a_key_is_retired_only_when_nothing_lies_under_it(keys: Path) -> None:
    given_patients(2)
    key_rotation.begin(keys, now=NOW)
    with pytest.raises(DomainError, match=r"patient\.phone \(2\), patient\.address \(2\)"):
        key_rotation.retire(keys, 1, now=LATER)
    for _ in key_rotation.reseal():
        continue
    kept = key_rotation.retire(keys, 1, now=LATER)
    assert set(json.loads(keys.read_text())["fields"]) == {"2"}
    assert set(json.loads(kept.read_text())["fields"]) == {"1", "2"}
    assert keys.stat().st_mode & 0o777 == kept.stat().st_mode & 0o777 == 0o600
    assert phones() == {"3035550000", "3035550001"}


@pytest.mark.parametrize(
    ("number", "minutes", "why"), [(2, 60, "current one"), (7, 60, "no key 7"), (1, 14, "changed a moment ago")]
)
def test_a_key_is_not_retired(keys: Path, number: int, minutes: int, why: str) -> None:
    rotated(keys)
    with pytest.raises(DomainError, match=why):
        key_rotation.retire(keys, number, now=datetime.now(UTC) + timedelta(minutes=minutes))
    assert set(json.loads(keys.read_text())["fields"]) == {"1", "2"}


def test_a_number_is_never_used_again(keys: Path) -> None:
    rotated(keys)
    key_rotation.retire(keys, 1, now=LATER)
    assert rotated(keys) == 3


def test_the_file_keeps_its_mode_and_may_be_a_link(keys: Path) -> None:
    keys.chmod(0o640)
    link = keys.with_name("link.json")
    link.symlink_to(keys)
    rotated(link)
    assert link.is_symlink()
    assert keys.stat().st_mode & 0o777 == 0o640
    assert not list(keys.parent.glob(".keys*"))


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
def test_the_file_stays_its_owners_when_root_rotates(keys: Path) -> None:
    os.chown(keys, 12345, 23456)
    rotated(keys)
    assert (keys.stat().st_uid, keys.stat().st_gid) == (12345, 23456)


def test_rotating_and_retiring_are_in_the_audit_trail(keys: Path) -> None:
    rotated(keys)
    key_rotation.retire(keys, 1, now=LATER)
    rows = db.session.scalars(select(AuditRow).order_by(AuditRow.id)).all()
    assert [(row.action, row.subject_id) for row in rows] == [("keys.rotate", "2"), ("keys.retire", "1")]
    db.session.rollback()


def test_a_file_that_is_no_ring_gets_no_key(keys: Path) -> None:
    keys.write_text("{}")
    with pytest.raises(KeysMissing):
        key_rotation.begin(keys, now=NOW)
    assert keys.read_text() == "{}"


def test_a_running_process_seals_under_the_new_key_and_reads_it(app: Flask, keys: Path) -> None:
    """The racers are forked with the old ring in memory: the first rotates, the second goes on as the web does."""
    (patient_id,) = given_patients(1)

    def racer(number: int) -> object:
        if number == 0:
            return rotated(keys)
        for _ in range(200):
            if json.loads(keys.read_text())["current"] == 2:
                break
            time.sleep(0.05)
        with transaction() as session:
            session.get_one(Patient, patient_id).address = "2 Side St"
        patient = db.session.get_one(Patient, patient_id)
        return patient.phone, patient.address, bytes(patient.address_sealed or b"")[:3]

    assert race(app, racer, 2) == [2, ("3035550000", "2 Side St", b"\x01\x00\x02")]


def test_two_rotations_at_once_lose_no_key_and_no_value(app: Flask, keys: Path) -> None:
    given_patients(30)
    read = phones()
    numbers = race(app, lambda _number: rotated(keys), 3)
    assert all(isinstance(number, int) for number in numbers), numbers
    fields = json.loads(keys.read_text())["fields"]
    assert set(by_key()) <= set(map(int, fields))
    assert phones() == read
    rotated(keys)
    assert len(by_key()) == 1


def test_writers_are_never_refused_and_nothing_stays_under_the_old_key(app: Flask, keys: Path) -> None:
    patients = given_patients(40)

    def racer(number: int) -> object:
        if number == 0:
            time.sleep(0.2)
            return rotated(keys)
        for turn in range(25):
            with transaction() as session:
                session.get_one(Patient, patients[turn]).address = f"{number} Turn {turn}"
        return "done"

    assert race(app, racer, 3) == [2, "done", "done"]
    rotated(keys)
    assert len(by_key()) == 1
    with transaction() as session:
        assert all("Turn" in (session.get_one(Patient, one).address or "") for one in patients[:25])


def test_killed_at_any_moment_it_is_finished_by_the_next_run(
    app: Flask, keys: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(key_rotation, "BATCH", 4)
    given_patients(60)
    read = phones()
    engine = db.engine
    for delay in (0.02, 0.05, 0.1, 0.2):
        engine.dispose()
        process = get_context("fork").Process(target=_rotate_alone, args=(app, keys))
        process.start()
        time.sleep(delay)
        os.kill(process.pid or 0, signal.SIGKILL)
        process.join()
        assert phones() == read
        ring_now = KeyRing()
        ring_now.load(keys)
        assert set(by_key()) <= set(ring_now.fingerprints)
    rotated(keys)
    assert set(by_key()) == {ring.current}
    assert phones() == read


def _rotate_alone(app: Flask, keys: Path) -> None:
    with app.app_context():
        rotated(keys)


def test_the_ring_of_another_clinic_is_not_taken_over(keys: Path) -> None:
    given_patients(1)
    keys.unlink()
    write_new_keys(keys)
    before = dict(ring.fingerprints)
    given_patients(1)  # seals, and so looks whether the file has changed
    assert phones() == {"3035550000"}
    other = KeyRing()
    other.load(keys)
    assert ring.fingerprints == before != other.fingerprints


def test_what_is_loaded_stays_when_the_file_is_damaged_or_gone(keys: Path) -> None:
    given_patients(1)
    keys.write_text("{")
    assert phones() == {"3035550000"}
    keys.unlink()
    with transaction() as session:
        session.scalars(select(Patient)).one().phone = "3035550001"
    assert phones() == {"3035550001"}
