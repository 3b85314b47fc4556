"""One medicine that the patient takes now."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from intake.domain.form.reader import Answers, Options, Reader, Row
from intake.domain.history import partial_dates
from intake.domain.history.partial_dates import PartialDate

FREQUENCIES: Options = {
    "once-daily": "Once a day",
    "twice-daily": "Twice a day",
    "three-times-daily": "Three times a day",
    "four-times-daily": "Four times a day",
    "every-other-day": "Every other day",
    "weekly": "Once a week",
    "as-needed": "Only when I need it",
    "other": "Some other way",
}
_TIMES_A_DAY: Mapping[str, float] = {
    "once-daily": 1,
    "twice-daily": 2,
    "three-times-daily": 3,
    "four-times-daily": 4,
    "every-other-day": 0.5,
    "weekly": 1 / 7,
}
LAST_TAKEN: Options = {
    "today": "Today",
    "yesterday": "Yesterday",
    "day": "On another day",
    "unsure": "I do not remember",
}
_PLAIN_DOSE = re.compile(r"([0-9]+(?:\.[0-9]+)?) ?mg", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class MedicineEntry:
    """A current medicine as entered. `mg_per_day` is what was typed, else what dose and frequency plainly give."""

    name: str
    dose: str
    frequency: str
    mg_per_day: float | None
    last_taken: PartialDate | None
    reason: str

    @property
    def as_needed(self) -> bool:
        """Whether it is taken only at need."""
        return self.frequency == "as-needed"


def settled(answers: Answers, *, today: date) -> Answers:
    """The answers with "today" and "yesterday" turned into their date, so that they mean the same tomorrow."""
    days = {"today": 0, "yesterday": 1}.get(str(answers.get("last_taken")))
    if days is None:
        return answers
    on = partial_dates.read((today - timedelta(days=days)).isoformat())
    return {**answers, "last_taken": "day", "last_taken_on": partial_dates.in_words(on)}


def read_medicine(answers: Answers, *, today: date) -> MedicineEntry:
    """Raises `AnswerFaults`."""
    answers = settled(answers, today=today)
    reader = Reader(answers)
    name = reader.text("name", most=120, missing="Enter the name of the medicine")
    dose = reader.text("dose", most=60, missing="Enter how much you take each time, such as 20 mg or 1 tablet")
    frequency = reader.choice("frequency", FREQUENCIES, "Choose how often you take it")
    mg_per_day = reader.number("mg_per_day", ask="Enter the mg in a whole day as a number above 0, or leave it empty")
    last_taken = _last_taken(reader, today)
    reason = reader.text("reason", most=200, missing="Enter what you take it for, in a few words")
    reader.finish()
    return MedicineEntry(name, dose, frequency, mg_per_day or _reckoned(dose, frequency), last_taken, reason)


def medicine_rows(entry: MedicineEntry) -> tuple[Row, ...]:
    """The answers in words, with the daily amount that was reckoned from them."""
    amount = f"{entry.mg_per_day:g} mg" if entry.mg_per_day is not None else "Not entered"
    last = partial_dates.in_words(entry.last_taken) if entry.last_taken else "I do not remember"
    return (
        Row("Medicine", entry.name),
        Row("How much each time", entry.dose),
        Row("How often", FREQUENCIES[entry.frequency]),
        Row("In a whole day", amount),
        Row("Last taken", last),
        Row("What it is for", entry.reason),
    )


def _last_taken(reader: Reader, today: date) -> PartialDate | None:
    if reader.choice("last_taken", LAST_TAKEN, "Choose when you last took it") != "day":
        return None
    when = reader.when("last_taken_on", today=today)
    if when is None:
        reader.fail("last_taken_on", "Enter the day, such as 4/3/2026")
    elif not when.is_exact:
        reader.fail("last_taken_on", "Enter one day, such as 4/3/2026, or choose that you do not remember")
    return when


def _reckoned(dose: str, frequency: str) -> float | None:
    match = _PLAIN_DOSE.fullmatch(dose)
    times = _TIMES_A_DAY.get(frequency)
    amount = round(float(match[1]) * times, 4) if match and times else 0.0
    return amount if 0 < amount < 1_000_000 else None
