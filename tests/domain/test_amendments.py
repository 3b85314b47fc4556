"""Amendments and sign-offs as values: what may be changed, what it becomes, what a planner's reason asks for."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from uuid_utils.compat import uuid7

from intake.domain.amendments import Amendment, AmendmentKind, Progress, Terms, amended, cautions, spans_for
from intake.domain.errors import DomainError
from intake.domain.scheduling import planning
from intake.domain.scheduling.misses import MissRule
from intake.domain.scheduling.reading import case_from_json
from intake.domain.scheduling.values import Protocol
from intake.domain.sign_offs import limit_words, limits_of_changes, provider_reason, with_limits
from tests.domain.plain_case import plain_case

PROTOCOL = Protocol(6, 120, 15, {2: 3, 3: 0, 4: 0}, 14, 21, 3, 2)
TERMS = Terms(uuid7(), 6, uuid7(), {})
PROGRESS = Progress((date(2026, 12, 7),), (date(2026, 12, 10), date(2026, 12, 14)), date(2026, 12, 8), date(2027, 3, 1))


MISSES = MissRule(7, 14, 28, 28, 5)


def change(kind: AmendmentKind, **values: object) -> Amendment:
    return Amendment(kind, "Because.", **values)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("infusions", "spans"),
    [
        (6, {}),
        (8, {"min_span_days": 19, "max_span_days": 28}),  # in proportion, never longer than the usual most
        (4, {"min_span_days": 8, "max_span_days": 21}),
        (1, {"min_span_days": 0, "max_span_days": 21}),
    ],
)
def test_the_spans_follow_the_number_of_infusions(infusions: int, spans: dict[str, int]) -> None:
    assert spans_for(PROTOCOL, infusions) == spans


def test_a_longer_gap_costs_what_the_dearest_does_and_none_below_two_days_appears() -> None:
    bent = with_limits(PROTOCOL, {"max_gap_days": 6, "max_span_days": 25})
    assert bent.gap_points == {2: 3, 3: 0, 4: 0, 5: 3, 6: 3} and bent.max_span_days == 25


def test_a_protocol_of_consecutive_days_keeps_them() -> None:
    daily = Protocol(5, 240, 15, {1: 0, 2: 6}, 4, 9, 5, 5)
    assert with_limits(daily, {"max_gap_days": 3}).gap_points == {1: 0, 2: 6, 3: 6}


def test_a_new_pause_takes_the_place_of_one_that_is_to_come() -> None:
    first = amended(TERMS, change(AmendmentKind.PAUSE, after=2, restart_on=date(2026, 12, 28)), PROGRESS, PROTOCOL)
    again = amended(first, change(AmendmentKind.PAUSE, after=2, restart_on=date(2027, 1, 11)), PROGRESS, PROTOCOL)
    assert again.restarts == (date(2027, 1, 11),)


@pytest.mark.parametrize(("restart", "is_long"), [(date(2027, 1, 4), False), (date(2027, 1, 5), True)])
def test_a_pause_of_more_than_28_days_is_pointed_out(restart: date, is_long: bool) -> None:
    wanted = change(AmendmentKind.PAUSE, after=2, restart_on=restart)
    after = amended(TERMS, wanted, PROGRESS, PROTOCOL)
    assert bool(cautions(wanted, after, PROGRESS, MISSES)) is is_long
    assert cautions(wanted, after, PROGRESS, None) == []


@pytest.mark.parametrize(("count", "is_unusual"), [(3, True), (4, False), (8, False), (9, True)])
def test_a_number_outside_the_usual_is_pointed_out(count: int, is_unusual: bool) -> None:
    wanted = change(AmendmentKind.COUNT, infusions=count)
    assert bool(cautions(wanted, amended(TERMS, wanted, PROGRESS, PROTOCOL), PROGRESS, MISSES)) is is_unusual


@pytest.mark.parametrize(
    "limits", [{"max_gap_days": 1}, {"max_gap_days": 29}, {"max_in_7_days": 5}, {"max_span_days": 0}]
)
def test_limits_have_limits(limits: dict[str, int]) -> None:
    with pytest.raises(DomainError) as refused:
        amended(TERMS, change(AmendmentKind.LIMITS, limits=limits), PROGRESS, PROTOCOL)
    assert refused.value.field == next(iter(limits))


@pytest.mark.parametrize(
    ("changes", "limits"),
    [
        ([{"key": "protocol.gap_points", "to": {"2": 0, "9": 3}}], {"max_gap_days": 9}),
        ([{"key": "protocol.max_span_days", "to": 25}], {"max_span_days": 25}),
        ([{"key": "patient.available", "to": {}}], None),
        ([{"key": "protocol.max_span_days", "to": 25}, {"key": "patient.available", "to": {}}], None),
        ([], None),
    ],
)
def test_only_what_a_provider_settles_becomes_a_request(changes: list[dict[str, object]], limits: object) -> None:
    assert limits_of_changes(changes) == limits


def test_what_is_allowed_reads_as_sentences() -> None:
    assert limit_words({"max_gap_days": 9}) == ["Up to 9 days between two infusions."]


def test_gap_and_span_are_asked_for_together_and_make_a_plan() -> None:
    """The patient is away for ten days in the middle: neither a gap nor a span alone is enough."""
    away = [f"2027-03-{day:02d}" for day in range(2, 12)]
    case = case_from_json(plain_case(patient_unavailable_dates=away, patient_latest_start="2027-03-01"))
    reason = provider_reason(case)
    assert reason is not None and reason.allowed_by == "provider"
    limits = limits_of_changes(reason.changes)
    assert limits == {"max_gap_days": 11, "max_span_days": 14}
    bent = replace(case, protocol=with_limits(case.protocol, limits or {}))
    assert isinstance(planning.plan_series(bent, 0), planning.Plan)


def test_nothing_is_asked_for_that_would_not_help() -> None:
    case = case_from_json(plain_case(patient_available={}))
    assert provider_reason(case) is None
