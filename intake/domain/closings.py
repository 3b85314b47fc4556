"""Closing a day, a part of one or a chair, and a provider who is away: what the site is afterwards. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from intake.domain.clinic_time import MIDNIGHT, clock_words, day_words, format_clock, parse_clock
from intake.domain.errors import DomainError
from intake.domain.scheduling import values
from intake.domain.scheduling.values import Shift

DESK_DAYS = 14
"""How far ahead, and for how long, the desk closes by itself; beyond that the manager does. A judgement."""
FARTHEST_DAYS = 366
"""How far ahead anything is entered by the desk: the dates of a series' wishes, a closing and its end."""


class ClosingKind(StrEnum):
    """What is closed."""

    DAY = "day"
    PART = "part"
    CHAIR = "chair"
    PROVIDER = "provider"


@dataclass(frozen=True, slots=True)
class Closing:
    """A closing: the date it begins, for a part of a day the minutes, for a provider the last date away (in).

    A chair is closed from `day` on. `account_id` None means whoever is on site without a name in the shifts.
    """

    kind: ClosingKind
    day: date
    starts: int = 0
    ends: int = MIDNIGHT
    chair: str = ""
    account_id: UUID | None = None
    last: date | None = None

    @property
    def until(self) -> date | None:
        """The last date that is concerned; None for ever."""
        return None if self.kind is ClosingKind.CHAIR else (self.last or self.day)


def check(closing: Closing, today: date) -> None:
    """Refuse what lies in the past or makes no sense. Raises `DomainError` beside the field."""
    if closing.day < today:
        raise DomainError("Choose a day that is not over.", field="day")
    if (closing.day - today).days > FARTHEST_DAYS:
        raise DomainError("Choose a day within a year.", field="day")
    if closing.starts >= closing.ends:
        raise DomainError("It ends before it begins.", field="ends")
    if closing.last is not None and not 0 <= (closing.last - closing.day).days <= FARTHEST_DAYS:
        raise DomainError("The last day lies before the first, or more than a year on.", field="last")


def needs_manager(closing: Closing, today: date) -> bool:
    """Whether this is more than the desk decides by itself: far ahead or for long. A chair may be broken any day."""
    last = closing.until or closing.day
    return (closing.day - today).days > DESK_DAYS or (last - closing.day).days >= DESK_DAYS


def closed(rules: values.Site, closing: Closing) -> values.Site:
    """A site's rules after a closing of a day, a part of one, or a chair; a provider is cut shift by shift."""
    if closing.kind is ClosingKind.CHAIR:
        return replace(rules, chairs=tuple(chair for chair in rules.chairs if chair.name != closing.chair))
    if closing.kind is ClosingKind.PROVIDER:
        return rules
    spans = (*rules.closures.get(closing.day, ()), (closing.starts, closing.ends))
    return replace(rules, closures={**rules.closures, closing.day: spans})


def cut_shift(shift: Shift, closing: Closing) -> list[Shift]:
    """What is left of a provider's shift around an absence: before it, the hours that are left on its days, after it.

    The first piece stands for the shift as it was before; it may hold no date any more.
    """
    first, last = closing.day, closing.until or closing.day
    until = min(shift.last_on, first - timedelta(days=1)) if shift.last_on else first - timedelta(days=1)
    pieces = [replace(shift, last_on=until)]
    hours = [(shift.start, min(closing.starts, shift.end)), (max(closing.ends, shift.start), shift.end)]
    begin, end = max(shift.first_on or first, first), min(shift.last_on or last, last)
    if begin <= end:
        pieces += [
            replace(shift, start=a, end=b, first_on=begin, last_on=end) for a, b in dict.fromkeys(hours) if a < b
        ]
    after = max(shift.first_on or last, last + timedelta(days=1))
    if shift.last_on is None or shift.last_on >= after:
        pieces.append(replace(shift, first_on=after))
    return pieces


def is_touched(shift: Shift, closing: Closing) -> bool:
    """Whether an absence takes anything of a shift."""
    last = closing.until or closing.day
    starts_late = shift.first_on is not None and shift.first_on > last
    ends_early = shift.last_on is not None and shift.last_on < closing.day
    meets = shift.start < closing.ends and closing.starts < shift.end
    days = {(closing.day + timedelta(days=n)).weekday() for n in range(min((last - closing.day).days, 6) + 1)}
    return not starts_late and not ends_early and meets and bool(days & shift.days)


def dates(closing: Closing, horizon: int) -> Iterator[date]:
    """The dates that are concerned, at most `horizon` days on for what has no end."""
    last = closing.until or closing.day + timedelta(days=horizon)
    for ahead in range((last - closing.day).days + 1):
        yield closing.day + timedelta(days=ahead)


def in_words(closing: Closing, provider: str = "") -> str:
    """'Fri Dec 11', 'Fri Dec 11, 1:00 pm to 5:00 pm', 'Chair B from Fri Dec 11 on', 'Dr. Pat away …'."""
    day = day_words(closing.day)
    if closing.kind is ClosingKind.CHAIR:
        return f"Chair {closing.chair} from {day} on"
    hours = "" if (closing.starts, closing.ends) == (0, MIDNIGHT) else f", {_hours(closing)}"
    if closing.kind is ClosingKind.PROVIDER:
        until = f" to {day_words(closing.last)}" if closing.last and closing.last != closing.day else ""
        return f"{provider or 'The provider on site'} away {day}{until}{hours}"
    return f"{day}{hours}" if hours else f"{day}, the whole day"


def _hours(closing: Closing) -> str:
    if closing.ends == MIDNIGHT:
        return f"from {clock_words(closing.starts)} on"
    return f"{clock_words(closing.starts)} to {clock_words(closing.ends)}"


def to_json(closing: Closing) -> dict[str, Any]:
    """A closing as a batch keeps it."""
    return {
        "kind": closing.kind.value,
        "day": closing.day.isoformat(),
        "starts": format_clock(closing.starts),
        "ends": format_clock(closing.ends),
        "chair": closing.chair,
        "account_id": str(closing.account_id) if closing.account_id else None,
        "last": closing.last.isoformat() if closing.last else None,
    }


def from_json(raw: dict[str, Any]) -> Closing:
    """The closing that a batch keeps."""
    return Closing(
        ClosingKind(raw["kind"]),
        date.fromisoformat(raw["day"]),
        parse_clock(raw["starts"]),
        parse_clock(raw["ends"]),
        raw.get("chair") or "",
        UUID(raw["account_id"]) if raw.get("account_id") else None,
        date.fromisoformat(raw["last"]) if raw.get("last") else None,
    )
