"""The evaluation visit: what a provider records and signs, what can be true of it, and how long it holds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cache

from intake.domain.data import read_table
from intake.domain.errors import DomainError

VALID_FOR = timedelta(days=90)
"""An order signed later than this after the visit needs a new one: findings and weight are out of date by then."""
PDMP_BEFORE = timedelta(days=30)
"""The prescription-monitoring check is made at most this long before the visit. A judgement; states differ."""
KG_PER_LB = 0.45359237
CM_PER_INCH = 2.54
LONGEST_PLAN = 4000


class HeldAs(StrEnum):
    """How the visit was held."""

    IN_PERSON = "in-person"
    VIDEO = "video"


class SuicideRisk(StrEnum):
    """The clinician's own judgement after contact; no questionnaire gives it."""

    NOT_RAISED = "not-raised"
    LOW = "low"
    MODERATE = "moderate"
    HIGH = "high"
    IMMINENT = "imminent"


ASA_CLASSES = {
    1: "1: healthy",
    2: "2: mild systemic disease",
    3: "3: severe systemic disease",
    4: "4: severe systemic disease, a constant threat to life",
}
AIRWAY_CLASSES = {
    1: "I: soft palate, uvula and pillars seen",
    2: "II: soft palate and uvula seen",
    3: "III: soft palate and base of the uvula seen",
    4: "IV: hard palate only",
}


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """One ICD-10-CM code that a provider may choose."""

    code: str
    name: str
    group: str


@dataclass(frozen=True, slots=True)
class Limit:
    """What can be true of a measured value, both ends included. It catches slips, it judges nothing."""

    field: str
    name: str
    unit: str
    lowest: float
    highest: float


@dataclass(frozen=True, slots=True)
class EvaluationEntry:
    """One visit as a provider signs it. Weight in kg, height in cm, pressure in mmHg, saturation in per cent."""

    held_as: HeldAs
    held_at: datetime
    diagnosis: str
    asa_class: int
    airway_class: int
    weight_kg: float
    systolic: int
    diastolic: int
    heart_rate: int
    spo2: int
    pdmp_checked_at: datetime
    suicide_risk: SuicideRisk
    plan: str
    height_cm: float | None = None


@cache
def diagnoses() -> tuple[Diagnosis, ...]:
    """The codes to choose from, in the order of their file, grouped."""
    return tuple(Diagnosis(row["code"], row["name"], row["group"]) for row in read_table("diagnoses.csv"))


@cache
def limits() -> dict[str, Limit]:
    """The limit of each measured value, by its field."""
    rows = read_table("vital-limits.csv")
    return {
        row["field"]: Limit(row["field"], row["name"], row["unit"], float(row["lowest"]), float(row["highest"]))
        for row in rows
    }


def diagnosis_name(code: str) -> str:
    """The words for a code; a code that is not in the list is its own word."""
    return next((one.name for one in diagnoses() if one.code == code), code)


def check(entry: EvaluationEntry, *, now: datetime) -> None:
    """Refuse an entry that cannot be true. Raises `DomainError` that names the field."""
    for name, limit in limits().items():
        check_within(getattr(entry, name), limit)
    if entry.diastolic >= entry.systolic:
        raise DomainError("The upper blood pressure must be above the lower one.", field="systolic")
    _check_times(entry, now)
    _check_choices(entry)
    if not entry.plan.strip():
        raise DomainError("Write the plan that you sign.", field="plan")
    if len(entry.plan) > LONGEST_PLAN:
        raise DomainError(f"Keep the plan within {LONGEST_PLAN} characters.", field="plan")


def check_within(value: float | None, limit: Limit) -> None:
    """Refuse a value outside its limit; None passes. Both ends are in."""
    if value is not None and not limit.lowest <= value <= limit.highest:
        raise DomainError(
            f"Enter the {limit.name} in {limit.unit}, from {limit.lowest:g} to {limit.highest:g}.", field=limit.field
        )


def is_current(held_at: datetime, now: datetime) -> bool:
    """Whether an order may rest on a visit held then; the 90th day is in."""
    return now - held_at <= VALID_FOR


def _check_times(entry: EvaluationEntry, now: datetime) -> None:
    if entry.held_at > now:
        raise DomainError("The visit cannot lie in the future: sign it once it was held.", field="held_on")
    if not is_current(entry.held_at, now):
        raise DomainError(f"The visit is more than {VALID_FOR.days} days ago: hold a new one.", field="held_on")
    if entry.pdmp_checked_at > now:
        raise DomainError("The prescription-monitoring check cannot lie in the future.", field="pdmp_on")
    if entry.held_at - entry.pdmp_checked_at > PDMP_BEFORE:
        raise DomainError(
            f"Check prescription monitoring within {PDMP_BEFORE.days} days of the visit.", field="pdmp_on"
        )


def _check_choices(entry: EvaluationEntry) -> None:
    if entry.diagnosis not in {one.code for one in diagnoses()}:
        raise DomainError("Choose a diagnosis from the list.", field="diagnosis")
    if entry.asa_class not in ASA_CLASSES:
        raise DomainError("Choose an ASA class from 1 to 4.", field="asa_class")
    if entry.airway_class not in AIRWAY_CLASSES:
        raise DomainError("Choose a Mallampati class from I to IV.", field="airway_class")
