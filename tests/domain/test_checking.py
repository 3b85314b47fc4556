"""The second check: it finds each broken rule by itself and reckons the cost by itself."""

import ast
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from intake.domain.errors import DomainError
from intake.domain.scheduling import checking
from tests.domain.plain_case import BEST, WEEK, a_booking, plain_case


def broken(case, infusions=None):
    found, _ = checking.check(case, {"infusions": infusions or BEST})
    return found


def with_slot(place, **changes):
    return [{**slot, **changes} if number == place else slot for number, slot in enumerate(BEST, 1)]


@pytest.mark.parametrize(
    ("rule", "changes", "infusions"),
    [
        ("rule 1: not on a slot", {}, with_slot(1, start="08:15")),
        ("rule 1: no session starts", {"site_no_start": [{"days": WEEK, "from": "08:00", "to": "08:01"}]}, None),
        ("rule 1: the clinic is not open", {"site_closures": ["2027-03-01"]}, None),
        (
            "rule 1: the clinic is not open",
            {"site_closures": [{"date": "2027-03-01", "from": "08:59", "to": "10:00"}]},
            None,
        ),
        ("rule 1: not a start for a first", {"protocol_first_start": {"from": "08:30", "to": "09:00"}}, None),
        ("rule 2: no such chair", {}, with_slot(1, chair="Z")),
        ("rule 2: the chair lacks", {"patient_needs": ["private"]}, None),
        ("rule 2: the chair is taken", {"bookings": [a_booking("08:59", "10:00")]}, None),
        ("rule 3", {"protocol_watch_profile": [[30, 1], [30, 3]]}, None),
        ("rule 4", {"site_starts_per_slot": 1, "bookings": [a_booking("08:00", "08:30", chair="B")]}, None),
        ("rule 5: the patient is not", {"patient_available": {"mon": [["08:01", "12:00"]]}}, None),
        ("rule 5: an unavailable", {"patient_unavailable_dates": ["2027-03-01"]}, None),
        ("rule 5: nobody drives", {"patient_pickup": {"mon": [["09:01", "12:00"]]}}, None),
        ("rule 5: another", {"patient_busy": [{"start": "2027-02-28T08:00", "end": "2027-03-01T08:01"}]}, None),
        ("rule 6", {"site_provider": [{"days": WEEK, "from": "08:01", "to": "12:00"}]}, None),
        ("rule 7: 2 infusions", {}, BEST[:2]),
        ("rule 7: the fixed", {"fixed": [{"date": "2027-02-26", "start": "08:00", "chair": "A"}]}, None),
        ("rule 7: infusion 2 is not where", {"pinned": [{"number": 2, **BEST[0]}]}, None),
        ("rule 7: infusion 2 is not after", {}, with_slot(2, date="2027-03-01")),
        ("rule 8: 1 days", {}, with_slot(2, date="2027-03-02")),
        ("rule 9", {"protocol_max_span_days": 3}, None),
        ("rule 9", {"protocol_min_span_days": 5}, None),
        ("rule 10", {"protocol_max_in_7_days": 2}, None),
        ("rule 11: before", {"patient_earliest": "2027-03-02"}, None),
        ("rule 11: after the latest", {"patient_latest_start": "2027-02-28"}, None),
        ("rule 11: after the last", {"patient_not_after": "2027-03-04"}, None),
    ],
)
def test_a_broken_rule_is_found(rule, changes, infusions):
    assert broken(plain_case()) == []
    found = broken(plain_case(**changes), infusions)
    assert any(rule in fault for fault in found), found


def test_watch_units_may_be_used_up_to_the_last():
    assert broken(plain_case(protocol_watch_profile=[[60, 2]])) == []


@pytest.mark.parametrize(
    ("term", "points", "changes", "infusions"),
    [
        ("spacing", 2, {"protocol_gap_points": {"2": 1}}, BEST),
        ("delay_day", 1, {}, [{**slot, "date": slot["date"][:-1] + str(int(slot["date"][-1]) + 1)} for slot in BEST]),
        ("outside_preferred", 3, {"patient_preferred": {"from": "08:30", "to": "09:00"}}, BEST),
        ("time_shift", 2, {}, with_slot(2, start="09:30")),
        ("time_shift", 0, {}, with_slot(2, start="09:00")),
        ("weekday_change", 2, {"protocol_per_week": 1}, BEST),
        ("sliver", 1, {}, with_slot(1, start="08:30")),
        ("sliver", 0, {}, with_slot(1, start="09:00")),
        ("sliver", 2, {"bookings": [a_booking("10:00", "11:00")]}, with_slot(1, start="08:30")),
        ("protected", 1, {"site_protected": [{"days": ["mon"], "from": "08:00", "to": "08:30"}]}, BEST),
        ("moved", 1, {"current": [{"date": "2027-03-01", "start": "08:30", "chair": "A"}]}, BEST),
        ("moved", 0, {"current": [{"date": "2027-03-01", "start": "08:00", "chair": "B"}]}, BEST),
    ],
)
def test_each_term_is_reckoned(term, points, changes, infusions):
    _, cost = checking.check(plain_case(weights={term: 1}, **changes), {"infusions": infusions})
    assert cost == points


