"""A protocol as a clinic edits it: limits, what must hold between values, misses, the response check."""

from datetime import date, timedelta

import pytest

from intake.domain.errors import DomainError
from intake.domain.scheduling.booster_signals import Reading
from intake.domain.scheduling.checkpoints import checkpoint_of, is_before_check, response_change
from intake.domain.scheduling.misses import AfterMiss, MissRule, after_miss, may_append, miss_words
from intake.domain.scheduling.protocols import default_protocol, default_protocols
from intake.domain.scheduling.recipes import changed_keys, check_recipe, rule_lines, value_words, warnings_of

TWICE = dict(default_protocol("acute-twice-weekly").raw)
PAIN = dict(default_protocol("pain-consecutive-days").raw)


@pytest.mark.parametrize("version", default_protocols(), ids=lambda version: version.key)
def test_every_shipped_protocol_can_be_saved(version):
    check_recipe(version.raw)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"infusions": 0}, "protocol.infusions"),
        ({"infusions": 21}, "infusions"),
        ({"chair_minutes": 100}, "chair_minutes"),
        ({"chair_minutes": 615}, "chair_minutes"),
        ({"first_chair_minutes": 140}, "first_chair_minutes"),
        ({"turnover_minutes": 121}, "turnover_minutes"),
        ({"watch_profile": [[120, 2], [1, 1]]}, "watch_profile"),
        ({"watch_profile": [[0, 2], [90, 1]]}, "watch_profile"),
        ({"watch_profile": [[30, 11], [90, 1]]}, "watch_profile"),
        ({"gap_points": {}}, "gap_points"),
        ({"gap_points": {"1": 0, "3": 0}}, "gap_points"),
        ({"gap_points": {"61": 0}}, "gap_points"),
        ({"consecutive_days": True}, "consecutive_days"),
        ({"min_span_days": 22}, "max_span_days"),
        ({"max_in_7_days": 8}, "max_in_7_days"),
        ({"per_week": 4}, "per_week"),
        ({"checkpoint_after": 6}, "checkpoint_after"),
        ({"checkpoint_after": 0}, "checkpoint_after"),
        ({"miss_provider_over_days": 6}, "miss_provider_over_days"),
        ({"miss_screen_over_days": 13}, "miss_provider_over_days"),
        ({"gap_points": {"2": 0}, "max_in_7_days": 4}, "gap_points"),  # 10 days in all, 14 at least
        ({"max_in_7_days": 1, "per_week": 1}, "gap_points"),  # 35 days in all, 21 at most
    ],
)
def test_what_cannot_be_is_refused_beside_its_field(change, field):
    with pytest.raises(DomainError) as caught:
        check_recipe(TWICE | change)
    assert caught.value.field == field
    assert caught.value.message.endswith((".", "1")) or "less" in caught.value.message


@pytest.mark.parametrize(
    "change",
    [
        {"chair_minutes": 90},
        {"chair_minutes": 600, "first_chair_minutes": 600},
        {"turnover_minutes": 120},
        {"watch_profile": [[119, 2], [1, 1]]},
        {"checkpoint_after": 5},
        {"checkpoint_after": None},
        {"max_in_7_days": 2},
        {"first_start": None},
    ],
)
def test_what_lies_on_the_limit_is_allowed(change):
    check_recipe(TWICE | change)


def test_consecutive_days_are_an_exception_that_has_to_be_said():
    check_recipe(PAIN)
    with pytest.raises(DomainError, match="exception for consecutive days"):
        check_recipe(PAIN | {"consecutive_days": False})


@pytest.mark.parametrize(
    ("change", "words"),
    [({"max_span_days": 29}, "induction window"), ({"max_span_days": 28}, ""), ({"infusions": 3}, "4 to 8")],
)
def test_what_is_unusual_is_warned_of_and_not_refused(change, words):
    found = " ".join(warnings_of(TWICE | change, warn_span_days=28))
    assert words in found and bool(found) is bool(words)


