"""What a prior treatment trial is: the doses held, how it went, and the clinic's settings it is judged by."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from intake.domain.history.formulary import Treatment
from intake.domain.history.partial_dates import PartialDate

RULES_VERSION = "trial-adequacy 2025-12, rules 1 to 17"


class Verdict(StrEnum):
    """How one trial is judged. A patient never sees it."""

    ADEQUATE_FAILED = "adequate-failed"
    ADEQUATE_RESPONDED = "adequate-responded"
    INADEQUATE_DOSE = "inadequate-dose"
    INADEQUATE_DURATION = "inadequate-duration"
    INTOLERANT = "intolerant"
    INDETERMINATE = "indeterminate"
    NOT_RATED = "not-rated"


class Episode(StrEnum):
    """The episode of depression that a trial belongs to."""

    CURRENT = "current"
    EARLIER = "earlier"


class Adherence(StrEnum):
    """How many doses were taken; good means at least 75 %."""

    GOOD = "good"
    POOR = "poor"
    UNSURE = "unsure"


class Improvement(StrEnum):
    """The best improvement reached, in percent."""

    WORSE = "worse"
    UNDER_25 = "under 25"
    FROM_25_TO_49 = "25-49"
    AT_LEAST_50 = "50 or more"
    UNKNOWN = "unknown"


class StopReason(StrEnum):
    """Why a trial ended."""

    NO_BENEFIT = "no benefit"
    SIDE_EFFECTS = "side effects"
    COST = "cost"
    FELT_WELL = "felt well"
    WORE_OFF = "wore off"
    COURSE_FINISHED = "course finished"
    OTHER = "other"
    STILL_TAKING = "still taking"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class DoseSegment:
    """One dose held for a time.

    `mg_per_day` is in the treatment's own unit, None when not remembered. Time is `weeks` (exact), `about_weeks`
    (± 25 %), or `start` and `stop`, each None when not known; `is_ongoing` stands for a stop of "now".
    """

    mg_per_day: float | None = None
    start: PartialDate | None = None
    stop: PartialDate | None = None
    is_ongoing: bool = False
    weeks: float | None = None
    about_weeks: float | None = None

    @property
    def is_length_only(self) -> bool:
        """Whether its time is a length without dates."""
        return self.weeks is not None or self.about_weeks is not None


@dataclass(frozen=True, slots=True)
class MedicationTrial:
    """One course of one treatment, as entered. `doses` stand in order of time."""

    id: str
    treatment: str
    doses: tuple[DoseSegment, ...]
    episode: Episode = Episode.CURRENT
    added_to: str | None = None
    adherence: Adherence = Adherence.UNSURE
    improvement: Improvement = Improvement.UNKNOWN
    wore_off: bool = False
    stop_reason: StopReason = StopReason.UNKNOWN
    sessions: int | None = None

    @property
    def has_worn_off(self) -> bool:
        """Whether there was a response that faded; the stop reason says the same."""
        return self.wore_off or self.stop_reason is StopReason.WORE_OFF

    @property
    def has_response(self) -> bool:
        """Whether the improvement ever reached 50 %."""
        return self.has_worn_off or self.improvement is Improvement.AT_LEAST_50


@dataclass(frozen=True, slots=True)
class Settings:
    """What the clinic chose. Weeks above 0; `failure_below_percent` is 50, or 25 for the strict view."""

    min_weeks_antidepressant: float = 6
    min_weeks_augmentation: float = 4
    failure_below_percent: int = 50

    def in_words(self) -> str:
        """The rule as every summary prints it: "6 weeks, under 50 %"."""
        return f"{self.min_weeks_antidepressant:g} weeks, under {self.failure_below_percent} %"


@dataclass(frozen=True, slots=True)
class WeeksRange:
    """The shortest and longest time at dose that the dates allow, in weeks (days / 7, unrounded).

    `longest` None: no limit, because a start is not known.
    """

    shortest: float
    longest: float | None

    def in_words(self) -> str:
        """The range as text, to one decimal."""
        shortest = f"{self.shortest:.1f}"
        if self.longest is None:
            return f"{shortest} weeks or more"
        longest = f"{self.longest:.1f}"
        return f"{shortest} weeks" if shortest == longest else f"{shortest} to {longest} weeks"


@dataclass(frozen=True, slots=True)
class Judgement:
    """The verdict on one trial and everything that a provider needs to check it.

    `rule` is the number of the rule that decided; `question` is the one answer that would settle it, or what the
    provider should look at. `adequate_on` is the first day on which a trial still going on is long enough.
    `is_verified` is False when the numbers of the row were not read in their source: "clinic to confirm".
    """

    trial_id: str
    name: str
    treatment: Treatment | None
    verdict: Verdict
    rule: int
    reason: str
    question: str | None = None
    weeks_at_dose: WeeksRange | None = None
    min_weeks: float | None = None
    has_lost_response: bool = False
    is_below_threshold: bool = False
    has_intolerance: bool = False
    adequate_on: date | None = None
    source: str = ""
    is_verified: bool = False
    settings: Settings = Settings()
    rules_version: str = RULES_VERSION
