"""What a PHQ-9 course says about the next booster. It suggests and never acts; a provider decides what the desk hears.

Source: protocols, section 5 (trigger) and section 1 (the least frequent dose that holds).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any


class Advice(StrEnum):
    """What may be suggested: the booster sooner or later than its window, or a review first."""

    SOONER = "sooner"
    LATER = "later"
    REVIEW = "review"


@dataclass(frozen=True, slots=True)
class Limit:
    """One number, where it comes from, and whether it was read there."""

    value: int
    source: str
    is_verified: bool


@dataclass(frozen=True, slots=True)
class Limits:
    """The numbers behind the suggestions; every limit is itself in."""

    rise_points: Limit
    back_total: Limit
    back_apart_days: Limit
    review_within_days: Limit
    steady_readings: Limit
    steady_days: Limit

    @classmethod
    def of(cls, raw: Mapping[str, Mapping[str, Any]]) -> Limits:
        """The limits from their data."""
        return cls(**{name: Limit(one["value"], one["source"], one["verified"]) for name, one in raw.items()})


@dataclass(frozen=True, slots=True)
class Reading:
    """One PHQ-9: its total (None where too much is missing) and its ninth item (None where it was not answered)."""

    on: date
    total: int | None
    item9: int | None = None


@dataclass(frozen=True, slots=True)
class Signal:
    """A suggestion with the reason for it and where its number comes from. For providers, never for the desk."""

    advice: Advice
    why: str
    source: str
    is_verified: bool


def signals(course: Sequence[Reading], limits: Limits, *, remission_below: int) -> list[Signal]:
    """What a course, in any order, suggests: reviews first, then sooner, then later. Nothing from a single reading."""
    readings = sorted(course, key=lambda reading: reading.on)
    if len(readings) < 2:
        return []
    found = [*_item9_up(readings, limits), *_risen(readings, limits), *_back(readings, limits)]
    return found or list(_steady(readings, limits, remission_below))


def _item9_up(readings: Sequence[Reading], limits: Limits) -> list[Signal]:
    answered = [reading for reading in readings if reading.item9 is not None]
    if len(answered) < 2 or answered[-1] is not readings[-1]:
        return []
    before, after = answered[-2].item9 or 0, answered[-1].item9 or 0
    if after <= before:
        return []
    limit = limits.review_within_days
    why = f"Item 9 went from {before} to {after}: offer a review slot within {limit.value} days."
    return [Signal(Advice.REVIEW, why, limit.source, limit.is_verified)]


def _risen(readings: Sequence[Reading], limits: Limits) -> list[Signal]:
    """A rise from the best total so far by the limit or more."""
    latest, totals = readings[-1].total, [reading.total for reading in readings[:-1] if reading.total is not None]
    limit = limits.rise_points
    if latest is None or not totals or latest - min(totals) < limit.value:
        return []
    why = f"PHQ-9 up by {latest - min(totals)} from the best ({min(totals)} to {latest})."
    return [Signal(Advice.SOONER, why, limit.source, limit.is_verified)]


def _back(readings: Sequence[Reading], limits: Limits) -> list[Signal]:
    """Back to the limit or more on two readings a week apart, after at least one below it."""
    scored = [(reading.on, reading.total) for reading in readings if reading.total is not None]
    limit, run = limits.back_total, 0
    while run < len(scored) and scored[-1 - run][1] >= limit.value:
        run += 1
    if run < 2 or run == len(scored):
        return []
    if (scored[-1][0] - scored[-run][0]).days < limits.back_apart_days.value:
        return []
    why = f"Back to {limit.value} or more on {run} readings since {scored[-run][0].isoformat()}."
    return [Signal(Advice.SOONER, why, limit.source, limit.is_verified)]


def _steady(readings: Sequence[Reading], limits: Limits, remission_below: int) -> list[Signal]:
    """All of the last readings in remission, over enough days: the interval may be longer."""
    last = readings[-limits.steady_readings.value :]
    is_steady = all(reading.total is not None and reading.total < remission_below for reading in last)
    days = (last[-1].on - last[0].on).days
    if not is_steady or len(last) < limits.steady_readings.value or days < limits.steady_days.value:
        return []
    limit = limits.steady_days
    why = f"In remission on {len(last)} readings over {days} days."
    return [Signal(Advice.LATER, why, limit.source, limit.is_verified)]
