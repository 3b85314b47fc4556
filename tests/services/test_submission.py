"""Submitting: everything or nothing, once, and never changed afterwards."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask
from sqlalchemy import select

from intake.domain.errors import DomainError
from intake.domain.form.pages import CONSENT, FORM_VERSION, Page
from intake.domain.history import trials as domain_trials
from intake.domain.reviews import AskBack
from intake.domain.statuses import ConsultationStatus
from intake.extensions import db
from intake.models.audit import AuditRow
from intake.models.consultations import Consultation, ConsultationEvent, Snapshot
from intake.models.medicines import CurrentMedicine
from intake.models.people import Patient, PatientNameKey
from intake.models.scores import Score
from intake.models.trials import MedicationTrial
from intake.queries import trials as trial_rows
from intake.queries.findings import current_medicines_of
from intake.services import consultations, reviews
from intake.services.consultations import AlreadySent
from intake.services.submission import Incomplete, Unanswered, submit
from tests import answers, factories
from tests.conftest import NOW
from tests.racing import race
from tests.refusing import refused

LATER = NOW + timedelta(hours=1)
CHANGED = answers.course("Zoloft", answers.dose("150"))


@pytest.fixture
def patient_id(app: Flask) -> UUID:
    """A patient with an open consultation."""
    made = factories.a_patient(factories.a_site())
    factories.a_consultation(made)
    return made


def send(patient_id: UUID, *, key: UUID | None = None, name: str = "Ana Rivera", hours: int = 0) -> UUID:
    actor_id = factories.account_of(patient_id)
    at = NOW + timedelta(hours=hours)
    return submit(patient_id, signature=name, request_key=key or uuid4(), actor_id=actor_id, now=at)


def all_of(model: type, *order: Any) -> list[Any]:
    return list(db.session.scalars(select(model).order_by(*order).execution_options(populate_existing=True)))


def returned(patient_id: UUID, *asked: tuple[str, str]) -> None:
    """A provider reads the form and asks back about these pages and items."""
    (consultation,) = all_of(Consultation)
    provider = factories.a_provider()
    questions = tuple(AskBack(page, item, "Was it longer?") for page, item in asked)
    reviews.claim(consultation.id, actor_id=provider, now=LATER)
    reviews.return_with_questions(consultation.id, questions, actor_id=provider, now=LATER)


def test_a_submission_writes_snapshot_and_chart_in_one_go(patient_id: UUID) -> None:
    first = answers.add_trial(patient_id, "Prozac", now=NOW, improvement="none")
    answers.fill_form(patient_id, now=NOW, item9="1")
    answers.add_trial(patient_id, "Abilify", now=NOW, added_to=first, wore_off="yes")
    snapshot_id = send(patient_id)
    (snapshot,) = all_of(Snapshot)
    assert (snapshot.id, snapshot.number, snapshot.form_version) == (snapshot_id, 1, FORM_VERSION)
    assert (snapshot.signature, snapshot.body["consent"]) == ("Ana Rivera", CONSENT)
    rows = {row.treatment: row for row in trial_rows.trials_of(patient_id)}
    assert {name: row.molecule for name, row in rows.items()} == {
        "Prozac": "fluoxetine",
        "Zoloft": "sertraline",
        "Abilify": "aripiprazole",
    }
    assert rows["Abilify"].added_to_id == rows["Prozac"].id
    assert rows["Abilify"].wore_off
    assert {row.snapshot_id for row in rows.values()} == {snapshot_id}
    (medicine,) = current_medicines_of(patient_id)
    assert (medicine.name, medicine.as_needed, medicine.last_taken) == ("lorazepam", True, "2026-11-29")
    (score,) = all_of(Score)
    assert (score.instrument, score.total, score.answers["9"]) == ("phq9", 17, 1)


def test_a_trial_reaches_the_rules_as_it_was_typed(patient_id: UUID) -> None:
    answers.fill_form(patient_id, now=NOW)
    send(patient_id)
    (row,) = trial_rows.trials_of(patient_id)
    trial = trial_rows.as_entered(row)
    assert [(dose.mg_per_day, dose.start and dose.start.text) for dose in trial.doses] == [(100.0, "spring 2025")]
    assert trial.improvement is domain_trials.Improvement.UNDER_25
    assert trial.stop_reason is domain_trials.StopReason.NO_BENEFIT


def test_the_status_moves_with_event_and_audit_row(patient_id: UUID) -> None:
    answers.fill_form(patient_id, now=NOW)
    send(patient_id)
    (consultation,) = all_of(Consultation)
    assert (consultation.status, consultation.submitted_at) == (ConsultationStatus.SUBMITTED, NOW)
    (event,) = all_of(ConsultationEvent)
    assert (event.from_status, event.to_status) == (ConsultationStatus.DRAFT, ConsultationStatus.SUBMITTED)
    assert "consultation.submit" in {row.action for row in all_of(AuditRow)}


def test_the_patient_row_follows_the_form(patient_id: UUID) -> None:
    answers.fill_form(patient_id, now=NOW)
    you = answers.YOU | {"family_name": "Rivera Núñez", "preferred_name": "Anita", "sex": "male"}
    you |= {"born": {"month": "4", "day": "3", "year": "1984"}}
    answers.save(patient_id, Page.ABOUT, "you", you, now=NOW)
    send(patient_id)
    (patient,) = all_of(Patient)
    assert (patient.family_name, patient.called, patient.born_on) == ("Rivera Núñez", "Anita", date(1984, 4, 3))
    assert (patient.sex, patient.phone, patient.may_leave_message) == ("male", "+13035550142", True)
    assert patient.contact_person == "Luis Rivera, 303-555-0143"
    assert (patient.place_in_calendar, patient.preparation_in_messages) == (False, True)
    assert "nunez" in {row.key for row in all_of(PatientNameKey)}


def test_what_is_missing_is_named_and_nothing_is_written(patient_id: UUID) -> None:
    answers.fill_form(patient_id, now=NOW)
    answers.save(patient_id, Page.PHQ9, "answers", answers.phq9(item9=""), now=NOW)
    with pytest.raises(Incomplete) as caught:
        send(patient_id)
    assert [(gap.page, gap.field) for gap in caught.value.missing] == [(Page.PHQ9, "item_9")]
    assert not all_of(Snapshot) and not all_of(MedicationTrial)


def test_a_form_without_earlier_medicines_needs_that_said(patient_id: UUID) -> None:
    answers.fill_form(patient_id, now=NOW, trials=0)
    send(patient_id)
    assert not all_of(MedicationTrial)


@pytest.mark.parametrize("name", ["", "   ", "x" * 121, "Ana\0"])
def test_it_is_signed_with_a_name_that_can_be_read(patient_id: UUID, name: str) -> None:
    answers.fill_form(patient_id, now=NOW)
    with refused(DomainError) as caught:
        send(patient_id, name=name)
    assert caught.value.field == "signature"


def test_the_same_press_twice_is_one_submission(patient_id: UUID) -> None:
    answers.fill_form(patient_id, now=NOW)
    key = uuid4()
    assert send(patient_id, key=key) == send(patient_id, key=key, hours=1)
    assert len(all_of(Snapshot)) == 1


def test_a_second_form_sent_from_another_tab_is_refused(patient_id: UUID) -> None:
    answers.fill_form(patient_id, now=NOW)
    send(patient_id)
    with refused(AlreadySent):
        send(patient_id)


def test_eight_presses_at_once_are_one_submission(app: Flask, patient_id: UUID) -> None:
    answers.fill_form(patient_id, now=NOW)
    actor_id, key = factories.account_of(patient_id), uuid4()

    def racer(_number: int) -> UUID:
        return submit(patient_id, signature="Ana", request_key=key, actor_id=actor_id, now=NOW)

    assert len(set(race(app, racer, 8))) == 1
    assert (len(all_of(Snapshot)), len(all_of(MedicationTrial)), len(all_of(Score))) == (1, 1, 1)


def test_eight_tabs_at_once_with_forms_of_their_own_send_one(app: Flask, patient_id: UUID) -> None:
    answers.fill_form(patient_id, now=NOW)
    actor_id = factories.account_of(patient_id)

    def racer(_number: int) -> str:
        try:
            submit(patient_id, signature="Ana", request_key=uuid4(), actor_id=actor_id, now=NOW)
        except AlreadySent:
            return "refused"
        return "sent"

    assert sorted(race(app, racer, 8)) == ["refused"] * 7 + ["sent"]
    assert len(all_of(MedicationTrial)) == 1


def test_only_what_was_asked_reopens(patient_id: UUID) -> None:
    first, second = answers.fill_form(patient_id, now=NOW, trials=2)
    send(patient_id)
    asked = next(row for row in trial_rows.trials_of(patient_id))
    returned(patient_id, ("trial", str(asked.id)))
    opened = []
    for item in (first, second):
        try:
            answers.save(
                patient_id, Page.TRIAL, "course", answers.course("Zoloft", answers.dose("150")), now=LATER, item=item
            )
            opened.append(item)
        except AlreadySent:
            continue
    assert len(opened) == 1
    with refused(AlreadySent):
        answers.save(patient_id, Page.PHQ9, "answers", answers.phq9(), now=LATER)
    with refused(AlreadySent):
        answers.add_trial(patient_id, now=LATER)


def test_a_question_about_the_list_lets_something_be_added(patient_id: UUID) -> None:
    answers.fill_form(patient_id, now=NOW)
    send(patient_id)
    returned(patient_id, ("medicines", ""))
    aspirin, at = answers.MEDICINE | {"name": "aspirin"}, LATER + timedelta(minutes=5)
    answers.save(patient_id, Page.MEDICINE, "medicine", aspirin, now=at, item=str(uuid4()))
    send(patient_id, hours=2)
    assert sorted(row.name for row in current_medicines_of(patient_id)) == ["aspirin", "lorazepam"]


def test_a_changed_trial_replaces_its_row_and_the_rest_stays(patient_id: UUID) -> None:
    base, other = answers.fill_form(patient_id, now=NOW, trials=2)
    added = answers.add_trial(patient_id, "Abilify", now=NOW, added_to=base)
    send(patient_id)
    before = {row.id for row in trial_rows.trials_of(patient_id)}
    returned(patient_id, ("trial", ""))
    minutes = LATER + timedelta(minutes=5)
    answers.save(
        patient_id, Page.TRIAL, "course", answers.course("Zoloft", answers.dose("150")), now=minutes, item=base
    )
    send(patient_id, hours=2)
    rows = {row.treatment + f" {row.doses[0].mg_per_day:g}": row for row in trial_rows.trials_of(patient_id)}
    assert set(rows) == {"Zoloft 150", "Zoloft 100", "Abilify 100"}
    assert rows["Zoloft 150"].replaces_id in before
    assert rows["Zoloft 100"].id in before
    assert rows["Abilify 100"].added_to_id == rows["Zoloft 150"].id  # it names the row that stands
    assert [row.number for row in all_of(Snapshot, Snapshot.number)] == [1, 2]
    assert (len(all_of(Score)), len(all_of(CurrentMedicine))) == (1, 1)
    assert added != other


def test_a_trial_can_be_asked_about_a_second_time_by_its_new_row(patient_id: UUID) -> None:
    (item,) = answers.fill_form(patient_id, now=NOW)
    send(patient_id)
    for round_number, mg in enumerate(("150", "200"), 1):
        (row,) = trial_rows.trials_of(patient_id)
        (consultation,) = all_of(Consultation)
        provider, at = factories.a_provider(), NOW + timedelta(days=round_number)
        reviews.claim(consultation.id, actor_id=provider, now=at)
        asked = (AskBack("trial", str(row.id), "How much?"),)
        reviews.return_with_questions(consultation.id, asked, actor_id=provider, now=at)
        at += timedelta(hours=1)
        answers.save(patient_id, Page.TRIAL, "course", answers.course("Zoloft", answers.dose(mg)), now=at, item=item)
        send(patient_id, hours=24 * round_number + 2)
    (row,) = trial_rows.trials_of(patient_id)
    assert row.doses[0].mg_per_day == 200


def test_a_returned_form_is_sent_only_with_every_question_answered(patient_id: UUID) -> None:
    answers.fill_form(patient_id, now=NOW)
    send(patient_id)
    returned(patient_id, ("reason", ""))
    with pytest.raises(Unanswered):
        send(patient_id, hours=2)
    (consultation,) = all_of(Consultation)
    (question,) = consultations.consultations.open_questions_of(patient_id, consultation.id)
    actor_id = factories.account_of(patient_id)
    consultations.answer_question(patient_id, question.id, "It was longer.", actor_id=actor_id, now=LATER)
    send(patient_id, hours=2)
    (consultation,) = all_of(Consultation)
    assert consultation.status is ConsultationStatus.SUBMITTED


def test_what_was_sent_cannot_be_removed(patient_id: UUID) -> None:
    (item,) = answers.fill_form(patient_id, now=NOW)
    send(patient_id)
    returned(patient_id, ("trial", ""))
    actor_id = factories.account_of(patient_id)
    with refused(AlreadySent):
        consultations.remove_item(patient_id, Page.TRIAL, item, actor_id=actor_id, now=LATER)


def test_a_snapshot_keeps_words_and_answers_as_they_were(patient_id: UUID) -> None:
    answers.fill_form(patient_id, now=NOW)
    send(patient_id)
    (snapshot,) = all_of(Snapshot)
    rows = {label: value for section in snapshot.body["sections"] for label, value in section["rows"]}
    assert rows["How much it helped at best"] == "It helped a little"
    assert rows["How much and when"] == ["100 mg a day, spring 2025 to fall 2025"]
    assert rows["Little interest or pleasure in doing things"] == "More than half the days"
    assert {entry["page"] for entry in snapshot.body["answers"]} >= {"about", "trial", "phq9"}
    assert b"Zoloft" not in snapshot.body_sealed
