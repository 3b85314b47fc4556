"""Commands answer in JSON, refuse in one line, and touch nothing without keys."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from config import ROOT, Config
from intake import create_app

FOLDER = ROOT / "tests" / "planning_cases"


@pytest.fixture
def keyless(tmp_path: Path) -> Config:
    return Config(mode="production", instance=tmp_path, base_url="https://localhost")


def run(config: Config, *words: str) -> tuple[int, str, str]:
    result = create_app(config).test_cli_runner().invoke(args=list(words))
    return result.exit_code, result.stdout, result.stderr


def test_a_plan_needs_neither_database_nor_keys(keyless: Config) -> None:
    code, out, _ = run(keyless, "plan-series", str(FOLDER / "case03.json"))
    expected = json.loads((FOLDER / "case03.expected.json").read_text())
    assert code == 0
    assert json.loads(out)["cost"] == expected["cost"]


def test_a_plan_passes_its_second_reckoning(keyless: Config, tmp_path: Path) -> None:
    plan = tmp_path / "plan.json"
    plan.write_text(run(keyless, "plan-series", str(FOLDER / "case03.json"))[1])
    assert run(keyless, "check-plan", str(FOLDER / "case03.json"), str(plan))[:2] == (0, "ok cost=78\n")


def test_a_malformed_case_is_one_line_and_exit_2(keyless: Config) -> None:
    code, out, err = run(keyless, "plan-series", str(FOLDER / "bad04.json"))
    assert (code, out) == (2, "")
    assert json.loads(err)["error"].startswith("site.slot_minutes")


@pytest.mark.parametrize("text", ["{", "", "\udcff"])
def test_what_is_not_json_is_one_line_and_exit_2(keyless: Config, tmp_path: Path, text: str) -> None:
    (tmp_path / "case.json").write_bytes(text.encode("utf-8", "surrogateescape"))
    code, _, err = run(keyless, "plan-series", str(tmp_path / "case.json"))
    assert code == 2
    assert list(json.loads(err)) == ["error"]


@pytest.mark.parametrize("words", [("clinic", "load", "FILE"), ("audit", "verify"), ("worker",)])
def test_what_touches_data_refuses_without_keys(keyless: Config, tmp_path: Path, words: tuple[str, ...]) -> None:
    file = tmp_path / "clinic.json"
    file.write_text("{}")
    code, _, err = run(keyless, *(str(file) if word == "FILE" else word for word in words))
    assert code == 1
    assert "INTAKE_KEY_FILE" in err


def test_production_refuses_to_work_without_tls(tmp_path: Path) -> None:
    config = Config(mode="production", instance=tmp_path, base_url="http://localhost")
    assert "BASE_URL" in run(config, "worker")[2]
