"""Fields of the protocol form: whole numbers and times of day, each saying what to enter."""

from __future__ import annotations

from typing import Any

from wtforms.validators import ValidationError

from intake.domain.clinic_time import MIDNIGHT, format_clock, parse_clock
from intake.domain.errors import DomainError
from intake.web.forms import TextField

MOST_DIGITS = 4


class WholeField(TextField):
    """A whole number from 0 on; `number` once it is valid, None where an optional one is left empty."""

    number: int | None = None

    def __init__(self, label: str, *, is_optional: bool = False, **kw: Any):
        super().__init__(label, **kw)
        self.is_optional = is_optional
        self.flags.optional = is_optional

    def show(self, value: int | None) -> None:
        """Begin with a value."""
        self.data = "" if value is None else str(value)

    def pre_validate(self, form: Any) -> None:
        """Read the number, or say how to write it."""
        super().pre_validate(form)
        self.number = None
        if self.is_optional and not self.data:
            return
        if not (self.data.isascii() and self.data.isdigit() and len(self.data) <= MOST_DIGITS):
            raise ValidationError("Enter a whole number, such as 6.")
        self.number = int(self.data)


class TimeField(TextField):
    """A time of day that may be left empty; `minutes` after midnight once it is valid."""

    minutes: int | None = None

    def show(self, text: str | None) -> None:
        """Begin with a value as rules have it, "10:00"."""
        self.data = text or ""

    def pre_validate(self, form: Any) -> None:
        """Read the time, or say how to write it."""
        super().pre_validate(form)
        self.minutes = None
        if not self.data:
            return
        try:
            self.minutes = parse_clock(self.data)
        except DomainError:
            raise ValidationError("Enter a time such as 10:00.") from None
        if self.minutes >= MIDNIGHT:
            raise ValidationError("Enter a time such as 10:00.")

    @property
    def text(self) -> str | None:
        """The time as rules have it; None for an empty one."""
        return None if self.minutes is None else format_clock(self.minutes)
