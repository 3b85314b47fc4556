"""The chart: what stands on it, who opened it, and a provider's word over a verdict or a finding."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from uuid_utils.compat import uuid7

from intake.domain.roles import Role
from intake.domain.screening.safety import Action
from intake.domain.statuses import ConsultationStatus
from intake.extensions import db
from intake.models.audit import AuditRow
from intake.models.medicines import FindingClearance
from intake.models.trials import VerdictOverride
from tests import factories
from tests.charts import STOP_FINDING, STOP_MEDICINE, a_medicine, a_phq9, a_trial, an_alert
from tests.factories import NOW
from tests.web.provider import Case, a_case, at_work, somebody
from tests.web.watching import counted
from tests.web.worlds import stopped_clock


@pytest.fixture(autouse=True)
def _clock() -> Iterator[None]:
    with stopped_clock(NOW):
        yield


def filled(app: Flask) -> Case:
    """A patient with trials, medicines and a PHQ-9."""
    case = a_case(app)
    with app.app_context():
        a_trial(case.patient, "Zoloft", dates=("2024-02", "2024-08"))
        a_trial(case.patient, "venlafaxine", mg=150, weeks=20, position=1)
        a_trial(case.patient, "mystery pill", mg=None, weeks=8, position=2)
        a_medicine(case.patient, "Ativan", mg_per_day=2)
        a_medicine(case.patient, "blue heart pill", position=1)
        a_phq9(case.patient, 3, 3, 2, 2, 1, 3, 2, 1, 1)
    return case


def test_the_chart_shows_verdicts_with_rule_version_source_and_what_is_not_verified(app: Flask) -> None:
    case = filled(app)
    page = at_work(app, case.provider).get(case.chart)
    for words in (
        "Two adequate failed trials in this episode, sertraline and venlafaxine",
        "adequate, failed",
        "entered as Zoloft",
        "Rule 14",
        "trial-adequacy",
        "UpToDate graphic",
        "not verified: clinic to confirm",
        "Counts as entered: 2 adequate failed · 2 under 25 %",
        "Which treatment is meant?",
        "6 weeks, under 50 %",
    ):
        assert words in page, words


def test_the_chart_shows_findings_the_load_and_unknown_names(app: Flask) -> None:
    case = filled(app)
    page = at_work(app, case.provider).get(case.chart)
    for words in ("Benzodiazepines, daily", "clearance", "20 mg of diazepam a day", "not recognised: blue heart pill"):
        assert words in page, words


def test_the_phq9_shows_total_band_and_item_9_apart(app: Flask) -> None:
    case = filled(app)
    page = at_work(app, case.provider).get(case.chart)
    assert "18 of 27, moderately severe" in page
    assert "Several days (1)" in page


def test_the_safety_banner_names_the_action_and_never_a_risk(app: Flask) -> None:
    case = a_case(app)
    with app.app_context():
        an_alert(case.patient, action=Action.CALL_NOW)
    text = at_work(app, case.provider).get(case.chart).text
    assert "Call now" in text and "risk" not in text.lower().replace("risk of suicide", "")


def test_no_alert_says_nothing_about_safety(app: Flask) -> None:
    case = a_case(app)
    text = at_work(app, case.provider).get(case.chart).text.lower()
    assert "no risk" not in text and "is safe" not in text


def test_before_anything_was_submitted_the_chart_states_no_history(app: Flask) -> None:
    case = a_case(app, ConsultationStatus.DRAFT)
    with app.app_context():
        an_alert(case.patient)
    page = at_work(app, case.provider).get(case.chart)
    assert "Nothing has been submitted yet." in page and "Call today" in page and "Record a contact" in page
    for words in ("adequate failed", "History as entered", "Findings", "no current medicine", "badge"):
        assert words not in page, words


def test_a_form_in_which_no_treatment_was_entered_says_only_that(app: Flask) -> None:
    case = a_case(app)
    provider = at_work(app, case.provider)
    for path in (case.chart, f"{case.chart}/decision"):
        page = provider.get(path)
        assert "No prior treatment was entered." in page
        assert "adequate failed" not in page and "trials" not in page
    assert "No current medicine was entered." in provider.get(case.chart)


def test_an_earlier_history_stays_on_the_chart_of_a_new_form(app: Flask) -> None:
    case = a_case(app, ConsultationStatus.DRAFT)
    with app.app_context():
        a_trial(case.patient)
    page = at_work(app, case.provider).get(case.chart)
    assert "One adequate failed trial" in page and "Nothing has been submitted" not in page.text


def test_levels_without_a_finding_show_no_badge(app: Flask) -> None:
    case = a_case(app)
    with app.app_context():
        a_medicine(case.patient, "Ativan", mg_per_day=2)
    body = at_work(app, case.provider).get(case.chart).body
    panel = body[body.index('id="findings-title"') :].partition("</section>")[0]
    assert "badge level-clearance" in panel
    assert "badge level-stop" not in panel and " 0</span>" not in panel


def test_a_corrected_name_stands_beside_what_was_typed(app: Flask) -> None:
    case = a_case(app)
    with app.app_context():
        a_medicine(case.patient, "cocane")
        a_medicine(case.patient, "clonapin", position=1)
        a_medicine(case.patient, "Nardil", position=2, last_taken="2026-11-28")
    page = at_work(app, case.provider).get(case.chart)
    for words in (
        "read as cocaine",
        "typed cocane, to be confirmed",
        "Illicit stimulants, recent: cocaine, typed cocane",
        "Could be: Klonopin (anxiety or seizures), clonidine (blood pressure), clozapine (antipsychotic)",
        "3 days ago",
        "The table speaks of 14 days",
    ):
        assert words in page, words


def test_medicines_without_a_finding_are_not_called_safe(app: Flask) -> None:
    case = a_case(app)
    with app.app_context():
        a_medicine(case.patient, "omeprazole")
    page = at_work(app, case.provider).get(case.chart)
    assert "No findings from the medicines as entered. That does not make them safe." in page
    assert "badge level-" not in page.body


def test_the_chart_speaks_in_a_clinician_s_words(app: Flask) -> None:
    case = filled(app)
    with app.app_context():
        a_medicine(case.patient, "lamotrigine", position=2, last_taken="2026-11-20")
        a_medicine(case.patient, "melatonin", position=3, last_taken="2026-11-30T22:15")
    page = at_work(app, case.provider).get(case.chart)
    for words in (
        "2 adequate failed · 2 under 25 % · 1 unclear.",
        "Nov 20, 2026",
        "Nov 30, 2026, 10:15 pm",
        "1 mg of lorazepam for 10 mg of diazepam",
        "table of diazepam equivalents, general knowledge without a published source",
        "Above 8 mg a day.",
    ):
        assert words in page, words
    assert "2026-11-20" not in page.text and "medicines-format table" not in page.text
    assert "<abbr" not in page.body


def test_the_chart_offers_no_booking_of_a_visit_that_no_page_books(app: Flask) -> None:
    page = at_work(app, (case := a_case(app, ConsultationStatus.CORE_COMPLETE)).provider).get(case.chart)
    assert "The visit can be held once the first part is complete." in page and "visit can be booked" not in page.text


def test_opening_a_chart_is_noted_once_in_ten_minutes(app: Flask) -> None:
    case = a_case(app)
    provider = at_work(app, case.provider)
    for _visit in range(2):
        provider.get(case.chart)
    with app.app_context():
        rows = db.session.scalars(select(AuditRow).where(AuditRow.action == "view.chart")).all()
        assert [(row.actor_id, row.patient_id) for row in rows] == [(case.provider, case.patient)]


def test_nobody_s_chart_is_not_found(app: Flask) -> None:
    provider = somebody(app, Role.PROVIDER)
    for path in ("", "/answers", "/decision", "/evaluation", "/order", "/questions", "/contacts/new"):
        provider.get(f"/provider/patients/{uuid7()}{path}", status=404)
    provider.get("/provider/patients/1%20or%201=1", status=404)


@pytest.mark.parametrize("role", [Role.DESK, Role.MANAGER, Role.PATIENT])
def test_charts_are_closed_to_other_roles(app: Flask, role: Role) -> None:
    case = a_case(app)
    somebody(app, role).get(case.chart, status=403)


def test_a_nurse_reads_the_chart_and_is_offered_no_signature(app: Flask) -> None:
    case = filled(app)
    nurse = somebody(app, Role.NURSE)
    page = nurse.get(case.chart)
    assert "adequate, failed" in page and "Record a contact" in page
    assert "Record the evaluation visit" not in page.text and "Put your verdict" not in page.text
    for path in ("/decision", "/evaluation", "/order", "/questions"):
        nurse.get(case.chart + path, status=403)
        nurse.post(case.chart + path, status=403)


def test_the_query_count_does_not_grow_with_the_chart(app: Flask) -> None:
    case = filled(app)
    provider = at_work(app, case.provider)
    provider.get(case.chart)
    with counted(app) as few:
        provider.get(case.chart)
    with app.app_context():
        for number in range(12):
            a_trial(case.patient, "sertraline", dates=("2020", "2021"), position=10 + number)
            a_medicine(case.patient, "lamotrigine", position=10 + number)
            a_phq9(case.patient, at=NOW - timedelta(days=number + 1))
    with counted(app) as many:
        provider.get(case.chart)
    assert len(many) == len(few)


def test_what_is_typed_into_a_history_cannot_run(app: Flask) -> None:
    case = a_case(app)
    with app.app_context():
        a_trial(case.patient, "<script>alert(1)</script>")
        a_medicine(case.patient, "<img src=x onerror=alert(1)>")
    body = at_work(app, case.provider).get(case.chart).body
    assert "<script>alert" not in body and "<img src=x" not in body


def test_a_verdict_of_a_provider_stands_beside_the_computed_one(app: Flask) -> None:
    case = a_case(app)
    with app.app_context():
        trial = a_trial(case.patient)
    provider = at_work(app, case.provider)
    path = f"{case.chart}/trials/{trial}/verdict"
    key = provider.get(path).value("request_key")
    assert key
    sent = {"verdict": "inadequate-dose", "reason": "Pharmacy record: 25 mg.", "request_key": key}
    for _press in range(2):
        page = provider.submit(path, sent)
    assert "computed: adequate, failed" in page and "Pharmacy record: 25 mg." in page
    with app.app_context():
        assert len(db.session.scalars(select(VerdictOverride)).all()) == 1


def test_an_override_without_a_reason_is_refused_beside_the_field(app: Flask) -> None:
    case = a_case(app)
    with app.app_context():
        trial = a_trial(case.patient)
        other = a_trial(factories.a_patient(case.site))
    provider = at_work(app, case.provider)
    sent = {"verdict": "intolerant", "reason": " ", "request_key": str(uuid7())}
    assert provider.post(f"{case.chart}/trials/{trial}/verdict", sent, status=422).errors == ["Write the reason."]
    provider.get(f"{case.chart}/trials/{other}/verdict", status=404)
    hostile = {"verdict": "cured", "reason": "x", "request_key": str(uuid7())}
    provider.post(f"{case.chart}/trials/{trial}/verdict", hostile, status=422)


def test_a_stop_is_cleared_in_writing_and_the_address_names_no_medicine(app: Flask) -> None:
    case = a_case(app)
    with app.app_context():
        medicine = a_medicine(case.patient, STOP_MEDICINE)
        other = a_medicine(factories.a_patient(case.site), STOP_MEDICINE)
    provider = at_work(app, case.provider)
    assert "Blocks order and booking" in provider.get(case.chart)
    path = f"{case.chart}/medicines/{medicine}/clearance"
    page = provider.get(path)
    sent = {"finding": STOP_FINDING, "reason": "", "request_key": page.value("request_key") or ""}
    assert provider.post(path, sent, status=422).errors == ["Write the reason."]
    cleared = provider.submit(path, sent | {"reason": "Entered by mistake."})
    assert "Entered by mistake." in cleared and "Blocks order" not in cleared.text
    provider.get(f"{case.chart}/medicines/{other}/clearance", status=404)
    with app.app_context():
        clearance = db.session.scalars(select(FindingClearance.id)).one()
    assert "Blocks order" in provider.submit(f"{case.chart}/clearances/{clearance}/withdraw")
