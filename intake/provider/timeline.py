"""Trials as places on a line of time: soft ends where a date is not exact, years below."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from intake.domain.history import partial_dates
from intake.domain.history.trials import DoseSegment, StopReason, Verdict
from intake.provider.words import IMPROVEMENTS, STOP_REASONS, VERDICTS
from intake.queries.histories import JudgedTrial

MOST_TICKS = 10
ADEQUATE = frozenset({Verdict.ADEQUATE_FAILED, Verdict.ADEQUATE_RESPONDED})
UNCLEAR = frozenset({Verdict.INDETERMINATE, Verdict.NOT_RATED})
NOTED = frozenset({StopReason.SIDE_EFFECTS, StopReason.STILL_TAKING, StopReason.WORE_OFF})


@dataclass(frozen=True, slots=True)
class Ends:
    """Earliest and latest start and stop of a trial that has dates."""

    start: tuple[date, date]
    stop: tuple[date, date]


@dataclass(frozen=True, slots=True)
class Timeline:
    """What the timeline macro draws; `undated` names the trials that have no place on it."""

    bars: list[dict[str, Any]]
    ticks: list[dict[str, Any]]
    summary: str
    undated: list[str]


def timeline_of(trials: Sequence[JudgedTrial], as_of: date) -> Timeline:
    """Place every trial that has a date between the year of the first one and today."""
    placed = [(one, ends) for one in trials if (ends := _ends(one, as_of)) is not None]
    undated = [one.judgement.name for one in trials if _ends(one, as_of) is None]
    if not placed:
        return Timeline([], [], "No trial has a date.", undated)
    placed.sort(key=lambda pair: pair[1].start)
    first = date(placed[0][1].start[0].year, 1, 1)
    axis = _Axis(first, max(as_of, first + timedelta(days=365)))
    bars = [_bar(one, ends, axis) for one, ends in placed]
    summary = f"{len(placed)} treatments from {first.year} to {as_of.year}."
    return Timeline(bars, axis.ticks(), summary, undated)


@dataclass(frozen=True, slots=True)
class _Axis:
    first: date
    last: date

    def at(self, day: date) -> float:
        share = (day - self.first).days / (self.last - self.first).days
        return round(min(max(share, 0.0), 1.0), 4)

    def ticks(self) -> list[dict[str, Any]]:
        years = self.last.year - self.first.year + 1
        step = next(step for step in (1, 2, 5, 10, 20, 50) if years / step <= MOST_TICKS)
        return [
            {"label": str(year), "fraction": self.at(date(year, 1, 1))}
            for year in range(self.first.year, self.last.year + 1, step)
        ]


def dose_words(dose: DoseSegment, unit: str) -> str:
    """One dose and its time as entered: "100 mg/day, spring 2019 to April 2020"."""
    amount = f"{dose.mg_per_day:g} {unit}" if dose.mg_per_day is not None else "dose not remembered"
    return f"{amount}, {time_words(dose)}"


def time_words(dose: DoseSegment) -> str:
    """The time of one dose as entered."""
    if dose.weeks is not None:
        return f"{dose.weeks:g} weeks"
    if dose.about_weeks is not None:
        return f"about {dose.about_weeks:g} weeks"
    start = partial_dates.in_words(dose.start) if dose.start else "start not known"
    stop = "now" if dose.is_ongoing else partial_dates.in_words(dose.stop) if dose.stop else "stop not known"
    return f"{start} to {stop}"


def unit_of(one: JudgedTrial) -> str:
    """The unit that the doses of a trial are in."""
    row = one.judgement.treatment
    return row.dose_unit if row else "mg/day"


def _ends(one: JudgedTrial, as_of: date) -> Ends | None:
    """The ends of a trial; an unknown end is as wide as it can be. None where no dose has any date."""
    starts = [dose.start for dose in one.trial.doses if dose.start]
    stops = [dose.stop for dose in one.trial.doses if dose.stop]
    is_ongoing = one.trial.doses[-1].is_ongoing or one.trial.stop_reason is StopReason.STILL_TAKING
    if not starts and not stops:
        return None
    stop = (as_of, as_of) if is_ongoing else (stops[-1].earliest, min(stops[-1].latest, as_of)) if stops else None
    start = (starts[0].earliest, starts[0].latest) if starts else None
    if start is None and stop is not None:
        start = (stop[0], stop[0])
    if stop is None and start is not None:
        stop = (start[1], as_of)
    return Ends(start, stop) if start and stop else None


def _bar(one: JudgedTrial, ends: Ends, axis: _Axis) -> dict[str, Any]:
    judgement, unit = one.judgement, unit_of(one)
    verdict = Verdict(one.override.verdict) if one.override else judgement.verdict
    return {
        "label": f"+ {judgement.name}" if one.trial.added_to else judgement.name,
        "from_fraction_min": axis.at(ends.start[0]),
        "from_fraction_max": axis.at(ends.start[1]),
        "to_fraction_min": axis.at(max(ends.stop[0], ends.start[0])),
        "to_fraction_max": axis.at(ends.stop[1]),
        "adequate": None if verdict in UNCLEAR else verdict in ADEQUATE,
        "note": STOP_REASONS[one.trial.stop_reason] if one.trial.stop_reason in NOTED else "",
        "dates": "; ".join(time_words(dose) for dose in one.trial.doses),
        "dose": "; ".join(_amount(dose, unit) for dose in one.trial.doses),
        "outcome": f"{VERDICTS[verdict]}; {IMPROVEMENTS[one.trial.improvement]}",
    }


def _amount(dose: DoseSegment, unit: str) -> str:
    return f"{dose.mg_per_day:g} {unit}" if dose.mg_per_day is not None else "not remembered"
