"""Asking back, deciding and telling, as a provider does it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select
from uuid_utils.compat import uuid7

from intake.domain.roles import Role
from intake.domain.statuses import ConsultationStatus
from intake.extensions import db
from intake.models.consultations import Consultation, ReturnedItem
from intake.models.messages import Message
from intake.models.reviews import Decision
from intake.models.scores import Contact
from tests import factories
from tests.charts import a_trial
from tests.factories import NOW
from tests.web.provider import Case, a_case, at_work, somebody
from tests.web.worlds import Clock, stopped_clock

FRIDAY = NOW + timedelta(days=3, hours=6)  # Friday, 3:00 pm in Denver
CONTACT = {
    "on": "2026-12-01",
    "at": "09:00",
    "channel": "phone",
    "outcome": "reached",
    "safety_checked": "y",
    "note": "Told; will see the cardiologist.",
}


@pytest.fixture(autouse=True)
def clock() -> Iterator[Clock]:
    with stopped_clock(NOW) as stopped:
        yield stopped


def status_of(app: Flask, case: Case) -> ConsultationStatus:
    with app.app_context():
        return db.session.get_one(Consultation, case.consultation).status


def test_questions_go_back_with_the_item_they_are_about(app: Flask) -> None:
    case = a_case(app)
    with app.app_context():
        trial = a_trial(case.patient)
    provider = at_work(app, case.provider)
    sent = {f"question-{trial}": "Was it 50 mg?", "question-reason": "When did it begin?"}
    assert "The questions are sent" in provider.submit(f"{case.chart}/questions", sent)
    assert status_of(app, case) is ConsultationStatus.RETURNED
    with app.app_context():
        rows = db.session.scalars(select(ReturnedItem)).all()
        assert {(row.page, row.item) for row in rows} == {("trial", str(trial)), ("reason", "")}
        assert "50 mg" not in db.session.scalars(select(Message)).one().body["text"]
    assert "2 questions sent to the patient" in provider.get(case.chart)


def test_a_second_press_of_the_same_questions_asks_nothing_twice(app: Flask) -> None:
    case = a_case(app)
    provider = at_work(app, case.provider)
    for _press in range(2):
        provider.submit(f"{case.chart}/questions", {"question-reason": "When did it begin?"})
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(ReturnedItem)) == 1


@pytest.mark.parametrize(
    ("sent", "error"),
    [
        ({}, "Choose what to ask about"),
        ({"question-reason": "x" * 401}, "within 400 characters"),
        ({"question-reason": "a\x00b"}, "cannot be printed"),
        ({"question-other": "Not a page"}, "Choose what to ask about"),
    ],
)
def test_questions_that_cannot_be_sent_are_refused_and_kept(app: Flask, sent: dict[str, str], error: str) -> None:
    case = a_case(app)
    page = at_work(app, case.provider).post(f"{case.chart}/questions", sent, status=422)
    assert error in page
    assert status_of(app, case) is ConsultationStatus.IN_REVIEW


def test_a_decline_is_seen_by_nobody_until_a_contact_is_recorded(app: Flask) -> None:
    case = a_case(app)
    provider = at_work(app, case.provider)
    sent = {"kind": "declined", "reason": "Uncontrolled blood pressure."}
    assert "The patient sees nothing of it" in provider.submit(f"{case.chart}/decision", sent)
    assert status_of(app, case) is ConsultationStatus.IN_REVIEW
    refused = provider.submit(f"{case.chart}/decision/effect")
    assert "once a contact with a safety check is recorded" in refused
    form = provider.get(f"{case.chart}/contacts/new")
    assert "A decision waits for this contact" in form
    key = {"request_key": form.value("request_key") or ""}
    for _press in range(2):
        provider.submit(f"{case.chart}/contacts/new", CONTACT | key)
    assert status_of(app, case) is ConsultationStatus.DECLINED
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(Contact)) == 1
        assert db.session.scalar(select(func.count()).select_from(Message)) == 0


def test_on_friday_afternoon_the_page_says_from_when_it_may(app: Flask, clock: Clock) -> None:
    case = a_case(app)
    clock.at = FRIDAY
    provider = at_work(app, case.provider)
    provider.sign_in(case.provider, now=FRIDAY)
    assert "It may from Mon Dec 7, 8:00 am" in provider.get(f"{case.chart}/decision")
    provider.submit(f"{case.chart}/decision", {"kind": "referred", "reason": "Needs inpatient care."})
    sent = CONTACT | {"on": "2026-12-04", "at": "3:00 pm", "request_key": str(uuid7())}
    page = provider.submit(f"{case.chart}/contacts/new", sent)
    assert "It may from Mon Dec 7, 8:00 am" in page
    assert status_of(app, case) is ConsultationStatus.IN_REVIEW
    clock.at = NOW + timedelta(days=6)
    provider.sign_in(case.provider, now=clock.at)
    assert "The decision is in effect" in provider.submit(f"{case.chart}/decision/effect")
    assert status_of(app, case) is ConsultationStatus.REFERRED


def test_the_second_of_two_providers_is_told_who_decided(app: Flask) -> None:
    case = a_case(app)
    with app.app_context():
        factories.an_evaluation(case.consultation, case.provider)
    at_work(app, case.provider).submit(f"{case.chart}/decision", {"kind": "accepted"})
    sent = {"kind": "declined", "reason": "Other."}
    page = somebody(app, Role.PROVIDER).post(f"{case.chart}/decision", sent, status=422)
    assert "Dr. Pat Provider has decided this consultation already" in page
    with app.app_context():
        assert [row.kind for row in db.session.scalars(select(Decision))] == ["accepted"]


def accepted_with(app: Flask, typed: str | None) -> tuple[dict[str, object], str]:
    """Accept a patient with two failed trials, the sentence as shown or another; what was kept, and the chart."""
    case = a_case(app)
    with app.app_context():
        factories.an_evaluation(case.consultation, case.provider)
        for position in range(2):
            a_trial(case.patient, position=position)
    provider = at_work(app, case.provider)
    shown = provider.get(f"{case.chart}/decision").value("first_line") or ""
    assert shown.startswith("One adequate failed trial in this episode, sertraline (tried twice)")
    sent = {"kind": "accepted", "first_line": shown if typed is None else typed}
    chart = provider.submit(f"{case.chart}/decision", sent).text
    with app.app_context():
        return db.session.scalars(select(Decision)).one().statement, chart


def test_the_sentence_on_the_history_may_be_edited_and_the_computed_one_stays_beside_it(app: Flask) -> None:
    kept, chart = accepted_with(app, "Sertraline failed twice, the second time for twelve weeks.")
    assert kept["edited_first_line"] == "Sertraline failed twice, the second time for twelve weeks."
    assert str(kept["first_line"]).startswith("One adequate failed trial")
    assert "the second time for twelve weeks. Computed: One adequate failed trial" in chart


@pytest.mark.parametrize("typed", [None, "", "  "])
def test_an_untouched_or_empty_sentence_is_the_computed_one(app: Flask, typed: str | None) -> None:
    kept, chart = accepted_with(app, typed)
    assert "edited_first_line" not in kept
    assert chart.count("One adequate failed trial in this episode") == 2 and "Computed: Two" not in chart


@pytest.mark.parametrize(
    ("sent", "error"),
    [
        ({}, "Choose a decision."),
        ({"kind": "declined", "reason": "x", "first_line": "x" * 4001}, "Keep this within 4000 characters."),
        ({"kind": "cured"}, "Not a valid choice."),
        ({"kind": "declined"}, "Write the reason: the record keeps it, and you will say it."),
        ({"kind": "accepted-with-conditions"}, "Write at least one condition, one a line."),
        ({"kind": "accepted"}, "Sign the evaluation visit first: nobody is accepted without one."),
        ({"kind": "declined", "reason": "a\x00b"}, "Leave out signs that cannot be printed."),
    ],
)
def test_a_decision_that_cannot_stand_is_refused_beside_its_field(app: Flask, sent: dict[str, str], error: str) -> None:
    case = a_case(app)
    page = at_work(app, case.provider).post(f"{case.chart}/decision", sent, status=422)
    assert error in page.text
    assert status_of(app, case) is ConsultationStatus.IN_REVIEW


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"on": "2026-12-02"}, "A contact cannot lie in the future."),
        ({"on": "tomorrow"}, "Enter a date such as 12/31/2026."),
        ({"at": "25:00"}, "Enter a time such as 9:05 am."),
        ({"outcome": "no-answer"}, "Safety can be asked about only when the patient was reached."),
        ({"note": " "}, "Write what was said and the next step."),
        ({"request_key": "1' or '1'='1"}, "cannot be sent again"),
    ],
)
def test_a_contact_that_cannot_be_true_is_refused(app: Flask, changes: dict[str, str], error: str) -> None:
    case = a_case(app)
    sent = CONTACT | {"request_key": str(uuid7())} | changes
    page = at_work(app, case.provider).post(f"{case.chart}/contacts/new", sent, status=422)
    assert error in page.text
    assert page.value("note") == sent["note"].strip()


def test_a_nurse_records_a_contact(app: Flask) -> None:
    case = a_case(app)
    page = somebody(app, Role.NURSE).submit(f"{case.chart}/contacts/new", CONTACT | {"request_key": str(uuid7())})
    assert "The contact is recorded" in page


def test_a_form_without_its_token_is_refused(app: Flask) -> None:
    case = a_case(app)
    sent = {"kind": "declined", "reason": "x"}
    at_work(app, case.provider).post(f"{case.chart}/decision", sent, token=False, status=400)
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(Decision)) == 0
