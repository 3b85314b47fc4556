"""The request for a consultation: lists, names and numbers; no free text."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any
from uuid import UUID

from wtforms import FormField, HiddenField, RadioField, SelectField
from wtforms.fields.choices import SelectChoice
from wtforms.form import Form as PlainForm
from wtforms.validators import DataRequired, InputRequired, Length, ValidationError

from intake.domain.errors import DomainError
from intake.domain.requests import (
    REACH_BY_WORDS,
    REACH_WHEN_WORDS,
    REASON_WORDS,
    ReachBy,
    ReachWhen,
    Reason,
)
from intake.services.people import RequestDetails
from intake.web.forms import EmailField, Form, TextField

LONGEST_NAME = 80
LONGEST_PHONE = 30


class BirthDate(PlainForm):  # type: ignore[misc]  # wtforms has no types
    """Month, day and year as numbers; faults of the whole stand at the month."""

    month = TextField("Month")
    day = TextField("Day")
    year = TextField("Year")

    def validate_month(self, field: Any) -> None:
        """The three parts must make a date; a year has four digits."""
        if not (self.month.data and self.day.data and self.year.data):
            raise ValidationError("Enter your date of birth: month, day and year.")
        if self.value() is None:
            raise ValidationError("Enter the date of birth in numbers, such as 4 27 1984.")

    def value(self) -> date | None:
        """The date, None where the parts make none."""
        parts = (self.year.data, self.month.data, self.day.data)
        if not all(part and part.isascii() and part.isdigit() and len(part) <= 4 for part in parts):
            return None
        if len(parts[0]) != 4:
            return None
        try:
            return date(*map(int, parts))
        except ValueError:
            return None


def choices_of(words: dict[Any, str]) -> list[SelectChoice]:
    """The answers of a list, in its order."""
    return [SelectChoice(code.value, text) for code, text in words.items()]


def one_of(label: str, words: dict[Any, str], missing: str) -> RadioField:
    """A question with given answers."""
    return RadioField(label, [InputRequired(missing)], choices=choices_of(words))


class RequestForm(Form):
    """What we need to get in touch."""

    request_key = HiddenField()
    site_id = SelectField("Where would you like to come?", [InputRequired("Choose a site.")])
    given_name = TextField(
        "First name", [DataRequired("Enter your first name."), Length(max=LONGEST_NAME, message="This is too long.")]
    )
    family_name = TextField(
        "Last name", [DataRequired("Enter your last name."), Length(max=LONGEST_NAME, message="This is too long.")]
    )
    born_on = FormField(BirthDate, "Date of birth")
    email = EmailField("E-mail address")
    phone = TextField(
        "Telephone",
        [DataRequired("Enter a telephone number."), Length(max=LONGEST_PHONE, message="This is too long.")],
    )
    reason = one_of("What brings you here?", REASON_WORDS, "Choose what brings you here.")
    reach_by = one_of("How should we get in touch?", REACH_BY_WORDS, "Choose how we should get in touch.")
    reach_when = one_of("When should we get in touch?", REACH_WHEN_WORDS, "Choose when we should get in touch.")

    def offer_sites(self, sites: Iterable[Any]) -> None:
        """The sites to choose from; one alone is not asked for."""
        self.site_id.choices = [SelectChoice(str(site.id), site.name) for site in sites]
        if len(self.site_id.choices) == 1:
            only = self.site_id.choices[0].value
            self.site_id.data, self.site_id.raw_data = only, [only]

    def key(self) -> UUID | None:
        """The key that makes a second press of the button harmless; None when it was tampered with."""
        try:
            return UUID(self.request_key.data or "")
        except ValueError:
            return None

    def to_details(self) -> RequestDetails:
        """What the service takes. Call only after validation."""
        born_on = self.born_on.form.value()
        assert born_on is not None  # validated
        return RequestDetails(
            site_id=UUID(self.site_id.data),
            given_name=self.given_name.data,
            family_name=self.family_name.data,
            born_on=born_on,
            email=self.email.address,
            phone=self.phone.data,
            reason=Reason(self.reason.data),
            reach_by=ReachBy(self.reach_by.data),
            reach_when=ReachWhen(self.reach_when.data),
        )

    def blame(self, error: DomainError) -> None:
        """A birth date's refusal stands at its first part."""
        if error.field == "born_on":
            month = self.born_on.form.month
            month.errors = [*month.errors, error.message]
            return
        super().blame(error)
