"""Sending the form: one transaction from drafts to an immutable snapshot and the rows of the chart."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from intake.domain.clinic_time import local_day
from intake.domain.errors import DomainError
from intake.domain.form.pages import CONSENT, FORM_VERSION, Page
from intake.domain.form.reader import is_unreadable
from intake.domain.form.whole import Form, Missing, read_form, snapshot_of
from intake.domain.statuses import PATIENT_MAY_EDIT, ConsultationStatus
from intake.extensions import transaction
from intake.models.consultations import Consultation, Draft, ReturnedItem, Snapshot
from intake.queries import consultations
from intake.services import audit, consultation_status, submitted_rows
from intake.services.consultations import ALREADY_SENT, AlreadySent, current

logger = logging.getLogger("intake.consultations")
LONGEST_SIGNATURE = 120


class Incomplete(DomainError):
    """Something is not answered; `missing` says where."""

    def __init__(self, missing: Sequence[Missing]) -> None:
        super().__init__("Some answers are missing. They are listed on the page before this one.")
        self.missing = tuple(missing)


class Unanswered(DomainError):
    """A question that was asked back has no answer."""


def submit(patient_id: UUID, *, signature: str, request_key: UUID, actor_id: UUID, now: datetime) -> UUID:
    """Send the form as it stands; returns the snapshot's id. The same `request_key` answers with the first result.

    Raises `DomainError` (`signature`), `Incomplete`, `Unanswered`, `AlreadySent`. After a return only what changed
    becomes new rows, each of which replaces the one before.
    """
    name = _signed(signature)
    with transaction() as session:
        row = current(session, patient_id)
        snapshots = consultations.snapshots_of(patient_id, row.id)
        first = next((one for one in snapshots if one.request_key == request_key), None)
        if first is not None:
            return first.id
        if row.status not in PATIENT_MAY_EDIT:
            raise AlreadySent(ALREADY_SENT)
        drafts = [draft for draft in consultations.drafts_of(patient_id, row.id) if draft.removed_at is None]
        form = _complete_form(row, drafts, now)
        _settle_questions(row, drafts, now)
        snapshot = _add_snapshot(session, row, form, drafts, snapshots, name, request_key, now)
        before = snapshots[-1].body["answers"] if snapshots else []
        submitted_rows.Submission(session, row, snapshot, before, actor_id, now).write(form, drafts)
        row.submitted_at = now
        consultation_status.move(session, row, ConsultationStatus.SUBMITTED, actor_id=actor_id, now=now)
        _audit(session, row, snapshot, actor_id, now)
        snapshot_id = snapshot.id
    logger.info("consultation_submitted", extra={"snapshot_id": snapshot_id})
    return snapshot_id


def is_settled(question: ReturnedItem, drafts: Sequence[Draft]) -> bool:
    """Whether a question has an answer: in words, or by a page that was saved after it was asked."""
    return question.answer is not None or any(
        draft.updated_at > question.asked_at
        and draft.removed_at is None
        and consultations.reopens(question, Page(draft.page), draft.item, consultations.chart_row_of(draft))
        for draft in drafts
    )


def _signed(signature: str) -> str:
    name = " ".join(signature.split())
    if not name:
        raise DomainError("Type your name to sign", field="signature")
    if len(name) > LONGEST_SIGNATURE or is_unreadable(name):
        raise DomainError(f"Type your name with at most {LONGEST_SIGNATURE} characters", field="signature")
    return name


def _complete_form(row: Consultation, drafts: Sequence[Draft], now: datetime) -> Form:
    today = local_day(now, consultations.timezone_of(row))
    form = read_form(consultations.written(drafts), today=today)
    if not form.is_complete:
        raise Incomplete(form.missing)
    return form


def _settle_questions(row: Consultation, drafts: Sequence[Draft], now: datetime) -> None:
    if row.status is not ConsultationStatus.RETURNED:
        return
    for question in consultations.open_questions_of(row.patient_id, row.id):
        if not is_settled(question, drafts):
            raise Unanswered("A question has no answer yet. It is listed on the page before this one.")
        question.answered_at = question.answered_at or now


def _add_snapshot(
    session: Session,
    row: Consultation,
    form: Form,
    drafts: Sequence[Draft],
    before: Sequence[Snapshot],
    signature: str,
    request_key: UUID,
    now: datetime,
) -> Snapshot:
    snapshot = Snapshot(
        consultation_id=row.id,
        number=len(before) + 1,
        form_version=FORM_VERSION,
        body={**snapshot_of(form, consultations.written(drafts)), "consent": CONSENT},
        signature=signature,
        request_key=request_key,
        submitted_at=now,
    )
    session.add(snapshot)
    session.flush()
    return snapshot


def _audit(session: Session, row: Consultation, snapshot: Snapshot, actor_id: UUID, now: datetime) -> None:
    audit.add(
        session,
        actor_id=actor_id,
        action="consultation.submit",
        subject=("snapshot", snapshot.id),
        patient_id=row.patient_id,
        site_id=row.site_id,
        now=now,
        detail={"number": snapshot.number},
    )
