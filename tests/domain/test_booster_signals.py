"""What a PHQ-9 course suggests for the next booster, at its limits."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.domain.scheduling.booster_signals import Advice, Reading, signals
from intake.domain.scheduling.protocols import booster_limits

LIMITS = booster_limits()
DAY = date(2026, 12, 1)


def course(*totals, apart=7, item9=()):
    answers = [*item9, *[None] * (len(totals) - len(item9))]
    return [
        Reading(DAY + timedelta(days=apart * place), total, answer)
        for place, (total, answer) in enumerate(zip(totals, answers, strict=True))
    ]


def advice(readings):
    return [signal.advice for signal in signals(readings, LIMITS, remission_below=5)]


@pytest.mark.parametrize(
    ("totals", "is_sooner"),
    [
        ((18, 4, 9), True),  # up by 5 from the best
        ((18, 4, 8), False),
        ((18, 6, 4, 5, 9), True),  # the best counts, not the one before
        ((18, 9), False),
        ((18, None, 9), False),  # nothing is known of the one without a total
        ((18, 4, None), False),
        ((9,), False),
    ],
)
def test_a_rise_of_five_from_the_best_suggests_sooner(totals, is_sooner):
    assert (Advice.SOONER in advice(course(*totals))) is is_sooner


@pytest.mark.parametrize(
    ("totals", "apart", "is_sooner"),
    [
        ((8, 10, 10), 6, True),  # six days apart: weekly with a day of play
        ((8, 10, 10), 5, False),
        ((8, 9, 10), 7, False),  # one reading only
        ((12, 11, 10), 7, False),  # never below: not back
        ((8, 10, 9, 10), 7, False),  # one below between
        ((8, 10, 11, 10), 3, True),  # six days from the first to the last of them
    ],
)
def test_ten_or_more_on_two_weekly_readings_suggests_sooner(totals, apart, is_sooner):
    assert advice(course(*totals, apart=apart)) == [Advice.SOONER] * is_sooner


@pytest.mark.parametrize(
    ("item9", "is_review"),
    [((0, 1), True), ((1, 1), False), ((2, 1), False), ((None, 1), False), ((0, None, 1), True), ((0, 1, None), False)],
)
def test_item_nine_up_asks_for_a_review_within_seven_days(item9, is_review):
    found = signals(course(*[8] * len(item9), item9=item9), LIMITS, remission_below=5)
    assert (Advice.REVIEW in [one.advice for one in found]) is is_review
    assert all("7 days" in one.why for one in found if one.advice is Advice.REVIEW)


@pytest.mark.parametrize(
    ("totals", "apart", "is_later"),
    [
        ((20, 4, 3, 4), 14, True),  # three in remission over 28 days
        ((20, 4, 3, 4), 13, False),
        ((20, 5, 3, 4), 14, False),  # one is not in remission
        ((4, 3), 28, False),
    ],
)
def test_three_readings_in_remission_over_four_weeks_suggest_later(totals, apart, is_later):
    assert advice(course(*totals, apart=apart)) == [Advice.LATER] * is_later


def test_every_suggestion_says_why_and_from_where_and_none_is_called_verified():
    found = signals(course(18, 4, 12, 12, item9=(0, 0, 0, 2)), LIMITS, remission_below=5)
    assert [one.advice for one in found] == [Advice.REVIEW, Advice.SOONER, Advice.SOONER]
    assert all(one.why and one.source and not one.is_verified for one in found)


readings = st.builds(
    Reading,
    st.dates(date(2026, 1, 1), date(2027, 12, 31)),
    st.none() | st.integers(0, 27),
    st.none() | st.integers(0, 3),
)


@given(st.lists(readings, max_size=8, unique_by=lambda one: one.on), st.randoms())
def test_the_order_of_the_readings_and_the_calendar_change_nothing(course, random):
    found = signals(course, LIMITS, remission_below=5)
    shuffled = list(course)
    random.shuffle(shuffled)
    assert signals(shuffled, LIMITS, remission_below=5) == found
    later = [Reading(one.on + timedelta(days=371), one.total, one.item9) for one in course]
    assert [one.advice for one in signals(later, LIMITS, remission_below=5)] == [one.advice for one in found]
    assert not {Advice.SOONER, Advice.LATER} <= {one.advice for one in found}
