"""Letting bad news take effect: one step shared by recording a contact and by the press that follows it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from intake.domain import bad_news
from intake.domain.clinic_time import clock_words, day_words
from intake.domain.errors import DomainError
from intake.domain.reviews import ContactOutcome, DecisionKind, status_after
from intake.models.consultations import Consultation
from intake.models.reviews import Decision
from intake.queries import contacts, sites
from intake.services import audit, consultation_status


def try_effect(
    session: Session, consultation: Consultation, decision: Decision, *, actor_id: UUID, now: datetime
) -> None:
    """Put a waiting decline or referral into effect; the caller has locked the consultation.

    Raises `DomainError` when the patient was not told yet, or the hour does not allow it.
    """
    known = contacts.contacts_since(consultation.patient_id, decision.decided_at.replace(second=0, microsecond=0))
    check_told(consultation.site_id, bad_news.is_told(contacts.tries_of(known)), now)
    reached = [row for row in known if row.outcome == ContactOutcome.REACHED and row.safety_checked]
    decision.effective_at, decision.contact_id = now, (reached or known)[-1].id
    consultation_status.move(
        session, consultation, status_after(DecisionKind(decision.kind)), actor_id=actor_id, now=now
    )
    consultation.claimed_by = consultation.claimed_at = None
    audit.add(
        session,
        actor_id=actor_id,
        action="decision.effective",
        subject=("decision", decision.id),
        now=now,
        patient_id=consultation.patient_id,
        site_id=consultation.site_id,
        detail={"kind": decision.kind, "contact": str(decision.contact_id)},
    )


def check_told(site_id: UUID, is_told: bool, now: datetime) -> None:
    """Refuse while the patient was not told, or before a closed stretch; the sentence says when it may."""
    if not is_told:
        raise DomainError(
            "This takes effect once a contact with a safety check is recorded, or three tries at least an hour apart."
        )
    hours = contacts.working_hours(sites.site(site_id), now)
    if not bad_news.may_take_effect(now, hours):
        soonest = bad_news.next_allowed(now, hours)
        when = f" It may from {day_words(soonest[0])}, {clock_words(soonest[1])}." if soonest else ""
        raise DomainError(f"Bad news does not take effect from 3 pm on before a closed day.{when}")
