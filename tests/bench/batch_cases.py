"""Batch cases of a size, drawn from a seed: a clinic with bookings up to a load, and series with all their wishes."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random
from typing import Any

Json = dict[str, Any]
FIRST = date(2027, 2, 1)
"""A Monday."""
WEEK = ["mon", "tue", "wed", "thu", "fri"]
OPENS, LAST_START = 480, 930
CHAIR_MINUTES, TURNOVER = 90, 20
HELD = CHAIR_MINUTES + TURNOVER
PROFILE = [[30, 2], [60, 1]]
INFUSIONS = 6
ALIKE = {
    "infusions": INFUSIONS,
    "chair_minutes": CHAIR_MINUTES,
    "turnover_minutes": TURNOVER,
    "max_in_7_days": 3,
    "watch_profile": PROFILE,
}
THRICE = {
    **ALIKE,
    "gap_points": {"2": 0, "3": 0, "4": 4, "5": 8},
    "min_span_days": 10,
    "max_span_days": 21,
    "per_week": 3,
}
TWICE = {
    **ALIKE,
    "gap_points": {"2": 3, "3": 0, "4": 0, "5": 3, "6": 8, "7": 8},
    "min_span_days": 14,
    "max_span_days": 20,
    "per_week": 2,
}
WEIGHTS = {
    "spacing": 3,
    "delay_day": 4,
    "outside_preferred": 3,
    "time_shift": 2,
    "weekday_change": 3,
    "protected": 6,
    "moved": 8,
    "unplaced": 500,
}


def clock(minutes: int) -> str:
    """570 → '09:30'."""
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def batch_case(seed: int, *, series: int = 45, chairs: int = 6, weeks: int = 3, load: float = 0.73) -> Json:
    """A batch whose sessions and bookings together take `load` of all chair minutes of those weeks.

    Series of a longer case begin all along it; the first and last weeks have more bookings instead. Six chairs need
    nine watch units and two starts in a slot, others as many in proportion.
    """
    random = Random(seed)
    site = _site(chairs)
    entries = [_series(random, number, weeks) for number in range(1, series + 1)]
    minutes = load * chairs * 540 * 5 * weeks - series * INFUSIONS * HELD
    bookings = _bookings(random, site, _weeks_with_room(entries, chairs, weeks, load), int(minutes // HELD) + 1)
    return {"site": site, "bookings": bookings, "weights": WEIGHTS, "series": entries}


def closed_day(plan: Json, case: Json) -> Json:
    """A planned case whose fullest day closes, known two days before: its series may move, all others are booked."""
    counts: dict[str, list[str]] = {}
    infusions = {entry["id"]: entry["infusions"] for entry in plan["series"]}
    for name, slots in infusions.items():
        for slot in slots:
            counts.setdefault(slot["date"], []).append(name)
    day = max(sorted(counts), key=lambda one: len(counts[one]))
    moved = [entry for entry in case["series"] if entry["id"] in counts[day]]
    stay = [slot for name, slots in infusions.items() if name not in counts[day] for slot in slots]
    site = {**case["site"], "closures": [day]}
    since = (date.fromisoformat(day) - timedelta(days=2)).isoformat()
    entries = [_to_move(entry, infusions[entry["id"]], since) for entry in moved]
    return {**case, "site": site, "bookings": case["bookings"] + [_booking(slot) for slot in stay], "series": entries}


def _to_move(entry: Json, infusions: list[Json], since: str) -> Json:
    """A series as it stands when the closing is made known: what is over is fixed, what is ahead may move."""
    done = [slot for slot in infusions if slot["date"] < since]
    ahead = [slot for slot in infusions if slot["date"] >= since]
    patient = {**entry["patient"], "earliest": max(since, entry["patient"]["earliest"])}
    return {**entry, "patient": patient, "fixed": done, "current": ahead}


def _booking(slot: Json) -> Json:
    start = int(slot["start"][:2]) * 60 + int(slot["start"][3:])
    return {
        "chair": slot["chair"],
        "start": f"{slot['date']}T{slot['start']}",
        "end": f"{slot['date']}T{clock(start + CHAIR_MINUTES)}",
        "watch_profile": PROFILE,
        "turnover_minutes": TURNOVER,
    }


def _site(chairs: int) -> Json:
    features = [["private"], ["wheelchair"], *[[] for _ in range(chairs)]]
    units = chairs * 3 // 2
    return {
        "timezone": "America/Denver",
        "slot_minutes": 15,
        "chairs": [{"name": chr(65 + n), "features": features[n]} for n in range(chairs)],
        "hours": {day: [["08:00", "17:00"]] for day in WEEK},
        "monitoring": [
            {"days": WEEK, "from": "07:30", "to": "13:00", "capacity": units},
            {"days": WEEK, "from": "12:30", "to": "18:30", "capacity": units},
        ],
        "starts_per_slot": max(chairs // 3, 1),
        "no_start": [{"days": WEEK, "from": "11:45", "to": "12:15"}],
        "protected": [{"days": WEEK, "from": "13:30", "to": "14:30"}],
    }


def _series(random: Random, number: int, weeks: int) -> Json:
    week = random.randrange(weeks - 2) if weeks > 3 else 0
    earliest = FIRST + timedelta(days=7 * week + random.choice([0, 0, 0, 1, 2, 3]))
    patient: Json = {
        "available": _available(random),
        "earliest": earliest.isoformat(),
        "latest_start": (earliest + timedelta(days=random.choice([7, 10]))).isoformat(),
        "not_after": (earliest + timedelta(days=25)).isoformat(),
        "unavailable_dates": [_some_day(random, earliest) for _ in range(random.choice([0, 0, 1]))],
    }
    if random.random() < 0.7:
        start = random.choice([480, 540, 600, 720, 780])
        patient["preferred"] = {"from": clock(start), "to": clock(start + random.choice([90, 120]))}
    if random.random() < 0.15:
        patient["needs"] = [random.choice(["private", "wheelchair"])]
    if random.random() < 0.3:
        patient["pickup"] = {day: [["10:00", "18:00"] if random.random() < 0.8 else ["12:00", "14:00"]] for day in WEEK}
    return {"id": f"s{number:03d}", "protocol": THRICE if random.random() < 0.6 else TWICE, "patient": patient}


def _available(random: Random) -> Json:
    """All day on most days; some mornings, some afternoons; at times a weekday not at all."""
    shapes = [[["07:00", "19:00"]]] * 9
    shapes += [[["08:00", "13:00"]], [["12:00", "18:00"]], [["09:00", "12:00"], ["13:00", "17:30"]]]
    available = {day: random.choice(shapes) for day in WEEK}
    if random.random() < 0.2:
        del available[random.choice(WEEK)]
    return available


def _some_day(random: Random, earliest: date) -> str:
    return (earliest + timedelta(days=random.randrange(18))).isoformat()


def _weeks_with_room(entries: list[Json], chairs: int, weeks: int, load: float) -> list[int]:
    """Each week as often as it has room beside the series, which take two sessions a week for three weeks."""
    expected = [0] * (weeks + 3)
    for entry in entries:
        begins = (date.fromisoformat(entry["patient"]["earliest"]) - FIRST).days // 7
        for week in range(begins, begins + 3):
            expected[week] += 2
    room = [max(load * chairs * 540 * 5 / HELD - expected[week], 1) for week in range(weeks)]
    return [week for week in range(weeks) for _ in range(round(room[week] / min(room)))]


def _bookings(random: Random, site: Json, weeks: list[int], count: int) -> list[Json]:
    """Sessions of others, drawn one by one where the site has room; two thirds of the watch units at most."""
    units = site["monitoring"][0]["capacity"] * 2 // 3
    starts: dict[tuple[date, int], int] = {}
    watched: dict[tuple[date, int], int] = {}
    held: dict[tuple[date, str], list[int]] = {}
    found: list[Json] = []
    for _ in range(count * 200):
        if len(found) == count:
            break
        day = FIRST + timedelta(days=random.choice(range(5)) + 7 * random.choice(weeks))
        chair, start = random.choice(site["chairs"])["name"], random.choice(range(OPENS, LAST_START, 15))
        needs = [(minute, 2 if minute < start + 30 else 1) for minute in range(start, start + CHAIR_MINUTES)]
        is_full = any(watched.get((day, minute), 0) + need > units for minute, need in needs)
        is_taken = any(abs(start - other) < HELD for other in held.get((day, chair), []))
        if is_full or is_taken or starts.get((day, start), 0) >= site["starts_per_slot"]:
            continue
        for minute, need in needs:
            watched[day, minute] = watched.get((day, minute), 0) + need
        starts[day, start] = starts.get((day, start), 0) + 1
        held.setdefault((day, chair), []).append(start)
        found.append(_booking({"chair": chair, "date": day.isoformat(), "start": clock(start)}))
    return found
