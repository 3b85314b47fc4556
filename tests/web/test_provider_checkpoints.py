"""The response check in the browser: whose is due, what is shown, what a press does, and who may."""

from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select

from intake.domain.roles import Role
from intake.extensions import db, transaction
from intake.models.appointments import Appointment
from intake.models.audit import AuditRow
from intake.models.response_checks import ResponseCheck
from intake.models.scores import Score
from intake.services import series
from tests import factories
from tests.factories import NOW
from tests.services.bookings import DATES, an_order_to_book, finish, plan, utc
from tests.web.client import Client
from tests.web.worlds import stopped_clock

LIST = "/provider/response-checks"
AFTER = utc(DATES[2] + timedelta(days=1), 16)
GOOD = {"clinician_impression": "better", "patient_impression": "not-asked", "note": "Sleeps.", "outcome": "response"}


@pytest.fixture(autouse=True)
def _clock():
    with stopped_clock(AFTER):
        yield


@pytest.fixture
def series_id(app):
    """Three of six infusions are done; PHQ-9 from 18 to 9."""
    with app.app_context():
        desk = factories.a_desk()
        protocol_id = factories.a_protocol(name="Checked", checkpoint_after=3)
        order_id = an_order_to_book(factories.a_site(name="Denver"), protocol_id=protocol_id)
        key = series.book(order_id, plan(), request_key=uuid4(), actor_id=desk, now=NOW)
        first = None
        for row in list(db.session.scalars(select(Appointment).order_by(Appointment.number)))[:3]:
            appointment_id, at, patient_id = row.id, row.starts_at, row.patient_id
            first = first or at
            db.session.rollback()
            finish(appointment_id, desk, at)
        for at, points in ((first - timedelta(days=1), 2), (first + timedelta(days=7), 1)):
            with transaction() as session:
                values = {"instrument": "phq9", "instrument_version": "1", "mode": "self", "scorer_version": "1"}
                score = Score(patient_id=patient_id, answered_at=at, total=None, **values)
                score.answers = {str(item): points for item in range(1, 10)}
                session.add(score)
        return key


@pytest.fixture
def patient_id(app, series_id):
    with app.app_context():
        return db.session.scalars(select(Appointment.patient_id)).first()


@pytest.fixture
def provider(app, series_id):
    return signed_in(app, Role.PROVIDER)


def signed_in(app, role):
    with app.app_context():
        account = factories.an_account(role)
    visitor = Client(app)
    visitor.sign_in(account, now=AFTER)
    return visitor


def address(patient_id, series_id):
    return f"/provider/patients/{patient_id}/series/{series_id}/response-check"


def send(visitor, url, **changes):
    key = visitor.get(url).value("request_key")
    return visitor.submit(url, GOOD | {"request_key": key} | changes)


def test_the_list_names_whose_check_is_due_without_scores(provider, patient_id, series_id):
    page = provider.get(LIST)
    assert "Rivera" in page
    assert "Mon Dec 14" in page and "1 day ago" in page and "Thu Dec 17" in page
    assert address(patient_id, series_id) in page.body
    assert "PHQ" not in page


def test_the_page_shows_change_recall_window_and_days_elapsed(provider, patient_id, series_id, app):
    page = provider.get(address(patient_id, series_id))
    assert "PHQ-9 18 to 9: a response" in page and "50 % lower" in page
    assert "7 days of them lie before the first infusion" in page
    assert "3 of 6" in page and "Days since the first" in page
    assert "Nothing stops by itself" in page
    with app.app_context():
        assert (
            db.session.scalars(select(AuditRow).where(AuditRow.action == "view.chart")).one().patient_id == patient_id
        )


def test_a_press_makes_the_rest_definite_and_is_kept_with_both_impressions(provider, patient_id, series_id, app):
    shown = send(provider, address(patient_id, series_id))
    assert "The response check is recorded." in shown
    with app.app_context():
        row = db.session.scalars(select(ResponseCheck)).one()
        assert (row.clinician_impression, row.patient_impression, row.note) == ("better", None, "Sleeps.")
        assert not any(db.session.scalars(select(Appointment.awaits_response)))
    assert "No check is due." in provider.get(LIST)
    again = provider.get(address(patient_id, series_id))
    assert "Clinician: better. Patient: not asked. Sleeps." in again


def test_to_ask_again_leaves_them_tentative(provider, patient_id, series_id, app):
    send(provider, address(patient_id, series_id), outcome="ask-again")
    with app.app_context():
        assert sum(db.session.scalars(select(Appointment.awaits_response))) == 3


def test_nothing_is_chosen_beforehand_and_each_choice_is_asked_for(provider, patient_id, series_id):
    page = provider.get(address(patient_id, series_id))
    assert "checked" not in page.body.replace("checked in", "")
    refused = provider.post(address(patient_id, series_id), {"request_key": str(uuid4())}, status=422)
    assert len(refused.errors) == 3


def test_a_form_without_its_key_is_refused(provider, patient_id, series_id, app):
    provider.post(address(patient_id, series_id), GOOD | {"request_key": "x"}, status=422)
    with app.app_context():
        assert db.session.scalars(select(ResponseCheck)).all() == []


def test_the_chart_leads_there(provider, patient_id, series_id, app):
    found = provider.get(f"/provider/patients/{patient_id}/response-check", status=302)
    assert found.location.endswith(address(patient_id, series_id))
    with app.app_context():
        other = factories.a_patient(factories.a_site())
    shown = provider.get(provider.get(f"/provider/patients/{other}/response-check", status=302).location)
    assert "No series is booked" in shown


def test_another_patients_series_is_not_found(provider, series_id, app):
    with app.app_context():
        other = factories.a_patient(factories.a_site())
    provider.get(address(other, series_id), status=404)
    provider.post(address(other, series_id), GOOD | {"request_key": str(uuid4())}, status=404)
    provider.get(address(other, uuid4()), status=404)


@pytest.mark.parametrize("role", [Role.DESK, Role.MANAGER, Role.NURSE, Role.PATIENT])
def test_others_do_not_open_it(app, patient_id, series_id, role):
    visitor = signed_in(app, role)
    visitor.get(address(patient_id, series_id), status=403)
    visitor.post(address(patient_id, series_id), GOOD, status=403)
    visitor.get(LIST, status=200 if role is Role.NURSE else 403)


def test_the_desk_sees_that_a_provider_confirms_and_no_score(client, app, series_id):
    with app.app_context():
        desk = factories.a_desk()
    client.sign_in(desk, now=AFTER)
    with app.app_context():
        fourth = db.session.scalars(select(Appointment).where(Appointment.number == 4)).one()
        key, day = fourth.id, fourth.on_date
    page = client.get(f"/desk/appointments/{key}")
    assert "tentative: the provider still confirms" in page
    assert "no driver is known" not in page and "PHQ" not in page
    assert "tentative" in client.get(f"/desk/?day={day}")
