"""A planning case that is easy to reckon by hand; a test changes only what matters to it."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

Json = dict[str, Any]
WEEK = ["mon", "tue", "wed", "thu", "fri"]
PLAIN: Json = {
    "site": {
        "timezone": "America/Denver",
        "slot_minutes": 30,
        "chairs": [{"name": "A"}, {"name": "B", "features": ["private"]}],
        "hours": {day: [["08:00", "12:00"]] for day in WEEK},
        "monitoring": [{"days": WEEK, "from": "08:00", "to": "12:00", "capacity": 2}],
        "starts_per_slot": 2,
    },
    "protocol": {
        "infusions": 3,
        "chair_minutes": 60,
        "turnover_minutes": 0,
        "gap_points": {"2": 0, "3": 0, "5": 2},
        "min_span_days": 4,
        "max_span_days": 8,
        "max_in_7_days": 3,
        "per_week": 3,
    },
    "patient": {
        "earliest": "2027-03-01",
        "latest_start": "2027-03-03",
        "available": {day: [["08:00", "12:00"]] for day in WEEK},
    },
    "bookings": [],
}
"""Monday 1 March 2027; the best plan is Monday, Wednesday, Friday at 8:00 on chair A."""
BEST = [
    {"date": "2027-03-01", "start": "08:00", "chair": "A"},
    {"date": "2027-03-03", "start": "08:00", "chair": "A"},
    {"date": "2027-03-05", "start": "08:00", "chair": "A"},
]


def plain_case(**changes: Any) -> Json:
    """The plain case with keys changed: `site_starts_per_slot=1` changes `site.starts_per_slot`, None takes it out."""
    case = deepcopy(PLAIN)
    for name, value in changes.items():
        part, _, key = name.partition("_")
        holder, key = (case[part], key) if key and part in ("site", "protocol", "patient") else (case, name)
        if value is None:
            del holder[key]
        else:
            holder[key] = value
    return case


def a_booking(start: str, end: str, *, chair: str = "A", day: str = "2027-03-01", **more: Any) -> Json:
    """A booking within one date."""
    return {"chair": chair, "start": f"{day}T{start}", "end": f"{day}T{end}", **more}
