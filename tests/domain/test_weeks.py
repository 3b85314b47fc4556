"""Weeks at dose, and what of a trial's doses cannot be true."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.domain.errors import DomainError
from intake.domain.history.entry_errors import refuse_entry_errors
from intake.domain.history.formulary import find
from intake.domain.history.trials import DoseSegment, StopReason
from tests.domain.history_values import AS_OF, a_dose, a_trial, weeks_of


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
        # a week is the difference of days
        ((a_dose(50, "2024-03-01", "2024-03-08"),), (1.0, 1.0)),
        # a date that both readings put before the other never makes less than nothing
        ((a_dose(50, "2024-06", "2024"), a_dose(50, "2024", "2024-03")), (0.0, 0.0)),
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
        ((a_dose(50, weeks=8), a_dose(4001, weeks=8)), "doses-1-mg_per_day"),
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
        assert shortest == longest
        assert shortest <= round((pairs[-1][1] - pairs[0][0]).days / 7, 1)


@given(st.floats(0.1, 100), st.floats(0, 100))
def test_lengths_add_up(known: float, other: float) -> None:
    doses = (a_dose(50, weeks=known), a_dose(25, weeks=1), a_dose(100, weeks=known + other))
    shortest, longest = weeks_of(*doses)
    assert shortest == longest == pytest.approx(2 * known + other, abs=0.051)
