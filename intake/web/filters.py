"""How values read on a page: times at a site, spans, doses, counts. Formats only, no rule."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal

from flask import Flask

from intake.domain import clinic_time

MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


def when(at: datetime, zone: str) -> str:
    """An instant on the site's clock: 'Tue Dec 1, 9:00 am'."""
    return f"{day_at(at, zone)}, {clock_at(at, zone)}"


def when_there(at: datetime, zone: str) -> str:
    """The same with the place named, where two sites differ: 'Tue Dec 1, 9:00 am (Denver time)'."""
    return f"{when(at, zone)} ({zone_name(zone)})"


def day_at(at: datetime, zone: str) -> str:
    """The day of an instant at the site: 'Tue Dec 1'."""
    return day(clinic_time.local_day(at, zone))


def clock_at(at: datetime, zone: str) -> str:
    """The time of an instant at the site: '9:00 am'."""
    return clock(clinic_time.minutes_of_day(at, zone))


def zone_name(zone: str) -> str:
    """'America/Los_Angeles' as 'Los Angeles time'; 'UTC' stays."""
    return zone if "/" not in zone else f"{zone.rpartition('/')[2].replace('_', ' ')} time"


def day(value: date) -> str:
    """A date soon: 'Tue Dec 1'."""
    return clinic_time.day_words(value)


def day_year(value: date) -> str:
    """A date that may lie years away: 'Dec 1, 2026'."""
    return f"{clinic_time.MONTH_NAMES[value.month - 1]} {value.day}, {value.year}"


def full_day(value: date) -> str:
    """A date written out: 'Tuesday, December 1'."""
    return f"{clinic_time.DAY_NAMES[value.weekday()]}, {MONTHS[value.month - 1]} {value.day}"


def clock(minutes: int) -> str:
    """Minutes after midnight: '9:00 am'."""
    return clinic_time.clock_words(minutes)


def iso(value: datetime | date) -> str:
    """For `<time datetime=…>`."""
    return value.isoformat()


def minutes(value: float) -> str:
    """A length in minutes: '45 min', '2 h', '2 h 30 min'."""
    hours, rest = divmod(round(value), 60)
    parts = [f"{hours} h"] if hours else []
    if rest or not hours:
        parts.append(f"{rest} min")
    return " ".join(parts)


def span(value: timedelta) -> str:
    """How long something lasts or has waited, in its two largest units: '2 d 4 h', '3 h 10 min', '5 min'."""
    total = max(0, int(value.total_seconds() // 60))
    days, rest = divmod(total, 24 * 60)
    hours, left = divmod(rest, 60)
    if days:
        return f"{days} d {hours} h" if hours else f"{days} d"
    return minutes(hours * 60 + left)


def number(value: float | Decimal) -> str:
    """A number without needless zeros: 37.5, 1,200, 0.25; rounded to three places."""
    text = f"{value:,.3f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def mg(value: float | Decimal) -> str:
    """A dose: '37.5 mg'."""
    return f"{number(value)} mg"


def plural(count: int, one: str, many: str | None = None) -> str:
    """A count with its word: '1 infusion', '6 infusions'."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def age(born: date, on: date) -> int:
    """Whole years between a birth date and a day; born on 29 February, a year older on 1 March."""
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day))


FILTERS = (
    when,
    when_there,
    day_at,
    clock_at,
    zone_name,
    day,
    day_year,
    full_day,
    clock,
    iso,
    minutes,
    span,
    number,
    mg,
    plural,
    age,
)


def init_app(app: Flask) -> None:
    """Give templates the filters under their own names."""
    for function in FILTERS:
        app.jinja_env.filters[function.__name__] = function
