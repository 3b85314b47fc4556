"""Reviewing a consultation: claim, release, ask back, decide. A decline acts only after a recorded contact."""

from __future__ import annotations

import logging
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from intake.domain.clinic_time import local_day
from intake.domain.errors import DomainError
from intake.domain.reviews import ACCEPTING, AskBack, DecisionEntry, check_decision, check_questions, status_after
from intake.domain.roles import Permission
from intake.domain.statuses import ConsultationStatus
from intake.extensions import transaction
from intake.models.consultations import Consultation, ReturnedItem
from intake.models.people import Account, Patient
from intake.models.reviews import Decision
from intake.queries import evaluations, histories, sites
from intake.services import audit, consultation_status, messages, permissions, taking_effect, wording

logger = logging.getLogger("intake.reviews")
STALE = "Somebody else changed this consultation meanwhile. Open the chart again to read it."


def claim(consultation_id: UUID, *, actor_id: UUID, now: datetime) -> None:
    """Take a submitted consultation into review, or take over one that a colleague holds. Twice is harmless."""
    with transaction() as session:
        permissions.check(session, actor_id, Permission.REVIEW)
        row = consultation_status.locked(session, consultation_id)
        if row.claimed_by == actor_id and row.status is ConsultationStatus.IN_REVIEW:
            return
        before = row.claimed_by
        if row.status is ConsultationStatus.SUBMITTED:
            consultation_status.move(session, row, ConsultationStatus.IN_REVIEW, actor_id=actor_id, now=now)
        elif row.status is not ConsultationStatus.IN_REVIEW:
            raise DomainError(STALE)
        row.claimed_by, row.claimed_at = actor_id, now
        detail = {"from": str(before)} if before else {}
        _audit(session, row, "review.claim", actor_id, now, **detail)
    logger.info("review_claimed", extra={"consultation_id": consultation_id})


def release(consultation_id: UUID, *, actor_id: UUID, now: datetime) -> None:
    """Give a claimed consultation back to the queue; only one's own, and not while a decision waits for a contact."""
    with transaction() as session:
        permissions.check(session, actor_id, Permission.REVIEW)
        row = consultation_status.locked(session, consultation_id)
        if row.status is ConsultationStatus.SUBMITTED and row.claimed_by is None:
            return
        if row.status is not ConsultationStatus.IN_REVIEW or row.claimed_by != actor_id:
            raise DomainError(STALE)
        if standing_decision(session, consultation_id) is not None:
            raise DomainError("A decision waits for a contact: withdraw it first, or let it take effect.")
        consultation_status.move(session, row, ConsultationStatus.SUBMITTED, actor_id=actor_id, now=now)
        row.claimed_by = row.claimed_at = None
        _audit(session, row, "review.release", actor_id, now)
    logger.info("review_released", extra={"consultation_id": consultation_id})


def return_with_questions(
    consultation_id: UUID, questions: tuple[AskBack, ...], *, actor_id: UUID, now: datetime
) -> None:
    """Ask the patient: only the chosen pages and items reopen. The message names neither question nor reason."""
    check_questions(questions)
    with transaction() as session:
        permissions.check(session, actor_id, Permission.REVIEW)
        row = consultation_status.locked(session, consultation_id)
        if row.status is ConsultationStatus.RETURNED and _has_asked(session, row.id, actor_id, questions):
            return  # the same press again
        if standing_decision(session, consultation_id) is not None:
            raise DomainError("A decision waits for a contact: withdraw it before you ask.")
        consultation_status.move(session, row, ConsultationStatus.RETURNED, actor_id=actor_id, now=now)
        for one in questions:
            session.add(_returned_item(row.id, one, actor_id, now))
        _tell_patient(session, row, now)
        _audit(session, row, "review.return", actor_id, now, questions=len(questions))
    logger.info("review_returned", extra={"consultation_id": consultation_id})


def decide(consultation_id: UUID, entry: DecisionEntry, *, actor_id: UUID, now: datetime) -> UUID:
    """Decide a consultation in review; returns the decision's id.

    Statement, verdicts and rule versions are frozen into it. An acceptance needs a signed evaluation and is in effect
    at once; a decline or referral leaves the consultation in review until a contact is recorded. The second of two
    who decide at once is refused; the same press again answers with the first result.
    """
    check_decision(entry)
    with transaction() as session:
        actor = permissions.check(session, actor_id, Permission.DECIDE)
        row = consultation_status.locked(session, consultation_id)
        standing = standing_decision(session, consultation_id)
        if standing is not None:
            return _first_result(session, standing, entry, actor)
        if row.status is not ConsultationStatus.IN_REVIEW:
            raise DomainError(STALE)
        decision = _decision(session, row, entry, actor_id, now)
        if entry.kind in ACCEPTING:
            decision.effective_at = now
            consultation_status.move(session, row, status_after(entry.kind), actor_id=actor_id, now=now)
        _audit(session, row, "decision.record", actor_id, now, decision=str(decision.id), kind=entry.kind.value)
        decision_id = decision.id
    logger.info("decision_recorded", extra={"decision_id": decision_id})
    return decision_id


