"""Reads the answers of one part as they were typed, and collects what is wrong with each of them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from intake.domain.errors import DomainError
from intake.domain.history import partial_dates
from intake.domain.history.partial_dates import PartialDate

Answers = Mapping[str, Any]
"""What was typed, by field: texts, true and false, lists of these. It may be anything: nothing in it is trusted."""
Options = Mapping[str, str]
"""The given answers of a question: code and words."""
YES_NO: Options = {"yes": "Yes", "no": "No"}
UNREADABLE = "Some characters here cannot be read. Type this again without them"
_NUMBER = re.compile(r"([0-9]{1,6}(?:\.[0-9]{1,4})?|\.[0-9]{1,4}) ?(?:mg|milligrams?)?", re.IGNORECASE)
_COMMA = re.compile(r"[0-9]+,[0-9]+")


@dataclass(frozen=True, slots=True)
class Row:
    """One question and its answer in the words that the patient saw."""

    label: str
    value: str | tuple[str, ...]


class AnswerFaults(DomainError):
    """Some answers cannot be read. `faults` has one sentence for each field, in the order of the page."""

    def __init__(self, faults: Mapping[str, str]) -> None:
        super().__init__(next(iter(faults.values())), field=next(iter(faults)))
        self.faults = dict(faults)


class Reader:
    """Reads field by field; `finish` raises what was found. A method that fails notes it and answers with emptiness."""

    def __init__(self, answers: Answers) -> None:
        self.answers = answers
        self.faults: dict[str, str] = {}
        self._prefix = ""

    def row(self, answers: Answers, prefix: str) -> Reader:
        """A reader of one row of this page; its faults stand here, under `prefix` and the field's name."""
        inner = Reader(answers)
        inner.faults, inner._prefix = self.faults, prefix
        return inner

    def fail(self, name: str, message: str) -> None:
        """Note what is wrong with a field; the first fault of a field stands."""
        self.faults.setdefault(self._prefix + name, message)

    def text(self, name: str, *, most: int, missing: str | None = None) -> str:
        """A text on one line, at most `most` characters (the limit is in); `missing` makes it required."""
        return " ".join(self.lines(name, most=most, missing=missing).split())

    def lines(self, name: str, *, most: int, missing: str | None = None) -> str:
        """A text that may have several lines."""
        value = typed(self.answers.get(name)).replace("\r\n", "\n").strip()
        if is_unreadable(value):
            self.fail(name, UNREADABLE)
        elif len(value) > most:
            self.fail(name, f"Shorten this to {most} characters or fewer; it has {len(value)}")
        elif not value and missing:
            self.fail(name, missing)
        return value if self._prefix + name not in self.faults else ""

    def choice(self, name: str, options: Options, missing: str) -> str:
        """One of the given answers."""
        value = typed(self.answers.get(name))
        if value not in options:
            self.fail(name, missing)
            return ""
        return value

    def choices(self, name: str, options: Options) -> tuple[str, ...]:
        """Any of the given answers; others are passed over, as no page offers them."""
        value = self.answers.get(name)
        chosen = value if isinstance(value, list) else []
        return tuple(code for code in options if code in chosen)

    def flag(self, name: str) -> bool:
        """Whether a box is ticked."""
        return self.answers.get(name) in (True, "y", "yes")

    def number(self, name: str, *, ask: str) -> float | None:
        """A number above 0, "mg" behind it allowed; None when empty. `ask` says what to enter."""
        value = typed(self.answers.get(name)).strip()
        if not value:
            return None
        if _COMMA.search(value):
            self.fail(name, "Write the number with a point, such as 37.5")
            return None
        match = _NUMBER.fullmatch(value)
        found = float(match[1]) if match else 0.0
        if found <= 0:
            self.fail(name, ask)
            return None
        return found

    def when(self, name: str, *, today: date) -> PartialDate | None:
        """A remembered date that is not in the future; None when empty."""
        value = typed(self.answers.get(name)).strip()
        if not value:
            return None
        try:
            return partial_dates.parse(value, today=today)
        except DomainError as error:
            self.fail(name, error.message)
            return None

    def finish(self) -> None:
        """Raise `AnswerFaults` when anything was wrong."""
        if self.faults:
            raise AnswerFaults(self.faults)


def typed(value: object) -> str:
    """A field's text; whatever is not text counts as empty."""
    return value if isinstance(value, str) else ""


def is_unreadable(text: str) -> bool:
    """Whether control characters (NUL), half characters or the mark of broken UTF-8 stand in it."""
    return any(sign == "\ufffd" or _is_control(sign) for sign in text)


def _is_control(sign: str) -> bool:
    return unicodedata.category(sign) in ("Cc", "Cs") and sign not in "\n\r\t"
