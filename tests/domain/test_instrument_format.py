"""The JSON form of a filled questionnaire."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.domain.errors import DomainError
from intake.domain.screening.instrument_reading import answer
from intake.domain.screening.questionnaires import SHIPPED, load


@pytest.mark.parametrize("name", ["phq9", "PHQ-9", "phq 9"])
def test_a_name_is_a_code_or_a_title_case_and_punctuation_free(name: str) -> None:
    assert answer(name, {"9": 0})["instrument"] == "phq9"


@pytest.mark.parametrize("name", ["mdq", "", "phq", "-"])
def test_an_unknown_name_is_refused_with_the_names_there_are(name: str) -> None:
    with pytest.raises(DomainError, match="^name: .*phq9, gad7, pcl5, peg, auditc, drugscreen"):
        answer(name, {})


@pytest.mark.parametrize(
    "document",
    [
        {"1": 1, "2": 1, "3": 1, "4": 1, "5": 1, "6": 1, "7": 1},
        [1] * 7,
        {"answers": [1] * 7},
        {"answers": {str(n): 1 for n in range(1, 8)}, "sex": None, "baseline": None},
    ],
)
def test_answers_are_an_object_or_a_list_alone_or_with_more(document: Any) -> None:
    found = answer("gad7", document)
    assert (found["score"], found["band"], found["positive"], found["change"]) == (7, "mild", False, None)


def test_the_phq9_may_have_its_difficulty_as_a_tenth_answer() -> None:
    assert answer("phq9", [1] * 9 + [3])["score"] == 9


@pytest.mark.parametrize(
    ("name", "document", "told"),
    [
        ("gad7", {"1": 4}, "gad7, answers.1: not a whole number from 0 to 3"),
        ("gad7", {"1": 1.5}, "gad7, answers.1: not a whole number"),
        ("gad7", {"1": [1]}, "gad7, answers.1: not a whole number"),
        ("gad7", {"8": 1}, "gad7, answers.8: no item of this questionnaire; there are 1, 2"),
        ("gad7", [1], "gad7, answers: not 7 answers but 1"),
        ("gad7", "1", "gad7, answers: neither an object nor a list"),
        ("gad7", None, "gad7, answers: neither an object nor a list"),
        ("gad7", {"answers": {}, "age": 3}, "gad7, age: unknown key"),
        ("gad7", {"answers": {}, "sex": "x"}, "gad7, sex: not one of male, female"),
        ("gad7", {"answers": {}, "baseline": 22}, "gad7, baseline: not a score from 0 to 21"),
        ("gad7", {"answers": {}, "baseline": True}, "gad7, baseline: not a score"),
        ("phq9", {"9": "talk"}, 'phq9, answers.9: not a whole number from 0 to 3 nor "discuss"'),
        ("peg", {"1": 11}, "peg, answers.1: not a whole number from 0 to 10"),
    ],
)
def test_what_is_malformed_is_refused_by_its_key(name: str, document: Any, told: str) -> None:
    with pytest.raises(DomainError) as refused:
        answer(name, document)
    assert refused.value.message.startswith(told)


@pytest.mark.parametrize(
    ("item9", "action", "needs_contact"),
    [(0, "none", False), (1, "call today", False), (2, "call now", False), (3, "call now", False)]
    + [(None, "talk at visit", True), ("discuss", "talk at visit", True)],
)
def test_item_9_names_its_action(item9: Any, action: str, needs_contact: bool) -> None:
    found = answer("phq9", [1] * 8 + [item9])
    assert (found["safety"]["action"], found["safety"]["needs_contact"]) == (action, needs_contact)
    assert (found["score"] is None) == needs_contact
    assert (found["safety"]["note"] is not None) == (item9 == 0)


def test_a_score_is_called_a_screening_score_and_says_what_is_not_verified() -> None:
    found = answer("phq9", [1] * 9)
    assert "screening" in found["label"]
    assert found["not_verified"] == found["safety"]["not_verified"] == "not verified: clinic to confirm"
    assert answer("drugscreen", [0])["not_verified"] is None


def test_ptsd_clusters_are_shown_with_what_each_needs() -> None:
    found = answer("pcl5", [2] * 20)
    assert [(c["cluster"], c["counted"], c["needed"], c["met"]) for c in found["clusters"]] == [
        ("B", 5, 1, True),
        ("C", 2, 1, True),
        ("D", 7, 2, True),
        ("E", 6, 2, True),
    ]
    assert (found["provisional"], found["score"], found["positive"], found["band"]) == (True, 40, True, None)


def test_a_baseline_gives_the_change() -> None:
    found = answer("peg", {"answers": [3, 4, 4], "baseline": 6})
    assert found["change"] == {"points": -2.3, "percent": -38, "words": ["meaningful"]}
    assert answer("peg", {"answers": [3, 4, None], "baseline": 6})["change"] is None


_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 30) | st.floats() | st.text(max_size=3) | st.just("discuss"),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner, max_size=4),
    max_leaves=8,
)
_CODES = [str(number) for number in range(1, 21)]
_DOCUMENTS = st.one_of(
    _VALUES,
    st.lists(st.integers(0, 4) | st.none(), min_size=1, max_size=20),
    st.dictionaries(st.sampled_from([*_CODES, "difficulty"]), st.integers(-1, 5) | _VALUES, max_size=20),
    st.fixed_dictionaries({"answers": _VALUES}, optional={"sex": _VALUES, "baseline": _VALUES}),
)


@given(st.sampled_from(SHIPPED), _DOCUMENTS)
def test_any_document_is_answered_or_refused_in_a_line(name: str, document: Any) -> None:
    try:
        found = answer(name, document)
    except DomainError as error:
        assert error.message
        assert "\n" not in error.message.replace(repr(document), "")
    else:
        assert found["score"] is None or 0 <= found["score"] <= load(name).highest_total
