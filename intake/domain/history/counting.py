"""The counts A, S, L, I, G, N and R of a judged history. Source: trial-adequacy, rules 15 and 17 and section 3."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from intake.domain.history.formulary import Kind, Treatment
from intake.domain.history.trials import Adherence, Episode, Improvement, Judgement, MedicationTrial, Verdict
from intake.domain.screening.sources import key_of

STRICT = (Improvement.WORSE, Improvement.UNDER_25)  # what S counts
_COUNTED = (Kind.ANTIDEPRESSANT, Kind.AUGMENTATION, Kind.NEUROMODULATION)
Pairs = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Counts:
    """A, S, L, I, G, N, R of trial-adequacy section 3: distinct molecules, overlapping ones joined."""

    adequate_failed: int
    strict: int
    lifetime: int
    indeterminate: int
    augmentation_failed: int
    neuromodulation_failed: int
    rapid_acting_failed: int

    def as_dict(self) -> dict[str, int]:
        """The counts by name, in their order."""
        return {name: getattr(self, name) for name in self.__slots__}


class Judged(NamedTuple):
    """A trial beside its verdict, with what the counts ask about it.

    `molecule` is what counts once: the row's, or the name as typed, its case and punctuation apart. `failed_as`: the
    kind of an adequate failed trial that is not rapid-acting, else None. `could_become_failed`: it is unclear, of this
    episode, and an answer could make it a failed antidepressant trial.
    """

    trial: MedicationTrial
    judgement: Judgement
    molecule: str
    is_current: bool
    failed_as: Kind | None
    is_failed_rapid_acting: bool
    could_become_failed: bool

    @property
    def is_failed_antidepressant(self) -> bool:
        """Whether it is an adequate failed trial of an antidepressant that is not rapid-acting."""
        return self.failed_as is Kind.ANTIDEPRESSANT


def judged(trial: MedicationTrial, judgement: Judgement) -> Judged:
    """A trial beside its verdict."""
    row = judgement.treatment
    has_failed = row is not None and judgement.verdict is Verdict.ADEQUATE_FAILED
    is_rapid = row is not None and row.is_rapid_acting
    is_current = trial.episode is Episode.CURRENT
    return Judged(
        trial=trial,
        judgement=judgement,
        molecule=row.molecule if row else f"not recognised: {key_of(trial.treatment)}",
        is_current=is_current,
        failed_as=row.kind if row and has_failed and not is_rapid else None,
        is_failed_rapid_acting=has_failed and is_rapid,
        could_become_failed=is_current
        and judgement.verdict is Verdict.INDETERMINATE
        and could_be_antidepressant(trial, row)
        and trial.adherence is not Adherence.POOR
        and not trial.has_response,
    )


def could_be_antidepressant(trial: MedicationTrial, row: Treatment | None) -> bool:
    """Whether it is an antidepressant that is not rapid-acting, or a name not recognised that was added to nothing."""
    if row is None:
        return trial.added_to is None
    return row.kind is Kind.ANTIDEPRESSANT and not row.is_rapid_acting


def count(trials: Sequence[Judged], overlaps: Pairs) -> Counts:
    """The seven counts. `overlaps` are the pairs of trial ids of rule 15."""
    failed: dict[Kind, list[Judged]] = {kind: [] for kind in _COUNTED}
    for each in trials:
        if each.failed_as is not None:
            failed[each.failed_as].append(each)
    lifetime = failed[Kind.ANTIDEPRESSANT]
    current = [each for each in lifetime if each.is_current]
    strict = [each for each in current if each.trial.improvement in STRICT]
    return Counts(
        adequate_failed=len(groups(current, overlaps)),
        strict=len(groups(strict, overlaps)),
        lifetime=len(groups(lifetime, overlaps)),
        indeterminate=len(molecules_of(unclear(trials))),
        augmentation_failed=len(molecules_of(failed[Kind.AUGMENTATION])),
        neuromodulation_failed=len(molecules_of(failed[Kind.NEUROMODULATION])),
        rapid_acting_failed=len({each.molecule for each in trials if each.is_failed_rapid_acting}),
    )


def groups(failed: Sequence[Judged], overlaps: Pairs) -> list[list[str]]:
    """The molecules of failed trials in the order given, those joined by an overlap of two of them together.

    A chain of overlaps is one group. Pairs that name a trial outside `failed` join nothing.
    """
    found = {each.molecule: [each.molecule] for each in failed}
    if not overlaps or len(found) < 2:
        return list(found.values())
    molecules = {each.trial.id: each.molecule for each in failed}
    for one, other in overlaps:
        if one in molecules and other in molecules:
            _join(found, molecules[one], molecules[other])
    return list({id(group): group for group in found.values()}.values())


def unclear(trials: Sequence[Judged]) -> list[Judged]:
    """The trials behind I: what could still become a failure, of molecules that are not in A."""
    waiting = [each for each in trials if each.could_become_failed]
    if not waiting:
        return waiting
    failed = {each.molecule for each in trials if each.is_current and each.is_failed_antidepressant}
    return [each for each in waiting if each.molecule not in failed]


def molecules_of(trials: Iterable[Judged]) -> set[str]:
    """The distinct molecules of trials."""
    return {each.molecule for each in trials}


def _join(found: dict[str, list[str]], one: str, other: str) -> None:
    first, second = found[one], found[other]
    if first is not second:
        first.extend(second)
        found.update(dict.fromkeys(second, first))
