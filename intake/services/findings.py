"""A provider's written clearance of a stop finding: reason, who, when. Until then nothing is ordered or booked."""

from __future__ import annotations

import logging
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from intake.domain.errors import DomainError
from intake.domain.reviews import check_reason
from intake.domain.roles import Permission
from intake.domain.screening.medicines import RULES_VERSION
from intake.extensions import transaction
from intake.models.medicines import FindingClearance
from intake.models.people import Patient
from intake.queries import findings
from intake.services import audit, permissions

logger = logging.getLogger("intake.findings")


def clear(
    patient_id: UUID, finding: str, reason: str, *, request_key: UUID, actor_id: UUID, now: datetime, as_of: date
) -> UUID:
    """Clear one open stop finding, named by its key; returns the clearance's id, which is the form's key.

    The same press again, or a finding that a colleague cleared meanwhile, answers with what stands. Raises
    `DomainError` for a finding that is not on this chart.
    """
    check_reason(reason)
    with transaction() as session:
        permissions.check(session, actor_id, Permission.DECIDE)
        patient = _locked(session, patient_id)
        standing = findings.clearances_of(patient_id).get(finding)
        if standing is not None:
            return standing.id
        if finding not in findings.uncleared_stops(patient_id, as_of=as_of):
            raise DomainError("This finding is not on the chart any more. Open the chart again to read it.")
        if session.get(FindingClearance, request_key) is not None:
            raise DomainError("This form was sent before. Open it again.")
        session.add(_clearance(patient_id, finding, reason, request_key, actor_id, now))
        _audit(session, patient, "finding.clear", request_key, actor_id, now)
    logger.info("finding_cleared", extra={"clearance_id": request_key})
    return request_key


def withdraw(patient_id: UUID, clearance_id: UUID, *, actor_id: UUID, now: datetime) -> None:
    """Take a clearance back: the finding blocks again. The row stays. Twice is harmless."""
    with transaction() as session:
        permissions.check(session, actor_id, Permission.DECIDE)
        patient = _locked(session, patient_id)
        row = session.scalars(
            select(FindingClearance).where(
                FindingClearance.id == clearance_id, FindingClearance.patient_id == patient_id
            )
        ).one()
        if row.withdrawn_at is None:
            row.withdrawn_at = now
            _audit(session, patient, "finding.block", clearance_id, actor_id, now)


def _locked(session: Session, patient_id: UUID) -> Patient:
    return session.scalars(select(Patient).where(Patient.id == patient_id).with_for_update(key_share=True)).one()


def _clearance(
    patient_id: UUID, finding: str, reason: str, request_key: UUID, actor_id: UUID, now: datetime
) -> FindingClearance:
    return FindingClearance(
        id=request_key,
        patient_id=patient_id,
        finding=finding,
        rules_version=RULES_VERSION,
        reason=reason.strip(),
        by_id=actor_id,
        at=now,
    )


def _audit(session: Session, patient: Patient, action: str, row_id: UUID, actor_id: UUID, now: datetime) -> None:
    audit.add(
        session,
        actor_id=actor_id,
        action=action,
        subject=("finding_clearance", row_id),
        now=now,
        patient_id=patient.id,
        site_id=patient.home_site_id,
    )
