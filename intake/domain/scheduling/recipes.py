"""A protocol as the clinic edits it: every value with its words, its limits, and what must hold between them.

Planning reads its own keys (`reading.protocol_from_json`); the others are the response check, the exception of the
gap rule and what a miss does. Sources stand beside the values, never in them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from intake.domain.clinic_time import MIDNIGHT
from intake.domain.errors import DomainError
from intake.domain.scheduling.capacity import Calendar
from intake.domain.scheduling.misses import MissRule, miss_words
from intake.domain.scheduling.reading import protocol_from_json
from intake.domain.scheduling.search import best_series
from intake.domain.scheduling.series_rules import days_words, gap_words
from intake.domain.scheduling.values import EVERY_DAY, Case, Chair, Patient, Protocol, Shift, Site

LEAST_GAP_DAYS = 2
"""Never two infusions on consecutive days but by a provider's order. Source: aan het Rot 2010, Murrough 2013."""
QUARTER = 15
LONGEST_SESSION = 600
MOST_INFUSIONS = 20
LONGEST_GAP = 60
MOST_UNITS = 10
USUAL_INFUSIONS = range(4, 9)
_MONDAY = date(2029, 1, 1)  # any Monday will do


@dataclass(frozen=True, slots=True)
class Value:
    """One value of a protocol: its key, what a person calls it, and its unit."""

    key: str
    label: str
    unit: str = ""


VALUES = (
    Value("infusions", "Infusions in the series"),
    Value("per_week", "Infusions a week"),
    Value("gap_points", "Days between infusions"),
    Value("consecutive_days", "Consecutive days"),
    Value("min_span_days", "Least days from first to last", "days"),
    Value("max_span_days", "Most days from first to last", "days"),
    Value("max_in_7_days", "Most infusions in any 7 days"),
    Value("chair_minutes", "Time on the chair", "minutes"),
    Value("first_chair_minutes", "Time on the chair, first infusion", "minutes"),
    Value("first_start", "The first infusion starts between"),
    Value("turnover_minutes", "Turnover of the chair", "minutes"),
    Value("watch_profile", "Watch units"),
    Value("checkpoint_after", "Response check after infusion"),
    Value("miss_usual_gap_days", "After a miss: a usual gap, up to", "days"),
    Value("miss_provider_over_days", "After a miss: the provider, over", "days"),
    Value("miss_screen_over_days", "After a miss: a new screen, over", "days"),
    Value("miss_append_below_days", "Append at the end while the series takes less than", "days"),
    Value("miss_worse_points", "After a miss: the provider when PHQ-9 is up by", "points"),
)
LABELS = {value.key: value.label for value in VALUES}


def value_words(key: str, rules: Mapping[str, Any]) -> str:
    """A value as a person reads it; "none" for one that the protocol leaves out."""
    value = rules.get(key)
    if key == "consecutive_days":
        return "yes, ordered by the provider who signs" if value else "no"
    if value is None:
        return "none"
    if key == "gap_points":
        gaps = sorted((int(gap), points) for gap, points in value.items())
        return ", ".join(f"{days_words(gap)}: {points} points" for gap, points in gaps)
    if key == "watch_profile":
        *steps, last = value
        return ", ".join([f"{units} for {minutes} minutes" for minutes, units in steps] + [f"then {last[1]}"])
    if key == "first_start":
        return f"{value['from']} and {value['to']}"
    unit = next((one.unit for one in VALUES if one.key == key), "")
    return f"{value} {unit}".strip()


