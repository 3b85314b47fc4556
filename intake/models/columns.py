"""Column types and the base of rows with a key of their own."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, NoReturn, overload
from uuid import UUID

from sqlalchemy import DateTime, Dialect, String
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import TypeDecorator
from uuid_utils.compat import uuid7

from intake.extensions import Base, ring


class UtcDateTime(TypeDecorator[datetime]):
    """An instant. Refuses naive values, stores UTC, answers aware ones, on both databases."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a naive instant cannot be stored")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Code(TypeDecorator[Any]):
    """A member of one `StrEnum`, kept as its text; anything else is refused when written."""

    impl = String(40)
    cache_ok = True

    def __init__(self, codes: type[StrEnum]) -> None:
        super().__init__()
        self.codes = codes

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else self.codes(value).value

    def process_result_value(self, value: str | None, dialect: Dialect) -> StrEnum | None:
        return None if value is None else self.codes(value)


class Record(Base):
    """A row with a UUIDv7 key that exists before any other attribute is set."""

    __abstract__ = True

    id: Mapped[UUID] = mapped_column(primary_key=True)

    def __init__(self, **values: Any) -> None:
        self.id = values.pop("id", None) or uuid7()  # first: sealed attributes are bound to it
        super().__init__(**values)


def seal_place(table: str, name: str, row_id: UUID) -> bytes:
    """What the sealed value `name` of one row is bound to; it stands in the column `<name>_sealed`."""
    return f"{table}.{name}:{row_id}".encode()


class Encrypted:
    """A text kept sealed in the `<name>_sealed` column, bound to its table, column and row."""

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name
        self.column = f"{name}_sealed"

    @overload
    def __get__(self, row: None, owner: type) -> Encrypted: ...
    @overload
    def __get__(self, row: Record, owner: type) -> str | None: ...
    def __get__(self, row: Record | None, owner: type) -> Encrypted | str | None:
        if row is None:
            return self
        blob = getattr(row, self.column)
        return None if blob is None else ring.open(blob, self._place(row)).decode()

    def __set__(self, row: Record, value: str | None) -> None:
        if value == self.__get__(row, type(row)):
            return  # a fresh nonce must not make the row dirty
        setattr(row, self.column, None if value is None else ring.seal(value.encode(), self._place(row)))

    def __eq__(self, other: object) -> NoReturn:
        raise TypeError(f"{self.name} is sealed: it cannot be compared in a query")

    __hash__ = object.__hash__

    def __clause_element__(self) -> NoReturn:
        raise TypeError(f"{self.name} is sealed: it cannot be selected")

    def _place(self, row: Record) -> bytes:
        return seal_place(row.__tablename__, self.name, row.id)


class EncryptedJson(Encrypted):
    """The same for a JSON value; read and written whole."""

    @overload
    def __get__(self, row: None, owner: type) -> Encrypted: ...
    @overload
    def __get__(self, row: Record, owner: type) -> Any: ...
    def __get__(self, row: Record | None, owner: type) -> Any:
        if row is None:
            return self
        text = super().__get__(row, owner)
        return None if text is None else json.loads(text)

    def __set__(self, row: Record, value: Any) -> None:
        if value == self.__get__(row, type(row)):
            return
        text = None if value is None else json.dumps(value, ensure_ascii=False)
        setattr(row, self.column, None if text is None else ring.seal(text.encode(), self._place(row)))
