"""What a request for a consultation may say: lists only, no free text."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from intake.domain.errors import DomainError

OLDEST_YEARS = 120


class Reason(StrEnum):
    """Why somebody asks for a consultation; kept on the consultation too."""

    DEPRESSION = "depression"
    ANXIETY = "anxiety"
    TRAUMA = "trauma"
    PAIN = "pain"
    OTHER = "other"
    RATHER_TALK = "rather-talk"


class ReachBy(StrEnum):
    """How the clinic gets in touch."""

    PHONE = "phone"
    TEXT = "text"
    EMAIL = "email"


class ReachWhen(StrEnum):
    """When the clinic gets in touch, on the clinic's clock."""

    MORNING = "morning"
    MIDDAY = "midday"
    AFTERNOON = "afternoon"
    ANY = "any"


REASON_WORDS: dict[Reason, str] = {
    Reason.DEPRESSION: "Depression",
    Reason.ANXIETY: "Anxiety",
    Reason.TRAUMA: "After a trauma (PTSD)",
    Reason.PAIN: "Long-lasting pain",
    Reason.OTHER: "Something else",
    Reason.RATHER_TALK: "I would rather say it in person",
}
REACH_BY_WORDS: dict[ReachBy, str] = {
    ReachBy.PHONE: "Call me",
    ReachBy.TEXT: "Text me",
    ReachBy.EMAIL: "Write an e-mail",
}
REACH_WHEN_WORDS: dict[ReachWhen, str] = {
    ReachWhen.MORNING: "In the morning, until 11 am",
    ReachWhen.MIDDAY: "Around midday, 11 am to 2 pm",
    ReachWhen.AFTERNOON: "In the afternoon, from 2 pm",
    ReachWhen.ANY: "Any time in opening hours",
}


def check_birth_date(born_on: date, today: date) -> None:
    """Refuse a birth date in the future or more than 120 years ago (that day itself is allowed).

    Nobody is refused for being young: a person at the clinic talks to them. Raises `DomainError` (field `born_on`).
    """
    if born_on > today:
        raise DomainError("This date of birth is in the future. Check the year.", field="born_on")
    oldest = date(today.year - OLDEST_YEARS, today.month, min(today.day, 28))
    if born_on < oldest:
        raise DomainError("Check the year of the date of birth.", field="born_on")
