"""Who the patient is, how to reach them, and what messages may say."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from intake.domain import phones, requests
from intake.domain.errors import DomainError
from intake.domain.form.reader import YES_NO, Answers, Options, Reader, Row, typed
from intake.domain.history import partial_dates

SEXES: Options = {
    "female": "Female",
    "male": "Male",
    "intersex": "Intersex",
    "discuss": "I would rather talk about this",
}


@dataclass(frozen=True, slots=True)
class You:
    """Names, birth date and sex."""

    given_name: str
    family_name: str
    preferred_name: str
    born_on: date
    sex: str


@dataclass(frozen=True, slots=True)
class Reach:
    """How to reach the patient and, with their word, somebody close."""

    phone: str
    may_leave_message: bool
    address: str
    contact_name: str
    contact_phone: str

    @property
    def contact_person(self) -> str:
        """The contact person on one line, empty when none is named."""
        return ", ".join(filter(None, (self.contact_name, phones.phone_words(self.contact_phone))))


@dataclass(frozen=True, slots=True)
class Messages:
    """What calendar files and messages may say."""

    place_in_calendar: bool
    preparation_in_messages: bool


def read_you(answers: Answers, *, today: date) -> You:
    """Raises `AnswerFaults`. A birth date is not in the future and at most 120 years ago."""
    reader = Reader(answers)
    given = reader.text("given_name", most=80, missing="Enter your first name")
    family = reader.text("family_name", most=80, missing="Enter your last name")
    preferred = reader.text("preferred_name", most=80)
    born_on = _birth_date(reader, today)
    sex = reader.choice("sex", SEXES, "Choose one of the answers")
    reader.finish()
    return You(given, family, preferred, born_on, sex)


def read_reach(answers: Answers) -> Reach:
    """Raises `AnswerFaults`. Phone numbers come back in their normal form."""
    reader = Reader(answers)
    phone = _phone(reader, "phone", missing="Enter a phone number where we can reach you")
    may_leave = reader.choice("may_leave_message", YES_NO, "Choose yes or no")
    address = reader.lines("address", most=200, missing="Enter your street address, town, state and ZIP code")
    name = reader.text("contact_name", most=80)
    contact_phone = _phone(reader, "contact_phone")
    if name and not contact_phone:
        reader.fail("contact_phone", "Enter this person's phone number, or leave both empty")
    if contact_phone and not name:
        reader.fail("contact_name", "Enter this person's name, or leave both empty")
    reader.finish()
    return Reach(phone, may_leave == "yes", address, name, contact_phone)


def read_messages(answers: Answers) -> Messages:
    """Raises `AnswerFaults`."""
    reader = Reader(answers)
    place = reader.choice("place_in_calendar", YES_NO, "Choose yes or no")
    preparation = reader.choice("preparation_in_messages", YES_NO, "Choose yes or no")
    reader.finish()
    return Messages(place == "yes", preparation == "yes")


def you_rows(you: You) -> tuple[Row, ...]:
    """The answers in words."""
    born = partial_dates.in_words(partial_dates.read(you.born_on.isoformat()))
    return (
        Row("First name", you.given_name),
        Row("Last name", you.family_name),
        Row("What we call you", you.preferred_name or you.given_name),
        Row("Date of birth", born),
        Row("Sex, for dosing and screening", SEXES[you.sex]),
    )


def reach_rows(reach: Reach) -> tuple[Row, ...]:
    """The answers in words."""
    return (
        Row("Phone", phones.phone_words(reach.phone)),
        Row("May we leave a message", YES_NO["yes" if reach.may_leave_message else "no"]),
        Row("Address", tuple(reach.address.split("\n"))),
        Row("Somebody we may call for you", reach.contact_person or "Nobody"),
    )


def messages_rows(messages: Messages) -> tuple[Row, ...]:
    """The answers in words."""
    return (
        Row("Show the place in calendar files", "Yes" if messages.place_in_calendar else "No"),
        Row("How to prepare in messages", "Yes" if messages.preparation_in_messages else "No"),
    )


def _birth_date(reader: Reader, today: date) -> date:
    parts = reader.answers.get("born")
    parts = parts if isinstance(parts, dict) else {}
    numbers = [typed(parts.get(name)).strip() for name in ("year", "month", "day")]
    try:
        born_on = date(*(int(number) for number in numbers)) if all(map(_is_digits, numbers)) else None
    except ValueError:
        born_on = None
    if born_on is None:
        reader.fail("born-month", "Enter your date of birth, such as 4 3 1985")
        return today
    try:
        requests.check_birth_date(born_on, today)
    except DomainError as error:
        reader.fail("born-year", error.message)
    return born_on


def _is_digits(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 4


def _phone(reader: Reader, name: str, missing: str | None = None) -> str:
    text = reader.text(name, most=30, missing=missing)
    try:
        return phones.normal_phone(text) if text else ""
    except DomainError as error:
        reader.fail(name, error.message)
        return ""
