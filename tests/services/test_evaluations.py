"""Signing the evaluation visit."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.exc import NoResultFound
from uuid_utils.compat import uuid7

from intake.domain.errors import DomainError
from intake.domain.evaluation import EvaluationEntry, HeldAs, SuicideRisk
from intake.domain.roles import Role
from intake.domain.statuses import ConsultationStatus
from intake.extensions import db
from intake.models.reviews import Evaluation
from intake.queries import evaluations as reads
from intake.services import evaluations
from intake.services.errors import NotAllowed
from tests.factories import NOW, a_consultation, a_patient, a_provider, a_site, an_account
from tests.racing import race
from tests.refusing import refused

ENTRY = EvaluationEntry(
    held_as=HeldAs.IN_PERSON,
    held_at=NOW - timedelta(hours=1),
    diagnosis="F33.2",
    asa_class=2,
    airway_class=1,
    weight_kg=81.6,
    systolic=128,
    diastolic=82,
    heart_rate=72,
    spo2=98,
    pdmp_checked_at=NOW - timedelta(hours=2),
    suicide_risk=SuicideRisk.LOW,
    plan="Six infusions, twice weekly.",
)


def a_case(status: ConsultationStatus = ConsultationStatus.IN_REVIEW) -> tuple[UUID, UUID]:
    """(consultation, provider)."""
    return a_consultation(a_patient(a_site()), status=status), a_provider()


def sign(
    consultation: UUID,
    actor: UUID,
    entry: EvaluationEntry = ENTRY,
    *,
    replaces: UUID | None = None,
    key: UUID | None = None,
) -> UUID:
    return evaluations.sign(
        consultation, entry, replaces_id=replaces, request_key=key or uuid7(), actor_id=actor, now=NOW
    )


def count() -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(Evaluation)) or 0


def test_a_signed_visit_keeps_what_was_entered() -> None:
    consultation, provider = a_case()
    row = db.session.get_one(Evaluation, sign(consultation, provider))
    assert (row.weight_kg, row.diagnosis, row.plan) == (81.6, "F33.2", "Six infusions, twice weekly.")
    assert (row.signed_at, row.provider_id) == (NOW, provider)


def test_the_same_press_twice_is_one_visit() -> None:
    consultation, provider = a_case()
    key = uuid7()
    assert sign(consultation, provider, key=key) == sign(consultation, provider, key=key)
    assert count() == 1


def test_another_entry_under_the_same_key_is_refused_not_lost() -> None:
    consultation, provider = a_case()
    key = uuid7()
    sign(consultation, provider, key=key)
    with pytest.raises(DomainError, match="sent before"):
        sign(consultation, provider, replace(ENTRY, weight_kg=ENTRY.weight_kg + 10), key=key)
    assert count() == 1


def test_a_key_used_for_another_patient_is_refused() -> None:
    consultation, provider = a_case()
    key = uuid7()
    sign(consultation, provider, key=key)
    other, _ = a_case()
    with refused(DomainError):
        sign(other, provider, key=key)


def test_a_correction_is_a_new_row_and_the_old_one_stays() -> None:
    consultation, provider = a_case()
    first = sign(consultation, provider)
    second = sign(consultation, provider, replace(ENTRY, weight_kg=80.0), replaces=first)
    assert count() == 2
    standing = reads.evaluation_of(consultation)
    assert standing is not None and standing.id == second


def test_a_second_first_visit_is_refused_for_a_page_that_did_not_see_the_first() -> None:
    consultation, provider = a_case()
    sign(consultation, provider)
    with refused(DomainError, match="since you opened"):
        sign(consultation, provider)


def test_two_who_sign_at_once_make_one_visit(app: Flask) -> None:
    consultation, provider = a_case()
    others = [provider, a_provider()]

    def racer(number: int) -> str:
        try:
            sign(consultation, others[number])
        except DomainError as error:
            return error.message
        return "signed"

    answers = race(app, racer, 2)
    assert sorted(answers)[1] == "signed" and "since you opened" in sorted(answers)[0]
    assert count() == 1


@pytest.mark.parametrize("role", [Role.NURSE, Role.DESK, Role.MANAGER, Role.PATIENT])
def test_only_providers_sign(role: Role) -> None:
    consultation, _ = a_case()
    with pytest.raises(NotAllowed):
        sign(consultation, an_account(role))
    assert count() == 0


def test_a_disabled_provider_signs_nothing() -> None:
    consultation, _ = a_case()
    gone = an_account(Role.PROVIDER, disabled_at=NOW)
    with refused(NotAllowed):
        sign(consultation, gone)


@pytest.mark.parametrize("status", [ConsultationStatus.DRAFT, ConsultationStatus.DECLINED, ConsultationStatus.CLOSED])
def test_nothing_is_signed_before_the_core_is_complete_or_after_the_end(status: ConsultationStatus) -> None:
    consultation, provider = a_case(status)
    with refused(DomainError):
        sign(consultation, provider)


def test_what_cannot_be_true_is_refused_before_anything_is_written() -> None:
    consultation, provider = a_case()
    with pytest.raises(DomainError) as refusal:
        sign(consultation, provider, replace(ENTRY, spo2=101))
    assert refusal.value.field == "spo2"
    assert count() == 0


def test_an_unknown_consultation_is_not_found() -> None:
    provider = a_provider()
    with refused(NoResultFound):
        sign(uuid7(), provider)
