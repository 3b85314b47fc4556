"""The rest of a series once part of it is given, and what changing its bookings costs and does. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from functools import lru_cache
from itertools import combinations
from pathlib import Path
from typing import Any

from intake.domain.clinic_time import MIDNIGHT
from intake.domain.errors import DomainError
from intake.domain.scheduling.series_rules import series_faults
from intake.domain.scheduling.values import Case, Current, Fault, Patient, Protocol, Rule, Slot, Span, Weekly

DATA = Path(__file__).parent.parent / "data" / "move-prices.json"
START_WITHIN_DAYS = 13
"""How long after its earliest date a series that nothing was given of may begin anew, as where it is first planned."""


@dataclass(frozen=True, slots=True)
class NoticeStep:
    """What moving a visit costs up to a notice of `within_days` (in; None: any longer one), in points."""

    within_days: int | None
    points: int


Prices = tuple[NoticeStep, ...]


class Fate(StrEnum):
    """What a plan does to one booked infusion."""

    KEPT = "kept"
    CHAIR = "chair"  # the same time in another chair: free, and the patient need not be told
    MOVED = "moved"
    NEW = "new"
    RELEASED = "released"


@dataclass(frozen=True, slots=True)
class Change:
    """One infusion before and after. `place` is its position among those booked; None where there was none."""

    fate: Fate
    place: int | None
    before: Slot | None
    after: Slot | None


def default_prices() -> Prices:
    """The prices of a move that a new clinic begins with."""
    return prices_from_json([{key: step[key] for key in ("within_days", "points")} for step in _data()["steps"]])


def prices_from_json(raw: Any) -> Prices:
    """The policy `move_prices`: steps with rising `within_days`, the last one null. Raises `DomainError`."""
    try:
        steps = tuple(NoticeStep(step["within_days"], int(step["points"])) for step in raw)
    except (TypeError, KeyError, ValueError):
        raise DomainError("move_prices: a list of {within_days, points}") from None
    limits = [step.within_days for step in steps]
    known = [limit for limit in limits[:-1] if isinstance(limit, int)]
    if not steps or limits[-1] is not None or len(known) < len(limits) - 1 or sorted(set(known)) != known:
        raise DomainError("move_prices: within_days has to rise and to end with null")
    if any(step.points < 0 for step in steps):
        raise DomainError("move_prices: points are never below 0")
    return steps


def move_points(day: date, today: date, prices: Prices) -> int:
    """What moving a visit on `day` costs when it is moved today; a limit itself still counts as within."""
    notice = (day - today).days
    return next(step.points for step in prices if step.within_days is None or notice <= step.within_days)


def limit(name: str) -> int:
    """A number of an amendment's rules, from the reviewable data."""
    return int(_data()[name]["value"])


def rest_case(
    case: Case,
    *,
    given: Sequence[Slot],
    coming: Sequence[Slot],
    today: date,
    prices: Prices,
    restarts: Sequence[date] = (),
    earliest: date | None = None,
) -> Case:
    """The case of all that is not given yet, for the planner.

    `case` is that of the whole series with the wishes as they are now, `given` what is done or stays (in order),
    `coming` what is booked and may move: not among the bookings of the case. Nothing new stands before `earliest`
    (default: tomorrow), before the day after what is given, or before the last of `restarts`, the dates at which a
    pause ends; gaps and span are reckoned anew from there. What is booked costs its `move_points` by notice. Days of
    delay cost nothing: the gaps after what is given price them, and a booked start is not brought forward for points.
    """
    first = max([case.patient.earliest, earliest or today + timedelta(days=1), *restarts])
    if given:
        first = max(first, given[-1].day + timedelta(days=1))
    fixed = tuple(slot for slot in given if not restarts or slot.day >= max(restarts))
    begin = min([first, *(slot.day for slot in coming if slot.day >= first)], default=first)
    latest = max([first + timedelta(days=START_WITHIN_DAYS), case.patient.latest_start or first, begin])
    is_begun = bool(given or coming)
    return replace(
        case,
        protocol=part_protocol(case.protocol, before=len(given) - len(fixed)),
        patient=replace(case.patient, earliest=first, latest_start=latest),
        fixed=fixed,
        current=tuple(Current(slot, move_points(slot.day, today, prices)) for slot in coming),
        weights=replace(case.weights, delay_day=0) if is_begun else case.weights,
    )


