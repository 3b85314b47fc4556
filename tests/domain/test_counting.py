"""The counts A, S, L, I, G, N and R: distinct molecules, each in its place (rule 17 and section 3)."""

from __future__ import annotations

from typing import Any

import pytest

from intake.domain.history.counting import Counts
from intake.domain.history.formulary import find
from intake.domain.history.related import relations_among
from intake.domain.history.resistance import Assessment, assess
from intake.domain.history.trials import Adherence, Episode, Improvement, MedicationTrial, Settings, StopReason
from tests.domain.history_values import AS_OF, a_dose, a_trial

EARLIER = {"episode": Episode.EARLIER}
PARTIAL = {"improvement": Improvement.FROM_25_TO_49}
UNSURE = {"adherence": Adherence.UNSURE}
ADDED = {"added_to": "0"}


def _trials(*told: tuple[str, dict[str, Any]] | str) -> list[MedicationTrial]:
    """Trials that failed, ten weeks at the row's minimum dose, numbered from 0, each with its own values."""
    pairs = [one if isinstance(one, tuple) else (one, {}) for one in told]
    return [_failed(name, str(place), **values) for place, (name, values) in enumerate(pairs)]


def _failed(name: str, number: str, **values: Any) -> MedicationTrial:
    row = find(name)
    mg = row.min_mg_per_day if row else 10
    return a_trial(name, a_dose(mg, weeks=10 if name != "VNS" else 60), **({"id": number, "sessions": 60} | values))


def _assessed(*told: tuple[str, dict[str, Any]] | str, settings: Settings | None = None) -> Assessment:
    return assess(_trials(*told), settings or Settings(), as_of=AS_OF)


def _counts(**values: int) -> Counts:
    names = ("adequate_failed", "strict", "lifetime", "indeterminate")
    more = ("augmentation_failed", "neuromodulation_failed", "rapid_acting_failed")
    return Counts(**(dict.fromkeys((*names, *more), 0) | values))


def _failures(number: int) -> dict[str, int]:
    return {"adequate_failed": number, "strict": number, "lifetime": number}


@pytest.mark.parametrize(
    ("told", "counts"),
    [
        ([], _counts()),
        (["sertraline", "Zoloft", "sertraline HCl"], _counts(**_failures(1))),
        (["bupropion XL", "bupropion SR", "Aplenzin"], _counts(**_failures(1))),  # one molecule
        (["citalopram", "escitalopram"], _counts(**_failures(2))),  # closely related, counted as two
        (["venlafaxine XR", "Pristiq"], _counts(**_failures(2))),
        (["Auvelity", "bupropion", "Symbyax", "fluoxetine"], _counts(**_failures(4))),  # combinations are their own
        (["Triavil", "amitriptyline"], _counts(**_failures(1))),  # judged on the amitriptyline in it
        # A is of this episode, L of both
        ([("sertraline", EARLIER), "duloxetine"], _counts(adequate_failed=1, strict=1, lifetime=2)),
        ([("sertraline", EARLIER), "sertraline"], _counts(adequate_failed=1, strict=1, lifetime=1)),
        # one that failed is enough, whatever came of another trial of it
        ([("sertraline", {"improvement": Improvement.AT_LEAST_50}), "sertraline"], _counts(**_failures(1))),
        # S counts worse and under 25
        ([("sertraline", PARTIAL), "duloxetine"], _counts(adequate_failed=2, strict=1, lifetime=2)),
        ([("sertraline", PARTIAL), "sertraline"], _counts(adequate_failed=1, strict=1, lifetime=1)),
        ([("sertraline", {"improvement": Improvement.WORSE})], _counts(**_failures(1))),
        # G, N and R over both episodes, each molecule once
        (
            ["sertraline", ("lithium", ADDED | EARLIER), ("Lithobid", ADDED), ("Abilify", ADDED)],
            _counts(**_failures(1), augmentation_failed=2),
        ),
        (["TMS", "SAINT", ("ECT", EARLIER), "VNS"], _counts(neuromodulation_failed=3)),
        (["Spravato", ("IV ketamine", EARLIER), ("Ketalar", {}), "Zurzuvae"], _counts(rapid_acting_failed=3)),
        (["Zulresso", ("Zulresso", EARLIER)], _counts(rapid_acting_failed=1)),
        # recorded only
        (["CBT", "SAMe", "compounded ketamine", "gabapentin", "St John's wort"], _counts()),
    ],
)
def test_each_count_is_of_distinct_molecules(told: list[Any], counts: Counts) -> None:
    assert _assessed(*told).counts == counts
    assert assess(_trials(*told)[::-1], Settings(), as_of=AS_OF).counts == counts


