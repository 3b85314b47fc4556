"""Alternatives that a person cares about, and what each compromise costs, in words."""

from datetime import date

import pytest

from intake.domain.scheduling.planning import Plan, answer, plan_series
from intake.domain.scheduling.reading import case_from_json
from tests.domain.plain_case import WEEK, a_booking, plain_case

WEIGHTS = {"spacing": 3, "delay_day": 1, "outside_preferred": 3, "time_shift": 2, "weekday_change": 3, "sliver": 1}
LONG_DAY = {day: [["08:00", "16:00"]] for day in WEEK}
ROOMY = {
    "site_hours": LONG_DAY,
    "patient_available": LONG_DAY,
    "site_monitoring": [{"days": WEEK, "from": "08:00", "to": "16:00", "capacity": 2}],
}


def planned(count=6, **changes) -> Plan:
    found = plan_series(case_from_json(plain_case(weights=WEIGHTS, **changes)), count)
    assert isinstance(found, Plan)
    return found


def titled(plan, title):
    return next((other for other in plan.alternatives if other.title == title), None)


def test_as_many_alternatives_come_as_are_asked_for_cheapest_first():
    assert [len(planned(count, **ROOMY).alternatives) for count in (0, 1, 2, 5)] == [0, 1, 2, 5]
    costs = [other.cost for other in planned(3, **ROOMY).alternatives]
    assert costs == sorted(costs)


def test_all_afternoons_is_an_alternative_to_a_plan_of_mornings():
    other = titled(planned(**ROOMY), "all afternoons")
    assert {slot.start >= 720 for slot in other.slots} == {True}


def test_other_weekdays_are_an_alternative():
    other = titled(planned(**ROOMY), "without Mondays")
    assert 0 not in {slot.day.weekday() for slot in other.slots}


def test_an_earlier_start_is_an_alternative_where_waiting_is_cheaper():
    """On Monday only the late morning is free: waiting a day costs less than three holes."""
    taken = [a_booking("08:00", "14:30", chair=chair) for chair in "AB"]
    plan = planned(bookings=taken, patient_preferred={"from": "08:00", "to": "10:00"}, **ROOMY)
    assert plan.slots[0].day == date(2027, 3, 2)
    sooner = titled(plan, "starts sooner")
    assert sooner.slots[0].day == date(2027, 3, 1)
    assert sooner.cost > plan.cost


def test_the_same_time_of_day_is_an_alternative_to_shifts():
    taken = [a_booking("08:00", "14:00", chair=chair, day="2027-03-03") for chair in "AB"]
    changes = {"protocol_gap_points": {"2": 0}, "protocol_max_span_days": 4, "patient_latest_start": "2027-03-01"}
    plan = planned(bookings=taken, patient_preferred={"from": "08:00", "to": "10:00"}, **(ROOMY | changes))
    assert plan.breakdown["time_shift"] == 4
    assert 0 in {other.breakdown["time_shift"] for other in plan.alternatives}


def test_a_pinned_infusion_stays_in_every_alternative():
    pinned = [{"number": 2, "date": "2027-03-04", "start": "09:00", "chair": "B"}]
    plan = planned(pinned=pinned, **ROOMY)
    assert {other.slots[1] for other in plan.alternatives} == {plan.slots[1]}
    assert len(plan.alternatives) >= 3


def hours_off(plan, other):
    """By how many minutes the infusions of another plan on the same dates start at another time."""
    return [abs(a.start - b.start) for a, b in zip(plan.slots, other.slots, strict=True) if a.start != b.start]


def test_a_little_earlier_or_later_is_an_alternative_only_where_nothing_else_is_left():
    rigid = {"protocol_gap_points": {"2": 0}, "patient_latest_start": "2027-03-01", "protocol_max_span_days": 4}
    plan = planned(3, **rigid)
    assert [other.title for other in plan.alternatives] == [f"infusion {n} at another hour" for n in (1, 2, 3)]
    assert all(max(hours_off(plan, other)) > 60 for other in plan.alternatives)
    short = {day: [["08:00", "09:30"]] for day in WEEK}
    plan = planned(3, patient_available=short, **rigid)
    assert [hours_off(plan, other) for other in plan.alternatives] == [[30]] * 3


def test_the_first_alternatives_are_of_different_kinds():
    """Three plans without some weekday would be cheaper than the afternoons."""
    plan = planned(2, **ROOMY)
    assert {"without" in other.title for other in plan.alternatives} == {True, False}


def test_a_case_with_one_plan_only_has_no_alternative():
    only = {day: [["08:00", "09:00"]] for day in WEEK}
    plan = planned(
        site_hours=only, protocol_gap_points={"2": 0}, patient_latest_start="2027-03-01", protocol_max_span_days=4
    )
    assert plan.alternatives == ()


def words_of(**changes):
    return answer(plain_case(**changes), alternatives=0)["words"]


def test_a_plan_without_a_compromise_has_no_words():
    assert words_of(weights=WEIGHTS) == []


