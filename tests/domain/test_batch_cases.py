"""Batches: the shared cases, what is malformed, and what a batch adds to the rules of one series."""

from __future__ import annotations

import json
from copy import deepcopy
from pathlib import Path

import pytest

from intake.domain.errors import DomainError
from intake.domain.scheduling.batch import plan_batch
from intake.domain.scheduling.batch_reading import batch_from_json, plan_to_json
from intake.domain.scheduling.checking_batch import check_batch
from tests.domain.plain_case import BEST, WEEK, a_booking, plain_case

CASES = Path(__file__).parents[1] / "planning_cases"
NAMES = sorted(path.stem for path in CASES.glob("batch??.json"))
ROUNDS = 60


def read(name):
    return json.loads((CASES / f"{name}.json").read_text())


def planned(raw, *, rounds=ROUNDS, seed=0):
    plan = plan_batch(batch_from_json(raw), keep_going=lambda: True, rounds=rounds, seed=seed)
    found = plan_to_json(plan)
    assert check_batch(raw, found) == ([], found["cost"])
    assert found["bound"] <= found["cost"]
    return found


def a_batch(count=2, *, weights=None, **changes):
    """As many plain series as asked for, all alike; the plain site has two chairs, two watch units, two starts."""
    case = plain_case(**changes)
    one = {"protocol": case["protocol"], "patient": case["patient"]}
    series = [{"id": f"s{number}", **deepcopy(one)} for number in range(1, count + 1)]
    return {
        "site": case["site"],
        "bookings": case["bookings"],
        "weights": {"unplaced": 100, "delay_day": 1, "spacing": 1, **(weights or {})},
        "series": series,
    }


def on_monday_only(entry):
    """A series whose first infusion can only be on Monday 1 March at 8:00."""
    entry["protocol"]["first_start"] = {"from": "08:00", "to": "08:00"}
    entry["patient"]["latest_start"] = "2027-03-01"


@pytest.mark.parametrize("name", NAMES)
def test_a_shared_batch_is_planned_as_well_as_known_and_proven(name):
    expected, plan = read(f"{name}.expected"), planned(read(name))
    assert {key: plan[key] for key in expected} == expected


def test_there_are_two_shared_batches():
    assert len(NAMES) == 2


def test_a_series_alone_costs_what_it_costs_by_itself():
    plan = planned(a_batch(1))
    assert plan["series"][0]["infusions"] == BEST
    assert (plan["status"], plan["cost"], plan["unplaced"], plan["gap"]) == ("optimal", 0, [], 0)


def test_planned_sessions_take_chairs_watch_units_and_starts():
    """Three at the same hours: two chairs, so that one of them starts at another time or day."""
    plan = planned(a_batch(3))
    slots = [(i["date"], i["start"], i["chair"]) for entry in plan["series"] for i in entry["infusions"]]
    assert len(set(slots)) == len(slots) == 9


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("site_chairs", [{"name": "A"}]),
        ("site_monitoring", [{"days": WEEK, "from": "08:00", "to": "12:00", "capacity": 1}]),
        ("site_starts_per_slot", 1),
    ],
)
def test_who_has_no_room_is_left_out_for_its_points(key, value):
    raw = a_batch(2, **{key: value})
    for entry in raw["series"]:
        on_monday_only(entry)
    plan = planned(raw)
    assert (plan["cost"], len(plan["unplaced"]), plan["status"]) == (100, 1, "optimal")


def test_a_series_dearer_than_leaving_it_out_is_left_out():
    raw = a_batch(1, weights={"delay_day": 60, "unplaced": 100}, site_closures=["2027-03-01", "2027-03-02"])
    assert (planned(raw)["unplaced"], planned(raw)["cost"]) == (["s1"], 100)
    raw["weights"]["unplaced"] = 121
    assert (planned(raw)["unplaced"], planned(raw)["cost"]) == ([], 120)


def test_without_points_for_leaving_out_whoever_costs_anything_is_left_out():
    raw = a_batch(1, site_closures=["2027-03-01"])
    del raw["weights"]["unplaced"]
    assert planned(raw)["unplaced"] == ["s1"]


def test_the_highest_cost_is_charged_again_as_worst():
    """One of two starts late, one has a wide gap: 3 points in all, and ten times the 2 of whom it hits more."""
    raw = a_batch(2, site_chairs=[{"name": "A"}], site_hours={day: [["08:00", "09:00"]] for day in WEEK})
    assert planned(raw)["cost"] == 3
    raw["weights"]["worst"] = 10
    assert planned(raw)["cost"] == 3 + 10 * 2


def test_the_worst_can_make_leaving_out_the_better_choice():
    raw = a_batch(
        2,
        weights={"worst": 100, "unplaced": 50},
        site_chairs=[{"name": "A"}],
        site_hours={day: [["08:00", "09:00"]] for day in WEEK},
    )
    plan = planned(raw, rounds=200)
    assert (plan["cost"], len(plan["unplaced"])) == (50, 1)


