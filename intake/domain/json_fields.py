"""Reading a parsed JSON object strictly: every key known, every value of its type."""

from __future__ import annotations

import json
import math
from collections.abc import Collection
from enum import StrEnum
from functools import cache
from typing import Any, NoReturn, TypeVar

from intake.domain.errors import DomainError

E = TypeVar("E", bound=StrEnum)
_NUMBERS = (int, float)


def loads(text: str | bytes) -> Any:
    """Parse JSON; NaN and Infinity are refused. Raises `DomainError` for what is not JSON."""
    try:
        return json.loads(text, parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        raise DomainError("not JSON") from None


def _refuse_constant(_constant: str) -> NoReturn:
    raise ValueError


class Fields:
    """The keys of one JSON object. What is wrong is raised as `DomainError` "<where>, <key>: <why>"."""

    def __init__(self, value: object, where: str, *, allowed: Collection[str], required: Collection[str] = ()) -> None:
        self.where = where
        if not isinstance(value, dict):
            raise DomainError(f"{where}: not an object")
        self._values: dict[str, Any] = value
        for key in value:
            if key not in allowed:
                self.refuse(str(key), "unknown key")
        for key in required:
            if key not in value:
                self.refuse(key, "missing")

    def refuse(self, key: str, why: str) -> NoReturn:
        """Raise the error for a key."""
        raise DomainError(f"{self.where}, {key}: {why}")

    def has(self, key: str) -> bool:
        """Whether the key is there with a value other than null."""
        return self._values.get(key) is not None

    def raw(self, key: str, default: object = None) -> object:
        """The value as parsed, or the default."""
        return self._values.get(key, default)

    def text(self, key: str) -> str:
        """A text that is not blank."""
        value = self._values.get(key)
        if not isinstance(value, str) or not value.strip():
            self.refuse(key, "not a text")
        return value

    def flag(self, key: str) -> bool:
        """true or false; false when left out."""
        value = self._values.get(key, False)
        if not isinstance(value, bool):
            self.refuse(key, "neither true nor false")
        return value

    def choice(self, key: str, values: type[E], default: E) -> E:
        """A code of an enum, or the default when left out."""
        if key not in self._values:
            return default
        value = self._values[key]
        found: E | None = _codes(values).get(value) if isinstance(value, str) else None
        if found is None:
            self.refuse(key, f"not one of {', '.join(values)}")
        return found

    def positive(self, key: str, *, allows_null: bool = False) -> float | None:
        """A number above 0, None when left out (or null where allowed)."""
        if key not in self._values or (allows_null and self._values[key] is None):
            return None
        value = self._values[key]
        if isinstance(value, bool) or not isinstance(value, _NUMBERS) or not _is_finite(value):
            self.refuse(key, "not a number")
        if value <= 0:
            self.refuse(key, "not above 0")
        return value

    def items(self, key: str) -> list[object]:
        """A list."""
        value = self._values.get(key)
        if not isinstance(value, list):
            self.refuse(key, "not a list")
        return value


@cache
def _codes(values: type[E]) -> dict[str, E]:
    return {code.value: code for code in values}


def _is_finite(value: float) -> bool:
    try:
        return math.isfinite(value)
    except OverflowError:  # a whole number too long for a float
        return False
