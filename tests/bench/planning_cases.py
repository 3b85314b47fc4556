"""Generated cases for the bench of one series: 21 days, 6 chairs, slots of 15 minutes, a calendar 70 % full."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random
from typing import Any

Json = dict[str, Any]
FIRST = date(2027, 3, 1)
"""A Monday."""
HORIZON_DAYS = 21
CHAIRS = 6
WEEK = ["mon", "tue", "wed", "thu", "fri", "sat"]
OPENS, CLOSES = 8 * 60, 18 * 60
SESSION, TURNOVER, UNITS = 120, 15, 10
"""Minutes on the chair and for cleaning; watch units of five nurses."""
PROFILE = [[30, 2], [90, 1]]
"""Placing the line takes a whole nurse."""
WEIGHTS = {
    "spacing": 3,
    "delay_day": 2,
    "outside_preferred": 3,
    "time_shift": 2,
    "weekday_change": 3,
    "sliver": 1,
    "protected": 2,
}


def a_case(seed: int, *, load: float = 0.7) -> Json:
    """A case of six infusions at a clinic whose chairs are taken for that share of the opening hours."""
    random = Random(seed)
    preferred = random.choice([("08:00", "11:00"), ("09:00", "12:00"), ("13:00", "15:30")])
    return {
        "site": _site(),
        "protocol": _protocol(random.choice([3, 3, 2])),
        "patient": {
            "earliest": FIRST.isoformat(),
            "latest_start": (FIRST + timedelta(days=4)).isoformat(),
            "not_after": (FIRST + timedelta(days=HORIZON_DAYS - 1)).isoformat(),
            "available": {day: _hours(random) for day in WEEK if day != "sat" or random.random() < 0.5},
            "preferred": {"from": preferred[0], "to": preferred[1]},
        },
        "bookings": _bookings(random, load),
        "weights": WEIGHTS,
    }


def an_infeasible_case(seed: int) -> Json:
    """Mondays and Thursdays from the first Monday on, and every chair is out of use on the second Thursday.

    Another day, a later start, the other site, a wider gap or a chair that day would each do: five reasons.
    """
    case, other = a_case(seed), a_case(seed + 1000)
    case["patient"] |= {
        "latest_start": FIRST.isoformat(),
        "available": {d: [["08:00", "18:00"]] for d in ("mon", "thu")},
    }
    del case["patient"]["not_after"]
    case["protocol"] |= {"gap_points": {"3": 0, "4": 0}, "max_span_days": 28, "per_week": 2}
    full = (FIRST + timedelta(days=10)).isoformat()
    out = [{"chair": f"Chair {n}", "start": f"{full}T08:00", "end": f"{full}T18:00"} for n in range(1, CHAIRS + 1)]
    case["bookings"] = [booking for booking in case["bookings"] if booking["start"][:10] != full]
    case["bookings"] += [{**closed, "watch_profile": [[1, 0]]} for closed in out]
    case["other_sites"] = [{"site": {**other["site"], "name": "Westside"}, "bookings": other["bookings"]}]
    return case


def _site() -> Json:
    every_day = {"days": WEEK, "from": "08:00", "to": "18:00"}
    return {
        "timezone": "America/Denver",
        "slot_minutes": 15,
        "chairs": [{"name": f"Chair {n}"} for n in range(1, CHAIRS + 1)],
        "hours": {day: [["08:00", "18:00"]] for day in WEEK},
        "monitoring": [{**every_day, "capacity": UNITS}],
        "starts_per_slot": 2,
        "no_start": [{**every_day, "from": "12:00", "to": "12:45"}],
        "protected": [{"days": ["tue", "thu"], "from": "15:00", "to": "16:00"}],
    }


def _protocol(per_week: int) -> Json:
    """Thrice or twice weekly, as the clinical defaults have them."""
    gaps = {"2": 0, "3": 0, "4": 4, "5": 8} if per_week == 3 else {"2": 3, "3": 0, "4": 0, "5": 3}
    return {
        "infusions": 6,
        "chair_minutes": SESSION,
        "first_chair_minutes": SESSION + 30,
        "turnover_minutes": TURNOVER,
        "watch_profile": PROFILE,
        "gap_points": gaps,
        "min_span_days": 10,
        "max_span_days": 21,
        "max_in_7_days": 4,
        "per_week": per_week,
    }


def _hours(random: Random) -> list[list[str]]:
    return random.choice([[["08:00", "18:00"]], [["08:00", "18:00"]], [["08:00", "13:00"]], [["11:00", "18:00"]]])


def _bookings(random: Random, load: float) -> list[Json]:
    """Sessions at random until the share is reached, within the watch units and the starts of a slot."""
    found: list[Json] = []
    for ahead in range(HORIZON_DAYS):
        day = FIRST + timedelta(days=ahead)
        if day.weekday() < len(WEEK):
            found += _bookings_on(random, day, load)
    return found


def _bookings_on(random: Random, day: date, load: float) -> list[Json]:
    """Four sessions to a chair at most, one after the other as a desk books them, until the share is reached."""
    each = SESSION + TURNOVER
    offsets = {chair: random.choice([0, 15, 30, 45]) for chair in range(1, CHAIRS + 1)}
    places = [(chair, OPENS + offset + each * n) for chair, offset in offsets.items() for n in range(4)]
    random.shuffle(places)
    watched, starts, found = [0] * (CLOSES + SESSION), list[int](), list[Json]()
    for chair, start in places:
        units = [2 if minute < PROFILE[0][0] else 1 for minute in range(SESSION)]
        is_watched = all(watched[start + n] + unit <= UNITS for n, unit in enumerate(units))
        if len(found) * each >= load * CHAIRS * (CLOSES - OPENS) or starts.count(start) >= 2 or not is_watched:
            continue
        starts.append(start)
        for n, unit in enumerate(units):
            watched[start + n] += unit
        clocks = [f"{day.isoformat()}T{at // 60:02d}:{at % 60:02d}" for at in (start, start + SESSION)]
        found.append({"chair": f"Chair {chair}", "start": clocks[0], "end": clocks[1], "watch_profile": PROFILE})
    return found
