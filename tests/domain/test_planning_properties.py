"""On small random cases the planner finds exactly what trying every plan finds, and more room never costs more."""

from __future__ import annotations

import json
import re
from copy import deepcopy
from datetime import date, timedelta

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from intake.domain.scheduling.capacity import Calendar
from intake.domain.scheduling.checking import check
from intake.domain.scheduling.planning import answer
from intake.domain.scheduling.reading import case_from_json
from intake.domain.scheduling.search import best_series
from intake.domain.scheduling.writing import slot_to_json
from tests.domain.plain_case import plain_case
from tests.domain.small_cases import DAYS, EveryPlan, cases

DATE = re.compile(r"\d{4}-\d\d-\d\d")
SLOW = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))


def planned(raw):
    case = case_from_json(raw)
    found = best_series(case, Calendar(case.site, case.bookings))
    return None if found is None else [slot_to_json(slot) for slot in found]


def cost(raw):
    infusions = planned(raw)
    assume(infusions is not None)
    return check(raw, {"infusions": infusions})[1]


@SLOW
@given(cases())
def test_the_optimum_is_what_trying_every_plan_finds_ties_included(raw):
    best = EveryPlan(raw).best()
    assert planned(raw) == (None if best is None else best[1])


@SLOW
@given(cases())
def test_every_plan_and_alternative_stands_the_second_check_and_costs_what_it_says(raw):
    plan = answer(raw, alternatives=3)
    for found in [plan, *plan["alternatives"]] if plan["status"] == "optimal" else []:
        assert check(raw, found) == ([], found["cost"])
        assert found["cost"] == sum(found["breakdown"].values()) >= plan["cost"]
        assert sum("point" in words for words in found["words"]) == len(found["words"])


@SLOW
@given(cases(), st.sampled_from(["watch", "chair", "starts"]))
def test_more_room_never_raises_the_cost(raw, kind):
    more = deepcopy(raw)
    if kind == "watch":
        more["site"]["monitoring"].append({"days": DAYS, "from": "08:00", "to": "12:00", "capacity": 1})
    elif kind == "chair":
        more["site"]["chairs"].append({"name": "New", "features": ["private"]})
    else:
        more["site"]["starts_per_slot"] += 1
    assert cost(more) <= cost(raw)


@SLOW
@given(cases())
def test_planning_again_from_the_plan_changes_nothing(raw):
    infusions = planned(raw)
    assume(infusions is not None and "pinned" not in raw)
    done = len(raw.get("fixed", []))
    pinned = [{"number": number, **slot} for number, slot in enumerate(infusions[done:], done + 1)]
    assert planned({**raw, "pinned": pinned}) == infusions


@SLOW
@given(cases())
def test_the_answer_is_json_and_the_same_each_time(raw):
    assert json.dumps(answer(raw)) == json.dumps(answer(deepcopy(raw)))


def test_a_long_wide_series_is_planned_too():
    """Twelve infusions with any gap from 2 to 9: millions of date sequences."""
    case = plain_case(
        protocol_infusions=12,
        protocol_gap_points={str(gap): (gap * 5) % 7 for gap in range(2, 10)},
        protocol_max_span_days=60,
        protocol_max_in_7_days=2,
        protocol_per_week=2,
        patient_latest_start="2027-03-20",
        patient_preferred={"from": "09:30", "to": "11:00"},
        weights={"spacing": 2, "delay_day": 1, "weekday_change": 3, "outside_preferred": 2, "sliver": 1},
    )
    plan = answer(case, alternatives=0)
    assert check(case, plan) == ([], plan["cost"])


def shifted(value, weeks):
    """A case with every date moved by whole weeks."""
    if isinstance(value, dict):
        return {key: shifted(inner, weeks) for key, inner in value.items()}
    if isinstance(value, list):
        return [shifted(inner, weeks) for inner in value]
    if isinstance(value, str) and DATE.match(value):
        return (date.fromisoformat(value[:10]) + timedelta(weeks=weeks)).isoformat() + value[10:]
    return value


@SLOW
@given(cases(), st.sampled_from([-61, -1, 1, 2, 13, 44, 52, 200]))
def test_the_same_case_some_weeks_later_has_the_same_answer_some_weeks_later(raw, weeks):
    there, here = answer(shifted(raw, weeks)), answer(raw)
    assert there["status"] == here["status"]
    if here["status"] == "optimal":
        for found, moved in zip([here, *here["alternatives"]], [there, *there["alternatives"]], strict=True):
            assert moved["infusions"] == shifted(found["infusions"], weeks)
            assert moved["breakdown"] == found["breakdown"]


@SLOW
@given(cases(), st.sampled_from(["America/Denver", "Europe/Berlin"]), st.sampled_from([2, 3, 35, 34]))
def test_neither_clock_change_shows(raw, zone, weeks):
    """March 14 and November 7 in America, March 28 and October 31 in Europe lie within these weeks."""
    case = shifted(raw, weeks - 1)
    case["site"]["timezone"] = zone
    plain = deepcopy(case)
    plain["site"]["timezone"] = "America/Phoenix"
    assert answer(case) == answer(plain)


@SLOW
@given(cases())
def test_alternatives_differ_in_a_date_or_a_start_and_are_never_cheaper(raw):
    plan = answer(raw, alternatives=4)
    assume(plan["status"] == "optimal")
    every = [plan, *plan["alternatives"]]
    times = {tuple((infusion["date"], infusion["start"]) for infusion in found["infusions"]) for found in every}
    assert len(times) == len(every)
    costs = [found["cost"] for found in every]
    assert costs == sorted(costs)