def part_protocol(protocol: Protocol, *, before: int) -> Protocol:
    """The protocol of what follows a pause, `before` infusions having been given before it.

    It has no longer first session and no least span of its own: those belong to the series as a whole.
    """
    if not before:
        return protocol
    left = max(protocol.infusions - before, 0)
    return replace(protocol, infusions=left, min_span_days=0, first_chair_minutes=None, first_start=None)


def faults_over_pauses(
    dates: Sequence[date],
    protocol: Protocol,
    restarts: Sequence[date],
    *,
    done: int = 0,
    numbers: Sequence[int] | None = None,
) -> list[Fault]:
    """`series_faults` for a series with pauses: each stretch is judged on its own, the count over all of them."""
    if not restarts:
        return series_faults(dates, protocol, done=done, numbers=numbers)
    named = list(range(1, len(dates) + 1) if numbers is None else numbers)
    found = [fault for fault in series_faults(dates, protocol, done=done) if fault.rule is Rule.COUNT]
    bounds = [date.min, *sorted(restarts), date.max]
    for begin, end in zip(bounds, bounds[1:], strict=False):
        places = [place for place, day in enumerate(dates) if begin <= day < end]
        part = replace(protocol, infusions=len(places), min_span_days=0)
        over = sum(place < done for place in places)
        mine = [named[place] for place in places]
        found += series_faults([dates[place] for place in places], part, done=over, numbers=mine)
    return found


def with_standing_hours(patient: Patient, standing: Iterable[tuple[Slot, int]]) -> Patient:
    """The wishes, widened by exactly the hours of visits that were agreed outside of them; `(slot, minutes)` each.

    A span as long as the session allows that one start and no other. A date that the patient is away stays so.
    """
    available, pickup = dict(patient.available), dict(patient.pickup) if patient.pickup is not None else None
    for slot, minutes in standing:
        weekday, span = slot.day.weekday(), (slot.start, min(slot.start + minutes, MIDNIGHT))
        available[weekday] = _with_span(available, weekday, span)
        if pickup is not None and not any(a <= span[1] <= b for a, b in pickup.get(weekday, ())):
            pickup[weekday] = (*pickup.get(weekday, ()), (span[1], span[1]))
    return replace(patient, available=available, pickup=pickup)


def _with_span(weekly: Weekly, weekday: int, span: Span) -> tuple[Span, ...]:
    known = weekly.get(weekday, ())
    return known if any(a <= span[0] and span[1] <= b for a, b in known) else tuple(sorted((*known, span)))


def changes_between(before: Sequence[Slot], after: Sequence[Slot]) -> list[Change]:
    """What becomes of each booked infusion, and what is new, in the order of the new times (released ones last).

    A visit at the same date and start is kept, whatever its chair. Of the others each goes to a new time in their
    order, so that the days moved add up to the least; what is left over is new, or released.
    """
    same = {(slot.day, slot.start): place for place, slot in enumerate(before)}
    pairs = {place: same.get((slot.day, slot.start)) for place, slot in enumerate(after)}
    free_before = [place for place in range(len(before)) if place not in pairs.values()]
    free_after = [place for place, known in pairs.items() if known is None]
    pairs |= _least_days(before, after, free_before, free_after)
    found = [_change(before, slot, pairs[place]) for place, slot in enumerate(after)]
    gone = [place for place in range(len(before)) if place not in pairs.values()]
    return found + [Change(Fate.RELEASED, place, before[place], None) for place in gone]


def _change(before: Sequence[Slot], after: Slot, place: int | None) -> Change:
    if place is None:
        return Change(Fate.NEW, None, None, after)
    was = before[place]
    if (was.day, was.start) != (after.day, after.start):
        return Change(Fate.MOVED, place, was, after)
    return Change(Fate.KEPT if was.chair == after.chair else Fate.CHAIR, place, was, after)


def _least_days(
    before: Sequence[Slot], after: Sequence[Slot], free_before: list[int], free_after: list[int]
) -> dict[int, int | None]:
    """Which free booking goes to which free time: in order, and the fewest days in all. A series is short."""
    count = min(len(free_before), len(free_after))

    def days(chosen: tuple[tuple[int, ...], tuple[int, ...]]) -> int:
        return sum(abs((before[a].day - after[b].day).days) for a, b in zip(*chosen, strict=True))

    ways = [(a, b) for a in combinations(free_before, count) for b in combinations(free_after, count)]
    first, second = min(ways, key=days)
    return dict(zip(second, first, strict=True))


@lru_cache(maxsize=1)
def _data() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(DATA.read_text(encoding="utf-8"))
    return loaded
