"""Rules 1 to 14 of trial adequacy: from one trial as entered to its verdict."""

from __future__ import annotations

from datetime import date

from intake.domain.history.formulary import Treatment
from intake.domain.history.trials import Judgement, MedicationTrial, Settings


def judge(trial: MedicationTrial, treatment: Treatment | None, settings: Settings, *, as_of: date) -> Judgement:
    """Judge one trial alone. `treatment` is what `formulary.find(trial.treatment)` gave, None for no row."""
    raise NotImplementedError


def refuse_entry_errors(trial: MedicationTrial, treatment: Treatment | None, *, as_of: date) -> None:
    """Raise `DomainError` for what cannot be true: a dose above 20 times the usual maximum, a stop before its start,
    a date after `as_of`, doses out of order. `field` is `doses-0-start` and the like."""
    raise NotImplementedError
