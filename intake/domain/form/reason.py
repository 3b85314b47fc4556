"""Why the patient comes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from intake.domain.form.reader import Answers, Options, Reader, Row
from intake.domain.history import partial_dates
from intake.domain.history.partial_dates import PartialDate
from intake.domain.requests import REASON_WORDS

REASONS: Options = {reason.value: words for reason, words in REASON_WORDS.items()}


@dataclass(frozen=True, slots=True)
class Reason:
    """The main reason, when this episode began (None: not remembered), and what the patient hopes for."""

    reason: str
    began: PartialDate | None
    hopes: str


def read_reason(answers: Answers, *, today: date) -> Reason:
    """Raises `AnswerFaults`."""
    reader = Reader(answers)
    reason = reader.choice("reason", REASONS, "Choose the main reason")
    began = reader.when("began", today=today)
    forgotten = reader.flag("began_forgotten")
    if began is None and not forgotten:
        reader.fail("began", "Enter roughly when it began, or tick the box below")
    hopes = reader.lines("hopes", most=1000)
    reader.finish()
    return Reason(reason, None if forgotten else began, hopes)


def reason_rows(reason: Reason) -> tuple[Row, ...]:
    """The answers in words."""
    began = partial_dates.in_words(reason.began) if reason.began else "I do not remember"
    hopes = tuple(reason.hopes.split("\n")) if reason.hopes else "Nothing written"
    return (
        Row("Main reason for coming", REASONS[reason.reason]),
        Row("When this episode began", began),
        Row("What I hope for", hopes),
    )
