"""Fields that only providers' forms have: dates, times of day, measured numbers, long text, the key of a form."""

from __future__ import annotations

import re
from datetime import date
from typing import Any
from uuid import UUID

from flask import request
from uuid_utils.compat import uuid7
from wtforms import HiddenField, TextAreaField
from wtforms.validators import ValidationError

from intake.domain.clinic_time import parse_clock
from intake.domain.dosing import parse_number
from intake.domain.errors import DomainError
from intake.web.forms import Form, TextField

_US_DAY = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})")
DAY_EXPECTED = "Enter a date such as 12/31/2026."
_CLOCK = re.compile(r"(\d{1,2})(?::(\d{2}))?\s*(am|pm)", re.IGNORECASE)


class LongTextField(TextAreaField):  # type: ignore[misc]  # wtforms has no types here
    """Several lines, stripped; signs that cannot be kept or printed are refused."""

    data: str

    def process_formdata(self, valuelist: list[str]) -> None:
        """Strip what was typed; line ends become one kind."""
        self.data = valuelist[0].replace("\r\n", "\n").strip() if valuelist else ""

    def pre_validate(self, form: Any) -> None:
        """Refuse control characters and what was not UTF-8."""
        plain = (self.data or "").replace("\n", "").replace("\t", "").replace("\u200d", "")
        if not plain.isprintable() or "\ufffd" in plain:
            raise ValidationError("Leave out signs that cannot be printed.")

    @property
    def lines(self) -> tuple[str, ...]:
        """One entry a line, empty ones left out."""
        return tuple(line.strip() for line in (self.data or "").split("\n") if line.strip())


class DayField(TextField):
    """A date; `day` once it is valid. Takes what a date input sends, and 12/31/2026. `missing` is told when empty."""

    day: date

    def __init__(self, label: str, *, missing: str = DAY_EXPECTED, **kw: Any):
        super().__init__(label, **kw)
        self.missing = missing

    def pre_validate(self, form: Any) -> None:
        """Read the date, or say how to write it."""
        super().pre_validate(form)
        match = _US_DAY.fullmatch(self.data)
        text = f"{match[3]}-{int(match[1]):02}-{int(match[2]):02}" if match else self.data
        try:
            self.day = date.fromisoformat(text)
        except ValueError:
            raise ValidationError(DAY_EXPECTED if self.data else self.missing) from None


class ClockField(TextField):
    """A time of day; `minutes` after midnight once it is valid. Takes 14:05, 2:05 pm and 2 pm."""

    minutes: int

    def pre_validate(self, form: Any) -> None:
        """Read the time, or say how to write it."""
        super().pre_validate(form)
        match = _CLOCK.fullmatch(self.data)
        text = f"{int(match[1]) % 12 + 12 * (match[3].lower() == 'pm')}:{match[2] or '00'}" if match else self.data
        try:
            self.minutes = parse_clock(text)
        except DomainError:
            raise ValidationError("Enter a time such as 9:05 am.") from None
        if (match and not 1 <= int(match[1]) <= 12) or self.minutes >= 24 * 60:
            raise ValidationError("Enter a time such as 9:05 am.")


class NumberField(TextField):
    """A number above 0; `number` once it is valid, None where an optional one is left empty. Reads a decimal comma."""

    number: float | None = None

    def __init__(self, label: str, *, expected: str, is_whole: bool = False, is_optional: bool = False, **kw: Any):
        super().__init__(label, **kw)
        self.expected, self.is_whole, self.is_optional = expected, is_whole, is_optional
        self.flags.optional = is_optional

    def pre_validate(self, form: Any) -> None:
        """Read the number, or say how to write it."""
        super().pre_validate(form)
        if self.is_optional and not self.data:
            return
        try:
            self.number = parse_number(self.data, expected=self.expected)
        except DomainError as error:
            raise ValidationError(error.message) from None
        if self.is_whole and self.number != int(self.number):
            raise ValidationError(self.expected)


class KeyForm(Form):
    """A form that creates something: its hidden key is made when it is shown, so that a second press adds nothing."""

    request_key = HiddenField()

    def show_fresh(self) -> None:
        """Give the form its key when it is first shown; one that comes back keeps its own."""
        if request.method == "GET":
            self.request_key.data = str(uuid7())

    @property
    def key(self) -> UUID:
        """The key as sent; raises `DomainError` for one that is none."""
        try:
            return UUID(self.request_key.data or "")
        except ValueError:
            raise DomainError("This form cannot be sent again. Open the page anew.") from None