@pytest.mark.parametrize(
    "plan",
    [{}, {"infusions": 7}, {"infusions": [{}]}, {"infusions": [{"date": "x", "start": "08:00", "chair": "A"}]},
     {"infusions": [{"date": "2027-03-01", "start": "8", "chair": "A"}]},
     {"infusions": [{"date": "2027-03-01", "start": "24:01", "chair": "A"}]},
     {"infusions": [{"date": "9999-03-01", "start": "08:00", "chair": "A"}]},
        {"infusions": [{"date": "0001-01-01", "start": "08:00", "chair": "A"}]},
     [], None, "x",
     {"infusions": [{"date": "2027-03-01", "start": "08:00", "chair": 1}]}],
)  # fmt: skip
def test_a_plan_amiss_is_refused(plan):
    with pytest.raises(DomainError, match="^(infusions|plan):"):
        checking.check(plain_case(), plan)


PLACES = ["infusions", "cost", "status", 0, 1, "date", "start", "chair"]
JUNK = st.sampled_from(
    [None, True, -1, 10**30, 1.5, "", "x", "24:00", "9999-12-31", "0001-01-01", [], {}, [[]], [None]]
)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(PLACES), JUNK), min_size=1, max_size=3))
def test_junk_in_a_plan_is_judged_or_refused_never_a_crash(changes):
    plan = {"status": "optimal", "cost": 0, "infusions": [dict(slot) for slot in BEST]}
    for place, junk in changes:
        holder = plan if place in plan else plan["infusions"]
        if isinstance(holder, list) and holder and isinstance(place, str):
            holder = holder[-1]
        if isinstance(holder, dict) or (isinstance(holder, list) and isinstance(place, int) and place < len(holder)):
            holder[place] = junk
    try:
        found, cost = checking.check(plain_case(), plan)
        assert isinstance(cost, int) and all(isinstance(fault, str) for fault in found)
    except DomainError as error:
        assert error.message.startswith("infusions:")


def test_infeasible_cannot_be_judged():
    assert checking.check(plain_case(), {"status": "infeasible"})[0]


@pytest.mark.parametrize("cost", [1, "0", 0.5, [0]])
def test_a_plan_that_says_another_cost_is_broken(cost):
    assert checking.check(plain_case(), {"infusions": BEST, "cost": cost})[0]
    assert checking.check(plain_case(), {"infusions": BEST, "cost": 0})[0] == []


def test_null_counts_as_left_out():
    nulls = {"weights": None, "patient_preferred": None, "patient_not_after": None, "protocol_watch_profile": None}
    case = plain_case()
    for name in nulls:
        part, _, key = name.partition("_")
        (case[part] if key else case)[key or part] = None
    assert checking.check(case, {"infusions": BEST}) == ([], 0)


def test_huge_numbers_are_judged_at_once():
    assert "rule 1: the clinic is not open" in broken(plain_case(protocol_chair_minutes=10**30))[-1]
    case = plain_case(protocol_turnover_minutes=10**30, bookings=[a_booking("11:00", "12:00")])
    assert broken(case) == ["infusion 1: rule 2: the chair is taken"]


def modules_of_the_check():
    return sorted(Path(checking.__file__).parent.glob("checking*.py"))


def test_the_check_shares_nothing_with_the_planner():
    imported = {
        node.module
        for path in modules_of_the_check()
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("intake")
    }
    own = {f"intake.domain.scheduling.{path.stem}" for path in modules_of_the_check()}
    assert imported - own == {"intake.domain.errors"}


def test_nothing_but_the_command_imports_the_check():
    root = Path(checking.__file__).parents[3]
    users = [
        path.relative_to(root).as_posix()
        for path in root.glob("intake/**/*.py")
        if path not in modules_of_the_check()
        and ("scheduling import checking" in path.read_text() or "scheduling.checking" in path.read_text())
    ]
    assert users == ["intake/cli/planning.py"]
