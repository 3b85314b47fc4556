"""The rows of the chart that a submission writes: what is new, and what replaces an earlier row."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from intake.domain.form import about, phq9, trial
from intake.domain.form.pages import Page
from intake.domain.form.whole import Form, MedicineItem, TrialItem
from intake.domain.history import formulary, trials
from intake.domain.screening import instruments, names
from intake.models.consultations import Consultation, Draft, Snapshot
from intake.models.medicines import CurrentMedicine
from intake.models.people import Account, Patient, PatientNameKey
from intake.models.scores import Score
from intake.models.trials import MedicationTrial, TrialDose
from intake.queries import consultations
from intake.services import people

NOW = "now"
SCORER_VERSION = "1"
Key = tuple[Page, str]


@dataclass
class Submission:
    """One submission at work inside its transaction. `before` are the answers of the snapshot before it, if any."""

    session: Session
    consultation: Consultation
    snapshot: Snapshot
    before: Sequence[Mapping[str, Any]]
    actor_id: UUID
    now: datetime
    drafts: dict[Key, Draft] = field(default_factory=dict)
    sent: dict[Key, Any] = field(default_factory=dict)

    def write(self, form: Form, drafts: Iterable[Draft]) -> None:
        """Write every row; `form` must be complete."""
        self.drafts = {(Page(draft.page), draft.item): draft for draft in drafts}
        self.sent = {(Page(entry["page"]), entry["item"]): entry["parts"] for entry in self.before}
        self._write_patient(form)
        self._write_trials(form.trials)
        self._write_medicines(form.medicines)
        if form.phq9 and self._is_changed((Page.PHQ9, "")):
            self._write_score(form.phq9)

    def _is_changed(self, key: Key) -> bool:
        written = consultations.written([self.drafts[key]])[0]
        return bool(self.sent.get(key) != dict(written.parts))

    def _row_before(self, key: Key) -> UUID | None:
        return consultations.chart_row_of(self.drafts[key])

    def _note_row(self, key: Key, row_id: UUID) -> None:
        draft = self.drafts[key]
        draft.body = {**draft.body, "row": str(row_id)}

    def _write_patient(self, form: Form) -> None:
        patient = self.session.get_one(Patient, self.consultation.patient_id)
        if form.you:
            _set_names(self.session, patient, form.you)
        if form.reach:
            people.set_phone(patient, form.reach.phone)
            patient.may_leave_message = form.reach.may_leave_message
            patient.address = form.reach.address
            patient.contact_person = form.reach.contact_person or None
        if form.messages:
            patient.place_in_calendar = form.messages.place_in_calendar
            patient.preparation_in_messages = form.messages.preparation_in_messages
        if form.reason:
            self.consultation.reason = form.reason.reason

    def _write_trials(self, items: Sequence[TrialItem]) -> None:
        """Write new and changed trials, and those that were added to one of them, so that they name its new row."""
        changed = {item.item for item in items if self._is_changed((Page.TRIAL, item.item))}
        changed = _with_dependants(changed, items)
        rows = {item.item: self._row_before((Page.TRIAL, item.item)) for item in items}
        written: list[tuple[MedicationTrial, str | None]] = []
        for position, item in enumerate(items):
            if item.item in changed and item.course and item.effect:
                row = self._trial_row(item, item.course, item.effect, position, rows[item.item])
                rows[item.item] = row.id
                written.append((row, item.effect.added_to))
        self.session.flush()  # all rows stand before one names another
        for row, added_to in written:
            row.added_to_id = rows[added_to] if added_to else None

    def _trial_row(
        self, item: TrialItem, course: trial.Course, effect: trial.Effect, position: int, replaces: UUID | None
    ) -> MedicationTrial:
        entered = trial.trial_of(item.item, course, effect)
        known = formulary.find(entered.treatment)
        row = MedicationTrial(
            id=uuid7(),
            patient_id=self.consultation.patient_id,
            snapshot_id=self.snapshot.id,
            replaces_id=replaces,
            recorded_by=self.actor_id,
            recorded_at=self.now,
            position=position,
            treatment=entered.treatment,
            molecule=known.molecule if known else None,
            episode=entered.episode.value,
            adherence=entered.adherence.value,
            improvement=entered.improvement.value,
            wore_off=entered.wore_off,
            stop_reason=entered.stop_reason.value,
            sessions=entered.sessions,
            side_effects=list(effect.side_effects),
            note=effect.note or None,
        )
        row.doses = [_dose_row(place, dose) for place, dose in enumerate(entered.doses)]
        self.session.add(row)
        self._note_row((Page.TRIAL, item.item), row.id)
        return row

    def _write_medicines(self, items: Sequence[MedicineItem]) -> None:
        for position, item in enumerate(items):
            key = (Page.MEDICINE, item.item)
            if item.entry is None or not self._is_changed(key):
                continue
            row = CurrentMedicine(
                id=uuid7(),
                patient_id=self.consultation.patient_id,
                snapshot_id=self.snapshot.id,
                replaces_id=self._row_before(key),
                recorded_by=self.actor_id,
                recorded_at=self.now,
                position=position,
                name=item.entry.name,
                matched=names.resolve(item.entry.name).matched,
                dose_text=item.entry.dose,
                mg_per_day=item.entry.mg_per_day,
                frequency=item.entry.frequency,
                as_needed=item.entry.as_needed,
                last_taken=item.entry.last_taken.text if item.entry.last_taken else None,
                reason=item.entry.reason,
            )
            self.session.add(row)
            self._note_row(key, row.id)

    def _write_score(self, filled: phq9.Filled) -> None:
        scored = instruments.score(phq9.CODE, filled.answers)
        self.session.add(
            Score(
                patient_id=self.consultation.patient_id,
                snapshot_id=self.snapshot.id,
                instrument=phq9.CODE,
                instrument_version=scored.version,
                mode="self",
                answers=dict(filled.answers),
                total=scored.total,
                scorer_version=SCORER_VERSION,
                answered_at=self.now,
            )
        )


def _set_names(session: Session, patient: Patient, you: about.You) -> None:
    """Take over names, birth date and sex; what the desk finds the patient by follows the names."""
    patient.given_name, patient.family_name = you.given_name, you.family_name
    patient.preferred_name = you.preferred_name or None
    patient.born_on, patient.sex = you.born_on, you.sex
    if patient.account_id:
        session.get_one(Account, patient.account_id).name = people.account_name(you.given_name, you.family_name)
    session.execute(delete(PatientNameKey).where(PatientNameKey.patient_id == patient.id))
    people.add_name_keys(session, patient)


def _with_dependants(changed: set[str], items: Sequence[TrialItem]) -> set[str]:
    while True:
        added = {item.item for item in items if item.effect and item.effect.added_to in changed} - changed
        if not added:
            return changed
        changed = changed | added


def _dose_row(position: int, dose: trials.DoseSegment) -> TrialDose:
    return TrialDose(
        position=position,
        mg_per_day=dose.mg_per_day,
        from_text=dose.start.text if dose.start else None,
        to_text=NOW if dose.is_ongoing else dose.stop.text if dose.stop else None,
        weeks=dose.weeks,
        about_weeks=dose.about_weeks,
    )
