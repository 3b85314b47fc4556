"""What the desk does next for somebody whose booster is due, and which tries can be kept."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.domain.errors import DomainError
from intake.domain.scheduling.booster_signals import Advice
from intake.domain.scheduling.boosters import DueWindow, Regime, Step, due_windows
from intake.domain.scheduling.recalls import NextAction, Touch, Tried, check_touch, next_action

TODAY = date(2027, 1, 4)


def window(opens_in=0, pair=0):
    earliest = TODAY + timedelta(days=opens_in)
    return DueWindow(1, earliest + timedelta(days=7), earliest, earliest + timedelta(days=14), pair=pair)


def tried(days_ago, again=None):
    return Tried(
        TODAY - timedelta(days=days_ago), Touch.NO_ANSWER, None if again is None else TODAY + timedelta(days=again)
    )


@pytest.mark.parametrize(
    ("opens_in", "last", "advice", "pair", "expected"),
    [
        (14, None, None, 0, NextAction.CALL),  # two weeks ahead, the day itself in
        (15, None, None, 0, NextAction.WAIT),
        (15, None, Advice.SOONER, 0, NextAction.CALL),
        (15, None, Advice.LATER, 0, NextAction.WAIT),
        (40, None, Advice.REVIEW, 0, NextAction.BOOK_REVIEW),
        (15, None, None, 2, NextAction.CALL),  # the first of the pair is settled
        (0, tried(0), None, 0, NextAction.WAIT),  # not twice on one day
        (0, tried(1), None, 0, NextAction.CALL),
        (0, tried(3, again=1), None, 0, NextAction.WAIT),
        (0, tried(3, again=0), None, 0, NextAction.CALL),  # the day they asked for
        (0, tried(3, again=1), Advice.REVIEW, 0, NextAction.BOOK_REVIEW),
    ],
)
def test_what_comes_next(opens_in, last, advice, pair, expected):
    found = next_action(window(opens_in, pair), last, advice, needs_order=False, today=TODAY)
    assert found is expected


def test_a_new_order_comes_before_everything_else():
    found = next_action(window(), None, Advice.SOONER, needs_order=True, today=TODAY)
    assert found is NextAction.ASK_PROVIDER


@pytest.mark.parametrize(
    ("outcome", "days", "is_refused"),
    [(Touch.NO_ANSWER, None, False), (Touch.CALL_AGAIN, None, True), (Touch.CALL_AGAIN, 0, False),
     (Touch.NO_ANSWER, -1, True), (Touch.CALL_AGAIN, 120, False), (Touch.CALL_AGAIN, 121, True)],
)  # fmt: skip
def test_a_day_to_call_again_is_to_come_and_needed_where_it_was_asked_for(outcome, days, is_refused):
    again = None if days is None else TODAY + timedelta(days=days)
    if is_refused:
        with pytest.raises(DomainError):
            check_touch(outcome, again, TODAY)
    else:
        check_touch(outcome, again, TODAY)


steps = st.builds(
    Step,
    st.integers(8, 40),
    st.none() | st.integers(1, 3),
    st.integers(0, 7),
    st.none() | st.integers(2, 5),
)


@given(
    st.lists(steps, min_size=1, max_size=3),
    st.dates(date(2026, 1, 1), date(2027, 12, 31)),
    st.integers(0, 12),
    st.none() | st.integers(0, 12),
    st.none() | st.integers(0, 120),
    st.integers(0, 90),
)
def test_windows_follow_one_another_within_the_limits_of_their_order(several, last, given_so_far, most, ends, passed):
    expires = None if ends is None else last + timedelta(days=ends)
    regime = Regime(tuple(several), "invented", most, expires)
    today = last + timedelta(days=passed)
    found = due_windows(last, regime, today, given=given_so_far)
    assert [one.number for one in found] == list(range(given_so_far + 1, given_so_far + 1 + len(found)))
    for one in found:
        assert last < one.earliest <= one.target <= one.latest or one.is_cut
        assert most is None or one.number <= most
        assert expires is None or one.latest <= expires
        assert one.is_overdue is (one.latest < today)
    for before, after in zip(found, found[1:], strict=False):
        assert before.target < after.target or after.is_cut
        if after.pair == 2 and not after.is_cut and not before.is_overdue:
            assert (after.target - before.target).days <= 5


@given(st.lists(steps, min_size=1, max_size=3), st.integers(0, 6))
def test_boosters_given_on_their_best_day_leave_the_rest_as_it_was(several, given_so_far):
    """Pairs and steps go on from where they stood."""
    regime, last = Regime(tuple(several), "invented"), date(2026, 12, 1)
    whole = due_windows(last, regime, last, count=12)
    if len(whole) > given_so_far:
        day = whole[given_so_far - 1].target if given_so_far else last
        rest = due_windows(day, regime, last, given=given_so_far, count=12 - given_so_far)
        assert rest == whole[given_so_far:]
