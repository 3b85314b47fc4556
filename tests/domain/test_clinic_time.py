"""Wall-clock time at a site, to and from UTC, over clock changes and at year's end."""

from datetime import UTC, date, datetime

import pytest

from intake.domain.clinic_time import (
    clock_change_span,
    clock_words,
    day_bounds,
    day_words,
    format_clock,
    has_clock_change,
    local_day,
    minutes_of_day,
    parse_clock,
    to_utc,
)
from intake.domain.errors import DomainError

DENVER, PHOENIX, HAVANA = "America/Denver", "America/Phoenix", "America/Havana"
SPRING, AUTUMN = date(2027, 3, 14), date(2027, 11, 7)


@pytest.mark.parametrize(
    ("text", "minutes"), [("00:00", 0), ("09:30", 570), ("9:30", 570), ("23:59", 1439), ("24:00", 1440)]
)
def test_a_clock_time_is_minutes_after_midnight(text, minutes):
    assert parse_clock(text) == minutes


@pytest.mark.parametrize("text", ["24:01", "25:00", "09:60", "930", "", "9", "-1:00", "09:30:30", "０:30"])
def test_what_is_no_clock_time_is_refused(text):
    with pytest.raises(DomainError):
        parse_clock(text)


def test_minutes_are_written_for_machines_and_for_people():
    assert [format_clock(m) for m in (0, 570, 1440)] == ["00:00", "09:30", "24:00"]
    assert [clock_words(m) for m in (0, 570, 720, 875, 1440)] == [
        "12:00 am",
        "9:30 am",
        "12:00 pm",
        "2:35 pm",
        "12:00 am",
    ]
    assert day_words(date(2026, 12, 1)) == "Tue Dec 1"


@pytest.mark.parametrize(
    ("day", "minutes", "zone", "instant"),
    [
        (date(2026, 12, 1), 540, DENVER, datetime(2026, 12, 1, 16, 0, tzinfo=UTC)),
        (date(2027, 7, 1), 540, DENVER, datetime(2027, 7, 1, 15, 0, tzinfo=UTC)),
        (date(2027, 7, 1), 540, PHOENIX, datetime(2027, 7, 1, 16, 0, tzinfo=UTC)),
        (date(2026, 12, 31), 1020, DENVER, datetime(2027, 1, 1, 0, 0, tzinfo=UTC)),  # year's end lies earlier in UTC
        (date(2026, 12, 31), 1440, DENVER, datetime(2027, 1, 1, 7, 0, tzinfo=UTC)),  # 24:00 is the next midnight
        (SPRING, 119, DENVER, datetime(2027, 3, 14, 8, 59, tzinfo=UTC)),  # the last minute before the change
        (SPRING, 180, DENVER, datetime(2027, 3, 14, 9, 0, tzinfo=UTC)),  # the first after it
    ],
)
def test_a_local_time_is_one_instant_and_back(day, minutes, zone, instant):
    assert to_utc(day, minutes, zone) == instant
    if minutes < 1440:
        assert (local_day(instant, zone), minutes_of_day(instant, zone)) == (day, minutes)


@pytest.mark.parametrize(
    ("day", "minutes", "why"),
    [(SPRING, 120, "forward"), (SPRING, 179, "forward"), (AUTUMN, 60, "twice"), (AUTUMN, 119, "twice")],
)
def test_a_time_that_the_clocks_skip_or_repeat_is_refused(day, minutes, why):
    with pytest.raises(DomainError, match=why):
        to_utc(day, minutes, DENVER)


def test_the_end_of_the_calendar_is_refused_in_words():
    with pytest.raises(DomainError, match="too far away"):
        to_utc(date(9999, 12, 31), 1380, DENVER)


def test_the_odd_minutes_of_a_clock_change_are_known():
    assert clock_change_span(SPRING, DENVER) == (120, 180)
    assert clock_change_span(AUTUMN, DENVER) == (60, 120)
    assert clock_change_span(date(2027, 3, 14), HAVANA) == (0, 60)  # at midnight


@pytest.mark.parametrize(
    ("day", "zone", "changes"),
    [
        (SPRING, DENVER, True),
        (AUTUMN, DENVER, True),
        (date(2027, 3, 13), DENVER, False),
        (date(2027, 3, 15), DENVER, False),
        (SPRING, PHOENIX, False),
    ],
)
def test_only_the_day_itself_has_the_clock_change(day, zone, changes):
    assert has_clock_change(day, zone) is changes


def test_a_day_with_a_clock_change_is_an_hour_shorter_or_longer():
    hours = [(end - begin).total_seconds() / 3600 for begin, end in (day_bounds(d, DENVER) for d in (SPRING, AUTUMN))]
    assert hours == [23, 25]


def test_a_naive_instant_and_an_unknown_zone_are_refused():
    with pytest.raises(ValueError, match="zone"):
        local_day(datetime(2026, 12, 1), DENVER)  # noqa: DTZ001 (that is what is refused)
    for name in ("Mars/Olympus", "../etc/passwd", ""):
        with pytest.raises(DomainError):
            to_utc(SPRING, 0, name)
