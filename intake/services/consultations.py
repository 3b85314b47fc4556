"""A patient fills in the form: drafts that two tabs cannot overwrite, items added and removed, questions answered."""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import NoResultFound
from sqlalchemy.orm import Session

from intake.domain.errors import DomainError
from intake.domain.form import phq9
from intake.domain.form.pages import MOST_ITEMS, Page
from intake.domain.form.reader import Answers, is_unreadable
from intake.domain.requests import Reason
from intake.domain.screening.safety import Help
from intake.domain.statuses import ConsultationStatus
from intake.extensions import transaction
from intake.models.consultations import Consultation, ConsultationEvent, Draft
from intake.models.people import Patient
from intake.queries import consultations
from intake.services import alerts, audit

logger = logging.getLogger("intake.consultations")
LONGEST_PART = 20_000
LONGEST_ANSWER = 2_000
ALREADY_SENT = "You have sent your answers, so this page cannot be changed now. If something is wrong, call us."
NOT_ASKED = "This page was not asked about, so it stays as you sent it. Write what is new as an answer to a question."


@dataclass(frozen=True, slots=True)
class Place:
    """One part of one page, of one item where the page repeats."""

    page: Page
    part: str
    item: str = ""


@dataclass(frozen=True, slots=True)
class Saved:
    """What a save came to. `help`: what the patient is shown at once."""

    version: int
    saved_at: datetime
    help: Help = Help.NONE


class AlreadySent(DomainError):
    """The page is closed: the form was submitted, or a return did not ask about it."""


class EditedElsewhere(Exception):
    """Another tab or device saved this part after this one was opened. Nothing was written."""

    def __init__(self, answers: Answers, saved_at: datetime, version: int) -> None:
        super().__init__("edited elsewhere")
        self.answers, self.saved_at, self.version = answers, saved_at, version


def save_part(
    patient_id: UUID,
    place: Place,
    answers: Answers,
    *,
    seen_version: int,
    actor_id: UUID,
    now: datetime,
    may_add: bool = False,
) -> Saved:
    """Keep the answers of one part as typed, whether or not they can be read.

    `seen_version` is the draft's version when the page was opened (0: there was none). Raises `EditedElsewhere`,
    `AlreadySent`, `NoResultFound` for an item that is not this patient's, `DomainError` for far too much text. The
    same answers again change nothing. A positive safety answer raises its alert in the same transaction.
    """
    _refuse_too_much(answers)
    with transaction() as session:
        row = current(session, patient_id)
        draft = _draft(session, row, place, now, may_add=may_add)
        conflict = _conflict(draft, place.part, answers, seen_version)
        if conflict is None:
            _keep(draft, place.part, answers, now)
        saved = Saved(draft.version, draft.updated_at, _note_safety(session, row, place, answers, actor_id, now))
    if conflict is not None:
        raise conflict
    return saved


def remove_item(patient_id: UUID, page: Page, item: str, *, actor_id: UUID, now: datetime) -> None:
    """Take an item out of the list; it is kept until the form is sent and can be put back. Twice is harmless.

    Raises `AlreadySent` for an item that was submitted already, `NoResultFound` for one that is not there.
    """
    with transaction() as session:
        row = current(session, patient_id)
        draft = _existing(session, row, page, item)
        if consultations.chart_row_of(draft) is not None:
            raise AlreadySent("You sent this already, so it stays on record. Write in an answer that it is wrong.")
        _check_open(row, page, draft)
        draft.removed_at = draft.removed_at or now


def restore_item(patient_id: UUID, page: Page, item: str, *, actor_id: UUID, now: datetime) -> None:
    """Put a removed item back. Twice is harmless. Raises `NoResultFound` for one that is not there."""
    with transaction() as session:
        row = current(session, patient_id)
        draft = _existing(session, row, page, item)
        _check_open(row, page, draft)
        if draft.removed_at is not None:
            _refuse_too_many(session, row, page)
            draft.removed_at, draft.updated_at = None, now


def answer_question(patient_id: UUID, question_id: UUID, answer: str, *, actor_id: UUID, now: datetime) -> None:
    """Answer a question that a provider asked back. Raises `NoResultFound`, `AlreadySent`, `DomainError` (`answer`)."""
    text = answer.replace("\r\n", "\n").strip()
    if is_unreadable(text):
        raise DomainError("Some characters here cannot be read. Type this again without them", field="answer")
    if not text or len(text) > LONGEST_ANSWER:
        said = "Write your answer" if not text else f"Shorten this to {LONGEST_ANSWER} characters or fewer"
        raise DomainError(said, field="answer")
    with transaction() as session:
        row = current(session, patient_id)
        if row.status is not ConsultationStatus.RETURNED:
            raise AlreadySent(ALREADY_SENT)
        asked = consultations.open_questions_of(patient_id, row.id)
        question = next((one for one in asked if one.id == question_id), None)
        if question is None:
            raise NoResultFound
        question.answer, question.answered_at = text, now
        _audit(session, row, "question.answer", actor_id, now, question=str(question_id))


