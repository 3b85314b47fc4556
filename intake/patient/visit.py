"""The patient behind a request, their consultation, and what may be changed in it now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from flask import abort, g
from flask_login import current_user

from intake.domain.clinic_time import local_day
from intake.domain.form.pages import Page
from intake.domain.form.reader import Answers
from intake.domain.form.whole import Form, read_form
from intake.domain.phones import phone_words
from intake.domain.statuses import PATIENT_MAY_EDIT, ConsultationStatus
from intake.queries import consultations, people
from intake.queries.consultations import Consultation, Draft, Patient, ReturnedItem
from intake.services.consultations import Place
from intake.web import access


@dataclass
class Visit:
    """One request of a patient. Reads happen once; nothing here is kept between requests."""

    patient: Patient
    consultation: Consultation
    zone: str
    at: datetime
    questions: Sequence[ReturnedItem] = field(default=())

    def __post_init__(self) -> None:
        self.patient_id: UUID = self.patient.id
        self.account_id: UUID = current_user.id
        self.is_returned = self.consultation.status is ConsultationStatus.RETURNED

    @property
    def today(self) -> date:
        """The day at the site."""
        return local_day(self.at, self.zone)

    @property
    def may_edit(self) -> bool:
        """Whether anything at all may be changed."""
        return self.consultation.status in PATIENT_MAY_EDIT

    def draft(self, place: Place) -> Draft | None:
        """What was saved at a place, removed items too."""
        return consultations.draft_of(self.patient_id, self.consultation.id, place.page, place.item)

    def drafts(self) -> Sequence[Draft]:
        """Everything that was saved, removed items too."""
        return consultations.drafts_of(self.patient_id, self.consultation.id)

    def form(self, drafts: Sequence[Draft]) -> Form:
        """The whole form as far as it can be read."""
        return read_form(consultations.written(drafts), today=self.today)

    def is_open(self, page: Page, draft: Draft | None = None, item: str = "") -> bool:
        """Whether a page (of an item) may be changed now."""
        row_id = consultations.chart_row_of(draft) if draft else None
        return consultations.is_open(self.consultation, self.questions, page, draft.item if draft else item, row_id)


def patient() -> Patient:
    """The patient who is signed in; 404 for an account without one."""
    return people.patient_of(current_user.id) or abort(404)


def visit() -> Visit:
    """The visit behind this request; 404 where the patient has no consultation."""
    if "visit" not in g:
        me = patient()
        consultation = consultations.latest_of(me.id)
        if consultation is None:
            abort(404)
        g.visit = Visit(me, consultation, consultations.timezone_of(consultation), access.now())
        if g.visit.is_returned:
            g.visit.questions = consultations.open_questions_of(me.id, consultation.id)
    found: Visit = g.visit
    return found


def known(me: Patient) -> Mapping[str, Answers]:
    """What the clinic knows already, as answers of the pages about the patient, to be checked by them."""
    born = {"month": str(me.born_on.month), "day": str(me.born_on.day), "year": str(me.born_on.year)}
    names = {"given_name": me.given_name, "family_name": me.family_name, "preferred_name": me.preferred_name or ""}
    return {
        "you": {**names, "born": born, "sex": me.sex or ""},
        "reach": {"phone": phone_words(me.phone) if me.phone else "", "address": me.address or ""},
        "messages": {},
    }
