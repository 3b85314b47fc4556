"""Malformed cases are refused with the key to blame; whatever is left out has its default."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from intake.domain.errors import DomainError
from intake.domain.scheduling.planning import answer
from intake.domain.scheduling.reading import case_from_json, protocol_from_json, site_from_json
from intake.domain.scheduling.values import ONE_UNIT, Weights
from tests.domain.plain_case import PLAIN, a_booking, plain_case

FIXED = {"date": "2027-02-26", "start": "08:00", "chair": "A"}
SHIFT = {"days": ["mon"], "from": "08:00", "to": "12:00"}

BAD = [
    ("site.slot_minutes", {"site_slot_minutes": 20}),
    ("site.slot_minutes", {"site_slot_minutes": 0}),
    ("site.slot_minutes", {"site_slot_minutes": "15"}),
    ("site.slot_minutes", {"site_slot_minutes": True}),
    ("site.timezone", {"site_timezone": "Mars/Olympus"}),
    ("site.timezone", {"site_timezone": None}),
    ("site.chairs", {"site_chairs": {}}),
    ("site.chairs", {"site_chairs": [{"name": "A"}, {"name": "A"}]}),
    ("site.chairs.name", {"site_chairs": [{"features": []}]}),
    ("site.chairs.features", {"site_chairs": [{"name": "A", "features": [1]}]}),
    ("site.hours", {"site_hours": {"monday": [["08:00", "12:00"]]}}),
    ("site.hours", {"site_hours": {"mon": [["08:00", "12:00"], ["12:00", "14:00"]]}}),
    ("site.hours", {"site_hours": {"mon": [["10:00", "14:00"], ["08:00", "12:00"]]}}),
    ("site.hours", {"site_hours": {"mon": [["12:00", "08:00"]]}}),
    ("site.hours", {"site_hours": {"mon": [["08:00", "08:00"]]}}),
    ("site.hours", {"site_hours": {"mon": [["08:00", "25:00"]]}}),
    ("site.hours", {"site_hours": {"mon": ["08:00", "12:00"]}}),
    ("site.hours", {"site_hours": {"mon": "08:00"}}),
    ("site.hours", {"site_hours": []}),
    ("site.closures", {"site_closures": ["2027-02-30"]}),
    ("site.closures", {"site_closures": "2027-02-03"}),
    ("site.closures", {"site_closures": ["20270203"]}),
    ("site.closures", {"site_closures": ["2027-W05-3"]}),
    ("site.monitoring.capacity", {"site_monitoring": [SHIFT]}),
    ("site.monitoring.capacity", {"site_monitoring": [SHIFT | {"capacity": -1}]}),
    ("site.monitoring.days", {"site_monitoring": [SHIFT | {"capacity": 1, "days": ["noday"]}]}),
    ("site.monitoring", {"site_monitoring": None}),
    ("site.no_start", {"site_no_start": [SHIFT | {"to": "07:00"}]}),
    ("site.provider.from", {"site_provider": [{"days": ["mon"], "to": "07:00"}]}),
    ("site.starts_per_slot", {"site_starts_per_slot": 1.5}),
    ("protocol.per_week", {"protocol_per_week": 0}),
    ("protocol.infusions", {"protocol_infusions": 0}),
    ("protocol.infusions", {"protocol_infusions": 101}),
    ("protocol.chair_minutes", {"protocol_chair_minutes": None}),
    ("protocol.gap_points", {"protocol_gap_points": {"two": 0}}),
    ("protocol.gap_points", {"protocol_gap_points": {"0": 0}}),
    ("protocol.gap_points", {"protocol_gap_points": {"2": "0"}}),
    ("protocol.watch_profile", {"protocol_watch_profile": [[30]]}),
    ("protocol.watch_profile", {"protocol_watch_profile": [[30, "x"]]}),
    ("protocol.first_start", {"protocol_first_start": {"from": "13:00", "to": "10:00"}}),
    ("patient.latest_start", {"patient_latest_start": None}),
    ("patient.earliest", {"patient_earliest": "tomorrow"}),
    ("patient.earliest", {"patient_earliest": 20270301}),
    ("patient.available", {"patient_available": {"mon": [["08:00", "07:00"]]}}),
    ("patient.pickup", {"patient_pickup": {"tue": [["08:00"]]}}),
    ("patient.busy", {"patient_busy": [{"start": "2027-03-01T09:00", "end": "2027-03-01T08:00"}]}),
    ("patient.busy.start", {"patient_busy": [{"start": "2027-03-01", "end": "2027-03-01T08:00"}]}),
    ("patient.needs", {"patient_needs": "private"}),
    ("bookings", {"bookings": [a_booking("10:00", "09:00")]}),
    ("bookings", {"bookings": [a_booking("10:00", "10:00")]}),
    ("bookings", {"bookings": [a_booking("10:00", "11:00") | {"end": "2027-03-02T11:00"}]}),
    ("bookings.chair", {"bookings": [a_booking("10:00", "11:00", chair=7)]}),
    ("bookings", {"bookings": [7]}),
    ("fixed", {"fixed": [FIXED | {"date": "2027-03-01"}]}),
    ("fixed", {"fixed": [FIXED, FIXED | {"date": "2027-02-25"}]}),
    ("fixed", {"fixed": [FIXED, FIXED]}),
    ("fixed.start", {"fixed": [FIXED | {"start": "8 am"}]}),
    ("current", {"fixed": [FIXED], "current": [FIXED]}),
    ("current", {"current": [FIXED, FIXED | {"start": "09:00"}]}),
    ("pinned", {"pinned": [FIXED | {"number": 1, "chair": "Q"}]}),
    ("pinned", {"pinned": [FIXED | {"number": 1}, FIXED | {"number": 1}]}),
    ("pinned.number", {"pinned": [FIXED]}),
    ("weights", {"weights": []}),
    ("weights.moved", {"weights": {"moved": "8"}}),
    ("weights.spacing", {"weights": {"spacing": -1}}),
    ("other_sites.site", {"other_sites": [{}]}),
    ("other_sites.site.slot_minutes", {"other_sites": [{"site": PLAIN["site"] | {"slot_minutes": 20}}]}),
    ("site", {"site": None}),
    ("series", {"series": []}),
]


@pytest.mark.parametrize(("key", "changes"), BAD)
def test_a_malformed_case_is_refused_with_its_key_first(key, changes):
    case = plain_case(**{name: value for name, value in changes.items() if name != "site"})
    if "site" in changes:
        del case["site"]
    with pytest.raises(DomainError) as caught:
        case_from_json(case)
    assert caught.value.message.startswith(f"{key}: ")


@pytest.mark.parametrize("case", [None, [], "case", 7, {}])
def test_what_is_no_case_at_all_is_refused(case):
    with pytest.raises(DomainError):
        answer(case)


def test_a_clinic_file_reads_sites_and_protocols_on_their_own():
    site = site_from_json(PLAIN["site"] | {"name": "Denver"})
    protocol = protocol_from_json(PLAIN["protocol"] | {"name": "Plain"})
    assert (site.name, protocol.name, site.provider, protocol.watch_profile) == ("Denver", "Plain", None, ONE_UNIT)
    assert protocol.session(1) == protocol.session(2)


def test_what_is_left_out_has_its_default():
    case = case_from_json({key: value for key, value in PLAIN.items() if key != "bookings"})
    assert (case.weights, case.bookings, case.fixed, case.current) == (Weights(), (), (), ())
    case = case_from_json(plain_case(bookings=[a_booking("08:00", "09:00")], protocol_turnover_minutes=15))
    assert (case.bookings[0].turnover, case.bookings[0].watch_profile) == (15, ONE_UNIT)


def test_a_large_case_is_read_and_planned():
    many = [a_booking("08:00", "09:00", chair="Z", day=f"20{10 + n // 365:02d}-01-01") for n in range(20000)]
    assert answer(plain_case(bookings=many), alternatives=0)["status"] == "optimal"


@pytest.mark.parametrize("huge", [10**6, 10**9, 10**12])
@pytest.mark.parametrize(
    "key",
    ["protocol_chair_minutes", "protocol_turnover_minutes", "protocol_max_span_days",
     "protocol_min_span_days", "protocol_max_in_7_days", "protocol_per_week", "site_starts_per_slot"],
)  # fmt: skip
def test_a_huge_number_neither_crashes_nor_hangs(key, huge):
    assert answer(plain_case(**{key: huge}))["status"] in ("optimal", "infeasible")


@pytest.mark.parametrize("far", ["8999-12-31", "9999-12-31"])
def test_a_far_date_stands_for_no_limit(far):
    assert answer(plain_case(patient_not_after=far))["status"] == "optimal"
    assert answer(plain_case(patient_not_after="1999-01-01", patient_earliest=far, patient_latest_start=far))["reasons"]


CASE = json.loads((Path(__file__).parents[1] / "planning_cases" / "case06.json").read_text())
LEFT_OUT = object()
JUNK = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 3),
    st.sampled_from([10**6, 10**30, -(10**30), 1.5, 1e308]),
    st.text(max_size=3),
    st.sampled_from(["08:00", "24:00", "24:01", "2027-03-01", "2027-W09-1", "20270301", "9999-12-31", "\ud800"]),
    st.sampled_from([[], {}, [[]], [{}], [[[[]]]], {"mon": [["08:00", "12:00"]]}, {"mon": None}, [["a", "b"]]]),
    st.just(LEFT_OUT),
)


def paths_of(value, path=()):
    """Every place in a case."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        yield (*path, key)
        yield from paths_of(inner, (*path, key))


PATHS = [path for path in paths_of(CASE) if path[0] != "bookings" or path[1:2] in ((), (0,))]


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(PATHS), JUNK)
def test_junk_anywhere_is_planned_or_refused_in_words_never_a_crash(path, junk):
    case = json.loads(json.dumps(CASE))
    holder = case
    for key in path[:-1]:
        holder = holder[key]
    if junk is LEFT_OUT:
        del holder[path[-1]]
    else:
        holder[path[-1]] = junk
    try:
        json.dumps(answer(case, alternatives=0))
    except DomainError as error:
        key, _, why = error.message.partition(": ")
        assert key and why and "\n" not in error.message