@pytest.mark.parametrize(
    ("told", "number"),
    [
        ([("sertraline", UNSURE)], 1),
        ([("sertraline", {"improvement": Improvement.UNKNOWN})], 1),
        ([("sertraline", UNSURE), ("Zoloft", UNSURE)], 1),
        ([("sertraline", UNSURE), "sertraline"], 0),  # already in A
        ([("sertraline", UNSURE), ("sertraline", EARLIER)], 1),  # in L only
        ([("sertraline", UNSURE | EARLIER)], 0),
        ([("sertraline", {"adherence": Adherence.POOR})], 0),
        ([("sertraline", {"wore_off": True} | UNSURE)], 0),
        (["mystery pill", "Mystery-Pill"], 1),  # each name one molecule
        (["mystery pill", "other pill"], 2),
        (["sertraline", ("mystery pill", ADDED)], 0),
        (["sertraline", ("duloxetine", ADDED | UNSURE)], 1),  # an antidepressant, added or not
        ([("mystery pill", {"adherence": Adherence.POOR})], 0),
        ([("mystery pill", {"improvement": Improvement.AT_LEAST_50})], 0),
        ([("mystery pill", {"stop_reason": StopReason.WORE_OFF})], 0),
        ([("mystery pill", EARLIER)], 0),
        (["lithium"], 0),  # unclear, for want of a base: listed with its question, counted nowhere
        ([("TMS", {"sessions": None})], 0),
        ([("Spravato", UNSURE)], 0),
        (["gabapentin"], 0),
    ],
)
def test_i_is_what_could_still_become_a_failure(told: list[Any], number: int) -> None:
    assert _assessed(*told).counts.indeterminate == number


def test_the_strict_setting_changes_a_but_not_s() -> None:
    told: list[Any] = [("sertraline", PARTIAL), "duloxetine"]
    plain, strict = _assessed(*told).counts, _assessed(*told, settings=Settings(failure_below_percent=25)).counts
    assert (plain.adequate_failed, plain.strict) == (2, 1)
    assert (strict.adequate_failed, strict.strict) == (1, 1)


@pytest.mark.parametrize(
    ("told", "words"),
    [
        (["Celexa", "Lexapro"], "citalopram and escitalopram are closely related: counted as two"),
        (["Effexor XR", ("Pristiq", EARLIER)], "venlafaxine and desvenlafaxine are closely related: counted as two"),
        (["Auvelity", "Wellbutrin XL"], "bupropion and dextromethorphan-bupropion share a medicine: counted as two"),
    ],
)
def test_medicines_that_are_close_are_flagged(told: list[Any], words: str) -> None:
    assert [relation.in_words() for relation in _assessed(*told).relations] == [words]


@pytest.mark.parametrize("told", [["Celexa"], ["Celexa", ("Lexapro", UNSURE)], ["sertraline", "duloxetine"]])
def test_only_failed_medicines_are_flagged(told: list[Any]) -> None:
    assert _assessed(*told).relations == ()


def test_the_flags_are_of_molecules_that_have_a_row() -> None:
    for name in ("citalopram", "escitalopram", "venlafaxine", "desvenlafaxine", "dextromethorphan-bupropion"):
        assert find(name) is not None
    assert relations_among({"citalopram"}) == ()


@pytest.mark.parametrize(
    ("told", "deciding"),
    [
        (["sertraline", ("duloxetine", UNSURE)], ["1"]),  # would make two
        ([("sertraline", UNSURE), ("duloxetine", UNSURE)], ["0", "1"]),  # both together would
        ([("sertraline", UNSURE)], []),  # alone it would not
        ([("sertraline", UNSURE), ("duloxetine", UNSURE), ("mirtazapine", UNSURE)], ["0", "1", "2"]),
        (["sertraline", "lithium"], ["1"]),  # one plus augmentation
        (["sertraline", ("ECT", {"sessions": None})], ["1"]),
        (["sertraline", "duloxetine", ("mirtazapine", UNSURE)], []),  # met already, strictly too
        ([("sertraline", PARTIAL), "duloxetine", ("mirtazapine", UNSURE)], ["2"]),  # would make it strict
        ([("sertraline", PARTIAL), "duloxetine", ("mirtazapine", UNSURE | PARTIAL)], []),
        ([("sertraline", EARLIER), ("duloxetine", EARLIER | UNSURE)], ["1"]),
        (["sertraline", ("duloxetine", {"adherence": Adherence.POOR})], []),
        (["sertraline", ("Spravato", UNSURE)], []),
        (["sertraline", "duloxetine", "lithium", "mystery pill"], []),
        (["sertraline", ("mystery pill", ADDED)], []),
    ],
)
def test_the_questions_that_would_change_the_statement_are_told_apart(told: list[Any], deciding: list[str]) -> None:
    assert [question.trial_id for question in _assessed(*told).deciding_questions] == deciding


def test_a_dose_that_the_provider_should_look_at_may_decide_too() -> None:
    trials = [*_trials("sertraline"), a_trial("duloxetine", a_dose(40, weeks=10), id="low")]
    found = assess(trials, Settings(), as_of=AS_OF)
    assert [question.trial_id for question in found.deciding_questions] == ["low"]
