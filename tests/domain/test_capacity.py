"""What is free, at the limits of every rule of a slot."""

from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings

from intake.domain.clinic_time import format_clock, parse_clock
from intake.domain.scheduling.capacity import (
    Calendar,
    candidates,
    holes_beside,
    minutes_in,
    open_times,
    reasons_against,
)
from intake.domain.scheduling.occupancy import starts_touching
from intake.domain.scheduling.reading import case_from_json, site_from_json
from intake.domain.scheduling.values import Rule, Session, Shift, Slot
from tests.domain.plain_case import a_booking, plain_case
from tests.domain.small_cases import FIRST, cases, legal_slots

MONDAY = date(2027, 3, 1)


def broken(raw, start, *, number=2, day=MONDAY, chair="A"):
    """The rules that infusion `number` would break there."""
    case = case_from_json(raw)
    slot = Slot(day, parse_clock(start), chair)
    session, calendar = case.protocol.session(number), Calendar(case.site, case.bookings)
    return [fault.rule.value for fault in reasons_against(slot, session, calendar, case.patient)]


@pytest.mark.parametrize(
    ("start", "rules"),
    [
        ("08:00", []),  # from the opening on
        ("11:00", []),  # to the very closing
        ("11:30", ["closed", "monitoring", "not-available"]),
        ("07:30", ["closed", "monitoring", "not-available"]),
        ("08:15", ["off-grid"]),
    ],
)
def test_a_session_starts_on_a_slot_and_lies_inside_opening_hours(start, rules):
    assert sorted(broken(plain_case(), start)) == sorted(rules)


def test_a_session_may_not_bridge_the_noon_break():
    hours = {"mon": [["08:00", "10:00"], ["10:30", "12:00"]]}
    case = plain_case(site_hours=hours)
    assert [broken(case, start) for start in ("09:00", "09:30", "10:00", "10:30")] == [[], ["closed"], ["closed"], []]


@pytest.mark.parametrize(("start", "is_broken"), [("09:00", False), ("09:30", True), ("10:00", True), ("10:30", False)])
def test_no_session_starts_in_a_no_start_time_whose_end_is_free_again(start, is_broken):
    case = plain_case(site_no_start=[{"days": ["mon"], "from": "09:30", "to": "10:30"}])
    assert broken(case, start) == (["no-start"] if is_broken else [])


@pytest.mark.parametrize(("start", "is_broken"), [("08:30", True), ("09:00", False), ("10:00", False), ("10:30", True)])
def test_the_first_infusion_starts_in_its_range_both_ends_included(start, is_broken):
    case = plain_case(protocol_first_start={"from": "09:00", "to": "10:00"})
    assert broken(case, start, number=1) == (["first-start"] if is_broken else [])
    assert broken(case, start, number=2) == []


def test_the_first_infusion_is_longer():
    case = plain_case(protocol_first_chair_minutes=90)
    assert broken(case, "11:00", number=1) == ["closed", "monitoring", "not-available"]
    assert broken(case, "11:00", number=2) == []


@pytest.mark.parametrize(
    ("start", "is_taken"),
    [("08:00", False), ("08:30", True), ("09:00", True), ("10:00", True), ("10:30", False)],
)
def test_a_chair_is_held_for_session_and_turnover(start, is_taken):
    """Booked 9:15 to 10:15 with 15 minutes of cleaning after it; our own cleaning counts too."""
    case = plain_case(bookings=[a_booking("09:15", "10:15")], protocol_turnover_minutes=15, site_starts_per_slot=9)
    assert broken(case, start) == (["chair-taken"] if is_taken else [])
    assert broken(case, start, chair="B") == []


def test_a_booking_may_have_a_turnover_of_its_own():
    case = plain_case(bookings=[a_booking("08:00", "09:00", turnover_minutes=45)])
    assert [broken(case, start) for start in ("09:00", "09:30", "10:00")] == [["chair-taken"], ["chair-taken"], []]


def test_turnover_may_run_past_closing():
    assert broken(plain_case(protocol_turnover_minutes=60), "11:00") == []


def test_a_chair_needs_every_feature_that_the_patient_needs():
    case = plain_case(patient_needs=["private"])
    assert (broken(case, "08:00"), broken(case, "08:00", chair="B")) == (["chair-feature"], [])
    assert broken(case, "08:00", chair="Z") == ["chair-unknown"]


@pytest.mark.parametrize(
    ("profile", "start", "is_broken"),
    [
        ([[30, 2], [30, 1]], "08:30", True),  # the line is placed while the other is watched
        ([[30, 2], [30, 1]], "09:00", False),
        ([[30, 1], [30, 2]], "08:30", False),  # the dense half begins when the other has gone
        ([[29, 1], [30, 2]], "08:30", True),  # one minute too early
        ([[30, 3], [30, 1]], "10:00", True),  # more than there is
    ],
)
def test_watch_units_suffice_at_every_minute(profile, start, is_broken):
    """Two units; a booking on the other chair takes one from 8:00 to 9:00."""
    case = plain_case(protocol_watch_profile=profile, bookings=[a_booking("08:00", "09:00", chair="B")])
    assert broken(case, start) == (["monitoring"] if is_broken else [])


