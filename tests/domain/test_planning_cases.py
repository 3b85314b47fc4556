"""The shared cases with their proven optimum: exactly the plan that is meant, confirmed by the second check."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from intake.domain.errors import DomainError
from intake.domain.scheduling.checking import check
from intake.domain.scheduling.planning import answer

CASES = Path(__file__).parents[1] / "planning_cases"
NAMES = sorted(path.stem for path in CASES.glob("case??.json"))
BAD_NAMES = sorted(path.stem for path in CASES.glob("bad??.json"))


def read(name):
    return json.loads((CASES / f"{name}.json").read_text())


def test_the_cases_are_there():
    assert (len(NAMES), len(BAD_NAMES)) == (14, 4)


@pytest.mark.parametrize("name", NAMES)
def test_a_case_is_planned_as_expected(name):
    expected, plan = read(f"{name}.expected"), answer(read(name))
    assert plan["status"] == expected["status"]
    assert plan.get("cost") == expected.get("cost")
    assert plan.get("infusions") == expected.get("infusions")


@pytest.mark.parametrize("name", NAMES)
def test_plan_and_alternatives_stand_the_second_check(name):
    case, plan = read(name), answer(read(name), alternatives=4)
    for found in [plan, *plan["alternatives"]] if plan["status"] == "optimal" else []:
        assert check(case, found) == ([], found["cost"])
        assert sum(found["breakdown"].values()) == found["cost"] >= plan["cost"]
        assert len(found["breakdown"]) == 8


@pytest.mark.parametrize("name", NAMES)
def test_a_plan_comes_with_two_alternatives_that_differ_or_with_a_reason(name):
    plan = answer(read(name))
    if plan["status"] == "infeasible":
        assert plan["reasons"]
        return
    others = [plan, *plan["alternatives"]]
    times = {tuple((i["date"], i["start"]) for i in found["infusions"]) for found in others}
    assert len(times) == len(others) == 3


@pytest.mark.parametrize("name", BAD_NAMES)
def test_a_malformed_case_is_refused_with_the_key_to_blame(name):
    with pytest.raises(DomainError) as caught:
        answer(read(name))
    key = caught.value.message.split(":")[0]
    assert read(f"{name}.expected")["malformed"] in key
    assert caught.value.field == key


@pytest.mark.parametrize("name", ["batch01", "batch02"])
def test_a_batch_is_not_mistaken_for_one_series(name):
    with pytest.raises(DomainError, match=r"^series:"):
        answer(read(name))
