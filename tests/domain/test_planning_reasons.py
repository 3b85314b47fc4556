"""Why there is no plan: sentences that name what to relax, each true because it was planned again."""

from __future__ import annotations

import json
from copy import deepcopy
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from intake.domain.scheduling.planning import answer
from tests.domain.plain_case import PLAIN, WEEK, a_booking, plain_case
from tests.domain.small_cases import cases

CASES = Path(__file__).parents[1] / "planning_cases"
FULL_WEDNESDAY = [a_booking("08:00", "12:00", chair=chair, day="2027-03-03") for chair in "AB"]
RIGID = {"protocol_gap_points": {"2": 0}, "protocol_max_span_days": 4, "patient_latest_start": "2027-03-01"}
"""Only Monday, Wednesday, Friday of one week will do."""


def relaxed(case, change):
    """The case after a reason's change, as a program would apply it."""
    case = deepcopy(case)
    for one in change if isinstance(change, list) else [change]:
        *path, key = one["key"].split(".")
        holder = case
        for part in path:
            holder = holder[part]
        if "other_site" in one:
            other = case["other_sites"][one["other_site"]]
            case |= {"site": other["site"], "bookings": other.get("bookings", []), "current": []}
        elif "more" in one:
            add_capacity(case, one)
        elif one["to"] is None:
            del holder[key]
        else:
            holder[key] = one["to"]
    return case


