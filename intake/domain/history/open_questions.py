"""What is still to ask about a history, and which answers would change its statement. Source: trial-adequacy 3."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum, auto

from intake.domain.history.counting import STRICT, Counts, Judged, could_be_antidepressant, unclear
from intake.domain.history.formulary import Kind
from intake.domain.history.statements import Statement, statement_of
from intake.domain.history.trials import Adherence, Improvement

_COULD_BE_STRICT = (*STRICT, Improvement.UNKNOWN)


@dataclass(frozen=True, slots=True)
class OpenQuestion:
    """The one answer that would settle a trial, or a dose that the provider should look at."""

    trial_id: str
    name: str
    text: str


class _Set(StrEnum):
    """The sets of molecules that counts are made of."""

    CURRENT = auto()
    STRICT = auto()
    LIFETIME = auto()
    AUGMENTATION = auto()
    NEUROMODULATION = auto()


_Entry = tuple[_Set, str]  # one molecule in one of the sets


def questions_of(judged: Iterable[Judged]) -> tuple[OpenQuestion, ...]:
    """Every question that a verdict leaves, in the order of the trials."""
    return tuple(OpenQuestion(j.trial_id, j.name, j.question) for each in judged if (j := each.judgement).question)


def deciding_questions(judged: Sequence[Judged], counts: Counts) -> tuple[OpenQuestion, ...]:
    """The questions of which an answer could change the statement, alone or as the last of all.

    An unclear trial, and one whose dose is asked about, is tried as an adequate failed one, as if no dates joined it
    to another. Where the statement is that unclear trials could meet the definition, each of those decides.
    """
    stands = statement_of(counts)
    open_ones = [] if stands is Statement.TWO_FAILED_STRICT else [each for each in judged if _could_fail(each)]
    if not open_ones:
        return ()
    waiting = unclear(judged)
    could_be = {each.trial.id for each in waiting} if stands is Statement.COULD_BE else set()
    failed = {entry for each in judged if each.failed_as for entry in _entries(each, STRICT)}
    new = [(each, _entries(each, _COULD_BE_STRICT) - failed) for each in open_ones]
    times = Counter(entry for _, entries in new for entry in entries)

    def statement_with(entries: Collection[_Entry]) -> Statement:
        return statement_of(_counts_with(entries, counts, waiting))

    best = statement_with(times)

    def decides(entries: Collection[_Entry]) -> bool:
        without = [entry for entry, number in times.items() if number > (entry in entries)]
        return statement_with(entries) is not stands or statement_with(without) is not best

    return questions_of(each for each, entries in new if each.trial.id in could_be or decides(entries))


def _could_fail(each: Judged) -> bool:
    if each.judgement.question is None or each.trial.has_response or each.trial.adherence is Adherence.POOR:
        return False
    row = each.judgement.treatment
    return could_be_antidepressant(each.trial, row) or (row is not None and row.kind is not Kind.ANTIDEPRESSANT)


def _entries(each: Judged, strict: Collection[Improvement]) -> set[_Entry]:
    """Where a trial's molecule stands once it has failed; a name not recognised may be an antidepressant."""
    row = each.judgement.treatment
    if row is not None and row.kind is not Kind.ANTIDEPRESSANT:
        is_agent = row.kind is Kind.AUGMENTATION
        return {(_Set.AUGMENTATION if is_agent else _Set.NEUROMODULATION, each.molecule)}
    places = [_Set.LIFETIME]
    if each.is_current:
        places.append(_Set.CURRENT)
        if each.trial.improvement in strict:
            places.append(_Set.STRICT)
    return {(place, each.molecule) for place in places}


def _counts_with(entries: Collection[_Entry], counts: Counts, waiting: Iterable[Judged]) -> Counts:
    """The counts with molecules that are new in some sets; `waiting` are the trials behind I."""
    places = [place for place, _ in entries]
    still = {each.molecule for each in waiting if (_Set.CURRENT, each.molecule) not in entries}
    return Counts(
        adequate_failed=counts.adequate_failed + places.count(_Set.CURRENT),
        strict=counts.strict + places.count(_Set.STRICT),
        lifetime=counts.lifetime + places.count(_Set.LIFETIME),
        indeterminate=len(still),
        augmentation_failed=counts.augmentation_failed + places.count(_Set.AUGMENTATION),
        neuromodulation_failed=counts.neuromodulation_failed + places.count(_Set.NEUROMODULATION),
        rapid_acting_failed=counts.rapid_acting_failed,
    )
