"""A batch plan is checked series by series, with everybody else's sessions booked."""

from __future__ import annotations

from typing import Any

import pytest

from intake.domain.errors import DomainError
from intake.domain.scheduling.checking_batch import check_batch
from tests.domain.plain_case import BEST, plain_case

Json = dict[str, Any]
ON_B = [{**slot, "chair": "B"} for slot in BEST]
LATER = [{**slot, "start": "09:00"} for slot in BEST]


def batch(**changes: Any) -> Json:
    """Two patients, a and b, with the same wishes."""
    case = plain_case(**changes)
    series = [{"id": name, "protocol": case["protocol"], "patient": case["patient"]} for name in "ab"]
    return {"site": case["site"], "bookings": case["bookings"], "weights": case.get("weights", {}), "series": series}


def plan(*placed: list[Json], **claims: Any) -> Json:
    return {"series": [{"id": name, "infusions": slots} for name, slots in zip("ab", placed, strict=False)], **claims}


def test_two_series_beside_each_other_are_legal():
    assert check_batch(batch(), plan(BEST, ON_B)) == ([], 0)
    assert check_batch(batch(), plan(BEST, LATER)) == ([], 0)


@pytest.mark.parametrize(
    ("rule", "changes", "second"),
    [
        ("rule 2: the chair is taken", {}, BEST),
        ("rule 3", {"protocol_watch_profile": [[30, 2], [30, 1]]}, ON_B),
        ("rule 4", {"site_starts_per_slot": 1}, ON_B),
        ("rule 2: the chair is taken", {"protocol_turnover_minutes": 15}, LATER),
    ],
)
def test_what_the_others_take_is_taken(rule, changes, second):
    broken, _ = check_batch(batch(**changes), plan(BEST, second))
    assert {fault[0] for fault in broken} == {"a", "b"}
    assert all(rule in fault for fault in broken)


@pytest.mark.parametrize(
    ("fault", "found"),
    [
        ("the case has none with the id b", {"series": [{"id": "b", "infusions": ON_B}], "unplaced": ["a"]}),
        ("twice", {"series": [{"id": "a", "infusions": BEST}] * 2}),
        ("unplaced: does not list", {"series": []}),
        ("unplaced: does not list", {"series": [], "unplaced": ["a", "a"]}),
        ("unplaced: does not list", {"series": [{"id": "a", "infusions": BEST}], "unplaced": ["a"]}),
        ("bound 1 is above the cost 0", {"series": [{"id": "a", "infusions": BEST}], "bound": 1}),
        ("the plan says cost 5, it is 0", {"series": [{"id": "a", "infusions": BEST}], "cost": 5}),
        ("rule 7: 2 infusions", {"series": [{"id": "a", "infusions": BEST[:2]}]}),
    ],
)
def test_a_plan_that_does_not_fit_its_case_is_broken(fault, found):
    case = batch()
    case["series"].pop()
    broken, _ = check_batch(case, found)
    assert any(fault in line for line in broken), broken


def test_the_cost_is_that_of_all_with_the_unplaced_and_the_worst():
    weights = {"outside_preferred": 2, "unplaced": 50, "worst": 3, "sliver": 9}
    case = batch(weights=weights, patient_preferred={"from": "09:00", "to": "10:00"})
    assert check_batch(case, plan(BEST, LATER)) == ([], 6 + 0 + 3 * 6)
    assert check_batch(case, plan(BEST, unplaced=["b"])) == ([], 6 + 50 + 3 * 6)
    assert check_batch(case, {"series": [], "unplaced": ["a", "b"]}) == ([], 100)


def test_an_unplaced_series_is_not_charged_for_what_it_gives_up():
    case = batch(weights={"moved": 7, "unplaced": 1})
    for series in case["series"]:
        series["current"] = [{"date": "2027-03-02", "start": "08:00", "chair": "A"}]
    assert check_batch(case, plan(BEST, unplaced=["b"])) == ([], 7 + 1)


def test_fixed_infusions_take_no_place_from_the_others():
    fixed = [{"date": "2027-02-26", "start": "08:00", "chair": "A"}]
    case = batch(fixed=fixed)
    for series in case["series"]:
        series["fixed"] = fixed
    found = [[*fixed, *BEST[:2]], [*fixed, *ON_B[:2]]]
    assert check_batch(case, plan(*found)) == ([], 0)


@pytest.mark.parametrize(
    "found",
    [{}, [], None, {"series": 7}, {"series": [7]}, {"series": [{"id": "a"}]},
     {"series": [{"id": 1, "infusions": BEST}]},
     {"series": [{"id": "a", "infusions": BEST}], "unplaced": "b"},
     {"series": [{"id": "a", "infusions": BEST}], "unplaced": ["b"], "bound": "0"}],
)  # fmt: skip
def test_a_plan_amiss_is_refused(found):
    with pytest.raises(DomainError):
        check_batch(batch(), found)
