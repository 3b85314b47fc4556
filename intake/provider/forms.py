"""Forms of a review: decision, contact, alert, clearance, verdict, stop. Their rules stand in `domain/reviews.py`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask import request
from wtforms import BooleanField, RadioField, SelectField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length

from intake.domain.clinic_time import format_clock, local_day, minutes_of_day, to_utc
from intake.domain.history.trials import Verdict
from intake.domain.reviews import (
    LONGEST_LINE,
    LONGEST_TEXT,
    AlertContact,
    AlertOutcome,
    Channel,
    ContactEntry,
    ContactOutcome,
    DecisionEntry,
    DecisionKind,
)
from intake.provider.fields import ClockField, DayField, KeyForm, LongTextField
from intake.provider.words import ALERT_CONTACTS, CHANNELS, DECISIONS, OUTCOMES, VERDICTS
from intake.web.forms import Form, TextField

TOO_LONG = Length(max=LONGEST_TEXT, message=f"Keep this within {LONGEST_TEXT} characters.")


def choices_of(words: Mapping[Any, str]) -> list[SelectChoice]:
    """Values and labels for a list of answers."""
    return [SelectChoice(str(value), label) for value, label in words.items()]


class DecisionForm(Form):
    """Accept, accept with conditions, decline, refer."""

    kind = RadioField("Decision", [InputRequired("Choose a decision.")], choices=choices_of(DECISIONS))
    first_line = LongTextField(
        "The history in one sentence",
        [TOO_LONG],
        description="Kept with the decision. Edit it where it is not right; the computed one stays beside it.",
    )
    reason = LongTextField("Reason", [TOO_LONG], description="Needed to decline or refer. The chart keeps it.")
    conditions = LongTextField(
        "Conditions", [TOO_LONG], description="One a line: what has to be there before the first infusion."
    )

    def show(self, computed: str) -> None:
        """Begin with the computed sentence."""
        if request.method == "GET":
            self.first_line.data = computed

    def to_decision(self) -> DecisionEntry:
        """The decision as typed."""
        kind = DecisionKind(self.kind.data)
        return DecisionEntry(kind, self.reason.data, self.conditions.lines, self.first_line.data)


class ContactForm(KeyForm):
    """A contact or a try, on the site's clock."""

    on = DayField("Day")
    at = ClockField("Time")
    channel = RadioField("How", [InputRequired("Choose how.")], choices=choices_of(CHANNELS))
    outcome = RadioField("What came of it", [InputRequired("Choose what came of it.")], choices=choices_of(OUTCOMES))
    safety_checked = BooleanField("I asked about safety")
    note = LongTextField("What was said, and the next step", [TOO_LONG])

    def show_now(self, now: datetime, zone: str) -> None:
        """Begin with this moment on the site's clock."""
        if request.method == "GET":
            self.on.data = local_day(now, zone).isoformat()
            self.at.data = format_clock(minutes_of_day(now, zone))

    def to_contact(self, zone: str) -> ContactEntry:
        """The contact as typed; raises `DomainError` for a time that a clock change skips."""
        return ContactEntry(
            at=to_utc(self.on.day, self.at.minutes, zone),
            channel=Channel(self.channel.data),
            outcome=ContactOutcome(self.outcome.data),
            is_safety_checked=self.safety_checked.data,
            note=self.note.data,
        )


class AlertForm(Form):
    """How an alert ends."""

    contact = RadioField(
        "Contact", [InputRequired("Choose what came of the contact.")], choices=choices_of(ALERT_CONTACTS)
    )
    tool = TextField(
        "Risk tool used",
        [Length(max=LONGEST_LINE, message="Keep this on one line.")],
        description="For example C-SSRS, or a clinical interview.",
    )
    disposition = LongTextField("What was decided", [TOO_LONG])
    safety_plan = RadioField(
        "Safety plan made or renewed", [InputRequired("Say yes or no.")], choices=choices_of({"yes": "Yes", "no": "No"})
    )
    next_contact_on = DayField("Next contact")

    def to_outcome(self) -> AlertOutcome:
        """The outcome as typed."""
        return AlertOutcome(
            contact=AlertContact(self.contact.data),
            tool=self.tool.data,
            disposition=self.disposition.data,
            has_safety_plan=self.safety_plan.data == "yes",
            next_contact_on=self.next_contact_on.day,
        )


class ClearanceForm(KeyForm):
    """One stop finding and why it may stand."""

    finding = RadioField("Finding", [InputRequired("Choose the finding.")], choices=[])
    reason = LongTextField("Why it does not stop this treatment", [TOO_LONG])


class VerdictForm(KeyForm):
    """Another verdict and why."""

    verdict = SelectField("Your verdict", choices=choices_of(VERDICTS))
    reason = LongTextField("Why", [TOO_LONG], description="For example: the pharmacy's record shows 50 mg.")

    def to_verdict(self) -> Verdict:
        """The verdict chosen."""
        return Verdict(self.verdict.data)


class StopForm(Form):
    """Why an order ends."""

    reason = LongTextField("Reason", [TOO_LONG])
