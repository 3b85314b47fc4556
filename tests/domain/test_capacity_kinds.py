"""Protected starts and their release, and sessions of other kinds: without a chair, with a person who holds them."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from intake.domain.clinic_time import MIDNIGHT, local_day, minutes_of_day, to_utc
from intake.domain.scheduling.capacity import (
    Calendar,
    is_protected,
    minutes_in,
    open_starts,
    open_times,
    protection_words,
    reasons_against,
)
from intake.domain.scheduling.occupancy import grid
from intake.domain.scheduling.planning import Plan, plan_series
from intake.domain.scheduling.protocols import default_protocols, protected_starts
from intake.domain.scheduling.reading import case_from_json
from intake.domain.scheduling.values import (
    EVERY_DAY,
    Attendant,
    Booking,
    Busy,
    Chair,
    Patient,
    Release,
    Rule,
    Session,
    Shift,
    Site,
    Slot,
)
from tests.domain.plain_case import plain_case
from tests.domain.small_cases import cases

MONDAY = date(2027, 3, 1)
NINE = 9 * 60
ORDINARY = Session(60, may_use_protected=False)
TALK = Session(60, needs_chair=False)


def site(**changes):
    """Always open, protected from 9:00 to 10:00 each day."""
    always = ((0, MIDNIGHT),)
    shift = Shift(EVERY_DAY, 0, MIDNIGHT, 9)
    plain = Site("America/Denver", 15, (Chair("A"), Chair("B")), dict.fromkeys(range(7), always), (shift,), 9)
    return replace(plain, protected=(Shift(EVERY_DAY, NINE, NINE + 60),), **changes)


def released(until, hours=48, kinds=("booster", "urgent")):
    return Release(kinds, hours, until)


def rules(start, session=ORDINARY, *, day=MONDAY, chair="A", patient=None, **changes):
    faults = reasons_against(Slot(day, start, chair), session, Calendar(site(**changes)), patient)
    return [fault.rule for fault in faults]


@pytest.mark.parametrize(
    ("start", "is_kept"), [(NINE - 15, False), (NINE, True), (NINE + 45, True), (NINE + 60, False)]
)
def test_a_protected_start_is_out_for_those_it_is_not_kept_for(start, is_kept):
    assert rules(start) == [Rule.PROTECTED] * is_kept
    assert rules(start, Session(60)) == []


@pytest.mark.parametrize(
    ("until", "start", "is_kept"),
    [
        ((MONDAY, NINE), NINE, False),  # released at that very minute
        ((MONDAY, NINE - 1), NINE, True),
        ((MONDAY, NINE), NINE + 15, True),  # the next one is still kept
        ((MONDAY - timedelta(days=1), MIDNIGHT - 1), NINE, True),
        ((MONDAY + timedelta(days=1), 0), NINE + 45, False),
    ],
)
def test_a_protected_start_is_anybodys_from_its_release_on(until, start, is_kept):
    assert rules(start, release=released(until)) == [Rule.PROTECTED] * is_kept
    slot = Slot(MONDAY, start, "A")
    assert is_protected(slot, Calendar(site(release=released(until)))) is is_kept


def test_the_sentence_says_whom_a_start_is_kept_for_and_until_when():
    ground = Calendar(site(release=released((MONDAY, 0))))
    (fault,) = reasons_against(Slot(MONDAY, NINE, "A"), ORDINARY, ground)
    assert fault.text == ("9:00 am on Mon Mar 1 is kept for boosters and urgent visits until Sat Feb 27, 9:00 am.")
    assert protection_words(Slot(MONDAY, NINE, "A"), site()) == "boosters and urgent visits"
    three = site(release=released((MONDAY, 0), kinds=("booster", "urgent", "follow-up")))
    assert protection_words(Slot(MONDAY, NINE, "A"), three).startswith("boosters, urgent visits and follow up until")


@pytest.mark.parametrize(("day", "ends"), [(date(2027, 3, 15), "8:00 am"), (date(2027, 11, 8), "10:00 am")])
def test_the_release_is_reckoned_in_real_hours_over_a_clock_change(day, ends):
    """48 hours before 9:00 on the Monday after the clocks changed on Sunday."""
    words = protection_words(Slot(day, NINE, "A"), site(release=released((day, 0))))
    assert words.endswith(ends)


def test_a_release_at_the_turn_of_the_year():
    assert rules(NINE, day=date(2028, 1, 1), release=released((date(2027, 12, 31), MIDNIGHT - 1))) == [Rule.PROTECTED]
    assert rules(NINE, day=date(2028, 1, 1), release=released((date(2028, 1, 1), NINE))) == []


def test_the_clinic_default_keeps_two_days_for_boosters_and_urgent_visits():
    assert protected_starts() == (("booster", "urgent"), 48)


@pytest.mark.parametrize(
    ("change", "session"),
    [
        ({"starts_per_slot": 0}, TALK),
        ({"monitoring": ()}, TALK),
        ({"provider": ()}, TALK),
        ({"no_start": (Shift(EVERY_DAY, 0, MIDNIGHT),)}, TALK),
        ({"chairs": ()}, TALK),
        ({}, replace(TALK, may_use_protected=False)),
    ],
)
def test_a_session_without_a_chair_takes_neither_chair_nor_staff_nor_starts(change, session):
    assert rules(NINE, session, chair="", **change) == []
    assert [(slot.start, slot.chair) for slot in open_times(Calendar(site(**change)), session, [MONDAY])][:2] == [
        (0, ""),
        (15, ""),
    ]


@pytest.mark.parametrize(
    ("start", "expected"),
    [
        (NINE + 5, [Rule.OFF_GRID]),
        (23 * 60 + 15, [Rule.CLOSED, Rule.NOT_AVAILABLE]),
        (12 * 60, [Rule.BUSY]),
        (10 * 60, []),
    ],
)
def test_it_still_keeps_slots_hours_and_the_patients_other_appointments(start, expected):
    patient = Patient(MONDAY, dict.fromkeys(range(7), ((0, MIDNIGHT),)), busy=(Busy(MONDAY, 720, MONDAY, 780),))
    assert rules(start, TALK, chair="", patient=patient) == expected


@pytest.mark.parametrize(
    ("start", "is_free"),
    [(NINE - 15, False), (NINE, True), (10 * 60, True), (10 * 60 + 15, False), (12 * 60, True), (16 * 60 + 15, False)],
)
def test_who_holds_a_session_works_then_and_has_nothing_else(start, is_free):
    """Works 9 to 17, taken from 11:00 to 12:00."""
    person = Attendant((Shift(EVERY_DAY, NINE, 17 * 60),), (Busy(MONDAY, 660, MONDAY, 720),))
    held = replace(TALK, attendant=person)
    assert rules(start, held, chair="") == ([] if is_free else [Rule.ATTENDANT])
    assert (Slot(MONDAY, start, "") in open_times(Calendar(site()), held, [MONDAY])) is is_free


def test_a_shift_of_a_person_holds_on_its_dates_only():
    once = Shift(EVERY_DAY, 0, MIDNIGHT, first_on=MONDAY, last_on=MONDAY)
    held = replace(TALK, attendant=Attendant((once,)))
    days = [MONDAY + timedelta(days=ahead) for ahead in (-1, 0, 1)]
    assert {slot.day for slot in open_times(Calendar(site()), held, days)} == {MONDAY}


def test_a_persons_appointment_over_midnight_counts_on_both_days():
    busy = Busy(date(2027, 12, 31), 23 * 60, date(2028, 1, 1), 60)
    held = replace(TALK, attendant=Attendant(busy=(busy,)))
    ends = Calendar(site())
    last = [slot.start for slot in open_times(ends, held, [date(2027, 12, 31)])][-1]
    first = [slot.start for slot in open_times(ends, held, [date(2028, 1, 1)])][0]
    assert (last, first) == (22 * 60, 60)


@pytest.mark.parametrize(
    ("day", "zone", "latest"),
    [
        (date(2027, 3, 14), "America/Denver", 45),  # ends at 1:45; at 2:00 the clock skips to 3:00
        (date(2027, 11, 7), "America/Denver", 0),  # 1:00 comes twice
        (date(2027, 3, 15), "America/Denver", 60),
    ],
)
def test_no_session_ends_at_a_time_that_a_clock_change_skips_or_repeats(day, zone, latest):
    """Of one hour each, those that begin by 1:00."""
    found = open_times(Calendar(replace(site(), timezone=zone, protected=())), Session(60), [day])
    early = [slot.start for slot in found if slot.start <= 60]
    assert (early or [0])[-1] == latest


def test_where_the_clocks_change_at_midnight_no_session_ends_with_the_day_before():
    """In Santiago 24:00 on Saturday, September 4, 2027 is 1:00 on Sunday."""
    chile = Calendar(replace(site(), timezone="America/Santiago", protected=()))
    last = {day: open_times(chile, Session(60), [date(2027, 9, day)])[-1].start for day in (3, 4)}
    assert last == {3: 23 * 60, 4: 23 * 60 - 15}
    assert open_times(chile, Session(60), [date(2027, 9, 5)])[0].start == 60


@pytest.mark.parametrize("version", default_protocols(), ids=lambda version: version.key)
def test_every_kind_of_infusion_is_placed_by_its_own_length(version):
    """The first one is longer; a pain infusion takes hours. All end by closing at 17:00."""
    ground = replace(site(), hours=dict.fromkeys(range(7), ((8 * 60, 17 * 60),)), protected=())
    for number in (1, 2):
        session = version.protocol.session(number)
        found = open_times(Calendar(ground), session, [MONDAY])
        latest = 17 * 60 - session.minutes
        wanted = latest if session.start_range is None else min(latest, session.start_range[1])
        assert found[-1].start == wanted
    assert version.protocol.session(1).minutes == version.protocol.session(2).minutes + 30


SLOW = settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
DAYS = st.sampled_from(
    [
        MONDAY,
        date(2027, 3, 14),  # clocks go forward in Denver
        date(2027, 11, 7),  # and back
        date(2027, 12, 31),
        date(2028, 1, 1),
        date(2028, 2, 29),
    ]
)
QUARTERS = st.integers(0, 95).map(lambda quarter: quarter * 15)


@st.composite
def spans(draw):
    start = draw(QUARTERS)
    return start, min(start + draw(st.integers(1, 40)) * 15, MIDNIGHT)


@st.composite
def shifts(draw, capacity=0):
    start, end = draw(spans())
    first_on = draw(st.none() | st.just(date(2027, 11, 1)))
    return Shift(EVERY_DAY, start, end, capacity, first_on=first_on)


@st.composite
def grounds(draw):
    """A site with closures of a part of the day, dated shifts and protected starts, by day and night."""
    day = draw(DAYS)
    hours = dict.fromkeys(
        range(7), draw(st.sampled_from([((0, MIDNIGHT),), ((480, 720), (780, 1020)), ((1200, 1440),)]))
    )
    closed = {day: tuple(draw(st.lists(spans(), max_size=2)))} if draw(st.booleans()) else {}
    made = Site(
        "America/Denver",
        draw(st.sampled_from([15, 30, 45])),
        (Chair("A"), Chair("B", frozenset({"private"}))),
        hours,
        tuple(draw(st.lists(shifts(capacity=2), min_size=1, max_size=3))),
        draw(st.integers(1, 2)),
        closures=closed,
        provider=draw(st.none() | st.lists(shifts(), max_size=2).map(tuple)),
        no_start=tuple(draw(st.lists(shifts(), max_size=1))),
        protected=tuple(draw(st.lists(shifts(), max_size=2))),
        release=draw(st.none() | st.builds(Release, st.just(("booster",)), st.just(48), st.tuples(DAYS, QUARTERS))),
    )
    taken = [Booking("A", day, a, b, 15, ((30, 2), (1, 1))) for a, b in draw(st.lists(spans(), max_size=2))]
    return day, Calendar(made, taken)


@st.composite
def sessions(draw):
    person = Attendant(draw(st.none() | st.lists(shifts(), max_size=2).map(tuple)), ())
    return Session(
        draw(st.sampled_from([30, 60, 120, 240])),
        draw(st.sampled_from([0, 15])),
        draw(st.sampled_from([((1, 1),), ((30, 2), (1, 1))])),
        needs_chair=draw(st.booleans()),
        may_use_protected=draw(st.booleans()),
        attendant=draw(st.none() | st.just(person)),
    )


@SLOW
@given(grounds(), sessions())
def test_what_is_offered_is_exactly_what_breaks_no_rule(ground, session):
    day, calendar = ground
    chairs = [chair.name for chair in calendar.site.chairs] if session.needs_chair else [""]
    offered = {
        (start, chair.chair) for chair in open_starts(calendar, session, day) for start in minutes_in(chair.by_holes[0])
    }
    allowed = {
        (start, name)
        for start in minutes_in(grid(calendar.site.slot_minutes))
        for name in chairs
        if not reasons_against(Slot(day, start, name), session, calendar)
    }
    assert offered == allowed


@SLOW
@given(grounds(), sessions())
def test_every_offered_time_exists_once_on_the_clock_and_lasts_as_long(ground, session):
    day, calendar = ground
    zone = calendar.site.timezone
    for slot in open_times(calendar, session, [day]):
        begin, end = to_utc(day, slot.start, zone), to_utc(day, slot.start + session.minutes, zone)
        assert end - begin == timedelta(minutes=session.minutes)
        assert (local_day(begin, zone), minutes_of_day(begin, zone)) == (day, slot.start)


@SLOW
@given(grounds(), sessions())
def test_a_release_only_ever_adds_starts_and_makes_none_dearer(ground, session):
    day, calendar = ground
    kept = Calendar(replace(calendar.site, release=None), calendar.day(day).bookings)
    freed = replace(calendar.site, release=released((day, MIDNIGHT - 1)))
    freed = Calendar(freed, calendar.day(day).bookings)
    before, now, after = (
        {(slot.day, slot.start) for slot in open_times(one, session, [day])} for one in (kept, calendar, freed)
    )
    assert before <= now <= after
    assert freed.day(day).protected == 0
    if session.may_use_protected:
        assert before == after


@SLOW
@given(grounds(), sessions())
def test_taking_something_away_never_adds_a_start(ground, session):
    day, calendar = ground
    place, booked = calendar.site, calendar.day(day).bookings
    fewer = [
        replace(place, chairs=place.chairs[:1]),
        replace(place, monitoring=place.monitoring[1:]),
        replace(place, starts_per_slot=place.starts_per_slot - 1),
        replace(place, closures={day: ((0, MIDNIGHT),)}),
        replace(place, protected=(*place.protected, Shift(EVERY_DAY, 0, MIDNIGHT))),
    ]
    open_now = {(slot.day, slot.start) for slot in open_times(calendar, session, [day])}
    for less in fewer:
        assert {(slot.day, slot.start) for slot in open_times(Calendar(less, booked), session, [day])} <= open_now


@SLOW
@given(cases(), st.integers(-2, 16))
def test_releasing_protected_starts_never_makes_a_series_dearer(raw, day):
    case = case_from_json(raw)
    at = date(2027, 3, 1) + timedelta(days=day)
    freed = replace(case, site=replace(case.site, release=released((at, 600))))
    before, after = plan_series(case, 0), plan_series(freed, 0)
    assert isinstance(before, Plan) == isinstance(after, Plan)
    if isinstance(before, Plan) and isinstance(after, Plan):
        assert after.cost <= before.cost


def test_the_planning_format_knows_no_release():
    case = case_from_json(plain_case(site_protected=[{"days": ["mon"], "from": "09:00", "to": "10:00"}]))
    assert case.site.release is None
    assert datetime(2027, 3, 1, 16, tzinfo=UTC) == to_utc(MONDAY, NINE, "America/Denver")
