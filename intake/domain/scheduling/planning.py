"""The proven best way to lay out one series."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from intake.domain.scheduling.values import Case, Slot


@dataclass(frozen=True, slots=True)
class Plan:
    """A whole series, fixed infusions included, with its cost: proven to be the least.

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
class Reason:
    """What to relax so that a plan exists: a sentence, its family, the change to the case, who may allow it."""

    text: str
    family: str
    change: Mapping[str, Any] | None
    allowed_by: str


@dataclass(frozen=True, slots=True)
class Infeasible:
    """No plan exists; each reason was verified by planning again."""

    reasons: tuple[Reason, ...] = ()


def plan_series(case: Case, alternatives: int = 2) -> Plan | Infeasible:
    """The plan of least cost and up to `alternatives` others that differ in a way a person cares about."""
    raise NotImplementedError


def answer(raw: Any, *, alternatives: int = 2) -> dict[str, Any]:
    """A case in JSON to its plan in JSON, as the planning format defines both. Raises `DomainError`."""
    raise NotImplementedError
