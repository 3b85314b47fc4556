"""How long a treatment was taken at its minimum dose: the shortest and the longest time that the dates allow.

Source of every rule here: history-format, "Weeks at dose".
"""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import NamedTuple

from intake.domain.history.formulary import Treatment
from intake.domain.history.trials import DoseSegment, MedicationTrial, StopReason, WeeksRange

NEW_COURSE_AFTER_DAYS = 14  # a gap longer than this off the drug starts a new course (rule 4, judgement)
TOUCHING_DAYS = 1
ABOUT_SHARE = 0.25  # "about N weeks" is plus or minus a quarter (rule 5)
_MOST = sys.float_info.max
_DECIMALS = 9  # takes off what adding floats leaves behind; nothing else is rounded


class Span(NamedTuple):
    """A dated dose: the earliest and latest day, as ordinals, of its start and of its stop. -inf: no limit.

    An open start lies anywhere before the stop, an open stop between the start and the as-of date.
    """

    start_low: float
    start_high: float
    stop_low: float
    stop_high: float
    start_text: str | None
    stop_text: str | None

    @property
    def has_both_dates(self) -> bool:
        """Whether neither end is open; "now" is a date."""
        return self.start_text is not None and self.stop_text is not None

    @property
    def has_a_date(self) -> bool:
        """Whether an end is known."""
        return self.start_text is not None or self.stop_text is not None


@dataclass(frozen=True, slots=True)
class CertainCourse:
    """Where the course that stands for a trial lies for certain, in days as ordinals.

    From its latest start to its earliest stop. `runs_at_dose`: the times certainly at dose, grouped as the shortest
    figure groups them; a run that may be of no length ends before it starts.
    """

    start: float
    stop: float
    runs_at_dose: tuple[tuple[tuple[float, float], ...], ...]

    def weeks_outside(self, start: float, stop: float) -> float:
        """The certain weeks at dose before `start` or after `stop`, of the group with the most of them."""
        return max(sum(_days_outside(run, start, stop) for run in group) for group in self.runs_at_dose) / 7


def _days_outside(run: tuple[float, float], start: float, stop: float) -> float:
    first, last = run
    return max(0.0, min(last, start) - first) + max(0.0, last - max(first, stop))


class _Part(NamedTuple):
    """One dose of a trial: when, how long, and whether it counts in the shortest and in the longest figure."""

    span: Span | None
    least_weeks: float
    most_weeks: float
    is_certain: bool
    is_possible: bool


class _Shortest:
    """The shortest figure: only what certainly touches, only doses known to suffice, a possible long gap splits."""

    @staticmethod
    def counts(part: _Part) -> bool:
        return part.is_certain

    @staticmethod
    def weeks(part: _Part) -> float:
        return part.least_weeks

    @staticmethod
    def touch(before: Span, after: Span) -> bool:
        return before.stop_text == after.start_text or after.start_high - before.stop_low <= TOUCHING_DAYS

    @staticmethod
    def are_two_courses(before: Span, after: Span) -> bool:
        return after.start_high - before.stop_low > NEW_COURSE_AFTER_DAYS

    @staticmethod
    def days(first: Span, last: Span) -> float:
        return max(0.0, last.stop_low - first.start_high)


class _Longest:
    """The longest figure: what possibly touches, forgotten doses too, only a certain long gap splits."""

    @staticmethod
    def counts(part: _Part) -> bool:
        return part.is_possible

    @staticmethod
    def weeks(part: _Part) -> float:
        return part.most_weeks

    @staticmethod
    def touch(before: Span, after: Span) -> bool:
        return before.stop_text == after.start_text or after.start_low - before.stop_high <= TOUCHING_DAYS

    @staticmethod
    def are_two_courses(before: Span, after: Span) -> bool:
        return after.start_low - before.stop_high > NEW_COURSE_AFTER_DAYS

    @staticmethod
    def days(first: Span, last: Span) -> float:
        return max(0.0, last.stop_high - first.start_low)


_Reading = type[_Shortest] | type[_Longest]


def weeks_at_dose(trial: MedicationTrial, treatment: Treatment, *, as_of: date) -> WeeksRange:
    """The time at the row's minimum dose (the minimum itself counts) in the course that is longest at dose.

    Each figure takes its own course. Rows without a minimum dose count all time.
    """
    return _range_of(_parts(trial, treatment.min_mg_per_day, as_of))


def _range_of(parts: Sequence[_Part]) -> WeeksRange:
    if len(parts) == 1:  # most trials have one dose
        shortest, longest = _weeks_alone(parts[0])
    else:
        shortest = max(_course_weeks(parts, _Shortest))
        longest = max(shortest, *_course_weeks(parts, _Longest))
    return WeeksRange(min(shortest, _MOST), None if longest > _MOST else longest)


def weeks_taken(trial: MedicationTrial, *, as_of: date) -> WeeksRange:
    """The time in the longest course at whatever dose."""
    return _range_of(_parts(trial, None, as_of))


def certain_weeks_of_last_course(trial: MedicationTrial, treatment: Treatment, *, as_of: date) -> float:
    """The shortest figure of the course that stands last: what a trial still going on has certainly reached."""
    return _course_weeks(_parts(trial, treatment.min_mg_per_day, as_of), _Shortest)[-1]


