"""One prior trial and its verdict: rules 1 to 14 at their limits, and weeks at dose."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.domain.errors import DomainError
from intake.domain.history.entry_errors import refuse_entry_errors
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


def test_a_verdict_carries_its_settings_source_and_that_it_is_not_verified() -> None:
    found = judged(a_trial(), FOUR_WEEKS)
    assert (found.settings, found.min_weeks, found.is_verified) == (FOUR_WEEKS, 4, False)
    assert "UpToDate" in found.source
    assert found.rules_version


def test_a_trial_without_any_dose_is_judged_as_of_unknown_dose_and_time() -> None:
    found = judged(replace(a_trial(), doses=()))
    assert (found.verdict, found.question is not None) == (Verdict.INDETERMINATE, True)


@pytest.mark.parametrize(
    ("doses", "weeks"),
    [
        # one run of touching partial dates
        ((a_dose(50, "2024-02", "2024-03"), a_dose(100, "2024-03", "2024-05")), (8.9, 17.1)),
        # a dated dose and a length
        ((a_dose(50, "2024-02", "2024-03-10"), a_dose(100, weeks=9)), (10.4, 14.4)),
        # a day apart still touches, so the day between counts
        ((a_dose(50, "2024-01-01", "2024-01-08"), a_dose(50, "2024-01-09", "2024-01-15")), (2.0, 2.0)),
        # two days apart: the time between is off the drug
        ((a_dose(50, "2024-01-01", "2024-01-08"), a_dose(50, "2024-01-10", "2024-01-17")), (2.0, 2.0)),
        # overlapping doses never count a week twice
        ((a_dose(50, "2024-01-01", "2024-03-01"), a_dose(100, "2024-02-01", "2024-04-01")), (13.0, 13.0)),
        # time under the minimum does not count
        (
            (
                a_dose(50, "2024-01-01", "2024-01-29"),
                a_dose(25, "2024-01-29", "2024-02-05"),
                a_dose(50, "2024-02-05", "2024-03-12"),
            ),
            (9.1, 9.1),
        ),
        # 14 days between is one course, 15 are two
        ((a_dose(50, "2024-01-01", "2024-01-29"), a_dose(50, "2024-02-12", "2024-03-11")), (8.0, 8.0)),
        ((a_dose(50, "2024-01-01", "2024-01-29"), a_dose(50, "2024-02-13", "2024-03-12")), (4.0, 4.0)),
        # possibly more than 14 days: two courses in the shortest figure, one in the longest
        ((a_dose(50, "2020-12", "2021-01"), a_dose(50, "2021-02-10", "2021-03-15")), (4.7, 13.4)),
        # a length joins its neighbours without a gap
        (
            (a_dose(50, "2024-01-01", "2024-01-29"), a_dose(50, weeks=2), a_dose(50, "2024-06-03", "2024-07-01")),
            (10.0, 10.0),
        ),
        # both ends open touch
        ((a_dose(50, "2022-01-01"), a_dose(100, None, "2022-03-20")), (11.1, 11.1)),
        # open ends
        ((a_dose(100, None, "2024-05"),), (0.0, None)),
        ((a_dose(100, "2025-06-01"),), (0.0, 4.3)),
        ((a_dose(100),), (0.0, None)),
        # later readings are cut to the as-of date
        ((a_dose(100, "2024", "2025"),), (0.1, 78.1)),
        # never below nothing
        ((a_dose(100, "2019", "2019"),), (0.0, 52.0)),
    ],
)
def test_weeks_at_dose(doses: tuple[DoseSegment, ...], weeks: tuple[float, float | None]) -> None:
    assert weeks_of(*doses) == weeks


def test_still_taking_with_an_open_stop_means_now() -> None:
    dose = a_dose(100, "2025-06-03")
    assert weeks_of(dose) == (0.0, 4.0)
    assert weeks_of(dose, stop_reason=StopReason.STILL_TAKING) == (4.0, 4.0)


@pytest.mark.parametrize(
    ("doses", "field"),
    [
        ((a_dose(4000.1, weeks=8),), "doses-0-mg_per_day"),
        ((a_dose(0, weeks=8),), "doses-0-mg_per_day"),
        ((a_dose(-50, weeks=8),), "doses-0-mg_per_day"),
        ((a_dose(50, weeks=-1),), "doses-0-weeks"),
        ((a_dose(50, about_weeks=0),), "doses-0-about_weeks"),
        ((a_dose(50, "2025-07-02"),), "doses-0-start"),
        ((a_dose(50, "2025", "2026"),), "doses-0-stop"),
        ((a_dose(50, "2024-06", "2024-05"),), "doses-0-stop"),
        ((a_dose(50, "2024-05"), a_dose(50, "2024-04-30")), "doses-1-start"),
        ((a_dose(50, "2024-01", "2024-05-02"), a_dose(50, "2024-02", "2024-05-01")), "doses-1-stop"),
        ((a_dose(50, "2024-05", "2024-06"), a_dose(50, weeks=2), a_dose(50, "2024-04")), "doses-2-start"),
    ],
)
def test_what_cannot_be_true_is_refused_beside_its_field(doses: tuple[DoseSegment, ...], field: str) -> None:
    with pytest.raises(DomainError) as refused:
        refuse_entry_errors(a_trial("sertraline", *doses), find("sertraline"), as_of=AS_OF)
    assert refused.value.field == field


@pytest.mark.parametrize(
    "doses",
    [
        (a_dose(4000, weeks=8),),  # twenty times exactly is asked about, not refused
        (a_dose(50, "2025-07-01", is_ongoing=True),),
        (a_dose(50, "2024-06", "2024-06-01"),),
        (a_dose(50, "2024-05"), a_dose(50, "2024-05")),
        (a_dose(50, "2022-01-01"), a_dose(100, None, "2022-03-20")),
        (a_dose(50), a_dose(50, "2024-01", "2024-02")),
    ],
)
def test_what_can_be_true_is_taken(doses: tuple[DoseSegment, ...]) -> None:
    refuse_entry_errors(a_trial("sertraline", *doses), find("sertraline"), as_of=AS_OF)


_DAYS = st.dates(date(2020, 1, 1), date(2025, 6, 30))
_ORDER = [Verdict.INADEQUATE_DURATION, Verdict.INDETERMINATE, Verdict.ADEQUATE_FAILED]


@st.composite
def _dated_doses(draw: st.DrawFn) -> tuple[DoseSegment, ...]:
    """Doses in order of time, each date blurred to a day, a month or a year, some doses forgotten or too low."""
    days = sorted(draw(st.lists(_DAYS, min_size=2, max_size=8).filter(lambda found: len(found) % 2 == 0)))
    cut = st.sampled_from([10, 7, 4])
    return tuple(
        a_dose(
            draw(st.sampled_from([None, 25, 50, 100])), start.isoformat()[: draw(cut)], stop.isoformat()[: draw(cut)]
        )
        for start, stop in zip(days[::2], days[1::2], strict=True)
    )


@given(_dated_doses())
def test_the_shortest_time_is_never_above_the_longest(doses: tuple[DoseSegment, ...]) -> None:
    shortest, longest = weeks_of(*doses)
    assert 0 <= shortest <= (float("inf") if longest is None else longest)


@given(st.lists(_DAYS, min_size=2, max_size=4), st.lists(_DAYS, min_size=2, max_size=4))
def test_doses_that_overlap_never_count_a_week_twice(starts: list[date], stops: list[date]) -> None:
    pairs = [pair for pair in zip(sorted(starts), sorted(stops), strict=False) if pair[0] <= pair[1]]
    doses = [a_dose(50, start.isoformat(), stop.isoformat()) for start, stop in pairs]
    if doses:
        shortest, longest = weeks_of(*doses)
        assert shortest == longest <= round((pairs[-1][1] - pairs[0][0]).days / 7, 1)


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


@given(st.floats(0.1, 100), st.floats(0, 100))
def test_lengths_add_up(known: float, other: float) -> None:
    doses = (a_dose(50, weeks=known), a_dose(25, weeks=1), a_dose(100, weeks=known + other))
    shortest, longest = weeks_of(*doses)
    assert shortest == longest == pytest.approx(2 * known + other, abs=0.051)
