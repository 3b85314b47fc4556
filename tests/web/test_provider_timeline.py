"""Trials on the line of time: places, soft ends, years, and what has no place."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from intake.domain.history import partial_dates
from intake.domain.history.formulary import find
from intake.domain.history.judging import judge
from intake.domain.history.trials import DoseSegment, MedicationTrial, Settings, StopReason
from intake.models import trials as rows
from intake.provider.timeline import MOST_TICKS, timeline_of
from intake.queries.histories import JudgedTrial

TODAY = date(2026, 12, 1)


def judged(start: str | None, stop: str | None, *, name: str = "sertraline", **values: Any) -> JudgedTrial:
    """A trial of 100 mg between two remembered dates; `now` is still going on."""
    dose = DoseSegment(
        mg_per_day=100,
        start=partial_dates.read(start) if start else None,
        stop=partial_dates.read(stop) if stop and stop != "now" else None,
        is_ongoing=stop == "now",
        weeks=None if start or stop else 8,
    )
    trial = MedicationTrial("a", name, (dose,), **values)
    row = rows.MedicationTrial(treatment=name)
    return JudgedTrial(row, trial, judge(trial, find(name), Settings(), as_of=TODAY), None)


@pytest.mark.parametrize("count", [1, 6, 25])
def test_every_bar_lies_on_the_line_with_its_ends_in_order(count: int) -> None:
    trials = [judged(str(2000 + year), str(2001 + year)) for year in range(count)]
    timeline = timeline_of(trials, TODAY)
    assert len(timeline.bars) == count and 1 < len(timeline.ticks) <= MOST_TICKS
    for bar in timeline.bars:
        assert 0 <= bar["from_fraction_min"] <= bar["from_fraction_max"] <= 1
        assert bar["from_fraction_min"] <= bar["to_fraction_min"] <= bar["to_fraction_max"] <= 1


def test_an_exact_date_has_a_hard_end_and_a_season_a_soft_one() -> None:
    (bar,) = timeline_of([judged("2024-03-01", "fall 2024")], TODAY).bars
    assert bar["from_fraction_min"] == bar["from_fraction_max"]
    assert bar["to_fraction_min"] < bar["to_fraction_max"]


def test_what_is_still_taken_ends_today() -> None:
    (bar,) = timeline_of([judged("2024-03-01", "now", stop_reason=StopReason.STILL_TAKING)], TODAY).bars
    assert bar["to_fraction_min"] == bar["to_fraction_max"] == 1
    assert bar["note"] == "still taking"


def test_an_unknown_stop_is_soft_until_today() -> None:
    (bar,) = timeline_of([judged("2024-03-01", None)], TODAY).bars
    assert bar["to_fraction_min"] == bar["from_fraction_max"] and bar["to_fraction_max"] == 1


def test_a_trial_without_dates_is_named_apart() -> None:
    timeline = timeline_of([judged(None, None, name="fluoxetine"), judged("2020", "2021")], TODAY)
    assert timeline.undated == ["fluoxetine"] and len(timeline.bars) == 1


def test_no_trial_draws_nothing() -> None:
    timeline = timeline_of([], TODAY)
    assert (timeline.bars, timeline.ticks, timeline.undated) == ([], [], [])


def test_a_trial_begun_this_year_still_has_a_line() -> None:
    (bar,) = timeline_of([judged("2026-11-30", "now")], TODAY).bars
    assert 0 < bar["from_fraction_min"] < bar["to_fraction_max"] <= 1


def test_bars_stand_in_order_of_time() -> None:
    timeline = timeline_of([judged("2022", "2023"), judged("2019", "2020", name="fluoxetine")], TODAY)
    assert [bar["label"] for bar in timeline.bars] == ["fluoxetine", "sertraline"]
