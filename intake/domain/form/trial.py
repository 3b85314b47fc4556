"""One medicine that a patient has tried: what and how much, then what it did."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date

from intake.domain.errors import DomainError
from intake.domain.form.reader import Answers, Options, Reader, typed
from intake.domain.history import formulary
from intake.domain.history.entry_errors import refuse_entry_errors
from intake.domain.history.trials import Adherence, DoseSegment, Episode, Improvement, MedicationTrial, StopReason

MOST_DOSES = 10
WEEKS_IN: Mapping[str, float] = {"weeks": 1, "months": 365.25 / 12 / 7}
LONGEST_WEEKS = 5218  # 100 years
UNITS: Options = {"weeks": "weeks", "months": "months"}
ADHERENCE: Options = {
    "good": "Yes, most days (at least 3 out of 4)",
    "poor": "No, I often missed it",
    "unsure": "I do not remember",
}
IMPROVEMENTS: Options = {
    "worse": "I felt worse",
    "none": "It did not help",
    "little": "It helped a little",
    "some": "It helped somewhat, but less than half",
    "half": "It helped by half or more",
    "well": "I felt well again",
    "unknown": "I do not remember",
}
_IMPROVEMENT = {
    "worse": Improvement.WORSE,
    "none": Improvement.UNDER_25,
    "little": Improvement.UNDER_25,
    "some": Improvement.FROM_25_TO_49,
    "half": Improvement.AT_LEAST_50,
    "well": Improvement.AT_LEAST_50,
    "unknown": Improvement.UNKNOWN,
}
WORE_OFF: Options = {"no": "No", "yes": "Yes, it stopped helping", "unsure": "I do not remember"}
STOP_REASONS: Options = {
    "no benefit": "It did not help enough",
    "side effects": "Side effects",
    "wore off": "It stopped helping",
    "felt well": "I felt well and did not need it",
    "cost": "Cost or insurance",
    "course finished": "The course was finished",
    "other": "Another reason",
    "unknown": "I do not remember",
}
EPISODES: Options = {
    "current": "In this episode, the one I have now",
    "earlier": "In an earlier episode",
}
SIDE_EFFECTS: Options = {
    "weight": "Weight gain",
    "sexual": "Sexual problems",
    "numb": "Feeling numb or flat",
    "sleepy": "Sleepiness",
    "insomnia": "Trouble sleeping",
    "nausea": "Nausea or stomach trouble",
    "agitation": "Restlessness or agitation",
    "other": "Something else",
}
ALONE = ""
"""The answer "I took it on its own"."""


@dataclass(frozen=True, slots=True)
class Course:
    """What was taken, how much, and when. `doses` stand in order of time."""

    treatment: str
    doses: tuple[DoseSegment, ...]
    is_ongoing: bool

    @property
    def asks_sessions(self) -> bool:
        """Whether it is given in sessions (stimulation, infusions) and their number counts."""
        row = formulary.find(self.treatment)
        return row is not None and row.min_sessions is not None

    @property
    def asks_dose(self) -> bool:
        """Whether it has a dose in mg; stimulation and talking therapies have none."""
        return _has_dose(self.treatment)


@dataclass(frozen=True, slots=True)
class Effect:
    """What it did. `improvement` is the patient's own answer, by code."""

    adherence: Adherence
    improvement: str
    wore_off: str
    stop_reason: StopReason
    episode: Episode
    added_to: str | None
    sessions: int | None
    side_effects: tuple[str, ...]
    note: str


def read_course(answers: Answers, *, today: date) -> Course:
    """Raises `AnswerFaults`; fields of a dose are blamed as `doses-0-start`."""
    reader = Reader(answers)
    treatment = reader.text("treatment", most=120, missing="Enter the name of the medicine, or what you remember of it")
    is_ongoing = reader.flag("still_taking")
    rows = _filled(answers)
    if len(rows) > MOST_DOSES:
        reader.fail("treatment", f"Enter at most {MOST_DOSES} doses; leave out the ones in between")
    last = rows[-1][0]
    page = _Page(reader, _has_dose(treatment), today)
    doses = tuple(page.dose(place, row, is_ongoing and place == last) for place, row in rows[:MOST_DOSES])
    if not reader.faults:
        _refuse_untrue(reader, [place for place, _ in rows], MedicationTrial("", treatment, doses), today)
    reader.finish()
    return Course(treatment, doses, is_ongoing)


