"""Forms of the desk. Reasons are codes from a list: the desk types no health text."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from wtforms import DateField, HiddenField, RadioField, SelectField, SelectMultipleField, TextAreaField
from wtforms.fields import FormField
from wtforms.fields.choices import SelectChoice
from wtforms.form import Form as PlainForm
from wtforms.validators import InputRequired, Length, Optional

from intake.desk import wishes
from intake.domain.clinic_time import DAY_NAMES
from intake.domain.closings import FARTHEST_DAYS
from intake.domain.errors import DomainError
from intake.domain.scheduling.values import WEEKDAYS
from intake.web.forms import Form, TextField

REASON_WORDS = {
    "patient-asked": "The patient asked",
    "ill": "Ill",
    "no-ride": "No ride home",
    "ate": "Ate or drank too late",
    "blood-pressure": "Held by a nurse",
    "weather": "Weather or travel",
    "clinic": "The clinic's doing",
    "other": "Another reason",
}
ASKED_BY_WORDS = {"patient": "The patient", "clinic": "The clinic"}
DAY_WORDS = {
    wishes.NOT: "Not",
    wishes.MORNING: "Mornings",
    wishes.AFTERNOON: "Afternoons",
    wishes.ALL_DAY: "All day",
    wishes.HOURS: "Hours",
}
DRIVER_WORDS = {"yes": "A driver is confirmed", "no": "Nobody is known yet"}
FEATURE_WORDS = {"private": "A private room", "wheelchair": "Room for a wheelchair", "bariatric": "A bariatric chair"}
LONG_TEXT = 600
OVERBOOK_LENGTH = 300


def choices(words: dict[str, str]) -> list[SelectChoice]:
    """The answers of a list, in its order."""
    return [SelectChoice(code, text) for code, text in words.items()]


class DayForm(PlainForm):  # type: ignore[misc]  # wtforms has no types
    """One weekday: not, a part of the day, or hours of its own; when the driver can come that day."""

    when = RadioField("When", choices=choices(DAY_WORDS), default=wishes.ALL_DAY)
    start = TextField("From", [Length(max=12)])
    end = TextField("To", [Length(max=12)])
    pickup_from = TextField("Driver from", [Length(max=12)])
    pickup_to = TextField("Driver until", [Length(max=12)])

    def spans(self) -> list[list[str]]:
        """The hours in the planning format; raises `DomainError` for `start`, also for hours that would not count."""
        if self.when.data != wishes.HOURS and (self.start.data or self.end.data):
            word = DAY_WORDS.get(self.when.data, "")
            raise DomainError(f"Choose “{DAY_WORDS[wishes.HOURS]}” for these, or empty them for “{word}”.")
        if self.when.data in wishes.SPANS:
            return [wishes.SPANS[self.when.data]]
        return [times_between(self.start.data, self.end.data)] if self.when.data == wishes.HOURS else []

    def fetched(self) -> list[str] | None:
        """When the driver can come that day; raises `DomainError` for `pickup_from`."""
        return _pair(self.pickup_from.data, self.pickup_to.data)

    def fill(self, spans: list[list[str]] | None, fetched: list[str] | None) -> None:
        """Show kept hours."""
        self.when.data = wishes.choice_of(spans)
        if spans and self.when.data == wishes.HOURS:
            self.start.data, self.end.data = spans[0]
        if fetched:
            self.pickup_from.data, self.pickup_to.data = fetched


class WishesForm(Form):
    """When the patient can come and be fetched, what is needed, from when on."""

    request_key = HiddenField()
    mon = FormField(DayForm, DAY_NAMES[0])
    tue = FormField(DayForm, DAY_NAMES[1])
    wed = FormField(DayForm, DAY_NAMES[2])
    thu = FormField(DayForm, DAY_NAMES[3])
    fri = FormField(DayForm, DAY_NAMES[4])
    sat = FormField(DayForm, DAY_NAMES[5])
    sun = FormField(DayForm, DAY_NAMES[6])
    earliest = DateField("Earliest", [Optional()])
    latest_start = DateField("Latest", [Optional()])
    away = TextAreaField("Dates away", [Length(max=LONG_TEXT)])
    driver = RadioField("Who drives home", choices=choices(DRIVER_WORDS), default="yes")
    pickup_from = TextField("From", [Length(max=12)])
    pickup_to = TextField("Until", [Length(max=12)])
    preferred_from = TextField("From", [Length(max=12)])
    preferred_to = TextField("Until", [Length(max=12)])
    needs = SelectMultipleField("Needs")

    def for_site(self, open_days: Iterable[int], features: Iterable[str]) -> None:
        """The weekdays that the site is open, and what its chairs offer."""
        self.days = [self._fields[WEEKDAYS[day]] for day in sorted(set(open_days))]
        self.needs.choices = [SelectChoice(one, FEATURE_WORDS.get(one, one)) for one in sorted(set(features))]

    def fill(self, kept: dict[str, Any]) -> None:
        """Show kept wishes."""
        for field in self.days:
            field.form.fill(
                kept["available"].get(field.name) if "available" in kept else [wishes.SPANS[wishes.ALL_DAY]],
                wishes.own_pickup(kept, field.name),
            )
        self.earliest.data = _day(kept.get("earliest"))
        self.latest_start.data = _day(kept.get("latest_start"))
        self.away.data = wishes.dates_text(kept.get("unavailable_dates", []))
        self.needs.data = kept.get("needs", [])
        self.driver.data = "no" if kept.get("driver") is False else "yes"
        self.pickup_from.data, self.pickup_to.data = wishes.common_pickup(kept) or ["", ""]
        preferred = kept.get("preferred", {})
        self.preferred_from.data, self.preferred_to.data = preferred.get("from", ""), preferred.get("to", "")

    def to_wishes(self, today: date) -> dict[str, Any] | None:
        """The wishes in the planning format; None, with the errors beside the fields, when something cannot be read."""
        available = {field.name: self._read(field.form.start, field.form.spans) or [] for field in self.days}
        fetched = self._read(self.pickup_from, lambda: _pair(self.pickup_from.data, self.pickup_to.data))
        by_day = {field.name: self._read(field.form.pickup_from, field.form.fetched) for field in self.days}
        preferred = self._read(self.preferred_from, lambda: _pair(self.preferred_from.data, self.preferred_to.data))
        found = {
            "available": wishes.weekly(available),
            "pickup": wishes.pickup_of(fetched, by_day),
            "driver": False if self.driver.data == "no" else None,
            "preferred": {"from": preferred[0], "to": preferred[1]} if preferred else None,
            "unavailable_dates": self._read(self.away, lambda: wishes.read_dates(self.away.data or "", today)),
            "needs": self.needs.data,
            "earliest": self.earliest.data.isoformat() if self.earliest.data else None,
            "latest_start": self.latest_start.data.isoformat() if self.latest_start.data else None,
        }
        if not found["available"] and not self.errors:
            self.form_errors.append("Choose at least one day on which the patient can come.")
        self._check_dates(today)
        return None if self.errors else wishes.clean(found)

    def _check_dates(self, today: date) -> None:
        first, last = self.earliest.data, self.latest_start.data
        if first and first < today:
            self.earliest.errors = [*self.earliest.errors, "Choose a day to come."]
        for field in (self.earliest, self.latest_start):
            if field.data and (field.data - today).days > FARTHEST_DAYS:
                field.errors = [*field.errors, "Choose a day within a year."]
        if first and last and last < first:
            self.latest_start.errors = [*self.latest_start.errors, "The latest first day lies before the earliest."]

    @staticmethod
    def _read(field: Any, reader: Any) -> Any:
        try:
            return reader()
        except DomainError as error:
            field.errors = [*field.errors, error.message]
            return None


class CancelForm(Form):
    """Why a time is given up, and who asked."""

    seen = HiddenField()
    asked_by = RadioField("Who cancels?", [InputRequired("Choose who cancels.")], choices=choices(ASKED_BY_WORDS))
    reason = SelectField("Why?", [InputRequired("Choose a reason.")], choices=choices({"": "Choose"} | REASON_WORDS))


class MoveForm(Form):
    """Another time, and why; over the limits only with a reason of its own."""

    seen = HiddenField()
    request_key = HiddenField()
    slot = RadioField("New time", [InputRequired("Choose a time.")], validate_choice=False)
    overbook = TextAreaField("Why it is overbooked", [Length(max=OVERBOOK_LENGTH)])
    reason = SelectField("Why?", [InputRequired("Choose a reason.")], choices=choices({"": "Choose"} | REASON_WORDS))


class VisitForm(Form):
    """A time for a visit that needs no order."""

    request_key = HiddenField()
    slot = RadioField("Time", [InputRequired("Choose a time.")], validate_choice=False)


class BoosterForm(Form):
    """A time for the booster that is due."""

    request_key = HiddenField()
    slot = RadioField("Time", [InputRequired("Choose a time.")], validate_choice=False)


def times_between(start: str | None, end: str | None) -> list[str]:
    """Two typed times as a span; raises `DomainError`."""
    if not start or not end:
        raise DomainError("Enter both times, such as 9 am and 2 pm.")
    span = [wishes.read_time(start), wishes.read_time(end)]
    if span[0] >= span[1]:
        raise DomainError("The second time has to be later than the first.")
    return span


def _pair(start: str | None, end: str | None) -> list[str] | None:
    return times_between(start, end) if start or end else None


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
