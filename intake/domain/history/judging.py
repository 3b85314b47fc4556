"""Rules 1 to 14 of trial adequacy: from one trial as entered to its verdict.

Each rule is one function that gives a verdict or passes the trial on; they are taken in the order of `_RULES`.
"""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import date, timedelta
from typing import NamedTuple

from intake.domain.history import dose_questions, weeks, wording
from intake.domain.history.formulary import Kind, Treatment, is_known_elsewhere
from intake.domain.history.trials import (
    Adherence,
    DoseSegment,
    Improvement,
    Judgement,
    MedicationTrial,
    Settings,
    StopReason,
    Verdict,
    WeeksRange,
)

ANTIDEPRESSANT_WEEKS, AUGMENTATION_WEEKS = 6, 4  # rows that say this follow the clinic's setting
ASK_ABOVE_TIMES_MAXIMUM = 3
_FAILED_BELOW = {
    25: (Improvement.WORSE, Improvement.UNDER_25),
    50: (Improvement.WORSE, Improvement.UNDER_25, Improvement.FROM_25_TO_49),
}


class _Case(NamedTuple):
    """A rated trial with everything that the rules ask about it."""

    trial: MedicationTrial
    row: Treatment
    settings: Settings
    as_of: date
    weeks: WeeksRange
    minimum: float
    has_forgotten_dose: bool
    is_never_at_dose: bool  # every dose is known and under the minimum
    top_mg: float

    @property
    def is_surely_short(self) -> bool:
        return self.weeks.longest is not None and self.weeks.longest < self.minimum

    @property
    def is_surely_long(self) -> bool:
        return self.weeks.shortest >= self.minimum

    @property
    def has_too_few_sessions(self) -> bool:
        few, sessions = self.row.min_sessions, self.trial.sessions
        return few is not None and sessions is not None and sessions < few


class _Ruling(NamedTuple):
    """What a rule says."""

    rule: int
    verdict: Verdict
    reason: str
    question: str | None = None
    adequate_on: date | None = None


def judge(trial: MedicationTrial, treatment: Treatment | None, settings: Settings, *, as_of: date) -> Judgement:
    """Judge one trial alone. `treatment` is what `formulary.find(trial.treatment)` gave, None for no row."""
    if treatment is None:
        return _judge_unlisted(trial, settings)
    if not treatment.is_rated:
        ruling = _Ruling(2, Verdict.NOT_RATED, wording.not_rated(treatment))
        return _judgement(trial, treatment, settings, ruling)
    if not trial.doses:  # nothing entered yet is one dose of which nothing is known
        trial = replace(trial, doses=(DoseSegment(),))
    case = _case(trial, treatment, settings, as_of)
    return _judgement(trial, treatment, settings, _first_ruling(case), case)


def _case(trial: MedicationTrial, row: Treatment, settings: Settings, as_of: date) -> _Case:
    known = [dose.mg_per_day for dose in trial.doses if dose.mg_per_day is not None]
    top, least = max(known, default=0.0), row.min_mg_per_day
    has_forgotten_dose = least is not None and len(known) < len(trial.doses)
    return _Case(
        trial=trial,
        row=row,
        settings=settings,
        as_of=as_of,
        weeks=weeks.weeks_at_dose(trial, row, as_of=as_of),
        minimum=minimum_weeks(row, settings),
        has_forgotten_dose=has_forgotten_dose,
        is_never_at_dose=least is not None and not has_forgotten_dose and top < least,
        top_mg=top,
    )


def _first_ruling(case: _Case) -> _Ruling:
    for rule in _RULES:
        ruling = rule(case)
        if ruling is not None:
            return ruling
    return _rule_14_failure(case)


def minimum_weeks(treatment: Treatment, settings: Settings) -> float:
    """The weeks a trial of this row has to reach: the clinic's setting, or the row's own figure where it differs."""
    own = treatment.min_weeks or 0.0
    if treatment.kind is Kind.ANTIDEPRESSANT and own == ANTIDEPRESSANT_WEEKS:
        return settings.min_weeks_antidepressant
    if treatment.kind is Kind.AUGMENTATION and own == AUGMENTATION_WEEKS:
        return settings.min_weeks_augmentation
    return own


def _judge_unlisted(trial: MedicationTrial, settings: Settings) -> Judgement:
    if is_known_elsewhere(trial.treatment):
        ruling = _Ruling(1, Verdict.NOT_RATED, "no row for this treatment")
    else:
        ruling = _Ruling(1, Verdict.INDETERMINATE, "name not recognised", "Which treatment is meant?")
    return _judgement(trial, None, settings, ruling)


def _judgement(
    trial: MedicationTrial, row: Treatment | None, settings: Settings, ruling: _Ruling, case: _Case | None = None
) -> Judgement:
    is_responder = ruling.rule == 7
    is_read_as = row is not None and row.is_default_of(trial.treatment)
    return Judgement(
        trial_id=trial.id,
        name=row.generic if row else trial.treatment,
        treatment=row,
        verdict=ruling.verdict,
        rule=ruling.rule,
        reason=f"{ruling.reason}; {wording.read_as(trial, row)}" if row and is_read_as else ruling.reason,
        question=ruling.question,
        weeks_at_dose=case.weeks if case else None,
        min_weeks=case.minimum if case else None,
        has_lost_response=is_responder and trial.has_worn_off,
        is_below_threshold=is_responder and case is not None and _is_below_threshold(case),
        has_intolerance=trial.stop_reason is StopReason.SIDE_EFFECTS,
        adequate_on=ruling.adequate_on,
        source=row.source if row else "",
        is_verified=row.is_verified if row else False,
        settings=settings,
    )


def _is_below_threshold(case: _Case) -> bool:
    if case.row.min_sessions is not None:
        return case.has_too_few_sessions
    return case.is_never_at_dose or case.is_surely_short


