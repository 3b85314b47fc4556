"""What a signed evaluation visit can say."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from intake.domain.errors import DomainError
from intake.domain.evaluation import EvaluationEntry, HeldAs, SuicideRisk, check, diagnoses, is_current

NOW = datetime(2026, 12, 1, 16, 0, tzinfo=UTC)
GOOD = EvaluationEntry(
    held_as=HeldAs.VIDEO,
    held_at=NOW - timedelta(hours=1),
    diagnosis="F33.2",
    asa_class=2,
    airway_class=1,
    weight_kg=70,
    systolic=120,
    diastolic=80,
    heart_rate=70,
    spo2=98,
    pdmp_checked_at=NOW - timedelta(hours=2),
    suicide_risk=SuicideRisk.LOW,
    plan="Six infusions.",
)


def test_a_whole_entry_passes() -> None:
    check(GOOD, now=NOW)


@pytest.mark.parametrize(
    ("field", "lowest", "highest", "step"),
    [
        ("weight_kg", 25, 300, 0.1),
        ("height_cm", 120, 230, 0.1),
        ("heart_rate", 30, 220, 1),
        ("spo2", 50, 100, 1),
    ],
)
def test_a_measured_value_passes_at_its_limits_and_not_beyond(
    field: str, lowest: float, highest: float, step: float
) -> None:
    changed: Any
    for changed in (lowest, highest):
        check(replace(GOOD, **{field: changed}), now=NOW)
    for changed in (lowest - step, highest + step):
        with pytest.raises(DomainError) as refusal:
            check(replace(GOOD, **{field: changed}), now=NOW)
        assert refusal.value.field == field


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"systolic": 59}, "systolic"),
        ({"systolic": 261}, "systolic"),
        ({"diastolic": 29}, "diastolic"),
        ({"diastolic": 161}, "diastolic"),
        ({"systolic": 80, "diastolic": 80}, "systolic"),
        ({"held_at": NOW + timedelta(minutes=1)}, "held_on"),
        ({"held_at": NOW - timedelta(days=91)}, "held_on"),
        ({"pdmp_checked_at": NOW + timedelta(minutes=1)}, "pdmp_on"),
        ({"pdmp_checked_at": NOW - timedelta(days=31)}, "pdmp_on"),
        ({"diagnosis": "J45.9"}, "diagnosis"),
        ({"asa_class": 5}, "asa_class"),
        ({"airway_class": 0}, "airway_class"),
        ({"plan": "  "}, "plan"),
        ({"plan": "x" * 4001}, "plan"),
    ],
)
def test_what_cannot_be_true_is_refused_beside_its_field(changes: dict[str, Any], field: str) -> None:
    with pytest.raises(DomainError) as refusal:
        check(replace(GOOD, **changes), now=NOW)
    assert refusal.value.field == field


def test_a_visit_holds_for_ninety_days() -> None:
    assert is_current(NOW - timedelta(days=90), NOW)
    assert not is_current(NOW - timedelta(days=90, seconds=1), NOW)


def test_the_codes_are_listed_once_each() -> None:
    codes = [one.code for one in diagnoses()]
    assert len(codes) == len(set(codes))
    assert {one.group for one in diagnoses()} >= {"Depression", "Post-traumatic stress", "Anxiety", "Chronic pain"}
