"""A patient sees the own appointments, and takes them along as calendar files."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest
from flask import Flask
from icalendar import Calendar

from intake.domain.clinic_time import local_day
from intake.domain.statuses import Status
from intake.extensions import db, transaction
from intake.models.appointments import Appointment
from intake.models.people import Patient
from tests import factories
from tests.conftest import NOW
from tests.web.client import Client
from tests.web.patients import a_patient, signed_in

FIRST = NOW + timedelta(days=1)


@pytest.fixture(autouse=True)
def _frozen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("intake.web.access.now", lambda: NOW)


@pytest.fixture
def patient_id(app: Flask) -> UUID:
    """A patient with a consultation."""
    return a_patient(app)


def booked(app: Flask, patient_id: UUID, at: datetime = FIRST, number: int = 1, **values: object) -> UUID:
    """A row as the desk's booking leaves it."""
    with app.app_context():
        desk = factories.a_desk()
        with transaction() as session:
            site_id = session.get_one(Patient, patient_id).home_site_id
            fields = {"status": Status.BOOKED, "version": 1, "tentative": False} | values
            row = Appointment(
                site_id=site_id,
                patient_id=patient_id,
                kind="infusion",
                number=number,
                on_date=local_day(at, "America/Denver"),
                starts_at=at,
                ends_at=at + timedelta(hours=2),
                turnover_minutes=15,
                watch_profile=[[30, 2], [90, 1]],
                request_key=uuid4(),
                booked_by=desk,
                booked_at=NOW,
                **fields,
            )
            session.add(row)
            return row.id


def calendar_of(client: Client, path: str) -> Calendar:
    answer = client.open("GET", path)
    assert answer.status_code == 200
    assert answer.mimetype == "text/calendar"
    assert "attachment" in answer.headers["Content-Disposition"]
    found = Calendar.from_ical(answer.get_data())
    assert isinstance(found, Calendar)
    return found


def test_all_six_stand_in_order_with_time_and_place(app: Flask, patient_id: UUID) -> None:
    for number in range(6, 0, -1):
        booked(app, patient_id, FIRST + timedelta(days=3 * (number - 1)), number)
    page = signed_in(app, patient_id).get("/patient/appointments")
    places = [page.text.index(f"Infusion {number}") for number in range(1, 7)]
    assert places == sorted(places)
    assert "Wed Dec 2, 9:00 am" in page and "1 Main Street, Denver" in page
    assert page.text.count("Add to calendar (.ics)") == 6


def test_nothing_booked_says_what_happens_next(app: Flask, patient_id: UUID) -> None:
    assert "Nothing is booked so far" in signed_in(app, patient_id).get("/patient/appointments")


@pytest.mark.parametrize("status", [Status.CANCELLED, Status.CLINIC_HOLD, Status.NO_SHOW])
def test_what_will_not_happen_is_not_listed(app: Flask, patient_id: UUID, status: Status) -> None:
    gone = booked(app, patient_id, status=status)
    client = signed_in(app, patient_id)
    assert "Nothing is booked so far" in client.get("/patient/appointments")
    client.get(f"/patient/appointments/{gone}.ics", status=404)


def test_a_time_is_listed_until_it_is_over(app: Flask, patient_id: UUID) -> None:
    booked(app, patient_id, NOW - timedelta(hours=2), number=1)  # ends now: over
    booked(app, patient_id, NOW - timedelta(hours=1), number=2)
    page = signed_in(app, patient_id).get("/patient/appointments")
    assert "Infusion 2" in page and "Infusion 1" not in page


def test_the_calendar_file_is_neutral_and_keeps_its_names(app: Flask, patient_id: UUID) -> None:
    one = booked(app, patient_id, version=3)
    (event,) = calendar_of(signed_in(app, patient_id), "/patient/appointments.ics").events
    assert (str(event["SUMMARY"]), str(event["UID"]), event["SEQUENCE"]) == ("Appointment", f"appointment:{one}", 3)
    assert event.start.astimezone(NOW.tzinfo) == FIRST
    assert "LOCATION" not in event and "DESCRIPTION" not in event
    assert not any(word in str(event).lower() for word in ("ketamine", "infusion", "depress"))


def test_the_file_carries_the_zone_of_the_site(app: Flask, patient_id: UUID) -> None:
    booked(app, patient_id)
    calendar = calendar_of(signed_in(app, patient_id), "/patient/appointments.ics")
    assert [str(zone["TZID"]) for zone in calendar.timezones] == ["America/Denver"]


def test_the_place_is_in_it_only_where_the_patient_wants_that(app: Flask, patient_id: UUID) -> None:
    one = booked(app, patient_id)
    with app.app_context(), transaction() as session:
        session.get_one(Patient, patient_id).place_in_calendar = True
    (event,) = calendar_of(signed_in(app, patient_id), f"/patient/appointments/{one}.ics").events
    assert "1 Main Street, Denver" in str(event["LOCATION"])


def test_another_patients_appointment_is_not_found(app: Flask, patient_id: UUID) -> None:
    theirs = booked(app, a_patient(app))
    client = signed_in(app, patient_id)
    client.get(f"/patient/appointments/{theirs}.ics", status=404)
    client.get(f"/patient/appointments/{uuid4()}.ics", status=404)
    assert "Nothing is booked so far" in client.get("/patient/appointments")
    assert not calendar_of(client, "/patient/appointments.ics").events


def test_the_home_lists_them_once_they_are_booked(app: Flask) -> None:
    with app.app_context():
        patient_id = factories.a_patient(factories.a_site())
        factories.an_order(patient_id, factories.a_provider())
        db.session.rollback()
    booked(app, patient_id)
    page = signed_in(app, patient_id).get("/patient/")
    assert page.h1 == ["Your appointments are booked"]
    assert "Infusion 1" in page
