"""The published schemas say what the code takes and answers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.domain.errors import DomainError
from intake.domain.history.counting import Counts
from intake.domain.history.reading import answer
from intake.domain.screening import instrument_reading
from intake.domain.screening.questionnaires import SHIPPED, load
from tests.bench.history import histories
from tests.domain.schemas import faults
from tests.domain.test_history_properties import _VALUES

EXAMPLES: dict[str, Any] = json.loads((Path(__file__).parent / "data/trial-adequacy-examples.json").read_text())
GOOD = [case["history"] for part in ("examples", "histories") for case in EXAMPLES[part]]
BY_MORE_THAN_FORM = ("a dose above", "a start after", "a date after", "two kinds", "added_to")


@pytest.mark.parametrize("history", GOOD)
def test_every_example_and_its_answer_fit_their_schemas(history: dict[str, Any]) -> None:
    assert faults("history", history) == []
    assert faults("history-answer", answer(history)) == []


@pytest.mark.parametrize("case", EXAMPLES["malformed"], ids=lambda case: case["why"])
def test_what_is_malformed_in_form_breaks_the_schema(case: dict[str, Any]) -> None:
    assert bool(faults("history", case["history"])) != case["why"].startswith(BY_MORE_THAN_FORM)


@given(st.integers(0, 1000))
def test_every_answer_fits_its_schema(seed: int) -> None:
    (history,) = histories(1, seed)
    assert faults("history", history) == []
    found = answer(history)
    assert faults("history-answer", found) == []
    assert list(found["counts"]) == list(Counts.__slots__)


@given(st.sampled_from(GOOD), st.sampled_from(["as_of", "settings", "bipolar", "trials", "more"]), _VALUES)
def test_what_breaks_the_schema_is_refused(history: dict[str, Any], key: str, value: Any) -> None:
    document = history | {key: value}
    if faults("history", document):
        with pytest.raises(DomainError):
            answer(document)


@pytest.mark.parametrize("name", SHIPPED)
@given(st.data())
def test_questionnaires_and_their_answers_fit_their_schemas(name: str, data: st.DataObject) -> None:
    points = st.none() | st.integers(0, 3 if name not in ("peg", "pcl5", "auditc") else 4)
    answers: dict[str, Any] = data.draw(
        st.fixed_dictionaries({}, optional={item.code: points for item in load(name).items})
    )
    if name == "phq9" and data.draw(st.booleans()):
        answers["9"] = "discuss"
    document = {"answers": answers, "sex": data.draw(st.sampled_from([None, "male", "female"])), "baseline": 5}
    if answers.get("difficulty") == 4:
        return
    assert faults("questionnaire", document) == faults("questionnaire", answers) == []
    assert faults("questionnaire-answer", instrument_reading.answer(name, document)) == []


def test_the_schema_reader_finds_faults() -> None:
    assert faults("history", {"as_of": "2025", "trials": [{"id": "a", "treatment": "x", "doses": [{"mg": 1}]}]}) == [
        "$.as_of: pattern",
        "$.trials[0].doses[0].mg: unknown",
    ]
