"""Dates as people remember them."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.domain.errors import DomainError
from intake.domain.history.partial_dates import EXPECTED, FOUR_DIGITS, in_words, parse, read

RANGES = [
    ("2019-04-03", date(2019, 4, 3), date(2019, 4, 3)),
    ("2019-04", date(2019, 4, 1), date(2019, 4, 30)),
    ("2020-02", date(2020, 2, 1), date(2020, 2, 29)),
    ("2019", date(2019, 1, 1), date(2019, 12, 31)),
    ("spring 2019", date(2019, 3, 1), date(2019, 5, 31)),
    ("summer 2019", date(2019, 6, 1), date(2019, 8, 31)),
    ("fall 2019", date(2019, 9, 1), date(2019, 11, 30)),
    ("early 2019", date(2019, 1, 1), date(2019, 4, 30)),
    ("mid 2019", date(2019, 5, 1), date(2019, 8, 31)),
    ("late 2019", date(2019, 9, 1), date(2019, 12, 31)),
    ("winter 2020", date(2019, 12, 1), date(2021, 2, 28)),  # both common readings
    ("winter 2019", date(2018, 12, 1), date(2020, 2, 29)),
]


@pytest.mark.parametrize(("text", "earliest", "latest"), RANGES)
def test_a_partial_date_is_read_as_the_range_of_rule_5(text: str, earliest: date, latest: date) -> None:
    found = read(text)
    assert (found.text, found.earliest, found.latest) == (text, earliest, latest)


@pytest.mark.parametrize(
    "text",
    ["autumn 2024", "Spring 2019", "2019-4", "2019-13", "2019-02-30", "20190403", "2019-W14-3", "April 2019"]
    + ["", " 2019", "19", "0000", "winter 0001", "winter 9999", "spring", "now", "２０１９", "2019-04-03T00:00"],
)
def test_the_strict_form_takes_nothing_else(text: str) -> None:
    with pytest.raises(DomainError, match="Enter a date such as"):
        read(text)


@pytest.mark.parametrize(
    ("typed", "strict"),
    [
        ("2019", "2019"),
        ("2019-4", "2019-04"),
        ("2019/04/03", "2019-04-03"),
        ("April 2019", "2019-04"),
        ("apr 2019", "2019-04"),
        ("Apr. 2019", "2019-04"),
        ("Sept 2019", "2019-09"),
        ("May of 2019", "2019-05"),
        ("2019 April", "2019-04"),
        ("4/2019", "2019-04"),
        ("4/3/2019", "2019-04-03"),  # month first, as in the United States
        ("12/31/2019", "2019-12-31"),
        ("April 3, 2019", "2019-04-03"),
        ("3rd of April 2019", "2019-04-03"),
        ("  Spring   2019 ", "spring 2019"),
        ("Fall 2019", "fall 2019"),
        ("autumn 2019", "fall 2019"),
        ("in the autumn of 2019", "fall 2019"),
        ("Mid-2019", "mid 2019"),
        ("beginning of 2019", "early 2019"),
        ("end of 2019", "late 2019"),
        ("about 2019", "2019"),
    ],
)
def test_what_a_person_types_is_brought_to_the_strict_form(typed: str, strict: str) -> None:
    assert parse(typed) == read(strict)


@pytest.mark.parametrize("typed", ["", "x", "13/2019", "2/30/2019", "31/12/2019", "foo 2019", "April", "next week"])
def test_what_cannot_be_read_is_refused_with_examples_beside_the_field(typed: str) -> None:
    with pytest.raises(DomainError) as refused:
        parse(typed, field="from")
    assert (refused.value.message, refused.value.field) == (EXPECTED, "from")


@pytest.mark.parametrize("typed", ["4/19", "4/3/19", "April 19", "'19"])
def test_a_year_of_two_digits_is_asked_for_in_four(typed: str) -> None:
    with pytest.raises(DomainError) as refused:
        parse(typed)
    assert refused.value.message == FOUR_DIGITS


def test_a_year_before_1900_is_refused() -> None:
    assert parse("1900").text == "1900"
    with pytest.raises(DomainError, match="1900"):
        parse("1899")


def test_a_date_is_refused_only_when_it_certainly_lies_in_the_future() -> None:
    today = date(2025, 7, 1)
    assert parse("7/1/2025", today=today).text == "2025-07-01"
    assert parse("2025", today=today).latest > today
    with pytest.raises(DomainError, match="future"):
        parse("7/2/2025", today=today)


@pytest.mark.parametrize(
    ("strict", "words"),
    [
        ("2019-04-03", "April 3, 2019"),
        ("2019-04", "April 2019"),
        ("spring 2019", "spring 2019"),
        ("2019", "2019"),
    ],
)
def test_a_date_is_shown_as_it_was_meant(strict: str, words: str) -> None:
    assert in_words(read(strict)) == words


_SEASONS = st.sampled_from(["spring", "summer", "fall", "winter", "early", "mid", "late"])
_TEXTS = st.one_of(
    st.dates(date(1901, 1, 1), date(2100, 12, 31)).map(date.isoformat),
    st.dates(date(1901, 1, 1), date(2100, 12, 31)).map(lambda day: day.isoformat()[:7]),
    st.integers(1901, 2100).map(str),
    st.builds(lambda season, year: f"{season} {year}", _SEASONS, st.integers(1901, 2100)),
)


@given(_TEXTS)
def test_every_date_begins_before_it_ends_and_survives_being_shown(text: str) -> None:
    when = read(text)
    assert when.earliest <= when.latest
    assert parse(text) == when
    assert parse(in_words(when)) == when


@given(st.dates(date(1901, 1, 1), date(2100, 12, 31)))
def test_a_day_lies_in_its_month_and_its_year(day: date) -> None:
    for text in (day.isoformat()[:7], day.isoformat()[:4]):
        assert read(text).earliest <= day <= read(text).latest


@given(st.text(max_size=30))
def test_any_text_is_read_or_refused_with_a_sentence(text: str) -> None:
    try:
        found = parse(text)
    except DomainError as error:
        assert error.message.startswith("Enter ")
    else:
        assert read(found.text) == found
