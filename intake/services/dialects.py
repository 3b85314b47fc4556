"""The one place where the two databases differ: INSERT … ON CONFLICT."""

from __future__ import annotations

from typing import Any, cast

from sqlalchemy import Connection
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

_INSERT: dict[str, Any] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


def dialect_of(session: Session) -> str:
    """`sqlite` or `postgresql`."""
    bind = session.get_bind()
    return (bind.engine if isinstance(bind, Connection) else bind).dialect.name


def insert(session: Session, model: type) -> postgresql.Insert:
    """An INSERT that knows ON CONFLICT. Both databases take the same methods, so one type stands for both."""
    return cast(postgresql.Insert, _INSERT[dialect_of(session)](model))
