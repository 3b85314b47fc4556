"""One change to a case that might make a plan exist, and families of them, each from its smallest step on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from intake.domain.scheduling.offers import latest_useful_start
from intake.domain.scheduling.values import Case

MOST_STEP_DAYS = 14
"""How far a start, a gap, a span or an order's end is stretched in search of a plan."""
LONGEST_LOOK_DAYS = 366
EVERYTHING = frozenset({"everything"})
"""The topics of a family's widest step: worth saying only where no smaller one helps."""

Change = Mapping[str, Any]
"""`{"key", "to"}`, the key's new value (None: without the key), or `{"key", "more", "dates"}` for what is added."""


@dataclass(frozen=True, slots=True)
class Relaxation:
    """One change to a case: what it says after "if", the changed keys as data, and the relaxed case.

    Of steps that share one of their `topics` (weekdays, a date) only the smallest that helps is worth saying.
    """

    words: str
    changes: tuple[Change, ...]
    apply: Callable[[Case], Case]
    topics: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Family:
    """Relaxations of one kind. `is_rising`: each allows all that the one before allows."""

    name: str
    allowed_by: str
    steps: tuple[Relaxation, ...]
    is_rising: bool = False


def horizon(case: Case) -> tuple[date, date]:
    """The first and last date that a series of the case could touch."""
    days = min(case.protocol.max_span_days, LONGEST_LOOK_DAYS)
    return case.patient.earliest, latest_useful_start(case) + timedelta(days=days)


def on_case(**changes: Any) -> Callable[[Case], Case]:
    """What replaces fields of a case."""
    return lambda case: replace(case, **changes)


def on_patient(**changes: Any) -> Callable[[Case], Case]:
    """What replaces fields of a case's patient."""
    return lambda case: replace(case, patient=replace(case.patient, **changes))


def on_protocol(**changes: Any) -> Callable[[Case], Case]:
    """What replaces fields of a case's protocol."""
    return lambda case: replace(case, protocol=replace(case.protocol, **changes))


def on_site(**changes: Any) -> Callable[[Case], Case]:
    """What replaces fields of a case's site."""
    return lambda case: replace(case, site=replace(case.site, **changes))
