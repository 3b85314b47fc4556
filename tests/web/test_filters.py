"""How values read on a page."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from flask import Flask

from intake.web import filters

AT = datetime(2026, 12, 1, 16, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("at", "zone", "words"),
    [
        (AT, "America/Denver", "Tue Dec 1, 9:00 am"),
        (AT, "America/New_York", "Tue Dec 1, 11:00 am"),
        (datetime(2026, 7, 1, 16, 0, tzinfo=UTC), "America/Denver", "Wed Jul 1, 10:00 am"),  # summer time
        (datetime(2026, 7, 1, 16, 0, tzinfo=UTC), "America/Phoenix", "Wed Jul 1, 9:00 am"),  # has none
        (datetime(2026, 12, 1, 6, 59, tzinfo=UTC), "America/Denver", "Mon Nov 30, 11:59 pm"),
        (datetime(2026, 12, 1, 7, 0, tzinfo=UTC), "America/Denver", "Tue Dec 1, 12:00 am"),
        (datetime(2026, 12, 1, 19, 5, tzinfo=UTC), "America/Denver", "Tue Dec 1, 12:05 pm"),
    ],
)
def test_an_instant_reads_on_the_clock_of_its_site(at, zone, words):
    assert filters.when(at, zone) == words


def test_an_instant_without_a_zone_is_refused():
    with pytest.raises(ValueError, match="zone"):
        filters.when(datetime(2026, 12, 1, 9, 0), "America/Denver")  # noqa: DTZ001


def test_the_place_is_named_where_sites_differ():
    assert filters.when_there(AT, "America/Los_Angeles") == "Tue Dec 1, 8:00 am (Los Angeles time)"
    assert filters.zone_name("UTC") == "UTC"


def test_days_read_short_with_their_year_and_in_full():
    day = date(1984, 4, 3)
    assert (filters.day(day), filters.day_year(day), filters.full_day(day)) == (
        "Tue Apr 3",
        "Apr 3, 1984",
        "Tuesday, April 3",
    )


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (0, "0 min"),
        (45, "45 min"),
        (59, "59 min"),
        (60, "1 h"),
        (61, "1 h 1 min"),
        (150, "2 h 30 min"),
        (44.6, "45 min"),
    ],
)
def test_minutes_read_in_hours_from_sixty_on(value, words):
    assert filters.minutes(value) == words


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (timedelta(days=2, hours=4, minutes=59), "2 d 4 h"),
        (timedelta(days=2, minutes=59), "2 d"),
        (timedelta(hours=23, minutes=59, seconds=59), "23 h 59 min"),
        (timedelta(days=1), "1 d"),
        (timedelta(hours=3), "3 h"),
        (timedelta(minutes=5), "5 min"),
        (timedelta(seconds=59), "0 min"),
        (timedelta(minutes=-5), "0 min"),  # a clock that is ahead of another
    ],
)
def test_a_span_reads_in_its_two_largest_units(value, words):
    assert filters.span(value) == words


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (50, "50 mg"),
        (37.5, "37.5 mg"),
        (Decimal("0.250"), "0.25 mg"),
        (1200, "1,200 mg"),
        (0.1 + 0.2, "0.3 mg"),
        (100.0, "100 mg"),
        (0, "0 mg"),
    ],
)
def test_a_dose_has_no_needless_zeros(value, words):
    assert filters.mg(value) == words


@pytest.mark.parametrize(
    ("count", "words"), [(0, "0 infusions"), (1, "1 infusion"), (2, "2 infusions"), (1200, "1,200 infusions")]
)
def test_a_count_agrees_with_its_word(count, words):
    assert filters.plural(count, "infusion") == words


def test_a_count_takes_a_word_of_its_own():
    assert filters.plural(2, "medicine taken", "medicines taken") == "2 medicines taken"


@pytest.mark.parametrize(
    ("born", "on", "years"),
    [
        (date(1984, 4, 3), date(2026, 4, 2), 41),
        (date(1984, 4, 3), date(2026, 4, 3), 42),
        (date(1984, 2, 29), date(2026, 2, 28), 41),
        (date(1984, 2, 29), date(2026, 3, 1), 42),
    ],
)
def test_a_person_is_older_on_the_birthday_itself(born, on, years):
    assert filters.age(born, on) == years


def test_templates_get_every_filter_under_its_own_name():
    app = Flask("bare")
    filters.init_app(app)
    assert app.jinja_env.from_string("{{ at|when('America/Denver') }}, {{ 2|plural('visit') }}").render(at=AT) == (
        "Tue Dec 1, 9:00 am, 2 visits"
    )
