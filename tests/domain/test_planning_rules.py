"""The rules over a series at their limits, and what each term of the cost does to the plan."""

from datetime import date, timedelta

import pytest

from intake.domain.scheduling.checking import check
from intake.domain.scheduling.planning import answer
from intake.domain.scheduling.reading import case_from_json, protocol_from_json
from intake.domain.scheduling.series_rules import series_faults
from tests.domain.plain_case import BEST, PLAIN, WEEK, a_booking, plain_case

PROTOCOL = protocol_from_json(PLAIN["protocol"])
MONDAY = date(2027, 3, 1)


def planned(case):
    """(day of March, start, chair) of each infusion, or the status."""
    plan = answer(case, alternatives=0)
    if plan["status"] != "optimal":
        return plan["status"]
    assert check(case, plan) == ([], plan["cost"])
    return [(int(i["date"][-2:]), i["start"], i["chair"]) for i in plan["infusions"]]


def days(case):
    found = planned(case)
    return found if isinstance(found, str) else [day for day, _, _ in found]


def test_the_plain_case_has_its_plan():
    assert answer(plain_case(), alternatives=0)["infusions"] == BEST


def test_of_equal_plans_the_earliest_dates_win_then_starts_then_the_order_of_chairs():
    case = plain_case(site_chairs=[{"name": "Z"}, {"name": "A"}])
    assert planned(case) == [(1, "08:00", "Z"), (3, "08:00", "Z"), (5, "08:00", "Z")]


@pytest.mark.parametrize(
    ("gaps", "expected"),
    [
        ({"2": 0}, [1, 3, 5]),
        ({"3": 0}, [2, 5, 8]),
        ({"6": 0}, "infeasible"),
        ({"4": 0}, [1, 5, 9]),
        ({"1": 5, "4": 0}, [1, 2, 3]),
    ],
)
def test_only_listed_gaps_are_allowed_and_points_without_weight_cost_nothing(gaps, expected):
    case = plain_case(protocol_gap_points=gaps, protocol_min_span_days=0)
    assert days(case) == expected


def test_gap_points_are_avoided_by_the_weight_of_spacing():
    case = plain_case(protocol_gap_points={"2": 5, "3": 0, "4": 0, "7": 1}, weights={"spacing": 1})
    assert days(case) == [1, 4, 8]


@pytest.mark.parametrize(
    ("least", "most", "expected"),
    [
        (4, 4, [1, 3, 5]),
        (5, 8, [1, 3, 8]),
        (8, 8, [1, 4, 9]),
        (9, 9, "infeasible"),
        (7, 7, [1, 3, 8]),
        (0, 3, "infeasible"),
    ],
)
def test_the_span_is_bounded_both_bounds_included(least, most, expected):
    assert days(plain_case(protocol_min_span_days=least, protocol_max_span_days=most)) == expected


@pytest.mark.parametrize(("most", "expected"), [(3, [1, 3, 5]), (2, [1, 3, 8]), (1, "infeasible"), (0, "infeasible")])
def test_seven_days_hold_at_most_so_many_infusions(most, expected):
    assert days(plain_case(protocol_max_in_7_days=most)) == expected


def test_an_infusion_on_the_eighth_day_is_in_another_seven_days():
    case = plain_case(protocol_max_in_7_days=1, protocol_gap_points={"7": 0}, protocol_max_span_days=14)
    assert days(case) == [1, 8, 15]
    case = plain_case(protocol_max_in_7_days=1, protocol_gap_points={"6": 0}, protocol_max_span_days=14)
    assert days(case) == "infeasible"


@pytest.mark.parametrize(
    ("earliest", "latest", "expected"),
    [
        ("2027-03-02", "2027-03-02", [2, 4, 9]),
        ("2027-03-06", "2027-03-08", [8, 10, 12]),
        ("2027-03-02", "2027-03-01", "infeasible"),
    ],
)
def test_the_first_date_lies_in_its_closed_range(earliest, latest, expected):
    assert days(plain_case(patient_earliest=earliest, patient_latest_start=latest)) == expected


@pytest.mark.parametrize(("limit", "expected"), [("2027-03-05", [1, 3, 5]), ("2027-03-04", "infeasible")])
def test_no_infusion_is_after_the_last_date_allowed(limit, expected):
    assert days(plain_case(patient_not_after=limit)) == expected


def test_a_delay_costs_points_for_each_day():
    closed = plain_case(site_closures=["2027-03-01"], weights={"delay_day": 4})
    assert answer(closed, alternatives=0)["breakdown"]["delay_day"] == 4


@pytest.mark.parametrize(("first", "until"), [("08:30", "09:00"), ("08:30", "08:30"), ("08:15", "08:30")])
def test_a_preferred_start_is_taken_both_ends_included(first, until):
    case = plain_case(patient_preferred={"from": first, "to": until}, weights={"outside_preferred": 1})
    assert {start for _, start, _ in planned(case)} == {"08:30"}
    assert answer(case, alternatives=0)["cost"] == 0


