"""Help comes at once, with and without script, and promises only what the clinic has said it does."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import select

from intake.extensions import db, transaction
from intake.models.consultations import Draft
from intake.models.scores import Alert
from intake.models.sites import Policy
from tests import answers
from tests.conftest import NOW
from tests.web.client import Client
from tests.web.patients import a_patient, signed_in

NUMBERS = {"tel:988", "sms:988", "tel:911"}


@pytest.fixture(autouse=True)
def _frozen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("intake.web.access.now", lambda: NOW)


@pytest.fixture
def patient(app: Flask) -> Client:
    """A patient with an open form."""
    return signed_in(app, a_patient(app))


def alerts(app: Flask) -> list[Alert]:
    with app.app_context():
        return list(db.session.scalars(select(Alert)))


def test_before_the_first_question_the_page_says_that_nobody_watches(patient: Client) -> None:
    page = patient.get("/patient/mood")
    assert page.text.index("We do not watch this form live") < page.text.index("Little interest or pleasure")
    assert set(page.links) >= NUMBERS


def test_the_questions_stand_word_for_word(patient: Client) -> None:
    page = patient.get("/patient/mood")
    assert "Over the last 2 weeks, how often have you been bothered by any of the following problems?" in page
    assert "Thoughts that you would be better off dead or of hurting yourself in some way" in page
    for words in ("Not at all", "Several days", "More than half the days", "Nearly every day"):
        assert page.text.count(words) == 9
    assert page.text.count("I would rather talk about this in person") == 1


def test_script_shows_the_help_as_soon_as_the_answer_is_chosen(patient: Client) -> None:
    page = patient.get("/patient/mood")
    marked = [one.attributes for one in page.fields if one.attributes.get("data-crisis") == "crisis-help"]
    assert [(one["name"], one["value"]) for one in marked] == [("item_9", "1"), ("item_9", "2"), ("item_9", "3")]
    assert "crisis-help" in page.ids


@pytest.mark.parametrize("item9", ["1", "2", "3", "discuss"])
def test_without_script_the_help_is_the_next_page(app: Flask, patient: Client, item9: str) -> None:
    page = patient.submit("/patient/mood", answers.phq9(item9))
    assert page.h1 == ["Thank you for telling us"]
    assert set(page.links) >= NUMBERS | {"/patient/check"}
    assert "We do not watch this form live." in page
    assert len(alerts(app)) == 1


def test_not_at_all_goes_on_without_a_word(app: Flask, patient: Client) -> None:
    page = patient.submit("/patient/mood", answers.phq9("0"))
    assert page.h1 == ["Check your answers"]
    assert "safe" not in page.text.lower() and not alerts(app)


def test_an_unfinished_page_raises_the_alert_and_shows_the_help_open(app: Flask, patient: Client) -> None:
    page = patient.post("/patient/mood", {"item_9": "3"}, status=422)
    assert page.errors[0] == "Choose one of the answers"
    assert '<section class="crisis" id="crisis-help" aria-labelledby="crisis-help-title">' in page.body
    assert len(alerts(app)) == 1


def test_leaving_for_later_shows_the_help_first(patient: Client) -> None:
    page = patient.submit("/patient/mood", {"item_9": "2", "later": "1"})
    assert page.h1 == ["Thank you for telling us"]
    assert "/patient/" in page.links


def test_typing_alone_raises_it(app: Flask, patient: Client) -> None:
    data = {"item_9": "3", "version": "0", "csrf_token": patient.csrf_token()}
    assert patient.open("POST", "/patient/autosave/phq9/answers", data=data).status_code == 200
    assert len(alerts(app)) == 1


def test_nothing_is_promised_unless_the_clinic_has_said_so(app: Flask, patient: Client) -> None:
    help_page = patient.get("/patient/help")
    assert "Please do not wait for us to call." in help_page
    assert "team" not in help_page.text
    with app.app_context(), transaction() as session:
        said = "A member of our team will call you within one hour."
        session.add(Policy(name="crisis_promise", value=said, set_at=NOW))
    assert said in patient.get("/patient/help")
    assert said in patient.get("/patient/mood")


def test_the_answer_is_kept_where_the_help_comes_between(app: Flask, patient: Client) -> None:
    patient.submit("/patient/mood", answers.phq9("1"))
    assert patient.get("/patient/mood").value("item_9") == "1"
    with app.app_context():
        assert len(list(db.session.scalars(select(Draft)))) == 1


def test_an_address_of_the_help_leads_nowhere_else(patient: Client) -> None:
    page = patient.get("/patient/help?after=https://evil.example.org")
    assert not any("evil" in link for link in page.links)


def test_the_crisis_line_stands_on_every_page(app: Flask, patient: Client) -> None:
    for path in ("/patient/", "/patient/reason", "/patient/trials", "/patient/check", "/patient/appointments"):
        assert set(patient.get(path).links) >= NUMBERS