def put_into_effect(consultation_id: UUID, *, actor_id: UUID, now: datetime) -> None:
    """Let a waiting decline or referral take effect, once the patient was told and the hour allows it.

    Twice is harmless. Raises `DomainError` that says what is missing, or when it may.
    """
    with transaction() as session:
        permissions.check(session, actor_id, Permission.DECIDE)
        row = consultation_status.locked(session, consultation_id)
        decision = standing_decision(session, consultation_id)
        if decision is None:
            raise DomainError(STALE)
        if decision.effective_at is None:
            taking_effect.try_effect(session, row, decision, actor_id=actor_id, now=now)


def withdraw_decision(consultation_id: UUID, *, actor_id: UUID, now: datetime) -> None:
    """Take back a decline or referral that is not in effect yet; the row stays. Twice is harmless."""
    with transaction() as session:
        permissions.check(session, actor_id, Permission.DECIDE)
        row = consultation_status.locked(session, consultation_id)
        decision = standing_decision(session, consultation_id)
        if decision is None:
            return
        if decision.effective_at is not None:
            raise DomainError("This decision is in effect and stays on record.")
        decision.withdrawn_at = now
        _audit(session, row, "decision.withdraw", actor_id, now, decision=str(decision.id))


def standing_decision(session: Session, consultation_id: UUID) -> Decision | None:
    """The decision of a consultation that was not withdrawn, in effect or not."""
    rows = select(Decision).where(Decision.consultation_id == consultation_id, Decision.withdrawn_at.is_(None))
    return session.scalar(rows)


def _decision(session: Session, row: Consultation, entry: DecisionEntry, actor_id: UUID, now: datetime) -> Decision:
    evaluation = evaluations.evaluation_of(row.id)
    if entry.kind in ACCEPTING and evaluation is None:
        raise DomainError("Sign the evaluation visit first: nobody is accepted without one.", field="kind")
    today = local_day(now, sites.site(row.site_id).timezone)
    is_bipolar = evaluations.is_bipolar(evaluation)
    frozen = histories.judged_history(row.patient_id, as_of=today, is_bipolar=is_bipolar).frozen()
    edited = entry.first_line.strip()
    if edited and edited != frozen["first_line"]:
        frozen["edited_first_line"] = edited
    decision = Decision(
        consultation_id=row.id,
        kind=entry.kind.value,
        reason=entry.reason.strip() or None,
        conditions=list(entry.conditions),
        statement=frozen,
        decided_by=actor_id,
        decided_at=now,
    )
    session.add(decision)
    return decision


def _first_result(session: Session, standing: Decision, entry: DecisionEntry, actor: Account) -> UUID:
    says_the_same = (standing.reason or "", standing.conditions or []) == (entry.reason.strip(), list(entry.conditions))
    if standing.decided_by == actor.id and standing.kind == entry.kind and says_the_same:
        return standing.id
    if standing.decided_by == actor.id:
        raise DomainError("You have decided this consultation already. Open the chart again to read it.")
    name = session.get_one(Account, standing.decided_by).name
    raise DomainError(f"{name} has decided this consultation already. Open the chart again to read it.")


def _has_asked(session: Session, consultation_id: UUID, actor_id: UUID, questions: tuple[AskBack, ...]) -> bool:
    open_items = select(ReturnedItem).where(
        ReturnedItem.consultation_id == consultation_id,
        ReturnedItem.asked_by == actor_id,
        ReturnedItem.answered_at.is_(None),
    )
    asked = {(row.page, row.item, row.question) for row in session.scalars(open_items)}
    return asked == {(one.page, one.item, one.text.strip()) for one in questions}


def _returned_item(consultation_id: UUID, one: AskBack, actor_id: UUID, now: datetime) -> ReturnedItem:
    return ReturnedItem(
        consultation_id=consultation_id,
        page=one.page,
        item=one.item,
        question=one.text.strip(),
        asked_by=actor_id,
        asked_at=now,
    )


def _tell_patient(session: Session, row: Consultation, now: datetime) -> None:
    patient = session.get_one(Patient, row.patient_id)
    subject, text = wording.question(patient, sites.clinic())
    messages.enqueue(
        session,
        key=f"consultation:{row.id}:question:{now.isoformat()}",
        kind="question",
        recipient=patient.email,
        subject=subject,
        text=text,
        due_at=now,
        now=now,
        patient_id=patient.id,
    )


def _audit(session: Session, row: Consultation, action: str, actor_id: UUID, now: datetime, **detail: object) -> None:
    audit.add(
        session,
        actor_id=actor_id,
        action=action,
        subject=("consultation", row.id),
        now=now,
        patient_id=row.patient_id,
        site_id=row.site_id,
        detail=dict(detail),
    )
