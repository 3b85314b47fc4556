"""Signing the evaluation visit. A correction is a new signed row; the old one stays."""

from __future__ import annotations

import logging
from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from intake.domain.errors import DomainError
from intake.domain.evaluation import EvaluationEntry, check
from intake.domain.roles import Permission
from intake.domain.statuses import ConsultationStatus
from intake.extensions import transaction
from intake.models.consultations import Consultation
from intake.models.reviews import Evaluation
from intake.queries import evaluations
from intake.services import audit, consultation_status, permissions
from intake.services.errors import SENT_BEFORE

logger = logging.getLogger("intake.evaluations")
SIGNABLE = frozenset(
    {
        ConsultationStatus.CORE_COMPLETE,
        ConsultationStatus.SUBMITTED,
        ConsultationStatus.IN_REVIEW,
        ConsultationStatus.RETURNED,
        ConsultationStatus.ACCEPTED,
    }
)


def sign(
    consultation_id: UUID,
    entry: EvaluationEntry,
    *,
    replaces_id: UUID | None,
    request_key: UUID,
    actor_id: UUID,
    now: datetime,
) -> UUID:
    """Sign a visit; returns its id. `replaces_id` is the visit that the page showed as the standing one, None for none.

    The same press again answers with the first result. Raises `DomainError` beside the field at fault, or when
    somebody signed another visit since the page was opened. The second factor was asked for before.
    """
    check(entry, now=now)
    with transaction() as session:
        permissions.check(session, actor_id, Permission.SIGN_EVALUATION)
        consultation = consultation_status.locked(session, consultation_id)
        first = session.scalar(select(Evaluation).where(Evaluation.request_key == request_key))
        if first is not None:
            return _first_result(first, consultation, entry, actor_id)
        _check_standing(consultation, replaces_id)
        row = _evaluation(consultation, entry, replaces_id, request_key, actor_id, now)
        session.add(row)
        _audit(session, consultation, row, actor_id, now)
        evaluation_id = row.id
    logger.info("evaluation_signed", extra={"evaluation_id": evaluation_id})
    return evaluation_id


def _first_result(first: Evaluation, consultation: Consultation, entry: EvaluationEntry, actor_id: UUID) -> UUID:
    """What the same press signed; anything else under its key is refused, so that no correction is lost behind it."""
    is_mine = first.consultation_id == consultation.id and first.provider_id == actor_id
    if not is_mine or any(getattr(first, name) != value for name, value in _values(entry).items()):
        raise DomainError(SENT_BEFORE)
    return first.id


def _check_standing(consultation: Consultation, replaces_id: UUID | None) -> None:
    if consultation.status not in SIGNABLE:
        raise DomainError("No visit can be signed for this consultation as it stands.")
    standing = evaluations.evaluation_of(consultation.id)
    if (standing.id if standing else None) != replaces_id:
        raise DomainError("A visit was signed since you opened this page. Open the chart again to read it.")


def _evaluation(
    consultation: Consultation,
    entry: EvaluationEntry,
    replaces_id: UUID | None,
    request_key: UUID,
    actor_id: UUID,
    now: datetime,
) -> Evaluation:
    return Evaluation(
        consultation_id=consultation.id,
        patient_id=consultation.patient_id,
        provider_id=actor_id,
        replaces_id=replaces_id,
        request_key=request_key,
        signed_at=now,
        **_values(entry),
    )


def _values(entry: EvaluationEntry) -> dict[str, Any]:
    codes = {"held_as": entry.held_as.value, "suicide_risk": entry.suicide_risk.value}
    return asdict(entry) | codes | {"plan": entry.plan.strip()}


def _audit(session: Session, consultation: Consultation, row: Evaluation, actor_id: UUID, now: datetime) -> None:
    audit.add(
        session,
        actor_id=actor_id,
        action="evaluation.correct" if row.replaces_id else "evaluation.sign",
        subject=("evaluation", row.id),
        now=now,
        patient_id=consultation.patient_id,
        site_id=consultation.site_id,
    )
