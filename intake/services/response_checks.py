"""Recording the response check. Nothing stops by itself: the later infusions stop being tentative, or stay so."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from intake.domain.errors import DomainError
from intake.domain.reviews import check_length
from intake.domain.roles import Permission
from intake.domain.scheduling.checkpoints import CONFIRMING, CheckOutcome, Impression, ResponseChange, is_before_check
from intake.domain.statuses import SeriesStatus, Status
from intake.extensions import transaction
from intake.models.appointments import Appointment
from intake.models.response_checks import ResponseCheck
from intake.models.series import Series
from intake.queries import response_checks as reads
from intake.services import audit, permissions, placing
from intake.services.errors import SENT_BEFORE
from intake.services.retries import retried

logger = logging.getLogger("intake.response_checks")


@dataclass(frozen=True, slots=True)
class CheckEntry:
    """What a provider found. `patient_impression` None: the patient was not asked."""

    outcome: CheckOutcome
    clinician_impression: Impression
    patient_impression: Impression | None = None
    note: str = ""


@retried
def record(
    patient_id: UUID, series_id: UUID, entry: CheckEntry, *, request_key: UUID, actor_id: UUID, now: datetime
) -> UUID:
    """Keep what a provider found after the infusions done so far; returns the row. A repeat answers with the first.

    An outcome that confirms makes the coming infusions definite, another one tentative again; their places stay
    theirs either way. What was shown is frozen with it. Raises `DomainError`, and `NoResultFound` for a series of
    somebody else.
    """
    check_length(entry.note, "note")
    with transaction() as session:
        permissions.check(session, actor_id, Permission.SIGN_ORDER)
        placing.lock_patient(session, patient_id)
        case = reads.case_of(patient_id, series_id)
        first = session.scalar(select(ResponseCheck).where(ResponseCheck.request_key == request_key))
        if first is not None:
            return _first_result(first, case.series, entry, actor_id)
        if case.series.status is not SeriesStatus.BOOKED or not case.done:
            raise DomainError("There is nothing to check: this series has not begun, or is over.")
        row = ResponseCheck(
            patient_id=patient_id,
            series_id=series_id,
            after_infusion=len(case.done),
            outcome=entry.outcome,
            clinician_impression=entry.clinician_impression,
            patient_impression=entry.patient_impression,
            note=entry.note.strip() or None,
            basis=_basis(case.change),
            request_key=request_key,
            by_id=actor_id,
            at=now,
        )
        session.add(row)
        _mark(session, case, entry.outcome not in CONFIRMING, actor_id, now)
        detail = {"after": len(case.done), "outcome": entry.outcome.value}
        audit.add(
            session,
            actor_id=actor_id,
            action="series.response-check",
            subject=("series", series_id),
            now=now,
            patient_id=patient_id,
            site_id=case.series.site_id,
            detail=detail,
        )
        key = row.id
    logger.info("response_checked", extra={"series_id": series_id})
    return key


def _first_result(first: ResponseCheck, series: Series, entry: CheckEntry, actor_id: UUID) -> UUID:
    if first.series_id != series.id or first.by_id != actor_id or first.outcome is not entry.outcome:
        raise DomainError(SENT_BEFORE)
    return first.id


def _mark(session: Session, case: reads.Case, is_awaited: bool, actor_id: UUID, now: datetime) -> None:
    """Make the coming infusions after the check definite or tentative, each with what happened to it."""
    for visit in case.coming:
        row = session.get_one(Appointment, visit.id)
        is_after = is_before_check(case.order.protocol.rules, row.number)
        if row.status is Status.BOOKED and is_after and row.awaits_response is not is_awaited:
            row.awaits_response = is_awaited
            placing.add_event(
                session,
                row.id,
                row.status,
                row.status,
                by_id=actor_id,
                at=now,
                kind="response",
                detail={"awaited": is_awaited},
            )


def _basis(change: ResponseChange | None) -> dict[str, Any] | None:
    if change is None:
        return None
    return {
        "baseline": {"on": change.baseline.on.isoformat(), "total": change.baseline.total},
        "latest": {"on": change.latest.on.isoformat(), "total": change.latest.total},
        "points": change.points,
        "percent": change.percent,
        "days_before": change.days_before,
    }
