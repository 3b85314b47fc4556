"""The cost of a plan a second time, in plain loops over the JSON: nothing here is shared with the planner."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from intake.domain.scheduling.checking_basics import (
    Json,
    bookings_on,
    code_of,
    held_minutes,
    is_in_shift,
    is_open,
    length_of,
    minute_of,
)


def cost_of(case: Json, infusions: Sequence[Json]) -> int:
    """The eight terms, added up over a whole series."""
    done = len(case.get("fixed", []))
    total = sum(own_cost(case, infusions[number - 1], number) for number in range(done + 1, len(infusions) + 1))
    total += sum(pair_cost(case, infusions, place) for place in range(max(done, 1), len(infusions)))
    return total + whole_cost(case, infusions)


def whole_cost(case: Json, infusions: Sequence[Json]) -> int:
    """What hangs on no single infusion: the delay of the first new one, and bookings that were given up."""
    done, weights = len(case.get("fixed", [])), case.get("weights", {})
    total = 0
    if len(infusions) > done:
        late = date.fromisoformat(infusions[done]["date"]) - date.fromisoformat(case["patient"]["earliest"])
        total += weights.get("delay_day", 0) * late.days
    kept = [(entry["date"], minute_of(entry["start"])) for entry in infusions[done:]]
    for entry in case.get("current", []):
        if (entry["date"], minute_of(entry["start"])) not in kept:
            points = entry.get("move_points")
            total += weights.get("moved", 0) if points is None else points
    return int(total)


def own_cost(case: Json, infusion: Json, number: int) -> int:
    """What one new infusion costs alone: holes, preference, protected start."""
    weights, day, start = case.get("weights", {}), infusion["date"], minute_of(infusion["start"])
    cost = weights.get("sliver", 0) * _holes(case, infusion, number)
    preferred = case["patient"].get("preferred")
    if preferred and not minute_of(preferred["from"]) <= start <= minute_of(preferred["to"]):
        cost += weights.get("outside_preferred", 0)
    if any(is_in_shift(shift, day, start) for shift in case["site"].get("protected", [])):
        cost += weights.get("protected", 0)
    return int(cost)


def pair_cost(case: Json, infusions: Sequence[Json], place: int) -> int:
    """What infusion `place + 1` costs beside the one before it and the one a week's count before it."""
    weights, protocol = case.get("weights", {}), case["protocol"]
    before, here = infusions[place - 1], infusions[place]
    gap = (date.fromisoformat(here["date"]) - date.fromisoformat(before["date"])).days
    cost = weights.get("spacing", 0) * protocol["gap_points"].get(str(gap), 0)
    if abs(minute_of(here["start"]) - minute_of(before["start"])) > 60:
        cost += weights.get("time_shift", 0)
    back = place - protocol["per_week"]
    if back >= 0 and code_of(infusions[back]["date"]) != code_of(here["date"]):
        cost += weights.get("weekday_change", 0)
    return int(cost)


def _holes(case: Json, infusion: Json, number: int) -> int:
    """Unusable holes beside a session: walk outwards minute by minute for as long as the chair is idle."""
    day, start = infusion["date"], minute_of(infusion["start"])
    turnover: int = case["protocol"]["turnover_minutes"]
    clean = start + length_of(case, number) + turnover
    opening = start
    while is_open(case, day, opening - 1):
        opening -= 1
    held: set[int] = set()
    for booking, begin, stop in bookings_on(case, day):
        if booking["chair"] == infusion["chair"] and stop > opening:
            held |= held_minutes(case, booking, begin, stop)
    before, after = start, clean
    while is_open(case, day, before - 1) and before - 1 not in held:
        before -= 1
    while is_open(case, day, after) and after not in held:
        after += 1
    usable = case["protocol"]["chair_minutes"]
    return sum(0 < idle < usable for idle in (start - before, after - clean))
