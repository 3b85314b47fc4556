"""Backups are whole, consistent and sealed; what was cut, changed or made for another key is refused."""

from __future__ import annotations

import json
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from multiprocessing import get_context
from pathlib import Path

import pytest
from flask import Flask
from psycopg.conninfo import conninfo_to_dict
from sqlalchemy import URL, make_url, select, text

from intake.cli.elsewhere import bound_to
from intake.extensions import db, ring, transaction
from intake.keyring import write_new_keys
from intake.models.audit import AuditRow
from intake.models.consultations import Document
from intake.models.people import Account, Patient
from intake.services import audit, audit_chain, backups, database_dumps, fresh_databases
from intake.services.sealed_files import BACKUP, DOWNTIME, HEADER_BYTES, PIECE, TAG, FileRefused, check, pieces, written
from tests.conftest import NOW
from tests.factories import a_patient, a_provider, a_site, an_order

CANARY = "Canary-Xylophone"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "backup.intake"


@pytest.fixture
def elsewhere(app: Flask, tmp_path: Path) -> Iterator[URL]:
    """A fresh place of the same kind, gone after the test."""
    with fresh_databases.temporary(db.engine.dialect.name, tmp_path, datetime.now(UTC)) as url:
        yield url


def given_rows() -> None:
    site_id = a_site(name=CANARY)
    patient_id = a_patient(site_id, family_name=CANARY, phone="3035550123", address=CANARY)
    an_order(patient_id, a_provider(), conditions=("Bring the list",))
    with transaction() as session:
        audit.add(session, actor_id=None, action="test", subject=("thing", 1), now=NOW, site_id=site_id)
        added_by = session.scalars(select(Account.id).limit(1)).one()
        row = Document(patient_id=patient_id, kind="letter", media_type="image/png", added_by=added_by, added_at=NOW)
        row.content_sealed = ring.seal(os.urandom(3 * PIECE), f"document.content:{row.id}".encode())
        session.add(row)
    audit_chain.link_rows(NOW)


def made(file: Path) -> backups.Manifest:
    return backups.back_up(file, now=NOW, version="0.1.0")


def findings(manifest: backups.Manifest) -> list[backups.Finding]:
    return [backups.check_rows(manifest), *backups.check_sealed(10), *backups.check_audit(manifest)]


def test_what_comes_back_is_what_was_there(file: Path, elsewhere: URL) -> None:
    given_rows()
    manifest = made(file)
    assert backups.read_manifest(file) == manifest
    backups.restore(file, elsewhere, now=NOW)
    with bound_to(elsewhere):
        assert [finding.text for finding in findings(manifest) if not finding.is_good] == []
        patient = db.session.scalars(select(Patient)).one()
        assert (patient.family_name, patient.phone) == (CANARY, "3035550123")


def test_the_manifest_tells_anchors_keys_migration_and_rows(file: Path) -> None:
    given_rows()
    manifest = made(file)
    assert manifest.rows["patient"] == 1
    assert manifest.rows["document"] == 1
    assert len(manifest.anchors) == 1
    assert manifest.field_keys == {str(number): name for number, name in ring.fingerprints.items()}
    assert manifest.revision == db.session.scalar(text("SELECT version_num FROM alembic_version"))
    db.session.rollback()


def test_nothing_of_it_can_be_read_without_the_key(file: Path) -> None:
    given_rows()
    made(file)
    content = file.read_bytes()
    assert CANARY.encode() not in content
    assert b"anchors" not in content
    assert content[8:16].hex() == BACKUP.print_of_key()
    assert file.stat().st_mode & 0o777 == 0o600


def test_making_one_is_in_the_audit_trail_and_leaves_nothing_beside_it(file: Path, app: Flask) -> None:
    made(file)
    assert db.session.scalars(select(AuditRow.action)).all() == ["backup.make"]
    assert [path.name for path in file.parent.iterdir() if path.suffix in (".part", ".intake")] == [file.name]
    assert list(Path(app.config["INTAKE"].instance).glob(".intake-*")) == []
    db.session.rollback()


def test_a_file_that_is_there_is_never_replaced(file: Path) -> None:
    file.write_text("mine")
    with pytest.raises(FileRefused, match="is there already"):
        made(file)
    assert file.read_text() == "mine"


def test_two_at_once_leave_one_whole_file(file: Path) -> None:
    with pytest.raises(FileRefused, match="is there already"), written(file, BACKUP) as late:
        made(file)
        late.write(b"other")
    assert backups.read_manifest(file).rows["alembic_version"] == 1
    assert [path.name for path in file.parent.iterdir() if path.suffix in (".part", ".intake")] == [file.name]


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileRefused, match="No such file or directory"):
        made(tmp_path / "nowhere" / "backup.intake")


def swapped(content: bytes) -> bytes:
    first, second = HEADER_BYTES, HEADER_BYTES + PIECE + TAG
    piece = PIECE + TAG
    return content[:first] + content[second : second + piece] + content[first:second] + content[second + piece :]


DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "the last byte is missing": lambda content: content[:-1],
    "the last piece is missing": lambda content: content[: HEADER_BYTES + 2 * (PIECE + TAG)],
    "only the header is left": lambda content: content[:HEADER_BYTES],
    "half a header is left": lambda content: content[:20],
    "nothing is left": lambda _content: b"",
    "something follows": lambda content: content + b"x",
    "it comes twice": lambda content: content + content,
    "a bit of the salt is turned": lambda content: content[:30] + bytes([content[30] ^ 1]) + content[31:],
    "a bit of the first piece is turned": lambda content: content[:900] + bytes([content[900] ^ 1]) + content[901:],
    "a bit of the last piece is turned": lambda content: content[:-30] + bytes([content[-30] ^ 1]) + content[-29:],
    "two pieces are swapped": swapped,
    "it is garbage": lambda content: os.urandom(len(content)),
}


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.one_database
def test_a_damaged_file_is_refused_before_anything_is_restored(file: Path, tmp_path: Path, damage: str) -> None:
    given_rows()
    made(file)
    content = file.read_bytes()
    assert len(content) > HEADER_BYTES + 2 * (PIECE + TAG)
    file.write_bytes(DAMAGES[damage](content))
    with pytest.raises(FileRefused):
        backups.read_manifest(file)
    target = tmp_path / "restored.db"
    with pytest.raises(FileRefused):
        backups.restore(file, URL.create("sqlite", database=str(target)), now=NOW)
    assert not target.exists()
    assert list(tmp_path.glob(".intake-restore-*")) == []


@pytest.mark.one_database
def test_the_key_that_is_needed_is_named(app: Flask, file: Path, tmp_path: Path) -> None:
    made(file)
    wanted = BACKUP.print_of_key()
    write_new_keys(tmp_path / "other.json")
    try:
        ring.load(tmp_path / "other.json")
        with pytest.raises(FileRefused, match=f"fingerprint {wanted}"):
            backups.read_manifest(file)
    finally:
        ring.load(app.config["INTAKE"].keys)


@pytest.mark.one_database
def test_a_piece_of_another_backup_does_not_fit(tmp_path: Path) -> None:
    for name in ("one", "two"):
        with written(tmp_path / name, BACKUP) as writer:
            writer.write(bytes(3 * PIECE))
    piece, first = PIECE + TAG, HEADER_BYTES + PIECE + TAG
    one, two = (tmp_path / "one").read_bytes(), (tmp_path / "two").read_bytes()
    (tmp_path / "mixed").write_bytes(one[:first] + two[first : first + piece] + one[first + piece :])
    with pytest.raises(FileRefused, match="damaged"):
        check(tmp_path / "mixed", BACKUP)


@pytest.mark.one_database
@pytest.mark.parametrize("size", [0, 1, PIECE - 1, PIECE, PIECE + 1, 2 * PIECE, 2 * PIECE + 5])
def test_every_length_comes_back(tmp_path: Path, size: int) -> None:
    content = os.urandom(size)
    with written(tmp_path / "file", BACKUP) as writer:
        writer.write(content)
    assert b"".join(pieces(tmp_path / "file", BACKUP)) == content


@pytest.mark.one_database
def test_a_file_for_something_else_is_no_backup(tmp_path: Path) -> None:
    with written(tmp_path / "pack", DOWNTIME) as writer:
        writer.write(b"{}")
    with pytest.raises(FileRefused, match="is no backup"):
        backups.read_manifest(tmp_path / "pack")


@pytest.mark.one_database
@pytest.mark.parametrize("head", [b"", b"\xff\xff\xff\xff{}", b"\0\0\0\2[]", b"\0\0\0\2{}", b"\0\0\0\5hello"])
def test_a_manifest_that_cannot_be_read_is_refused(tmp_path: Path, head: bytes) -> None:
    with written(tmp_path / "odd", BACKUP) as writer:
        writer.write(head)
    with pytest.raises(FileRefused, match="no manifest"):
        backups.read_manifest(tmp_path / "odd")


def test_a_database_that_holds_tables_is_not_restored_over(file: Path) -> None:
    given_rows()
    made(file)
    with pytest.raises(FileRefused, match="holds tables already"):
        backups.restore(file, db.engine.url, now=NOW)
    assert db.session.scalars(select(Patient.family_name)).all() == [CANARY]
    db.session.rollback()


def test_a_backup_of_the_other_database_is_refused(file: Path, tmp_path: Path) -> None:
    kind = made(file).database
    other = "postgresql://nobody@/none" if kind == "sqlite" else f"sqlite:///{tmp_path / 'x.db'}"
    with pytest.raises(FileRefused, match=f"this is a backup of {kind}"):
        backups.restore(file, make_url(other), now=NOW)