NARROW = {"protocol_gap_points": {"2": 0}, "patient_latest_start": "2027-03-01", "protocol_max_span_days": 4}
"""Monday, Wednesday, Friday and nothing else."""
MORNING = [a_booking("08:00", "10:00", chair=chair, day="2027-03-03") for chair in "AB"]
UNWATCHED = [{**booking, "watch_profile": [[1, 0]]} for booking in MORNING]


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"bookings": MORNING}, "no nurse is free to watch"),
        ({"bookings": UNWATCHED}, "no chair is free"),
        ({"site_provider": [{"days": ["mon", "fri"], "from": "08:00", "to": "12:00"},
                            {"days": ["wed"], "from": "10:00", "to": "12:00"}]}, "the provider is away"),
        ({"patient_pickup": {"mon": [["09:00", "12:00"]], "wed": [["11:00", "12:00"]], "fri": [["09:00", "12:00"]]}},
         "nobody can drive home"),
        ({"site_no_start": [{"days": ["wed"], "from": "08:00", "to": "10:00"}]}, "no session starts"),
        ({"patient_busy": [{"start": "2027-03-03T08:00", "end": "2027-03-03T10:00"}]},
         "the patient has another appointment"),
        ({"site_hours": {"mon": [["08:00", "12:00"]], "wed": [["10:00", "12:00"]], "fri": [["08:00", "12:00"]]}},
         "the clinic is not open for it"),
    ],
)  # fmt: skip
def test_a_start_outside_the_preferred_time_says_why(changes, why):
    preferred = {"patient_preferred": {"from": "08:00", "to": "09:00"}, "weights": {"outside_preferred": 3}}
    text = "Wednesday's infusion (Mar 3) is at 10:00 am instead of between 8:00 am and 9:00 am"
    assert words_of(**preferred, **NARROW, **changes) == [f"{text}: {why} before (3 points)."]


def test_no_reason_is_given_where_the_better_time_was_free():
    """Keeping the booked time is worth more than the preferred one."""
    words = words_of(
        patient_preferred={"from": "08:00", "to": "09:00"},
        current=[{"date": "2027-03-03", "start": "10:00", "chair": "A", "move_points": 7}],
        weights={"outside_preferred": 3},
        **NARROW,
    )
    text = "Wednesday's infusion (Mar 3) is at 10:00 am instead of between 8:00 am and 9:00 am (3 points)."
    assert words == [text]


def test_each_term_has_its_sentence_and_what_stands_in_the_way():
    fixed = [{"date": "2027-02-24", "start": "12:30", "chair": "A"}]
    words = words_of(
        fixed=fixed,
        current=[{"date": "2027-03-09", "start": "08:00", "chair": "A", "move_points": 7}],
        site_protected=[{"days": WEEK, "from": "08:00", "to": "12:00"}],
        site_closures=["2027-02-26"],
        patient_earliest="2027-02-26",
        bookings=[a_booking("08:00", "09:30", chair=chair) for chair in "AB"],
        protocol_per_week=1,
        protocol_gap_points={"2": 1, "3": 0, "5": 2, "7": 9},
        protocol_max_span_days=7,
        weights={**WEIGHTS, "protected": 1, "delay_day": 1},
    )
    shut = "the clinic is not open for it (Fri Feb 26, Sat Feb 27)"
    assert words == [
        "Moves the infusion booked for Tue Mar 9, 8:00 am (7 points).",
        f"5 days between Wed Feb 24 and Mon Mar 1 instead of 3: {shut} (6 points).",
        "Infusion 2 is on a Monday, infusion 1 on a Wednesday (3 points).",
        "2 days between Mon Mar 1 and Wed Mar 3 instead of 3 (3 points).",
        "Infusion 3 is on a Wednesday, infusion 2 on a Monday (3 points).",
        f"Continues 3 days after Fri Feb 26, the earliest date: {shut} (3 points).",
        "Mon Mar 1, 9:30 am is more than an hour off Wed Feb 24, 12:30 pm: "
        "the clinic is not open for it nearer to that (2 points).",
        "Mon Mar 1, 9:30 am takes a start kept for boosters and urgent visits (1 point).",
        "Wed Mar 3, 9:00 am takes a start kept for boosters and urgent visits (1 point).",
    ]


def test_the_weekday_that_the_rhythm_asks_for_and_a_booking_given_up_say_what_is_in_the_way():
    words = words_of(
        fixed=[{"date": "2027-02-24", "start": "08:00", "chair": "A"}],
        protocol_infusions=2,
        protocol_min_span_days=0,
        protocol_per_week=1,
        protocol_gap_points={"7": 0, "5": 0},
        current=[{"date": "2027-03-03", "start": "08:00", "chair": "A"}],
        patient_unavailable_dates=["2027-03-03"],
        weights={"weekday_change": 3, "moved": 2},
    )
    assert words == [
        "Infusion 2 is on a Monday, infusion 1 on a Wednesday: the patient is away (Wed Mar 3) (3 points).",
        "Moves the infusion booked for Wed Mar 3, 8:00 am: the patient is away then (2 points).",
    ]


def test_a_hole_has_its_sentence():
    taken = [a_booking("09:30", "12:00", chair=chair, watch_profile=[[1, 0]]) for chair in "AB"]
    assert "Mon Mar 1, 8:00 am leaves time on chair A that no session can use (1 point)." in words_of(
        bookings=taken, patient_latest_start="2027-03-01", weights={"sliver": 1}
    )


def test_alternatives_in_json_have_title_cost_infusions_breakdown_and_words():
    plan = answer(plain_case(weights=WEIGHTS, **ROOMY))
    assert plan["status"] == "optimal"
    for other in plan["alternatives"]:
        assert set(other) == {"title", "cost", "infusions", "breakdown", "words"}
