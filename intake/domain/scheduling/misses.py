"""What follows when an infusion of a series is missed, as data of its protocol. Source: protocols, section 2."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from intake.domain.scheduling.series_rules import days_words
from intake.domain.scheduling.values import Protocol


class AfterMiss(StrEnum):
    """What the gap that a miss leaves asks for."""

    GO_ON = "go-on"
    GO_ON_SAME_DOSE = "go-on-same-dose"
    PROVIDER = "provider"
    NEW_SCREEN = "new-screen"


@dataclass(frozen=True, slots=True)
class MissRule:
    """Days between two infusions, each limit itself still on the near side; `append_below_days` is itself out.

    Up to `usual_gap_days`: go on. Up to `provider_over_days`: go on at the same dose. Beyond, or a PHQ-9 up by
    `worse_points` or more: the provider. Beyond `screen_over_days`: a new screen and a new series.
    """

    usual_gap_days: int
    provider_over_days: int
    screen_over_days: int
    append_below_days: int
    worse_points: int

    @classmethod
    def of(cls, rules: Mapping[str, Any]) -> MissRule | None:
        """The rule in a protocol's values; None for an older version that says nothing of it."""
        names = ("usual_gap_days", "provider_over_days", "screen_over_days", "append_below_days", "worse_points")
        if any(rules.get(f"miss_{name}") is None for name in names):
            return None
        return cls(*(int(rules[f"miss_{name}"]) for name in names))


def after_miss(rule: MissRule, gap_days: int, *, rise_points: int | None = None) -> AfterMiss:
    """What a gap of so many days between two infusions asks for; a PHQ-9 that got worse asks for the provider."""
    if gap_days > rule.screen_over_days:
        return AfterMiss.NEW_SCREEN
    is_worse = rise_points is not None and rise_points >= rule.worse_points
    if gap_days > rule.provider_over_days or is_worse:
        return AfterMiss.PROVIDER
    return AfterMiss.GO_ON_SAME_DOSE if gap_days > rule.usual_gap_days else AfterMiss.GO_ON


def may_append(rule: MissRule, span_days: int) -> bool:
    """Whether one infusion may be appended at the end of a series that then takes so many days."""
    return span_days < rule.append_below_days


def is_judged(last_done: date | None, is_missed: bool, restarts: Sequence[date]) -> bool:
    """Whether a miss after the last infusion given counts: a pause that ends later was signed with its gap."""
    return is_missed and last_done is not None and all(day <= last_done for day in restarts)


def limits_after_miss(rule: MissRule, protocol: Protocol, kept_gap_days: int) -> dict[str, int]:
    """What a series may take after a miss without a provider, as limits beyond its protocol.

    The span to which one may be appended, and the one gap that the remaining dates leave (`kept_gap_days`) while it
    needs no provider: a wider one everywhere would let dates drift.
    """
    longest = protocol.max_span_days
    while may_append(rule, longest + 1):
        longest += 1
    found = {"max_span_days": longest} if longest > protocol.max_span_days else {}
    is_wide = kept_gap_days > max(protocol.gap_points, default=0)
    if is_wide and after_miss(rule, kept_gap_days) in (AfterMiss.GO_ON, AfterMiss.GO_ON_SAME_DOSE):
        found["max_gap_days"] = kept_gap_days
    return found


def miss_words(rule: MissRule) -> list[str]:
    """The rule as sentences for a person."""
    return [
        f"Keep the remaining dates and append one at the end while the series takes less than "
        f"{days_words(rule.append_below_days)}.",
        f"A gap of up to {days_words(rule.usual_gap_days)} is usual; up to {days_words(rule.provider_over_days)}: "
        "go on at the same dose.",
        f"More than {days_words(rule.provider_over_days)}, or PHQ-9 up by {rule.worse_points} or more: the provider.",
        f"More than {days_words(rule.screen_over_days)}: a new screen and a new series.",
    ]
