"""Calendar files: a time and a neutral title, the place only where the patient wants it.

A message keeps what is to stand in its file as plain values (`kept`); the worker makes the file when it sends
(`made`), because describing a time zone takes longer than booking.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event, Timezone

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
    entries = list(entries)
    for zone in sorted({entry.zone for entry in entries}):
        calendar.add_component(_zone(zone))
    for entry in entries:
        calendar.add_component(_event(entry, clinic, include_place))
    content: bytes = calendar.to_ical()
    return content


def kept(entries: Iterable[Entry], *, clinic: Clinic, include_place: bool) -> dict[str, Any]:
    """What `build` is to be given later, as a JSON value."""
    rows = [
        {
            "id": str(entry.id),
            "starts_at": entry.starts_at.isoformat(),
            "ends_at": entry.ends_at.isoformat(),
            "zone": entry.zone,
            "place": entry.place,
            "version": entry.version,
            "changed_at": entry.changed_at.isoformat(),
            "is_cancelled": entry.is_cancelled,
        }
        for entry in entries
    ]
    told = {"name": clinic.name, "phone": clinic.phone}
    return {"entries": rows, "clinic": told, "include_place": include_place}


def made(value: Mapping[str, Any] | str | None) -> bytes | None:
    """The file of a kept value; None for none. A text is a file that was made before it was kept."""
    if not value:
        return None
    if isinstance(value, str):
        return value.encode()
    entries = [_read(row) for row in value["entries"]]
    return build(entries, clinic=Clinic(**value["clinic"]), include_place=value["include_place"])


def _read(row: Mapping[str, Any]) -> Entry:
    instants = {name: datetime.fromisoformat(row[name]) for name in ("starts_at", "ends_at", "changed_at")}
    return Entry(**{**row, **instants, "id": UUID(row["id"])})


@lru_cache(maxsize=64)
def _zone(name: str) -> Timezone:
    """The description of a zone, worked out once in a process; nothing writes to it."""
    return Timezone.from_tzid(name)


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
