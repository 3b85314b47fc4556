"""Rule 16: an augmentation that failed is tested against its base antidepressant."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from intake.domain.history.placing import reaches_of
from intake.domain.history.resistance import assess
from intake.domain.history.trials import (
    Adherence,
    DoseSegment,
    Improvement,
    Judgement,
    MedicationTrial,
    Settings,
    StopReason,
    Verdict,
)
from tests.domain.history_values import AS_OF, a_dose, a_trial

STANDS, UNCLEAR = Verdict.ADEQUATE_FAILED, Verdict.INDETERMINATE
SPRING = a_dose(900, "2024-03-01", "2024-06-01")


def _lithium(*doses: DoseSegment, **values: Any) -> MedicationTrial:
    return a_trial("lithium", *(doses or (SPRING,)), **({"id": "agent", "added_to": "base"} | values))


def _base(*doses: DoseSegment, treatment: str = "sertraline", **values: Any) -> MedicationTrial:
    return a_trial(treatment, *doses, **({"id": "base"} | values))


def _tested(base: MedicationTrial | None, agent: MedicationTrial) -> Judgement:
    """The verdict on the agent, which the order of the trials does not change."""
    trials = [agent] if base is None else [base, agent]
    found, turned = (assess(order, Settings(), as_of=AS_OF) for order in (trials, trials[::-1]))
    judgement = next(one for one in found.judgements if one.trial_id == agent.id)
    assert judgement in turned.judgements
    assert (judgement.question is None) == (judgement.verdict is STANDS)
    assert found.counts.augmentation_failed == (judgement.verdict is STANDS)
    return judgement


@pytest.mark.parametrize(
    ("doses", "verdict"),
    [
        ((a_dose(50, "2024-01-01", "2024-12-01"),), STANDS),  # exactly the minimum
        ((a_dose(49.9, "2024-01-01", "2024-12-01"),), UNCLEAR),
        ((a_dose(None, "2024-01-01", "2024-12-01"),), UNCLEAR),
        # lowered while the agent was taken
        ((a_dose(100, "2024-01-01", "2024-05-31"), a_dose(25, "2024-05-31", "2024-12-01")), UNCLEAR),
        # lowered on the day on which the agent ended: they share that day only
        ((a_dose(100, "2024-01-01", "2024-06-01"), a_dose(25, "2024-06-01", "2024-12-01")), STANDS),
        # raised on the day on which the agent began
        ((a_dose(25, "2024-01-01", "2024-03-01"), a_dose(100, "2024-03-01", "2024-12-01")), STANDS),
        ((a_dose(25, "2024-01-01", "2024-03-02"), a_dose(100, "2024-03-02", "2024-12-01")), UNCLEAR),
        # low long before, forgotten long after
        ((a_dose(25, "2023-01-01", "2023-06-01"), a_dose(100, "2024-01-01", "2024-12-01")), STANDS),
        ((a_dose(100, "2024-01-01", "2024-12-01"), a_dose(None, "2025-01-01", "2025-02-01")), STANDS),
        # ended before, or on the day, or began after
        ((a_dose(100, "2023-01-01", "2023-12-01"),), UNCLEAR),
        ((a_dose(100, "2023-01-01", "2024-03-01"),), UNCLEAR),
        ((a_dose(100, "2024-06-01", "2024-12-01"),), UNCLEAR),
        # long enough beside it or not, a day is enough
        ((a_dose(100, "2023-01-01", "2024-03-02"),), STANDS),
        # partial dates: what can overlap is tested
        ((a_dose(25, "2023", "2024-02"), a_dose(100, "2024-02", "2024-12")), STANDS),  # 29 February at the latest
        ((a_dose(25, "2023", "2024-03"), a_dose(100, "2024-03", "2024-12")), UNCLEAR),
        ((a_dose(100, None, "2024-12-01"),), STANDS),
        ((a_dose(100, "2024-01-01", None),), STANDS),
    ],
)
def test_every_dose_of_the_base_that_can_overlap_the_agent_reaches_the_minimum(
    doses: tuple[DoseSegment, ...], verdict: Verdict
) -> None:
    assert _tested(_base(*doses), _lithium()).verdict is verdict


@pytest.mark.parametrize(
    ("base", "agent", "verdict"),
    [
        (_base(a_dose(100, weeks=2)), _lithium(), STANDS),  # the base has no date
        (_base(a_dose(100)), _lithium(), STANDS),
        (_base(a_dose(25, weeks=9), a_dose(50, weeks=1), a_dose(25, weeks=9)), _lithium(), STANDS),  # the highest dose
        (_base(a_dose(None, weeks=9), a_dose(50, weeks=1)), _lithium(), STANDS),
        (_base(a_dose(49, weeks=9)), _lithium(), UNCLEAR),
        (_base(a_dose(None, weeks=9)), _lithium(), UNCLEAR),
        # the agent has no date: when the base was taken does not matter
        (_base(a_dose(100, "2019", "2020")), _lithium(a_dose(900, weeks=6)), STANDS),
        (_base(a_dose(100, "2019", "2020"), a_dose(25, "2020", "2021")), _lithium(a_dose(900, weeks=6)), STANDS),
        (_base(a_dose(25, "2019", "2020")), _lithium(a_dose(900, about_weeks=9)), UNCLEAR),
    ],
)
def test_without_any_date_they_are_taken_as_together_and_the_highest_dose_is_tested(
    base: MedicationTrial, agent: MedicationTrial, verdict: Verdict
) -> None:
    found = _tested(base, agent)
    assert found.verdict is verdict
    assert ("taken as together" in found.reason) == (verdict is STANDS)


@pytest.mark.parametrize(
    ("base", "told"),
    [
        (None, "not named"),
        (_base(treatment="quetiapine"), "not a recognised antidepressant"),
        (_base(treatment="TMS", sessions=30), "not a recognised antidepressant"),
        (_base(treatment="CBT"), "not a recognised antidepressant"),
        (_base(treatment="gabapentin"), "not a recognised antidepressant"),
        (_base(treatment="mystery pill"), "mystery pill is not a recognised antidepressant"),
        (_base(a_dose(25, weeks=9)), "under its minimum dose"),
        (_base(a_dose(None, weeks=9)), "is not known"),
        (_base(a_dose(100, "2020", "2021")), "was not being taken at the same time"),
    ],
)
def test_why_an_augmentation_is_unclear_is_said_with_what_would_settle_it(
    base: MedicationTrial | None, told: str
) -> None:
    found = _tested(base, _lithium(added_to="base" if base else None))
    assert (found.verdict, found.rule) == (UNCLEAR, 16)
    assert told in found.reason
    assert found.question


@pytest.mark.parametrize(
    ("base", "agent"),
    [
        ("Symbyax", a_trial("lithium", a_dose(900, weeks=9), id="agent", added_to="base")),
        ("Spravato", a_trial("lithium", a_dose(900, weeks=9), id="agent", added_to="base")),
    ],
)
def test_every_antidepressant_may_be_a_base(base: str, agent: MedicationTrial) -> None:
    assert _tested(_base(a_dose(84 if base == "Spravato" else 6, weeks=6), treatment=base), agent).verdict is STANDS


def test_a_base_without_a_minimum_dose_is_at_dose() -> None:
    base = _base(a_dose(None, "2024-01-01", "2024-12-01"), treatment="IV ketamine", sessions=6)
    assert _tested(base, _lithium()).verdict is STANDS


@pytest.mark.parametrize(
    ("values", "verdict"),
    [
        ({"improvement": Improvement.AT_LEAST_50}, Verdict.ADEQUATE_RESPONDED),
        ({"stop_reason": StopReason.WORE_OFF}, Verdict.ADEQUATE_RESPONDED),
        ({"doses": (a_dose(300, weeks=9),)}, Verdict.INADEQUATE_DOSE),
        ({"doses": (a_dose(900, weeks=3.9),)}, Verdict.INADEQUATE_DURATION),
        ({"doses": (a_dose(900, weeks=3),), "stop_reason": StopReason.SIDE_EFFECTS}, Verdict.INTOLERANT),
    ],
)
def test_only_a_failed_agent_is_tested(values: dict[str, Any], verdict: Verdict) -> None:
    agent = _lithium(*values.pop("doses", ()), added_to=None, **values)
    (found,) = assess([agent], Settings(), as_of=AS_OF).judgements
    assert (found.verdict, found.rule != 16) == (verdict, True)


def test_an_agent_that_is_unclear_by_itself_keeps_its_own_question() -> None:
    (found,) = assess([_lithium(added_to=None, adherence=Adherence.UNSURE)], Settings(), as_of=AS_OF).judgements
    assert (found.verdict, found.rule) == (UNCLEAR, 12)


@pytest.mark.parametrize("treatment", ["bupropion", "TMS", "SAMe"])
def test_only_what_counts_as_augmentation_needs_a_base(treatment: str) -> None:
    trial = a_trial(treatment, a_dose(300, weeks=9), sessions=30, id="x")
    (found,) = assess([trial], Settings(), as_of=AS_OF).judgements
    assert found.rule != 16


def test_two_agents_on_one_base_and_one_on_another_are_each_tested() -> None:
    trials = [
        _base(a_dose(100, weeks=9)),
        _lithium(),
        a_trial("aripiprazole", a_dose(5, weeks=6), id="b", added_to="base"),
        a_trial("Cytomel", a_dose(0.025, weeks=6), id="c", added_to="b"),
    ]
    found = assess(trials, Settings(), as_of=AS_OF)
    assert [judgement.verdict for judgement in found.judgements] == [STANDS, STANDS, STANDS, UNCLEAR]
    assert found.counts.augmentation_failed == 2


def _days(trial: MedicationTrial) -> list[tuple[str, str]]:
    def day(ordinal: float) -> str:
        return date.fromordinal(int(ordinal)).isoformat() if ordinal > 0 else "open"

    return [(day(reach.start), day(reach.stop)) for reach in reaches_of(trial, as_of=AS_OF)]


@pytest.mark.parametrize(
    ("doses", "days"),
    [
        # after a dated dose: from where it stops
        ((a_dose(50, "2024-01-01", "2024-02-01"), a_dose(50, weeks=2)), ("2024-02-01", "2024-02-15")),
        ((a_dose(50, "2024-01", "2024-02"), a_dose(50, weeks=2)), ("2024-02-01", "2024-03-14")),
        ((a_dose(50, "2024-01-01", "2024-02-01"), a_dose(50, about_weeks=4)), ("2024-02-01", "2024-03-07")),
        ((a_dose(50, "2024-01-01", None), a_dose(50, weeks=2)), ("2024-01-01", "2025-07-01")),
        # after another length
        (
            (a_dose(50, "2024-01-01", "2024-02-01"), a_dose(50, weeks=2), a_dose(50, weeks=1)),
            ("2024-02-15", "2024-02-22"),
        ),
        # between two dates: after the first
        (
            (a_dose(50, "2024-01-01", "2024-02-01"), a_dose(50, "2024-03-01", "2024-04-01"), a_dose(50, weeks=1)),
            ("2024-04-01", "2024-04-08"),
        ),
        # nothing lies after the day of the history
        ((a_dose(50, "2024-01-01", "2025-06-01"), a_dose(50, weeks=20)), ("2025-06-01", "2025-07-01")),
        # no date at all
        ((a_dose(50, weeks=2),), ("open", "2025-07-01")),
        ((a_dose(50),), ("open", "2025-07-01")),
    ],
)
def test_a_length_starts_where_the_dose_before_it_stops(doses: tuple[DoseSegment, ...], days: tuple[str, str]) -> None:
    assert _days(_base(*doses))[-1] == days


@pytest.mark.parametrize(
    ("doses", "days"),
    [
        ((a_dose(50, weeks=2), a_dose(50, "2024-02-01", "2024-03-01")), ("2024-01-18", "2024-02-01")),
        ((a_dose(50, weeks=2), a_dose(50, "2024-02", "2024-03")), ("2024-01-18", "2024-02-29")),
        (
            (a_dose(50, weeks=1), a_dose(50, weeks=2), a_dose(50, "2024-02-01", "2024-03-01")),
            ("2024-01-11", "2024-01-18"),
        ),
        ((a_dose(50, about_weeks=4), a_dose(50, "2024-02-01", "2024-03-01")), ("2023-12-28", "2024-02-01")),
        (
            (a_dose(50, weeks=1), a_dose(50, about_weeks=4), a_dose(50, "2024-02-01", "2024-03-01")),
            ("2023-12-21", "2024-01-11"),
        ),
    ],
)
def test_with_nothing_dated_before_it_a_length_stops_where_the_next_dose_starts(
    doses: tuple[DoseSegment, ...], days: tuple[str, str]
) -> None:
    assert _days(_base(*doses))[0] == days


def test_a_dose_without_any_time_is_nothing_dated() -> None:
    base = _base(a_dose(50), a_dose(50, weeks=2), a_dose(50, "2024-02-01", "2024-03-01"))
    assert _days(base) == [("open", "2025-07-01"), ("2024-01-18", "2024-02-01"), ("2024-02-01", "2024-03-01")]


def test_a_base_given_by_lengths_after_a_date_is_placed() -> None:
    base = _base(a_dose(100, "2024-01-01", "2024-02-01"), a_dose(25, weeks=4), a_dose(100, weeks=30))
    assert _tested(base, _lithium()).verdict is STANDS  # low until 29 February
    longer = _base(a_dose(100, "2024-01-01", "2024-02-01"), a_dose(25, weeks=5), a_dose(100, weeks=30))
    assert _tested(longer, _lithium()).verdict is UNCLEAR