def certain_course(trial: MedicationTrial, treatment: Treatment, *, as_of: date) -> CertainCourse | None:
    """The course that stands for the trial by its earliest readings; None when any dose lacks a date (rule 15).

    Time certainly off the drug for more than 14 days splits it; of several the one longest at dose stands.
    """
    parts = _parts(trial, treatment.min_mg_per_day, as_of)
    if not all(part.span and part.span.has_both_dates for part in parts):
        return None
    courses = _split_courses(parts, _Longest)
    course = courses[0]
    if len(courses) > 1:
        course = max(courses, key=lambda each: max(_course_weeks(each, _Shortest)))
    spans = [part.span for part in course if part.span]
    groups = _split_courses(course, _Shortest)
    runs = tuple(tuple((f.start_high, t.stop_low) for f, t in _runs(group, _Shortest)) for group in groups)
    return CertainCourse(spans[0].start_high, spans[-1].stop_low, runs)


def is_at_dose(segment: DoseSegment, treatment: Treatment) -> bool:
    """Whether the dose is known and reaches the row's minimum; always where the row has none."""
    return _reaches(segment, treatment.min_mg_per_day)


def _reaches(segment: DoseSegment, least_mg: float | None) -> bool:
    return least_mg is None or (segment.mg_per_day is not None and segment.mg_per_day >= least_mg)


def spans_of(trial: MedicationTrial, *, as_of: date) -> list[Span | None]:
    """Each dose's dates as ranges of days, None for a dose that has only a length.

    No reading lies after `as_of`; a trial still taken with an open last stop goes on until then.
    """
    limit = as_of.toordinal()
    ongoing = len(trial.doses) - 1 if trial.stop_reason is StopReason.STILL_TAKING else None
    return [
        None if dose.is_length_only else _span(dose, limit, place == ongoing) for place, dose in enumerate(trial.doses)
    ]


def _span(segment: DoseSegment, limit: int, is_going_on: bool) -> Span:
    start, stop = segment.start, segment.stop
    start_low = min(start.first_day, limit) if start else -math.inf
    if segment.is_ongoing or (stop is None and is_going_on):
        stop_low, stop_high, stop_text = float(limit), limit, "now"
    elif stop is None:
        stop_low, stop_high, stop_text = start_low, limit, None
    else:
        stop_low, stop_high, stop_text = min(stop.first_day, limit), min(stop.last_day, limit), stop.text
    start_high = min(start.last_day, limit) if start else stop_high
    return Span(start_low, start_high, stop_low, stop_high, start.text if start else None, stop_text)


def _parts(trial: MedicationTrial, least_mg: float | None, as_of: date) -> list[_Part]:
    parts = []
    for segment, span in zip(trial.doses, spans_of(trial, as_of=as_of), strict=True):
        certain = _reaches(segment, least_mg)
        least, most = length_of(segment) if span is None else (0.0, 0.0)
        parts.append(_Part(span, least, most, certain, certain or segment.mg_per_day is None))
    return parts


def length_of(segment: DoseSegment) -> tuple[float, float]:
    """The least and the most weeks of a dose that has only a length; nothing for a dated one."""
    if segment.about_weeks is not None:
        return segment.about_weeks * (1 - ABOUT_SHARE), segment.about_weeks * (1 + ABOUT_SHARE)
    weeks = segment.weeks or 0.0
    return weeks, weeks


def _course_weeks(parts: Sequence[_Part], reading: _Reading) -> list[float]:
    """The weeks at dose of each course, in order of time."""
    return [_weeks_of(course, reading) for course in _split_courses(parts, reading)]


def _weeks_alone(part: _Part) -> tuple[float, float]:
    span, least, most = part.span, part.least_weeks, part.most_weeks
    if span is not None:
        least, most = _Shortest.days(span, span) / 7, _Longest.days(span, span) / 7
    return round(least, _DECIMALS) if part.is_certain else 0.0, round(most, _DECIMALS) if part.is_possible else 0.0


def _weeks_of(course: Sequence[_Part], reading: _Reading) -> float:
    lengths = sum(reading.weeks(part) for part in course if reading.counts(part))
    days = sum(reading.days(first, last) for first, last in _runs(course, reading))
    return round(days / 7 + lengths, _DECIMALS)


def _split_courses(parts: Sequence[_Part], reading: _Reading) -> list[list[_Part]]:
    courses = [[parts[0]]]
    for before, after in pairwise(parts):
        if before.span and after.span and _is_new_course(before.span, after.span, reading):
            courses.append([])
        courses[-1].append(after)
    return courses


def _is_new_course(before: Span, after: Span, reading: _Reading) -> bool:
    return not reading.touch(before, after) and reading.are_two_courses(before, after)


def _runs(course: Sequence[_Part], reading: _Reading) -> Iterator[tuple[Span, Span]]:
    """The first and the last dose of each run of touching doses at dose."""
    first = last = None
    for part in course:
        span = part.span if reading.counts(part) else None
        if first and last and not (span and reading.touch(last, span)):
            yield first, last
            first = None
        first, last = (first or span), span
    if first and last:
        yield first, last