def test_shifts_over_one_minute_add_up_and_a_minute_without_a_shift_has_none():
    late = {"days": ["mon"], "from": "09:00", "to": "12:00", "capacity": 1}
    case = plain_case(site_monitoring=[late, late], protocol_watch_profile=[[60, 2]])
    assert [broken(case, start) for start in ("08:30", "09:00")] == [["monitoring"], []]


@pytest.mark.parametrize(("most", "rules"), [(1, ["starts"]), (2, []), (0, ["starts"])])
def test_only_so_many_sessions_start_at_the_same_moment(most, rules):
    case = plain_case(site_starts_per_slot=most, bookings=[a_booking("09:00", "10:00", chair="B")])
    assert broken(case, "09:00") == rules
    assert broken(case, "09:30") == (["starts"] if most == 0 else [])


@pytest.mark.parametrize(
    ("start", "rules"), [("08:30", ["not-available"]), ("09:00", []), ("10:00", []), ("10:30", ["not-available"])]
)
def test_the_patient_is_available_for_the_whole_session(start, rules):
    case = plain_case(patient_available={"mon": [["09:00", "11:00"]]})
    assert broken(case, start) == rules


def test_two_available_spans_that_touch_do_not_make_one():
    case = plain_case(patient_available={"mon": [["08:00", "09:00"], ["09:00", "10:00"]]})
    assert broken(case, "08:30") == ["not-available"]


@pytest.mark.parametrize(("start", "is_broken"), [("08:30", True), ("09:00", False), ("10:00", False), ("10:30", True)])
def test_the_driver_comes_at_the_end_both_ends_included(start, is_broken):
    case = plain_case(patient_pickup={"mon": [["10:00", "11:00"]]})
    assert broken(case, start) == (["pickup"] if is_broken else [])


def test_without_a_driver_that_weekday_nothing_goes():
    assert broken(plain_case(patient_pickup={"tue": [["08:00", "12:00"]]}), "09:00") == ["pickup"]


@pytest.mark.parametrize(
    ("start", "end", "rules"),
    [
        ("2027-03-01T08:00", "2027-03-01T09:00", []),  # ends as ours begins
        ("2027-03-01T08:00", "2027-03-01T09:01", ["busy"]),
        ("2027-03-01T10:00", "2027-03-01T11:00", []),  # begins as ours ends
        ("2027-03-01T09:59", "2027-03-01T11:00", ["busy"]),
        ("2027-02-28T20:00", "2027-03-01T09:30", ["busy"]),  # over midnight
        ("2027-02-27T20:00", "2027-03-03T09:30", ["busy"]),  # days on end
        ("2027-02-28T09:00", "2027-02-28T10:00", []),
    ],
)
def test_no_session_overlaps_another_appointment_of_the_patient(start, end, rules):
    assert broken(plain_case(patient_busy=[{"start": start, "end": end}]), "09:00") == rules


def test_an_unavailable_date_and_a_closed_date_are_out():
    assert broken(plain_case(patient_unavailable_dates=["2027-03-01"]), "09:00") == ["date-unavailable"]
    assert broken(plain_case(site_closures=["2027-03-01"]), "09:00") == ["closed"]


@pytest.mark.parametrize(
    ("start", "rules"), [("08:00", []), ("09:30", ["closed"]), ("10:30", ["closed"]), ("11:00", [])]
)
def test_a_half_closed_day_is_open_around_the_closure(start, rules):
    case = plain_case(site_closures=[{"date": "2027-03-01", "from": "10:00", "to": "11:00"}])
    assert broken(case, start) == rules
    assert broken(case, start, day=date(2027, 3, 2)) == []


def test_a_provider_is_on_site_at_every_minute():
    shifts = [{"days": ["mon"], "from": "08:00", "to": "09:30"}, {"days": ["mon"], "from": "09:30", "to": "10:00"}]
    case = plain_case(site_provider=shifts)
    assert [broken(case, start) for start in ("09:00", "09:30")] == [[], ["provider"]]
    assert broken(plain_case(site_provider=[]), "09:00") == ["provider"]


def test_a_start_outside_the_day_is_no_slot():
    case = case_from_json(plain_case())
    faults = reasons_against(Slot(MONDAY, 1440, "A"), Session(60), Calendar(case.site))
    assert [fault.rule for fault in faults] == [Rule.OFF_GRID]


def test_every_reason_is_a_sentence_without_a_code():
    case = case_from_json(plain_case(site_hours={}, site_monitoring=[], site_provider=[], patient_available={}))
    calendar = Calendar(case.site)
    faults = reasons_against(Slot(MONDAY, 545, "Z"), Session(60, start_range=(600, 660)), calendar, case.patient)
    assert len(faults) == 7
    assert all(fault.text.endswith(".") and "-" not in fault.text for fault in faults)