def start(patient_id: UUID, *, actor_id: UUID, now: datetime) -> UUID:
    """Begin a consultation for a patient whose last one was withdrawn or closed, or who never had one.

    Answers with the one that is there otherwise.
    """
    with transaction() as session:
        patient = session.scalars(select(Patient).where(Patient.id == patient_id).with_for_update()).one()
        last = consultations.latest_of(patient_id)
        if last is not None and last.status not in (ConsultationStatus.WITHDRAWN, ConsultationStatus.CLOSED):
            return last.id
        row = Consultation(
            patient_id=patient_id,
            site_id=patient.home_site_id,
            status=ConsultationStatus.DRAFT,
            reason=last.reason if last else Reason.OTHER.value,
            created_at=now,
        )
        session.add(row)
        session.flush()
        session.add(ConsultationEvent(consultation_id=row.id, at=now, actor_id=actor_id, to_status=row.status))
        _audit(session, row, "consultation.start", actor_id, now)
        consultation_id = row.id
    logger.info("consultation_started", extra={"consultation_id": consultation_id})
    return consultation_id


def current(session: Session, patient_id: UUID) -> Consultation:
    """The patient's consultation, kept from others until the transaction ends; raises `NoResultFound`."""
    rows = (
        select(Consultation)
        .where(Consultation.patient_id == patient_id)
        .order_by(Consultation.closed_at.isnot(None), Consultation.created_at.desc(), Consultation.id.desc())
    )
    return session.scalars(rows.limit(1).with_for_update()).one()


def _draft(session: Session, row: Consultation, place: Place, now: datetime, *, may_add: bool) -> Draft:
    draft = _find(session, row, place.page, place.item)
    if draft is None and place.item and not may_add:
        raise NoResultFound
    _check_open(row, place.page, draft, place.item)
    if draft is not None:
        return draft
    _refuse_too_many(session, row, place.page)
    draft = Draft(
        consultation_id=row.id,
        page=place.page.value,
        item=place.item,
        position=_next_position(session, row, place.page),
        version=0,
        body={"parts": {}},
        updated_at=now,
    )
    session.add(draft)
    return draft


def _find(session: Session, row: Consultation, page: Page, item: str) -> Draft | None:
    rows = select(Draft).where(Draft.consultation_id == row.id, Draft.page == page.value, Draft.item == item)
    return session.scalars(rows).one_or_none()


def _existing(session: Session, row: Consultation, page: Page, item: str) -> Draft:
    draft = _find(session, row, page, item)
    if draft is None:
        raise NoResultFound
    return draft


def _check_open(row: Consultation, page: Page, draft: Draft | None, item: str = "") -> None:
    is_returned = row.status is ConsultationStatus.RETURNED
    asked = consultations.open_questions_of(row.patient_id, row.id) if is_returned else ()
    row_id = consultations.chart_row_of(draft) if draft else None
    if not consultations.is_open(row, asked, page, draft.item if draft else item, row_id):
        raise AlreadySent(NOT_ASKED if is_returned else ALREADY_SENT)


def _conflict(draft: Draft, part: str, answers: Answers, seen_version: int) -> EditedElsewhere | None:
    """What the writer has not seen, where it differs from what is being saved."""
    kept = draft.body["parts"].get(part)
    if kept is None or kept["answers"] == answers or kept["version"] <= seen_version:
        return None
    return EditedElsewhere(kept["answers"], datetime.fromisoformat(kept["at"]), draft.version)


def _keep(draft: Draft, part: str, answers: Answers, now: datetime) -> None:
    """Keep the answers; the same ones again change nothing, unless the item was removed meanwhile."""
    body = draft.body
    before = body["parts"].get(part)
    if before is not None and before["answers"] == answers and draft.removed_at is None:
        return
    draft.version += 1
    kept = {"answers": answers, "version": draft.version, "at": now.isoformat()}
    draft.body = {**body, "parts": {**body["parts"], part: kept}}
    draft.updated_at, draft.removed_at = now, None


def _note_safety(
    session: Session, row: Consultation, place: Place, answers: Answers, actor_id: UUID, now: datetime
) -> Help:
    """Note an answer on self-harm even where the rest of the save meets another tab's."""
    said = phq9.safety_answer(answers) if place.page is Page.PHQ9 else None
    if said is None:
        return Help.NONE
    return alerts.note_item9(session, row, said, actor_id=actor_id, now=now).help


def _next_position(session: Session, row: Consultation, page: Page) -> int:
    rows = select(Draft.position).where(Draft.consultation_id == row.id, Draft.page == page.value)
    return max(session.scalars(rows).all(), default=-1) + 1


def _refuse_too_many(session: Session, row: Consultation, page: Page) -> None:
    rows = select(Draft.id).where(Draft.consultation_id == row.id, Draft.page == page.value, Draft.item != "")
    if len(session.scalars(rows.where(Draft.removed_at.is_(None))).all()) >= MOST_ITEMS:
        raise DomainError(f"This list takes {MOST_ITEMS}. Tell us about the others when we meet.")


def _refuse_too_much(answers: Answers) -> None:
    if len(json.dumps(answers, ensure_ascii=False)) > LONGEST_PART:
        raise DomainError("This is more text than the page can keep. Shorten it, and tell us the rest when we meet.")


def _audit(session: Session, row: Consultation, action: str, actor_id: UUID, now: datetime, **detail: str) -> None:
    audit.add(
        session,
        actor_id=actor_id,
        action=action,
        subject=("consultation", row.id),
        patient_id=row.patient_id,
        site_id=row.site_id,
        now=now,
        detail=dict(detail),
    )