def test_changes_are_named_in_order_and_null_is_the_same_as_left_out():
    rules = {key: value for key, value in TWICE.items() if key not in ("consecutive_days", "first_start")}
    assert changed_keys(TWICE, rules) == ["first_start"]
    assert changed_keys(rules, rules | {"first_start": None}) == []
    assert changed_keys(TWICE, TWICE | {"turnover_minutes": 20, "infusions": 8}) == ["infusions", "turnover_minutes"]


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("gap_points", "2 days: 3 points, 3 days: 0 points"),
        ("watch_profile", "2 for 30 minutes, then 1"),
        ("first_start", "10:00 and 13:00"),
        ("chair_minutes", "120 minutes"),
        ("consecutive_days", "no"),
        ("checkpoint_after", "3"),
    ],
)
def test_values_read_as_words(key, words):
    assert value_words(key, TWICE).startswith(words)
    assert value_words("first_start", TWICE | {"first_start": None}) == "none"


class TestMisses:
    """What the gap left by a miss asks for."""

    rule = MissRule.of(TWICE)

    @pytest.mark.parametrize(
        ("gap", "rise", "expected"),
        [
            (7, None, AfterMiss.GO_ON),
            (8, None, AfterMiss.GO_ON_SAME_DOSE),
            (14, None, AfterMiss.GO_ON_SAME_DOSE),
            (15, None, AfterMiss.PROVIDER),
            (28, None, AfterMiss.PROVIDER),
            (29, None, AfterMiss.NEW_SCREEN),
            (3, 4, AfterMiss.GO_ON),
            (3, 5, AfterMiss.PROVIDER),
            (29, 9, AfterMiss.NEW_SCREEN),
        ],
    )
    def test_a_gap_asks_for_more_the_longer_it_is_and_for_the_provider_when_worse(self, gap, rise, expected):
        assert after_miss(self.rule, gap, rise_points=rise) is expected

    @pytest.mark.parametrize(("span", "is_allowed"), [(27, True), (28, False)])
    def test_one_is_appended_while_the_series_takes_less_than_28_days(self, span, is_allowed):
        assert may_append(self.rule, span) is is_allowed

    def test_the_rule_reads_as_sentences_and_an_older_version_says_that_it_has_none(self):
        assert len(miss_words(self.rule)) == 4
        assert rule_lines(TWICE) == miss_words(self.rule)
        assert "does not say" in rule_lines({"infusions": 6})[0]


class TestResponseCheck:
    """The check after infusion n."""

    first = date(2026, 12, 1)

    def change(self, before, after, days):
        baseline = Reading(self.first - timedelta(days=1), before)
        latest = Reading(self.first + timedelta(days=days), after)
        return response_change(baseline, latest, first_infusion_on=self.first, window_days=14)

    @pytest.mark.parametrize(("number", "is_tentative"), [(1, False), (3, False), (4, True), (6, True), (None, False)])
    def test_what_comes_after_the_check_is_tentative(self, number, is_tentative):
        assert is_before_check(TWICE, number) is is_tentative
        assert not is_before_check(PAIN, number)
        assert (checkpoint_of(TWICE), checkpoint_of(PAIN), checkpoint_of({})) == (3, None, None)

    @pytest.mark.parametrize(("days", "before"), [(0, 14), (7, 7), (13, 1), (14, 0), (20, 0)])
    def test_the_recall_window_says_how_much_of_it_lies_before_the_first_infusion(self, days, before):
        found = self.change(18, 9, days)
        assert found.days_before == before
        words = found.recall_words(14)
        assert ("lie after" in words) is (before == 0)

    @pytest.mark.parametrize(
        ("before", "after", "points", "percent"), [(18, 9, -9, 50), (18, 20, 2, -11), (0, 3, 3, None), (20, 20, 0, 0)]
    )
    def test_the_change_is_told_in_points_and_percent(self, before, after, points, percent):
        found = self.change(before, after, 7)
        assert (found.points, found.percent) == (points, percent)

    @pytest.mark.parametrize(("before", "after", "days"), [(None, 9, 7), (18, None, 7), (18, 9, -1)])
    def test_without_two_totals_on_both_sides_there_is_no_change(self, before, after, days):
        assert self.change(before, after, days) is None
