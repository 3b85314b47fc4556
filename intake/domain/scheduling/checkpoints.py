"""The response check after infusion n: what changed, and how far the questionnaire looks back. Nothing stops by itself.

Source: protocols, decision 3: change, recall window and days elapsed, beside the clinician's and patient's impression.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from intake.domain.scheduling.booster_signals import Reading
from intake.domain.scheduling.series_rules import days_words


class Impression(StrEnum):
    """How somebody finds the patient against before the series."""

    MUCH_BETTER = "much-better"
    BETTER = "better"
    SAME = "same"
    WORSE = "worse"


class CheckOutcome(StrEnum):
    """What a provider decides: there is a response; go on all the same; leave the rest tentative and ask again."""

    RESPONSE = "response"
    GO_ON = "go-on"
    ASK_AGAIN = "ask-again"


CONFIRMING = frozenset({CheckOutcome.RESPONSE, CheckOutcome.GO_ON})
"""The outcomes after which the later infusions are no longer tentative."""


@dataclass(frozen=True, slots=True)
class ResponseChange:
    """Two PHQ-9 side by side. `points` is negative for a fall; `percent` the fall, None from a baseline of 0.

    `days_before` of the latest one's recall window lie before the first infusion, so that it still asks about then.
    """

    baseline: Reading
    latest: Reading
    points: int
    percent: int | None
    days_before: int

    def recall_words(self, window_days: int) -> str:
        """What the recall window means for this reading."""
        if not self.days_before:
            return f"The PHQ-9 asks about the last {window_days} days; all of them lie after the first infusion."
        asked = f"The PHQ-9 asks about the last {window_days} days"
        return f"{asked}; {days_words(self.days_before)} of them lie before the first infusion, so that it lags."


def checkpoint_of(rules: Mapping[str, Any]) -> int | None:
    """After which infusion a protocol asks for the response check; None: it asks for none."""
    after = rules.get("checkpoint_after")
    return None if after is None else int(after)


def is_before_check(rules: Mapping[str, Any], number: int | None) -> bool:
    """Whether infusion `number` comes after the check, so that it is tentative until a provider confirms."""
    after = checkpoint_of(rules)
    return after is not None and number is not None and number > after


def response_change(
    baseline: Reading | None, latest: Reading | None, *, first_infusion_on: date, window_days: int
) -> ResponseChange | None:
    """What changed between two readings; None without both totals, or where they are one and the same."""
    if baseline is None or latest is None or baseline.total is None or latest.total is None:
        return None
    if latest.on < first_infusion_on or latest is baseline:
        return None
    points = latest.total - baseline.total
    percent = round(-100 * points / baseline.total) if baseline.total else None
    asked_from = window_days - (latest.on - first_infusion_on).days
    return ResponseChange(baseline, latest, points, percent, max(asked_from, 0))
