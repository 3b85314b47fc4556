"""Doses reckoned and doses typed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.domain.dosing import dose_for, parse_mg, parse_number, usual_range
from intake.domain.errors import DomainError


@pytest.mark.parametrize(
    ("mg_per_kg", "weight_kg", "step", "mg"),
    [
        (0.5, 80, 1, 40),
        (0.5, 71, 1, 36),  # 35.5 rounds upwards
        (0.5, 70.9, 1, 35),  # 35.45
        (0.5, 70.5, 0.5, 35.5),  # 35.25 to the half milligram
        (0.5, 82, 5, 40),
        (0.1, 30, 0.1, 3),
        (3, 350, 1, 1050),  # both limits are in
        (0.5, 20, 1, 10),
    ],
)
def test_a_dose_is_mg_per_kg_times_kg_rounded(mg_per_kg: float, weight_kg: float, step: float, mg: float) -> None:
    assert dose_for(mg_per_kg, weight_kg, round_to_mg=step).mg == mg


@pytest.mark.parametrize(("ceiling", "mg", "is_capped"), [(None, 60, False), (60, 60, False), (59, 59, True)])
def test_a_ceiling_cuts_the_dose_and_says_so(ceiling: float | None, mg: float, is_capped: bool) -> None:
    found = dose_for(0.5, 120, ceiling_mg=ceiling)
    assert (found.exact_mg, found.mg, found.is_capped) == (60, mg, is_capped)
    assert ("ceiling" in found.in_words()) == is_capped


def test_the_reckoning_is_shown() -> None:
    assert dose_for(0.5, 81.6).in_words() == "0.5 mg/kg × 81.6 kg = 41 mg"


@pytest.mark.parametrize(
    ("mg_per_kg", "weight_kg", "field"),
    [
        (0, 80, "dose_mg_per_kg"),
        (-0.5, 80, "dose_mg_per_kg"),
        (3.01, 80, "dose_mg_per_kg"),
        (float("nan"), 80, "dose_mg_per_kg"),
        (0.5, 0, "weight_kg"),
        (0.5, -80, "weight_kg"),
        (0.5, 19.9, "weight_kg"),
        (0.5, 350.1, "weight_kg"),
        (0.5, float("inf"), "weight_kg"),
        (0.01, 20, "dose_mg_per_kg"),  # rounds to nothing
    ],
)
def test_what_cannot_be_a_dose_is_refused_beside_its_field(mg_per_kg: float, weight_kg: float, field: str) -> None:
    with pytest.raises(DomainError) as refused:
        dose_for(mg_per_kg, weight_kg)
    assert refused.value.field == field


@pytest.mark.parametrize(("mg_per_kg", "holds"), [(0.49, False), (0.5, True), (1, True), (1.01, False)])
def test_the_usual_range_has_both_ends_a_source_and_is_not_verified(mg_per_kg: float, holds: bool) -> None:
    assert usual_range().holds(mg_per_kg) == holds
    assert usual_range().source
    assert not usual_range().is_verified


@pytest.mark.parametrize(
    ("typed", "mg"),
    [
        ("50", 50),
        ("37.5", 37.5),
        (".5", 0.5),
        ("12.", 12),
        ("37,5", 37.5),
        ("37,50", 37.5),
        ("0,025", 0.025),  # nothing before the comma: no thousands
        ("0,125", 0.125),
        ("1500,250", 1500.25),  # four figures before it: no thousands
        ("50 mg", 50),
        ("50mg", 50),
        (" 50 MG ", 50),
        ("50 mg/day", 50),
        ("100 mg daily", 100),
        ("50 mg a day", 50),
        ("25 mcg", 0.025),
        ("25 micrograms", 0.025),
        ("0.5 g", 500),
        ("50\u00a0mg", 50),
        ("100000", 100_000),
    ],
)
def test_a_typed_dose_is_read_as_milligrams(typed: str, mg: float) -> None:
    assert parse_mg(typed, field="dose") == mg


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("1,500", "without a comma"),  # 1500 or 1.5?
        ("2,025", "without a comma"),
        ("1,000.5", "without a comma"),
        ("1,5,5", "without a comma"),
        ("5,", "without a comma"),
        ("-5", "above 0"),
        ("-5 mg", "above 0"),
        ("−5", "above 0"),
        ("0", "above 0"),
        ("0,0", "above 0"),
        ("50-100", "one dose"),
        ("50 to 100 mg", "one dose"),
        ("50 ml", "whole day in mg"),
        ("50 mg twice a day", "whole day in mg"),
        ("", "in mg"),
        ("fifty", "in mg"),
        ("1e3", "in mg"),
        ("nan", "in mg"),
        ("٣", "in mg"),
        ("1.2.3", "in mg"),
        ("100001", "too high"),
        ("9" * 500, "in mg"),
    ],
)
def test_what_is_no_dose_is_refused_with_a_sentence_beside_the_field(typed: str, told: str) -> None:
    with pytest.raises(DomainError) as refused:
        parse_mg(typed, field="dose")
    assert told in refused.value.message
    assert refused.value.field == "dose"


def test_a_number_without_a_unit_reads_commas_alike() -> None:
    assert (parse_number("0,5"), parse_number("81.6")) == (0.5, 81.6)
    with pytest.raises(DomainError, match="comma"):
        parse_number("1,234")
    with pytest.raises(DomainError, match="Enter the weight in kg"):
        parse_number("80 kg", expected="Enter the weight in kg")


@given(st.floats(0.001, 99_999).map(lambda value: round(value, 3)))
def test_a_plain_figure_is_read_as_itself(value: float) -> None:
    assert parse_mg(f"{value:.3f} mg") == value


@given(st.text(max_size=20))
def test_any_text_is_a_dose_above_nothing_or_refused(text: str) -> None:
    try:
        assert parse_mg(text) > 0
    except DomainError as error:
        assert error.message
