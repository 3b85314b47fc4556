"""Scanning for appointments whose reminder is due; may run twice, late, and beside another worker."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select

from intake.domain import reminders
from intake.domain.statuses import Status
from intake.extensions import transaction
from intake.models.appointments import Appointment
from intake.models.people import Patient
from intake.models.sites import Site
from intake.queries import sites
from intake.services import messages, wording


def scan(now: datetime) -> int:
    """Put due reminders into the outbox, each under a key of its own; returns how many were looked at."""
    upcoming = (
        select(Appointment, Patient, Site)
        .join(Patient, Patient.id == Appointment.patient_id)
        .join(Site, Site.id == Appointment.site_id)
        .where(Appointment.starts_at > now, Appointment.starts_at <= now + reminders.HORIZON)
        .where(Appointment.status == Status.BOOKED)
        .order_by(Appointment.starts_at)
    )
    clinic = sites.clinic()
    with transaction() as session:
        found = [
            (reminder.kind, *row)
            for row in session.execute(upcoming)
            for reminder in reminders.due(row[0].starts_at, now)
        ]
        for kind, appointment, patient, site in found:
            subject, text = wording.reminder(appointment.starts_at, ZoneInfo(site.timezone), patient, clinic)
            messages.enqueue(
                session,
                key=f"appointment:{appointment.id}:{kind}:{appointment.version}",
                kind=kind,
                recipient=patient.email,
                subject=subject,
                text=text,
                due_at=now,
                now=now,
                patient_id=patient.id,
                appointment_id=appointment.id,
            )
    return len(found)
