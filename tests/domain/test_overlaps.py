"""Rule 15: two antidepressants over the same weeks count as one."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.domain.history.resistance import Assessment, assess
from intake.domain.history.trials import DoseSegment, Episode, Improvement, MedicationTrial, Settings, StopReason
from tests.domain.history_values import AS_OF, SIX_WEEKS, a_dose, a_trial

FOUR_WEEKS = Settings(min_weeks_antidepressant=4)
MG = {"sertraline": 100, "bupropion": 300, "duloxetine": 60, "mirtazapine": 30, "Spravato": 84, "lithium": 900}


def _over(name: str, start: str | None, stop: str | None, **values: Any) -> MedicationTrial:
    """A failed trial of one dose from one date to another."""
    return a_trial(name, a_dose(MG[name], start, stop), **({"id": name} | values))


def _weeks(name: str, from_week: float, to_week: float, **values: Any) -> MedicationTrial:
    """The same between two weeks of 2024, by whole days."""
    first, last = (date(2024, 1, 1) + timedelta(days=round(week * 7)) for week in (from_week, to_week))
    return _over(name, first.isoformat(), last.isoformat(), **values)


def _assessed(*trials: MedicationTrial, settings: Settings = SIX_WEEKS) -> Assessment:
    return assess(trials, settings, as_of=AS_OF)


def _is_one(*trials: MedicationTrial, settings: Settings = SIX_WEEKS) -> bool:
    found = _assessed(*trials, settings=settings)
    assert bool(found.overlaps) == (found.counts.lifetime < len(trials))
    return bool(found.overlaps)


@pytest.mark.parametrize(
    ("sertraline", "bupropion", "is_one"),
    [
        # overlap of exactly six weeks, each long alone: two
        ((0, 20), (14, 34), False),
        # exactly six weeks alone is enough
        ((0, 20), (6, 26), False),
        # a day less alone on one side
        ((0, 20), (6 - 1 / 7, 26), True),
        ((0, 20), (6, 26 - 1 / 7), True),
        # an overlap a day short of six weeks never joins, though one has almost nothing alone
        ((0, 6 + 6 / 7), (1, 8), False),
        # exactly six weeks of overlap joins there
        ((0, 7), (1, 8), True),
        # wholly beside it, it has nothing alone
        ((0, 30), (10, 18), True),
        # a shared day is no overlap, nor are weeks apart
        ((0, 20), (20, 30), False),
        ((0, 20), (40, 60), False),
    ],
)
def test_the_limits_of_overlap_and_of_weeks_alone_are_in(
    sertraline: tuple[float, float], bupropion: tuple[float, float], is_one: bool
) -> None:
    assert _is_one(_weeks("sertraline", *sertraline), _weeks("bupropion", *bupropion)) == is_one


def test_the_clinics_weeks_are_the_limit() -> None:
    pair = (_weeks("sertraline", 0, 9), _weeks("bupropion", 4, 13))  # five weeks together, four alone each
    assert not _is_one(*pair, settings=FOUR_WEEKS)
    assert not _is_one(*pair)  # under six weeks together
    short = (_weeks("sertraline", 0, 8), _weeks("bupropion", 4, 9))  # four together, one alone
    assert _is_one(*short, settings=FOUR_WEEKS)


@pytest.mark.parametrize(
    "other",
    [
        a_trial("bupropion", a_dose(300, weeks=40), id="bupropion"),
        a_trial("bupropion", a_dose(300, about_weeks=40), id="bupropion"),
        a_trial("bupropion", a_dose(300, "2024-01-01", "2024-06-01"), a_dose(300, weeks=2), id="bupropion"),
        a_trial("bupropion", a_dose(300, "2024-01-01", None), a_dose(300, None, "2024-06-01"), id="bupropion"),
    ],
)
def test_only_trials_whose_every_dose_has_both_dates_can_overlap(other: MedicationTrial) -> None:
    assert not _is_one(_over("sertraline", "2024-01-01", "2024-12-31"), other)


def test_now_and_still_taking_are_dates() -> None:
    sertraline = a_trial("sertraline", a_dose(100, "2025-01-01", is_ongoing=True), id="sertraline")
    still = _over("bupropion", "2025-01-01", None, stop_reason=StopReason.STILL_TAKING)
    assert _is_one(sertraline, still)


@pytest.mark.parametrize(
    ("bupropion", "is_one"),
    [
        (("2024-03", "2024-06"), True),  # 31 March to 1 June is sure
        (("2023", "2024"), False),  # only a day is sure: the trial is not even long enough
        (("2024", "2025-03"), True),  # 31 December 2024 to 1 March 2025
    ],
)
def test_partial_dates_overlap_by_latest_start_and_earliest_stop(bupropion: tuple[str, str], is_one: bool) -> None:
    found = _assessed(_over("sertraline", "2023-01-01", "2025-06-30"), _over("bupropion", *bupropion))
    assert bool(found.overlaps) == is_one


def test_what_is_sure_of_an_overlap_may_be_shorter_than_the_trials() -> None:
    # bupropion from 31 March to 1 June; sertraline until 1 May: 31 days are sure
    pair = (_over("sertraline", "2024-01", "2024-05"), _over("bupropion", "2024-03", "2024-06"))
    assert not _is_one(*pair)
    assert not _is_one(*pair, settings=FOUR_WEEKS)  # four weeks are sure, but alone each has four too
    assert _is_one(_over("sertraline", "2024-02", "2024-05-14"), pair[1])


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (_weeks("sertraline", 0, 20), _weeks("sertraline", 5, 15, id="again")),  # the same molecule
        (_weeks("sertraline", 0, 20), _weeks("bupropion", 5, 15, improvement=Improvement.UNKNOWN)),  # not failed
        (_weeks("sertraline", 0, 20), _weeks("lithium", 5, 15, added_to="sertraline")),  # augmentation
        (_weeks("sertraline", 0, 20), _weeks("Spravato", 5, 15)),  # counted apart
    ],
)
def test_only_failed_antidepressants_of_different_molecules_are_joined(
    one: MedicationTrial, other: MedicationTrial
) -> None:
    assert _assessed(one, other).overlaps == ()


def test_two_trials_of_one_molecule_are_no_pair_beside_another_medicine() -> None:
    twice = (_weeks("sertraline", 0, 20), _weeks("sertraline", 5, 15, id="again"))
    found = _assessed(*twice, _weeks("bupropion", 40, 60))
    assert (found.overlaps, found.counts.adequate_failed) == ((), 2)


def test_an_overlap_touches_no_verdict() -> None:
    found = _assessed(_weeks("sertraline", 0, 20), _weeks("bupropion", 5, 15))
    assert [judgement.verdict for judgement in found.judgements] == ["adequate-failed"] * 2


def test_an_antidepressant_added_to_another_is_judged_as_an_antidepressant_and_may_overlap() -> None:
    found = _assessed(_weeks("sertraline", 0, 20), _weeks("bupropion", 5, 15, added_to="sertraline"))
    assert (found.overlaps, found.counts.adequate_failed) == ((("sertraline", "bupropion"),), 1)


def test_a_chain_of_overlaps_is_one() -> None:
    chain = (_weeks("sertraline", 0, 8), _weeks("bupropion", 0, 20), _weeks("duloxetine", 12, 20))
    found = _assessed(*chain)
    assert found.overlaps == (("sertraline", "bupropion"), ("bupropion", "duloxetine"))
    assert found.counts.adequate_failed == 1
    assert found.first_line.startswith("One adequate failed trial in this episode, sertraline together with bupropion")


def test_pairs_stand_in_the_order_given() -> None:
    trials = (_weeks("duloxetine", 0, 20), _weeks("sertraline", 0, 20), _weeks("bupropion", 0, 20))
    assert _assessed(*trials).overlaps == (
        ("duloxetine", "sertraline"),
        ("duloxetine", "bupropion"),
        ("sertraline", "bupropion"),
    )


def test_overlaps_are_found_over_both_episodes() -> None:
    earlier = {"episode": Episode.EARLIER}
    found = _assessed(_weeks("sertraline", 0, 20, **earlier), _weeks("bupropion", 5, 15, **earlier))
    assert (found.overlaps, found.counts.lifetime) == ((("sertraline", "bupropion"),), 1)
    mixed = _assessed(_weeks("sertraline", 0, 20, **earlier), _weeks("bupropion", 5, 15))
    assert (mixed.counts.adequate_failed, mixed.counts.lifetime, len(mixed.overlaps)) == (1, 1, 1)


def test_s_joins_only_the_trials_that_it_counts() -> None:
    partial = {"improvement": Improvement.FROM_25_TO_49}
    chain = (_weeks("sertraline", 0, 8), _weeks("bupropion", 0, 20, **partial), _weeks("duloxetine", 12, 20))
    assert (_assessed(*chain).counts.adequate_failed, _assessed(*chain).counts.strict) == (1, 2)


@pytest.mark.parametrize(
    ("doses", "is_one"),
    [
        # under the minimum dose it was taken all the same: the overlap holds it, the weeks alone do not
        ((a_dose(25, "2024-01-01", "2024-06-01"), a_dose(100, "2024-06-01", "2024-08-01")), True),
        ((a_dose(100, "2024-01-01", "2024-06-01"), a_dose(25, "2024-06-01", "2024-08-01")), True),
        # of two courses the longer at dose stands, and it does not overlap
        ((a_dose(100, "2023-01-01", "2023-12-01"), a_dose(100, "2024-05-01", "2024-07-01")), False),
        ((a_dose(100, "2023-10-01", "2023-12-01"), a_dose(100, "2024-03-01", "2024-08-01")), True),
    ],
)
def test_the_course_that_stands_overlaps_from_its_first_dose_to_its_last(
    doses: tuple[DoseSegment, ...], is_one: bool
) -> None:
    bupropion = _over("bupropion", "2024-03-01", "2024-07-01")
    assert _is_one(a_trial("sertraline", *doses, id="sertraline"), bupropion) == is_one


def test_time_alone_counts_only_at_dose() -> None:
    low_alone = a_trial(
        "sertraline", a_dose(25, "2024-01-01", "2024-03-01"), a_dose(100, "2024-03-01", "2024-06-01"), id="s"
    )
    bupropion = _over("bupropion", "2024-03-01", "2024-12-01")
    assert _is_one(low_alone, bupropion)
    at_dose = a_trial("sertraline", a_dose(100, "2024-01-01", "2024-06-01"), id="s")
    assert not _is_one(at_dose, bupropion)


_DAYS = st.integers(0, 500)


@given(st.lists(st.tuples(st.sampled_from(list(MG)[:4]), _DAYS, st.integers(42, 300)), min_size=1, max_size=6))
def test_trials_within_the_same_weeks_are_never_two(spans: list[tuple[str, int, int]]) -> None:
    """What lies wholly inside another never adds to the count, and never takes from it."""
    trials = [
        _weeks(name, start / 7, (start + days) / 7, id=str(place)) for place, (name, start, days) in enumerate(spans)
    ]
    first, last = min(start for _, start, _ in spans), max(start + days for _, start, days in spans)
    around = _weeks("sertraline", first / 7, last / 7, id="around")
    others = [trial for trial in trials if trial.treatment != "sertraline"]
    assert _assessed(around, *others).counts.adequate_failed == 1


@given(st.lists(st.tuples(st.sampled_from(list(MG)[:4]), _DAYS, st.integers(1, 300)), max_size=6), st.randoms())
def test_joining_never_adds_and_the_order_never_matters(spans: list[tuple[str, int, int]], chance: Any) -> None:
    trials = [
        _weeks(name, start / 7, (start + days) / 7, id=str(place)) for place, (name, start, days) in enumerate(spans)
    ]
    found = _assessed(*trials)
    molecules = {each.molecule for each in found.judged if each.is_failed_antidepressant}
    assert found.counts.adequate_failed <= len(molecules)
    chance.shuffle(trials)
    again = _assessed(*trials)
    assert (again.counts, again.statement) == (found.counts, found.statement)
    assert {frozenset(pair) for pair in again.overlaps} == {frozenset(pair) for pair in found.overlaps}
