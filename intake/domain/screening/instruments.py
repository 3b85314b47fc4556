"""Questionnaires: their exact wording, scores, bands, and what counts as response and remission."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from intake.domain.data import is_verified, read_document
from intake.domain.errors import DomainError

SHIPPED = ("phq9",)
DISCUSS = "discuss"  # "prefer to discuss in person", where an item allows it
DISCUSS_LABEL = "I prefer to discuss this in person"
Answer = int | str | None


@dataclass(frozen=True, slots=True)
class Option:
    """One answer and its points."""

    value: int
    label: str


@dataclass(frozen=True, slots=True)
class Item:
    """One question. A safety item is never imputed; where `can_discuss`, "discuss" is an answer too."""

    code: str
    text: str
    options: tuple[Option, ...]
    is_scored: bool
    is_safety: bool
    can_discuss: bool


@dataclass(frozen=True, slots=True)
class Band:
    """A range of totals, both ends included, and its name."""

    lowest: int
    highest: int
    label: str


@dataclass(frozen=True, slots=True)
class Instrument:
    """A questionnaire as its data file has it. `is_verified` False: bands and limits are for the clinic to confirm."""

    code: str
    title: str
    version: str
    stem: str
    items: tuple[Item, ...]
    bands: tuple[Band, ...]
    max_imputed: int
    response_fall_percent: int
    partial_fall_percent: int
    remission_below: int
    meaningful_change: int
    source: str
    licence: str
    is_verified: bool

    @property
    def scored(self) -> tuple[Item, ...]:
        """The items that make the total."""
        return tuple(item for item in self.items if item.is_scored)

    @property
    def highest_total(self) -> int:
        """The highest total there is."""
        return self.bands[-1].highest

    def item(self, code: str) -> Item:
        """The item of that code; raises `DomainError` for an unknown one."""
        found = next((item for item in self.items if item.code == code), None)
        if found is None:
            raise DomainError("Answer the questions of this questionnaire only", field=code)
        return found

    def band_of(self, total: int) -> Band:
        """The band of a total; raises `DomainError` for a total that cannot be."""
        found = next((band for band in self.bands if band.lowest <= total <= band.highest), None)
        if found is None:
            raise DomainError(f"A total of this questionnaire lies between 0 and {self.highest_total}")
        return found


@dataclass(frozen=True, slots=True)
class Score:
    """A scored questionnaire; a screening score, never a diagnosis.

    `total` is None when too much is missing or a safety item was not answered; `sum_of_answered` is always there.
    `imputed` names the items replaced by the mean, `missing` all that have no points; `needs_contact`: a safety item
    has no points, so that somebody asks.
    """

    instrument: str
    version: str
    total: int | None
    band: Band | None
    sum_of_answered: int
    missing: tuple[str, ...]
    imputed: tuple[str, ...]
    safety_answer: Answer
    needs_contact: bool
    note: str
    source: str
    is_verified: bool


@cache
def load(code: str) -> Instrument:
    """The instrument of that code ("phq9"). Raises `DomainError` for one that is not shipped."""
    if code not in SHIPPED:
        raise DomainError("This questionnaire is not available")
    return _instrument(read_document(f"instruments/{code}.json"))


def score(code: str, answers: Mapping[str, Answer]) -> Score:
    """Score answers given by item code.

    Up to `max_imputed` missing items are replaced by the mean of those answered and the total rounded, half upwards.
    Raises `DomainError` for an unknown item or a value that is no option. Source: instruments, PHQ-9, "Missing".
    """
    instrument = load(code)
    for key, answer in answers.items():
        _refuse_no_option(instrument.item(key), answer)
    points = {item.code: answers.get(item.code) for item in instrument.scored}
    missing = tuple(key for key, value in points.items() if not isinstance(value, int))
    safety = next((item.code for item in instrument.scored if item.is_safety), None)
    total = _total(instrument, points, missing, safety)
    return Score(
        instrument=instrument.code,
        version=instrument.version,
        total=total,
        band=None if total is None else instrument.band_of(total),
        sum_of_answered=sum(value for value in points.values() if isinstance(value, int)),
        missing=missing,
        imputed=() if total is None else missing,
        safety_answer=points.get(safety) if safety else None,
        needs_contact=safety in missing,
        note=_note(missing, safety, total),
        source=instrument.source,
        is_verified=instrument.is_verified,
    )


def is_response(instrument: Instrument, baseline: int, total: int) -> bool:
    """Whether the total fell by the response percentage or more (the limit is in); never from a baseline of 0."""
    return _has_fallen(baseline, total, instrument.response_fall_percent)


def is_partial_response(instrument: Instrument, baseline: int, total: int) -> bool:
    """Whether the total fell by the partial percentage or more (the limit is in) and is no response."""
    is_partial = _has_fallen(baseline, total, instrument.partial_fall_percent)
    return is_partial and not is_response(instrument, baseline, total)


def is_remission(instrument: Instrument, total: int) -> bool:
    """Whether the total is under the remission limit (the limit itself is out)."""
    return total < instrument.remission_below


def _has_fallen(baseline: int, total: int, percent: int) -> bool:
    return baseline > 0 and (baseline - total) * 100 >= baseline * percent


def _refuse_no_option(item: Item, answer: Answer) -> None:
    is_option = isinstance(answer, int) and not isinstance(answer, bool) and answer in {o.value for o in item.options}
    if answer is None or is_option or (answer == DISCUSS and item.can_discuss):
        return
    raise DomainError("Choose one of the answers", field=item.code)


def _total(
    instrument: Instrument, points: Mapping[str, Answer], missing: tuple[str, ...], safety: str | None
) -> int | None:
    if len(missing) > instrument.max_imputed or safety in missing:
        return None
    answered = [value for value in points.values() if isinstance(value, int)]
    # the mean times the number of items, rounded half upwards in whole numbers
    return (2 * sum(answered) * len(points) + len(answered)) // (2 * len(answered))


def _note(missing: tuple[str, ...], safety: str | None, total: int | None) -> str:
    if safety in missing:
        return f"Item {safety} not answered: no total, somebody asks in person"
    if total is None:
        return f"{len(missing)} items not answered: no total"
    if missing:
        return f"Items replaced by the mean of the others: {', '.join(missing)}"
    return ""


def _instrument(document: dict[str, Any]) -> Instrument:
    return Instrument(
        code=document["code"],
        title=document["title"],
        version=document["version"],
        stem=document["stem"],
        items=tuple(_item(item, document["options"]) for item in document["items"]),
        bands=tuple(Band(**band) for band in document["bands"]),
        max_imputed=document["max_imputed"],
        response_fall_percent=document["response_fall_percent"],
        partial_fall_percent=document["partial_fall_percent"],
        remission_below=document["remission_below"],
        meaningful_change=document["meaningful_change"],
        source=document["source"],
        licence=document["licence"],
        is_verified=is_verified(document["confidence"]),
    )


def _item(item: dict[str, Any], options: list[dict[str, Any]]) -> Item:
    return Item(
        code=item["code"],
        text=item["text"],
        options=tuple(Option(**option) for option in item.get("options", options)),
        is_scored=item.get("scored", True),
        is_safety=item.get("safety", False),
        can_discuss=item.get("discuss", False),
    )
