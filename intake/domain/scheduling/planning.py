"""The proven best way to lay out one series, its alternatives, and the answer in JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from intake.domain.scheduling.alternatives import Alternative, alternatives_to
from intake.domain.scheduling.capacity import Calendar
from intake.domain.scheduling.costs import breakdown_of, charges
from intake.domain.scheduling.explanations import Reason, explain
from intake.domain.scheduling.offers import offers_of
from intake.domain.scheduling.reading import case_from_json
from intake.domain.scheduling.search import has_misplaced_pin, solve
from intake.domain.scheduling.values import Case, Slot
from intake.domain.scheduling.wording import breakdown_words
from intake.domain.scheduling.writing import slot_to_json


@dataclass(frozen=True, slots=True)
class Plan:
    """A whole series, fixed infusions included, with its cost: proven to be the least (of its kind).

    `breakdown` holds points for each of the eight terms. `title` says in two or three words how an alternative
    differs ("starts sooner"); `words` what each compromise costs, one sentence each.
    """

    slots: tuple[Slot, ...]
    cost: int
    breakdown: Mapping[str, int]
    title: str = "best"
    words: tuple[str, ...] = ()
    alternatives: tuple[Plan, ...] = ()


@dataclass(frozen=True, slots=True)
class Infeasible:
    """No plan exists; each reason that names a change was verified by planning again."""

    reasons: tuple[Reason, ...] = ()


def plan_series(case: Case, alternatives: int = 2) -> Plan | Infeasible:
    """The plan of least cost and up to `alternatives` others that differ in a way a person cares about."""
    if has_misplaced_pin(case) or len(case.fixed) > case.protocol.infusions:
        return Infeasible(tuple(explain(case)))
    calendar = Calendar(case.site, case.bookings)
    offers = offers_of(case, calendar)
    slots = solve(case, offers)
    if slots is None:
        return Infeasible(tuple(explain(case)))
    is_open = len(case.fixed) < len(slots)
    others = alternatives_to(slots, case, offers, calendar, count=alternatives) if is_open and alternatives > 0 else []
    return _plan(slots, case, calendar, others=others)


def _plan(
    slots: tuple[Slot, ...], case: Case, calendar: Calendar, *, title: str = "best", others: list[Alternative]
) -> Plan:
    charged = charges(case, slots, calendar)
    breakdown = breakdown_of(charged)
    return Plan(
        slots=slots,
        cost=sum(breakdown.values()),
        breakdown=breakdown,
        title=title,
        words=tuple(breakdown_words(charged, slots, case, calendar)),
        alternatives=tuple(_plan(other.slots, case, calendar, title=other.title, others=[]) for other in others),
    )


def plan_to_json(found: Plan | Infeasible) -> dict[str, Any]:
    """A plan, or why there is none, as the planning format defines it (with `title` and `words` added)."""
    if isinstance(found, Infeasible):
        return {"status": "infeasible", "reasons": [reason.to_json() for reason in found.reasons]}
    return {
        "status": "optimal",
        **_plan_fields(found),
        "alternatives": [{"title": other.title, **_plan_fields(other)} for other in found.alternatives],
    }


def _plan_fields(plan: Plan) -> dict[str, Any]:
    return {
        "cost": plan.cost,
        "infusions": [slot_to_json(slot) for slot in plan.slots],
        "breakdown": dict(plan.breakdown),
        "words": list(plan.words),
    }


def answer(raw: Any, *, alternatives: int = 2) -> dict[str, Any]:
    """A case in JSON to its plan in JSON, as the planning format defines both.

    Raises `DomainError` whose message begins with the key to blame when the case is malformed.
    """
    return plan_to_json(plan_series(case_from_json(raw), alternatives))
