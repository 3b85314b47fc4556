"""The rules over a whole series (7 to 11 of a planning case): order, gaps, span, seven days, window."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from itertools import pairwise

from intake.domain.clinic_time import day_words
from intake.domain.scheduling.values import Fault, Patient, Protocol, Rule

WEEK_DAYS = 7


def series_faults(
    dates: Sequence[date],
    protocol: Protocol,
    *,
    done: int = 0,
    patient: Patient | None = None,
    numbers: Sequence[int] | None = None,
) -> list[Fault]:
    """Every rule that a series on these dates breaks, each with a sentence for a person.

    The first `done` dates are over: what they break among themselves is not held against the series. Without a
    patient the window (earliest, latest start, last date allowed) is not judged. Fewer dates than the protocol has
    infusions are a fault of their own; the other rules are judged all the same, but for the least span. `numbers`
    are those of the infusions where some between them are missing; without them the dates are counted from 1.
    """
    named = range(1, len(dates) + 1) if numbers is None else numbers
    found = [*_count_faults(dates, protocol), *_gap_faults(dates, protocol, done, named)]
    if len(dates) > done:
        found += _span_faults(dates, protocol)
        found += _seven_day_faults(dates, protocol, done)
        found += _window_faults(dates, done, patient) if patient is not None else ()
    return found


def gap_words(protocol: Protocol) -> str:
    """The gaps that a protocol allows: "2 to 5 days", or "2, 3 or 7 days" where there is a hole between."""
    gaps = sorted(protocol.gap_points)
    if not gaps:
        return "none"
    if gaps[-1] - gaps[0] == len(gaps) - 1 and len(gaps) > 1:
        return f"{gaps[0]} to {days_words(gaps[-1])}"
    *rest, last = gaps
    return f"{', '.join(map(str, rest))} or {days_words(last)}" if rest else days_words(last)


def days_words(days: int) -> str:
    """'1 day', '2 days'."""
    return f"{days} day" if days == 1 else f"{days} days"


def _count_faults(dates: Sequence[date], protocol: Protocol) -> Iterator[Fault]:
    if len(dates) != protocol.infusions:
        yield Fault(Rule.COUNT, f"{len(dates)} of {protocol.infusions} infusions are in the plan.")


def _gap_faults(dates: Sequence[date], protocol: Protocol, done: int, named: Sequence[int]) -> Iterator[Fault]:
    for number, (before, after) in enumerate(pairwise(dates), 1):
        gap = (after - before).days
        between = f"between infusion {named[number - 1]} and {named[number]}"
        if gap <= 0:
            yield Fault(Rule.ORDER, f"The dates do not rise {between}: {day_words(before)}, {day_words(after)}.")
        elif number >= done and gap not in protocol.gap_points:
            yield Fault(Rule.GAP, f"Gap of {days_words(gap)} {between} (allowed: {gap_words(protocol)}).")


def _span_faults(dates: Sequence[date], protocol: Protocol) -> Iterator[Fault]:
    span = (dates[-1] - dates[0]).days
    is_whole = len(dates) >= protocol.infusions
    if span > protocol.max_span_days or (is_whole and span < protocol.min_span_days):
        allowed = f"allowed: {protocol.min_span_days} to {days_words(protocol.max_span_days)}"
        yield Fault(Rule.SPAN, f"The series takes {days_words(span)} from first to last ({allowed}).")


def _seven_day_faults(dates: Sequence[date], protocol: Protocol, done: int) -> Iterator[Fault]:
    """Windows that end at a new infusion; every window that holds a new one is inside such a one or worse off."""
    for place in range(done, len(dates)):
        last = dates[place]
        held = sum(0 <= (last - day).days < WEEK_DAYS for day in dates)
        if held > protocol.max_in_7_days:
            text = f"{held} infusions in the 7 days up to {day_words(last)} (allowed: {protocol.max_in_7_days})."
            yield Fault(Rule.SEVEN_DAYS, text)


def _window_faults(dates: Sequence[date], done: int, patient: Patient) -> Iterator[Fault]:
    new = dates[done:]
    if any(day < patient.earliest for day in new):
        yield Fault(Rule.WINDOW, f"An infusion lies before {day_words(patient.earliest)}, the earliest date.")
    latest = patient.latest_start
    if not done and latest is not None and new[0] > latest:
        yield Fault(Rule.WINDOW, f"The series starts after {day_words(latest)}, the latest start.")
    limit = patient.not_after
    late = [day for day in new if limit is not None and day > limit]
    if limit is not None and late:
        yield Fault(Rule.WINDOW, f"{day_words(late[0])} is after {day_words(limit)}, the last date allowed.")
