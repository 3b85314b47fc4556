"""Claiming, asking back, deciding; bad news waits for a contact."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import func, select
from uuid_utils.compat import uuid7

from intake.domain.errors import DomainError
from intake.domain.reviews import AskBack, Channel, ContactEntry, ContactOutcome, DecisionEntry, DecisionKind
from intake.domain.roles import Role
from intake.domain.statuses import ConsultationStatus
from intake.extensions import db
from intake.models.audit import AuditRow
from intake.models.consultations import Consultation, ConsultationEvent, ReturnedItem
from intake.models.messages import Message
from intake.models.reviews import Decision
from intake.models.scores import Contact
from intake.services import contacts, reviews
from intake.services.errors import NotAllowed
from tests.charts import a_medicine, a_trial
from tests.factories import (
    NOW,
    a_consultation,
    a_patient,
    a_provider,
    a_site,
    an_account,
    an_evaluation,
)
from tests.racing import race
from tests.refusing import refused

FRIDAY_3PM = datetime(2026, 12, 4, 22, 0, tzinfo=NOW.tzinfo)  # in Denver
DECLINE = DecisionEntry(DecisionKind.DECLINED, "Uncontrolled blood pressure.")
ACCEPT = DecisionEntry(DecisionKind.ACCEPTED)


def in_review(*, evaluated: bool = True) -> tuple[UUID, UUID, UUID]:
    """(patient, consultation, provider) with a claimed consultation."""
    provider, patient = a_provider(), a_patient(a_site())
    consultation = a_consultation(patient, status=ConsultationStatus.IN_REVIEW, claimed_by=provider, claimed_at=NOW)
    if evaluated:
        an_evaluation(consultation, provider)
    return patient, consultation, provider


def status_of(consultation: UUID) -> ConsultationStatus:
    db.session.rollback()
    return db.session.get_one(Consultation, consultation).status


def count_of(model: type) -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def tell(
    patient: UUID,
    actor: UUID,
    at: datetime,
    *,
    outcome: ContactOutcome = ContactOutcome.REACHED,
    safe: bool = True,
    key: UUID | None = None,
    now: datetime | None = None,
) -> str | None:
    entry = ContactEntry(at, Channel.PHONE, outcome, safe, "Spoke; next step agreed.")
    return contacts.record(patient, entry, request_key=key or uuid7(), actor_id=actor, now=now or at)


def test_a_claim_moves_a_submitted_consultation_into_review_once() -> None:
    provider, patient = a_provider(), a_patient(a_site())
    consultation = a_consultation(patient, status=ConsultationStatus.SUBMITTED)
    reviews.claim(consultation, actor_id=provider, now=NOW)
    reviews.claim(consultation, actor_id=provider, now=NOW)
    assert status_of(consultation) is ConsultationStatus.IN_REVIEW
    assert count_of(ConsultationEvent) == 1


def test_a_colleague_takes_a_claim_over() -> None:
    _, consultation, _ = in_review()
    other = a_provider()
    reviews.claim(consultation, actor_id=other, now=NOW)
    assert db.session.get_one(Consultation, consultation).claimed_by == other


def test_a_draft_cannot_be_claimed() -> None:
    provider, patient = a_provider(), a_patient(a_site())
    consultation = a_consultation(patient)
    with refused(DomainError):
        reviews.claim(consultation, actor_id=provider, now=NOW)


def test_a_release_gives_it_back_and_only_by_whom_it_was_claimed() -> None:
    _, consultation, provider = in_review()
    with pytest.raises(DomainError):
        reviews.release(consultation, actor_id=a_provider(), now=NOW)
    reviews.release(consultation, actor_id=provider, now=NOW)
    reviews.release(consultation, actor_id=provider, now=NOW)
    assert status_of(consultation) is ConsultationStatus.SUBMITTED
    assert db.session.get_one(Consultation, consultation).claimed_by is None


@pytest.mark.parametrize("role", [Role.NURSE, Role.DESK, Role.MANAGER, Role.PATIENT])
def test_only_providers_review_and_decide(role: Role) -> None:
    _, consultation, _ = in_review()
    actor = an_account(role)
    asked = (AskBack("reason", "", "When did it begin?"),)
    for act in (
        lambda: reviews.claim(consultation, actor_id=actor, now=NOW),
        lambda: reviews.release(consultation, actor_id=actor, now=NOW),
        lambda: reviews.return_with_questions(consultation, asked, actor_id=actor, now=NOW),
        lambda: reviews.decide(consultation, DECLINE, actor_id=actor, now=NOW),
        lambda: reviews.put_into_effect(consultation, actor_id=actor, now=NOW),
        lambda: reviews.withdraw_decision(consultation, actor_id=actor, now=NOW),
    ):
        with pytest.raises(NotAllowed):
            act()
    assert status_of(consultation) is ConsultationStatus.IN_REVIEW


def test_asking_back_writes_each_question_once_and_tells_the_patient_nothing_of_it() -> None:
    patient, consultation, provider = in_review()
    item = str(a_trial(patient))
    asked = (AskBack("trial", item, "Was it 50 mg?"), AskBack("reason", "", "When did it begin?"))
    for _press in range(2):
        reviews.return_with_questions(consultation, asked, actor_id=provider, now=NOW)
    assert status_of(consultation) is ConsultationStatus.RETURNED
    assert count_of(ReturnedItem) == 2
    message = db.session.scalars(select(Message)).one()
    assert message.body["subject"] == "You have a question to answer"
    assert "50 mg" not in message.body["text"] and "ketamine" not in message.body["text"].lower()


@pytest.mark.parametrize(
    "questions",
    [(), (AskBack("reason", "", "  "),), (AskBack("reason", "", "a"), AskBack("reason", "", "b"))],
)
def test_a_return_needs_questions_that_say_something_once(questions: tuple[AskBack, ...]) -> None:
    _, consultation, provider = in_review()
    with pytest.raises(DomainError):
        reviews.return_with_questions(consultation, questions, actor_id=provider, now=NOW)
    assert status_of(consultation) is ConsultationStatus.IN_REVIEW


def test_an_acceptance_is_in_effect_at_once_and_freezes_what_it_rests_on() -> None:
    patient, consultation, provider = in_review()
    a_trial(patient), a_medicine(patient, "lorazepam", mg_per_day=2)
    decision_id = reviews.decide(consultation, ACCEPT, actor_id=provider, now=NOW)
    decision = db.session.get_one(Decision, decision_id)
    assert decision.effective_at == NOW
    assert status_of(consultation) is ConsultationStatus.ACCEPTED
    frozen = db.session.get_one(Decision, decision_id).statement
    assert frozen["trials"][0]["verdict"] == "adequate-failed"
    assert frozen["counts"]["adequate_failed"] == 1
    assert frozen["rules"]["history"] and frozen["rules"]["medicines"]
    assert {"key": "Benzodiazepines, daily: lorazepam", "level": "clearance", "clearance": None} in frozen["findings"]


def test_nobody_is_accepted_without_a_signed_evaluation() -> None:
    _, consultation, provider = in_review(evaluated=False)
    with refused(DomainError, match="evaluation"):
        reviews.decide(consultation, ACCEPT, actor_id=provider, now=NOW)


def test_the_same_decision_pressed_twice_is_one() -> None:
    _, consultation, provider = in_review()
    first = reviews.decide(consultation, ACCEPT, actor_id=provider, now=NOW)
    assert reviews.decide(consultation, ACCEPT, actor_id=provider, now=NOW) == first
    assert count_of(Decision) == 1


def test_another_reason_is_not_lost_behind_the_first() -> None:
    _, consultation, provider = in_review()
    reviews.decide(consultation, DECLINE, actor_id=provider, now=NOW)
    with refused(DomainError, match="You have decided"):
        reviews.decide(consultation, replace(DECLINE, reason="another reason"), actor_id=provider, now=NOW)


def test_another_contact_under_the_same_key_is_refused_not_lost() -> None:
    patient, _, provider = in_review()
    key = uuid7()
    tell(patient, provider, NOW, key=key)
    with pytest.raises(DomainError, match="sent before"):
        tell(patient, provider, NOW - timedelta(minutes=5), key=key)
    assert count_of(Contact) == 1


def test_a_decline_leaves_the_consultation_in_review_until_the_patient_was_told() -> None:
    patient, consultation, provider = in_review()
    decision_id = reviews.decide(consultation, DECLINE, actor_id=provider, now=NOW)
    assert status_of(consultation) is ConsultationStatus.IN_REVIEW
    with pytest.raises(DomainError, match="contact"):
        reviews.put_into_effect(consultation, actor_id=provider, now=NOW)
    later = NOW + timedelta(hours=1)
    assert tell(patient, provider, later) is None
    assert status_of(consultation) is ConsultationStatus.DECLINED
    decision = db.session.get_one(Decision, decision_id)
    assert decision.effective_at == later and decision.contact_id is not None
    assert db.session.get_one(Consultation, consultation).closed_at == later


def test_reached_without_a_safety_check_is_not_told() -> None:
    patient, consultation, provider = in_review()
    reviews.decide(consultation, DECLINE, actor_id=provider, now=NOW)
    assert "safety check" in (tell(patient, provider, NOW + timedelta(hours=1), safe=False) or "")
    assert status_of(consultation) is ConsultationStatus.IN_REVIEW


def test_three_spaced_tries_count_and_a_second_press_is_no_try() -> None:
    patient, consultation, provider = in_review()
    reviews.decide(consultation, DECLINE, actor_id=provider, now=NOW)
    key = uuid7()
    for _press in range(2):
        tell(patient, provider, NOW, outcome=ContactOutcome.NO_ANSWER, safe=False, key=key)
    assert count_of(Contact) == 1
    for hours in (1, 2):
        tell(patient, provider, NOW + timedelta(hours=hours), outcome=ContactOutcome.LEFT_MESSAGE, safe=False)
    assert status_of(consultation) is ConsultationStatus.DECLINED


def test_a_contact_before_the_decision_does_not_tell_it() -> None:
    patient, consultation, provider = in_review()
    tell(patient, provider, NOW - timedelta(hours=2))
    reviews.decide(consultation, DECLINE, actor_id=provider, now=NOW)
    with refused(DomainError):
        reviews.put_into_effect(consultation, actor_id=provider, now=NOW)


def test_from_friday_three_on_it_waits_for_monday_and_the_page_says_so() -> None:
    patient, consultation, provider = in_review()
    reviews.decide(consultation, DECLINE, actor_id=provider, now=FRIDAY_3PM)
    assert "Mon Dec 7, 8:00 am" in (tell(patient, provider, FRIDAY_3PM) or "")
    assert status_of(consultation) is ConsultationStatus.IN_REVIEW
    with pytest.raises(DomainError):
        reviews.put_into_effect(consultation, actor_id=provider, now=FRIDAY_3PM + timedelta(days=1))
    monday = datetime(2026, 12, 7, 15, 0, tzinfo=NOW.tzinfo)
    for _press in range(2):
        reviews.put_into_effect(consultation, actor_id=provider, now=monday)
    assert status_of(consultation) is ConsultationStatus.DECLINED


def test_a_nurse_who_reached_the_patient_lets_it_take_effect() -> None:
    patient, consultation, provider = in_review()
    reviews.decide(consultation, DECLINE, actor_id=provider, now=NOW)
    tell(patient, an_account(Role.NURSE), NOW + timedelta(hours=1))
    assert status_of(consultation) is ConsultationStatus.DECLINED


def test_the_desk_records_no_contact() -> None:
    patient, _, _ = in_review()
    desk = an_account(Role.DESK)
    with refused(NotAllowed):
        tell(patient, desk, NOW)


def test_a_waiting_decline_can_be_withdrawn_and_decided_anew() -> None:
    _, consultation, provider = in_review()
    reviews.decide(consultation, DECLINE, actor_id=provider, now=NOW)
    for _press in range(2):
        reviews.withdraw_decision(consultation, actor_id=provider, now=NOW)
    reviews.decide(consultation, ACCEPT, actor_id=provider, now=NOW)
    assert status_of(consultation) is ConsultationStatus.ACCEPTED
    with refused(DomainError):
        reviews.withdraw_decision(consultation, actor_id=provider, now=NOW)


@pytest.mark.parametrize(
    ("entry", "field"),
    [
        (DecisionEntry(DecisionKind.DECLINED, "  "), "reason"),
        (DecisionEntry(DecisionKind.REFERRED), "reason"),
        (DecisionEntry(DecisionKind.ACCEPTED_WITH_CONDITIONS), "conditions"),
        (DecisionEntry(DecisionKind.ACCEPTED, conditions=("ECG",)), "kind"),
        (DecisionEntry(DecisionKind.ACCEPTED_WITH_CONDITIONS, conditions=("x" * 401,)), "conditions"),
        (DecisionEntry(DecisionKind.DECLINED, "x" * 4001), "reason"),
    ],
)
def test_a_decision_that_lacks_what_its_kind_needs_is_refused(entry: DecisionEntry, field: str) -> None:
    _, consultation, provider = in_review()
    with refused(DomainError) as refusal:
        reviews.decide(consultation, entry, actor_id=provider, now=NOW)
    assert refusal.value.field == field


def test_of_two_who_decide_at_once_one_wins_and_the_other_is_told(app: Flask) -> None:
    _, consultation, first = in_review()
    second = an_account(Role.PROVIDER, name="Dr. Second")

    def decide(number: int) -> str:
        entry, actor = ((ACCEPT, first), (DECLINE, second))[number]
        try:
            reviews.decide(consultation, entry, actor_id=actor, now=NOW)
        except DomainError as error:
            return error.message
        return "won"

    answers = race(app, decide, 2)
    assert answers.count("won") == 1
    assert any("has decided this consultation already" in str(answer) for answer in answers)
    assert count_of(Decision) == 1


def test_of_two_contacts_with_one_key_one_is_kept(app: Flask) -> None:
    patient, _, provider = in_review()
    key = uuid7()
    answers = race(app, lambda _number: tell(patient, provider, NOW, key=key), 4)
    assert answers == [None] * 4
    assert count_of(Contact) == 1


def test_each_act_leaves_an_audit_row() -> None:
    patient, consultation, provider = in_review()
    reviews.decide(consultation, DECLINE, actor_id=provider, now=NOW)
    tell(patient, provider, NOW)
    actions = set(db.session.scalars(select(AuditRow.action).where(AuditRow.patient_id == patient)))
    assert {"decision.record", "contact.record", "decision.effective"} <= actions
