"""Where a consultation stands, in words; questions that come back; never a refusal."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from flask import Flask
from sqlalchemy import select

from intake.domain.reviews import AskBack
from intake.domain.statuses import ConsultationStatus as Status
from intake.extensions import db
from intake.models.consultations import Consultation, ReturnedItem
from intake.queries import trials as trial_rows
from intake.services import reviews
from intake.services.submission import submit
from tests import factories
from tests.conftest import NOW
from tests.web.client import Client
from tests.web.patients import a_patient, filled, signed_in, with_status

QUESTION = "Did you take it for at least six weeks?"


@pytest.fixture(autouse=True)
def _frozen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("intake.web.access.now", lambda: NOW + timedelta(hours=3))
    monkeypatch.setattr("intake.services.sessions.IDLE_PATIENT", timedelta(days=1))


def returned(app: Flask, patient_id: UUID, page: str, item: str = "") -> UUID:
    """Sent, read, and asked back about one page or row; returns the question's key."""
    with app.app_context():
        actor_id = factories.account_of(patient_id)
        submit(patient_id, signature="Ana", request_key=uuid4(), actor_id=actor_id, now=NOW)
        row_id = str(trial_rows.trials_of(patient_id)[0].id) if item else ""
        consultation_id = db.session.scalars(select(Consultation.id)).one()
        provider, at = factories.a_provider(), NOW + timedelta(hours=1)
        reviews.claim(consultation_id, actor_id=provider, now=at)
        asked = (AskBack(page, row_id, QUESTION),)
        reviews.return_with_questions(consultation_id, asked, actor_id=provider, now=at)
        return db.session.scalars(select(ReturnedItem.id)).one()


@pytest.mark.parametrize(
    ("status", "heading"),
    [
        (Status.SUBMITTED, "Your answers are here"),
        (Status.IN_REVIEW, "Your answers are being read"),
        (Status.ACCEPTED, "The next step is ours"),
        (Status.DECLINED, "We have talked about what comes next"),
        (Status.REFERRED, "We have talked about what comes next"),
    ],
)
def test_the_home_says_where_things_stand_and_refuses_nobody(app: Flask, status: Status, heading: str) -> None:
    page = with_status(app, status).get("/patient/")
    assert page.h1 == [heading]
    assert not any(word in page.text.lower() for word in ("declin", "refus", "reject", "not eligible", "denied"))


def test_a_consultation_that_has_ended_can_be_begun_anew(app: Flask) -> None:
    client = signed_in(app, a_patient(app, status=Status.CLOSED, closed_at=NOW))
    assert client.get("/patient/").h1 == ["This consultation has ended"]
    assert client.submit("/patient/start").h1 == ["Hello Ana"]


def test_a_patient_without_a_consultation_can_begin_one(app: Flask) -> None:
    with app.app_context():
        patient_id = factories.a_patient(factories.a_site())
    client = signed_in(app, patient_id)
    assert client.get("/patient/").h1 == ["Your consultation"]
    client.get("/patient/trials", status=404)
    assert client.submit("/patient/start").h1 == ["Hello Ana"]


@pytest.fixture
def asked(app: Flask) -> tuple[Client, str, UUID]:
    """A patient who was asked about one of two trials: browser, key of that trial, key of the question."""
    patient_id = a_patient(app)
    first, _ = filled(app, patient_id, trials=2)
    question_id = returned(app, patient_id, "trial", "first")
    return signed_in(app, patient_id), first, question_id


def test_the_questions_come_first_and_name_what_they_are_about(asked: tuple[Client, str, UUID]) -> None:
    client, item, question_id = asked
    page = client.follow(client.get("/patient/", status=302))
    assert page.h1 == ["Questions for you"]
    assert QUESTION in page and "What you have tried: Zoloft" in page
    assert {f"/patient/trials/{item}", f"/patient/questions/{question_id}"} <= set(page.links)
    assert "/patient/sign" not in page.links


def test_a_question_is_answered_in_words(asked: tuple[Client, str, UUID]) -> None:
    client, _, question_id = asked
    path = f"/patient/questions/{question_id}"
    assert client.post(path, {"answer": " "}, status=422).errors == ["Write your answer"]
    assert client.post(path, {"answer": "Ei\0ght"}, status=422).value("answer") is not None
    page = client.submit(path, {"answer": "Eight weeks."})
    assert "Eight weeks." in page and "/patient/sign" in page.links
    assert client.get(path).value("answer") == "Eight weeks."


def test_or_on_the_page_that_it_is_about(app: Flask, asked: tuple[Client, str, UUID]) -> None:
    client, item, _ = asked
    path = f"/patient/trials/{item}"
    shown = client.get(path).fields
    fields = [one for one in shown if one.tag == "select" or one.attributes.get("type") in ("text", "hidden")]
    values = {one.name: one.attributes.get("value", "") for one in fields}
    changed = values | {"doses-0-stop": "2025-08"}
    page = client.submit(path, changed)
    assert page.h1 == ["Questions for you"]
    assert "You have changed the page." in page
    key = str(client.get("/patient/sign").value("request_key"))
    done = client.submit("/patient/sign", {"agrees": "y", "signature": "Ana", "request_key": key})
    assert done.h1 == ["Your answers are here"]


def test_other_pages_stay_as_they_were_sent(app: Flask, asked: tuple[Client, str, UUID]) -> None:
    client, item, _ = asked
    assert client.get("/patient/reason").h1 == ["This page stays as you sent it"]
    client.post("/patient/reason", {"reason": "pain", "began": "2020"}, status=409)
    listed = client.get("/patient/trials")
    assert listed.links.count(f"/patient/trials/{item}") == 1
    assert sum(link.endswith("/remove") for link in listed.links) == 0
    assert "/patient/trials/new" not in listed.links


def test_a_question_about_the_list_lets_a_medicine_be_added(app: Flask) -> None:
    patient_id = a_patient(app)
    filled(app, patient_id)
    returned(app, patient_id, "medicines")
    client = signed_in(app, patient_id)
    assert "/patient/medicines" in client.get("/patient/questions").links
    assert "/patient/medicines/new" in client.get("/patient/medicines").links
    assert "/patient/trials/new" not in client.get("/patient/trials").links


def test_a_question_about_anything_else_has_a_box(app: Flask) -> None:
    patient_id = a_patient(app)
    filled(app, patient_id)
    question_id = returned(app, patient_id, "health")
    client = signed_in(app, patient_id)
    page = client.get("/patient/questions")
    assert "A question for you" in page
    assert "/patient/sign" in client.submit(f"/patient/questions/{question_id}", {"answer": "Yes."}).links


def test_another_patients_question_is_not_found(app: Flask, asked: tuple[Client, str, UUID]) -> None:
    _, _, question_id = asked
    other = signed_in(app, a_patient(app))
    other.get(f"/patient/questions/{question_id}", status=404)
    other.post(f"/patient/questions/{question_id}", {"answer": "Mine"}, status=404)
