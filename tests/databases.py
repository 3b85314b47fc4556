"""Databases with all tables: migrated once per kind by the real migrations, then copied."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any
from uuid import uuid4

import flask_migrate
from flask import Flask, before_render_template
from sqlalchemy import text

import intake.account
import intake.desk
import intake.manage
import intake.patient
import intake.provider
import intake.public
from config import ROOT, Config
from intake import create_app
from intake.extensions import db, write_intent
from tests.machine import find_postgresql, refuse
from tests.postgres import Cluster

AREAS = (intake.account, intake.desk, intake.manage, intake.patient, intake.provider, intake.public)
"""Imported here, so that each takes the real clock before a test freezes it."""
KINDS = ("sqlite", "postgresql")
TEMPLATE = "intake_template"
rendered_in_a_write: list[str] = []
"""Pages that were rendered while a transaction was open, by any test; each makes the test fail that did it."""


class Databases:
    """Makes databases and the apps on them. All apps of one run share one key ring, as processes of one clinic do."""

    def __init__(self, folder: Path, *, durable: bool = False) -> None:
        self.folder = folder
        self._durable = durable
        self._cluster: Cluster | None = None
        self._migrated: set[str] = set()

    def cluster(self) -> Cluster:
        """The PostgreSQL server, started when it is first needed."""
        if self._cluster is None:
            programs = find_postgresql()
            if programs is None:
                refuse("postgresql", "PostgreSQL is not installed")
            self._cluster = Cluster(programs, durable=self._durable)
        return self._cluster

    def empty(self, kind: str) -> str:
        """The URL of a new database without any table."""
        name = f"intake_{uuid4().hex[:12]}"
        return self.cluster().create(name) if kind == "postgresql" else self._sqlite_url(name)

    def fresh(self, kind: str) -> str:
        """The URL of a new database with all tables and no rows."""
        self._migrate(kind)
        name = f"intake_{uuid4().hex[:12]}"
        if kind == "postgresql":
            return self.cluster().create(name, TEMPLATE)
        shutil.copyfile(self.folder / f"{TEMPLATE}.db", self.folder / f"{name}.db")
        return self._sqlite_url(name)

    def app(self, url: str, base_url: str = "http://localhost") -> Flask:
        """An app in testing mode on the database of that URL; it notes pages that are rendered inside a transaction."""
        made = create_app(
            Config(
                mode="testing",
                instance=self.folder,
                database_url=url,
                key_file=self.folder / "keys.json",
                base_url=base_url,
                mail_url=f"file:{self.folder / 'mail'}",
                mail_sender="Front desk <desk@clinic.example.org>",
            )
        )
        before_render_template.connect(_note_a_write, made)
        return made

    def close(self) -> None:
        """Stop the server, if there is one."""
        if self._cluster is not None:
            self._cluster.stop()

    def _sqlite_url(self, name: str) -> str:
        return f"sqlite:///{self.folder / f'{name}.db'}"

    def _migrate(self, kind: str) -> None:
        if kind in self._migrated:
            return
        url = self.cluster().create(TEMPLATE) if kind == "postgresql" else self._sqlite_url(TEMPLATE)
        app = self.app(url)
        with app.app_context():
            flask_migrate.upgrade(directory=str(ROOT / "migrations"))
            if kind == "sqlite":
                with db.engine.connect() as connection:  # so that the copy is whole without its log file
                    connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
            db.engine.dispose()
        self._migrated.add(kind)


def delete_all_rows(app: Flask) -> None:
    """Empty every table, whatever points where."""
    tables = [f'DELETE FROM "{name}"' for name in db.metadata.tables]  # noqa: S608 names of our own tables
    with app.app_context():
        engine = db.engine
        if engine.dialect.name == "sqlite":
            _delete_sqlite(str(engine.url.database), tables)
            return
        with engine.begin() as connection:
            connection.execute(text("SET LOCAL session_replication_role = replica"))  # no foreign key is checked
            connection.execute(text("; ".join(tables)))


def _delete_sqlite(path: str, statements: list[str]) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:  # foreign keys are off unless asked for
        connection.execute("PRAGMA synchronous=OFF")
        connection.executescript("BEGIN IMMEDIATE; " + "; ".join(statements) + "; COMMIT")


def _note_a_write(_app: Flask, template: Any, **_context: Any) -> None:
    if write_intent.get():
        rendered_in_a_write.append(str(template.name))


def check_nothing_is_open(app: Flask) -> None:
    """Fail when a test left a connection out or a write transaction open, or a page was rendered inside one."""
    assert not write_intent.get(), "a transaction() was never left"
    noted = list(rendered_in_a_write)
    rendered_in_a_write.clear()
    assert noted == [], "rendered while a write was open"
    with app.app_context():
        out = getattr(db.engine.pool, "checkedout", int)()
    assert out == 0, f"{out} connection(s) were not given back: a session outside of a request or app context is open"


def check_no_write_is_open(app: Flask) -> None:
    """Fail when the session of a test holds writes that nobody committed. Called while its context is still there."""
    session = db.session()
    left = [*session.new, *session.dirty, *session.deleted]
    assert not left, f"rows were changed and never committed: {sorted({type(row).__name__ for row in left})}"
    if db.engine.dialect.name == "sqlite":
        assert _can_write_sqlite(str(db.engine.url.database)), "a write transaction was left open"
        return
    with db.engine.connect() as connection:
        writers = connection.scalar(
            text(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
                "AND backend_xid IS NOT NULL AND backend_type = 'client backend'"  # not the server's own housekeeping
            )
        )
    assert writers == 0, "a write transaction was left open"


def _can_write_sqlite(path: str) -> bool:
    with closing(sqlite3.connect(path, timeout=0, isolation_level=None)) as connection:
        try:
            connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            return False
        return True
