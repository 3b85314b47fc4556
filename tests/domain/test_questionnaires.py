"""The shipped questionnaires: wording, options, cuts, clusters, the PHQ-9 algorithm, missing items and change."""

from __future__ import annotations

import pytest

from intake.domain.errors import DomainError
from intake.domain.screening.criteria import (
    Depression,
    Sex,
    change_of,
    clusters_of,
    cut_of,
    depression_of,
    is_positive,
    is_provisional,
    notes_of,
)
from intake.domain.screening.instruments import points_of, score
from intake.domain.screening.questionnaires import SHIPPED, Answer, load


def _answers(code: str, *points: Answer) -> dict[str, Answer]:
    return dict(zip((item.code for item in load(code).scored), points, strict=True))


@pytest.mark.parametrize(
    ("code", "items", "highest"),
    [("phq9", 9, 27), ("gad7", 7, 21), ("pcl5", 20, 80), ("peg", 3, 30), ("auditc", 3, 12), ("drugscreen", 1, 9999)],
)
def test_each_shipped_questionnaire_has_its_items_and_its_highest_total(code: str, items: int, highest: int) -> None:
    instrument = load(code)
    assert (len(instrument.scored), instrument.highest_total) == (items, highest)
    assert instrument.licence
    assert instrument.source


@pytest.mark.parametrize("code", ["cssrs", "qids", "stopbang", "mdq", "dast10", "cadss6", "madrs"])
def test_what_may_not_be_shipped_is_not(code: str) -> None:
    assert code not in SHIPPED
    with pytest.raises(DomainError):
        load(code)


@pytest.mark.parametrize(
    ("code", "item", "text", "first", "last"),
    [
        ("gad7", "1", "Feeling nervous, anxious or on edge", "Not at all", "Nearly every day"),
        ("gad7", "7", "Feeling afraid as if something awful might happen", "Not at all", "Nearly every day"),
        ("pcl5", "17", 'Being "superalert" or watchful or on guard?', "Not at all", "Extremely"),
        ("pcl5", "20", "Trouble falling or staying asleep?", "Not at all", "Extremely"),
        (
            "auditc",
            "3",
            "How often did you have 6 or more drinks on one occasion in the past year?",
            "Never",
            "Daily or almost daily",
        ),
    ],
)
def test_wording_and_options_are_those_of_the_validated_form(
    code: str, item: str, text: str, first: str, last: str
) -> None:
    found = load(code).item(item)
    assert (found.text, found.options[0].label, found.options[-1].label) == (text, first, last)


@pytest.mark.parametrize(
    ("total", "label"),
    [(0, "minimal"), (4, "minimal"), (5, "mild"), (9, "mild"), (10, "moderate"), (14, "moderate"), (15, "severe")],
)
def test_gad7_has_its_bands(total: int, label: str) -> None:
    assert load("gad7").band_of(total).label == label
    assert load("gad7").band_of(21).label == "severe"


@pytest.mark.parametrize(
    ("points", "total"),
    [
        ((3,) * 7, 21),
        ((None, 2, 2, 2, 2, 2, 2), 14),
        ((None, None, 1, 1, 1, 1, 0), 6),  # 5.6
        ((None, None, None, 1, 1, 1, 1), None),
    ],
)
def test_gad7_replaces_one_or_two_missing_items(points: tuple[Answer, ...], total: int | None) -> None:
    assert score("gad7", _answers("gad7", *points)).total == total


def _pcl5(b: int = 0, c: int = 0, d: int = 0, e: int = 0) -> dict[str, Answer]:
    """So many items of each cluster at 2, the others at 1."""
    counts = [(b, 5), (c, 2), (d, 7), (e, 6)]
    return _answers("pcl5", *(2 if place < number else 1 for number, size in counts for place in range(size)))


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        (_pcl5(1, 1, 2, 2), True),
        (_pcl5(0, 1, 2, 2), False),
        (_pcl5(1, 0, 2, 2), False),
        (_pcl5(1, 1, 1, 2), False),
        (_pcl5(1, 1, 2, 1), False),
        (_pcl5(1, 1, 2, 2) | {"1": None}, None),  # the one that counted
        (_pcl5(1, 1, 2, 2) | {"2": None}, True),
        (_pcl5(0, 0, 2, 2) | {"1": None}, False),  # another cluster settles it
    ],
)
def test_provisional_ptsd_asks_one_one_two_two_items_at_two_or_more(
    answers: dict[str, Answer], expected: bool | None
) -> None:
    assert is_provisional(clusters_of(load("pcl5"), answers)) is expected


