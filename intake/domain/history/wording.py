"""The sentences that go with a verdict, for a provider."""

from __future__ import annotations

from intake.domain.history.formulary import Treatment
from intake.domain.history.trials import Improvement, MedicationTrial, StopReason, WeeksRange


def not_rated(row: Treatment) -> str:
    """Why a row is never rated."""
    return f"{row.kind.value}: separate from antidepressant trials, kept in the history"


def lost_response(weeks: WeeksRange) -> str:
    """A response that faded."""
    return f"responded, then wore off: loss of response, not a failed trial; {weeks.in_words()} at dose"


def responded(weeks: WeeksRange, is_below_threshold: bool) -> str:
    """A response, with the dose or time that was below the threshold."""
    flag = "; below the threshold of dose or time" if is_below_threshold else ""
    return f"response of 50 % or more; {weeks.in_words()} at dose{flag}"


def stopped_early(weeks: WeeksRange, minimum: float, row: Treatment, sessions: int | None) -> str:
    """A trial that side effects ended before it was long enough."""
    if row.min_sessions is not None and sessions is not None:
        return f"{too_few(sessions, row)}; stopped for side effects"
    return f"{weeks.in_words()} at dose (under {minimum:g}); stopped for side effects"


_SESSION_WORDS = {"treatments": "treatments", "0.5 mg/kg per infusion": "infusions of 0.5 mg/kg or more"}


def sessions_of(row: Treatment) -> str:
    """The least number of sessions with its noun: "4 infusions of 0.5 mg/kg or more"."""
    return f"{row.min_sessions} {_SESSION_WORDS.get(row.dose_unit, 'sessions')}"


def too_few(sessions: int, row: Treatment) -> str:
    """A course of too few sessions."""
    return f"{sessions} of at least {sessions_of(row)}"


def read_as(trial: MedicationTrial, row: Treatment) -> str:
    """Which row a bare molecule was read as."""
    return f"{trial.treatment} is read as {row.generic}"


def dose_too_low(top: float, row: Treatment) -> str:
    """A dose that never reached the minimum."""
    return f"highest dose {top:g}, under the minimum of {minimum_dose(row)}"


def minimum_dose(row: Treatment) -> str:
    """The row's minimum with its unit."""
    if row.min_mg_per_day is None:
        return "any dose"
    return f"{row.min_mg_per_day:g} {row.dose_unit} or more"


def too_short(weeks: WeeksRange, minimum: float) -> str:
    """A trial that was certainly too short."""
    return f"{weeks.in_words()} at dose (under {minimum:g})"


def straddles(weeks: WeeksRange, minimum: float) -> str:
    """A range of weeks with the minimum inside it."""
    if weeks.longest is None and weeks.shortest == 0:
        return "dates not known"
    return f"{weeks.in_words()} at dose, on both sides of {minimum:g}"


def outcome(weeks: WeeksRange, trial: MedicationTrial) -> str:
    """A long enough trial at dose, with its grade."""
    grade = "partial response (25-49 %)" if trial.improvement is Improvement.FROM_25_TO_49 else "nonresponse"
    also = "; side effects also recorded" if trial.stop_reason is StopReason.SIDE_EFFECTS else ""
    return f"{weeks.in_words()} at dose; {grade}{also}"
