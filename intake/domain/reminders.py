"""When a reminder of an appointment is due."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Reminder:
    """One kind of reminder: sent from `before` the start on, no more once `until` before it."""

    kind: str
    before: timedelta
    until: timedelta


REMINDERS = (
    Reminder("reminder-72h", timedelta(hours=72), timedelta(hours=24)),
    Reminder("reminder-24h", timedelta(hours=24), timedelta(hours=2)),
)
HORIZON = max(reminder.before for reminder in REMINDERS)


def due(starts_at: datetime, now: datetime) -> Iterator[Reminder]:
    """The reminders whose time has come; the start of the range is in it, its end is not.

    An appointment booked late gets only the reminders whose range is not over.
    """
    for reminder in REMINDERS:
        if starts_at - reminder.before <= now < starts_at - reminder.until:
            yield reminder
