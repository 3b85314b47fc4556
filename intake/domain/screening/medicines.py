"""Current medicines against the interaction table: findings, questions, duplicates, benzodiazepine load."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from intake.domain.screening.names import Match
from intake.domain.screening.sources import Severity

RULES_VERSION = "medicines 2025-11, exact and brand names"


@dataclass(frozen=True, slots=True)
class Medicine:
    """A current medicine as entered. `last_taken` is a day or an instant."""

    id: str
    name: str
    mg_per_day: float | None = None
    as_needed: bool = False
    last_taken: date | datetime | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """One interaction row that applies. `is_verified` False: "not verified: clinic to confirm"."""

    row: str
    severity: Severity
    effect: str
    action: str
    source: str
    is_verified: bool


@dataclass(frozen=True, slots=True)
class CheckedMedicine:
    """A medicine, the name it was matched to, and its findings, most urgent row first as in the file."""

    medicine: Medicine
    match: Match
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Question:
    """What could not be settled from the entries."""

    medicine_id: str
    row: str
    text: str


@dataclass(frozen=True, slots=True)
class BenzodiazepineLoad:
    """Daily benzodiazepines as milligrams of diazepam; `mg_per_day` None when one cannot be reckoned."""

    mg_per_day: float | None
    is_over_limit: bool
    source: str
    is_verified: bool


@dataclass(frozen=True, slots=True)
class MedicineCheck:
    """Everything found for a list of medicines."""

    medicines: tuple[CheckedMedicine, ...]
    questions: tuple[Question, ...]
    load: BenzodiazepineLoad
    duplicates: tuple[tuple[str, str], ...]
    unknown: tuple[str, ...]
    as_of: date
    infusion_at: datetime | None
    rules_version: str = RULES_VERSION


def check(medicines: Sequence[Medicine], *, as_of: date, infusion_at: datetime | None = None) -> MedicineCheck:
    """Find every interaction row that applies to a list of medicines, as they stand on `as_of`."""
    raise NotImplementedError


def answer(document: object, *, today: date) -> dict[str, Any]:
    """The answer to a parsed JSON list, in the output form of `check-medicines`. Raises `DomainError`."""
    raise NotImplementedError
