"""Wall-clock time at a site: minutes after midnight, dates, and the way to and from UTC.

Rules, plans and screens use dates and minutes at the site; rows store UTC. A local time that a clock
change skips or repeats is refused: nothing is booked then.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from intake.domain.errors import DomainError

MIDNIGHT = 24 * 60
"""Minutes in a day without a clock change; as an end it means 24:00."""
DAY_NAMES = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTH_NAMES = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_CLOCK = re.compile(r"([01]?\d|2[0-4]):([0-5]\d)(?::00)?", re.ASCII)


@lru_cache(maxsize=64)
def zone_of(name: str) -> ZoneInfo:
    """The zone with this IANA name; raises `DomainError` for a name that is none."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise DomainError("This is not the name of a time zone, such as America/Denver.") from None


def parse_clock(text: str) -> int:
    """'09:30' as minutes after midnight; 24:00 is 1440, the end of the day. Raises `DomainError`."""
    match = _CLOCK.fullmatch(text)
    minutes = int(match[1]) * 60 + int(match[2]) if match else MIDNIGHT + 1
    if minutes > MIDNIGHT:
        raise DomainError("Enter a time of day such as 09:30.")
    return minutes


def format_clock(minutes: int) -> str:
    """Minutes after midnight as '09:30'."""
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def clock_words(minutes: int) -> str:
    """Minutes after midnight as a person reads it: '9:30 am', '12:00 pm', and '12:00 am' for midnight."""
    hour = minutes // 60 % 24
    return f"{hour % 12 or 12}:{minutes % 60:02d} {'am' if hour < 12 else 'pm'}"


def day_words(day: date) -> str:
    """A date as a person reads it: 'Tue Dec 1'."""
    return f"{DAY_NAMES[day.weekday()][:3]} {MONTH_NAMES[day.month - 1]} {day.day}"


def to_utc(day: date, minutes: int, zone: str) -> datetime:
    """The instant of a local date and minute (0 to 1440, both in) at a site, as aware UTC.

    Raises `DomainError` for a local time that a clock change skips or repeats, or at the very end of the calendar.
    """
    return _to_utc(day, minutes, zone)


@lru_cache(maxsize=4096)
def _to_utc(day: date, minutes: int, zone: str) -> datetime:
    tz = zone_of(zone)
    try:
        naive = datetime.combine(day, time()) + timedelta(minutes=minutes)
        local = naive.replace(tzinfo=tz)
        instant = local.astimezone(UTC)
    except OverflowError:
        raise DomainError("This day is too far away.") from None
    if instant.astimezone(tz).replace(tzinfo=None) != naive:
        raise DomainError("The clocks go forward over that time: it does not exist on that day.")
    if local.replace(fold=1).utcoffset() != local.utcoffset():
        raise DomainError("The clocks go back over that time: it comes twice on that day.")
    return instant


def local_day(at: datetime, zone: str) -> date:
    """The date at the site at an instant (aware)."""
    return _local(at, zone).date()


def minutes_of_day(at: datetime, zone: str) -> int:
    """Whole minutes after midnight on the site's clock at an instant (aware)."""
    local = _local(at, zone)
    return local.hour * 60 + local.minute


def day_bounds(day: date, zone: str) -> tuple[datetime, datetime]:
    """The instants, half-open, at which a date begins and ends at the site; 23 or 25 hours over a clock change."""
    tz = zone_of(zone)
    begin = datetime.combine(day, time(), tzinfo=tz)
    end = datetime.combine(day + timedelta(days=1), time(), tzinfo=tz)
    return begin.astimezone(UTC), end.astimezone(UTC)


def has_clock_change(day: date, zone: str) -> bool:
    """Whether the site's clocks change on that date."""
    return clock_change_span(day, zone) is not None


@lru_cache(maxsize=4096)
def clock_change_span(day: date, zone: str) -> tuple[int, int] | None:
    """The local minutes `[from, to)` of a date that a clock change skips or repeats, or None on a plain day."""
    tz = zone_of(zone)
    noon_before = datetime.combine(day - timedelta(days=1), time(12), tzinfo=tz)
    noon_after = datetime.combine(day + timedelta(days=1), time(12), tzinfo=tz)
    if noon_before.utcoffset() == noon_after.utcoffset():
        return None
    midnight = datetime.combine(day, time())
    odd = [minute for minute in range(MIDNIGHT) if _is_odd(midnight + timedelta(minutes=minute), tz)]
    return (odd[0], odd[-1] + 1) if odd else None


def _is_odd(naive: datetime, tz: ZoneInfo) -> bool:
    """Whether a local time is skipped or repeated: the two readings of it differ."""
    return naive.replace(tzinfo=tz).utcoffset() != naive.replace(tzinfo=tz, fold=1).utcoffset()


def _local(at: datetime, zone: str) -> datetime:
    if at.utcoffset() is None:
        raise ValueError("an instant needs a zone")
    return at.astimezone(zone_of(zone))