@pytest.mark.parametrize(("start", "points"), [("09:00", 0), ("09:30", 2)])
def test_starts_more_than_an_hour_apart_cost_a_shift(start, points):
    """Wednesday begins with chair A and B taken until `start`."""
    taken = [a_booking("08:00", start, chair=chair, day="2027-03-03") for chair in "AB"]
    monday = [a_booking("09:00", "12:00", chair=chair) for chair in "AB"]
    friday = [a_booking("09:00", "12:00", chair=chair, day="2027-03-05") for chair in "AB"]
    case = plain_case(
        bookings=taken + monday + friday,
        weights={"time_shift": 1, "delay_day": 9},
        protocol_gap_points={"2": 0},
        protocol_max_span_days=4,
    )
    assert answer(case, alternatives=0)["breakdown"]["time_shift"] == points


@pytest.mark.parametrize(("per_week", "points"), [(1, 2), (2, 1), (3, 0)])
def test_infusions_a_weeks_count_apart_should_share_a_weekday(per_week, points):
    case = plain_case(protocol_per_week=per_week, protocol_gap_points={"2": 0}, weights={"weekday_change": 1})
    assert answer(case, alternatives=0)["breakdown"]["weekday_change"] == points


def test_a_plan_one_point_cheaper_is_found_behind_a_promising_one():
    """Monday, Wednesday looks free, but only Friday follows and changes the weekday (2); Thursday costs 1 in all."""
    case = plain_case(
        protocol_gap_points={"2": 0, "3": 0, "4": 1},
        protocol_per_week=2,
        patient_latest_start="2027-03-01",
        weights={"spacing": 1, "weekday_change": 2},
    )
    assert days(case) == [1, 4, 8]


def test_a_protected_start_is_used_at_its_price():
    protected = [{"days": WEEK, "from": "08:00", "to": "08:30"}]
    free = plain_case(site_protected=protected, weights={"protected": 6})
    assert {start for _, start, _ in planned(free)} == {"08:30"}
    only = plain_case(
        site_protected=protected, weights={"protected": 6}, site_hours={d: [["08:00", "09:00"]] for d in WEEK}
    )
    assert answer(only, alternatives=0)["breakdown"]["protected"] == 18


def test_holes_are_avoided_on_the_chair_that_leaves_fewer():
    case = plain_case(bookings=[a_booking("09:30", "12:00")], weights={"sliver": 1})
    assert planned(case)[0] == (1, "08:00", "B")


def test_fixed_infusions_stand_first_unchanged_and_count_for_gap_span_and_weekday():
    fixed = [{"date": "2027-02-26", "start": "17:05", "chair": "Q"}]
    case = plain_case(fixed=fixed, weights={"time_shift": 1, "weekday_change": 1, "delay_day": 1}, protocol_per_week=1)
    plan = answer(case, alternatives=0)
    assert plan["infusions"][0] == fixed[0]
    assert [i["date"][-2:] for i in plan["infusions"]] == ["26", "01", "03"]
    assert (plan["breakdown"]["time_shift"], plan["breakdown"]["weekday_change"]) == (1, 2)
    assert check(case, plan) == ([], plan["cost"])


def test_without_a_latest_start_a_series_goes_on_after_what_is_fixed():
    fixed = [{"date": "2027-02-26", "start": "08:00", "chair": "A"}]
    assert days(plain_case(fixed=fixed, patient_latest_start=None)) == [26, 1, 3]


def test_a_series_that_is_done_costs_only_what_was_given_up():
    fixed = [{"date": f"2027-02-{day}", "start": "08:00", "chair": "A"} for day in (20, 21, 22)]
    current = [{"date": "2027-03-02", "start": "08:00", "chair": "A", "move_points": 5}]
    plan = answer(plain_case(fixed=fixed, current=current), alternatives=2)
    assert (plan["infusions"], plan["cost"], plan["alternatives"]) == (fixed, 5, [])


def test_what_is_fixed_may_break_rules_among_itself():
    fixed = [{"date": f"2027-02-{day}", "start": "08:00", "chair": "A"} for day in (25, 26)]
    assert days(plain_case(fixed=fixed)) == [25, 26, 1]
    assert days(plain_case(fixed=fixed, protocol_max_in_7_days=2, protocol_gap_points={"5": 0, "7": 0})) == [25, 26, 5]


@pytest.mark.parametrize(("points", "expected"), [(3, [1, 4, 9]), (0, [1, 3, 5])])
def test_a_current_booking_is_kept_when_moving_it_is_dear(points, expected):
    current = [{"date": "2027-03-04", "start": "09:00", "chair": "B", "move_points": points}]
    plan = answer(plain_case(current=current), alternatives=0)
    assert [int(i["date"][-2:]) for i in plan["infusions"]] == expected
    assert plan["breakdown"]["moved"] == 0


