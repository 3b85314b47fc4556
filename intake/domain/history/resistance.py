"""From verdicts to the counts and the statement that a provider confirms. Source: trial-adequacy, section 3."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from intake.domain.history.formulary import Kind, find
from intake.domain.history.judging import judge
from intake.domain.history.trials import (
    RULES_VERSION,
    Adherence,
    Episode,
    Improvement,
    Judgement,
    MedicationTrial,
    Settings,
    Verdict,
)

NOT_JUDGED = "overlaps and repeats not judged yet"
BIPOLAR_NOTE = "Unipolar TRD definitions do not apply; provider to judge"
_STRICT = frozenset({Improvement.WORSE, Improvement.UNDER_25})
_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_TIMES = {2: "twice", 3: "three times"}


class Statement(StrEnum):
    """The statement on the history as entered; the first that fits stands."""

    TWO_FAILED_STRICT = "two-failed-strict"
    TWO_FAILED = "two-failed"
    ONE_PLUS_AUGMENTATION = "one-plus-augmentation"
    COULD_BE = "could-be"
    EARLIER_ONLY = "earlier-only"
    NOT_SHOWN = "not-shown"


_TEXTS = {
    Statement.TWO_FAILED_STRICT: "Entered history meets the 2-failed-trials definition of TRD, "
    "including the strict under-25% form",
    Statement.TWO_FAILED: "Meets 2-failed-trials (under 50%) definition; strict form not met: partial responses",
    Statement.ONE_PLUS_AUGMENTATION: "One failed antidepressant plus failed augmentation/neuromodulation: meets "
    "lifetime antidepressant-or-augmentation rule used in some trials, not the label-style definition",
    Statement.COULD_BE: "Could meet definition if the listed unclear trials are settled",
    Statement.EARLIER_ONLY: "Failed trials in earlier episodes only",
    Statement.NOT_SHOWN: "Entered history does not show two adequate failed trials",
}
_PARTLY_EARLIER = "Failed trials partly in earlier episodes"


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
    """The one answer that would settle a trial, or a dose that the provider should look at."""

    trial_id: str
    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Assessment:
    """The whole answer on a history. `first_line` is the sentence a doctor would dictate; a provider may edit it.

    `not_judged` says what the counts leave out and stands wherever the statement does. `is_verified` is False when a
    number that a verdict rests on was not read in its source.
    """

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


@dataclass(frozen=True, slots=True)
class _Judged:
    """A trial beside its verdict."""

    trial: MedicationTrial
    judgement: Judgement

    @property
    def is_current(self) -> bool:
        return self.trial.episode is Episode.CURRENT

    @property
    def is_rapid_acting(self) -> bool:
        return self.judgement.treatment is not None and self.judgement.treatment.is_rapid_acting

    def is_failed(self, kind: Kind) -> bool:
        """Whether it is an adequate failed trial of that kind; the rapid-acting ones are of none."""
        row = self.judgement.treatment
        is_of_kind = row is not None and row.kind is kind and not row.is_rapid_acting
        return is_of_kind and self.judgement.verdict is Verdict.ADEQUATE_FAILED

    @property
    def could_become_failed(self) -> bool:
        """Whether it is unclear, of this episode, and an answer could make it a failed antidepressant trial."""
        trial, row = self.trial, self.judgement.treatment
        if self.judgement.verdict is not Verdict.INDETERMINATE or not self.is_current:
            return False
        if trial.adherence is Adherence.POOR or trial.has_response:
            return False
        if row is None:
            return trial.added_to is None
        return row.kind is Kind.ANTIDEPRESSANT and not row.is_rapid_acting


def assess(
    trials: Sequence[MedicationTrial], settings: Settings, *, as_of: date, is_bipolar: bool = False
) -> Assessment:
    """Judge every trial and say what the history shows, each trial counted as entered.

    The order of the trials changes neither verdicts nor counts.
    """
    judged = [_Judged(trial, judge(trial, find(trial.treatment), settings, as_of=as_of)) for trial in trials]
    counts = _count(judged)
    statement = _statement(counts)
    return Assessment(
        judgements=tuple(each.judgement for each in judged),
        counts=counts,
        statement=statement,
        statement_text=_text(statement, counts, is_bipolar),
        first_line=_first_line(judged, counts, settings),
        questions=tuple(
            OpenQuestion(j.trial_id, j.name, j.question) for each in judged if (j := each.judgement).question
        ),
        is_bipolar=is_bipolar,
        as_of=as_of,
        settings=settings,
        is_verified=all(each.judgement.is_verified for each in judged if each.judgement.treatment),
    )


def _count(judged: Sequence[_Judged]) -> Counts:
    lifetime = [each for each in judged if each.is_failed(Kind.ANTIDEPRESSANT)]
    current = [each for each in lifetime if each.is_current]
    return Counts(
        adequate_failed=len(current),
        strict=sum(each.trial.improvement in _STRICT for each in current),
        lifetime=len(lifetime),
        indeterminate=sum(each.could_become_failed for each in judged),
        augmentation_failed=sum(each.is_failed(Kind.AUGMENTATION) for each in judged),
        neuromodulation_failed=sum(each.is_failed(Kind.NEUROMODULATION) for each in judged),
        rapid_acting_failed=sum(
            each.is_rapid_acting and each.judgement.verdict is Verdict.ADEQUATE_FAILED for each in judged
        ),
    )


def _statement(counts: Counts) -> Statement:
    failed = counts.adequate_failed
    rows = (
        (failed >= 2 and counts.strict >= 2, Statement.TWO_FAILED_STRICT),
        (failed >= 2, Statement.TWO_FAILED),
        (
            failed == 1 and counts.augmentation_failed + counts.neuromodulation_failed >= 1,
            Statement.ONE_PLUS_AUGMENTATION,
        ),
        (failed + counts.indeterminate >= 2, Statement.COULD_BE),
        (counts.lifetime >= 2, Statement.EARLIER_ONLY),
    )
    return next((statement for fits, statement in rows if fits), Statement.NOT_SHOWN)


def _text(statement: Statement, counts: Counts, is_bipolar: bool) -> str:
    is_partly = statement is Statement.EARLIER_ONLY and counts.adequate_failed == 1
    text = _PARTLY_EARLIER if is_partly else _TEXTS[statement]
    return f"{text}. {BIPOLAR_NOTE}" if is_bipolar else text


def _first_line(judged: Sequence[_Judged], counts: Counts, settings: Settings) -> str:
    failed = [each.judgement.name for each in judged if each.is_current and each.is_failed(Kind.ANTIDEPRESSANT)]
    noun = "trial" if len(failed) == 1 else "trials"
    names = f", {_list(failed)}" if failed else ""
    earlier = counts.lifetime - counts.adequate_failed
    parts = [
        f"{_number(len(failed)).capitalize()} adequate failed {noun} in this episode{names}",
        f"{_number(counts.indeterminate)} unclear" if counts.indeterminate else "",
        f"{_number(earlier)} in earlier episodes" if earlier else "",
        _also("augmentation", counts.augmentation_failed),
        _also("neuromodulation", counts.neuromodulation_failed),
        _also("rapid-acting treatment", counts.rapid_acting_failed),
        f"rule {settings.in_words()}",
    ]
    return "; ".join(part for part in parts if part)


def _also(noun: str, count: int) -> str:
    return f"{_number(count)} failed {noun}{'s' if count > 1 else ''}" if count else ""


def _list(names: Iterable[str]) -> str:
    told = [f"{name} {_TIMES.get(n, f'{n} times')}" if n > 1 else name for name, n in Counter(names).items()]
    return " and ".join([", ".join(told[:-1]), told[-1]] if len(told) > 1 else told)


def _number(count: int) -> str:
    return _NUMBERS[count] if count < len(_NUMBERS) else str(count)
