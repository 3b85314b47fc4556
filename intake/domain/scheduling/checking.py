"""The planning rules a second time, minute by minute in plain loops, straight from the JSON of a case and a plan.

Deliberately shares nothing with the planner: only the command that checks plans and the tests import it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from intake.domain.errors import DomainError
from intake.domain.scheduling.checking_basics import (
    A_DAY,
    Json,
    bookings_on,
    code_of,
    held_minutes,
    is_in_shift,
    is_open,
    length_of,
    minute_of,
    moment_of,
    units_at,
    without_nulls,
)
from intake.domain.scheduling.checking_costs import cost_of

YEARS = range(1900, 9000)
"""A plan with another date is a slip; no case reaches so far."""


def check(case: Json, plan: Any) -> tuple[list[str], int]:
    """Every broken rule of a plan (none: it is legal) and its cost in points. Raises `DomainError` for a plan amiss.

    The case is taken to be well formed. A plan that says `infeasible` cannot be judged here and counts as broken.
    One that says another cost than it has is broken too.
    """
    if not isinstance(plan, dict):
        raise DomainError("plan: is not an object")
    if plan.get("status") == "infeasible":
        return ["infeasible: whether no plan exists cannot be judged here"], 0
    case = without_nulls(case)
    infusions = infusions_of(plan)
    broken, cost = judge(case, infusions)
    return broken + claim_faults(plan, cost), cost


def judge(case: Json, infusions: Sequence[Json]) -> tuple[list[str], int]:
    """Every broken rule of a whole series and its cost. Of the bookings only those on its dates are looked at."""
    days = {entry["date"] for entry in infusions}
    near = [booking for booking in case.get("bookings", []) if booking["start"].partition("T")[0] in days]
    case = {**case, "bookings": near}
    broken = list(series_faults(case, infusions))
    done = len(case.get("fixed", []))
    for number in range(done + 1, len(infusions) + 1):
        broken += [f"infusion {number}: {fault}" for fault in slot_faults(case, infusions[number - 1], number)]
    return broken, cost_of(case, infusions)


def claim_faults(plan: Json, cost: int) -> list[str]:
    """What a plan says about its cost and is not so; a plan need not say anything."""
    said = plan.get("cost")
    return [f"the plan says cost {said}, it is {cost}"] if said is not None and said != cost else []


def infusions_of(plan: Any) -> list[Json]:
    """The infusions of a plan in JSON. Raises `DomainError` where they cannot be read."""
    try:
        infusions: list[Json] = [dict(entry) for entry in plan["infusions"]]
        for entry in infusions:
            entry["date"] = date.fromisoformat(entry["date"]).isoformat()
            entry["chair"] += ""
            if not 0 <= minute_of(entry["start"]) <= A_DAY:
                raise ValueError
    except (AttributeError, KeyError, TypeError, ValueError):
        raise DomainError("infusions: a list of objects with date, start and chair is needed") from None
    if any(int(entry["date"][:4]) not in YEARS for entry in infusions):
        raise DomainError(f"infusions: a date before {YEARS.start} or after {YEARS.stop - 1}")
    return infusions


def slot_faults(case: Json, infusion: Json, number: int) -> Iterator[str]:
    """Rules 1 to 6 for one new infusion."""
    day, start = infusion["date"], minute_of(infusion["start"])
    if length_of(case, number) > A_DAY:
        yield "rule 1: the clinic is not open throughout"
        return
    minutes = range(start, start + length_of(case, number))
    yield from _start_faults(case, day, start, number)
    if not all(is_open(case, day, minute) for minute in minutes):
        yield "rule 1: the clinic is not open throughout"
    yield from _chair_faults(case, infusion, minutes)
    if not all(_is_watched(case, day, start, minute) for minute in minutes):
        yield "rule 3: more watch units than there are"
    starting = [begin for _, begin, _ in bookings_on(case, day) if begin == start]
    if len(starting) + 1 > case["site"]["starts_per_slot"]:
        yield "rule 4: too many sessions start at once"
    yield from _patient_faults(case, day, minutes)
    if not all(_has_provider(case, day, minute) for minute in minutes):
        yield "rule 6: a minute without a provider on site"


def _has_provider(case: Json, day: str, minute: int) -> bool:
    shifts = case["site"].get("provider")
    return shifts is None or any(is_in_shift(shift, day, minute) for shift in shifts)


def _start_faults(case: Json, day: str, start: int, number: int) -> Iterator[str]:
    if start % case["site"]["slot_minutes"] != 0:
        yield "rule 1: not on a slot"
    if any(is_in_shift(shift, day, start) for shift in case["site"].get("no_start", [])):
        yield "rule 1: no session starts then"
    first = case["protocol"].get("first_start")
    if number == 1 and first and not minute_of(first["from"]) <= start <= minute_of(first["to"]):
        yield "rule 1: not a start for a first infusion"


def _chair_faults(case: Json, infusion: Json, minutes: range) -> Iterator[str]:
    day, turnover = infusion["date"], case["protocol"]["turnover_minutes"]
    held = set(range(minutes.start, minutes.stop + min(turnover, A_DAY)))
    features: list[str] | None = None
    for chair in case["site"]["chairs"]:
        if chair["name"] == infusion["chair"]:
            features = chair.get("features", [])
    if features is None:
        yield "rule 2: no such chair"
    elif any(need not in features for need in case["patient"].get("needs", [])):
        yield "rule 2: the chair lacks a needed feature"
    for booking, begin, end in bookings_on(case, day):
        if booking["chair"] == infusion["chair"] and held & held_minutes(case, booking, begin, end):
            yield "rule 2: the chair is taken"


def _is_watched(case: Json, day: str, start: int, minute: int) -> bool:
    """Whether the units of one minute suffice for everybody in progress and for this session."""
    units = units_at(case["protocol"].get("watch_profile"), minute - start)
    for booking, begin, end in bookings_on(case, day):
        if begin <= minute < end:
            units += units_at(booking.get("watch_profile"), minute - begin)
    capacity = 0
    for shift in case["site"]["monitoring"]:
        if is_in_shift(shift, day, minute):
            capacity += shift["capacity"]
    return units <= capacity


def _patient_faults(case: Json, day: str, minutes: range) -> Iterator[str]:
    patient, start, end = case["patient"], minutes.start, minutes.stop
    if day in patient.get("unavailable_dates", []):
        yield "rule 5: an unavailable date"
    spans = patient["available"].get(code_of(day), [])
    if not any(minute_of(a) <= start and end <= minute_of(b) for a, b in spans):
        yield "rule 5: the patient is not available"
    pickup = patient.get("pickup")
    if pickup is not None and not any(minute_of(a) <= end <= minute_of(b) for a, b in pickup.get(code_of(day), [])):
        yield "rule 5: nobody drives home"
    for busy in patient.get("busy", []):
        begins, stops = datetime.fromisoformat(busy["start"]), datetime.fromisoformat(busy["end"])
        if any(begins <= moment_of(day, minute) < stops for minute in minutes):
            yield "rule 5: another appointment"


def series_faults(case: Json, infusions: Sequence[Json]) -> Iterator[str]:
    """Rules 7 to 11 over all infusions, fixed ones included."""
    fixed, protocol = case.get("fixed", []), case["protocol"]
    if len(infusions) != protocol["infusions"]:
        yield f"rule 7: {len(infusions)} infusions instead of {protocol['infusions']}"
    if [_key(entry) for entry in infusions[: len(fixed)]] != [_key(entry) for entry in fixed]:
        yield "rule 7: the fixed infusions do not stand first, unchanged"
    for pin in case.get("pinned", []):
        if pin["number"] > len(infusions) or _key(infusions[pin["number"] - 1]) != _key(pin):
            yield f"rule 7: infusion {pin['number']} is not where it is pinned"
    days = [date.fromisoformat(entry["date"]) for entry in infusions]
    for place in range(1, len(days)):
        gap = (days[place] - days[place - 1]).days
        if gap < 1:
            yield f"rule 7: infusion {place + 1} is not after infusion {place}"
        elif place >= len(fixed) and str(gap) not in protocol["gap_points"]:
            yield f"rule 8: {gap} days between infusion {place} and {place + 1}"
    if len(days) > len(fixed):
        yield from _window_faults(case, days, len(fixed))


def _key(entry: Json) -> tuple[str, int, str]:
    return entry["date"], minute_of(entry["start"]), entry["chair"]


def _window_faults(case: Json, days: Sequence[date], done: int) -> Iterator[str]:
    protocol, patient, new = case["protocol"], case["patient"], days[done:]
    span = (days[-1] - days[0]).days
    if span < protocol["min_span_days"] or span > protocol["max_span_days"]:
        yield f"rule 9: {span} days from first to last"
    begins = sorted({day + timedelta(days=shift) for day in new for shift in range(-6, 1)})
    held = [sum(begin <= day < begin + timedelta(days=7) for day in days) for begin in begins]
    if max(held) > protocol["max_in_7_days"]:
        yield f"rule 10: {max(held)} infusions in the 7 days from {begins[held.index(max(held))]}"
    if min(new) < date.fromisoformat(patient["earliest"]):
        yield "rule 11: before the earliest date"
    if done == 0 and days[0] > date.fromisoformat(patient["latest_start"]):
        yield "rule 11: after the latest start"
    if patient.get("not_after") and max(new) > date.fromisoformat(patient["not_after"]):
        yield "rule 11: after the last date allowed"
