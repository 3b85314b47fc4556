"""From verdicts to the counts and the statement that a provider confirms."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from intake.domain.history.trials import RULES_VERSION, Judgement, MedicationTrial, Settings

NOT_JUDGED = "overlaps and repeats not judged yet"


class Statement(StrEnum):
    """The statement on the history as entered; the first that fits stands."""

    TWO_FAILED_STRICT = "two-failed-strict"
    TWO_FAILED = "two-failed"
    ONE_PLUS_AUGMENTATION = "one-plus-augmentation"
    COULD_BE = "could-be"
    EARLIER_ONLY = "earlier-only"
    NOT_SHOWN = "not-shown"


@dataclass(frozen=True, slots=True)
class Counts:
    """A, S, L, I, G, N, R of trial-adequacy section 3, trials counted as entered."""

    adequate_failed: int
    strict: int
    lifetime: int
    indeterminate: int
    augmentation_failed: int
    neuromodulation_failed: int
    rapid_acting_failed: int


@dataclass(frozen=True, slots=True)
class OpenQuestion:
    """The one answer that would settle a trial."""

    trial_id: str
    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Assessment:
    """The whole answer on a history. `first_line` is the sentence a doctor would dictate; a provider may edit it."""

    judgements: tuple[Judgement, ...]
    counts: Counts
    statement: Statement
    statement_text: str
    first_line: str
    questions: tuple[OpenQuestion, ...]
    is_bipolar: bool
    as_of: date
    settings: Settings
    is_verified: bool
    not_judged: str = NOT_JUDGED
    rules_version: str = RULES_VERSION


def assess(trials: Sequence[MedicationTrial], settings: Settings, *, as_of: date, is_bipolar: bool = False) -> Assessment:
    """Judge every trial and say what the history shows. Order of the trials does not matter to the counts."""
    raise NotImplementedError
