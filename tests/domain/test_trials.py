"""One prior trial and its verdict: rules 1 to 14 at their limits."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.domain.history.formulary import find
from intake.domain.history.trials import Adherence, DoseSegment, Improvement, Settings, StopReason, Verdict
from tests.domain.history_values import AS_OF, SIX_WEEKS, a_dose, a_trial, judged, weeks_of

FOUR_WEEKS = Settings(min_weeks_antidepressant=4)
STRICT = Settings(failure_below_percent=25)
SIDE_EFFECTS = StopReason.SIDE_EFFECTS


@pytest.mark.parametrize(
    ("mg", "days", "verdict"),
    [
        (50, 42, Verdict.ADEQUATE_FAILED),  # both limits met exactly
        (49.9, 42, Verdict.INADEQUATE_DOSE),  # dose just short
        (50, 41, Verdict.INADEQUATE_DURATION),  # a day too short
        (49.9, 41, Verdict.INADEQUATE_DOSE),  # the dose is tested first
    ],
)
def test_a_trial_is_judged_at_its_limits(mg: float, days: int, verdict: Verdict) -> None:
    stop = (date(2024, 1, 1) + timedelta(days=days)).isoformat()
    assert judged(a_trial("sertraline", a_dose(mg, "2024-01-01", stop))).verdict is verdict


@pytest.mark.parametrize(
    ("treatment", "weeks", "settings", "verdict"),
    [
        ("sertraline", 4, FOUR_WEEKS, Verdict.ADEQUATE_FAILED),
        ("sertraline", 4, SIX_WEEKS, Verdict.INADEQUATE_DURATION),
        ("esketamine", 4, SIX_WEEKS, Verdict.ADEQUATE_FAILED),  # its own four weeks
        ("esketamine", 4, Settings(min_weeks_augmentation=8), Verdict.ADEQUATE_FAILED),
        ("aripiprazole", 4, SIX_WEEKS, Verdict.ADEQUATE_FAILED),
        ("aripiprazole", 4, Settings(min_weeks_augmentation=5), Verdict.INADEQUATE_DURATION),
        ("buspirone", 5, FOUR_WEEKS, Verdict.INADEQUATE_DURATION),  # augmentation that says six keeps six
        ("lamotrigine", 7, FOUR_WEEKS, Verdict.INADEQUATE_DURATION),  # and eight
        ("Symbyax", 4, FOUR_WEEKS, Verdict.ADEQUATE_FAILED),  # an antidepressant that says six follows the setting
        ("zuranolone", 2, SIX_WEEKS, Verdict.ADEQUATE_FAILED),
        ("VNS", 51, SIX_WEEKS, Verdict.INADEQUATE_DURATION),
    ],
)
def test_the_least_weeks_are_the_setting_or_the_rows_own(
    treatment: str, weeks: float, settings: Settings, verdict: Verdict
) -> None:
    row = find(treatment)
    assert row is not None
    assert judged(a_trial(treatment, a_dose(row.min_mg_per_day, weeks=weeks)), settings).verdict is verdict


@pytest.mark.parametrize(
    ("treatment", "verdict"),
    [("gabapentin", Verdict.NOT_RATED), ("mystery pill", Verdict.INDETERMINATE)],
)
def test_a_name_without_a_row_is_not_rated_when_known_and_unclear_when_not(treatment: str, verdict: Verdict) -> None:
    found = judged(a_trial(treatment))
    assert (found.verdict, found.rule, found.weeks_at_dose, found.name) == (verdict, 1, None, treatment)
    assert (found.question is None) == (verdict is Verdict.NOT_RATED)


@pytest.mark.parametrize("treatment", ["CBT", "SAMe", "atomoxetine", "ketamine troche", "selegiline tablets", "tDCS"])
def test_what_is_only_recorded_is_not_rated_even_with_a_response(treatment: str) -> None:
    found = judged(a_trial(treatment, improvement=Improvement.AT_LEAST_50))
    assert (found.verdict, found.rule, found.weeks_at_dose) == (Verdict.NOT_RATED, 2, None)


@pytest.mark.parametrize(
    ("mg", "verdict"), [(600, Verdict.ADEQUATE_FAILED), (600.1, Verdict.INDETERMINATE), (4000, Verdict.INDETERMINATE)]
)
def test_a_dose_above_three_times_the_maximum_is_asked_about(mg: float, verdict: Verdict) -> None:
    found = judged(a_trial("sertraline", a_dose(mg, weeks=10)))
    assert found.verdict is verdict
    assert found.question == (f"Is {mg:g} mg right?" if verdict is Verdict.INDETERMINATE else None)


def test_three_times_a_maximum_with_decimals_is_reckoned_exactly() -> None:
    assert judged(a_trial("gepirone", a_dose(217.8, weeks=10))).verdict is Verdict.ADEQUATE_FAILED
    assert judged(a_trial("gepirone", a_dose(217.9, weeks=10))).verdict is Verdict.INDETERMINATE


@pytest.mark.parametrize("treatment", ["lithium citrate", "Zulresso"])
def test_a_row_without_a_usual_maximum_is_not_tested_for_its_dose(treatment: str) -> None:
    assert judged(a_trial(treatment, a_dose(1e6, weeks=10))).verdict is Verdict.ADEQUATE_FAILED


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("selegiline", "selegiline is read as selegiline transdermal"),
        ("Bupropion", "Bupropion is read as bupropion extended-release"),
        ("Emsam", None),
        ("sertraline", None),
        ("bupropion SR", None),
    ],
)
def test_a_bare_molecule_of_several_rows_says_how_it_was_read(typed: str, told: str | None) -> None:
    reason = judged(a_trial(typed, a_dose(6, weeks=2))).reason
    assert told in reason if told else "is read as" not in reason


def test_a_dose_too_low_and_a_time_too_short_are_both_told() -> None:
    short, long = (judged(a_trial("sertraline", a_dose(25, weeks=weeks))) for weeks in (5.9, 6))
    assert short.verdict is long.verdict is Verdict.INADEQUATE_DOSE
    assert "also taken for 5.9 weeks only (under 6)" in short.reason
    assert "also taken" not in long.reason


@pytest.mark.parametrize(
    ("treatment", "words"),
    [("TMS", "20 sessions"), ("ECT", "6 treatments"), ("IV ketamine", "4 infusions of 0.5 mg/kg or more")],
)
def test_sessions_are_called_what_they_are(treatment: str, words: str) -> None:
    unknown, few = (judged(a_trial(treatment, a_dose(None, weeks=9), sessions=number)) for number in (None, 1))
    assert unknown.question == f"Were there at least {words}?"
    assert few.reason.startswith(f"1 of at least {words}")


def test_a_setting_longer_than_the_calendar_names_no_day() -> None:
    going_on = a_trial("sertraline", a_dose(100, "2025-06-01", is_ongoing=True))
    assert judged(going_on, Settings(min_weeks_antidepressant=1e9)).adequate_on is None


@pytest.mark.parametrize("mg", [20, 0.1])
def test_rows_without_a_minimum_dose_count_all_time(mg: float) -> None:
    assert weeks_of(a_dose(mg, weeks=2), a_dose(None, weeks=2), treatment="lithium citrate") == (4, 4)


@pytest.mark.parametrize(
    ("sessions", "stop_reason", "verdict"),
    [
        (20, StopReason.NO_BENEFIT, Verdict.ADEQUATE_FAILED),  # 25 days, under four weeks: sessions decide
        (19, StopReason.NO_BENEFIT, Verdict.INADEQUATE_DURATION),
        (None, StopReason.NO_BENEFIT, Verdict.INDETERMINATE),
        (19, SIDE_EFFECTS, Verdict.INTOLERANT),
        (20, SIDE_EFFECTS, Verdict.ADEQUATE_FAILED),
        (None, SIDE_EFFECTS, Verdict.INDETERMINATE),
        (0, StopReason.NO_BENEFIT, Verdict.INADEQUATE_DURATION),
    ],
)
def test_sessions_decide_instead_of_weeks(sessions: int | None, stop_reason: StopReason, verdict: Verdict) -> None:
    course = a_dose(None, "2024-02-05", "2024-03-01")
    assert judged(a_trial("TMS", course, sessions=sessions, stop_reason=stop_reason)).verdict is verdict


@pytest.mark.parametrize(
    ("values", "has_lost", "is_below"),
    [
        ({"improvement": Improvement.AT_LEAST_50}, False, False),
        ({"wore_off": True}, True, False),
        ({"stop_reason": StopReason.WORE_OFF}, True, False),
        ({"improvement": Improvement.AT_LEAST_50, "doses": (a_dose(25, weeks=10),)}, False, True),
        ({"improvement": Improvement.AT_LEAST_50, "doses": (a_dose(50, weeks=5.9),)}, False, True),
        ({"improvement": Improvement.AT_LEAST_50, "adherence": Adherence.POOR}, False, False),
    ],
)
def test_a_response_is_never_a_failure(values: dict[str, Any], has_lost: bool, is_below: bool) -> None:
    doses = values.pop("doses", ())
    found = judged(a_trial("sertraline", *doses, **values))
    assert (found.verdict, found.rule) == (Verdict.ADEQUATE_RESPONDED, 7)
    assert (found.has_lost_response, found.is_below_threshold) == (has_lost, is_below)


@pytest.mark.parametrize(
    ("doses", "verdict"),
    [
        ((a_dose(25, weeks=20),), Verdict.INTOLERANT),  # never at the minimum dose
        ((a_dose(50, weeks=5.9),), Verdict.INTOLERANT),
        ((a_dose(50, weeks=6),), Verdict.ADEQUATE_FAILED),  # the intolerance is only noted
        ((a_dose(None, weeks=5.9),), Verdict.INTOLERANT),  # a dose not known counts as at dose here
        ((a_dose(None, weeks=6),), Verdict.INDETERMINATE),
        ((a_dose(25, weeks=20), a_dose(None, weeks=5)), Verdict.INTOLERANT),
        ((a_dose(50, None, "2024-05"),), Verdict.INDETERMINATE),
    ],
)
def test_side_effects_before_dose_and_time_are_intolerance(doses: tuple[DoseSegment, ...], verdict: Verdict) -> None:
    found = judged(a_trial("sertraline", *doses, stop_reason=SIDE_EFFECTS))
    assert found.verdict is verdict
    assert found.has_intolerance


@pytest.mark.parametrize(
    ("known", "forgotten", "verdict"),
    [
        (6, 1, Verdict.ADEQUATE_FAILED),  # long enough without it
        (3, 2.9, Verdict.INADEQUATE_DURATION),  # too short with it
        (3, 3, Verdict.INDETERMINATE),
    ],
)
def test_a_forgotten_dose_matters_only_where_it_decides(known: float, forgotten: float, verdict: Verdict) -> None:
    doses = (a_dose(None, weeks=forgotten), a_dose(100, weeks=known))
    assert judged(a_trial("sertraline", *doses)).verdict is verdict


@pytest.mark.parametrize(
    ("treatment", "mg", "is_asked"),
    [
        ("sertraline", 25, True),  # half the minimum
        ("sertraline", 24.9, False),
        ("trazodone", 50, False),
        ("fluvoxamine", 50, True),
        ("aripiprazole", 2, True),  # under half, but the notes send it to the provider
        ("aripiprazole", 1.9, False),
        ("brexpiprazole", 1, True),
        ("gepirone", 18.2, True),
        ("Auvelity", 45, True),
    ],
)
def test_a_dose_near_the_minimum_goes_to_the_provider(treatment: str, mg: float, is_asked: bool) -> None:
    found = judged(a_trial(treatment, a_dose(mg, weeks=10)))
    assert (found.verdict, found.rule) == (Verdict.INADEQUATE_DOSE, 10)
    assert (found.question is not None) == is_asked


@pytest.mark.parametrize(
    ("about", "verdict"),
    [
        (4.7, Verdict.INADEQUATE_DURATION),  # up to 5.875
        (4.8, Verdict.INDETERMINATE),  # 3.6 to exactly 6
        (7.9, Verdict.INDETERMINATE),
        (8, Verdict.ADEQUATE_FAILED),  # from exactly 6
    ],
)
def test_about_some_weeks_is_a_quarter_either_way(about: float, verdict: Verdict) -> None:
    found = judged(a_trial("sertraline", a_dose(100, about_weeks=about)))
    assert found.verdict is verdict
    assert (found.question is not None) == (verdict is Verdict.INDETERMINATE)


def test_a_trial_going_on_says_when_it_will_be_long_enough() -> None:
    dose = a_dose(10, "2025-06-10", is_ongoing=True)
    found = judged(a_trial("vortioxetine", dose, stop_reason=StopReason.STILL_TAKING))
    assert (found.verdict, found.adequate_on) == (Verdict.INADEQUATE_DURATION, date(2025, 7, 22))
    assert judged(a_trial("vortioxetine", dose), as_of=date(2025, 7, 21)).verdict is Verdict.INADEQUATE_DURATION
    assert judged(a_trial("vortioxetine", dose), as_of=date(2025, 7, 22)).verdict is Verdict.ADEQUATE_FAILED


def test_a_trial_that_ended_names_no_day() -> None:
    assert judged(a_trial("sertraline", a_dose(100, weeks=2))).adequate_on is None


@pytest.mark.parametrize(
    ("values", "rule"),
    [
        ({"adherence": Adherence.POOR}, 12),
        ({"adherence": Adherence.UNSURE}, 12),
        ({"improvement": Improvement.UNKNOWN}, 13),
    ],
)
def test_adherence_and_improvement_not_known_leave_it_open(values: dict[str, Any], rule: int) -> None:
    found = judged(a_trial(**values))
    assert (found.verdict, found.rule) == (Verdict.INDETERMINATE, rule)
    assert found.question


@pytest.mark.parametrize(
    ("improvement", "settings", "verdict"),
    [
        (Improvement.WORSE, SIX_WEEKS, Verdict.ADEQUATE_FAILED),
        (Improvement.UNDER_25, SIX_WEEKS, Verdict.ADEQUATE_FAILED),
        (Improvement.FROM_25_TO_49, SIX_WEEKS, Verdict.ADEQUATE_FAILED),
        (Improvement.UNDER_25, STRICT, Verdict.ADEQUATE_FAILED),
        (Improvement.FROM_25_TO_49, STRICT, Verdict.ADEQUATE_RESPONDED),
    ],
)
def test_failure_is_an_improvement_below_the_clinics_limit(
    improvement: Improvement, settings: Settings, verdict: Verdict
) -> None:
    found = judged(a_trial(improvement=improvement), settings)
    assert (found.verdict, found.rule) == (verdict, 14)


@pytest.mark.parametrize(
    ("doses", "values", "rule"),
    [
        ((a_dose(700, weeks=9),), {"improvement": Improvement.AT_LEAST_50}, 3),  # the dose is asked about first
        ((a_dose(50, weeks=1),), {"improvement": Improvement.AT_LEAST_50, "stop_reason": SIDE_EFFECTS}, 7),
        ((a_dose(25, weeks=9),), {"adherence": Adherence.POOR, "stop_reason": SIDE_EFFECTS}, 8),
        ((a_dose(None, weeks=9),), {"adherence": Adherence.POOR}, 9),
        ((a_dose(25, weeks=9),), {"adherence": Adherence.POOR}, 10),
        ((a_dose(25, about_weeks=6),), {"improvement": Improvement.UNKNOWN}, 10),
        ((a_dose(50, weeks=5),), {"adherence": Adherence.POOR}, 11),
        ((a_dose(50, about_weeks=6),), {"improvement": Improvement.UNKNOWN}, 11),
        ((a_dose(50, weeks=9),), {"adherence": Adherence.POOR, "improvement": Improvement.UNKNOWN}, 12),
    ],
)
def test_the_first_rule_that_gives_a_verdict_ends_it(
    doses: tuple[DoseSegment, ...], values: dict[str, Any], rule: int
) -> None:
    assert judged(a_trial("sertraline", *doses, **values)).rule == rule


def test_a_verdict_carries_its_settings_source_and_that_it_is_not_verified() -> None:
    found = judged(a_trial(), FOUR_WEEKS)
    assert (found.settings, found.min_weeks, found.is_verified) == (FOUR_WEEKS, 4, False)
    assert "UpToDate" in found.source
    assert found.rules_version


def test_a_trial_without_any_dose_is_judged_as_of_unknown_dose_and_time() -> None:
    found = judged(replace(a_trial(), doses=()))
    assert (found.verdict, found.question is not None) == (Verdict.INDETERMINATE, True)


_DAYS = st.dates(date(2020, 1, 1), date(2025, 6, 30))
_ORDER = [Verdict.INADEQUATE_DURATION, Verdict.INDETERMINATE, Verdict.ADEQUATE_FAILED]


@given(_DAYS, st.integers(0, 400), st.integers(0, 400))
def test_more_time_at_dose_never_makes_a_trial_too_short(start: date, days: int, more: int) -> None:
    def verdict(length: int) -> Verdict:
        stop = min(start + timedelta(days=length), AS_OF).isoformat()
        return judged(a_trial("sertraline", a_dose(50, start.isoformat(), stop))).verdict

    assert _ORDER.index(verdict(days)) <= _ORDER.index(verdict(days + more))


@given(_DAYS, st.integers(0, 400), st.sampled_from([7, 4]), st.sampled_from([7, 4]))
def test_a_wider_date_only_ever_makes_a_verdict_unclear(start: date, days: int, first: int, second: int) -> None:
    stop = min(start + timedelta(days=days), AS_OF).isoformat()
    exact = judged(a_trial("sertraline", a_dose(50, start.isoformat(), stop))).verdict
    blurred = judged(a_trial("sertraline", a_dose(50, start.isoformat()[:first], stop[:second]))).verdict
    assert blurred in (exact, Verdict.INDETERMINATE)
