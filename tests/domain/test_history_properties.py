"""What holds for every history: more time, wider dates, another order, and any document at all."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.domain.errors import DomainError
from intake.domain.history.reading import answer
from intake.domain.history.statements import Statement
from intake.domain.history.trials import Verdict
from tests.bench.history import histories

EXAMPLES: dict[str, Any] = json.loads((Path(__file__).parent / "data/trial-adequacy-examples.json").read_text())
AS_OF = "2025-07-01"
_BY_TIME = [Verdict.INADEQUATE_DOSE, Verdict.INADEQUATE_DURATION, Verdict.INDETERMINATE, Verdict.ADEQUATE_FAILED]


def _trial(doses: list[dict[str, Any]], **values: Any) -> dict[str, Any]:
    told = {"id": "a", "treatment": "sertraline", "adherence": "good", "improvement": "under 25"}
    return told | {"stop_reason": "no benefit", "doses": doses} | values


def _verdict(doses: list[dict[str, Any]]) -> Verdict:
    (found,) = answer({"as_of": AS_OF, "trials": [_trial(doses)]})["trials"]
    return Verdict(found["verdict"])


_MG = st.sampled_from([None, 25, 50, 100])
_CUTS = st.sampled_from([10, 7, 4])


@st.composite
def _chains(draw: st.DrawFn) -> list[tuple[float | None, date, date]]:
    """Doses one after the other, each from the day on which the one before stopped."""
    day = draw(st.dates(date(2020, 1, 1), date(2024, 1, 1)))
    chain: list[tuple[float | None, date, date]] = []
    for days in draw(st.lists(st.integers(0, 120), min_size=1, max_size=4)):
        chain.append((draw(_MG), day, day + timedelta(days=days)))
        day += timedelta(days=days)
    return chain


def _written(chain: list[tuple[float | None, date, date]], cuts: list[int]) -> list[dict[str, Any]]:
    """The chain with each of its dates to the day, the month or the year; a shared date is written alike."""
    return [
        {"mg_per_day": mg, "from": start.isoformat()[: cuts[n]], "to": stop.isoformat()[: cuts[n + 1]]}
        for n, (mg, start, stop) in enumerate(chain)
    ]


@given(_chains(), st.integers(1, 200))
def test_more_time_at_dose_never_makes_a_trial_less_than_it_was(chain: list[Any], days: int) -> None:
    exact = [10] * 5
    before = _verdict(_written(chain, exact))
    mg, start, stop = chain[-1]
    later = [*chain, (100, stop, stop + timedelta(days=days))]
    assert _BY_TIME.index(_verdict(_written(later, [10] * 6))) >= _BY_TIME.index(before)
    longer = [*chain[:-1], (mg, start, stop + timedelta(days=days))]
    if mg is not None and mg >= 50:
        assert _BY_TIME.index(_verdict(_written(longer, exact))) >= _BY_TIME.index(before)


@given(st.floats(0.1, 30), st.floats(0, 30), st.sampled_from(["weeks", "about_weeks"]))
def test_a_longer_length_at_dose_never_makes_a_trial_less_than_it_was(weeks: float, more: float, kind: str) -> None:
    short, long = ([{"mg_per_day": 50, kind: time}] for time in (weeks, weeks + more))
    assert _BY_TIME.index(_verdict(short)) <= _BY_TIME.index(_verdict(long))


@given(_chains(), st.lists(_CUTS, min_size=5, max_size=5), st.lists(_CUTS, min_size=5, max_size=5))
def test_wider_dates_leave_a_verdict_or_make_it_unclear(chain: list[Any], one: list[int], two: list[int]) -> None:
    wide = [min(pair) for pair in zip(one, two, strict=True)]
    exact, narrow, wider = (_verdict(_written(chain, cuts)) for cuts in ([10] * 5, one, wide))
    assert narrow in (exact, Verdict.INDETERMINATE)
    assert wider in (narrow, Verdict.INDETERMINATE)


@pytest.mark.parametrize("season", ["spring", "summer", "fall", "early", "mid", "late", "winter"])
@given(st.integers(2015, 2022), st.integers(0, 200))
def test_a_season_leaves_a_verdict_or_makes_it_unclear(season: str, year: int, days: int) -> None:
    begins = {"spring": 3, "summer": 6, "fall": 9, "early": 1, "mid": 5, "late": 9, "winter": 1}[season]
    start = date(year, begins, 20)
    stop = (start + timedelta(days=days)).isoformat()
    exact = _verdict([{"mg_per_day": 50, "from": start.isoformat(), "to": stop}])
    wide = _verdict([{"mg_per_day": 50, "from": f"{season} {year}", "to": stop}])
    assert wide in (exact, Verdict.INDETERMINATE)


@given(st.integers(0, 10_000), st.randoms(use_true_random=False))
def test_the_order_of_the_trials_changes_neither_verdicts_nor_counts(seed: int, chance: random.Random) -> None:
    (document,) = histories(1, seed)
    found = answer(document)
    turned = copy.deepcopy(document)
    chance.shuffle(turned["trials"])
    again = answer(turned)
    assert (again["counts"], again["statement"]) == (found["counts"], found["statement"])
    assert {one["id"]: one for one in again["trials"]} == {one["id"]: one for one in found["trials"]}
    assert [one["id"] for one in again["trials"]] == [one["id"] for one in turned["trials"]]


@given(st.integers(0, 10_000))
def test_every_answer_has_the_form_and_its_counts_agree(seed: int) -> None:
    (document,) = histories(1, seed)
    found = answer(document)
    assert list(found) == [
        "rules_version",
        "trials",
        "counts",
        "overlaps",
        "statement",
        "statement_text",
        "bipolar_note",
    ]
    for one in found["trials"]:
        assert list(one) == ["id", "treatment", "verdict", "weeks_at_dose", "reason", "question"]
        assert Verdict(one["verdict"])
        assert one["reason"]
        assert one["question"] or one["verdict"] != "indeterminate"
        if one["weeks_at_dose"] is not None:
            shortest, longest = one["weeks_at_dose"]
            assert shortest >= 0
            assert longest is None or shortest <= longest
    counts = found["counts"]
    assert counts["adequate_failed"] <= counts["lifetime"] + len(found["overlaps"])
    assert Statement(found["statement"])
    json.dumps(found, allow_nan=False)


def test_a_history_of_two_hundred_trials_is_answered() -> None:
    trials = [_trial([{"mg_per_day": 100, "weeks": 10}], id=str(number)) for number in range(200)]
    found = answer({"as_of": AS_OF, "trials": trials})
    assert (len(found["trials"]), found["counts"]["adequate_failed"]) == (200, 1)
    unclear = [_trial([{"mg_per_day": 100, "weeks": 10}], id=str(n), treatment=f"pill {n}") for n in range(200)]
    asked = answer({"as_of": AS_OF, "trials": unclear})
    assert (asked["counts"]["indeterminate"], asked["statement"]) == (200, "could-be")


_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(max_size=8)
    | st.sampled_from(["now", "2024", "2024-02-30", "winter 0001", "late 9999", "9999-12-31", "0000-01-01", "a"])
    | st.sampled_from([0, -1, 1e308, 1.7e308, 10**400, 5e-324, 0.1]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
_BASES = [case["history"] for part in ("histories", "malformed") for case in EXAMPLES[part]]


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every place of a document that can hold another value."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        yield value, key
        yield from _places(inner)


@given(st.sampled_from(_BASES), st.lists(st.tuples(st.integers(0, 10_000), _VALUES, st.booleans()), max_size=4))
def test_a_history_with_anything_in_any_place_is_answered_or_refused_in_words(
    base: dict[str, Any], changes: list[tuple[int, Any, bool]]
) -> None:
    document = copy.deepcopy(base)
    for place, value, is_left_out in changes:
        if places := list(_places(document)):
            holder, key = places[place % len(places)]
            if is_left_out:
                del holder[key]
            else:
                holder[key] = value
    _is_answered_or_refused(document)


@given(_VALUES)
def test_any_document_at_all_is_answered_or_refused_in_words(document: Any) -> None:
    _is_answered_or_refused(document)


def _is_answered_or_refused(document: Any) -> None:
    try:
        found = answer(document)
    except DomainError as error:
        assert ": " in error.message
    else:
        json.dumps(found, allow_nan=False)
