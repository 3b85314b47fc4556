"""The JSON form of a history: what is taken and what is refused, by place and key."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from intake.domain.errors import DomainError
from intake.domain.history.reading import answer
from intake.domain.json_fields import loads

EXAMPLES: dict[str, Any] = json.loads((Path(__file__).parent / "data/trial-adequacy-examples.json").read_text())


@pytest.mark.parametrize("case", EXAMPLES["malformed"], ids=lambda case: case["why"])
def test_every_malformed_example_is_refused_by_trial_and_key(case: dict[str, Any]) -> None:
    with pytest.raises(DomainError, match=r"^trial a, [\w\[\].]+(, \w+)?: .+"):
        answer(case["history"])


WHOLE = {
    "as_of": "2025-07-01",
    "settings": {"min_weeks_antidepressant": 6, "min_weeks_augmentation": 4, "failure_below_percent": 50},
    "bipolar": False,
    "trials": [
        {
            "id": "a",
            "treatment": "Zoloft",
            "episode": "current",
            "added_to": None,
            "adherence": "good",
            "improvement": "under 25",
            "wore_off": False,
            "stop_reason": "no benefit",
            "sessions": None,
            "doses": [{"mg_per_day": 50, "from": "2024-02", "to": "2024-03-10"}, {"mg_per_day": 100, "weeks": 9}],
        }
    ],
}


def _changed(path: str, value: Any) -> dict[str, Any]:
    document = copy.deepcopy(WHOLE)
    place: Any = document
    *way, last = [int(step) if step.isdigit() else step for step in path.split(".")]
    for step in way:
        place = place[step]
    if value is KeyError:
        del place[last]
    else:
        place[last] = value
    return document


@pytest.mark.parametrize(
    ("path", "value", "told"),
    [
        ("as_of", KeyError, "history, as_of"),
        ("trials", KeyError, "history, trials"),
        ("as_of", "2025-07", "history, as_of"),
        ("as_of", 20250701, "history, as_of"),
        ("patient", "x", "history, patient"),
        ("bipolar", "no", "history, bipolar"),
        ("bipolar", None, "history, bipolar"),
        ("settings", [], "settings"),
        ("settings.min_weeks_antidepressant", 0, "settings, min_weeks_antidepressant"),
        ("settings.min_weeks_augmentation", -1, "settings, min_weeks_augmentation"),
        ("settings.min_weeks_augmentation", "4", "settings, min_weeks_augmentation"),
        ("settings.failure_below_percent", 30, "settings, failure_below_percent"),
        ("settings.failure_below_percent", True, "settings, failure_below_percent"),
        ("settings.other", 1, "settings, other"),
        ("trials", {}, "history, trials"),
        ("trials.0", "x", "trial number 1"),
        ("trials.0.id", KeyError, "trial number 1, id"),
        ("trials.0.id", 1, "trial number 1, id"),
        ("trials.0.treatment", KeyError, "trial a, treatment"),
        ("trials.0.treatment", " ", "trial a, treatment"),
        ("trials.0.episode", "past", "trial a, episode"),
        ("trials.0.episode", None, "trial a, episode"),
        ("trials.0.added_to", "a", "trial a, added_to"),
        ("trials.0.added_to", "z", "trial a, added_to"),
        ("trials.0.added_to", 1, "trial a, added_to"),
        ("trials.0.adherence", "Good", "trial a, adherence"),
        ("trials.0.improvement", 25, "trial a, improvement"),
        ("trials.0.wore_off", 1, "trial a, wore_off"),
        ("trials.0.stop_reason", "bored", "trial a, stop_reason"),
        ("trials.0.sessions", -1, "trial a, sessions"),
        ("trials.0.sessions", 2.5, "trial a, sessions"),
        ("trials.0.sessions", True, "trial a, sessions"),
        ("trials.0.doses", [], "trial a, doses"),
        ("trials.0.doses", {}, "trial a, doses"),
        ("trials.0.doses.0", None, r"trial a, doses\[0\]"),
        ("trials.0.doses.0.unit", "mg", r"trial a, doses\[0\], unit"),
        ("trials.0.doses.0.mg_per_day", 0, r"trial a, doses\[0\], mg_per_day"),
        ("trials.0.doses.0.mg_per_day", "50", r"trial a, doses\[0\], mg_per_day"),
        ("trials.0.doses.0.mg_per_day", True, r"trial a, doses\[0\], mg_per_day"),
        ("trials.0.doses.0.mg_per_day", 10**400, r"trial a, doses\[0\], mg_per_day"),
        ("trials.0.doses.1.weeks", 0, r"trial a, doses\[1\], weeks"),
        ("trials.0.doses.1.weeks", None, r"trial a, doses\[1\], weeks"),
        ("trials.0.doses.1.about_weeks", 9, r"trial a, doses\[1\], weeks"),
        ("trials.0.doses.1.to", "now", r"trial a, doses\[1\], weeks"),
        ("trials.0.doses.0.from", "now", r"trial a, doses\[0\], from"),
        ("trials.0.doses.0.from", 2024, r"trial a, doses\[0\], from"),
        ("trials.0.doses.0.to", "2024-01", r"trial a, doses\[0\].to"),
        ("trials.0.doses.0.to", "2026", r"trial a, doses\[0\].to"),
    ],
)
def test_a_malformed_history_is_refused_by_place_and_key(path: str, value: Any, told: str) -> None:
    with pytest.raises(DomainError, match=f"^{told}: "):
        answer(_changed(path, value))


def test_the_whole_form_is_taken() -> None:
    assert answer(WHOLE)["trials"][0]["weeks_at_dose"] == [10.4, 14.4]


def test_what_is_left_out_takes_its_default() -> None:
    least = {"as_of": "2025-07-01", "trials": [{"id": "a", "treatment": "Zoloft", "doses": [{}]}]}
    full = {
        "settings": {},
        "bipolar": False,
        "trials": [
            {
                "id": "a",
                "treatment": "Zoloft",
                "episode": "current",
                "added_to": None,
                "adherence": "unsure",
                "improvement": "unknown",
                "wore_off": False,
                "stop_reason": "unknown",
                "sessions": None,
                "doses": [{"mg_per_day": None, "from": None, "to": None}],
            }
        ],
    }
    assert answer(least) == answer(least | full)


@pytest.mark.parametrize("sessions", [20, 20.0, 0])
def test_sessions_are_whole_numbers_however_written(sessions: float) -> None:
    answer(_changed("trials.0.sessions", sessions))


@pytest.mark.parametrize(
    ("treatment", "mg"),
    [("Cytomel", 25), ("sertraline", 4000.1), ("esketamine", 1700), ("atomoxetine", 2001), ("SAMe", 40_000)],
)
def test_a_dose_beyond_twenty_times_the_maximum_is_an_entry_error_such_as_a_wrong_unit(
    treatment: str, mg: float
) -> None:
    trial = {"id": "a", "treatment": treatment, "doses": [{"mg_per_day": mg, "weeks": 9}]}
    with pytest.raises(DomainError, match=r"^trial a, doses\[0\].mg_per_day: .*20 times"):
        answer({"as_of": "2025-07-01", "trials": [trial]})


def test_the_reason_says_what_is_not_verified_and_when_a_trial_will_be_long_enough() -> None:
    trial = {
        "id": "a",
        "treatment": "vortioxetine",
        "adherence": "good",
        "improvement": "under 25",
        "stop_reason": "still taking",
        "doses": [{"mg_per_day": 10, "from": "2025-06-10"}],
    }
    found = answer({"as_of": "2025-07-01", "trials": [trial]})
    (told,) = found["trials"]
    assert "long enough on 2025-07-22" in told["reason"]
    assert "not verified: clinic to confirm" in told["reason"]
    assert found["statement_text"].endswith("Not verified: clinic to confirm")


def test_numbers_read_in_their_source_carry_no_mark() -> None:
    trial = {"id": "a", "treatment": "TMS", "sessions": 20, "doses": [{"weeks": 5}]}
    found = answer({"as_of": "2025-07-01", "trials": [trial]})
    assert "not verified" not in found["trials"][0]["reason"] + found["statement_text"].lower()


def test_the_statement_names_its_rule_the_questions_and_the_flags() -> None:
    def trial(number: int, treatment: str, mg: int, **values: Any) -> dict[str, Any]:
        told = {"id": str(number), "treatment": treatment, "adherence": "good", "improvement": "25-49"}
        return told | {"doses": [{"mg_per_day": mg, "weeks": 9}]} | values

    trials = [trial(1, "Celexa", 20), trial(2, "Lexapro", 10), trial(3, "sertraline", 50, improvement="unknown")]
    settings = {"min_weeks_antidepressant": 4}
    text = answer({"as_of": "2025-07-01", "settings": settings, "trials": trials})["statement_text"]
    assert "Rule: 4 weeks, under 50 %, augmentation 4 weeks" in text
    assert "citalopram and escitalopram are closely related" in text
    unclear = answer({"as_of": "2025-07-01", "trials": trials[1:]})["statement_text"]
    assert "To ask: sertraline: Was the improvement at best under 50 %?" in unclear


def test_an_id_twice_is_refused() -> None:
    with pytest.raises(DomainError, match="^trial a, id: "):
        answer(WHOLE | {"trials": WHOLE["trials"] * 2})  # type: ignore[operator]


@pytest.mark.parametrize("text", ["", "{", "NaN", '{"as_of": Infinity}', "[" * 100_000])
def test_what_is_not_json_is_refused(text: str) -> None:
    with pytest.raises(DomainError, match="^not JSON$"):
        loads(text)


def test_a_history_without_trials_shows_nothing() -> None:
    found = answer({"as_of": "2025-07-01", "trials": []})
    assert (found["statement"], found["trials"], found["overlaps"]) == ("not-shown", [], [])
