"""Reading JSON objects key by key; what is missing or of the wrong kind is refused with its key."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any, NoReturn

from intake.domain.clinic_time import parse_clock
from intake.domain.errors import DomainError
from intake.domain.scheduling.values import WEEKDAYS, Span

MOST_QUOTED = 40
_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
FIRST_YEAR, LAST_DATE = 1900, date(8999, 12, 31)
"""Dates beyond stand for "no limit"; reading them as the last one keeps sums of dates possible."""


def refuse(key: str, why: str) -> NoReturn:
    """Raise the `DomainError` that blames a key."""
    raise DomainError(f"{key}: {why}", field=key)


def _shown(value: Any) -> str:
    """A value as a refusal quotes it: cut short."""
    text = repr(value)
    return text if len(text) <= MOST_QUOTED else f"{text[:MOST_QUOTED]}…"


class Fields:
    """One JSON object and where it stands, for example `site`; a list's entries carry the list's name."""

    def __init__(self, raw: Mapping[str, Any], path: str) -> None:
        self._raw = raw
        self.path = path

    @classmethod
    def of(cls, raw: Any, path: str) -> Fields:
        """Wrap a value that must be an object."""
        if not isinstance(raw, dict):
            refuse(path or "case", "is not an object")
        return cls(raw, path)

    def __contains__(self, name: str) -> bool:
        return name in self._raw

    def has(self, name: str) -> bool:
        """Whether the key is there and not null."""
        return self._raw.get(name) is not None

    def key(self, name: str) -> str:
        """The whole name of a key, for a refusal."""
        return f"{self.path}.{name}" if self.path else name

    def value(self, name: str) -> Any:
        """What stands under a key that must be there."""
        if name not in self._raw:
            refuse(self.key(name), "missing")
        return self._raw[name]

    def pairs(self) -> Iterator[tuple[str, Any]]:
        """The keys and values of an object whose keys are free, such as weekdays."""
        yield from self._raw.items()

    def inner(self, name: str) -> Fields:
        """The object under a key."""
        return Fields.of(self.value(name), self.key(name))

    def items(self, name: str, *, default: Iterable[Any] | None = None) -> list[Any]:
        """The list under a key; the default when the key is left out."""
        if default is not None and name not in self._raw:
            return list(default)
        found = self.value(name)
        if not isinstance(found, list):
            refuse(self.key(name), "is not a list")
        return found

    def entries(self, name: str, *, default: Iterable[Any] | None = None) -> list[Fields]:
        """The list of objects under a key."""
        return [Fields.of(entry, self.key(name)) for entry in self.items(name, default=default)]

    def text(self, name: str, *, default: str | None = None) -> str:
        """The text under a key."""
        if default is not None and name not in self._raw:
            return default
        return self._text_in(name, self.value(name))

    def texts(self, name: str, *, default: Iterable[str] | None = None) -> frozenset[str]:
        """The list of texts under a key."""
        return frozenset(self._text_in(name, entry) for entry in self.items(name, default=default))

    def _text_in(self, name: str, value: Any) -> str:
        if not isinstance(value, str):
            refuse(self.key(name), f"{_shown(value)} is not a text")
        return value

    def whole(self, name: str, *, least: int = 0) -> int:
        """The whole number under a key, not below `least`."""
        return self.whole_in(name, self.value(name), least=least)

    def whole_in(self, name: str, value: Any, *, least: int = 0) -> int:
        """A value under a key as a whole number, not below `least`."""
        if not isinstance(value, int) or isinstance(value, bool):
            refuse(self.key(name), f"{_shown(value)} is not a whole number")
        if value < least:
            refuse(self.key(name), f"{value} is below {least}")
        return value

    def whole_pair_in(self, name: str, value: Any) -> tuple[int, int]:
        """A value under a key as two whole numbers."""
        first, second = self._two_in(name, value)
        return self.whole_in(name, first), self.whole_in(name, second)

    def _two_in(self, name: str, value: Any) -> Sequence[Any]:
        if not isinstance(value, list) or len(value) != 2:
            refuse(self.key(name), f"{_shown(value)} is not a pair")
        return value

    def day(self, name: str) -> date:
        """The date under a key."""
        return self.day_in(name, self.value(name))

    def day_in(self, name: str, value: Any) -> date:
        """A value under a key as a date, YYYY-MM-DD and nothing else."""
        try:
            text = self._text_in(name, value)
            found = date.fromisoformat(text if _DATE.fullmatch(text) else "")
        except ValueError:
            refuse(self.key(name), f"{_shown(value)} is not a date")
        if found.year < FIRST_YEAR:
            refuse(self.key(name), f"{_shown(value)} lies before {FIRST_YEAR}")
        return min(found, LAST_DATE)

    def clock(self, name: str) -> int:
        """The time of day under a key, in minutes after midnight."""
        return self.clock_in(name, self.value(name))

    def clock_in(self, name: str, value: Any) -> int:
        """A value under a key as minutes after midnight."""
        try:
            return parse_clock(self._text_in(name, value))
        except DomainError:
            refuse(self.key(name), f"{_shown(value)} is not a time of day")

    def moment(self, name: str) -> tuple[date, int]:
        """The local date-time under a key as a date and minutes after midnight."""
        value = self.text(name)
        day, mark, clock = value.partition("T")
        if not mark:
            refuse(self.key(name), f"{_shown(value)} is not a date and a time")
        return self.day_in(name, day), self.clock_in(name, clock)

    def span(self, *, may_be_empty: bool = False) -> Span:
        """The span of this object's own `from` and `to`."""
        return self._span(self.path, self.clock("from"), self.clock("to"), may_be_empty)

    def spans_in(self, name: str, value: Any) -> tuple[Span, ...]:
        """A value under a key as a list of `[from, to]`."""
        if not isinstance(value, list):
            refuse(self.key(name), f"{_shown(value)} is not a list of intervals")
        pairs = [self._two_in(name, entry) for entry in value]
        ends = [(self.clock_in(name, first), self.clock_in(name, last)) for first, last in pairs]
        return tuple(self._span(self.key(name), start, end) for start, end in ends)

    @staticmethod
    def _span(key: str, start: int, end: int, may_be_empty: bool = False) -> Span:
        if start > end or (start == end and not may_be_empty):
            refuse(key, "an interval crosses midnight or ends before it starts")
        return start, end

    def weekday_in(self, name: str, value: Any) -> int:
        """A weekday under a key, as `date.weekday()` counts."""
        if value not in WEEKDAYS:
            refuse(self.key(name), f"{_shown(value)} is not a weekday")
        return WEEKDAYS.index(value)
