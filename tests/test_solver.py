"""OR-Tools on top of our own planner: better plans, proofs of small batches, and it stops when it is told to."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from intake import solver
from intake.domain.scheduling.batch import plan_batch
from intake.domain.scheduling.batch_orders import one_by_one
from intake.domain.scheduling.batch_reading import batch_from_json, plan_to_json
from intake.domain.scheduling.batch_tables import Tables
from intake.domain.scheduling.checking_batch import check_batch
from tests.bench.batch_cases import batch_case

FOLDER = Path(__file__).parent / "planning_cases"


def within(seconds):
    end = time.monotonic() + seconds
    return lambda: end - time.monotonic()


def test_a_small_batch_is_proven_from_a_poor_start():
    raw = json.loads((FOLDER / "batch01.json").read_text())
    batch = batch_from_json(raw)
    start = one_by_one(Tables(batch), [5, 4, 3, 2, 1, 0]).plan(0)
    plan = solver.improve(batch, start, seconds_left=within(120))
    assert check_batch(raw, plan_to_json(plan)) == ([], plan.cost)
    assert (plan.cost, plan.bound) == (128, 128)


@pytest.mark.parametrize("worst", [0, 2])
def test_groups_of_a_large_batch_make_it_better_and_keep_it_legal(worst):
    raw = batch_case(11, series=14, chairs=2, load=0.95)
    raw["weights"] = {**raw["weights"], "worst": worst}
    batch = batch_from_json(raw)
    start = one_by_one(Tables(batch), range(14)).plan(0)
    plan = solver.improve(batch, start, seconds_left=within(15))
    assert check_batch(raw, plan_to_json(plan)) == ([], plan.cost)
    assert plan.cost < start.cost


def test_fixed_and_current_infusions_count_as_in_our_own_planner():
    raw = batch_case(13, series=5, chairs=2, load=0.5)
    base = plan_batch(batch_from_json(raw), keep_going=lambda: True, rounds=50)
    for entry in raw["series"]:
        slots = plan_to_json(base)["series"]
        infusions = next((one["infusions"] for one in slots if one["id"] == entry["id"]), [])
        entry |= {"fixed": infusions[:1], "current": infusions[1:]}
        entry["patient"] |= {"earliest": infusions[1]["date"]} if infusions else {}
    raw["site"]["closures"] = [raw["series"][0]["current"][1]["date"]]
    batch = batch_from_json(raw)
    own = plan_batch(batch, keep_going=lambda: True, rounds=200)
    plan = solver.improve(batch, one_by_one(Tables(batch), range(5)).plan(0), seconds_left=within(60))
    assert check_batch(raw, plan_to_json(plan)) == ([], plan.cost)
    assert own.bound <= plan.cost <= own.cost


def test_a_cancel_returns_the_plan_that_was_given():
    batch = batch_from_json(batch_case(11, series=14, chairs=2, load=0.95))
    start = one_by_one(Tables(batch), range(14)).plan(3)
    plan = solver.improve(batch, start, seconds_left=within(60), is_cancelled=lambda: True)
    assert (plan.cost, plan.bound) == (start.cost, 3)
