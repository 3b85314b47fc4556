"""Maudsley staging: the points of each part at its limits."""

from __future__ import annotations

import pytest

from intake.domain.errors import DomainError
from intake.domain.history.formulary import Kind, find, treatments
from intake.domain.history.maudsley import Dimension, Severity, Staging, severity_from_band, stage
from intake.domain.history.resistance import Assessment, assess
from intake.domain.history.trials import Episode, MedicationTrial, Settings
from tests.domain.history_values import AS_OF, a_dose, a_trial

_NAMES = [row.generic for row in treatments() if row.kind is Kind.ANTIDEPRESSANT and row.is_default_for_molecule]


def _failed(name: str) -> MedicationTrial:
    row = find(name)
    assert row is not None
    return a_trial(name, a_dose(row.min_mg_per_day, weeks=10), id=name)


def _history(failed: int, *others: MedicationTrial) -> Assessment:
    trials = [_failed(name) for name in _NAMES[:failed]]
    return assess([*trials, *others], Settings(), as_of=AS_OF)


def _points(found: Staging, dimension: Dimension) -> int:
    return next(part.points for part in found.parts if part.dimension is dimension)


@pytest.mark.parametrize(
    ("months", "points"), [(0, 1), (12, 1), (12.1, 2), (13, 2), (24, 2), (24.1, 3), (25, 3), (400, 3)]
)
def test_the_episode_gives_one_to_three_points(months: float, points: int) -> None:
    assert _points(stage(_history(1), Severity.MILD, episode_months=months), Dimension.DURATION) == points


@pytest.mark.parametrize(("severity", "points"), [(severity, place) for place, severity in enumerate(Severity, 1)])
def test_severity_gives_one_to_five_points(severity: Severity, points: int) -> None:
    assert _points(stage(_history(1), severity, episode_months=3), Dimension.SEVERITY) == points


@pytest.mark.parametrize(
    ("failed", "points"), [(1, 1), (2, 1), (3, 2), (4, 2), (5, 3), (6, 3), (7, 4), (10, 4), (11, 5), (12, 5)]
)
def test_failed_medicines_give_one_to_five_points(failed: int, points: int) -> None:
    history = _history(failed)
    assert history.counts.adequate_failed == failed
    assert _points(stage(history, Severity.MILD, episode_months=3), Dimension.FAILURES) == points


@pytest.mark.parametrize(
    ("other", "augmentation", "ect"),
    [
        (a_trial("lithium", a_dose(300, weeks=1), id="x"), 1, 0),  # used, whatever came of it
        (a_trial("lithium", a_dose(900, weeks=9), id="x", episode=Episode.EARLIER), 0, 0),
        (a_trial("ECT", a_dose(None, weeks=1), id="x", sessions=2), 0, 1),
        (a_trial("TMS", a_dose(None, weeks=9), id="x", sessions=40), 0, 0),
    ],
)
def test_augmentation_and_ect_give_a_point_each_when_used(other: MedicationTrial, augmentation: int, ect: int) -> None:
    found = stage(_history(1, other), Severity.MILD, episode_months=3)
    assert (_points(found, Dimension.AUGMENTATION), _points(found, Dimension.ECT)) == (augmentation, ect)


@pytest.mark.parametrize(
    ("failed", "severity", "months", "total", "band"),
    [
        (1, Severity.SUBSYNDROMAL, 3, 3, "mild"),
        (1, Severity.SEVERE, 3, 6, "mild"),
        (1, Severity.PSYCHOTIC, 3, 7, "moderate"),
        (3, Severity.PSYCHOTIC, 30, 10, "moderate"),
        (5, Severity.PSYCHOTIC, 30, 11, "severe"),
        (11, Severity.PSYCHOTIC, 30, 13, "severe"),
    ],
)
def test_the_total_has_its_band(failed: int, severity: Severity, months: float, total: int, band: str) -> None:
    found = stage(_history(failed), severity, episode_months=months)
    assert (found.total, found.band) == (total, band)
    assert found.total == sum(part.points for part in found.parts)


def test_the_highest_total_is_fifteen() -> None:
    others = (a_trial("lithium", id="x"), a_trial("ECT", id="y", sessions=9))
    assert stage(_history(11, *others), Severity.PSYCHOTIC, episode_months=30).total == 15


@pytest.mark.parametrize(
    ("failed", "severity", "months", "told"),
    [
        (0, Severity.SEVERE, 3, "MSM not applicable"),
        (1, None, 3, "severity is not rated"),
        (1, Severity.SEVERE, None, "length of the episode"),
    ],
)
def test_without_a_failure_a_rating_or_a_length_there_is_no_total(
    failed: int, severity: Severity | None, months: float | None, told: str
) -> None:
    found = stage(_history(failed), severity, episode_months=months)
    assert (found.total, found.band, found.parts) == (None, None, ())
    assert told in found.reason


def test_a_length_below_nothing_is_refused() -> None:
    with pytest.raises(DomainError) as refused:
        stage(_history(1), Severity.MILD, episode_months=-1)
    assert refused.value.field == "episode_months"


@pytest.mark.parametrize(
    ("band", "severity"),
    [
        ("mild", Severity.MILD),
        ("moderate", Severity.MODERATE),
        ("moderately severe", Severity.MODERATE),
        ("severe", Severity.SEVERE),
        ("minimal", None),
        (None, None),
    ],
)
def test_a_phq9_band_may_pre_fill_severity_but_never_psychosis(band: str | None, severity: Severity | None) -> None:
    assert severity_from_band(band) is severity


def test_each_part_says_whether_it_is_verified() -> None:
    found = stage(_history(1), Severity.MILD, episode_months=3)
    assert [part.is_verified for part in found.parts] == [True, True, False, False, False]
    assert not found.is_verified
    assert all(part.source for part in found.parts)