def _rule_3_implausible_dose(case: _Case) -> _Ruling | None:
    maximum = case.row.max_mg_per_day
    if maximum is None or not case.row.is_above_maximum(case.top_mg, times=ASK_ABOVE_TIMES_MAXIMUM):
        return None
    reason = f"a dose is more than {ASK_ABOVE_TIMES_MAXIMUM} times the usual maximum of {maximum:g}"
    return _Ruling(3, Verdict.INDETERMINATE, reason, f"Is {case.top_mg:g} mg right?")


def _rule_7_response(case: _Case) -> _Ruling | None:
    if not case.trial.has_response:
        return None
    if case.trial.has_worn_off:
        return _Ruling(7, Verdict.ADEQUATE_RESPONDED, wording.lost_response(case.weeks))
    return _Ruling(7, Verdict.ADEQUATE_RESPONDED, wording.responded(case.weeks, _is_below_threshold(case)))


def _rule_8_side_effects(case: _Case) -> _Ruling | None:
    if case.trial.stop_reason is not StopReason.SIDE_EFFECTS:
        return None
    if case.is_never_at_dose:
        return _Ruling(8, Verdict.INTOLERANT, "never reached the minimum dose because of side effects")
    is_short = case.is_surely_short if case.row.min_sessions is None else case.has_too_few_sessions
    if not is_short:
        return None
    reason = wording.stopped_early(case.weeks, case.minimum, case.row, case.trial.sessions)
    return _Ruling(8, Verdict.INTOLERANT, reason)


def _rule_4a_sessions(case: _Case) -> _Ruling | None:
    least, sessions = case.row.min_sessions, case.trial.sessions
    if least is None:
        return None
    if sessions is None:
        question = f"Were there at least {wording.sessions_of(case.row)}?"
        return _Ruling(4, Verdict.INDETERMINATE, "number of sessions not known", question)
    if sessions < least:
        return _Ruling(4, Verdict.INADEQUATE_DURATION, wording.too_few(sessions, case.row))
    return None


def _rule_9_forgotten_dose(case: _Case) -> _Ruling | None:
    if not case.has_forgotten_dose or case.is_surely_long or case.is_surely_short:
        return None
    question = f"Was it at least {case.row.min_mg_per_day:g} mg for {case.minimum:g} weeks?"
    return _Ruling(9, Verdict.INDETERMINATE, "dose unknown", question)


def _rule_10_dose(case: _Case) -> _Ruling | None:
    if case.row.min_sessions is not None or not case.is_never_at_dose:
        return None
    question = dose_questions.question_for(case.row, case.top_mg)
    taken = weeks.weeks_taken(case.trial, as_of=case.as_of)
    reason = wording.dose_too_low(case.top_mg, case.row)
    if taken.longest is not None and taken.longest < case.minimum:
        reason = f"{reason}; also taken for {taken.in_words()} only (under {case.minimum:g})"
    return _Ruling(10, Verdict.INADEQUATE_DOSE, reason, question)


def _rule_11_duration(case: _Case) -> _Ruling | None:
    if case.row.min_sessions is not None or case.is_surely_long:
        return None
    if case.is_surely_short:
        reason = wording.too_short(case.weeks, case.minimum)
        return _Ruling(11, Verdict.INADEQUATE_DURATION, reason, adequate_on=_adequate_on(case))
    question = f"Was it at least {case.minimum:g} weeks at {wording.minimum_dose(case.row)}?"
    return _Ruling(11, Verdict.INDETERMINATE, wording.straddles(case.weeks, case.minimum), question)


def _rule_12_adherence(case: _Case) -> _Ruling | None:
    if case.trial.adherence is Adherence.GOOD:
        return None
    if case.trial.adherence is Adherence.POOR:
        reason = "fewer than 75 % of the doses taken: not an adequate test"
        question = f"Were at least 75 % of the doses taken for {case.minimum:g} weeks in a row?"
    else:
        reason, question = "adherence not known", "Were at least 75 % of the doses taken?"
    return _Ruling(12, Verdict.INDETERMINATE, reason, question)


def _rule_13_improvement(case: _Case) -> _Ruling | None:
    if case.trial.improvement is not Improvement.UNKNOWN:
        return None
    limit = case.settings.failure_below_percent
    return _Ruling(13, Verdict.INDETERMINATE, "improvement not known", f"Was the improvement at best under {limit} %?")


def _rule_14_failure(case: _Case) -> _Ruling:
    reason = wording.outcome(case.weeks, case.trial)
    if case.trial.improvement in _FAILED_BELOW[case.settings.failure_below_percent]:
        return _Ruling(14, Verdict.ADEQUATE_FAILED, reason)
    return _Ruling(14, Verdict.ADEQUATE_RESPONDED, "partial response (25-49 %)")


_RULES = (
    _rule_3_implausible_dose,
    _rule_7_response,
    _rule_8_side_effects,
    _rule_4a_sessions,
    _rule_9_forgotten_dose,
    _rule_10_dose,
    _rule_11_duration,
    _rule_12_adherence,
    _rule_13_improvement,
)


def _adequate_on(case: _Case) -> date | None:
    """The day on which a trial still going on will certainly be long enough, if its dose stays."""
    last = case.trial.doses[-1]
    is_going_on = case.trial.stop_reason is StopReason.STILL_TAKING or last.is_ongoing
    if not is_going_on or not weeks.is_at_dose(last, case.row):
        return None
    reached = weeks.certain_weeks_of_last_course(case.trial, case.row, as_of=case.as_of)
    try:
        return case.as_of + timedelta(days=math.ceil(round((case.minimum - reached) * 7, 6)))
    except OverflowError:  # a setting of more weeks than the calendar has
        return None