def read_effect(answers: Answers, course: Course, *, others: Collection[str]) -> Effect:
    """Raises `AnswerFaults`. `others` are the keys of the other trials, one of which this may have been added to."""
    reader = Reader(answers)
    adherence = reader.choice("adherence", ADHERENCE, "Choose one of the answers")
    improvement = reader.choice("improvement", IMPROVEMENTS, "Choose how much it helped at best")
    wore_off = reader.choice("wore_off", WORE_OFF, "Choose one of the answers")
    stopped = StopReason.STILL_TAKING.value
    if not course.is_ongoing:
        stopped = reader.choice("stop_reason", STOP_REASONS, "Choose the main reason why it stopped")
    episode = reader.choice("episode", EPISODES, "Choose when you took it")
    added_to = typed(answers.get("added_to"))
    if added_to != ALONE and added_to not in others:
        reader.fail("added_to", "Choose one of the medicines in your list")
    sessions = _sessions(reader) if course.asks_sessions else None
    side_effects = reader.choices("side_effects", SIDE_EFFECTS)
    note = reader.lines("note", most=500)
    reader.finish()
    return Effect(
        adherence=Adherence(adherence),
        improvement=improvement,
        wore_off=wore_off,
        stop_reason=StopReason(stopped),
        episode=Episode(episode),
        added_to=added_to or None,
        sessions=sessions,
        side_effects=side_effects,
        note=note,
    )


def trial_of(item: str, course: Course, effect: Effect) -> MedicationTrial:
    """The trial as the rules read it, under the item's key."""
    return MedicationTrial(
        id=item,
        treatment=course.treatment,
        doses=course.doses,
        episode=effect.episode,
        added_to=effect.added_to,
        adherence=effect.adherence,
        improvement=_IMPROVEMENT[effect.improvement],
        wore_off=effect.wore_off == "yes",
        stop_reason=effect.stop_reason,
        sessions=effect.sessions,
    )


def began_on(course: Course) -> date:
    """The earliest day on which it can have begun, to put a list in order; without any date it comes last."""
    return min((dose.start.earliest for dose in course.doses if dose.start), default=date.max)


def _filled(answers: Answers) -> list[tuple[int, Answers]]:
    """The rows in which something stands, with their places; the first row where all are empty."""
    given = answers.get("doses")
    rows: list[Answers] = [row for row in given if isinstance(row, dict)] if isinstance(given, list) else []
    filled = [(place, row) for place, row in enumerate(rows) if _is_filled(row)]
    return filled or [(0, rows[0] if rows else {})]


def _is_filled(row: Answers) -> bool:
    return any(row.get(name) for name in ("mg_per_day", "dose_forgotten", "start", "stop", "about", "time_forgotten"))


def _has_dose(treatment: str) -> bool:
    row = formulary.find(treatment)
    return row is None or row.min_mg_per_day is not None


@dataclass(frozen=True, slots=True)
class _Page:
    """The page while its rows are read."""

    reader: Reader
    has_dose: bool
    today: date

    def dose(self, place: int, row: Answers, is_ongoing: bool) -> DoseSegment:
        reader = self.reader.row(row, f"doses-{place}-")
        segment = DoseSegment(mg_per_day=self._amount(reader))
        if reader.flag("time_forgotten"):
            return replace(segment, is_ongoing=is_ongoing)
        start, stop = reader.when("start", today=self.today), reader.when("stop", today=self.today)
        about = reader.number("about", ask="Enter a number above 0, such as 8")
        if is_ongoing and stop is not None:
            reader.fail("stop", "You ticked that you still take it: leave this empty")
        if about is not None and (start or stop):
            reader.fail("about", "Enter dates or a length of time, not both")
        if about is not None:
            weeks = round(about * WEEKS_IN.get(typed(row.get("unit")), 1), 2)
            if weeks > LONGEST_WEEKS:
                reader.fail("about", "Check this length of time: it is more than 100 years")
            return replace(segment, about_weeks=weeks)
        if start is None and (stop is None or is_ongoing):
            reader.fail("start", "Enter when you started, or how long you took it, or tick that you do not remember")
        return replace(segment, start=start, stop=None if is_ongoing else stop, is_ongoing=is_ongoing)

    def _amount(self, reader: Reader) -> float | None:
        if reader.flag("dose_forgotten"):
            return None
        amount = reader.number("mg_per_day", ask="Enter the dose in mg as a number above 0, such as 50")
        if amount is None and self.has_dose:
            reader.fail("mg_per_day", "Enter the dose in mg, or tick the box that you do not remember it")
        return amount


def _refuse_untrue(reader: Reader, places: list[int], trial: MedicationTrial, today: date) -> None:
    try:
        refuse_entry_errors(trial, formulary.find(trial.treatment), as_of=today)
    except DomainError as error:
        _, place, name = (error.field or "doses-0-mg_per_day").split("-", 2)
        reader.fail(f"doses-{places[int(place)]}-{'about' if 'weeks' in name else name}", error.message)


def _sessions(reader: Reader) -> int | None:
    number = reader.number("sessions", ask="Enter how many sessions you had, such as 20")
    if number is not None and number != int(number):
        reader.fail("sessions", "Enter a whole number of sessions")
    return None if number is None else int(number)
