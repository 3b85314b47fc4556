"""`plan-series` and `check-plan`: JSON out, one line of JSON for every refusal, no database, no keys."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from config import ROOT, Config
from intake import create_app
from intake.domain.scheduling.planning import answer
from tests.domain.plain_case import BEST, plain_case

FOLDER = ROOT / "tests" / "planning_cases"
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Runs a command in production without any key; values that are no text become files."""
    app = create_app(Config(mode="production", instance=tmp_path / "nothing", base_url="https://localhost"))

    def ran(*words: Any) -> tuple[int, str, str]:
        texts = [word if isinstance(word, str | Path) else _file(tmp_path, word) for word in words]
        result = app.test_cli_runner().invoke(args=[str(text) for text in texts])
        return result.exit_code, result.stdout, result.stderr

    return ran


def _file(folder: Path, value: Any) -> Path:
    path = folder / f"{id(value)}.json"
    path.write_bytes(value if isinstance(value, bytes) else json.dumps(value).encode())
    return path


def shared(name: str) -> Any:
    return json.loads((FOLDER / f"{name}.json").read_text())


def assert_refused(result: tuple[int, str, str], key: str = "") -> None:
    code, out, err = result
    assert (code, out, err.count("\n")) == (2, "", 1)
    error = json.loads(err)
    assert list(error) == ["error"]
    assert key in error["error"]


def test_a_plan_needs_neither_database_nor_keys(run: Run) -> None:
    code, out, err = run("plan-series", FOLDER / "case03.json")
    assert (code, err) == (0, "")
    assert json.loads(out) == answer(shared("case03"))


def test_no_plan_is_an_answer_too(run: Run) -> None:
    code, out, _ = run("plan-series", FOLDER / "case02.json")
    assert (code, json.loads(out)["status"]) == (0, "infeasible")


@pytest.mark.parametrize(("words", "others"), [([], 2), (["--alternatives", "3"], 2), (["--alternatives=1"], 0)])
def test_alternatives_count_the_best_plan(run: Run, words: list[str], others: int) -> None:
    code, out, _ = run("plan-series", FOLDER / "case03.json", *words)
    assert (code, len(json.loads(out)["alternatives"])) == (0, others)


@pytest.mark.parametrize("count", ["0", "-1", "two", "1.5", ""])
def test_no_other_number_of_alternatives_is_accepted(run: Run, count: str) -> None:
    assert_refused(run("plan-series", FOLDER / "case03.json", "--alternatives", count), "alternatives")


@pytest.mark.parametrize("name", [path.stem for path in sorted(FOLDER.glob("bad??.json"))])
def test_a_malformed_case_is_refused_by_both_commands(run: Run, name: str) -> None:
    key = shared(f"{name}.expected")["malformed"]
    assert_refused(run("plan-series", FOLDER / f"{name}.json"), key)
    assert_refused(run("check-plan", FOLDER / f"{name}.json", {"infusions": []}), key)


NO_CASES = {
    "empty": b"",
    "half": b"{",
    "text": b"mon",
    "bad UTF-8": b'{"site": "\xff"}',
    "UTF-16": '{"site": {}}'.encode("utf-16"),
    "NaN": b'{"site": NaN}',
    "infinite": b'{"site": -Infinity}',
    "deep": b"[" * 100_000 + b"]" * 100_000,
    "deep object": b'{"a":' * 50_000 + b"1" + b"}" * 50_000,
    "many digits": b'{"site": ' + b"9" * 5000 + b"}",
    "list": b"[]",
    "null": b"null",
    "number": b"7",
    "no keys": b"{}",
    "zero bytes": b"\0\0",
}


@pytest.mark.parametrize("text", NO_CASES.values(), ids=NO_CASES.keys())
def test_what_is_no_case_is_one_line_and_exit_2(run: Run, text: bytes) -> None:
    assert_refused(run("plan-series", text))
    assert_refused(run("check-plan", text, {"infusions": []}))
    assert_refused(run("check-plan", plain_case(), text))


def test_a_missing_file_a_folder_and_a_missing_word_are_refused_too(run: Run, tmp_path: Path) -> None:
    assert_refused(run("plan-series", tmp_path / "none.json"), "none.json")
    assert_refused(run("plan-series", tmp_path), "directory")
    assert_refused(run("plan-series"), "CASE")
    assert_refused(run("plan-series", plain_case(), "--other"), "--other")
    assert_refused(run("check-plan", plain_case()), "PLAN")


def test_a_mark_at_the_beginning_of_the_file_does_not_matter(run: Run) -> None:
    assert run("plan-series", b"\xef\xbb\xbf" + json.dumps(plain_case()).encode())[0] == 0


def test_names_that_no_terminal_can_show_come_back_as_they_went(run: Run) -> None:
    case = plain_case(site_chairs=[{"name": "\ud800 Über"}])
    assert json.loads(run("plan-series", case)[1])["infusions"][0]["chair"] == "\ud800 Über"


@pytest.mark.parametrize("name", ["case03", "case13"])
def test_a_plan_passes_its_second_reckoning(run: Run, name: str) -> None:
    code, out, _ = run("check-plan", FOLDER / f"{name}.json", answer(shared(name)))
    assert (code, json.loads(out)) == (0, {"ok": True, "cost": shared(f"{name}.expected")["cost"], "broken": []})


def test_a_broken_rule_is_named_and_exits_with_1(run: Run) -> None:
    code, out, _ = run("check-plan", plain_case(protocol_max_in_7_days=2), {"infusions": BEST, "cost": 3})
    found = json.loads(out)
    assert (code, found["ok"], found["cost"]) == (1, False, 0)
    assert [fault[:7] for fault in found["broken"]] == ["rule 10", "the pla"]


def test_a_batch_is_recognised_by_its_series(run: Run) -> None:
    case = plain_case()
    batch = {"site": case["site"], "series": [{"id": "a", "protocol": case["protocol"], "patient": case["patient"]}]}
    plan = {"status": "optimal", "cost": 0, "bound": 0, "series": [{"id": "a", "infusions": BEST}], "unplaced": []}
    assert json.loads(run("check-plan", batch, plan)[1]) == {"ok": True, "cost": 0, "broken": []}
    assert run("check-plan", batch, {**plan, "series": []})[0] == 1
    assert_refused(run("check-plan", {**batch, "series": batch["series"] * 2}, plan), "series")
    assert_refused(run("check-plan", batch, {}), "series")


def test_a_case_of_five_megabytes_is_planned_and_checked(run: Run, tmp_path: Path) -> None:
    """Fifty thousand bookings of years past and to come, and a few that matter."""
    first, bookings = date(2015, 1, 1), []
    for n in range(50_000):
        day = (first + timedelta(days=n % 9000)).isoformat()
        profile = {"watch_profile": [[30, 2], [90, 1]], "turnover_minutes": 15}
        bookings.append({"chair": "AB"[n % 2], "start": f"{day}T11:00", "end": f"{day}T11:30", **profile})
    case = plain_case(bookings=bookings)
    path = _file(tmp_path, case)
    assert path.stat().st_size > 5_000_000
    began = time.monotonic()
    code, out, _ = run("plan-series", path)
    assert (code, json.loads(out)["infusions"]) == (0, BEST)
    assert run("check-plan", path, {"infusions": BEST})[0] == 0
    assert time.monotonic() - began < 60