def test_a_questionnaire_without_clusters_is_never_provisional() -> None:
    assert is_provisional(clusters_of(load("phq9"), {})) is None


@pytest.mark.parametrize(("total", "expected"), [(30, False), (31, None), (32, None), (33, True), (None, None)])
def test_pcl5_is_doubtful_between_the_published_cuts(total: int | None, expected: bool | None) -> None:
    assert is_positive(load("pcl5"), total) is expected
    assert bool(notes_of(load("pcl5"), {"1": 1}, total, None)) == (total in (31, 32))


@pytest.mark.parametrize(
    ("changed", "total"),
    [
        ({"1": None}, 20),  # the mean of its cluster is 1
        ({"6": None}, 20),
        ({"6": None, "7": None}, None),  # nothing of the cluster was answered
        ({"1": None, "2": None, "8": None, "15": None}, 20),  # a fifth of the items
        ({"1": None, "2": None, "8": None, "15": None, "16": None}, None),
        ({"6": 4, "7": None}, 26),  # its cluster, not the whole form
    ],
)
def test_pcl5_replaces_up_to_a_fifth_by_the_mean_of_the_cluster(changed: dict[str, Answer], total: int | None) -> None:
    assert score("pcl5", _pcl5() | changed).total == total


@pytest.mark.parametrize(
    ("points", "value", "band"),
    [
        ((0, 0, 0), 0, "mild"),
        ((4, 4, 3), 3.7, "mild"),
        ((4, 4, 4), 4, "moderate"),
        ((7, 7, 6), 6.7, "moderate"),
        ((7, 7, 7), 7, "severe"),
        ((10, 10, 10), 10, "severe"),
        ((1, 0, 0), 0.3, "mild"),
        ((5, 5, None), None, None),
    ],
)
def test_peg_is_the_mean_to_one_decimal(points: tuple[Answer, ...], value: float | None, band: str | None) -> None:
    found = score("peg", _answers("peg", *points))
    assert (found.value, found.band.label if found.band else None) == (value, band)


@pytest.mark.parametrize(
    ("points", "sex", "expected"),
    [
        ((2, 1, 0), None, True),  # 3, and without the sex the lower cut
        ((2, 1, 0), Sex.FEMALE, True),
        ((2, 1, 0), Sex.MALE, False),
        ((2, 1, 1), Sex.MALE, True),
        ((2, 0, 0), Sex.FEMALE, False),
        ((2, 1, None), Sex.FEMALE, None),
    ],
)
def test_auditc_has_its_cut_by_sex(points: tuple[Answer, ...], sex: Sex | None, expected: bool | None) -> None:
    total = score("auditc", _answers("auditc", *points)).total
    assert is_positive(load("auditc"), total, sex) is expected


def test_who_never_drinks_is_not_asked_on_and_has_nothing() -> None:
    found = score("auditc", {"1": 0})
    assert (found.total, found.missing) == (0, ())
    assert score("auditc", {"1": 1}).total is None


@pytest.mark.parametrize(
    ("points", "notes"),
    [((4, 0, 0), 1), ((4, 1, 0), 0), ((2, 0, 0), 0), ((4, 3, 1), 1), ((4, 2, 1), 0)],
)
def test_auditc_notes_a_high_total_and_points_from_the_first_item_alone(points: tuple[int, ...], notes: int) -> None:
    instrument, answers = load("auditc"), _answers("auditc", *points)
    assert len(notes_of(instrument, points_of(instrument, answers), sum(points), None)) == notes


