"""The counts A, S, L, I, G, N and R of a judged history. Source: trial-adequacy, rules 15 and 17 and section 3."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from intake.domain.history.formulary import Kind
from intake.domain.history.trials import Adherence, Episode, Improvement, Judgement, MedicationTrial, Verdict
from intake.domain.screening.sources import key_of

STRICT = frozenset({Improvement.WORSE, Improvement.UNDER_25})  # what S counts
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


@dataclass(frozen=True, slots=True)
class Judged:
    """A trial beside its verdict."""

    trial: MedicationTrial
    judgement: Judgement

    @property
    def is_current(self) -> bool:
        """Whether it belongs to the current episode."""
        return self.trial.episode is Episode.CURRENT

    @property
    def molecule(self) -> str:
        """What counts once: the row's molecule, or the name as typed, its case and punctuation apart."""
        row = self.judgement.treatment
        return row.molecule if row else f"not recognised: {key_of(self.trial.treatment)}"

    @property
    def has_failed(self) -> bool:
        """Whether it is an adequate failed trial that is not rapid-acting."""
        row = self.judgement.treatment
        return self.judgement.verdict is Verdict.ADEQUATE_FAILED and row is not None and not row.is_rapid_acting

    @property
    def is_failed_antidepressant(self) -> bool:
        """Whether it is an adequate failed trial of an antidepressant that is not rapid-acting."""
        return self.is_failed(Kind.ANTIDEPRESSANT)

    def is_failed(self, kind: Kind) -> bool:
        """Whether it is an adequate failed trial of that kind; the rapid-acting ones are of none."""
        row = self.judgement.treatment
        return self.has_failed and row is not None and row.kind is kind

    @property
    def is_failed_rapid_acting(self) -> bool:
        """Whether it is an adequate failed course of a rapid-acting treatment."""
        row = self.judgement.treatment
        return self.judgement.verdict is Verdict.ADEQUATE_FAILED and row is not None and row.is_rapid_acting

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


def count(judged: Sequence[Judged], overlaps: Pairs) -> Counts:
    """The seven counts. `overlaps` are the pairs of trial ids of rule 15."""
    lifetime = [each for each in judged if each.is_failed_antidepressant]
    current = [each for each in lifetime if each.is_current]
    strict = [each for each in current if each.trial.improvement in STRICT]
    return Counts(
        adequate_failed=len(groups(current, overlaps)),
        strict=len(groups(strict, overlaps)),
        lifetime=len(groups(lifetime, overlaps)),
        indeterminate=_distinct(unclear(judged)),
        augmentation_failed=_distinct(each for each in judged if each.is_failed(Kind.AUGMENTATION)),
        neuromodulation_failed=_distinct(each for each in judged if each.is_failed(Kind.NEUROMODULATION)),
        rapid_acting_failed=_distinct(each for each in judged if each.is_failed_rapid_acting),
    )


def groups(failed: Sequence[Judged], overlaps: Pairs) -> list[list[str]]:
    """The molecules of failed trials in the order given, those joined by an overlap of two of them together.

    A chain of overlaps is one group. Pairs that name a trial outside `failed` join nothing.
    """
    found = {each.molecule: [each.molecule] for each in failed}
    molecules = {each.trial.id: each.molecule for each in failed} if overlaps else {}
    for one, other in overlaps:
        if one in molecules and other in molecules:
            _join(found, molecules[one], molecules[other])
    return list({id(group): group for group in found.values()}.values())


def unclear(judged: Sequence[Judged]) -> list[Judged]:
    """The trials behind I: what could still become a failure, of molecules that are not in A."""
    failed = {each.molecule for each in judged if each.is_current and each.is_failed_antidepressant}
    return [each for each in judged if each.could_become_failed and each.molecule not in failed]


def _join(found: dict[str, list[str]], one: str, other: str) -> None:
    first, second = found[one], found[other]
    if first is not second:
        first.extend(second)
        found.update(dict.fromkeys(second, first))


def _distinct(judged: Iterable[Judged]) -> int:
    return len({each.molecule for each in judged})
