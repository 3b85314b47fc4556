"""Calendar files: a time and a neutral title, the place only where the patient wants it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event

from intake.queries.sites import Clinic

TITLE = "Appointment"
PRODUCT = "-//Intake//Appointments//EN"


@dataclass(frozen=True, slots=True)
class Entry:
    """One booked time. `changed_at` is when it was booked or moved last; `version` rises with each move."""

    id: UUID
    starts_at: datetime
    ends_at: datetime
    zone: str
    place: str
    version: int
    changed_at: datetime
    is_cancelled: bool = False


def build(entries: Iterable[Entry], *, clinic: Clinic, include_place: bool) -> bytes:
    """One calendar file with an event for each entry, in the zone of its site.

    A later file with a higher version replaces the event in the patient's calendar: the UID stays. Neither title nor
    text says for what the time is; clinic name, phone and place are in it only with `include_place`.
    """
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    for entry in entries:
        calendar.add_component(_event(entry, clinic, include_place))
    calendar.add_missing_timezones()
    content: bytes = calendar.to_ical()
    return content


def _event(entry: Entry, clinic: Clinic, include_place: bool) -> Event:
    zone = ZoneInfo(entry.zone)
    event = Event()
    event.add("uid", f"appointment:{entry.id}")
    event.add("sequence", entry.version)
    event.add("dtstamp", entry.changed_at)
    event.add("summary", TITLE)
    event.add("dtstart", entry.starts_at.astimezone(zone))
    event.add("dtend", entry.ends_at.astimezone(zone))
    event.add("status", "CANCELLED" if entry.is_cancelled else "CONFIRMED")
    event.add("class", "PRIVATE")
    if include_place:
        event.add("location", ", ".join(filter(None, (clinic.name, entry.place))))
        if clinic.phone:
            event.add("description", f"Call {clinic.phone} if you cannot come.")
    return event
