"""Every column that holds sealed values, and which key each value lies under. New tables count by themselves."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Column, ColumnElement, LargeBinary, Table, case, func, select
from sqlalchemy.orm import Session

from intake.extensions import Base
from intake.keyring import HEAD_BYTES, head_of
from intake.models.columns import seal_place

SUFFIX = "_sealed"


@dataclass(frozen=True, slots=True)
class SealedColumn:
    """One column of sealed values, in a table whose key is `id`."""

    table: Table
    column: Column[bytes]

    @property
    def label(self) -> str:
        """How it is named to a person: "patient.phone"."""
        return f"{self.table.name}.{self.name}"

    @property
    def name(self) -> str:
        """The name that its values are bound to, without the ending."""
        return self.column.name.removesuffix(SUFFIX)

    @property
    def id(self) -> Column[UUID]:
        """The key of its rows."""
        return self.table.c.id

    @property
    def head(self) -> ColumnElement[bytes]:
        """The first bytes of a value, which name its key."""
        return func.substr(self.column, 1, HEAD_BYTES, type_=LargeBinary)

    def place(self, row_id: UUID) -> bytes:
        """What the value of that row is bound to."""
        return seal_place(self.table.name, self.name, row_id)


def sealed_columns() -> Sequence[SealedColumn]:
    """All of them, by table."""
    return [
        SealedColumn(table, column)
        for _, table in sorted(Base.metadata.tables.items())
        for column in table.columns
        if column.name.endswith(SUFFIX)
    ]


def values_by_key(session: Session, numbers: Iterable[int]) -> dict[int, int]:
    """How many sealed values lie under each of these keys; keys without any are left out.

    Counted in one pass without grouping: SQLite would sort the values themselves, whole documents included.
    """
    found: Counter[int] = Counter()
    wanted = sorted(numbers)
    for one in sealed_columns():
        sums = [func.count(case((one.head == head_of(number), 1))) for number in wanted]
        counts = session.execute(select(*sums).select_from(one.table)).one() if sums else ()
        found.update(dict(zip(wanted, counts, strict=True)))
    return {number: count for number, count in sorted(found.items()) if count}


def values_under(session: Session, number: int) -> dict[str, int]:
    """How many values lie under one key, by column; columns without any are left out."""
    return _counted(session, lambda one: one.head == head_of(number))


def values_not_under(session: Session, number: int) -> dict[str, int]:
    """How many values lie under any other key, by column; columns without any are left out."""
    return _counted(session, lambda one: one.head != head_of(number))


def _counted(session: Session, which: Callable[[SealedColumn], ColumnElement[bool]]) -> dict[str, int]:
    counts = {
        one.label: session.scalar(select(func.count()).select_from(one.table).where(which(one))) or 0
        for one in sealed_columns()
    }
    return {label: count for label, count in counts.items() if count}
