"""`assess-trials` and `score-instrument`: JSON in and out, one line when refused, neither database nor keys."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from config import ROOT, Config
from intake import create_app
from intake.domain.screening.questionnaires import SHIPPED

EXAMPLES: dict[str, Any] = json.loads((ROOT / "tests/domain/data/trial-adequacy-examples.json").read_text())


@pytest.fixture
def keyless(tmp_path: Path) -> Config:
    return Config(mode="production", instance=tmp_path / "nowhere", base_url="https://localhost")


def run(config: Config, *words: str) -> tuple[int, str, str]:
    result = create_app(config).test_cli_runner().invoke(args=list(words))
    return result.exit_code, result.stdout, result.stderr


def a_file(folder: Path, value: object) -> str:
    path = folder / "in.json"
    path.write_text(value if isinstance(value, str) else json.dumps(value))
    return str(path)


def is_refused(found: tuple[int, str, str]) -> str:
    """The one line of a refusal."""
    code, out, err = found
    assert (code, out, err.count("\n")) == (2, "", 1)
    (told,) = json.loads(err).items()
    assert told[0] == "error"
    return str(told[1])


def test_a_history_is_answered_in_one_line(keyless: Config, tmp_path: Path) -> None:
    case = EXAMPLES["histories"][0]
    code, out, err = run(keyless, "assess-trials", a_file(tmp_path, case["history"]))
    assert (code, err, out.count("\n")) == (0, "", 1)
    assert json.loads(out)["counts"] == case["expected"]["counts"]


@pytest.mark.parametrize("case", EXAMPLES["malformed"], ids=lambda case: case["why"])
def test_a_malformed_history_is_one_line_that_names_the_trial(
    case: dict[str, Any], keyless: Config, tmp_path: Path
) -> None:
    assert is_refused(run(keyless, "assess-trials", a_file(tmp_path, case["history"]))).startswith("trial a, ")


@pytest.mark.parametrize("text", ["", "{", "NaN", "[1,", '{"as_of": 1e999999}', '{"as_of": ' + "9" * 5000 + "}"])
def test_what_is_no_history_is_one_line(text: str, keyless: Config, tmp_path: Path) -> None:
    is_refused(run(keyless, "assess-trials", a_file(tmp_path, text)))


def test_a_file_that_is_not_there_is_one_line(keyless: Config, tmp_path: Path) -> None:
    is_refused(run(keyless, "assess-trials", str(tmp_path / "none.json")))
    is_refused(run(keyless, "assess-trials"))


def test_a_name_that_no_terminal_can_write_is_answered(keyless: Config, tmp_path: Path) -> None:
    text = '{"as_of": "2025-07-01", "trials": [{"id": "\\ud800", "treatment": "pill \\udfff", "doses": [{}]}]}'
    code, out, _ = run(keyless, "assess-trials", a_file(tmp_path, text))
    assert (code, json.loads(out)["trials"][0]["treatment"]) == (0, "pill \udfff")


@pytest.mark.parametrize("name", SHIPPED)
def test_each_questionnaire_is_scored(name: str, keyless: Config, tmp_path: Path) -> None:
    code, out, err = run(keyless, "score-instrument", name, a_file(tmp_path, {"1": 1}))
    assert (code, err, json.loads(out)["instrument"]) == (0, "", name)


@pytest.mark.parametrize(
    ("name", "answers", "told"),
    [("mdq", {}, "phq9, gad7, pcl5"), ("phq9", {"1": 9}, "answers.1"), ("peg", {"4": 1}, "answers.4")],
)
def test_a_wrong_name_or_answer_is_one_line_with_the_key(
    name: str, answers: dict[str, int], told: str, keyless: Config, tmp_path: Path
) -> None:
    assert told in is_refused(run(keyless, "score-instrument", name, a_file(tmp_path, answers)))
