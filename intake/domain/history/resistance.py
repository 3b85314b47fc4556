"""From verdicts to the counts and the statement that a provider confirms. Source: trial-adequacy, section 3."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from intake.domain.history import augmentation, counting, open_questions
from intake.domain.history.counting import Counts, Judged, Pairs, count
from intake.domain.history.formulary import find
from intake.domain.history.judging import judge
from intake.domain.history.open_questions import OpenQuestion, questions_of
from intake.domain.history.overlaps import overlapping
from intake.domain.history.related import Relation, relations_among
from intake.domain.history.statements import Statement, first_line_of, statement_of, text_of
from intake.domain.history.trials import RULES_VERSION, Judgement, MedicationTrial, Settings


@dataclass(frozen=True, slots=True)
class Assessment:
    """The whole answer on a history.

    `judged` holds the trials with their verdicts in the order given; `overlaps` the pairs of trial ids that count as
    one; `relations` the flags on medicines that count as two but are close. `is_verified` is False when a number that
    a verdict rests on was not read in its source.
    """

    judged: tuple[Judged, ...]
    counts: Counts
    overlaps: Pairs
    relations: tuple[Relation, ...]
    statement: Statement
    statement_text: str
    is_bipolar: bool
    as_of: date
    settings: Settings
    is_verified: bool
    rules_version: str = RULES_VERSION

    @property
    def judgements(self) -> tuple[Judgement, ...]:
        """The verdicts, in the order of the trials."""
        return tuple(each.judgement for each in self.judged)

    @property
    def first_line(self) -> str:
        """The sentence that a doctor would dictate; a provider may edit it."""
        return first_line_of(self.judged, self.counts, self.overlaps, self.settings)

    @property
    def questions(self) -> tuple[OpenQuestion, ...]:
        """Every question that a verdict leaves open."""
        return questions_of(self.judged)

    @property
    def deciding_questions(self) -> tuple[OpenQuestion, ...]:
        """Those of which an answer could change the statement."""
        return open_questions.deciding_questions(self.judged, self.counts)


def assess(
    trials: Sequence[MedicationTrial], settings: Settings, *, as_of: date, is_bipolar: bool = False
) -> Assessment:
    """Judge every trial and say what the history shows. The order of the trials changes neither verdicts nor counts."""
    judged = tuple(map(counting.judged, trials, judge_all(trials, settings, as_of=as_of)))
    overlaps = _overlaps(judged, settings, as_of)
    counts = count(judged, overlaps)
    statement = statement_of(counts)
    return Assessment(
        judged=judged,
        counts=counts,
        overlaps=overlaps,
        relations=relations_among({each.molecule for each in judged if each.is_failed_antidepressant}),
        statement=statement,
        statement_text=text_of(statement, counts, is_bipolar=is_bipolar),
        is_bipolar=is_bipolar,
        as_of=as_of,
        settings=settings,
        is_verified=all(each.judgement.is_verified for each in judged if each.judgement.treatment),
    )


def judge_all(trials: Sequence[MedicationTrial], settings: Settings, *, as_of: date) -> list[Judgement]:
    """The verdict on each trial of one history: rules 1 to 14 for it alone, then rule 16 against its base."""
    by_id = {trial.id: trial for trial in trials}
    alone = (judge(trial, find(trial.treatment), settings, as_of=as_of) for trial in trials)
    return [
        augmentation.tested(judgement, trial, by_id, as_of=as_of)
        for judgement, trial in zip(alone, trials, strict=True)
    ]


def _overlaps(judged: Sequence[Judged], settings: Settings, as_of: date) -> Pairs:
    failed = [
        (each.trial, row) for each in judged if each.is_failed_antidepressant and (row := each.judgement.treatment)
    ]
    return overlapping(failed, settings, as_of=as_of)
