"""A provider's verdict over the computed one, with a reason; the original stays visible."""

from __future__ import annotations

import logging
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from intake.domain.errors import DomainError
from intake.domain.history.resistance import judge_all
from intake.domain.history.trials import Judgement, Verdict
from intake.domain.reviews import check_reason
from intake.domain.roles import Permission
from intake.extensions import transaction
from intake.models.trials import MedicationTrial, VerdictOverride
from intake.queries import trials
from intake.services import audit, permissions
from intake.services.errors import SENT_BEFORE

logger = logging.getLogger("intake.verdicts")


def override(
    patient_id: UUID,
    trial_id: UUID,
    verdict: Verdict,
    reason: str,
    *,
    request_key: UUID,
    actor_id: UUID,
    now: datetime,
    as_of: date,
) -> UUID:
    """Put a verdict over the computed one; returns the override's id, which is the form's key.

    The latest one counts; earlier ones and the computed verdict stay. The same press again adds nothing. Raises
    `NoResultFound` for a trial of another patient, `DomainError` for one that was replaced, or for no change.
    """
    check_reason(reason)
    with transaction() as session:
        permissions.check(session, actor_id, Permission.REVIEW)
        row = _locked(session, patient_id, trial_id)
        first = session.get(VerdictOverride, request_key)
        if first is not None:
            return _first_result(first, trial_id, verdict, reason, actor_id)
        computed = _computed(row, as_of)
        standing = trials.overrides_of(patient_id).get(trial_id)
        if verdict == (standing.verdict if standing else computed.verdict):
            raise DomainError("This is the verdict that stands: choose another.", field="verdict")
        session.add(_override(trial_id, verdict, computed, reason, request_key, actor_id, now))
        _audit(session, patient_id, request_key, actor_id, now, verdict)
    logger.info("verdict_overridden", extra={"override_id": request_key})
    return request_key


def _locked(session: Session, patient_id: UUID, trial_id: UUID) -> MedicationTrial:
    mine = (MedicationTrial.id == trial_id, MedicationTrial.patient_id == patient_id)
    return session.scalars(select(MedicationTrial).where(*mine).with_for_update()).one()


def _first_result(first: VerdictOverride, trial_id: UUID, verdict: Verdict, reason: str, actor_id: UUID) -> UUID:
    is_mine = first.trial_id == trial_id and first.by_id == actor_id
    if not is_mine or (first.verdict, first.reason) != (verdict.value, reason.strip()):
        raise DomainError(SENT_BEFORE)
    return first.id


def _computed(row: MedicationTrial, as_of: date) -> Judgement:
    """The verdict that the chart shows: an augmentation is judged beside its base, so the whole history is read."""
    rows = trials.trials_of(row.patient_id)
    if all(one.id != row.id for one in rows):
        raise DomainError("This trial was corrected since you opened the page. Open the chart again to read it.")
    found = judge_all([trials.as_entered(one) for one in rows], trials.history_settings(), as_of=as_of)
    return next(judgement for judgement in found if judgement.trial_id == str(row.id))


def _override(
    trial_id: UUID,
    verdict: Verdict,
    computed: Judgement,
    reason: str,
    request_key: UUID,
    actor_id: UUID,
    now: datetime,
) -> VerdictOverride:
    return VerdictOverride(
        id=request_key,
        trial_id=trial_id,
        verdict=verdict.value,
        computed=computed.verdict.value,
        rules_version=computed.rules_version,
        reason=reason.strip(),
        by_id=actor_id,
        at=now,
    )


def _audit(session: Session, patient_id: UUID, row_id: UUID, actor_id: UUID, now: datetime, verdict: Verdict) -> None:
    audit.add(
        session,
        actor_id=actor_id,
        action="verdict.override",
        subject=("verdict_override", row_id),
        now=now,
        patient_id=patient_id,
        detail={"verdict": verdict.value},
    )
