"""Questionnaires: their exact wording, scores, bands, and what counts as response and remission."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

DISCUSS = "discuss"  # "prefer to discuss in person", where an item allows it
Answer = int | str | None


@dataclass(frozen=True, slots=True)
class Option:
    """One answer and its points."""

    value: int
    label: str


@dataclass(frozen=True, slots=True)
class Item:
    """One question. `is_safety` items are never imputed; `can_discuss` items may be put off to a talk."""

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
    """A questionnaire as its data file has it."""

    code: str
    title: str
    version: str
    stem: str
    items: tuple[Item, ...]
    bands: tuple[Band, ...]
    max_imputed: int
    response_fall_percent: int
    remission_below: int
    meaningful_change: int
    source: str
    licence: str
    is_verified: bool

    @property
    def scored(self) -> tuple[Item, ...]:
        """The items that make the total."""
        raise NotImplementedError

    def item(self, code: str) -> Item:
        """The item of that code; raises `DomainError` for an unknown one."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class Score:
    """A scored questionnaire; a screening score, never a diagnosis.

    `total` is None when too much is missing; `sum_of_answered` is always there. `imputed` names the items replaced by
    the mean; `missing` all that were not answered; `needs_contact` a safety item without an answer.
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


def load(code: str) -> Instrument:
    """The instrument of that code ("phq9"). Raises `DomainError` for one that is not shipped."""
    raise NotImplementedError


def score(code: str, answers: Mapping[str, Answer]) -> Score:
    """Score answers given by item code. Raises `DomainError` for an unknown item or a value that is no option."""
    raise NotImplementedError


def is_response(instrument: Instrument, baseline: int, total: int) -> bool:
    """Whether the total fell by the response percentage or more (the limit is in)."""
    raise NotImplementedError


def is_remission(instrument: Instrument, total: int) -> bool:
    """Whether the total is under the remission limit (the limit itself is out)."""
    raise NotImplementedError
