"""Rule 15: two antidepressants that failed over the same weeks count as one. Source: trial-adequacy, rule 15."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import combinations

from intake.domain.history.formulary import Treatment
from intake.domain.history.trials import MedicationTrial, Settings
from intake.domain.history.weeks import CertainCourse, certain_course


@dataclass(frozen=True, slots=True)
class _Dated:
    """A failed trial whose every dose has both dates."""

    id: str
    molecule: str
    course: CertainCourse


def overlapping(
    failed: Sequence[tuple[MedicationTrial, Treatment]], settings: Settings, *, as_of: date
) -> tuple[tuple[str, str], ...]:
    """The pairs of trial ids that count as one; within a pair and among pairs in the order given.

    `failed` holds the adequate failed trials of antidepressants that count, of both episodes. A pair is of different
    molecules, and their certain overlap reaches the clinic's weeks (the limit is in), unless each of the two has
    those weeks at dose outside it. Only trials whose every dose has both dates can overlap.
    """
    if len({row.molecule for _, row in failed}) < 2:
        return ()
    dated = [
        _Dated(trial.id, row.molecule, course)
        for trial, row in failed
        if (course := certain_course(trial, row, as_of=as_of)) is not None
    ]
    least = settings.min_weeks_antidepressant
    return tuple((one.id, other.id) for one, other in combinations(dated, 2) if _are_one(one, other, least))


def _are_one(one: _Dated, other: _Dated, least_weeks: float) -> bool:
    if one.molecule == other.molecule:
        return False
    start, stop = max(one.course.start, other.course.start), min(one.course.stop, other.course.stop)
    if (stop - start) / 7 < least_weeks:
        return False
    return any(each.course.weeks_outside(start, stop) < least_weeks for each in (one, other))
