"""What a provider may allow beyond the protocol of one order: longer gaps, another span, a denser week. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from itertools import pairwise
from typing import Any

from intake.domain.clinic_time import day_words
from intake.domain.scheduling.capacity import Calendar
from intake.domain.scheduling.clinic_relaxations import LEAST_GAP_DAYS
from intake.domain.scheduling.explanations import Reason
from intake.domain.scheduling.search import best_series
from intake.domain.scheduling.series_rules import days_words
from intake.domain.scheduling.values import Case, Protocol
from intake.domain.scheduling.writing import gap_points_to_json

LONGEST_GAP_DAYS = 28
"""A longer gap is a new screen and a new series (protocols, section 2)."""
LONGEST_SPAN_DAYS = 120
LIMITS = ("max_gap_days", "max_span_days", "min_span_days", "max_in_7_days")
"""What a provider may widen beyond the protocol, for one order."""


def with_limits(protocol: Protocol, limits: Mapping[str, Any]) -> Protocol:
    """A protocol as one order may bend it: longer gaps at the price of the dearest, other spans, a denser week."""
    points = dict(protocol.gap_points)
    longest = limits.get("max_gap_days")
    if longest is not None and points:
        dearest, first = max(points.values()), max(min(points), LEAST_GAP_DAYS)
        points |= {gap: points.get(gap, dearest) for gap in range(first, int(longest) + 1)}
    return replace(
        protocol,
        gap_points=points,
        max_span_days=int(limits.get("max_span_days", protocol.max_span_days)),
        min_span_days=int(limits.get("min_span_days", protocol.min_span_days)),
        max_in_7_days=int(limits.get("max_in_7_days", protocol.max_in_7_days)),
    )


def limits_of_changes(changes: Sequence[Mapping[str, Any]]) -> dict[str, int] | None:
    """What a planner's reason asks the provider for, as limits; None where it asks for anything else."""
    found: dict[str, int] = {}
    for change in changes:
        name = str(change["key"]).removeprefix("protocol.")
        if name == "gap_points":
            found["max_gap_days"] = max(int(gap) for gap in change["to"])
        elif name in LIMITS:
            found[name] = int(change["to"])
        else:
            return None
    return found or None


def limit_words(limits: Mapping[str, Any]) -> list[str]:
    """What is allowed beyond the protocol, a sentence each."""
    words = {
        "max_gap_days": "Up to {} days between two infusions.",
        "max_span_days": "Up to {} days from the first infusion to the last.",
        "min_span_days": "At least {} days from the first infusion to the last.",
        "max_in_7_days": "Up to {} infusions in 7 days.",
    }
    return [text.format(limits[name]) for name, text in words.items() if name in limits]


def provider_reason(case: Case) -> Reason | None:
    """What a provider would have to allow so that the rest of a series fits the patient's days; None: nothing helps.

    Gap and span together: a planner's own reasons try one family at a time. The smallest that the best plan under the
    widest limits needs, verified by planning again.
    """
    wide = {"max_gap_days": LONGEST_GAP_DAYS, "max_span_days": LONGEST_SPAN_DAYS}
    calendar = Calendar(case.site, case.bookings)
    found = best_series(replace(case, protocol=with_limits(case.protocol, wide)), calendar)
    if found is None:
        return None
    days = [slot.day for slot in found]
    gaps, span = [(b - a).days for a, b in pairwise(days)], (days[-1] - days[0]).days
    needed = {"max_gap_days": max(gaps, default=0), "max_span_days": span}
    usual = {"max_gap_days": max(case.protocol.gap_points, default=0), "max_span_days": case.protocol.max_span_days}
    limits = {name: value for name, value in needed.items() if value > usual[name]}
    bent = with_limits(case.protocol, limits)
    slots = best_series(replace(case, protocol=bent), calendar) if limits else None
    if slots is None:
        return None
    changes: dict[str, Any] = {"max_span_days": bent.max_span_days, "gap_points": gap_points_to_json(bent.gap_points)}
    keys = {"max_span_days": "max_span_days", "max_gap_days": "gap_points"}
    return Reason(
        _reason_words(limits, slots[len(case.fixed)].day, slots[-1].day, len(slots) - len(case.fixed)),
        "gap and span" if len(limits) > 1 else ("gap" if "max_gap_days" in limits else "span"),
        tuple({"key": f"protocol.{keys[name]}", "to": changes[keys[name]]} for name in limits),
        "provider",
    )


def _reason_words(limits: Mapping[str, int], first: date, last: date, count: int) -> str:
    asked = {"max_gap_days": "a gap of {}", "max_span_days": "{} from the first infusion to the last"}
    words = " and ".join(text.format(days_words(limits[name])) for name, text in asked.items() if name in limits)
    which = "The infusion to come fits" if count == 1 else f"The {count} infusions to come fit"
    return f"{which} if the provider allows {words}: {day_words(first)} to {day_words(last)}."
