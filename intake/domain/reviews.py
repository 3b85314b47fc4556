"""What a review can end in: questions back to the patient, a decision, a contact, a closed alert."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from intake.domain.errors import DomainError
from intake.domain.statuses import ConsultationStatus

LONGEST_TEXT = 4000
LONGEST_LINE = 400
MOST_QUESTIONS = 20
MOST_CONDITIONS = 20
OLDEST_CONTACT = timedelta(days=30)


class DecisionKind(StrEnum):
    """How a provider decides."""

    ACCEPTED = "accepted"
    ACCEPTED_WITH_CONDITIONS = "accepted-with-conditions"
    DECLINED = "declined"
    REFERRED = "referred"


ACCEPTING = frozenset({DecisionKind.ACCEPTED, DecisionKind.ACCEPTED_WITH_CONDITIONS})
BAD_NEWS = frozenset({DecisionKind.DECLINED, DecisionKind.REFERRED})
"""These act only after a recorded contact (`bad_news`)."""


@dataclass(frozen=True, slots=True)
class DecisionEntry:
    """A decision as it comes from the form."""

    kind: DecisionKind
    reason: str = ""
    conditions: tuple[str, ...] = ()
    first_line: str = ""  # the provider's own sentence on the history; empty: the computed one stands


@dataclass(frozen=True, slots=True)
class AskBack:
    """One question to the patient about one page, or one item of a page that repeats."""

    page: str
    item: str
    text: str


class Channel(StrEnum):
    """How somebody spoke with a patient, or tried to."""

    PHONE = "phone"
    VIDEO = "video"
    IN_PERSON = "in-person"


class ContactOutcome(StrEnum):
    """What became of a try."""

    REACHED = "reached"
    LEFT_MESSAGE = "left-message"
    NO_ANSWER = "no-answer"


@dataclass(frozen=True, slots=True)
class ContactEntry:
    """A live contact or a try, with what was said and the next step."""

    at: datetime
    channel: Channel
    outcome: ContactOutcome
    is_safety_checked: bool
    note: str


class AlertContact(StrEnum):
    """What came of an alert's contact (crisis, section 4)."""

    REACHED = "reached"
    LEFT_MESSAGE = "left-message"
    WELFARE_CHECK = "welfare-check"
    EMERGENCY = "emergency"


@dataclass(frozen=True, slots=True)
class AlertOutcome:
    """How an alert is closed; nothing of it may be left out."""

    contact: AlertContact
    tool: str
    disposition: str
    has_safety_plan: bool
    next_contact_on: date


def status_after(kind: DecisionKind) -> ConsultationStatus:
    """What a consultation becomes when the decision is in effect."""
    if kind in ACCEPTING:
        return ConsultationStatus.ACCEPTED
    return ConsultationStatus.DECLINED if kind is DecisionKind.DECLINED else ConsultationStatus.REFERRED


def check_decision(entry: DecisionEntry) -> None:
    """Refuse a decision that lacks what its kind needs. Raises `DomainError` that names the field."""
    if entry.kind in BAD_NEWS and not entry.reason.strip():
        raise DomainError("Write the reason: the record keeps it, and you will say it.", field="reason")
    if entry.kind is DecisionKind.ACCEPTED_WITH_CONDITIONS and not entry.conditions:
        raise DomainError("Write at least one condition, one a line.", field="conditions")
    if entry.kind is not DecisionKind.ACCEPTED_WITH_CONDITIONS and entry.conditions:
        raise DomainError(
            "Only an acceptance with conditions has conditions: choose that, or clear them.", field="kind"
        )
    check_conditions(entry.conditions)
    check_length(entry.reason, "reason")
    check_length(entry.first_line, "first_line")


def check_conditions(conditions: tuple[str, ...], *, field: str = "conditions") -> None:
    """Refuse more than 20 conditions, or one that is longer than a line."""
    if len(conditions) > MOST_CONDITIONS:
        raise DomainError(f"Keep to {MOST_CONDITIONS} conditions.", field=field)
    if any(len(text) > LONGEST_LINE for text in conditions):
        raise DomainError(f"Keep each condition within {LONGEST_LINE} characters.", field=field)


def check_questions(questions: tuple[AskBack, ...]) -> None:
    """Refuse a return without a question, with an empty one, or with two about one thing."""
    if not questions:
        raise DomainError("Choose what to ask about and write the question.", field="items")
    if len(questions) > MOST_QUESTIONS:
        raise DomainError(f"Ask at most {MOST_QUESTIONS} things at once.", field="items")
    if any(not one.text.strip() for one in questions):
        raise DomainError("Write a question for each thing that you chose.", field="items")
    if len({(one.page, one.item) for one in questions}) < len(questions):
        raise DomainError("Ask about each thing once.", field="items")
    for one in questions:
        check_length(one.text, "items")


def check_contact(entry: ContactEntry, *, now: datetime) -> None:
    """Refuse a contact that cannot have happened, one without a note, or a safety check with nobody reached."""
    if entry.at > now:
        raise DomainError("A contact cannot lie in the future.", field="on")
    if now - entry.at > OLDEST_CONTACT:
        raise DomainError(f"Record contacts within {OLDEST_CONTACT.days} days.", field="on")
    if entry.is_safety_checked and entry.outcome is not ContactOutcome.REACHED:
        raise DomainError("Safety can be asked about only when the patient was reached.", field="safety_checked")
    if not entry.note.strip():
        raise DomainError("Write what was said and the next step.", field="note")
    check_length(entry.note, "note")


def check_outcome(outcome: AlertOutcome, *, today: date) -> None:
    """Refuse to close an alert without the tool, the disposition and a next contact from today on."""
    if not outcome.tool.strip():
        raise DomainError("Name the risk tool that was used.", field="tool")
    if not outcome.disposition.strip():
        raise DomainError("Write what was decided.", field="disposition")
    if outcome.next_contact_on < today:
        raise DomainError("The next contact cannot lie in the past.", field="next_contact_on")
    check_length(outcome.tool, "tool", longest=LONGEST_LINE)
    check_length(outcome.disposition, "disposition")


def check_reason(text: str, *, field: str = "reason") -> None:
    """Refuse an empty reason, or one longer than a page."""
    if not text.strip():
        raise DomainError("Write the reason.", field=field)
    check_length(text, field)


def check_length(text: str, field: str, *, longest: int = LONGEST_TEXT) -> None:
    """Refuse a text longer than fits."""
    if len(text) > longest:
        raise DomainError(f"Keep this within {longest} characters.", field=field)
