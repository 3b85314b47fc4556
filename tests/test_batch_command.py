"""`plan-batch`: JSON out, one line of JSON for every refusal, no database, no keys, in time."""

from __future__ import annotations

import json
import os
import signal
import time
from pathlib import Path
from typing import Any

import pytest

from config import ROOT, Config
from intake import create_app, solver
from intake.cli import batch
from intake.domain.scheduling.checking_batch import check_batch
from intake.services import batches
from tests.bench.batch_cases import batch_case

FOLDER = ROOT / "tests" / "planning_cases"


@pytest.fixture
def run(tmp_path: Path):
    """Runs the command in production without any key; a case that is no path becomes a file."""
    app = create_app(Config(mode="production", instance=tmp_path / "nothing", base_url="https://localhost"))

    def ran(case: Any, *words: str) -> tuple[int, str, str]:
        path = case
        if not isinstance(case, Path):
            path = tmp_path / "case.json"
            path.write_text(json.dumps(case))
        result = app.test_cli_runner().invoke(args=["plan-batch", str(path), *words])
        return result.exit_code, result.stdout, result.stderr

    return ran


def assert_refused(result: tuple[int, str, str], key: str) -> None:
    code, out, err = result
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert key in json.loads(err)["error"]


@pytest.mark.parametrize("using", ["own", "auto"])
@pytest.mark.parametrize("name", ["batch01", "batch02"])
def test_a_shared_batch_is_planned_to_the_proven_cost(run, name, using):
    code, out, err = run(FOLDER / f"{name}.json", "--solver", using)
    plan, expected = json.loads(out), json.loads((FOLDER / f"{name}.expected.json").read_text())
    assert (code, err) == (0, "")
    assert {key: plan[key] for key in expected} == expected


@pytest.mark.parametrize("name", [path.stem for path in sorted(FOLDER.glob("case??.json"))][:2])
def test_a_case_of_one_series_is_no_batch(run, name):
    assert_refused(run(FOLDER / f"{name}.json"), "series")


def test_two_series_with_one_id_are_refused(run):
    raw = json.loads((FOLDER / "batch01.json").read_text())
    raw["series"][1]["id"] = raw["series"][0]["id"]
    assert_refused(run(raw), "series")


@pytest.mark.parametrize("name", [path.stem for path in sorted(FOLDER.glob("bad??.json"))])
def test_what_is_malformed_in_one_series_is_so_in_a_batch(run, name):
    raw = json.loads((FOLDER / f"{name}.json").read_text())
    shared = {key: raw.pop(key) for key in ("site", "bookings", "weights")}
    key = json.loads((FOLDER / f"{name}.expected.json").read_text())["malformed"]
    assert_refused(run({**shared, "series": [{"id": "s1", **raw}]}), key)


@pytest.mark.parametrize("words", [("--seconds", "-1"), ("--seconds", "soon"), ("--solver", "gurobi")])
def test_no_other_options_are_accepted(run, words):
    assert_refused(run(FOLDER / "batch01.json", *words), words[0].strip("-"))


def test_a_missing_file_is_one_line(run, tmp_path):
    assert_refused(run(tmp_path / "none.json"), "none.json")


def test_ortools_that_is_not_installed_is_said_so(run, monkeypatch):
    monkeypatch.setattr(solver, "is_installed", lambda: False)
    assert_refused(run(FOLDER / "batch01.json", "--solver", "ortools"), "solver")
    assert run(FOLDER / "batch01.json", "--solver", "auto")[0] == 0


@pytest.mark.parametrize("seconds", ["0", "1"])
def test_the_time_limit_holds_and_what_is_found_by_then_is_legal(run, seconds):
    raw = batch_case(5, series=30, chairs=4)
    began = time.monotonic()
    code, out, _ = run(raw, "--seconds", seconds, "--solver", "own")
    took = time.monotonic() - began
    plan = json.loads(out)
    assert check_batch(raw, plan) == ([], plan["cost"])
    assert code == 0
    assert took < float(seconds) + 8, "reading and setting up included, on a busy machine"


def test_an_interrupt_prints_the_best_plan_so_far(run, monkeypatch):
    """A search of ten minutes that is interrupted as soon as it has begun still answers, long before its time."""

    def interrupted(case, **options):
        os.kill(os.getpid(), signal.SIGINT)
        return batches.plan_together(case, **options)

    monkeypatch.setattr(batch, "plan_together", interrupted)
    before = signal.getsignal(signal.SIGINT)
    code, out, err = run(batch_case(3, series=12), "--seconds", "600", "--solver", "own")
    assert (code, err) == (0, "")
    assert json.loads(out)["series"]
    assert signal.getsignal(signal.SIGINT) == before


@pytest.mark.parametrize("seconds", ["nan", "-1", "soon"])
def test_seconds_that_are_no_time_are_refused(run, seconds):
    assert_refused(run(FOLDER / "batch01.json", "--seconds", seconds), "seconds")


def test_without_time_everybody_who_fits_one_by_one_is_placed(run):
    code, out, _ = run(FOLDER / "batch01.json", "--seconds", "0", "--solver", "own")
    assert (code, json.loads(out)["unplaced"]) == (0, [])