def test_another_chair_at_the_same_time_is_not_a_move():
    current = [{"date": "2027-03-01", "start": "08:00", "chair": "B"}]
    plan = answer(plain_case(current=current, weights={"moved": 8}), alternatives=0)
    assert (plan["infusions"], plan["cost"]) == (BEST, 0)


def test_a_pinned_infusion_stands_where_it_is_wanted_and_pays():
    pinned = [{"number": 2, "date": "2027-03-04", "start": "10:00", "chair": "B"}]
    case = plain_case(pinned=pinned, weights={"time_shift": 1})
    assert planned(case) == [(1, "09:00", "A"), (4, "10:00", "B"), (9, "09:00", "A")]


@pytest.mark.parametrize(
    "pin",
    [
        {"number": 2, "date": "2027-03-06", "start": "10:00", "chair": "B"},  # a Saturday
        {"number": 4, "date": "2027-03-05", "start": "08:00", "chair": "A"},  # no such infusion
        {"number": 1, "date": "2027-03-04", "start": "08:00", "chair": "A"},  # after the latest start
        {"number": 3, "date": "2027-03-05", "start": "08:15", "chair": "A"},  # off the grid
    ],
)
def test_a_pin_that_breaks_a_rule_leaves_no_plan(pin):
    assert days(plain_case(pinned=[pin])) == "infeasible"


def test_more_done_than_the_series_has_leaves_no_plan():
    fixed = [{"date": f"2027-02-{day}", "start": "08:00", "chair": "A"} for day in (19, 22, 24, 26)]
    plan = answer(plain_case(fixed=fixed))
    assert plan["reasons"][0]["change"] == {"key": "protocol.infusions", "to": 4}


def test_a_series_runs_over_the_years_end():
    case = plain_case(patient_earliest="2027-12-29", patient_latest_start="2027-12-30", site_closures=["2027-12-31"])
    plan = answer(case, alternatives=0)
    assert [i["date"] for i in plan["infusions"]] == ["2027-12-29", "2028-01-03", "2028-01-05"]


@pytest.mark.parametrize("weeks", [1, 2, 52])
def test_shifting_a_whole_case_by_weeks_changes_nothing(weeks):
    """Also over the spring clock change, which lies outside clinic hours."""
    later = plain_case(
        patient_earliest=(MONDAY + timedelta(weeks=weeks)).isoformat(),
        patient_latest_start=(MONDAY + timedelta(days=2, weeks=weeks)).isoformat(),
    )
    found = answer(later, alternatives=0)["infusions"]
    back = [{**i, "date": (date.fromisoformat(i["date"]) - timedelta(weeks=weeks)).isoformat()} for i in found]
    assert back == BEST


def march(*numbers):
    return [date(2027, 3, number) for number in numbers]


@pytest.mark.parametrize(
    ("dates", "done", "texts"),
    [
        (march(1, 3, 5), 0, []),
        (march(1, 2, 5), 0, ["Gap of 1 day between infusion 1 and 2 (allowed: 2, 3 or 5 days)."]),
        (march(1, 2, 5), 2, []),  # among what is done
        (march(1, 2, 6), 2, ["Gap of 4 days between infusion 2 and 3 (allowed: 2, 3 or 5 days)."]),
        (march(1, 3), 0, ["2 of 3 infusions are in the plan."]),
        (march(1, 6, 11), 0, ["The series takes 10 days from first to last (allowed: 4 to 8 days)."]),
        (
            march(3, 3, 5),
            0,
            [
                "The dates do not rise between infusion 1 and 2: Wed Mar 3, Wed Mar 3.",
                "The series takes 2 days from first to last (allowed: 4 to 8 days).",
            ],
        ),
    ],
)
def test_a_page_is_told_which_rule_of_the_series_breaks(dates, done, texts):
    assert [fault.text for fault in series_faults(dates, PROTOCOL, done=done)] == texts


@pytest.mark.parametrize(("last", "is_broken"), [(7, True), (8, False)])
def test_the_eighth_day_is_outside_the_seven(last, is_broken):
    protocol = protocol_from_json(PLAIN["protocol"] | {"max_in_7_days": 2, "gap_points": {"2": 0, "4": 0, "5": 0}})
    found = [fault.rule.value for fault in series_faults(march(1, 3, last), protocol)]
    assert found == (["seven-days"] if is_broken else [])


def test_a_page_is_told_that_seven_days_or_the_window_break():
    patient = case_from_json(plain_case(patient_not_after="2027-03-08")).patient
    found = series_faults(march(4, 6, 9), protocol_from_json(PLAIN["protocol"] | {"max_in_7_days": 2}), patient=patient)
    assert [fault.rule for fault in found] == ["seven-days", "window", "window"]
    assert "3 infusions in the 7 days up to Tue Mar 9 (allowed: 2)" in found[0].text
