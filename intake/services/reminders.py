"""Scanning for appointments whose reminder is due; may run twice, late, and beside another worker."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from intake.domain import reminders
from intake.domain.statuses import Status
from intake.extensions import current_session, transaction
from intake.models.appointments import Appointment
from intake.models.messages import Message
from intake.models.people import Patient
from intake.models.sites import Site
from intake.queries import sites
from intake.services import messages, wording


@dataclass(frozen=True, slots=True)
class Reminder:
    """One reminder to be written: its key names the appointment's version."""

    kind: str
    appointment_id: UUID
    version: int
    patient_id: UUID
    recipient: str
    subject: str
    text: str

    @property
    def key(self) -> str:
        """A move or a cancellation raises the version, so an old reminder never meets a new one."""
        return f"appointment:{self.appointment_id}:{self.kind}:{self.version}"


def scan(now: datetime) -> int:
    """Put due reminders into the outbox, each under a key of its own; returns how many were written.

    What is due is read and worded first. Inside the transaction each appointment is looked at again under a lock:
    one that was moved or cancelled meanwhile is left to the next scan, or its patient would be told the old time.
    """
    fresh = _without_known(list(_due(now)))
    if not fresh:
        return 0
    with transaction() as session:
        standing = _standing(session, fresh)
        kept = [reminder for reminder in fresh if standing.get(reminder.appointment_id) == reminder.version]
        for reminder in kept:
            _write(session, reminder, now)
    return len(kept)


def _due(now: datetime) -> Iterator[Reminder]:
    upcoming = (
        select(Appointment, Patient, Site)
        .join(Patient, Patient.id == Appointment.patient_id)
        .join(Site, Site.id == Appointment.site_id)
        .where(Appointment.starts_at > now, Appointment.starts_at <= now + reminders.HORIZON)
        .where(Appointment.status == Status.BOOKED)
    )
    clinic, must_say_where = sites.clinic(), sites.has_several()
    for row, patient, site in current_session().execute(upcoming):
        for reminder in reminders.due(row.starts_at, now):
            where = site.name if must_say_where else ""
            subject, text = wording.reminder(row.starts_at, ZoneInfo(site.timezone), patient, clinic, where)
            yield Reminder(reminder.kind, row.id, row.version, patient.id, patient.email, subject, text)


def _without_known(found: list[Reminder]) -> list[Reminder]:
    keys = select(Message.key).where(Message.key.in_([reminder.key for reminder in found]))
    known = set(current_session().scalars(keys))
    return [reminder for reminder in found if reminder.key not in known]


def _standing(session: Session, found: list[Reminder]) -> dict[UUID, int]:
    """The versions of those that are still booked, locked against a move until this transaction ends."""
    ids = [reminder.appointment_id for reminder in found]
    rows = select(Appointment.id, Appointment.version).where(
        Appointment.id.in_(ids), Appointment.status == Status.BOOKED
    )
    return {row.id: row.version for row in session.execute(rows.order_by(Appointment.id).with_for_update(read=True))}


def _write(session: Session, reminder: Reminder, now: datetime) -> None:
    messages.enqueue(
        session,
        key=reminder.key,
        kind=reminder.kind,
        recipient=reminder.recipient,
        subject=reminder.subject,
        text=reminder.text,
        due_at=now,
        now=now,
        patient_id=reminder.patient_id,
        appointment_id=reminder.appointment_id,
    )