def add_capacity(case, change):
    """One more unit, chair or provider; the format knows no dates for it, so it is there on all dates."""
    if change["key"] in ("site.monitoring", "site.provider"):
        every = {"days": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"], "from": "00:00", "to": "24:00"}
        case["site"][change["key"][5:]].append({**every, "capacity": change["more"]})
    else:
        case["site"]["chairs"].append({"name": "New", "features": change["features"]})


def reasons(case):
    plan = answer(case)
    assert plan["status"] == "infeasible"
    for reason in plan["reasons"]:
        assert set(reason) == {"text", "family", "change", "allowed_by"}
        assert answer(relaxed(case, reason["change"]), alternatives=0)["status"] == "optimal"
    return {reason["family"]: reason for reason in plan["reasons"]}


def test_one_more_weekday_of_the_patient():
    found = reasons(plain_case(patient_available={"mon": [["08:00", "12:00"]], "wed": [["08:00", "12:00"]]}, **RIGID))
    text = (
        "All three infusions fit if the patient can also come on Fridays, 8:00 am to 12:00 pm: Mon Mar 1 to Fri Mar 5."
    )
    assert (found["patient"]["text"], found["patient"]["allowed_by"]) == (text, "patient")


def test_a_new_weekday_asks_for_a_driver_too():
    two = {"mon": [["08:00", "12:00"]], "wed": [["08:00", "12:00"]]}
    found = reasons(plain_case(patient_available=two, patient_pickup=two, **RIGID))
    assert "somebody drives home" in found["patient"]["text"]
    assert [change["key"] for change in found["patient"]["change"]] == ["patient.available", "patient.pickup"]


def test_an_hour_more_of_the_patient_is_tried_first():
    available = {day: [["08:00", "12:00"]] for day in WEEK} | {"wed": [["08:00", "08:30"]]}
    found = reasons(plain_case(patient_available=available, **RIGID))
    assert "up to an hour earlier and stay an hour later on Wednesdays" in found["patient"]["text"]


def test_a_morning_more_is_tried_before_the_whole_day_and_other_days_are_named_too():
    long = {day: [["08:00", "16:00"]] for day in WEEK}
    case = plain_case(
        site_hours=long,
        site_monitoring=[{"days": WEEK, "from": "08:00", "to": "16:00", "capacity": 2}],
        patient_available={"mon": [["08:00", "12:00"]]},
        protocol_infusions=2,
        protocol_min_span_days=0,
        patient_latest_start="2027-03-01",
    )
    texts = [reason["text"] for reason in answer(case)["reasons"] if reason["family"] == "patient"]
    assert [text.split("also come on ")[1].split(":")[0] for text in texts] == [
        "Wednesday mornings, 8",
        "Thursday mornings, 8",
    ]


def test_two_weekdays_more_are_named_where_one_does_not_do():
    found = reasons(plain_case(patient_available={"mon": [["08:00", "12:00"]]}, **RIGID))
    text = "the patient can also come on Wednesdays and Fridays, 8:00 am to 12:00 pm: Mon Mar 1"
    assert text in found["patient"]["text"]


def test_another_appointment_that_could_move():
    busy = [
        {"start": "2027-03-03T08:00", "end": "2027-03-03T12:00"},
        {"start": "2027-03-02T08:00", "end": "2027-03-02T09:00"},
    ]
    found = reasons(plain_case(patient_busy=busy, **RIGID))["patient"]
    assert "the patient moves the other appointment of Wed Mar 3, 8:00 am" in found["text"]
    assert found["change"]["to"] == busy[1:]


def test_one_date_after_all():
    found = reasons(plain_case(patient_unavailable_dates=["2027-03-03"], **RIGID))
    assert "the patient can come on Wed Mar 3 after all" in found["patient"]["text"]


def test_the_least_later_start():
    found = reasons(plain_case(**RIGID, site_closures=["2027-03-01", "2027-03-08"]))
    assert "if the patient can wait 14 days longer for the start, until Mon Mar 15" in found["start"]["text"]
    found = reasons(plain_case(**RIGID, site_closures=["2027-03-01"]))
    assert found["start"]["change"] == {"key": "patient.latest_start", "to": "2027-03-08"}


@pytest.mark.parametrize("later", [1, 2, 3, 5, 6, 9, 12, 13, 14])
def test_a_later_start_is_never_later_than_needed(later):
    every = {day: [["08:00", "12:00"]] for day in [*WEEK, "sat", "sun"]}
    case = plain_case(
        site_hours=every,
        site_monitoring=[{"days": list(every), "from": "08:00", "to": "12:00", "capacity": 2}],
        site_closures=[f"2027-03-{day:02d}" for day in range(1, later + 1)],
        patient_available=every,
        patient_latest_start="2027-03-01",
        protocol_infusions=1,
        protocol_min_span_days=0,
    )
    assert reasons(case)["start"]["change"]["to"] == f"2027-03-{later + 1:02d}"


def test_the_driver_an_hour_earlier_then_somebody_else():
    hour = {day: [["09:00", "12:00"]] for day in WEEK} | {"wed": [["08:00", "08:30"]]}
    assert (
        "up to an hour earlier or later on Wednesdays"
        in reasons(plain_case(patient_pickup=hour, **RIGID))["driver"]["text"]
    )
    none = {day: [["09:00", "12:00"]] for day in WEEK if day != "wed"}
    found = reasons(plain_case(patient_pickup=none, **RIGID))["driver"]
    assert ("a driver can come at any time on Wednesdays" in found["text"], found["allowed_by"]) == (True, "driver")


def test_a_pin_that_is_in_the_way():
    pinned = [{"number": 2, "date": "2027-03-04", "start": "08:00", "chair": "A"}]
    found = reasons(plain_case(pinned=pinned, **RIGID))["pinned"]
    assert "infusion 2 be at another time than Thu Mar 4, 8:00 am" in found["text"]
    assert found["allowed_by"] == "desk"


def test_the_other_site_by_name():
    other = {"site": PLAIN["site"] | {"name": "Phoenix"}, "bookings": []}
    found = reasons(plain_case(bookings=FULL_WEDNESDAY, other_sites=[other], **RIGID))
    assert "if the patient comes to the Phoenix site" in found["site"]["text"]


def test_the_other_site_is_not_named_when_it_is_full_as_well():
    other = {"site": PLAIN["site"], "bookings": FULL_WEDNESDAY}
    assert "site" not in reasons(plain_case(bookings=FULL_WEDNESDAY, other_sites=[other], **RIGID))


def test_a_wider_gap_by_the_provider_no_wider_than_needed():
    fixed = [{"date": "2027-02-19", "start": "08:00", "chair": "A"}]
    found = reasons(plain_case(fixed=fixed, protocol_max_span_days=20))["gap"]
    assert "a gap of 10 days instead of 5" in found["text"]
    assert found["allowed_by"] == "provider"
    assert found["text"].startswith("The two infusions to come fit")


def test_a_longer_span_when_what_is_done_took_too_long():
    fixed = [{"date": f"2027-02-{day}", "start": "08:00", "chair": "A"} for day in (19, 26)]
    found = reasons(plain_case(fixed=fixed))["span"]
    assert "allows 10 days from the first infusion to the last instead of 8" in found["text"]
    assert found["change"] == {"key": "protocol.max_span_days", "to": 10}


def test_a_shorter_span_more_in_seven_days_and_a_longer_order():
    found = reasons(plain_case(protocol_min_span_days=9))["short span"]
    assert "allows a series of 8 days instead of at least 9" in found["text"]
    assert (
        "3 infusions in 7 days instead of 2"
        in reasons(plain_case(protocol_max_in_7_days=2, **RIGID))["seven days"]["text"]
    )
    found = reasons(plain_case(patient_not_after="2027-03-04", **RIGID))["order end"]
    assert "the provider extends order, consent and clearance by 1 day, until Fri Mar 5" in found["text"]


def test_the_first_start_and_the_provider_on_site():
    case = plain_case(protocol_first_start={"from": "11:30", "to": "12:00"}, patient_latest_start="2027-03-01")
    assert "the provider allows the first infusion at any hour" in reasons(case)["first start"]["text"]
    found = reasons(plain_case(site_provider=[{"days": ["mon", "fri"], "from": "08:00", "to": "12:00"}], **RIGID))
    assert found["provider on site"]["allowed_by"] == "manager"
    assert "the manager has a provider on site all day on Wed Mar 3:" in found["provider on site"]["text"]
    found = reasons(plain_case(site_no_start=[{"days": ["wed"], "from": "08:00", "to": "12:00"}], **RIGID))
    assert "the manager lets sessions start at any hour" in found["no start"]["text"]


def test_one_more_watch_unit_only_on_the_days_that_need_it():
    case = plain_case(
        site_monitoring=[{"days": ["mon", "fri"], "from": "08:00", "to": "12:00", "capacity": 1}], **RIGID
    )
    found = reasons(case)["watch"]
    assert "the manager staffs one more watch unit on Wed Mar 3:" in found["text"]
    assert found["change"]["dates"] == ["2027-03-03"]


def test_one_more_chair_with_what_the_patient_needs():
    found = reasons(plain_case(bookings=FULL_WEDNESDAY[1:], patient_needs=["private"], **RIGID))["chair"]
    assert "the manager has one more chair (private) on Wed Mar 3:" in found["text"]


def test_one_more_start_and_an_open_day():
    taken = [a_booking(f"{h:02d}:{m}", f"{h:02d}:{m[0]}5", chair="Z", day="2027-03-03", watch_profile=[[5, 0]])
             for h in range(8, 12) for m in ("00", "30")]  # fmt: skip
    found = reasons(plain_case(bookings=taken, site_starts_per_slot=1, **RIGID))["starts"]
    assert "the manager lets 2 sessions start at the same moment" in found["text"]
    assert (
        "the manager opens the clinic on Wed Mar 3"
        in reasons(plain_case(site_closures=["2027-03-03"], **RIGID))["closure"]["text"]
    )


def test_what_the_desk_can_do_comes_before_the_provider_and_staffing_last():
    plenty = [{"days": WEEK, "from": "08:00", "to": "12:00", "capacity": 9}]
    case = plain_case(bookings=FULL_WEDNESDAY, site_monitoring=plenty, **RIGID)
    order = [reason["allowed_by"] for reason in answer(case)["reasons"]]
    ranks = ["patient", "driver", "desk", "provider", "manager"]
    assert order == sorted(order, key=ranks.index)
    assert {"patient", "manager"} <= set(order)


def test_two_changes_are_named_together_when_none_alone_helps():
    plenty = [{"days": WEEK, "from": "08:00", "to": "12:00", "capacity": 9}]
    away = {"patient_unavailable_dates": ["2027-03-05"], "patient_not_after": "2027-03-05"}
    case = plain_case(bookings=FULL_WEDNESDAY, site_monitoring=plenty, **away, **RIGID)
    (reason,) = answer(case)["reasons"]
    assert (reason["family"], len(reason["change"])) == ("several", 2)
    assert (
        "wait 7 days longer for the start, until Mon Mar 8 and the provider extends order, consent and clearance"
        in reason["text"]
    )
    assert reason["allowed_by"] == "patient and provider"
    assert answer(relaxed(case, reason["change"]), alternatives=0)["status"] == "optimal"
    assert answer(relaxed(case, reason["change"]), alternatives=0)["status"] == "optimal"


def test_where_only_staffing_helps_alone_what_helps_together_without_it_comes_first():
    plenty = [{"days": WEEK, "from": "08:00", "to": "12:00", "capacity": 9}]
    case = plain_case(bookings=FULL_WEDNESDAY, site_monitoring=plenty, patient_not_after="2027-03-05", **RIGID)
    together, *staffing = answer(case)["reasons"]
    assert (together["family"], together["allowed_by"]) == ("several", "patient and provider")
    assert answer(relaxed(case, together["change"]), alternatives=0)["status"] == "optimal"
    assert {reason["allowed_by"] for reason in staffing} == {"manager"}


def test_a_clinic_that_never_opens_is_told_so():
    (reason,) = answer(plain_case(site_hours={}))["reasons"]
    assert reason["change"] is None
    assert "no opening hours" in reason["text"]


def test_when_nothing_helps_the_sentence_names_what_is_in_the_way():
    always = {day: [["08:00", "12:00"]] for day in WEEK}
    busy = [{"start": "2027-02-01T00:00", "end": "2028-03-01T00:00"}] * 2
    (reason,) = answer(plain_case(patient_busy=busy, patient_available=always))["reasons"]
    assert reason["change"] is None
    assert "other appointments of the patient" in reason["text"]


def test_when_nothing_helps_the_sentence_says_how_many_infusions_fit():
    away = [{"start": "2027-03-04T00:00", "end": "2028-03-01T00:00"}] * 2
    (reason,) = answer(plain_case(patient_busy=away))["reasons"]
    assert reason["change"] is None
    assert reason["text"].endswith("As things are, two of the three infusions fit.")


@pytest.mark.parametrize(
    "changes",
    [
        {"fixed": [{"date": "1900-02-26", "start": "08:00", "chair": "A"}]},
        {"protocol_gap_points": {"99999": 0}},
        {"patient_earliest": "1900-01-01", "patient_available": {}},
        {"patient_latest_start": "9999-12-31", "patient_not_after": "9999-12-31", "patient_available": {}},
        {"protocol_infusions": 100, "protocol_max_span_days": 10**30, "protocol_gap_points": {"2": 1, "3": 1, "5": 0}},
        {"protocol_chair_minutes": 10**30, "weights": {"delay_day": 10**30}},
    ],
)
def test_absurd_numbers_are_answered_too(changes):
    found = answer(plain_case(**changes))
    assert found.get("reasons") or found["status"] == "optimal"


@pytest.mark.parametrize("name", ["case02", "case04"])
def test_each_infeasible_case_has_a_verified_reason(name):
    assert reasons(json.loads((CASES / f"{name}.json").read_text()))


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(cases())
def test_every_reason_with_a_change_is_true(raw):
    plan = answer(raw, alternatives=0)
    if plan["status"] == "optimal":
        return
    assert plan["reasons"]
    for reason in plan["reasons"]:
        if reason["change"] is not None and reason["family"] != "pinned":
            assert answer(relaxed(raw, reason["change"]), alternatives=0)["status"] == "optimal"