def night_site(zone="America/Denver"):
    every = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
    return site_from_json(
        {
            "timezone": zone,
            "slot_minutes": 60,
            "chairs": [{"name": "A"}],
            "hours": {day: [["00:00", "24:00"]] for day in every},
            "monitoring": [{"days": every, "from": "00:00", "to": "24:00", "capacity": 9}],
            "starts_per_slot": 9,
        }
    )


@pytest.mark.parametrize(
    ("day", "zone", "missing"),
    [
        (date(2027, 3, 14), "America/Denver", [0, 1, 2]),  # 2:00 to 3:00 does not exist: none ends at 2:00 either
        (date(2027, 11, 7), "America/Denver", [0, 1]),  # 1:00 to 2:00 comes twice
        (date(2027, 3, 14), "America/Phoenix", []),
        (date(2027, 12, 31), "America/Denver", []),
    ],
)
def test_no_session_that_contains_a_clock_change_is_offered(day, zone, missing):
    found = candidates(Calendar(night_site(zone)), Session(120), [day])
    assert [slot.start // 60 for slot in found] == [hour for hour in range(23) if hour not in missing]


def test_no_session_crosses_midnight_even_where_the_clinic_never_closes():
    found = candidates(Calendar(night_site()), Session(120), [date(2027, 12, 31), date(2028, 1, 1)])
    assert max(slot.start for slot in found) == 22 * 60
    assert {slot.day.year for slot in found} == {2027, 2028}


@pytest.mark.parametrize(
    ("start", "holes"),
    [
        ("08:00", 0),  # right after the opening
        ("08:30", 1),
        ("09:00", 0),
        ("10:30", 1),
        ("11:00", 0),  # up to the closing
    ],
)
def test_a_hole_too_short_for_a_session_counts(start, holes):
    case = case_from_json(plain_case())
    assert holes_beside(Slot(MONDAY, parse_clock(start), "A"), Session(60), Calendar(case.site), 60) == holes


@pytest.mark.parametrize(("usable", "holes"), [(30, 0), (31, 1), (90, 1), (91, 2)])
def test_idle_time_as_long_as_a_session_is_no_hole(usable, holes):
    """Between cleaning done at 9:00 and the next at 12:00: 9:30 to 10:30 leaves 30 before and 90 after."""
    bookings = [a_booking("08:00", "08:45", turnover_minutes=15)]
    case = case_from_json(plain_case(bookings=bookings))
    slot = Slot(MONDAY, parse_clock("09:30"), "A")
    assert holes_beside(slot, Session(60), Calendar(case.site, case.bookings), usable) == holes


def test_cleaning_after_a_session_before_the_opening_makes_no_hole():
    """Idle time counts from the opening: bookings that end by then do not matter, whatever their turnover."""
    case = case_from_json(plain_case(bookings=[a_booking("07:00", "08:00", turnover_minutes=30)]))
    slot = Slot(MONDAY, parse_clock("09:00"), "A")
    assert holes_beside(slot, Session(60), Calendar(case.site, case.bookings), 60) == 0


def test_open_times_names_each_start_once_on_the_chair_it_fragments_least():
    case = case_from_json(plain_case(bookings=[a_booking("08:00", "09:30")]))
    found = open_times(Calendar(case.site, case.bookings), Session(60), [MONDAY])
    assert [(format_clock(slot.start), slot.chair) for slot in found] == [
        ("08:00", "B"),
        ("08:30", "B"),
        ("09:00", "B"),
        ("09:30", "A"),  # right after the booking; B leaves no hole either, and A comes first
        ("10:00", "B"),
        ("10:30", "A"),
        ("11:00", "A"),
    ]


@pytest.mark.parametrize("width", [1, 2, 3, 15, 16, 17, 33, 60, 65, 120, 121])
def test_a_start_touches_a_minute_exactly_within_its_reach(width):
    """Minute 700 is forbidden and the session needs minutes 10 to 10 + width, so starts 700 - 10 - width + 1 to 690."""
    touched = starts_touching(1 << 700, 10, 10 + width)
    assert list(minutes_in(touched)) == list(range(691 - width, 691))


def test_a_dated_shift_holds_only_within_its_dates():
    shift = Shift(frozenset({0}), 480, 720, 2, first_on=date(2027, 3, 8), last_on=date(2027, 3, 8))
    assert [shift.is_on(date(2027, 3, day)) for day in (1, 8, 9, 15)] == [False, True, False, False]


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(cases())
def test_what_is_offered_is_exactly_what_the_second_check_allows(raw):
    case = case_from_json(raw)
    calendar = Calendar(case.site, case.bookings)
    days = range(7)
    for number in (1, 2):
        found = candidates(
            calendar,
            case.protocol.session(number),
            [date.fromordinal(FIRST.toordinal() + d) for d in days],
            case.patient,
        )
        offered = [
            {"date": slot.day.isoformat(), "start": format_clock(slot.start), "chair": slot.chair} for slot in found
        ]
        assert offered == legal_slots(raw, number, days)
