"""Writing rows of `slot_claim`: many in one statement, taking over what expired holds have left."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import lru_cache
from typing import Any, cast

from sqlalchemy import Connection, CursorResult, Dialect, Table, bindparam, column, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from intake.models.appointments import SlotClaim
from intake.models.columns import UtcDateTime
from intake.services.claim_values import Key, Owner
from intake.services.dialects import dialect_of, insert

TABLE = cast(Table, SlotClaim.__table__)
KEY = ("site_id", "resource", "slot_at")
OWNER = ("appointment_id", "hold_id", "expires_at")
COUNTED = {"preserve_rowcount": True}  # that of an INSERT is dropped otherwise
AS_OF = "as_of"  # a statement is made once in a process: the instant is a parameter of it


def row_of(owner: Owner, key: Key) -> dict[str, Any]:
    """One claim as it is inserted."""
    place = {"site_id": key[0], "resource": key[1], "slot_at": key[2]}
    return place | {"appointment_id": owner.appointment_id, "hold_id": owner.hold_id, "expires_at": owner.expires_at}


def take(session: Session, rows: list[dict[str, Any]], now: datetime) -> set[Key]:
    """Insert claims, taking over those of expired holds. Returns the keys that are now the caller's."""
    if not rows:
        return set()
    _sort(rows)
    new = insert(session, SlotClaim)
    new = new.on_conflict_do_update(
        index_elements=KEY, set_={name: new.excluded[name] for name in OWNER}, where=SlotClaim.expires_at <= now
    )
    asked = new.returning(SlotClaim.site_id, SlotClaim.resource, SlotClaim.slot_at)
    won = session.execute(asked, rows, execution_options={"render_nulls": True})
    return {(site_id, resource, slot) for site_id, resource, slot in won}


def take_all(session: Session, rows: list[dict[str, Any]], now: datetime) -> bool:
    """Insert all of these claims in one statement that only counts. Returns whether they are the caller's.

    On PostgreSQL in a savepoint of its own: after a refusal no lock is left behind, so that units can be tried in the
    order of their keys. On SQLite nobody else writes meanwhile: a refusal there means that chair or person is taken,
    and rolls the caller back.
    """
    if len({(row["site_id"], row["resource"], row["slot_at"]) for row in rows}) < len(rows):
        return False  # one session of the caller's wants what another of them wants
    _sort(rows)
    connection = session.connection()
    if dialect_of(session) == "sqlite":
        return _put_sqlite(connection, rows, now) == len(rows)
    with connection.begin_nested() as step:
        is_mine = _put_postgresql(connection, rows, now) == len(rows)
        if not is_mine:
            step.rollback()
    return is_mine


def _sort(rows: list[dict[str, Any]]) -> None:
    rows.sort(key=lambda row: (row["resource"], row["slot_at"], row["site_id"]))


def _put_sqlite(connection: Connection, rows: list[dict[str, Any]], now: datetime) -> int:
    """One prepared statement, run for each row by the driver. Few values make many rows: each is converted once."""
    text, order, converters = _upsert_of_rows(connection.dialect)
    known: dict[Any, Any] = {None: None}
    given = []
    for row in rows:
        named = row | {AS_OF: now}
        for name in order:
            if named[name] not in known:
                known[named[name]] = converters[name](named[name])
        given.append(tuple(known[named[name]] for name in order))
    return connection.exec_driver_sql(text, given, execution_options=COUNTED).rowcount


def _put_postgresql(connection: Connection, rows: list[dict[str, Any]], now: datetime) -> int:
    """One statement for however many rows: each column travels as an array, so that it is parsed and prepared once."""
    columns: dict[str, Any] = {f"{name}s": [row[name] for row in rows] for name in (*KEY, *OWNER)}
    done = connection.execute(_upsert_of_arrays(), columns | {AS_OF: now}, execution_options=COUNTED)
    return cast("CursorResult[Any]", done).rowcount


@lru_cache(maxsize=1)
def _upsert_of_rows(dialect: Dialect) -> tuple[str, tuple[str, ...], dict[str, Callable[[Any], Any]]]:
    """The statement as text, the order of its parameters, and how the column types store each of them."""
    new = sqlite.insert(TABLE)
    is_over = TABLE.c.expires_at <= bindparam(AS_OF, type_=UtcDateTime)
    new = new.on_conflict_do_update(
        index_elements=KEY, set_={name: new.excluded[name] for name in OWNER}, where=is_over
    )
    compiled = new.compile(dialect=dialect, column_keys=[*KEY, *OWNER])
    order = tuple(compiled.positiontup or ())
    kinds = {name: TABLE.c[name].type for name in (*KEY, *OWNER)} | {AS_OF: UtcDateTime()}
    return (
        str(compiled),
        order,
        {name: kinds[name].dialect_impl(dialect).bind_processor(dialect) or _as_it_is for name in order},
    )


def _as_it_is(value: Any) -> Any:
    return value


@lru_cache(maxsize=1)
def _upsert_of_arrays() -> postgresql.Insert:
    kinds = [(name, TABLE.c[name].type) for name in (*KEY, *OWNER)]
    arrays = [bindparam(f"{name}s", type_=postgresql.ARRAY(kind)) for name, kind in kinds]
    rows = (
        func.unnest(*arrays).table_valued(*(column(name, kind) for name, kind in kinds), name="rows").render_derived()
    )
    new = postgresql.insert(TABLE).from_select([*KEY, *OWNER], select(*rows.c))
    is_over = TABLE.c.expires_at <= bindparam(AS_OF, type_=UtcDateTime)
    return new.on_conflict_do_update(
        index_elements=KEY, set_={name: new.excluded[name] for name in OWNER}, where=is_over
    )