@pytest.mark.parametrize(("times", "expected"), [(0, False), (1, True), (300, True), (None, None)])
def test_the_drug_screen_is_positive_from_once(times: int | None, expected: bool | None) -> None:
    assert is_positive(load("drugscreen"), score("drugscreen", {"1": times}).total) is expected


@pytest.mark.parametrize(
    ("code", "key", "answer"),
    [
        ("gad7", "1", 4),
        ("gad7", "8", 0),
        ("gad7", "1", "discuss"),
        ("peg", "1", 11),
        ("peg", "1", -1),
        ("drugscreen", "1", -1),
        ("drugscreen", "1", 10000),
        ("auditc", "1", 5),
        ("pcl5", "1", True),
    ],
)
def test_what_is_no_answer_is_refused_by_its_key(code: str, key: str, answer: Answer) -> None:
    with pytest.raises(DomainError) as refused:
        score(code, {key: answer})
    assert refused.value.field == key


@pytest.mark.parametrize(
    ("points", "expected"),
    [
        ((2, 2, 2, 2, 2, 0, 0, 0, 0), Depression.MAJOR),
        ((0, 2, 2, 2, 2, 0, 0, 0, 1), Depression.MAJOR),  # item 9 counts from 1
        ((0, 0, 2, 2, 2, 2, 2, 2, 0), Depression.NONE),  # neither item 1 nor 2
        ((2, 2, 2, 2, 1, 1, 1, 1, 0), Depression.OTHER),
        ((2, 0, 0, 0, 0, 0, 0, 0, 1), Depression.OTHER),
        ((2, 1, 1, 1, 1, 1, 1, 1, 0), Depression.NONE),  # one is not enough
        ((2, 2, 2, 2, 2, 0, 0, None, 0), Depression.MAJOR),
        ((2, 2, 2, 2, None, 0, 0, 0, 0), None),  # what is missing decides
        ((1, 1, 2, 2, 2, 2, 2, 2, None), Depression.NONE),
    ],
)
def test_the_phq9_algorithm_counts_items_at_two_with_a_core_one(
    points: tuple[Answer, ...], expected: Depression | None
) -> None:
    assert depression_of(load("phq9"), _answers("phq9", *points)) is expected


def test_only_the_phq9_has_the_algorithm() -> None:
    assert depression_of(load("gad7"), {}) is None


@pytest.mark.parametrize(
    ("code", "baseline", "value", "words"),
    [
        ("phq9", 20, 10, {"response", "meaningful"}),
        ("phq9", 18, 9, {"response", "meaningful", "clinically significant"}),
        ("phq9", 20, 15, {"partial response", "meaningful"}),
        ("phq9", 8, 4, {"response", "remission", "clinically significant"}),
        ("phq9", 20, 16, set()),
        ("gad7", 12, 8, {"reliable"}),
        ("gad7", 12, 9, set()),
        ("gad7", 12, 6, {"response", "reliable"}),
        ("pcl5", 50, 40, {"meaningful"}),
        ("pcl5", 50, 35, {"meaningful", "reliable"}),
        ("pcl5", 43, 28, {"meaningful", "reliable", "clinically significant"}),
        ("pcl5", 50, 41, set()),
        ("peg", 10, 7, {"meaningful"}),
        ("peg", 10, 7.1, set()),
        ("peg", 6.7, 4.7, set()),
        ("auditc", 8, 2, set()),
        ("phq9", 0, 0, {"remission"}),
    ],
)
def test_a_change_is_called_by_the_rules_of_its_questionnaire(
    code: str, baseline: float, value: float, words: set[str]
) -> None:
    assert set(change_of(load(code), baseline, value).words) == words


def test_a_change_has_points_and_percent_but_none_from_nothing() -> None:
    found = change_of(load("peg"), 6.7, 4.3)
    assert (found.points, found.percent) == (-2.4, -36)
    assert change_of(load("phq9"), 0, 3).percent is None


def test_the_cut_without_one_is_none() -> None:
    assert cut_of(load("peg")) is None
    assert is_positive(load("peg"), 30) is None
