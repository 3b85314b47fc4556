"""Column types keep what they promise on both databases."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import StatementError

from intake.domain.statuses import ConsultationStatus
from intake.extensions import db, transaction
from intake.keyring import SealBroken
from intake.models.consultations import Consultation
from intake.models.messages import WorkerBeat
from intake.models.people import Patient
from tests.conftest import NOW
from tests.factories import a_consultation, a_patient, a_site

pytestmark = pytest.mark.usefixtures("app_context")


def test_an_instant_comes_back_aware_and_in_utc() -> None:
    mountain = datetime(2026, 12, 1, 9, 0, tzinfo=timezone(timedelta(hours=-7)))
    with transaction() as session:
        session.add(WorkerBeat(name="w", at=mountain))
    at = db.session.scalars(select(WorkerBeat.at)).one()
    assert (at, at.tzinfo) == (datetime(2026, 12, 1, 16, 0, tzinfo=UTC), UTC)
    db.session.rollback()


def test_a_naive_instant_is_refused() -> None:
    with pytest.raises(StatementError, match="naive"), transaction() as session:
        session.add(WorkerBeat(name="w", at=datetime(2026, 12, 1, 9, 0)))  # noqa: DTZ001  # that is the point
        session.flush()


def test_a_word_outside_its_list_is_refused() -> None:
    patient_id = a_patient(a_site())
    with pytest.raises(StatementError, match="lost"):
        a_consultation(patient_id, status="lost")  # type: ignore[arg-type]


def test_a_status_comes_back_as_a_member() -> None:
    a_consultation(a_patient(a_site()))
    assert db.session.scalars(select(Consultation.status)).one() is ConsultationStatus.DRAFT
    db.session.rollback()


def test_a_sealed_column_holds_no_clear_text() -> None:
    patient_id = a_patient(a_site(), phone="303-555-0199")
    raw = db.session.execute(text("SELECT phone_sealed FROM patient")).scalar_one()
    assert b"555" not in bytes(raw)
    assert db.session.get_one(Patient, patient_id).phone == "303-555-0199"
    db.session.rollback()


def test_setting_the_same_text_leaves_the_row_clean() -> None:
    patient_id = a_patient(a_site(), phone="303-555-0199")
    row = db.session.get_one(Patient, patient_id)
    row.phone = "303-555-0199"
    assert not db.session.is_modified(row)
    row.phone = "303-555-0198"
    assert db.session.is_modified(row)
    db.session.rollback()


def test_a_blob_copied_to_another_patient_does_not_open() -> None:
    site_id = a_site()
    first, second = a_patient(site_id, phone="303-555-0199"), a_patient(site_id)
    with transaction() as session:
        session.get_one(Patient, second).phone_sealed = session.get_one(Patient, first).phone_sealed
    with pytest.raises(SealBroken):
        _ = db.session.get_one(Patient, second).phone
    db.session.rollback()


def test_a_sealed_text_cannot_be_compared_in_a_query() -> None:
    with pytest.raises(TypeError, match="sealed"):
        select(Patient).where(Patient.phone == "5")
    with pytest.raises(TypeError, match="sealed"):
        select(Patient.phone)  # type: ignore[call-overload]


def test_a_write_inside_a_write_is_refused() -> None:
    with pytest.raises(RuntimeError, match="another public service"), transaction(), transaction():
        pass


def test_a_failed_transaction_leaves_nothing() -> None:
    with pytest.raises(ZeroDivisionError), transaction() as session:
        session.add(WorkerBeat(name="w", at=NOW))
        session.flush()
        _ = 1 / 0
    assert db.session.scalars(select(WorkerBeat.name)).all() == []
    db.session.rollback()
