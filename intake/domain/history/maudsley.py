"""Maudsley staging (MSM): points for resistance once a provider has rated severity, each part shown.

Source: trial-adequacy, "MSM points (full)"; the points stand in maudsley.csv with how sure each row is.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from intake.domain.data import is_verified, read_table
from intake.domain.errors import DomainError
from intake.domain.history.formulary import Kind
from intake.domain.history.resistance import Assessment

RULES_VERSION = "maudsley 2025-12"
_ECT = "electroconvulsive therapy"


class Severity(StrEnum):
    """Severity of the episode before treatment, as a provider rates it."""

    SUBSYNDROMAL = "subsyndromal"
    MILD = "mild"
    MODERATE = "moderate"
    SEVERE = "severe without psychosis"
    PSYCHOTIC = "severe with psychosis"


class Dimension(StrEnum):
    """What points are given for."""

    DURATION = "duration"
    SEVERITY = "severity"
    FAILURES = "failures"
    AUGMENTATION = "augmentation"
    ECT = "ect"


@dataclass(frozen=True, slots=True)
class Part:
    """The points of one dimension. `is_verified` False: the row was not read in its source, clinic to confirm."""

    dimension: Dimension
    category: str
    points: int
    source: str
    is_verified: bool


@dataclass(frozen=True, slots=True)
class Staging:
    """The answer. Without a failed medicine the method does not apply: `total` and `band` are None, `reason` says why.

    The total lies between 3 and 15.
    """

    parts: tuple[Part, ...]
    total: int | None
    band: str | None
    reason: str = ""
    rules_version: str = RULES_VERSION

    @property
    def is_verified(self) -> bool:
        """Whether every part was read in its source."""
        return all(part.is_verified for part in self.parts)


@dataclass(frozen=True, slots=True)
class _Row:
    """One row of the table; `highest` is in, None: no limit. The rows of a dimension stand in rising order."""

    category: str
    highest: float | None
    points: int
    source: str
    confidence: str


def stage(assessment: Assessment, severity: Severity | None, *, episode_months: float | None) -> Staging:
    """The points of a judged history. `episode_months`: how long the current episode has lasted.

    Failed medicines are A, the distinct antidepressants of the current episode with overlapping ones joined.
    Augmentation and ECT count when they were used in this episode, whatever came of them. Raises `DomainError` for a
    duration below 0.
    """
    if episode_months is not None and not episode_months >= 0:
        raise DomainError("Enter how many months the episode has lasted", field="episode_months")
    failed = assessment.counts.adequate_failed
    if severity is None:
        return Staging((), None, None, "severity is not rated by a provider")
    if episode_months is None:
        return Staging((), None, None, "the length of the episode is not known")
    if failed == 0:
        return Staging((), None, None, "MSM not applicable: no failed medicine in this episode")
    parts = (
        _part(Dimension.DURATION, _of_months(episode_months)),
        _part(Dimension.SEVERITY, _named(Dimension.SEVERITY, severity.value)),
        _part(Dimension.FAILURES, _of_number(failed)),
        _part(Dimension.AUGMENTATION, _used(Dimension.AUGMENTATION, _has_augmentation(assessment))),
        _part(Dimension.ECT, _used(Dimension.ECT, _has_ect(assessment))),
    )
    total = sum(part.points for part in parts)
    return Staging(parts, total, _band(total))


def severity_from_band(band: str | None) -> Severity | None:
    """What a PHQ-9 band may pre-fill: mild, moderate or severe, never psychosis and never subsyndromal."""
    return {
        "mild": Severity.MILD,
        "moderate": Severity.MODERATE,
        "moderately severe": Severity.MODERATE,
        "severe": Severity.SEVERE,
    }.get(band or "")


def _has_augmentation(assessment: Assessment) -> bool:
    return any(
        each.is_current and (row := each.judgement.treatment) is not None and row.kind is Kind.AUGMENTATION
        for each in assessment.judged
    )


def _has_ect(assessment: Assessment) -> bool:
    return any(each.is_current and each.molecule == _ECT for each in assessment.judged)


def _of_months(months: float) -> _Row:
    rows = _rows(Dimension.DURATION.value)
    return next(row for row in rows if row.highest is None or months <= row.highest)


def _of_number(failed: int) -> _Row:
    rows = _rows(Dimension.FAILURES.value)
    return next(row for row in rows if row.highest is None or failed <= row.highest)


def _used(dimension: Dimension, is_used: bool) -> _Row:
    return _named(dimension, "used" if is_used else "not used")


def _named(dimension: Dimension, category: str) -> _Row:
    return next(row for row in _rows(dimension.value) if row.category == category)


def _band(total: int) -> str:
    return next(row.category for row in _rows("band") if row.highest is not None and total <= row.highest)


def _part(dimension: Dimension, row: _Row) -> Part:
    return Part(dimension, row.category, row.points, row.source, is_verified(row.confidence))


@cache
def _rows(dimension: str) -> tuple[_Row, ...]:
    return tuple(
        _Row(
            category=row["category"],
            highest=float(row["highest"]) if row["highest"] else None,
            points=int(row["points"] or 0),
            source=row["source"],
            confidence=row["confidence"],
        )
        for row in read_table("maudsley.csv")
        if row["dimension"] == dimension
    )
