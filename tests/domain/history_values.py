"""Valid trials for tests of the history rules; a test names only what matters to it."""

from __future__ import annotations

from datetime import date
from typing import Any

from intake.domain.history.formulary import find
from intake.domain.history.judging import judge
from intake.domain.history.partial_dates import read
from intake.domain.history.trials import (
    Adherence,
    DoseSegment,
    Improvement,
    Judgement,
    MedicationTrial,
    Settings,
    StopReason,
    WeeksRange,
)

AS_OF = date(2025, 7, 1)
SIX_WEEKS = Settings()


def a_dose(mg: float | None = 100, start: str | None = None, stop: str | None = None, **time: Any) -> DoseSegment:
    """A dose with dates in strict form, or with `weeks`, `about_weeks` or `is_ongoing`."""
    return DoseSegment(mg, read(start) if start else None, read(stop) if stop else None, **time)


def a_trial(treatment: str = "sertraline", *doses: DoseSegment, **values: Any) -> MedicationTrial:
    """An adherent trial without benefit: ten weeks of 100 mg unless doses are given."""
    told: dict[str, Any] = {
        "id": "t",
        "adherence": Adherence.GOOD,
        "improvement": Improvement.UNDER_25,
        "stop_reason": StopReason.NO_BENEFIT,
    }
    return MedicationTrial(treatment=treatment, doses=doses or (a_dose(weeks=10),), **(told | values))


def judged(trial: MedicationTrial, settings: Settings = SIX_WEEKS, as_of: date = AS_OF) -> Judgement:
    """The judgement on a trial, its row found by name."""
    return judge(trial, find(trial.treatment), settings, as_of=as_of)


def weeks_of(*doses: DoseSegment, treatment: str = "sertraline", **values: Any) -> tuple[float, float | None]:
    """The weeks at dose of a trial, to one decimal."""
    found = judged(a_trial(treatment, *doses, **values)).weeks_at_dose
    assert isinstance(found, WeeksRange)
    return round(found.shortest, 1), None if found.longest is None else round(found.longest, 1)
