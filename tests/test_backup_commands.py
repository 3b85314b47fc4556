"""`flask backup`, `restore`, `keys rotate` and `downtime print`, as somebody at a terminal meets them."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import text

from config import ROOT
from intake.extensions import db, ring, transaction
from intake.keyring import write_new_keys
from intake.models.audit import AuditRow
from intake.services import audit, audit_chain, downtime
from tests.bench.serving import production
from tests.databases import Databases
from tests.factories import a_patient, a_provider, a_site, an_order

CANARY = "Canary-Xylophone"
both = pytest.mark.both_databases


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "backup.intake"


@pytest.fixture
def other_keys(app: Flask, tmp_path: Path) -> Iterator[None]:
    """The key ring of another clinic in the place of ours, while the test runs."""
    place, kept = app.config["INTAKE"].keys, tmp_path / "kept.json"
    yield
    if kept.exists():
        shutil.move(kept, place)
    ring.load(place)


def given_rows(app: Flask) -> None:
    with app.app_context():
        site_id = a_site(name="Canary Site")
        an_order(a_patient(site_id, family_name=CANARY, phone="3035550123"), a_provider(), conditions=(CANARY,))
        with transaction() as session:
            audit.add(session, actor_id=None, action="test", subject=("thing", 1), now=datetime.now(UTC))
        audit_chain.link_rows(datetime.now(UTC))


def run(app: Flask, *words: object) -> Result:
    return app.test_cli_runner().invoke(args=[str(word) for word in words])


def lines(result: Result) -> list[str]:
    return [line.split(":")[0] for line in result.output.splitlines()]


@both
def test_a_drill_says_line_by_line_that_all_is_well(app: Flask, file: Path) -> None:
    given_rows(app)
    made = run(app, "backup", file)
    assert made.exit_code == 0, made.output
    assert "fingerprint" in made.output
    drill = run(app, "restore", "--drill", file)
    assert drill.exit_code == 0, drill.output
    assert lines(drill) == [f"ok   {what}" for what in ("file", "keys", "rows", "migrations", "sealed", "audit")]
    assert "agrees with 1 anchors" in drill.output
    assert CANARY not in made.output + drill.output


@both
def test_a_drill_leaves_nothing_behind(app: Flask, file: Path) -> None:
    given_rows(app)
    run(app, "backup", file)
    run(app, "restore", "--drill", file)
    assert list(app.config["INTAKE"].instance.glob(".intake-*")) == []
    with app.app_context():
        if db.engine.dialect.name == "postgresql":
            names = db.session.scalars(text("SELECT datname FROM pg_database")).all()
            assert [name for name in names if name.startswith("intake_drill")] == []


@both
def test_a_drill_drops_what_a_killed_one_left_hours_ago(app: Flask, file: Path) -> None:
    run(app, "backup", file)
    with app.app_context():
        if db.engine.dialect.name == "sqlite":
            left = app.config["INTAKE"].instance / ".intake-drill-left"
            left.mkdir()
            os.utime(left, (0, 0))
        else:
            engine = db.engine.execution_options(isolation_level="AUTOCOMMIT")
            with engine.connect() as connection:
                for name in ("intake_drill_202001010000_aa", "intake_drill_299901010000_bb"):
                    connection.exec_driver_sql(f"CREATE DATABASE {name}")
    assert run(app, "restore", "--drill", file).exit_code == 0
    with app.app_context():
        if db.engine.dialect.name == "sqlite":
            assert not left.exists()
            return
        names = set(db.session.scalars(text("SELECT datname FROM pg_database")))
        assert "intake_drill_202001010000_aa" not in names
        assert "intake_drill_299901010000_bb" in names
        db.session.rollback()
        with engine.connect() as connection:
            connection.exec_driver_sql("DROP DATABASE intake_drill_299901010000_bb")


@both
def test_a_drill_fails_loudly(app: Flask, file: Path) -> None:
    given_rows(app)
    with app.app_context(), transaction() as session:
        session.execute(text("UPDATE audit_row SET action = 'forged'"))
        session.execute(text("UPDATE order_condition SET text_sealed = (SELECT phone_sealed FROM patient)"))
    assert run(app, "backup", file).exit_code == 0
    drill = run(app, "restore", "--drill", file)
    assert drill.exit_code == 1
    assert "FAIL sealed: 1 of 1 values of order_condition.text do not open with this key ring" in drill.output
    assert "link 1: its row was changed" in drill.output
    assert CANARY not in drill.output


@both
def test_a_drill_takes_an_older_backup_up_to_head(app: Flask, databases: Databases, file: Path) -> None:
    import flask_migrate

    older = databases.app(databases.fresh("sqlite" if "sqlite" in app.config["INTAKE"].database else "postgresql"))
    with older.app_context():
        flask_migrate.downgrade(directory=str(ROOT / "migrations"))
        db.engine.dispose()
    assert run(older, "backup", file).exit_code == 0
    drill = run(older, "restore", "--drill", file)
    assert drill.exit_code == 0, drill.output
    assert "and goes up to head" in drill.output


@both
def test_a_database_in_use_is_never_restored_over(app: Flask, file: Path) -> None:
    given_rows(app)
    run(app, "backup", file)
    refused = run(app, "restore", file)
    assert refused.exit_code == 1
    assert "holds tables already" in refused.output


@both
def test_a_backup_fills_an_empty_database(app: Flask, databases: Databases, file: Path) -> None:
    given_rows(app)
    run(app, "backup", file)
    kind = "sqlite" if "sqlite" in app.config["INTAKE"].database else "postgresql"
    empty = databases.app(databases.empty(kind))
    restored = run(empty, "restore", file)
    assert restored.exit_code == 0, restored.output
    assert "as when it was made" in restored.output
    again = run(empty, "restore", file)
    assert again.exit_code == 1
    with empty.app_context():
        assert db.session.scalars(text("SELECT family_name FROM patient")).all() == [CANARY]
        actions = db.session.scalars(text("SELECT action FROM audit_row ORDER BY at")).all()
        assert {"backup.make", "backup.restore"} <= set(actions)
        db.session.remove()
        db.engine.dispose()


@both
def test_into_makes_a_fresh_place_and_never_uses_one_that_is_there(app: Flask, file: Path, tmp_path: Path) -> None:
    given_rows(app)
    run(app, "backup", file)
    is_file = "sqlite" in app.config["INTAKE"].database
    place = str(tmp_path / "fresh.db") if is_file else "fresh_place"
    assert run(app, "restore", file, "--into", place).exit_code == 0
    again = run(app, "restore", file, "--into", place)
    assert again.exit_code == 1
    assert "is there already" in again.output or "there is one of that name" in again.output
    if is_file:
        assert Path(place).stat().st_mode & 0o777 == 0o600
        return
    with app.app_context(), db.engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        connection.exec_driver_sql("DROP DATABASE fresh_place")


@both
@pytest.mark.parametrize("name", ["", "a b", 'x"; DROP DATABASE postgres; --', "Ä", "../up", "postgres"])
def test_a_strange_place_is_refused(app: Flask, file: Path, tmp_path: Path, name: str) -> None:
    run(app, "backup", file)
    if "sqlite" in app.config["INTAKE"].database:
        name = str(tmp_path / "no folder" / (name or "x.db"))
    refused = run(app, "restore", file, "--into", name)
    assert refused.exit_code == 1, refused.output
    assert isinstance(refused.exception, SystemExit)


def test_a_newer_backup_is_refused_with_what_to_do(app: Flask, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run(app, "backup", file)
    monkeypatch.setattr("intake.cli.backup.known_revisions", lambda: frozenset({"0001"}))
    refused = run(app, "restore", "--drill", file)
    assert refused.exit_code == 1
    assert "Install that version or a newer one first" in refused.output


def test_the_wrong_key_is_named_and_so_is_the_right_one(app: Flask, file: Path, other_keys: None) -> None:
    wanted = run(app, "backup", file).output.split("fingerprint ")[1].split(",")[0]
    place = app.config["INTAKE"].keys
    shutil.move(place, file.parent / "kept.json")
    write_new_keys(place)
    ring.load(place)
    refused = run(app, "restore", "--drill", file)
    assert refused.exit_code == 1
    assert f"needs the one with fingerprint {wanted}" in refused.output


@pytest.mark.parametrize("content", [b"", b"SQLite format 3\0", os.urandom(2000)])
def test_a_hostile_file_gets_one_sentence(app: Flask, file: Path, content: bytes) -> None:
    file.write_bytes(content)
    for words in (("restore", file), ("restore", "--drill", file), ("downtime", "print", file)):
        refused = run(app, *words)
        assert refused.exit_code == 1
        assert refused.output.startswith("Error: ") and refused.output.count("\n") == 1


def test_a_full_disk_gets_one_sentence_and_leaves_nothing(app: Flask, file: Path, tmp_path: Path) -> None:
    """The largest file that the process may write is 64 KB, less than any database."""
    environment = production(tmp_path, app.config["INTAKE"].database) | {
        "INTAKE_KEY_FILE": str(app.config["INTAKE"].keys),
        "PATH": os.environ["PATH"],
    }
    command = f"ulimit -f 128; exec {sys.executable} -m flask --app wsgi backup {file}"
    done = subprocess.run(
        ["/bin/sh", "-c", command], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert done.stderr.startswith("Error: "), done.stderr
    assert done.stderr.count("\n") == 1
    assert [path.name for path in tmp_path.iterdir() if "backup" in path.name] == []
    assert list(app.config["INTAKE"].instance.glob(".intake-*")) == []


def test_making_a_backup_is_in_the_audit_trail(app: Flask, file: Path) -> None:
    run(app, "backup", file)
    with app.app_context():
        assert [row.action for row in db.session.query(AuditRow)] == ["backup.make"]


def test_drill_and_into_exclude_each_other(app: Flask, file: Path) -> None:
    run(app, "backup", file)
    assert run(app, "restore", file, "--drill", "--into", "x").exit_code == 2


def test_the_pack_prints_as_one_page_of_its_own(app: Flask, tmp_path: Path) -> None:
    given_rows(app)
    with app.app_context():
        path = downtime.keep_current(tmp_path / "packs", hours=48, now=datetime.now(UTC))
    assert path is not None
    page = run(app, "downtime", "print", path)
    assert page.exit_code == 0, page.output
    assert page.output.startswith("<!doctype html>")
    assert page.output.count("<style>") == 1
    assert "@page" in page.output
    assert [word for word in ("<script", "href=", "src=", "url(", "@import") if word in page.output] == []
    assert "Canary Site" in page.output
    other = run(app, "downtime", "print", path, "--site", "Elsewhere")
    assert other.exit_code == 1
    assert "it has Canary Site" in other.output


def test_a_name_on_the_printed_page_is_never_markup(app: Flask, tmp_path: Path) -> None:
    with app.app_context():
        a_site(name="<script>x</script>")
        path = downtime.keep_current(tmp_path / "packs", hours=48, now=datetime.now(UTC))
    page = run(app, "downtime", "print", path or "")
    assert "<script" not in page.output
    assert "&lt;script&gt;" in page.output


def test_the_worker_writes_packs_where_the_configuration_says(app: Flask, tmp_path: Path) -> None:
    folder = app.config["INTAKE"].downtime
    shutil.rmtree(folder, ignore_errors=True)
    first = run(app, "downtime", "write")
    assert str(folder) in first.output
    assert "young enough" in run(app, "downtime", "write").output
    shutil.rmtree(folder)


def test_keys_are_rotated_and_retired_from_the_command_line(tmp_path: Path) -> None:
    """In processes of their own, from nothing, as on a server; a kill in between is made good by the next run."""
    surroundings = {"PATH": os.environ["PATH"], "INTAKE_MODE": "development", "INTAKE_INSTANCE": str(tmp_path)}

    def flask(*words: str, is_killed: bool = False) -> tuple[int, str]:
        command = [sys.executable, "-m", "flask", "--app", "wsgi", *words]
        process = subprocess.Popen(
            command, cwd=ROOT, env=surroundings, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        if is_killed:
            while process.poll() is None and '"current": 2' not in (tmp_path / "keys.json").read_text():
                continue
            process.kill()
        output, _ = process.communicate(timeout=120)
        return process.returncode, output

    assert flask("db", "upgrade")[0] == 0
    _add_patients(tmp_path, 4000)
    assert flask("keys", "rotate", is_killed=True)[0] == -9
    heads = _heads(tmp_path)
    assert heads.get(b"\x01\x00\x01", 0) > 0, "it was killed too late for this test to mean anything"
    code, output = flask("keys", "rotate")
    assert (code, "Going on under key 2." in output) == (0, True), output
    assert _heads(tmp_path) == {b"\x01\x00\x02": 4000}
    code, output = flask("keys", "retire", "1")
    assert (code, "changed a moment ago" in output) == (1, True)
    long_ago = (datetime.now(UTC) - timedelta(hours=1)).timestamp()
    os.utime(tmp_path / "keys.json", (long_ago, long_ago))
    code, output = flask("keys", "retire", "1")
    assert (code, "is out of the ring" in output) == (0, True)
    assert (tmp_path / "keys.json.with-key-1").exists()


def _add_patients(folder: Path, count: int) -> None:
    from uuid import uuid4

    from intake.keyring import KeyRing

    ours = KeyRing()
    ours.load(folder / "keys.json")
    with closing(sqlite3.connect(folder / "intake.db")) as connection:
        site = uuid4()
        connection.execute(
            "INSERT INTO site (id, name, timezone, slot_minutes, starts_per_slot, phone, address) "
            "VALUES (?, 'Denver', 'America/Denver', 15, 1, '', '')",
            (site.hex,),
        )
        columns = "id, home_site_id, given_name, family_name, born_on, email, phone_sealed, may_leave_message, "
        columns += "place_in_calendar, preparation_in_messages, created_at"
        for _ in range(count):
            key = uuid4()
            sealed = ours.seal(b"3035550123", f"patient.phone:{key}".encode())
            connection.execute(
                f"INSERT INTO patient ({columns}) "  # noqa: S608 our own names
                "VALUES (?, ?, 'A', 'B', '1980-01-01', 'x', ?, 0, 0, 0, '2026-01-01 00:00:00.000000')",
                (key.hex, site.hex, sealed),
            )
        connection.commit()


def _heads(folder: Path) -> dict[bytes, int]:
    with closing(sqlite3.connect(folder / "intake.db")) as connection:
        rows = connection.execute(
            "SELECT substr(phone_sealed, 1, 3), count(*) FROM patient WHERE phone_sealed IS NOT NULL GROUP BY 1"
        )
        return dict(rows.fetchall())
