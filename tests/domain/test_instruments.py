"""The PHQ-9: wording, score, bands, missing items, response and remission."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.domain.errors import DomainError
from intake.domain.screening.instruments import (
    DISCUSS,
    Answer,
    is_partial_response,
    is_remission,
    is_response,
    load,
    score,
)

PHQ9 = load("phq9")
CODES = [str(number) for number in range(1, 10)]


def _answers(*points: Answer) -> dict[str, Answer]:
    return dict(zip(CODES, points, strict=True))


def test_the_wording_is_that_of_the_validated_form() -> None:
    assert PHQ9.stem.startswith("Over the last 2 weeks, how often have you been bothered")
    assert PHQ9.item("1").text == "Little interest or pleasure in doing things"
    assert PHQ9.item("9").text == "Thoughts that you would be better off dead or of hurting yourself in some way"
    assert [option.label for option in PHQ9.item("1").options] == [
        "Not at all",
        "Several days",
        "More than half the days",
        "Nearly every day",
    ]
    assert [option.label for option in PHQ9.item("difficulty").options][0] == "Not difficult at all"


def test_nine_items_are_scored_and_the_difficulty_is_not() -> None:
    assert [item.code for item in PHQ9.scored] == CODES
    assert score("phq9", _answers(*[0] * 9) | {"difficulty": 3}).total == 0


def test_only_item_9_may_be_kept_for_a_talk() -> None:
    assert [item.code for item in PHQ9.items if item.can_discuss] == ["9"]
    with pytest.raises(DomainError) as refused:
        score("phq9", {"1": DISCUSS})
    assert refused.value.field == "1"


@pytest.mark.parametrize(
    ("total", "label"),
    [
        (0, "minimal"),
        (4, "minimal"),
        (5, "mild"),
        (9, "mild"),
        (10, "moderate"),
        (14, "moderate"),
        (15, "moderately severe"),
        (19, "moderately severe"),
        (20, "severe"),
        (27, "severe"),
    ],
)
def test_a_total_has_its_band(total: int, label: str) -> None:
    assert PHQ9.band_of(total).label == label


@pytest.mark.parametrize("total", [-1, 28])
def test_a_total_outside_the_form_has_none(total: int) -> None:
    with pytest.raises(DomainError):
        PHQ9.band_of(total)


@pytest.mark.parametrize(
    ("points", "total", "imputed"),
    [
        ((1,) * 9, 9, ()),
        ((3,) * 9, 27, ()),
        ((None, 2, 2, 2, 2, 2, 2, 2, 2), 18, ("1",)),
        ((None, None, 2, 2, 2, 2, 2, 2, 2), 18, ("1", "2")),
        ((None, 1, 1, 1, 1, 0, 0, 0, 0), 5, ("1",)),  # 4.5 rounds upwards
        ((None, None, 1, 1, 1, 0, 0, 0, 0), 4, ("1", "2")),  # 3.86
        ((None, None, None, 2, 2, 2, 2, 2, 2), None, ()),  # three missing: no total
        ((2, 2, 2, 2, 2, 2, 2, 2, None), None, ()),  # item 9 is never imputed
        ((2, 2, 2, 2, 2, 2, 2, 2, DISCUSS), None, ()),
        ((None,) * 9, None, ()),
    ],
)
def test_one_or_two_missing_items_take_the_mean(
    points: tuple[Answer, ...], total: int | None, imputed: tuple[str, ...]
) -> None:
    found = score("phq9", _answers(*points))
    assert (found.total, found.imputed) == (total, imputed)
    assert (found.band is None) == (total is None)


@pytest.mark.parametrize(
    ("item9", "needs_contact", "answered"), [(0, False, 8), (3, False, 11), (None, True, 8), (DISCUSS, True, 8)]
)
def test_item_9_without_an_answer_asks_for_a_contact(item9: Answer, needs_contact: bool, answered: int) -> None:
    found = score("phq9", _answers(*[1] * 8, item9))
    assert (found.safety_answer, found.needs_contact, found.sum_of_answered) == (item9, needs_contact, answered)


def test_an_answer_left_out_is_missing() -> None:
    assert score("phq9", {"9": 0}).missing == tuple(CODES[:8])


@pytest.mark.parametrize(
    ("answers", "field"),
    [({"1": 4}, "1"), ({"1": -1}, "1"), ({"1": "2"}, "1"), ({"1": True}, "1"), ({"10": 1}, "10"), ({"1": 1.0}, "1")],
)
def test_what_is_no_answer_is_refused(answers: dict[str, Any], field: str) -> None:
    with pytest.raises(DomainError) as refused:
        score("phq9", answers)
    assert refused.value.field == field


@pytest.mark.parametrize("code", ["phq8", "", "../phq9"])
def test_only_shipped_questionnaires_are_loaded(code: str) -> None:
    with pytest.raises(DomainError):
        load(code)


@pytest.mark.parametrize(
    ("baseline", "total", "is_full", "is_partial"),
    [(20, 10, True, False), (20, 11, False, True), (20, 15, False, True), (20, 16, False, False), (0, 0, False, False)],
)
def test_response_is_a_fall_of_half_and_partial_of_a_quarter(
    baseline: int, total: int, is_full: bool, is_partial: bool
) -> None:
    assert is_response(PHQ9, baseline, total) == is_full
    assert is_partial_response(PHQ9, baseline, total) == is_partial


@pytest.mark.parametrize(("total", "expected"), [(4, True), (5, False)])
def test_remission_is_a_total_under_five(total: int, expected: bool) -> None:
    assert is_remission(PHQ9, total) == expected


def test_a_score_names_its_source_and_that_it_is_not_verified() -> None:
    found = score("phq9", _answers(*[1] * 9))
    assert found.source
    assert not found.is_verified
    assert found.version == PHQ9.version


@given(st.lists(st.sampled_from([None, 0, 1, 2, 3]), min_size=8, max_size=8), st.integers(0, 3))
def test_a_total_is_a_whole_score_of_the_form(points: list[Answer], item9: int) -> None:
    found = score("phq9", _answers(*points, item9))
    if found.total is None:
        assert len(found.missing) > PHQ9.max_imputed
    else:
        assert found.sum_of_answered <= found.total <= min(27, found.sum_of_answered + 3 * len(found.missing))
