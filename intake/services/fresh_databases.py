"""Databases that are not there yet: what a backup is restored into, for good or for a drill."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import URL, text
from sqlalchemy.exc import DBAPIError

from intake.extensions import db
from intake.services.backups import SQLITE
from intake.services.database_dumps import private_folder
from intake.services.sealed_files import FileRefused

DRILL = "intake_drill_"
DRILL_TIME = "%Y%m%d%H%M"
FORGOTTEN = timedelta(hours=6)
_NAME = re.compile(r"[a-z_][a-z0-9_]{0,62}")
ENCODING = "ENCODING 'UTF8' TEMPLATE template0"


def sqlite_at(path: Path) -> URL:
    """The URL of a file that is not there; raises `FileRefused` where something is, or the folder is not."""
    if path.exists() or path.is_symlink():
        raise FileRefused(f"{path} is there already, and is not replaced")
    if not path.parent.is_dir():
        raise FileRefused(f"{path.parent} is no folder")
    return URL.create("sqlite", database=str(path.resolve()))


@contextmanager
def postgresql_named(name: str) -> Iterator[URL]:
    """A new database on the configured server; dropped again when what is done with it fails.

    Raises `FileRefused` for a name that is taken or is none, and where the account may not make databases.
    """
    if not _NAME.fullmatch(name):
        raise FileRefused("the name of a database has lower case letters, digits and _ only")
    if db.engine.dialect.name == SQLITE:
        raise FileRefused("this is a backup of PostgreSQL: set DATABASE_URL to the server that is to hold it")
    try:
        _run(f'CREATE DATABASE "{name}" {ENCODING}')
    except DBAPIError as error:
        why = "there is one of that name" if getattr(error.orig, "sqlstate", "") == "42P04" else "the server refused"
        raise FileRefused(f"the database {name} cannot be made: {why}") from error
    try:
        yield db.engine.url.set(database=name)
    except BaseException:
        _drop(name)
        raise


@contextmanager
def temporary(kind: str, near: Path, now: datetime) -> Iterator[URL]:
    """A place for one drill, gone afterwards; so is what a killed drill left behind hours ago. Files lie in `near`."""
    if kind == SQLITE:
        with private_folder(near, "drill", now) as folder:
            yield sqlite_at(folder / "intake.db")
        return
    if db.engine.dialect.name != SQLITE:
        _drop_forgotten(now)
    name = f"{DRILL}{now.astimezone(UTC):{DRILL_TIME}}_{secrets.token_hex(4)}"
    with postgresql_named(name) as url:
        yield url
        _drop(name)


def _drop_forgotten(now: datetime) -> None:
    with db.engine.connect() as connection:
        names = connection.scalars(text("SELECT datname FROM pg_database")).all()
    for name in names:
        if (
            name.startswith(DRILL)
            and _NAME.fullmatch(name)
            and name < f"{DRILL}{now.astimezone(UTC) - FORGOTTEN:{DRILL_TIME}}"
        ):
            _drop(name)


def _drop(name: str) -> None:
    _run(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def _run(statement: str) -> None:
    """CREATE and DROP DATABASE take no parameters and no transaction; names were checked letter by letter."""
    with db.engine.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT").exec_driver_sql(statement)
