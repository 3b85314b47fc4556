"""Whole histories: every shared example, the counts, the statement and the sentences that go with it."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from intake.domain.history.reading import answer
from intake.domain.history.resistance import Assessment, assess
from intake.domain.history.statements import Statement
from intake.domain.history.trials import Adherence, Episode, Improvement, MedicationTrial, Settings
from tests.domain.history_values import AS_OF, a_dose, a_trial

EXAMPLES: dict[str, Any] = json.loads((Path(__file__).parent / "data/trial-adequacy-examples.json").read_text())
HISTORIES = pytest.mark.parametrize("case", EXAMPLES["histories"], ids=lambda case: case["name"])


def _is_near(found: list[float | None] | None, expected: list[float | None] | None) -> bool:
    if found is None or expected is None:
        return found is expected
    return [f if f is None else pytest.approx(f, abs=0.1001) for f in found] == expected


@pytest.mark.parametrize("weeks", [6, 4])
@pytest.mark.parametrize("case", EXAMPLES["examples"], ids=lambda case: f"{case['no']}-{case['note']}")
def test_every_worked_example_is_judged_as_expected(case: dict[str, Any], weeks: int) -> None:
    found = answer(case["history"] | {"settings": {"min_weeks_antidepressant": weeks}})
    trial = next(trial for trial in found["trials"] if trial["id"] == case["trial"])
    assert trial["verdict"] == case["expected"][f"{weeks}_weeks"]
    assert _is_near(trial["weeks_at_dose"], case["expected"]["weeks_at_dose"])


@HISTORIES
def test_every_example_history_is_answered_as_expected(case: dict[str, Any]) -> None:
    found, expected = answer(case["history"]), case["expected"]
    for trial, wanted in zip(found["trials"], expected["trials"], strict=True):
        assert (trial["id"], trial["verdict"]) == (wanted["id"], wanted["verdict"])
        assert _is_near(trial["weeks_at_dose"], wanted["weeks_at_dose"])
    told = ("counts", "overlaps", "statement", "bipolar_note")
    assert {key: found[key] for key in told} == {key: expected[key] for key in told}


def _assessed(*trials: MedicationTrial, is_bipolar: bool = False) -> Assessment:
    return assess(trials, Settings(), as_of=AS_OF, is_bipolar=is_bipolar)


def _failed(name: str, **values: Any) -> MedicationTrial:
    return a_trial(name, a_dose(200, weeks=10), id=name, **values)


PARTIAL = {"improvement": Improvement.FROM_25_TO_49}
EARLIER = {"episode": Episode.EARLIER}
UNCLEAR = {"adherence": Adherence.UNSURE}
ADDED = {"added_to": "sertraline"}


@pytest.mark.parametrize(
    ("trials", "statement"),
    [
        ([], Statement.NOT_SHOWN),
        ([_failed("sertraline")], Statement.NOT_SHOWN),
        ([_failed("sertraline"), _failed("bupropion")], Statement.NOT_SHOWN),  # 200 mg of bupropion is too little
        ([_failed("sertraline"), _failed("fluvoxamine")], Statement.TWO_FAILED_STRICT),
        ([_failed("sertraline"), _failed("fluvoxamine", **PARTIAL)], Statement.TWO_FAILED),
        ([_failed("sertraline"), _failed("quetiapine", **ADDED)], Statement.ONE_PLUS_AUGMENTATION),
        ([_failed("quetiapine", **ADDED), _failed("sertraline", **EARLIER)], Statement.NOT_SHOWN),
        ([_failed("sertraline"), _failed("Zoloft")], Statement.NOT_SHOWN),  # one medicine
        ([_failed("sertraline"), _failed("ECT", sessions=6)], Statement.ONE_PLUS_AUGMENTATION),
        ([_failed("sertraline"), _failed("Spravato")], Statement.NOT_SHOWN),  # counted apart
        ([_failed("sertraline"), _failed("trazodone", **UNCLEAR)], Statement.COULD_BE),
        ([_failed("trazodone", **UNCLEAR), _failed("mystery pill")], Statement.COULD_BE),
        ([_failed("sertraline"), _failed("mystery pill", added_to="sertraline")], Statement.NOT_SHOWN),
        ([_failed("sertraline"), _failed("gabapentin")], Statement.NOT_SHOWN),
        ([_failed("sertraline"), _failed("trazodone", **UNCLEAR, **EARLIER)], Statement.NOT_SHOWN),
        ([_failed("sertraline"), _failed("mystery pill", wore_off=True)], Statement.NOT_SHOWN),
        ([_failed("sertraline", **EARLIER), _failed("trazodone", **EARLIER)], Statement.EARLIER_ONLY),
        ([_failed("sertraline"), _failed("trazodone", **EARLIER)], Statement.EARLIER_ONLY),
    ],
)
def test_the_first_statement_that_fits_stands(trials: list[MedicationTrial], statement: Statement) -> None:
    assert _assessed(*trials).statement is statement
    assert _assessed(*reversed(trials)).statement is statement


def test_earlier_failures_beside_one_of_this_episode_are_called_partly_earlier() -> None:
    found = _assessed(_failed("sertraline"), _failed("trazodone", **EARLIER))
    assert "partly" in found.statement_text
    assert "only" in _assessed(_failed("sertraline", **EARLIER), _failed("trazodone", **EARLIER)).statement_text


def test_bipolar_adds_a_line_and_changes_no_count() -> None:
    trials = (_failed("sertraline"), _failed("trazodone"))
    plain, noted = _assessed(*trials), _assessed(*trials, is_bipolar=True)
    assert noted.statement_text == f"{plain.statement_text}. Unipolar TRD definitions do not apply; provider to judge"
    assert (noted.counts, noted.statement) == (plain.counts, plain.statement)


@pytest.mark.parametrize(
    ("trials", "line"),
    [
        (
            [_failed("sertraline"), _failed("trazodone"), _failed("mystery pill")],
            "Two adequate failed trials in this episode, sertraline and trazodone; one unclear; "
            "rule 6 weeks, under 50 %",
        ),
        (
            [_failed("sertraline"), _failed("Zoloft"), _failed("trazodone"), _failed("fluvoxamine")],
            "Three adequate failed trials in this episode, sertraline (tried twice), trazodone and fluvoxamine; "
            "rule 6 weeks, under 50 %",
        ),
        (
            [
                _failed("sertraline"),
                _failed("trazodone", **EARLIER),
                _failed("quetiapine", **ADDED),
                _failed("Spravato"),
            ],
            "One adequate failed trial in this episode, sertraline; one in earlier episodes; one failed augmentation; "
            "one failed rapid-acting treatment; rule 6 weeks, under 50 %",
        ),
        ([], "No adequate failed trials in this episode; rule 6 weeks, under 50 %"),
    ],
)
def test_the_first_line_is_a_sentence_that_a_doctor_would_dictate(trials: list[MedicationTrial], line: str) -> None:
    assert _assessed(*trials).first_line == line


def test_the_questions_are_those_of_the_trials_that_ask_one() -> None:
    found = _assessed(
        _failed("sertraline"), _failed("trazodone", **UNCLEAR), a_trial("citalopram", a_dose(10, weeks=9))
    )
    assert [(question.trial_id, question.name) for question in found.questions] == [
        ("trazodone", "trazodone"),
        ("t", "citalopram"),
    ]


def test_a_history_is_judged_as_of_a_day_and_keeps_it() -> None:
    found = assess([], Settings(min_weeks_antidepressant=4), as_of=date(2024, 1, 1))
    assert (found.as_of, found.settings.min_weeks_antidepressant) == (date(2024, 1, 1), 4)


def test_a_statement_on_unverified_numbers_is_not_verified() -> None:
    assert not _assessed(_failed("sertraline")).is_verified
    assert _assessed(_failed("TMS", sessions=20)).is_verified
