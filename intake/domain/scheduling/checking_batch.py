"""A batch plan checked in plain loops: each series by itself, with every other series' sessions booked.

Shares nothing with the planners, as the check of one series.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from intake.domain.errors import DomainError
from intake.domain.scheduling.checking import claim_faults, infusions_of, judge
from intake.domain.scheduling.checking_basics import Json, length_of, without_nulls

Placed = Mapping[str, Sequence[Json]]


def check_batch(case: Json, plan: Any) -> tuple[list[str], int]:
    """Every broken rule of a batch plan, each with its series, and the cost of the whole in points.

    The case is taken to be well formed. Raises `DomainError` for a plan amiss.
    """
    case = without_nulls(case)
    series = {entry["id"]: entry for entry in case["series"]}
    broken, placed = list(_listing_faults(series, plan)), _placed(plan)
    known = {name: infusions for name, infusions in placed.items() if name in series}
    weights = {**case.get("weights", {}), "sliver": 0}
    costs = []
    for name in known:
        bookings = [*case.get("bookings", []), *_sessions_of_others(name, known, series)]
        faults, cost = judge(
            {**series[name], "site": case["site"], "weights": weights, "bookings": bookings}, known[name]
        )
        broken += [f"{name}: {fault}" for fault in faults]
        costs.append(cost)
    total = sum(costs) + weights.get("unplaced", 0) * (len(series) - len(known))
    total += weights.get("worst", 0) * max(costs, default=0)
    return broken + claim_faults(plan, total) + _bound_faults(plan, total), total


def _placed(plan: Any) -> dict[str, list[Json]]:
    """The infusions of each series of the plan."""
    try:
        return {entry["id"] + "": infusions_of(entry) for entry in plan["series"]}
    except (KeyError, TypeError):
        raise DomainError("series: a list of objects with id and infusions is needed") from None


def _listing_faults(series: Mapping[str, Json], plan: Any) -> Iterator[str]:
    """Whether each series of the case stands exactly once in the plan, placed or unplaced."""
    names = list(_placed(plan))
    if len(names) < len(plan["series"]):
        yield "series: one stands in the plan twice"
    for name in names:
        if name not in series:
            yield f"series: the case has none with the id {name}"
    unplaced = plan.get("unplaced", [])
    if not isinstance(unplaced, list):
        raise DomainError("unplaced: a list of ids is needed")
    if sorted(map(str, unplaced)) != sorted(name for name in series if name not in names):
        yield "unplaced: does not list exactly the series without a plan"


def _sessions_of_others(name: str, placed: Placed, series: Mapping[str, Json]) -> Iterator[Json]:
    """The new sessions of every other series, as bookings."""
    for other, infusions in placed.items():
        if other != name:
            done = len(series[other].get("fixed", []))
            for number in range(done + 1, len(infusions) + 1):
                yield _as_booking(series[other], infusions[number - 1], number)


def _as_booking(entry: Json, infusion: Json, number: int) -> Json:
    hours, minutes = infusion["start"].split(":")[:2]
    end = 60 * int(hours) + int(minutes) + length_of(entry, number)
    booking = {
        "chair": infusion["chair"],
        "start": f"{infusion['date']}T{infusion['start']}",
        "end": f"{infusion['date']}T{end // 60:02d}:{end % 60:02d}",
        "turnover_minutes": entry["protocol"]["turnover_minutes"],
    }
    if "watch_profile" in entry["protocol"]:
        booking["watch_profile"] = entry["protocol"]["watch_profile"]
    return booking


def _bound_faults(plan: Json, total: int) -> list[str]:
    """A bound that the plan itself disproves."""
    bound = plan.get("bound", 0)
    if not isinstance(bound, int | float):
        raise DomainError("bound: is not a number")
    return [f"bound {bound} is above the cost {total}"] if bound > total else []
