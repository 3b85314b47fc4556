"""A medicine that was tried, in the words that the patient saw."""

from __future__ import annotations

from collections.abc import Mapping

from intake.domain.form.reader import Row
from intake.domain.form.trial import (
    ADHERENCE,
    EPISODES,
    IMPROVEMENTS,
    SIDE_EFFECTS,
    STOP_REASONS,
    WORE_OFF,
    Course,
    Effect,
)
from intake.domain.history import partial_dates
from intake.domain.history.trials import DoseSegment


def course_rows(course: Course) -> tuple[Row, ...]:
    """The answers in words."""
    doses = doses_in_words(course)
    return (
        Row("Medicine", course.treatment),
        Row("How much and when", doses),
        Row("Still taking it", "Yes" if course.is_ongoing else "No"),
    )


def effect_rows(effect: Effect, course: Course, names: Mapping[str, str]) -> tuple[Row, ...]:
    """The answers in words; `names` are the other medicines by their key."""
    rows = [
        Row("Taken most days", ADHERENCE[effect.adherence.value]),
        Row("How much it helped at best", IMPROVEMENTS[effect.improvement]),
        Row("Stopped helping after a while", WORE_OFF[effect.wore_off]),
    ]
    if not course.is_ongoing:
        rows.append(Row("Why it stopped", STOP_REASONS[effect.stop_reason.value]))
    rows.append(Row("When it was", EPISODES[effect.episode.value]))
    if effect.sessions is not None:
        rows.append(Row("Sessions", str(effect.sessions)))
    added = names.get(effect.added_to, "") if effect.added_to else ""
    rows.append(Row("Taken together with", added or "Nothing else"))
    rows.append(Row("Side effects", tuple(SIDE_EFFECTS[code] for code in effect.side_effects) or "None"))
    if effect.note:
        rows.append(Row("Anything else", tuple(effect.note.split("\n"))))
    return tuple(rows)


def doses_in_words(course: Course) -> tuple[str, ...]:
    """Each dose of a course and its time; the time alone for what has no dose."""
    has_amount = course.asks_dose or any(dose.mg_per_day is not None for dose in course.doses)
    return tuple(map(dose_in_words if has_amount else time_in_words, course.doses))


def amounts_in_words(course: Course) -> tuple[str, ...]:
    """The doses where their time is said elsewhere: the amount alone when there is one dose."""
    if len(course.doses) > 1 or not course.asks_dose:
        return doses_in_words(course) if len(course.doses) > 1 else ()
    return (amount_in_words(course.doses[0]),)


def dose_in_words(dose: DoseSegment) -> str:
    """One dose and its time: "50 mg a day, spring 2019 to fall 2019"."""
    return f"{amount_in_words(dose)}, {time_in_words(dose)}"


def amount_in_words(dose: DoseSegment) -> str:
    """How much in a day."""
    return f"{dose.mg_per_day:g} mg a day" if dose.mg_per_day is not None else "dose not remembered"


def time_in_words(dose: DoseSegment) -> str:
    """When a dose was taken, or for how long."""
    if dose.about_weeks is not None:
        return f"about {dose.about_weeks:.0f} weeks"
    start = partial_dates.in_words(dose.start) if dose.start else ""
    stop = "now" if dose.is_ongoing else partial_dates.in_words(dose.stop) if dose.stop else ""
    if start and stop:
        return f"{start} to {stop}"
    if start or stop:
        return f"from {start}" if start else f"until {stop}"
    return "dates not remembered"