def test_a_newer_migration_is_refused(file: Path) -> None:
    manifest = made(file)
    backups.refuse_unknown(manifest, {manifest.revision})
    with pytest.raises(FileRefused, match="made by Intake 0.1.0. Install"):
        backups.refuse_unknown(manifest, {"0001"})


def test_a_drill_finds_what_is_missing_broken_or_forged(file: Path, elsewhere: URL) -> None:
    given_rows()
    manifest = made(file)
    backups.restore(file, elsewhere, now=NOW)
    with bound_to(elsewhere):
        with transaction() as session:
            session.execute(text("UPDATE patient SET phone_sealed = address_sealed"))
            session.execute(text("DELETE FROM audit_link"))
            session.execute(text("UPDATE audit_row SET action = 'other'"))
        found = [finding.text for finding in findings(manifest) if not finding.is_good]
    assert found[0].startswith("rows: other than when it was made, in audit_link")
    assert found[1] == "sealed: 1 of 1 values of patient.phone do not open with this key ring"
    assert "does not agree with the anchor" in found[2]


def test_a_backup_while_others_write_is_one_moment(app: Flask, file: Path, elsewhere: URL) -> None:
    """Each writer adds a patient and a row about it in one transaction: no copy may hold one without the other."""
    site_id = a_site()
    ended = threading.Event()
    written_rows: list[int] = []

    def write() -> None:
        with app.app_context():
            while not ended.is_set():
                patient_id = a_patient(site_id, with_account=False)
                with transaction() as session:
                    for _ in range(2):
                        audit.add(session, actor_id=None, action="test", subject=("patient", patient_id), now=NOW)
                written_rows.append(1)
            db.session.remove()

    threads = [threading.Thread(target=write) for _ in range(2)]
    for thread in threads:
        thread.start()
    time.sleep(0.5)
    before = len(written_rows)
    manifest = made(file)
    during = len(written_rows) - before
    ended.set()
    for thread in threads:
        thread.join()
    assert during > 0
    assert (manifest.rows["audit_row"] - 1) % 2 == 0
    backups.restore(file, elsewhere, now=NOW)
    with bound_to(elsewhere):
        assert [finding.text for finding in findings(manifest) if not finding.is_good] == []


def test_killed_half_way_it_leaves_no_backup_and_the_next_one_clears_up(
    app: Flask, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given_rows()

    def stall(*_: object) -> Iterator[bytes]:
        yield b"x"
        time.sleep(60)

    name = "packed" if db.engine.dialect.name == "sqlite" else "dump_postgresql"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(database_dumps, name, stall)
        db.session.rollback()
        db.engine.dispose()
        process = get_context("fork").Process(target=_back_up_alone, args=(app, file))
        process.start()
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline and not list(file.parent.glob(".*.part")):
            time.sleep(0.05)
        time.sleep(0.5)
        os.kill(process.pid or 0, signal.SIGKILL)
        process.join()
    assert not file.exists()
    backups.back_up(file, now=datetime.now(UTC) + timedelta(hours=2), version="0.1.0")
    assert backups.read_manifest(file).rows["patient"] == 1
    assert list(Path(app.config["INTAKE"].instance).glob(".intake-backup-*")) == []


def _back_up_alone(app: Flask, file: Path) -> None:
    with app.app_context():
        made(file)


def test_a_restore_that_breaks_half_way_leaves_nothing(
    file: Path, elsewhere: URL, monkeypatch: pytest.MonkeyPatch
) -> None:
    given_rows()
    manifest = made(file)
    whole = backups._split

    def cut(path: Path) -> tuple[backups.Manifest, Iterator[bytes]]:
        found, content = whole(path)
        return found, iter([next(content)])

    monkeypatch.setattr(backups, "_split", cut)
    with pytest.raises(FileRefused):
        backups.restore(file, elsewhere, now=NOW)
    monkeypatch.setattr(backups, "_split", whole)
    backups.restore(file, elsewhere, now=NOW)
    with bound_to(elsewhere):
        assert backups.check_rows(manifest).is_good


@pytest.mark.one_database
def test_a_password_is_never_on_the_command_line() -> None:
    url = make_url(r"postgresql://clerk:s3:cr\et@db.example.org:5433/intake?sslmode=require")
    with database_dumps._connection(url) as words:
        told = conninfo_to_dict(words)
        path = Path(str(told.pop("passfile")))
        assert path.read_text() == "*:*:*:*:s3\\:cr\\\\et\n"
        assert path.stat().st_mode & 0o777 == 0o600
    assert "cr" not in words.replace("sslmode", "")
    assert told == {
        "host": "db.example.org",
        "port": "5433",
        "user": "clerk",
        "dbname": "intake",
        "sslmode": "require",
    }
    assert not path.exists()


def test_the_manifest_is_json_and_the_length_stands_before_it(file: Path) -> None:
    manifest = made(file)
    first = next(pieces(file, BACKUP))
    length = int.from_bytes(first[:4], "big")
    assert json.loads(first[4 : 4 + length])["made_at"] == manifest.made_at == NOW.isoformat()
