"""`check-medicines`: JSON in and out, one line when refused, neither database nor keys."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from config import Config
from tests.domain.schemas import faults
from tests.domain.test_medicines import SHARED_EXAMPLE
from tests.test_history_commands import a_file, is_refused, keyless, run

__all__ = ["keyless"]


def answered(config: Config, folder: Path, value: object) -> dict[str, Any]:
    code, out, err = run(config, "check-medicines", a_file(folder, value))
    assert (code, err, out.count("\n")) == (0, "", 1)
    found: dict[str, Any] = json.loads(out)
    return found


def test_the_example_of_the_format_is_answered_in_one_line(keyless: Config, tmp_path: Path) -> None:
    found = answered(keyless, tmp_path, SHARED_EXAMPLE)
    assert faults("medicines-answer", found) == []
    assert [one["matched"] for one in found["medicines"]][:3] == ["alprazolam", "lamotrigine", "naltrexone + bupropion"]
    assert (found["diazepam_equivalent_mg_per_day"], found["duplicates"], found["unknown"]) == (
        30.0,
        [["m3", "m4"]],
        ["m6"],
    )


def test_only_names_are_needed(keyless: Config, tmp_path: Path) -> None:
    found = answered(keyless, tmp_path, {"medicines": [{"name": "zolft"}, {"name": "\ud800 pill"}]})
    assert [(one["id"], one["match"]) for one in found["medicines"]] == [("m1", "spelling"), ("m2", "none")]
    assert answered(keyless, tmp_path, {"medicines": []})["medicines"] == []


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ({"medicines": [{"id": "a"}]}, "medicine a, name: missing"),
        ({"medicines": [{"id": "a", "name": " "}]}, "medicine a, name: "),
        ({"medicines": [{"name": "Xanax", "dose": 1}]}, "medicine m1, dose: unknown key"),
        ({"medicines": [{"id": "a", "name": "x"}, {"id": "a", "name": "y"}]}, "medicine a, id: "),
        ({"medicines": [{"name": "Xanax", "mg_per_day": -1}]}, "medicine m1, mg_per_day: not above 0"),
        ({"medicines": [{"name": "Xanax", "mg_per_day": 1e9}]}, "medicine m1, mg_per_day: "),
        ({"medicines": [{"name": "Xanax", "last_taken": "soon"}]}, "medicine m1, last_taken: "),
        (
            {"infusion_at": "2025-07-02T09:00", "medicines": [{"name": "Xanax", "last_taken": "2025-07-03"}]},
            "medicine m1, last_taken: ",
        ),
        ({"infusion_at": "tomorrow", "medicines": []}, "list, infusion_at: "),
        ({"as_of": "2025-13-01", "medicines": []}, "list, as_of: "),
        ({"medicine": []}, "list, medicine: unknown key"),
        ({}, "list, medicines: missing"),
        ([], "list: "),
        ("", "not JSON"),
        ("{", "not JSON"),
        ('{"medicines": [{"name": "x", "mg_per_day": NaN}]}', "not JSON"),
        ("[" * 100_000, "nested too deeply"),
    ],
)
def test_a_malformed_list_is_one_line_that_names_the_medicine_and_the_key(
    value: object, told: str, keyless: Config, tmp_path: Path
) -> None:
    assert told in is_refused(run(keyless, "check-medicines", a_file(tmp_path, value)))


def test_a_file_that_is_not_there_is_one_line(keyless: Config, tmp_path: Path) -> None:
    is_refused(run(keyless, "check-medicines", str(tmp_path / "none.json")))
    is_refused(run(keyless, "check-medicines"))
    is_refused(run(keyless, "check-medicines", str(tmp_path)))
