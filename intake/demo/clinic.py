"""The demo clinic's file, with closures around today."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import holidays
from sqlalchemy import delete

from intake.domain.scheduling.values import WEEKDAYS
from intake.extensions import transaction
from intake.models.sites import Closure

FILE = Path(__file__).with_name("clinic.json")
NOON, NOON_MINUTES = "12:00", 12 * 60


def document(today: date, *, with_half_day: bool = True) -> dict[str, Any]:
    """The clinic's file: federal holidays of last year to next year closed, one half-closed day next week."""
    clinic: dict[str, Any] = json.loads(FILE.read_text())
    federal = holidays.country_holidays("US", years=range(today.year - 1, today.year + 2))
    for site in clinic["sites"]:
        site["closures"] = [str(day) for day in sorted(federal)]
    if with_half_day:
        clinic["sites"][0]["closures"].append(half_day(today, set(federal), clinic["sites"][0]["hours"]))
    return clinic


def documents(today: date) -> Iterator[dict[str, Any]]:
    """The whole file first, then what can be loaded where that is refused: without the half day, without sites."""
    yield document(today)
    yield document(today, with_half_day=False)
    yield document(today) | {"sites": []}


def reopen(now: datetime) -> None:
    """Take back the half-closed day of an earlier start once its week has come: the board's day is a whole one."""
    today = now.date()
    sunday = today + timedelta(days=6 - today.weekday())
    with transaction() as session:
        session.execute(delete(Closure).where(Closure.on_date.between(today, sunday), Closure.starts == NOON_MINUTES))


def half_day(today: date, closed: set[date], hours: dict[str, Any]) -> dict[str, str]:
    """The afternoon of next week's first open Wednesday or later day is closed."""
    monday = today - timedelta(days=today.weekday()) + timedelta(days=7)
    days = (monday + timedelta(days=step) for step in (2, 3, 4, 1, 0))
    day = next(day for day in days if day not in closed and WEEKDAYS[day.weekday()] in hours)
    return {"date": str(day), "from": NOON, "to": hours[WEEKDAYS[day.weekday()]][-1][1]}
