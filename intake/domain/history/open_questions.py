"""What is still to ask about a history, and which answers would change its statement. Source: trial-adequacy 3."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from enum import Enum, auto

from intake.domain.history.counting import STRICT, Counts, Judged, unclear
from intake.domain.history.formulary import Kind
from intake.domain.history.statements import Statement, statement_of
from intake.domain.history.trials import Adherence, Improvement

_COULD_BE_STRICT = STRICT | {Improvement.UNKNOWN}


@dataclass(frozen=True, slots=True)
class OpenQuestion:
    """The one answer that would settle a trial, or a dose that the provider should look at."""

    trial_id: str
    name: str
    text: str


class _Set(Enum):
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
    failed = {entry for each in judged if each.has_failed for entry in _entries(each, STRICT)}
    new = [(each, _entries(each, _COULD_BE_STRICT) - failed) for each in open_ones]
    times = Counter(entry for _, entries in new for entry in entries)

    def statement_with(entries: Collection[_Entry]) -> Statement:
        return statement_of(_counts_with(entries, counts, waiting))

    def decides(entries: Collection[_Entry]) -> bool:
        without = [entry for entry, number in times.items() if number > (entry in entries)]
        return statement_with(entries) is not stands or statement_with(without) is not statement_with(times)

    return questions_of(each for each, entries in new if each.trial.id in could_be or decides(entries))


def _could_fail(each: Judged) -> bool:
    if each.judgement.question is None or each.trial.has_response or each.trial.adherence is Adherence.POOR:
        return False
    row = each.judgement.treatment
    return each.trial.added_to is None if row is None else not row.is_rapid_acting


def _entries(each: Judged, strict: Collection[Improvement]) -> set[_Entry]:
    """Where a trial's molecule stands once it has failed; a name not recognised may be an antidepressant."""
    row = each.judgement.treatment
    kind = row.kind if row else Kind.ANTIDEPRESSANT
    places = {
        _Set.AUGMENTATION: kind is Kind.AUGMENTATION,
        _Set.NEUROMODULATION: kind is Kind.NEUROMODULATION,
        _Set.LIFETIME: kind is Kind.ANTIDEPRESSANT,
        _Set.CURRENT: kind is Kind.ANTIDEPRESSANT and each.is_current,
        _Set.STRICT: kind is Kind.ANTIDEPRESSANT and each.is_current and each.trial.improvement in strict,
    }
    return {(place, each.molecule) for place, is_there in places.items() if is_there}


def _counts_with(entries: Collection[_Entry], counts: Counts, waiting: Iterable[Judged]) -> Counts:
    """The counts with molecules that are new in some sets; `waiting` are the trials behind I."""
    more = Counter(place for place, _ in entries)
    still = {each.molecule for each in waiting if (_Set.CURRENT, each.molecule) not in entries}
    return replace(
        counts,
        adequate_failed=counts.adequate_failed + more[_Set.CURRENT],
        strict=counts.strict + more[_Set.STRICT],
        lifetime=counts.lifetime + more[_Set.LIFETIME],
        indeterminate=len(still),
        augmentation_failed=counts.augmentation_failed + more[_Set.AUGMENTATION],
        neuromodulation_failed=counts.neuromodulation_failed + more[_Set.NEUROMODULATION],
    )
