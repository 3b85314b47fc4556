"""When bad news may take effect."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from intake.domain.bad_news import Try, WorkingHours, is_told, may_take_effect, next_allowed

DENVER = ZoneInfo("America/Denver")
NOON = datetime(2026, 12, 2, 12, 0, tzinfo=DENVER)  # a Wednesday


def hours(**closures: tuple[tuple[int, int], ...]) -> WorkingHours:
    """Monday to Friday, 8 to 17; closures by "d" and the day of December."""
    shut = {date(2026, 12, int(day[1:])): spans for day, spans in closures.items()}
    return WorkingHours({day: ((480, 1020),) for day in range(5)}, shut, "America/Denver")


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """A time in December 2026; the 4th is a Friday."""
    return datetime(2026, 12, day, hour, minute, tzinfo=DENVER)


@pytest.mark.parametrize(
    ("moment", "allowed"),
    [
        (at(4, 14, 59), True),  # Friday, just before three
        (at(4, 15), False),  # the limit itself is out
        (at(4, 23), False),
        (at(5, 10), False),  # Saturday
        (at(6, 23, 59), False),  # Sunday
        (at(7, 7, 59), False),  # Monday before opening
        (at(7, 8), True),
        (at(3, 16), True),  # Thursday: tomorrow somebody is there
    ],
)
def test_nothing_takes_effect_from_three_on_before_a_closed_day(moment: datetime, allowed: bool) -> None:
    assert may_take_effect(moment, hours()) is allowed


def test_the_day_before_a_closure_counts_like_a_friday() -> None:
    shut = hours(d24=((0, 1440),))
    assert may_take_effect(at(23, 14, 59), shut)
    assert not may_take_effect(at(23, 15), shut)
    assert not may_take_effect(at(24, 10), shut)


def test_a_half_closed_friday_ends_with_its_last_open_minute() -> None:
    shut = hours(d4=((720, 1440),))
    assert may_take_effect(at(4, 11, 59), shut)
    assert not may_take_effect(at(4, 12), shut)


def test_a_gap_in_the_middle_of_a_day_closes_nothing() -> None:
    assert may_take_effect(at(3, 16), hours(d3=((700, 800),)))


def test_the_page_can_say_when_it_may() -> None:
    assert next_allowed(at(4, 16), hours()) == (date(2026, 12, 7), 480)
    assert next_allowed(at(23, 16), hours(d24=((0, 1440),))) == (date(2026, 12, 25), 480)
    assert next_allowed(at(7, 6), hours()) == (date(2026, 12, 7), 480)


def test_a_site_that_never_opens_has_no_answer() -> None:
    assert next_allowed(at(4, 16), WorkingHours({}, {}, "America/Denver")) is None


def tries(*minutes: int) -> list[Try]:
    return [Try(NOON + timedelta(minutes=after), is_reached=False, is_safety_checked=False) for after in minutes]


@pytest.mark.parametrize(
    ("documented", "told"),
    [
        (tries(0, 60, 120), True),  # an hour apart exactly
        (tries(0, 59, 120), False),
        (tries(0, 60), False),
        ([Try(NOON, is_reached=True, is_safety_checked=True)], True),
        ([Try(NOON, is_reached=True, is_safety_checked=False)], False),
        ([Try(NOON, is_reached=False, is_safety_checked=True)], False),
        ([], False),
    ],
)
def test_told_means_reached_with_a_safety_check_or_three_spaced_tries(documented: list[Try], told: bool) -> None:
    assert is_told(documented) is told
