"""Reads of a patient's consultation: where it stands, what is typed so far, what is asked back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select

from intake.domain.form.pages import Page
from intake.domain.form.reader import Answers
from intake.domain.form.whole import Written
from intake.domain.statuses import PATIENT_MAY_EDIT, ConsultationStatus
from intake.extensions import current_session
from intake.models.consultations import Consultation, Draft, ReturnedItem, Snapshot
from intake.models.people import Patient
from intake.models.sites import Site

__all__ = [
    "Consultation",
    "Draft",
    "DraftPart",
    "NOTHING",
    "Patient",
    "ReturnedItem",
    "chart_row_of",
    "draft_of",
    "drafts_of",
    "is_open",
    "latest_of",
    "open_questions_of",
    "part_of",
    "reopens",
    "snapshots_of",
    "timezone_of",
    "written",
]


@dataclass(frozen=True, slots=True)
class DraftPart:
    """The answers of one part and when they were saved. Version 0: not saved so far."""

    answers: Answers
    version: int
    saved_at: datetime | None


NOTHING = DraftPart({}, 0, None)


def latest_of(patient_id: UUID) -> Consultation | None:
    """The patient's open consultation, else the last one; None when there never was one."""
    rows = select(Consultation).where(Consultation.patient_id == patient_id)
    newest = rows.order_by(Consultation.closed_at.isnot(None), Consultation.created_at.desc(), Consultation.id.desc())
    return current_session().scalars(newest.limit(1)).first()


def drafts_of(patient_id: UUID, consultation_id: UUID) -> Sequence[Draft]:
    """Everything that the patient has typed in a consultation, in the order of entry, removed items too."""
    rows = (
        select(Draft)
        .join(Consultation, Consultation.id == Draft.consultation_id)
        .where(Draft.consultation_id == consultation_id, Consultation.patient_id == patient_id)
        .order_by(Draft.position, Draft.id)
    )
    return current_session().scalars(rows).all()


def draft_of(patient_id: UUID, consultation_id: UUID, page: Page, item: str = "") -> Draft | None:
    """One draft; None when nothing was saved there or it is somebody else's."""
    rows = (
        select(Draft)
        .join(Consultation, Consultation.id == Draft.consultation_id)
        .where(Draft.consultation_id == consultation_id, Consultation.patient_id == patient_id)
        .where(Draft.page == page.value, Draft.item == item)
    )
    return current_session().scalars(rows).one_or_none()


def part_of(draft: Draft | None, part: str) -> DraftPart:
    """One part of a draft with the draft's version, so that a save can tell whether it has seen the latest."""
    if draft is None:
        return NOTHING
    kept = draft.body["parts"].get(part)
    answers = kept["answers"] if kept else {}
    return DraftPart(answers, draft.version, datetime.fromisoformat(kept["at"]) if kept else None)


def written(drafts: Iterable[Draft]) -> list[Written]:
    """Drafts as the form reads them, without removed items."""
    return [
        Written(Page(draft.page), draft.item, draft.position, _answers_of(draft.body))
        for draft in drafts
        if draft.removed_at is None
    ]


def chart_row_of(draft: Draft) -> UUID | None:
    """The row of the chart that the draft became when it was submitted last."""
    row = draft.body.get("row")
    return UUID(row) if row else None


def snapshots_of(patient_id: UUID, consultation_id: UUID) -> Sequence[Snapshot]:
    """What was submitted, in order."""
    rows = (
        select(Snapshot)
        .join(Consultation, Consultation.id == Snapshot.consultation_id)
        .where(Snapshot.consultation_id == consultation_id, Consultation.patient_id == patient_id)
        .order_by(Snapshot.number)
    )
    return current_session().scalars(rows).all()


def open_questions_of(patient_id: UUID, consultation_id: UUID) -> Sequence[ReturnedItem]:
    """The questions of the latest return, answered or not, in the order they were asked."""
    rows = (
        select(ReturnedItem)
        .join(Consultation, Consultation.id == ReturnedItem.consultation_id)
        .where(ReturnedItem.consultation_id == consultation_id, Consultation.patient_id == patient_id)
        .where(ReturnedItem.asked_at >= Consultation.submitted_at)
        .order_by(ReturnedItem.asked_at, ReturnedItem.id)
    )
    return current_session().scalars(rows).all()


def timezone_of(consultation: Consultation) -> str:
    """The zone of the consultation's site, without the rest of the site."""
    return current_session().scalars(select(Site.timezone).where(Site.id == consultation.site_id)).one()


def is_open(
    consultation: Consultation,
    questions: Iterable[ReturnedItem],
    page: Page,
    item: str = "",
    row_id: UUID | None = None,
) -> bool:
    """Whether the patient may change a page (of an item, with its row on the chart) now.

    All of them before the form is sent; after a return only what the questions reopen.
    """
    if consultation.status not in PATIENT_MAY_EDIT:
        return False
    if consultation.status is not ConsultationStatus.RETURNED:
        return True
    return any(reopens(question, page, item, row_id) for question in questions)


def reopens(question: ReturnedItem, page: Page, item: str, row_id: UUID | None) -> bool:
    """Whether a question opens a page (of an item) again. Items are named by their key or by their chart row."""
    if question.page == page.value:
        return question.item in ("", item, str(row_id))
    is_new = bool(item) and row_id is None
    return is_new and question.page == f"{page.value}s"  # asked about the list: something may be added


def _answers_of(body: dict[str, Any]) -> dict[str, Answers]:
    return {part: kept["answers"] for part, kept in body["parts"].items()}