def test_holes_beside_sessions_cost_nothing_in_a_batch():
    raw = a_batch(1, weights={"sliver": 50}, bookings=[a_booking("09:30", "10:30", chair=chair) for chair in "AB"])
    assert planned(raw)["cost"] == 0


def test_a_series_left_out_gives_up_its_bookings_unpaid():
    raw = a_batch(1, weights={"moved": 1000}, site_closures=["2027-03-01"])
    on_monday_only(raw["series"][0])
    raw["series"][0]["current"] = BEST
    assert (planned(raw)["cost"], planned(raw)["unplaced"]) == (100, ["s1"])


def test_a_placed_series_pays_for_what_it_moves():
    raw = a_batch(1, weights={"moved": 7}, site_closures=["2027-03-05"])
    raw["series"][0]["current"] = BEST
    plan = planned(raw)
    assert plan["cost"] == 7 + 2
    assert plan["series"][0]["infusions"][:2] == BEST[:2]


def test_a_fixed_infusion_stands_in_the_plan_and_in_nobodys_way_but_as_a_booking():
    raw = a_batch(2, site_chairs=[{"name": "A"}], site_starts_per_slot=1)
    raw["series"][0] |= {"fixed": [BEST[0]]}
    raw["series"][0]["patient"] |= {"earliest": "2027-03-03"}
    free = planned(raw)
    assert free["series"][0]["infusions"][0] == BEST[0]
    assert BEST[0] in free["series"][1]["infusions"]
    raw["bookings"] = [a_booking("08:00", "09:00")]
    assert BEST[0] not in planned(raw)["series"][1]["infusions"]


def test_a_series_whose_infusions_are_all_fixed_is_placed_at_no_cost():
    raw = a_batch(1)
    raw["series"][0] |= {"fixed": BEST}
    raw["series"][0]["patient"] |= {"earliest": "2027-03-08"}
    plan = planned(raw)
    assert (plan["series"][0]["infusions"], plan["cost"], plan["status"]) == (BEST, 0, "optimal")


def test_a_booking_without_turnover_has_that_of_each_series_protocol():
    raw = a_batch(2, bookings=[a_booking("08:00", "08:30", chair=chair) for chair in "AB"])
    for entry, turnover in zip(raw["series"], (0, 60), strict=True):
        on_monday_only(entry)
        entry["protocol"] |= {"turnover_minutes": turnover, "first_start": {"from": "08:30", "to": "09:00"}}
    plan = planned(raw)
    assert ([entry["id"] for entry in plan["series"]], plan["unplaced"]) == (["s1"], ["s2"])


def test_sessions_change_chairs_at_no_cost_to_let_another_in():
    """Only chair B takes who needs privacy; whoever sat there first makes room."""
    raw = a_batch(2)
    for entry in raw["series"]:
        on_monday_only(entry)
    raw["series"][1]["patient"]["needs"] = ["private"]
    for series in (raw["series"], raw["series"][::-1]):
        assert planned({**raw, "series": series})["unplaced"] == []


def test_no_series_is_an_empty_plan():
    plan = planned({**a_batch(1), "series": []})
    assert (plan["status"], plan["cost"], plan["series"]) == ("optimal", 0, [])


def _twice(raw):
    raw["series"][1]["id"] = "s1"


def _no_id(raw):
    del raw["series"][0]["id"]


def _no_series(raw):
    del raw["series"]


def _not_a_list(raw):
    raw["series"] = {"s1": raw["series"][0]}


def _no_site(raw):
    del raw["site"]


def _no_latest_start(raw):
    del raw["series"][1]["patient"]["latest_start"]


def _fixed_too_late(raw):
    raw["series"][1]["fixed"] = [BEST[0]]


def _over_midnight(raw):
    raw["bookings"] = [a_booking("23:30", "00:30")]


def _odd_slots(raw):
    raw["site"]["slot_minutes"] = 20


def _negative_points(raw):
    raw["weights"]["unplaced"] = -1


@pytest.mark.parametrize(
    ("spoil", "key"),
    [
        (_twice, "series"),
        (_no_id, "series.id"),
        (_no_series, "series"),
        (_not_a_list, "series"),
        (_no_site, "site"),
        (_no_latest_start, "patient.latest_start"),
        (_fixed_too_late, "fixed"),
        (_over_midnight, "bookings"),
        (_odd_slots, "site.slot_minutes"),
        (_negative_points, "weights.unplaced"),
    ],
)
def test_a_malformed_batch_is_refused_with_the_key_to_blame(spoil, key):
    raw = a_batch(2)
    spoil(raw)
    with pytest.raises(DomainError) as caught:
        batch_from_json(raw)
    assert caught.value.message.startswith(f"{key}: ")
