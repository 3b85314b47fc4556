"""When boosters are due: taper and fixed intervals, tolerance, the order's limits."""

from datetime import date, timedelta

import pytest

from intake.domain.errors import DomainError
from intake.domain.scheduling.boosters import (
    Density,
    Regime,
    Step,
    density_warning,
    due_windows,
    fixed_interval,
    reorder_words,
    step_from_json,
    step_to_json,
)

LAST = date(2026, 12, 1)
TAPER = Regime((Step(7, 2, 2), Step(14, 1, 3), Step(28, None, 7)), "invented")


def days_after(windows):
    return [(w.number, (w.target - LAST).days) for w in windows]


def test_a_taper_goes_from_step_to_step_and_the_last_one_goes_on():
    assert days_after(due_windows(LAST, TAPER, LAST, count=5)) == [(1, 7), (2, 14), (3, 28), (4, 56), (5, 84)]


def test_a_window_reaches_as_far_as_the_tolerance_on_both_sides():
    window = due_windows(LAST, TAPER, LAST, count=1)[0]
    assert (window.earliest, window.target, window.latest) == (date(2026, 12, 6), date(2026, 12, 8), date(2026, 12, 10))


@pytest.mark.parametrize(
    ("given", "expected"),
    [(1, [(2, 7), (3, 21)]), (2, [(3, 14), (4, 42)]), (3, [(4, 28), (5, 56)]), (9, [(10, 28), (11, 56)])],
)
def test_what_was_given_moves_the_taper_on_and_the_last_infusion_is_what_counts(given, expected):
    assert days_after(due_windows(LAST, TAPER, LAST, given=given, count=2)) == expected


def test_a_regime_that_ends_has_no_window_after_it():
    regime = Regime((Step(7, 2, 1),), "invented")
    assert len(due_windows(LAST, regime, LAST)) == 2
    assert due_windows(LAST, regime, LAST, given=2) == []
    assert due_windows(LAST, Regime((), "invented"), LAST) == []


@pytest.mark.parametrize(("most", "given", "count"), [(3, 0, 3), (3, 2, 1), (3, 3, 0), (0, 0, 0), (None, 0, 6)])
def test_no_more_boosters_than_the_order_allows(most, given, count):
    regime = TAPER.limited_to(max_boosters=most, expires_on=None)
    assert len(due_windows(LAST, regime, LAST, given=given)) == count


@pytest.mark.parametrize(
    ("expires", "windows"),
    [
        (5, []),  # before the earliest date of the first
        (6, None),
        (7, [(8, 7)]),
        (9, [(9, 9)]),
        (8, [(8, 8)]),
    ],
)
def test_no_window_reaches_past_the_orders_end(expires, windows):
    """Fixed interval of 8 days, 2 either way: earliest after 6, target 8, latest 10."""
    regime = fixed_interval(8, 2, "invented").limited_to(max_boosters=1, expires_on=LAST + timedelta(days=expires))
    found = due_windows(LAST, regime, LAST)
    if expires < 6:
        assert found == []
        return
    (window,) = found
    assert (window.latest - LAST).days == expires
    assert (window.target - LAST).days == min(8, expires)
    assert window.is_cut


def test_a_window_whose_latest_date_is_today_is_not_overdue():
    regime = fixed_interval(28, 7, "invented")
    on_time, late = (due_windows(LAST, regime, LAST + timedelta(days=n))[0] for n in (35, 36))
    assert (on_time.is_overdue, late.is_overdue) == (False, True)


def test_after_an_overdue_booster_the_next_is_reckoned_from_today():
    today = LAST + timedelta(days=60)
    first, second = due_windows(LAST, fixed_interval(28, 7, "invented"), today, count=2)
    assert (first.is_overdue, second.target) == (True, today + timedelta(days=28))


def test_windows_run_over_the_years_end():
    assert due_windows(date(2026, 12, 28), fixed_interval(7, 0, "invented"), LAST, count=1)[0].target == date(
        2027, 1, 4
    )


@pytest.mark.parametrize("tolerance", [-1, 7, 8])
def test_a_tolerance_as_long_as_the_interval_is_refused(tolerance):
    with pytest.raises(DomainError) as caught:
        fixed_interval(7, tolerance, "invented")
    assert caught.value.field == "tolerance_days"


PAIRS = Regime((Step(28, None, 7, pair_days=3),), "invented")


class TestPairs:
    """Two in one week, every so many weeks."""

    def test_the_second_follows_the_first_and_the_next_pair_is_reckoned_from_the_second(self):
        windows = due_windows(LAST, PAIRS, LAST, count=4)
        assert days_after(windows) == [(1, 28), (2, 31), (3, 59), (4, 62)]
        assert [window.pair for window in windows] == [1, 2, 1, 2]

    def test_the_second_has_a_day_of_play_and_never_lies_on_the_day_of_the_first(self):
        _, second = due_windows(LAST, PAIRS, LAST, count=2)
        assert [(day - LAST).days for day in (second.earliest, second.target, second.latest)] == [30, 31, 32]
        close = Regime((Step(28, None, 7, pair_days=1),), "invented")
        first, second = due_windows(LAST, close, LAST, count=2)
        assert (second.earliest - first.target).days == 1

    @pytest.mark.parametrize(("given", "expected"), [(1, [(2, 3), (3, 31)]), (2, [(3, 28), (4, 31)])])
    def test_after_one_of_a_pair_the_other_is_due(self, given, expected):
        assert days_after(due_windows(LAST, PAIRS, LAST, given=given, count=2)) == expected

    def test_times_counts_pairs_and_the_order_counts_boosters(self):
        two = Regime((Step(14, 2, 3, pair_days=3),), "invented")
        assert len(due_windows(LAST, two, LAST)) == 4
        assert len(due_windows(LAST, two.limited_to(max_boosters=3, expires_on=None), LAST)) == 3

    @pytest.mark.parametrize("step", [Step(28, None, 7), Step(28, 3, 7, pair_days=3)])
    def test_a_step_survives_being_stored(self, step):
        assert step_from_json(step_to_json(step)) == step
        assert ("pair_days" in step_to_json(step)) is (step.pair_days is not None)


LIMIT = Density(2, 61, "invented")


@pytest.mark.parametrize(
    ("day", "others", "is_warned"),
    [
        (61, [55, 58], True),  # the third within 7 days, on the first day that counts
        (60, [55, 58], False),  # a day too soon
        (61, [54, 58], False),  # 8 days from first to third
        (61, [64, 67], True),  # others booked after it
        (70, [64, 76], False),
        (70, [], False),
    ],
)
def test_more_than_two_a_week_beyond_two_months_is_warned_of(day, others, is_warned):
    dates = [LAST + timedelta(days=other) for other in others]
    assert bool(density_warning(LAST + timedelta(days=day), dates, LAST, LIMIT)) is is_warned


@pytest.mark.parametrize(
    ("given", "ends_in", "words"),
    [
        (4, 29, ""),
        (4, 28, "ends soon"),
        (5, 90, "The last booster of this order"),
        (6, 90, "All 6 boosters"),
    ],
)
def test_a_new_order_is_asked_for_after_six_boosters_or_at_its_end(given, ends_in, words):
    regime = TAPER.limited_to(max_boosters=6, expires_on=LAST + timedelta(days=ends_in))
    said = reorder_words(given, regime, LAST)
    assert words in said and bool(said) is bool(words)


def test_an_order_without_limits_asks_for_nothing():
    assert reorder_words(40, TAPER, LAST) == ""