def changed_keys(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """The values that differ, in the order of `VALUES`; null is the same as left out."""
    return [value.key for value in VALUES if _plain(value.key, before) != _plain(value.key, after)]


def _plain(key: str, rules: Mapping[str, Any]) -> Any:
    found = rules.get(key)
    return bool(found) if key == "consecutive_days" else found


def check_recipe(rules: Mapping[str, Any]) -> None:
    """Raise `DomainError` beside its field for the first value that cannot be, alone or beside the others.

    Lengths are multiples of 15 minutes, because claims are. A gap under 2 days needs the provider-ordered exception.
    On a calendar that is always open some series has to exist.
    """
    protocol = protocol_from_json(dict(rules))
    for field, message in _faults(protocol, rules):
        raise DomainError(message, field=field)
    if not can_be_laid_out(protocol):
        raise DomainError(
            f"No series of {protocol.infusions} fits gaps of {gap_words(protocol)}, {protocol.min_span_days} to "
            f"{days_words(protocol.max_span_days)} in all, and {protocol.max_in_7_days} in 7 days.",
            field="gap_points",
        )


def warnings_of(rules: Mapping[str, Any], *, warn_span_days: int) -> list[str]:
    """What is allowed but unusual, as sentences."""
    protocol, found = protocol_from_json(dict(rules)), []
    if protocol.max_span_days > warn_span_days:
        longest = days_words(protocol.max_span_days)
        found.append(f"A series may take {longest}: outside the induction window of {warn_span_days} days.")
    if protocol.infusions not in USUAL_INFUSIONS:
        found.append(f"{protocol.infusions} infusions: an induction has 4 to 8 (McInnes 2022).")
    if rules.get("consecutive_days"):
        found.append("Infusions on consecutive days: an exception that each provider orders by signing.")
    return found


def can_be_laid_out(protocol: Protocol) -> bool:
    """Whether some dates keep all rules over the whole series, on a calendar that is always open and empty."""
    always = ((0, MIDNIGHT),)
    week = dict.fromkeys(range(7), always)
    most = max(units for _, units in protocol.watch_profile)
    shift = Shift(EVERY_DAY, 0, MIDNIGHT, capacity=most)
    site = Site("UTC", QUARTER, (Chair("A"),), week, (shift,), 1)
    patient = Patient(_MONDAY, week, latest_start=_MONDAY)
    return best_series(Case(site, protocol, patient), Calendar(site)) is not None


def rule_lines(rules: Mapping[str, Any]) -> list[str]:
    """What a miss does under these rules, as sentences; an older version may not say."""
    rule = MissRule.of(rules)
    return miss_words(rule) if rule is not None else ["This version does not say what a missed infusion does."]


def _faults(protocol: Protocol, rules: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    yield from _length_faults(protocol)
    yield from _series_faults(protocol, is_consecutive=bool(rules.get("consecutive_days")))
    check = rules.get("checkpoint_after")
    if check is not None and not 1 <= check < protocol.infusions:
        yield "checkpoint_after", f"Enter 1 to {protocol.infusions - 1}, or leave it empty."
    miss = MissRule.of(rules)
    if miss is None and any(rules.get(key) is not None for key in LABELS if key.startswith("miss_")):
        yield "miss_usual_gap_days", "Enter all five values about a miss, or leave all five empty."
    if miss is not None and not miss.usual_gap_days <= miss.provider_over_days <= miss.screen_over_days:
        yield "miss_provider_over_days", "The days after a miss have to rise: usual, provider, new screen."


def _length_faults(protocol: Protocol) -> Iterator[tuple[str, str]]:
    first = protocol.first_chair_minutes or protocol.chair_minutes
    for field, minutes in (("chair_minutes", protocol.chair_minutes), ("first_chair_minutes", first)):
        if minutes % QUARTER or not QUARTER <= minutes <= LONGEST_SESSION:
            yield field, f"Enter a multiple of 15 minutes, {LONGEST_SESSION} at most."
    if protocol.turnover_minutes > 2 * 60:
        yield "turnover_minutes", "Enter 120 minutes at most."
    if any(minutes <= 0 for minutes, _ in protocol.watch_profile):
        yield "watch_profile", "Enter how many minutes the first part takes."
    if any(not 0 <= units <= MOST_UNITS for _, units in protocol.watch_profile):
        yield "watch_profile", f"Enter 0 to {MOST_UNITS} watch units."
    if sum(minutes for minutes, _ in protocol.watch_profile[:-1]) >= protocol.chair_minutes:
        yield "watch_profile", "The first part has to be shorter than the time on the chair."
    if protocol.first_start is not None and protocol.first_start[0] > protocol.first_start[1]:
        yield "first_start", "The first start has to lie before the last one."


def _series_faults(protocol: Protocol, *, is_consecutive: bool) -> Iterator[tuple[str, str]]:
    gaps = sorted(protocol.gap_points)
    if not 1 <= protocol.infusions <= MOST_INFUSIONS:
        yield "infusions", f"Enter 1 to {MOST_INFUSIONS} infusions."
    if not gaps or gaps[-1] > LONGEST_GAP:
        yield "gap_points", "Allow at least one number of days between infusions."
    elif gaps[0] < LEAST_GAP_DAYS and not is_consecutive:
        yield "gap_points", "A gap under 2 days needs the exception for consecutive days."
    elif gaps[0] >= LEAST_GAP_DAYS and is_consecutive:
        yield "consecutive_days", "No gap of 1 day is allowed: take the exception out, or allow 1 day."
    if protocol.min_span_days > protocol.max_span_days:
        yield "max_span_days", "The most days cannot be fewer than the least."
    if not 1 <= protocol.max_in_7_days <= 7:
        yield "max_in_7_days", "Enter 1 to 7."
    if not 1 <= protocol.per_week <= protocol.max_in_7_days:
        yield "per_week", f"Enter 1 to {protocol.max_in_7_days}, as many as any 7 days may hold."
