"""What a patient is told about booked times. Shared steps: each adds to the outbox in the caller's transaction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Protocol
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from intake.domain.statuses import Status
from intake.models.appointments import Appointment
from intake.models.people import Patient
from intake.models.sites import Site
from intake.queries import sites
from intake.queries.sites import Clinic
from intake.services import calendar_files, messages, wording
from intake.services.calendar_files import Entry

TIME_TO_UNDO = timedelta(minutes=5)
CANCELLED = "cancelled"
"""The kind of the message that says that there is no time any more."""


class Booked(Protocol):
    """What a message says of a booked time."""

    @property
    def id(self) -> UUID: ...
    @property
    def starts_at(self) -> datetime: ...
    @property
    def ends_at(self) -> datetime: ...
    @property
    def version(self) -> int: ...
    @property
    def status(self) -> Status: ...


def confirm_series(
    session: Session, series_id: UUID, rows: Sequence[Booked], patient: Patient, site: Site, *, now: datetime
) -> None:
    """One confirmation for all infusions of a series, with a calendar file."""
    clinic, zone = sites.clinic(), ZoneInfo(site.timezone)
    subject, text = wording.confirmation([row.starts_at for row in rows], zone, patient, clinic, _told_name(site))
    messages.enqueue(
        session,
        key=f"series:{series_id}:confirmation",
        kind="confirmation",
        recipient=patient.email,
        subject=subject,
        text=text,
        due_at=now,
        now=now,
        patient_id=patient.id,
        calendar=_calendar(rows, patient, site, clinic, now),
    )


def confirm_one(session: Session, row: Appointment, patient: Patient, site: Site, *, now: datetime) -> None:
    """The confirmation of one appointment, with a calendar file."""
    zone, clinic = ZoneInfo(site.timezone), sites.clinic()
    subject, text = wording.confirmation([row.starts_at], zone, patient, clinic, _told_name(site))
    _about(
        session,
        row,
        patient,
        "confirmation",
        subject,
        text,
        due_at=now,
        now=now,
        calendar=_calendar([row], patient, site, clinic, now),
    )


def tell_change(
    session: Session, row: Appointment, old: datetime, patient: Patient, site: Site, *, now: datetime
) -> None:
    """Void what is unsent and tell the new time; that there is none is told a little later, so that undo is in time.

    Another chair at the same time is nothing that a patient need hear of.
    """
    moved = row.starts_at != old
    if not moved and row.status is not Status.CANCELLED:
        return
    messages.void_for_appointment(session, row.id, now)
    new, zone, clinic = row.starts_at if moved else None, ZoneInfo(site.timezone), sites.clinic()
    subject, text = wording.change(old, new, zone, patient, clinic, _told_name(site))
    kind, due_at = ("moved", now) if moved else (CANCELLED, now + TIME_TO_UNDO)
    calendar = _calendar([row], patient, site, clinic, now)
    _about(session, row, patient, kind, subject, text, due_at=due_at, now=now, calendar=calendar)


def tell_replanned(
    session: Session,
    key: str,
    moved: Sequence[tuple[Appointment, datetime | None]],
    coming: Sequence[Appointment],
    patient: Patient,
    site: Site,
    *,
    now: datetime,
) -> None:
    """One message for all that a re-plan changed: `moved` holds each changed time with the old one (None: it is new).

    A released time is there as a cancelled appointment. What was to be sent about any of them is void.
    """
    for row, _ in moved:
        messages.void_for_appointment(session, row.id, now)
    lines = [(old, None if row.status is Status.CANCELLED else row.starts_at) for row, old in moved]
    clinic, zone = sites.clinic(), ZoneInfo(site.timezone)
    subject, text = wording.replanned(lines, [row.starts_at for row in coming], zone, patient, clinic, _told_name(site))
    messages.enqueue(
        session,
        key=key,
        kind="moved",
        recipient=patient.email,
        subject=subject,
        text=text,
        due_at=now,
        now=now,
        patient_id=patient.id,
        calendar=_calendar([row for row, _ in moved], patient, site, clinic, now),
    )


def forget_change(session: Session, row: Appointment, *, now: datetime) -> None:
    """Void what is unsent about an appointment: it was put on hold, missed, or is booked again after all."""
    messages.void_for_appointment(session, row.id, now)


def _told_name(site: Site) -> str:
    return site.name if sites.has_several() else ""


def _about(
    session: Session,
    row: Appointment,
    patient: Patient,
    kind: str,
    subject: str,
    text: str,
    *,
    due_at: datetime,
    now: datetime,
    calendar: dict[str, Any],
) -> None:
    messages.enqueue(
        session,
        key=f"appointment:{row.id}:{kind}:{row.version}",
        kind=kind,
        recipient=patient.email,
        subject=subject,
        text=text,
        due_at=due_at,
        now=now,
        patient_id=patient.id,
        appointment_id=row.id,
        calendar=calendar,
    )


def _calendar(rows: Sequence[Booked], patient: Patient, site: Site, clinic: Clinic, now: datetime) -> dict[str, Any]:
    """What the calendar file says of these appointments; a cancelled one takes itself out of the calendar."""
    place = ", ".join(filter(None, (site.name, site.address)))
    entries = [
        Entry(
            id=row.id,
            starts_at=row.starts_at,
            ends_at=row.ends_at,
            zone=site.timezone,
            place=place,
            version=row.version,
            changed_at=now,
            is_cancelled=row.status is Status.CANCELLED,
        )
        for row in rows
    ]
    return calendar_files.kept(entries, clinic=clinic, include_place=patient.place_in_calendar)
