"""Recording that somebody spoke with a patient, or tried. Bad news that waits for it may take effect with it."""

from __future__ import annotations

import logging
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from intake.domain.errors import DomainError
from intake.domain.reviews import ContactEntry, check_contact
from intake.domain.roles import Permission
from intake.extensions import transaction
from intake.models.consultations import Consultation
from intake.models.people import Patient
from intake.models.reviews import Decision
from intake.models.scores import Contact
from intake.services import audit, consultation_status, permissions, taking_effect
from intake.services.errors import SENT_BEFORE

logger = logging.getLogger("intake.contacts")


def record(patient_id: UUID, entry: ContactEntry, *, request_key: UUID, actor_id: UUID, now: datetime) -> str | None:
    """Record a contact or a try; the key of the form is the row's key, so a second press adds nothing.

    A decline or referral that waits takes effect with it where it may. Returns the sentence that says why it still
    waits, None when nothing waits.
    """
    check_contact(entry, now=now)
    with transaction() as session:
        permissions.check(session, actor_id, Permission.RECORD_CONTACT)
        patient = session.scalars(select(Patient).where(Patient.id == patient_id).with_for_update()).one()
        first = session.get(Contact, request_key)
        if first is not None and not _is_same(first, _contact(patient_id, entry, request_key, actor_id)):
            raise DomainError(SENT_BEFORE)
        if first is None:
            session.add(_contact(patient_id, entry, request_key, actor_id))
            session.flush()
            _audit(session, patient, request_key, actor_id, now)
        still_waits = _settle(session, patient_id, actor_id, now)
    logger.info("contact_recorded", extra={"contact_id": request_key})
    return still_waits


def _settle(session: Session, patient_id: UUID, actor_id: UUID, now: datetime) -> str | None:
    waiting = (
        select(Decision)
        .join(Consultation, Consultation.id == Decision.consultation_id)
        .where(Consultation.patient_id == patient_id, Decision.effective_at.is_(None), Decision.withdrawn_at.is_(None))
    )
    decision = session.scalar(waiting)
    if decision is None:
        return None
    consultation = consultation_status.locked(session, decision.consultation_id)
    session.refresh(decision)
    if decision.effective_at is not None or decision.withdrawn_at is not None:
        return None
    try:
        taking_effect.try_effect(session, consultation, decision, actor_id=actor_id, now=now)
    except DomainError as error:
        return error.message
    return None


def _contact(patient_id: UUID, entry: ContactEntry, request_key: UUID, actor_id: UUID) -> Contact:
    return Contact(
        id=request_key,
        patient_id=patient_id,
        by_id=actor_id,
        at=entry.at,
        channel=entry.channel.value,
        outcome=entry.outcome.value,
        safety_checked=entry.is_safety_checked,
        note=entry.note.strip(),
    )


def _is_same(first: Contact, again: Contact) -> bool:
    """Whether a second press says what the first said: another note must not be lost behind it."""
    names = ("patient_id", "by_id", "at", "channel", "outcome", "safety_checked", "note")
    return all(getattr(first, name) == getattr(again, name) for name in names)


def _audit(session: Session, patient: Patient, contact_id: UUID, actor_id: UUID, now: datetime) -> None:
    audit.add(
        session,
        actor_id=actor_id,
        action="contact.record",
        subject=("contact", contact_id),
        now=now,
        patient_id=patient.id,
        site_id=patient.home_site_id,
    )
