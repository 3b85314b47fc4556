"""The review queue: order, reasons, filters, claims, alerts."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask

from intake.domain.roles import Role
from intake.domain.screening.safety import Action
from intake.domain.statuses import ConsultationStatus
from intake.extensions import db
from intake.models.consultations import Consultation
from intake.models.scores import Alert
from tests import factories
from tests.charts import an_alert
from tests.factories import NOW
from tests.web.provider import a_case, accepted, at_work, somebody
from tests.web.watching import counted
from tests.web.worlds import stopped_clock


@pytest.fixture(autouse=True)
def _clock() -> Iterator[None]:
    with stopped_clock(NOW):
        yield


def test_an_empty_queue_says_what_comes_next(app: Flask) -> None:
    with app.app_context():
        factories.a_site()
    assert "New consultations appear here" in somebody(app, Role.PROVIDER).get("/provider/")


def test_open_alerts_come_first_then_the_longest_waiting(app: Flask) -> None:
    names = ("Older", "Newer", "Alerted")
    with app.app_context():
        site = factories.a_site()
        for name, hours in zip(names, (9, 3, 1), strict=True):
            patient = factories.a_patient(site, family_name=name)
            at = NOW - timedelta(hours=hours)
            factories.a_consultation(patient, status=ConsultationStatus.SUBMITTED, submitted_at=at)
        an_alert(patient, action=Action.CALL_TODAY)
        an_alert(factories.a_patient(site, family_name="Urgent"), action=Action.CALL_NOW)
    text = somebody(app, Role.PROVIDER).get("/provider/").text
    alerts, _, consultations = text.partition("Consultations")
    assert alerts.index("Urgent") < alerts.index("Alerted")
    assert sorted(names, key=consultations.index) == ["Alerted", "Older", "Newer"]


@pytest.mark.parametrize(
    ("status", "show", "why"),
    [
        (ConsultationStatus.SUBMITTED, "unclaimed", "Sent in, nobody has claimed it"),
        (ConsultationStatus.IN_REVIEW, "mine", "In review, evaluation visit not signed"),
        (ConsultationStatus.ACCEPTED, "order", "Accepted, order not signed"),
        (ConsultationStatus.RETURNED, "returned", "wait for the patient's answer"),
    ],
)
def test_each_row_says_why_it_waits_under_its_filter(
    app: Flask, status: ConsultationStatus, show: str, why: str
) -> None:
    case = a_case(app, status)
    provider = at_work(app, case.provider)
    assert why in provider.get(f"/provider/?show={show}")
    other = "returned" if show != "returned" else "unclaimed"
    assert "Rivera" not in provider.get(f"/provider/?show={other}").text


@pytest.mark.parametrize("query", ["?show=nothing", "?page=0", "?page=999", "?page=x", "?show=%00"])
def test_a_tampered_address_shows_what_is_open(app: Flask, query: str) -> None:
    case = a_case(app)
    assert "Rivera" in at_work(app, case.provider).get(f"/provider/{query}")


def test_fifty_rows_fill_a_page_and_the_rest_is_on_the_next(app: Flask) -> None:
    with app.app_context():
        site = factories.a_site()
        for number in range(51):
            patient = factories.a_patient(site, family_name=f"Patient{number:02}", with_account=False)
            at = NOW - timedelta(hours=100 - number)
            factories.a_consultation(patient, status=ConsultationStatus.SUBMITTED, submitted_at=at)
    provider = somebody(app, Role.PROVIDER)
    first = provider.get("/provider/")
    assert "Patient49" in first and "Patient50" not in first.text and "Page 1 of 2" in first
    assert "Patient50" in provider.get("/provider/?show=open&page=2")


def test_the_query_count_does_not_grow_with_the_queue(app: Flask) -> None:
    case = a_case(app)
    provider = at_work(app, case.provider)

    def count() -> int:
        with counted(app) as said:
            provider.get("/provider/")
        return len(said)

    provider.get("/provider/")
    few = count()
    with app.app_context():
        site = factories.a_site()
        for number in range(20):
            patient = factories.a_patient(site, family_name=f"Patient{number:02}")
            factories.a_consultation(patient, status=ConsultationStatus.SUBMITTED)
            an_alert(patient)
    assert count() == few


def test_claiming_and_releasing_is_one_press_each(app: Flask) -> None:
    case = a_case(app, ConsultationStatus.SUBMITTED)
    provider = at_work(app, case.provider)
    assert "Claimed" in provider.submit(f"/provider/consultations/{case.consultation}/claim")
    assert "Released" in provider.submit(f"/provider/consultations/{case.consultation}/release")
    with app.app_context():
        assert db.session.get_one(Consultation, case.consultation).status is ConsultationStatus.SUBMITTED


def test_a_release_of_somebody_else_s_claim_is_told_not_done(app: Flask) -> None:
    case = a_case(app)
    page = somebody(app, Role.PROVIDER).submit(f"/provider/consultations/{case.consultation}/release")
    assert "Somebody else changed this consultation" in page


def test_a_nurse_reads_the_queue_and_claims_nothing(app: Flask) -> None:
    case = a_case(app, ConsultationStatus.SUBMITTED)
    nurse = somebody(app, Role.NURSE)
    assert "Claim this" not in nurse.get("/provider/").text
    nurse.post(f"/provider/consultations/{case.consultation}/claim", status=403)


def test_an_open_alert_stands_on_every_provider_page_until_it_is_closed(app: Flask) -> None:
    case = a_case(app)
    with app.app_context():
        alert = an_alert(case.patient, action=Action.CALL_NOW)
    provider = at_work(app, case.provider)
    for path in ("/provider/", case.chart, f"{case.chart}/decision", f"{case.chart}/contacts/new"):
        assert "1 open alert" in provider.get(path)
    assert "You are on it" in provider.submit(f"/provider/alerts/{alert}/acknowledge")
    outcome = {"contact": "reached", "tool": "C-SSRS", "disposition": "Safe.", "safety_plan": "yes"}
    outcome |= {"next_contact_on": "2026-12-02"}
    assert "The alert is closed" in provider.submit(f"/provider/alerts/{alert}/close", outcome)
    assert "open alert" not in provider.get("/provider/").text


def test_an_alert_is_not_closed_without_its_outcome_and_what_was_typed_stays(app: Flask) -> None:
    case = a_case(app)
    with app.app_context():
        alert = an_alert(case.patient)
    sent = {"contact": "reached", "tool": "", "disposition": "Spoke at length.", "safety_plan": "no"}
    page = at_work(app, case.provider).post(
        f"/provider/alerts/{alert}/close", sent | {"next_contact_on": "12/1/2026"}, status=422
    )
    assert page.errors == ["Name the risk tool that was used."]
    assert page.value("disposition") == "Spoke at length."
    with app.app_context():
        assert db.session.get_one(Alert, alert).closed_at is None


def test_a_nurse_cannot_close_an_alert(app: Flask) -> None:
    case = a_case(app)
    with app.app_context():
        alert = an_alert(case.patient)
    nurse = somebody(app, Role.NURSE)
    nurse.get(f"/provider/alerts/{alert}/close", status=403)
    nurse.post(f"/provider/alerts/{alert}/acknowledge", status=403)


def test_an_accepted_patient_waits_for_an_order(app: Flask) -> None:
    case = accepted(app)
    assert "Accepted, order not signed" in at_work(app, case.provider).get("/provider/")
