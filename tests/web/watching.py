"""Watches requests: which rows they write, what they ask, and what is rendered while a write is open."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from flask import Flask, before_render_template
from sqlalchemy import event

from intake.extensions import db, write_intent

Dump = dict[str, set[tuple[Any, ...]]]


def file_of(app: Flask) -> Path:
    """The file behind an app on SQLite."""
    with app.app_context():
        return Path(str(db.engine.url.database))


def dump(file: Path) -> Dump:
    """Every row of every table; of sessions all but when they were last seen."""
    with closing(sqlite3.connect(file)) as connection:
        tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        found = {}
        for table in tables:
            columns = [row[1] for row in connection.execute(f'PRAGMA table_info("{table}")')]
            kept = ", ".join(f'"{name}"' for name in columns if name != "last_seen_at")
            found[table] = set(connection.execute(f'SELECT {kept} FROM "{table}"'))  # noqa: S608
        return found


def changed(before: Dump, after: Dump) -> dict[str, int]:
    """How many rows came, went or became other ones, by table; new audit rows do not count."""
    found = {table: len(rows ^ after[table]) for table, rows in before.items()}
    found["audit_row"] = len(before["audit_row"] - after["audit_row"])
    return {table: count for table, count in found.items() if count}


@contextmanager
def no_write_while_rendering(file: Path) -> Iterator[list[str]]:
    """Notes every template that is rendered while somebody holds the right to write."""
    noted: list[str] = []

    def look(_app: Flask, template: Any, **_context: Any) -> None:
        with closing(sqlite3.connect(file, timeout=0, isolation_level=None)) as other:
            try:
                other.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError:
                noted.append(str(template.name))
        if write_intent.get():
            noted.append(str(template.name))

    with before_render_template.connected_to(look):
        yield noted


@contextmanager
def rendered() -> Iterator[list[str]]:
    """The names of the templates that are rendered meanwhile."""
    names: list[str] = []

    def note(_app: Flask, template: Any, **_context: Any) -> None:
        names.append(str(template.name))

    with before_render_template.connected_to(note):
        yield names


@contextmanager
def counted(app: Flask) -> Iterator[list[str]]:
    """Every statement that is sent to the database meanwhile."""
    said: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        said.append(statement)

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield said
    finally:
        event.remove(engine, "before_cursor_execute", note)
