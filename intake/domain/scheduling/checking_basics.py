"""A case in JSON read minute by minute, for the second check: nothing here is shared with the planner."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any

Json = dict[str, Any]
DAY_CODES = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
A_DAY = 24 * 60


def without_nulls(value: Any) -> Any:
    """A case without the keys that are null: they count as left out."""
    if isinstance(value, dict):
        return {key: without_nulls(inner) for key, inner in value.items() if inner is not None}
    return [without_nulls(inner) for inner in value] if isinstance(value, list) else value


@lru_cache(maxsize=2048)
def minute_of(clock: str) -> int:
    """'09:30' as minutes after midnight."""
    hours, minutes = clock.split(":")[:2]
    return 60 * int(hours) + int(minutes)


def moment_of(day: str, minute: int) -> datetime:
    """A local date and minute as a local date-time."""
    return datetime.fromisoformat(day) + timedelta(minutes=minute)


@lru_cache(maxsize=2048)
def code_of(day: str) -> str:
    """The weekday of an ISO date as cases write it."""
    return DAY_CODES[date.fromisoformat(day).weekday()]


def length_of(case: Json, number: int) -> int:
    """The chair minutes of infusion `number`; 1 is the first of the series."""
    protocol = case["protocol"]
    minutes: int = protocol["chair_minutes"]
    if number == 1:
        minutes = protocol.get("first_chair_minutes", minutes)
    return minutes


def units_at(profile: list[list[int]] | None, minute: int) -> int:
    """Watch units of a session in its minute number `minute`."""
    if not profile:
        return 1
    for lasting, units in profile:
        if minute < lasting:
            return units
        minute -= lasting
    return profile[-1][1]


def bookings_on(case: Json, day: str) -> Iterator[tuple[Json, int, int]]:
    """The bookings of a date, each with its first minute and the minute at which it is over."""
    for booking in case.get("bookings", []):
        booked_on, _, start = booking["start"].partition("T")
        if booked_on == day:
            yield booking, minute_of(start), minute_of(booking["end"].partition("T")[2])


def held_minutes(case: Json, booking: Json, begin: int, end: int) -> set[int]:
    """The minutes in which a booking holds its chair, cleaning included; beyond a day nothing more can meet it."""
    turnover = booking.get("turnover_minutes", case["protocol"]["turnover_minutes"])
    return set(range(begin, min(end + turnover, 2 * A_DAY)))


def is_open(case: Json, day: str, minute: int) -> bool:
    """Whether the site is open in that minute."""
    for closure in case["site"].get("closures", []):
        if closure == day:
            return False
        is_part = isinstance(closure, dict) and closure["date"] == day
        if is_part and minute_of(closure["from"]) <= minute < minute_of(closure["to"]):
            return False
    for opens, closes in case["site"]["hours"].get(code_of(day), []):
        if minute_of(opens) <= minute < minute_of(closes):
            return True
    return False


def is_in_shift(shift: Json, day: str, minute: int) -> bool:
    """Whether a weekly stretch of time covers that minute."""
    return code_of(day) in shift["days"] and minute_of(shift["from"]) <= minute < minute_of(shift["to"])
