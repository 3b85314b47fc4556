"""The planning rules a second time, minute by minute in plain loops, straight from the JSON of a case and a plan.

Deliberately shares nothing with the planner: only the command that checks plans and the tests import it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any

from intake.domain.errors import DomainError

Json = dict[str, Any]
DAY_CODES = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


def check(case: Json, plan: Json) -> tuple[list[str], int]:
    """Every broken rule of a plan (none: it is legal) and its cost in points. Raises `DomainError` for a plan amiss.

    The case is taken to be well formed. A plan that says `infeasible` cannot be judged here and counts as broken.
    """
    if plan.get("status") == "infeasible":
        return ["infeasible: whether no plan exists cannot be judged here"], 0
    infusions = _infusions_of(plan)
    broken = list(series_faults(case, infusions))
    done = len(case.get("fixed", []))
    for number in range(done + 1, len(infusions) + 1):
        broken += [f"infusion {number}: {fault}" for fault in slot_faults(case, infusions[number - 1], number)]
    return broken, cost_of(case, infusions)


def _infusions_of(plan: Json) -> list[Json]:
    try:
        infusions: list[Json] = [dict(entry) for entry in plan["infusions"]]
        for entry in infusions:
            date.fromisoformat(entry["date"])
            _minute(entry["start"])
            entry["chair"] += ""
    except (KeyError, TypeError, ValueError):
        raise DomainError("infusions: a list of objects with date, start and chair is needed") from None
    return infusions


@lru_cache(maxsize=2048)
def _minute(clock: str) -> int:
    hours, minutes = clock.split(":")[:2]
    return 60 * int(hours) + int(minutes)


def _moment(day: str, minute: int) -> datetime:
    return datetime.fromisoformat(day) + timedelta(minutes=minute)


@lru_cache(maxsize=2048)
def _code(day: str) -> str:
    return DAY_CODES[date.fromisoformat(day).weekday()]


def _length(case: Json, number: int) -> int:
    protocol = case["protocol"]
    length: int = protocol["chair_minutes"]
    if number == 1 and protocol.get("first_chair_minutes") is not None:
        length = protocol["first_chair_minutes"]
    return length


def _units_at(profile: list[list[int]] | None, minute: int) -> int:
    """Watch units of a session in its minute number `minute`."""
    if not profile:
        return 1
    for lasting, units in profile:
        if minute < lasting:
            return units
        minute -= lasting
    return profile[-1][1]


def _bookings_on(case: Json, day: str) -> Iterator[tuple[Json, int, int]]:
    for booking in case.get("bookings", []):
        if booking["start"][:10] == day:
            yield booking, _minute(booking["start"][11:]), _minute(booking["end"][11:])


def _is_open(case: Json, day: str, minute: int) -> bool:
    for closure in case["site"].get("closures", []):
        if closure == day:
            return False
        is_part = isinstance(closure, dict) and closure["date"] == day
        if is_part and _minute(closure["from"]) <= minute < _minute(closure["to"]):
            return False
    for opens, closes in case["site"]["hours"].get(_code(day), []):
        if _minute(opens) <= minute < _minute(closes):
            return True
    return False


def _is_in_shift(shift: Json, day: str, minute: int) -> bool:
    return _code(day) in shift["days"] and _minute(shift["from"]) <= minute < _minute(shift["to"])


def slot_faults(case: Json, infusion: Json, number: int) -> Iterator[str]:
    """Rules 1 to 6 for one new infusion."""
    day, start = infusion["date"], _minute(infusion["start"])
    minutes = range(start, start + _length(case, number))
    yield from _start_faults(case, day, start, number)
    if not all(_is_open(case, day, minute) for minute in minutes):
        yield "rule 1: the clinic is not open throughout"
    yield from _chair_faults(case, infusion, minutes)
    if not all(_is_watched(case, day, start, minute) for minute in minutes):
        yield "rule 3: more watch units than there are"
    starting = [begin for _, begin, _ in _bookings_on(case, day) if begin == start]
    if len(starting) + 1 > case["site"]["starts_per_slot"]:
        yield "rule 4: too many sessions start at once"
    yield from _patient_faults(case, day, minutes)
    if not all(_has_provider(case, day, minute) for minute in minutes):
        yield "rule 6: a minute without a provider on site"


def _has_provider(case: Json, day: str, minute: int) -> bool:
    shifts = case["site"].get("provider")
    return shifts is None or any(_is_in_shift(shift, day, minute) for shift in shifts)


def _start_faults(case: Json, day: str, start: int, number: int) -> Iterator[str]:
    if start % case["site"]["slot_minutes"] != 0:
        yield "rule 1: not on a slot"
    if any(_is_in_shift(shift, day, start) for shift in case["site"].get("no_start", [])):
        yield "rule 1: no session starts then"
    first = case["protocol"].get("first_start")
    if number == 1 and first and not _minute(first["from"]) <= start <= _minute(first["to"]):
        yield "rule 1: not a start for a first infusion"


def _chair_faults(case: Json, infusion: Json, minutes: range) -> Iterator[str]:
    day, turnover = infusion["date"], case["protocol"]["turnover_minutes"]
    held = set(range(minutes.start, minutes.stop + turnover))
    features: list[str] | None = None
    for chair in case["site"]["chairs"]:
        if chair["name"] == infusion["chair"]:
            features = chair.get("features", [])
    if features is None:
        yield "rule 2: no such chair"
    elif any(need not in features for need in case["patient"].get("needs", [])):
        yield "rule 2: the chair lacks a needed feature"
    for booking, begin, end in _bookings_on(case, day):
        taken = set(range(begin, end + booking.get("turnover_minutes", turnover)))
        if booking["chair"] == infusion["chair"] and held & taken:
            yield "rule 2: the chair is taken"


def _is_watched(case: Json, day: str, start: int, minute: int) -> bool:
    """Whether the units of one minute suffice for everybody in progress and for this session."""
    units = _units_at(case["protocol"].get("watch_profile"), minute - start)
    for booking, begin, end in _bookings_on(case, day):
        if begin <= minute < end:
            units += _units_at(booking.get("watch_profile"), minute - begin)
    capacity = 0
    for shift in case["site"]["monitoring"]:
        if _is_in_shift(shift, day, minute):
            capacity += shift["capacity"]
    return units <= capacity


def _patient_faults(case: Json, day: str, minutes: range) -> Iterator[str]:
    patient, start, end = case["patient"], minutes.start, minutes.stop
    if day in patient.get("unavailable_dates", []):
        yield "rule 5: an unavailable date"
    spans = patient["available"].get(_code(day), [])
    if not any(_minute(a) <= start and end <= _minute(b) for a, b in spans):
        yield "rule 5: the patient is not available"
    pickup = patient.get("pickup")
    if pickup is not None and not any(_minute(a) <= end <= _minute(b) for a, b in pickup.get(_code(day), [])):
        yield "rule 5: nobody drives home"
    for busy in patient.get("busy", []):
        begins, stops = datetime.fromisoformat(busy["start"]), datetime.fromisoformat(busy["end"])
        if any(begins <= _moment(day, minute) < stops for minute in minutes):
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
    return entry["date"], _minute(entry["start"]), entry["chair"]


def _window_faults(case: Json, days: Sequence[date], done: int) -> Iterator[str]:
    protocol, patient, new = case["protocol"], case["patient"], days[done:]
    span = (days[-1] - days[0]).days
    if span < protocol["min_span_days"] or span > protocol["max_span_days"]:
        yield f"rule 9: {span} days from first to last"
    for begin in {day + timedelta(days=shift) for day in new for shift in range(-6, 1)}:
        window = [day for day in days if begin <= day < begin + timedelta(days=7)]
        if len(window) > protocol["max_in_7_days"]:
            yield f"rule 10: {len(window)} infusions in the 7 days from {begin}"
    if min(new) < date.fromisoformat(patient["earliest"]):
        yield "rule 11: before the earliest date"
    if done == 0 and days[0] > date.fromisoformat(patient["latest_start"]):
        yield "rule 11: after the latest start"
    if patient.get("not_after") and max(new) > date.fromisoformat(patient["not_after"]):
        yield "rule 11: after the last date allowed"


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
    kept = [(entry["date"], _minute(entry["start"])) for entry in infusions[done:]]
    for entry in case.get("current", []):
        if (entry["date"], _minute(entry["start"])) not in kept:
            points = entry.get("move_points")
            total += weights.get("moved", 0) if points is None else points
    return int(total)


def own_cost(case: Json, infusion: Json, number: int) -> int:
    """What one new infusion costs alone: holes, preference, protected start."""
    weights, day, start = case.get("weights", {}), infusion["date"], _minute(infusion["start"])
    cost = weights.get("sliver", 0) * _holes(case, infusion, number)
    preferred = case["patient"].get("preferred")
    if preferred and not _minute(preferred["from"]) <= start <= _minute(preferred["to"]):
        cost += weights.get("outside_preferred", 0)
    if any(_is_in_shift(shift, day, start) for shift in case["site"].get("protected", [])):
        cost += weights.get("protected", 0)
    return int(cost)


def pair_cost(case: Json, infusions: Sequence[Json], place: int) -> int:
    """What infusion `place + 1` costs beside the one before it and the one a week's count before it."""
    weights, protocol = case.get("weights", {}), case["protocol"]
    before, here = infusions[place - 1], infusions[place]
    gap = (date.fromisoformat(here["date"]) - date.fromisoformat(before["date"])).days
    cost = weights.get("spacing", 0) * protocol["gap_points"].get(str(gap), 0)
    if abs(_minute(here["start"]) - _minute(before["start"])) > 60:
        cost += weights.get("time_shift", 0)
    back = place - protocol["per_week"]
    if back >= 0 and _code(infusions[back]["date"]) != _code(here["date"]):
        cost += weights.get("weekday_change", 0)
    return int(cost)


def _holes(case: Json, infusion: Json, number: int) -> int:
    """Unusable holes beside a session: walk outwards minute by minute for as long as the chair is idle."""
    day, start = infusion["date"], _minute(infusion["start"])
    turnover: int = case["protocol"]["turnover_minutes"]
    clean = start + _length(case, number) + turnover
    opening = start
    while _is_open(case, day, opening - 1):
        opening -= 1
    held: set[int] = set()
    for booking, begin, stop in _bookings_on(case, day):
        if booking["chair"] == infusion["chair"] and stop > opening:
            held |= set(range(begin, stop + booking.get("turnover_minutes", turnover)))
    before, after = start, clean
    while _is_open(case, day, before - 1) and before - 1 not in held:
        before -= 1
    while _is_open(case, day, after) and after not in held:
        after += 1
    usable = case["protocol"]["chair_minutes"]
    return sum(0 < idle < usable for idle in (start - before, after - clean))
