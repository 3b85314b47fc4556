"""Unbound extensions, and `transaction()`: the one way to write."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, cast

from flask_babel import Babel
from flask_login import LoginManager
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy
from flask_wtf import CSRFProtect
from sqlalchemy import Connection, Engine, MetaData, event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.pool import ConnectionPoolEntry

from intake.keyring import KeyRing

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """Base of all models; typed, unlike `db.Model`."""

    metadata = MetaData(naming_convention=NAMES)


db = SQLAlchemy(metadata=Base.metadata, disable_autonaming=True)
migrate = Migrate()
login_manager = LoginManager()
csrf = CSRFProtect()
babel = Babel()
ring = KeyRing()

write_intent: ContextVar[bool] = ContextVar("write_intent", default=False)
PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=FULL",
    "busy_timeout=5000",
    "foreign_keys=ON",
    "trusted_schema=OFF",
    "secure_delete=ON",
)


def current_session() -> Session:
    """The session of this request or task, typed."""
    return cast(Session, db.session())


@contextmanager
def transaction() -> Iterator[Session]:
    """One write: ends the read that the request began, begins anew, commits or rolls back whole.

    On SQLite it begins IMMEDIATE, so what is read inside is what is decided on. Never hash, plan,
    render or send inside; never nest.
    """
    if write_intent.get():
        raise RuntimeError("a transaction is open already: a service never calls another public service")
    session = current_session()
    session.rollback()
    token = write_intent.set(True)
    try:
        yield session
        session.commit()
    except BaseException:
        session.rollback()
        raise
    finally:
        write_intent.reset(token)


def prepare_engine(engine: Engine) -> None:
    """Set what each connection needs; called once for each engine."""
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _connect_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    else:
        event.listen(engine, "connect", _connect_postgresql)


def _connect_sqlite(connection: DBAPIConnection, _record: ConnectionPoolEntry) -> None:
    raw = cast(sqlite3.Connection, connection)
    raw.isolation_level = None
    for pragma in PRAGMAS:
        raw.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE" if write_intent.get() else "BEGIN")


def _connect_postgresql(connection: Any, _record: ConnectionPoolEntry) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = '3s'; SET idle_in_transaction_session_timeout = '10s'; SET timezone = 'UTC'")
    connection.commit()
