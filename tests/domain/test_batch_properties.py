"""On small random batches: every plan is legal, never above one by one, and optimal means that nothing is cheaper."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from intake.domain.scheduling.batch import plan_batch
from intake.domain.scheduling.batch_orders import one_by_one
from intake.domain.scheduling.batch_reading import batch_from_json, plan_to_json
from intake.domain.scheduling.batch_tables import Tables
from intake.domain.scheduling.checking import cost_of, series_faults
from intake.domain.scheduling.checking_batch import check_batch
from tests.domain.small_cases import DAYS, TERMS, Json, bookings, clock, legal_slots, on, patients, protocols, sites

SLOW = settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
STARTS = range(480, 720, 30)


@st.composite
def batches(draw: st.DrawFn, most: int = 4) -> Json:
    """Up to four series of three infusions; some have a fixed one or one that may move."""
    series = []
    for number in range(draw(st.integers(1, most))):
        entry: Json = {"id": f"s{number}", "protocol": draw(protocols()), "patient": draw(patients())}
        if draw(st.integers(0, 4)) == 0:
            entry["fixed"] = [{"date": on(-draw(st.integers(1, 4))), "start": "09:00", "chair": "Z"}]
        if draw(st.integers(0, 2)) == 0:
            slot = {"date": on(draw(st.integers(0, 9))), "start": clock(draw(st.sampled_from(STARTS))), "chair": "A"}
            entry["current"] = [{**slot, "move_points": draw(st.integers(0, 9))}]
        series.append(entry)
    return {
        "site": draw(sites()),
        "bookings": draw(st.lists(bookings(), max_size=6)),
        "weights": {
            **{name: draw(st.integers(0, 5)) for name in TERMS},
            "unplaced": draw(st.sampled_from([0, 10, 50])),
            "worst": draw(st.sampled_from([0, 0, 1, 3])),
        },
        "series": series,
    }


def planned(raw: Json, *, rounds: int = 80, seed: int = 0) -> Json:
    return plan_to_json(plan_batch(batch_from_json(raw), keep_going=lambda: True, rounds=rounds, seed=seed))


@SLOW
@given(batches())
def test_every_plan_stands_the_second_check(raw: Json) -> None:
    plan = planned(raw)
    assert check_batch(raw, plan) == ([], plan["cost"])
    assert plan["bound"] <= plan["cost"]
    assert (plan["status"] == "optimal") == (plan["bound"] == plan["cost"])


@SLOW
@given(batches())
def test_a_plan_is_never_worse_than_one_by_one_in_any_order_tried(raw: Json) -> None:
    batch, cost = batch_from_json(raw), planned(raw, rounds=0)["cost"]
    tables = Tables(batch)
    places = range(len(batch.series))
    by_earliest = sorted(places, key=lambda place: batch.series[place].case.patient.earliest)
    assert cost <= min(one_by_one(tables, order).cost for order in (places, by_earliest))


@SLOW
@given(batches(), st.randoms(use_true_random=False))
def test_the_order_of_the_file_matters_neither_for_legality_nor_for_a_proven_cost(raw: Json, random: Any) -> None:
    mixed = {**raw, "series": random.sample(raw["series"], len(raw["series"]))}
    first, second = planned(raw), planned(mixed)
    assert check_batch(mixed, second) == ([], second["cost"])
    assert first["bound"] <= second["cost"] and second["bound"] <= first["cost"]


@SLOW
@given(batches())
def test_the_same_seed_and_rounds_give_the_same_plan(raw: Json) -> None:
    assert planned(raw, rounds=25, seed=7) == planned(raw, rounds=25, seed=7)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(batches(most=3))
def test_a_bound_is_never_above_what_trying_everything_finds(raw: Json) -> None:
    """Starts on the hour only and few dates, so that everything can be tried."""
    narrow(raw)
    plan, best = planned(raw), least_cost(raw)
    assert plan["bound"] <= best <= plan["cost"]
    if plan["status"] == "optimal":
        assert plan["cost"] == best


def narrow(raw: Json) -> None:
    raw["site"]["slot_minutes"] = 60
    for entry in raw["series"]:
        entry["patient"]["latest_start"] = entry["patient"]["earliest"]
        entry["protocol"] |= {"infusions": 2, "max_span_days": 4, "min_span_days": 0}
        entry["patient"]["available"] = {day: [["08:00", "12:00"]] for day in DAYS}


def least_cost(raw: Json) -> int:
    """The least cost over every choice of plans: series by series, each around those before it, or left out."""
    weights = raw["weights"]
    bare = {**weights, "sliver": 0}
    cases = [{**entry, "site": raw["site"], "weights": bare, "bookings": raw["bookings"]} for entry in raw["series"]]
    choices = [[None, *every_plan(case)] for case in cases]
    best = [weights["unplaced"] * len(cases)]

    def extend(place: int, chosen: list[Json], total: int, worst: int) -> None:
        if total + weights["worst"] * worst >= best[0]:
            return
        if place == len(cases):
            best[0] = total + weights["worst"] * worst
            return
        for choice in choices[place]:
            if choice is None:
                extend(place + 1, chosen, total + weights["unplaced"], worst)
            else:
                cost, infusions = choice
                entry = {"id": raw["series"][place]["id"], "infusions": infusions}
                if fits(raw, [*chosen, entry]):
                    extend(place + 1, [*chosen, entry], total + cost, max(worst, cost))

    extend(0, [], 0, 0)
    return best[0]


def every_plan(case: Json) -> Iterator[tuple[int, list[Json]]]:
    """Every plan that is legal alone, the cheapest first, with its cost."""
    done = len(case.get("fixed", []))
    numbers = range(done + 1, case["protocol"]["infusions"] + 1)
    found = [list(case.get("fixed", []))]
    for number in numbers:
        found = [[*begun, slot] for begun in found for slot in legal_slots(case, number, range(12))]
        found = [plan for plan in found if all(a["date"] < b["date"] for a, b in zip(plan, plan[1:], strict=False))]
    legal = [plan for plan in found if not list(series_faults(case, plan))]
    yield from sorted(((cost_of(case, plan), plan) for plan in legal), key=lambda one: one[0])


def fits(raw: Json, entries: list[Json]) -> bool:
    """Whether the last of some placed series is legal beside the others; those were found legal before."""
    names = [entry["id"] for entry in entries]
    part = {**raw, "series": [entry for entry in raw["series"] if entry["id"] in names]}
    broken, _ = check_batch(part, {"series": entries, "unplaced": []})
    return not broken
