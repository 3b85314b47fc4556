"""Scores of questionnaires: totals, bands, missing items, and what counts as response and remission."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction

from intake.domain.errors import DomainError
from intake.domain.screening.questionnaires import (
    DISCUSS,
    DISCUSS_LABEL,
    SHIPPED,
    Answer,
    Band,
    Instrument,
    Item,
    Option,
    load,
)

__all__ = [
    "DISCUSS",
    "DISCUSS_LABEL",
    "SHIPPED",
    "Answer",
    "Band",
    "Instrument",
    "Item",
    "Option",
    "Score",
    "is_partial_response",
    "is_remission",
    "is_response",
    "load",
    "score",
]


@dataclass(frozen=True, slots=True)
class Score:
    """A scored questionnaire; a screening score, never a diagnosis.

    `total` is None when too much is missing or a safety item was not answered; `value` is what is shown: the total,
    or for some the mean of the items to one decimal. `sum_of_answered` is always there. `imputed` names the items
    replaced by the mean, `missing` all that have no points; `needs_contact`: a safety item has no points, so that
    somebody asks.
    """

    instrument: str
    version: str
    total: int | None
    value: float | None
    band: Band | None
    sum_of_answered: int
    missing: tuple[str, ...]
    imputed: tuple[str, ...]
    safety_answer: Answer
    needs_contact: bool
    note: str
    source: str
    is_verified: bool


def score(code: str, answers: Mapping[str, Answer]) -> Score:
    """Score answers given by item code.

    Up to `max_imputed` missing items are replaced by the mean of those answered (where the instrument has clusters,
    by that of their cluster) and the total rounded, half upwards. Raises `DomainError` for an unknown item or a value
    that is no answer. Source: instruments, "Missing" of each.
    """
    instrument = load(code)
    points = points_of(instrument, answers)
    missing = tuple(key for key, value in points.items() if not isinstance(value, int))
    safety = next((item.code for item in instrument.scored if item.is_safety), None)
    total = None if safety in missing else _total(instrument, points, missing)
    return Score(
        instrument=instrument.code,
        version=instrument.version,
        total=total,
        value=_value(instrument, total),
        band=instrument.band_of(total) if total is not None and instrument.bands else None,
        sum_of_answered=sum(_known(points, points)),
        missing=missing,
        imputed=() if total is None else missing,
        safety_answer=points.get(safety) if safety else None,
        needs_contact=safety in missing,
        note=_note(instrument, missing, safety, total),
        source=instrument.source,
        is_verified=instrument.is_verified,
    )


def points_of(instrument: Instrument, answers: Mapping[str, Answer]) -> dict[str, Answer]:
    """The answer to each scored item, None for one without. Raises `DomainError` for what is no answer.

    Where a first answer of 0 ends the questions, the others are 0.
    """
    for key, answer in answers.items():
        if not instrument.item(key).takes(answer):
            raise DomainError("Choose one of the answers", field=key)
    points = {item.code: answers.get(item.code) for item in instrument.scored}
    first = instrument.scored[0].code
    return dict.fromkeys(points, 0) if instrument.zero_skips and points[first] == 0 else points


def is_response(instrument: Instrument, baseline: float, total: float) -> bool:
    """Whether the score fell by the response percentage or more (the limit is in); never from a baseline of 0."""
    return has_fallen(baseline, total, instrument.response_fall_percent)


def is_partial_response(instrument: Instrument, baseline: float, total: float) -> bool:
    """Whether the score fell by the partial percentage or more (the limit is in) and is no response."""
    is_partial = has_fallen(baseline, total, instrument.partial_fall_percent)
    return is_partial and not is_response(instrument, baseline, total)


def is_remission(instrument: Instrument, total: float) -> bool:
    """Whether the score is under the remission limit (the limit itself is out)."""
    return instrument.remission_below is not None and total < instrument.remission_below


def has_fallen(baseline: float, total: float, percent: int | None) -> bool:
    """Whether a score fell by that share or more; None: the instrument has no such rule."""
    # to one decimal at most, so that tenths are compared as whole numbers
    first, last = round(baseline * 10), round(total * 10)
    return percent is not None and first > 0 and (first - last) * 100 >= first * percent


def _total(instrument: Instrument, points: Mapping[str, Answer], missing: tuple[str, ...]) -> int | None:
    if len(missing) > instrument.max_imputed:
        return None
    groups = [cluster.items for cluster in instrument.clusters] or [tuple(points)]
    sums = [_imputed_sum(points, group) for group in groups]
    return None if None in sums else int(sum(one for one in sums if one is not None) + Fraction(1, 2))


def _imputed_sum(points: Mapping[str, Answer], group: Iterable[str]) -> Fraction | None:
    """The sum of a group with the mean in the place of what is missing; None where nothing was answered."""
    codes = tuple(group)
    known = _known(points, codes)
    return Fraction(sum(known) * len(codes), len(known)) if known else None


def _known(points: Mapping[str, Answer], codes: Iterable[str]) -> list[int]:
    return [value for code in codes if isinstance(value := points[code], int)]


def _value(instrument: Instrument, total: int | None) -> float | None:
    if total is None or not instrument.is_mean:
        return total
    return int(Fraction(10 * total, len(instrument.scored)) + Fraction(1, 2)) / 10


def _note(instrument: Instrument, missing: tuple[str, ...], safety: str | None, total: int | None) -> str:
    if safety in missing:
        return f"Item {safety} not answered: no total, somebody asks in person"
    if total is None:
        return f"{len(missing)} items not answered: no total"
    if missing:
        others = "their cluster" if instrument.clusters else "the others"
        return f"Items replaced by the mean of {others}: {', '.join(missing)}"
    return ""
