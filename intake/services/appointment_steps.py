"""Shared steps of what happens to one appointment: locked as its reader saw it, its place taken, its act recorded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from intake.domain import clinic_time, statuses
from intake.domain.errors import DomainError
from intake.domain.scheduling.values import Slot
from intake.domain.statuses import LIVE, SeriesStatus, Status
from intake.models.appointments import Appointment
from intake.models.people import Patient
from intake.queries import appointments as appointment_queries
from intake.queries import series as series_queries
from intake.queries import sites
from intake.services import audit, claims, placing
from intake.services.claims import Owner
from intake.services.errors import SENT_BEFORE
from intake.services.placing import Ground, NoLongerHolds, Sitting

REASONS = ("patient-asked", "ill", "no-ride", "ate", "blood-pressure", "weather", "clinic", "other")
"""Why a time was cancelled, moved or put on hold: codes, so that no health text is typed by the desk."""


@dataclass(frozen=True, slots=True)
class Seen:
    """The state of an appointment that its reader acted on; another one by now is refused."""

    version: int
    status: Status


def lock_appointment(session: Session, appointment_id: UUID, seen: Seen | None) -> tuple[Appointment, Patient]:
    """The patient, then the appointment as it is now; refused when the reader saw another state."""
    rows = select(Appointment).where(Appointment.id == appointment_id)
    patient = placing.lock_patient(session, session.scalars(rows.with_only_columns(Appointment.patient_id)).one())
    row = session.scalars(rows.with_for_update()).one()
    if seen is not None and seen != Seen(row.version, row.status):
        raise DomainError(f"This was changed meanwhile: it is {statuses.word_for(row.status)} now. Look at it again.")
    return row, patient


def take(ground: Ground, sittings: Sequence[Sitting]) -> None:
    """Write the appointments, then take all their claims together; raises `Taken`."""
    flush(ground.session)
    owners = [(Owner(appointment_id=sitting.key), sitting) for sitting in sittings]
    claims.claim(ground.session, [placing.wanted(ground, owner, sitting) for owner, sitting in owners], ground.now)


def booked_with(session: Session, request_key: UUID, patient_id: UUID, slot: Slot, kind: str) -> UUID | None:
    """The appointment that this very form has booked for this patient; refused when it now says something else."""
    mine = (Appointment.request_key == request_key, Appointment.patient_id == patient_id)
    first = session.scalar(select(Appointment).where(*mine))
    if first is None:
        return None
    if first.kind != kind or placing.slot_of(first, sites.site(first.site_id)) != slot:
        raise DomainError(SENT_BEFORE)
    return first.id


def flush(session: Session) -> None:
    """Write what is pending; a form's key that somebody else's booking has is refused in words."""
    try:
        session.flush()
    except IntegrityError as error:
        if "request_key" in str(error.orig):
            raise DomainError(SENT_BEFORE) from None
        raise


def refuse_twin(row: Appointment) -> None:
    """Raise when that infusion of the series has been booked anew."""
    if appointment_queries.live_twin_of(row) is not None:
        raise DomainError("This has another time by now.")


def refuse_crossing(row: Appointment, slot: Slot) -> None:
    """Raise unless the infusions of a series stay in their order, each on a date of its own."""
    if row.series_id is None or row.number is None:
        return
    for other in series_queries.infusions_of(row.series_id):
        if other.status in LIVE and other.id != row.id and other.number is not None:
            is_behind = other.number < row.number and other.on_date >= slot.day
            if is_behind or (other.number > row.number and other.on_date <= slot.day):
                there, here = clinic_time.day_words(other.on_date), clinic_time.day_words(slot.day)
                words = f"Infusion {other.number} is on {there}: infusion {row.number} cannot be on {here}."
                raise NoLongerHolds(words)


def refuse_stopped(row: Appointment) -> None:
    """Raise when the series of an appointment was stopped: nobody is expected for it again."""
    if row.series_id is not None and series_queries.series(row.series_id).status is SeriesStatus.STOPPED:
        raise DomainError("This was stopped meanwhile. The provider can sign anew.")


def known_reason(reason: str | None) -> str | None:
    """The reason, when it is on the list; raises `DomainError`."""
    if reason is not None and reason not in REASONS:
        raise DomainError("Choose a reason from the list.", field="reason")
    return reason


def record(session: Session, row: Appointment, action: str, actor_id: UUID, now: datetime) -> None:
    """Add the audit row of an act."""
    subject = ("appointment", row.id)
    audit.add(
        session,
        actor_id=actor_id,
        action=action,
        subject=subject,
        now=now,
        patient_id=row.patient_id,
        site_id=row.site_id,
    )
