"""The demo clinic's file, with closures around today."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import holidays

from intake.domain.scheduling.values import WEEKDAYS

FILE = Path(__file__).with_name("clinic.json")
NOON = "12:00"


def document(today: date, *, with_half_day: bool = True) -> dict[str, Any]:
    """The clinic's file: federal holidays of last year to next year closed, one half-closed day next week."""
    clinic: dict[str, Any] = json.loads(FILE.read_text())
    federal = holidays.country_holidays("US", years=range(today.year - 1, today.year + 2))
    for site in clinic["sites"]:
        site["closures"] = [str(day) for day in sorted(federal)]
    if with_half_day:
        clinic["sites"][0]["closures"].append(half_day(today, set(federal), clinic["sites"][0]["hours"]))
    return clinic


def half_day(today: date, closed: set[date], hours: dict[str, Any]) -> dict[str, str]:
    """The afternoon of next week's first open Wednesday or later day is closed."""
    monday = today - timedelta(days=today.weekday()) + timedelta(days=7)
    days = (monday + timedelta(days=step) for step in (2, 3, 4, 1, 0))
    day = next(day for day in days if day not in closed and WEEKDAYS[day.weekday()] in hours)
    return {"date": str(day), "from": NOON, "to": hours[WEEKDAYS[day.weekday()]][-1][1]}
