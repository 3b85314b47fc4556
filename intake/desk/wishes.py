"""What the desk types about a patient's days, as the planning format keeps it, and back."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from intake.domain.clinic_time import MONTH_NAMES, parse_clock
from intake.domain.errors import DomainError
from intake.domain.scheduling.values import WEEKDAYS

NOT, MORNING, AFTERNOON, ALL_DAY, HOURS = "not", "morning", "afternoon", "all-day", "hours"
SPANS = {MORNING: ["00:00", "13:00"], AFTERNOON: ["12:00", "24:00"], ALL_DAY: ["00:00", "24:00"]}
"""What the words mean: mornings end at 1 pm, afternoons begin at noon, so that a session over noon fits either."""
LONGEST_ABSENCE_DAYS = 60
_TIME = re.compile(r"(\d{1,2})(?:[:.](\d{2}))?\s*(am|pm|a\.m\.|p\.m\.)?", re.IGNORECASE)
_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
_US = re.compile(r"(\d{1,2})/(\d{1,2})(?:/(\d{4}))?")
_NAMED = re.compile(r"([a-z]{3})[a-z]*\.?\s+(\d{1,2})(?:,?\s+(\d{4}))?", re.IGNORECASE)


def read_time(text: str) -> str:
    """'9', '9:30 am' or '14:00' as '09:00', …; raises `DomainError`. One to six without am or pm is afternoon."""
    match = _TIME.fullmatch(text.strip())
    if match is None:
        raise DomainError("Enter a time of day such as 9:30 am.")
    hour, minute, half = int(match[1]), int(match[2] or 0), (match[3] or "").lower()[:1]
    if half and not 1 <= hour <= 12:
        raise DomainError("Enter a time of day such as 9:30 am.")
    if half:
        hour = hour % 12 + (12 if half == "p" else 0)
    elif 1 <= hour <= 6:
        hour += 12
    found = f"{hour:02d}:{minute:02d}"
    parse_clock(found)
    return found


def read_dates(text: str, today: date) -> list[str]:
    """Dates and ranges, one a line or parted by commas: 'Dec 24', '12/24/2026', 'Dec 24 to Dec 28'.

    Without a year the next such date is meant. Raises `DomainError` for what cannot be read.
    """
    found: list[date] = []
    for part in re.split(r"[;\n]|,(?!\s*\d{4}\b)", text):
        if part.strip():
            found += _range(part.strip(), today)
    return [day.isoformat() for day in sorted(set(found))]


def _range(text: str, today: date) -> Iterator[date]:
    ends = re.split(r"\s+(?:to|until|-|–)\s+", text)
    first, last = _date(ends[0], today), _date(ends[-1], today)
    if len(ends) > 2 or not 0 <= (last - first).days <= LONGEST_ABSENCE_DAYS:
        raise DomainError(f"“{text}” is not a range of dates. Write Dec 24 to Dec 28.")
    return (first + timedelta(days=ahead) for ahead in range((last - first).days + 1))


def _date(text: str, today: date) -> date:
    wrong = DomainError(f"“{text}” is not a date. Write Dec 24 or 12/24/{today.year}.")
    iso, us, named = _ISO.fullmatch(text), _US.fullmatch(text), _NAMED.fullmatch(text)
    try:
        if iso:
            return date(int(iso[1]), int(iso[2]), int(iso[3]))
        if us:
            return _next(us[3], int(us[1]), int(us[2]), today)
        if named and named[1].capitalize() in MONTH_NAMES:
            return _next(named[3], MONTH_NAMES.index(named[1].capitalize()) + 1, int(named[2]), today)
    except ValueError:
        raise wrong from None
    raise wrong


def _next(year: str | None, month: int, day: int, today: date) -> date:
    if year:
        return date(int(year), month, day)
    found = date(today.year, month, day)
    return found if found >= today else date(today.year + 1, month, day)


def choice_of(spans: list[list[str]] | None) -> str:
    """Which answer of a weekday the kept hours stand for."""
    if not spans:
        return NOT
    return next((word for word, span in SPANS.items() if spans == [span]), HOURS)


def weekly(spans: dict[str, list[list[str]]]) -> dict[str, list[list[str]]]:
    """The hours of each weekday that has some, in the order of the week."""
    return {day: spans[day] for day in WEEKDAYS if spans.get(day)}


def pickup_of(common: list[str] | None, by_day: dict[str, list[str] | None]) -> dict[str, list[list[str]]] | None:
    """When the driver can come each day: its own hours, else the common ones, else at any time; None for no hours."""
    if not common and not any(by_day.values()):
        return None
    return {day: [own or common or SPANS[ALL_DAY]] for day, own in by_day.items()}


def common_pickup(kept: dict[str, Any]) -> list[str] | None:
    """The driver's hours where they are the same on all days."""
    known = [spans[0] for spans in kept.get("pickup", {}).values() if spans]
    return known[0] if known and all(one == known[0] for one in known) else None


def own_pickup(kept: dict[str, Any], day: str) -> list[str] | None:
    """The driver's hours of one day where days differ; None also for a day at which any time will do."""
    spans = kept.get("pickup", {}).get(day)
    return spans[0] if spans and common_pickup(kept) is None and spans != [SPANS[ALL_DAY]] else None


def dates_text(days: list[str]) -> str:
    """Kept dates as the desk reads and edits them, one a line."""
    found = [date.fromisoformat(day) for day in days]
    return "\n".join(f"{MONTH_NAMES[day.month - 1]} {day.day}, {day.year}" for day in found)


def clean(wishes: dict[str, Any]) -> dict[str, Any]:
    """Wishes without what was left empty."""
    return {key: value for key, value in wishes.items() if value not in (None, "", [], {})}
