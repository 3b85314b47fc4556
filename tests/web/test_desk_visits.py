"""Booking a consultation at the desk: days with free times, the times of a day, one press."""

from __future__ import annotations

import re
from html import unescape
from uuid import UUID, uuid4

import pytest
from flask import Flask
from sqlalchemy import func, select

from intake.domain.roles import Role
from intake.domain.scheduling.values import Slot
from intake.extensions import db, transaction
from intake.models.appointments import Appointment
from intake.models.sites import SessionKind, Shift
from intake.services.appointments import NewAppointment, book
from intake.web import access
from tests import factories
from tests.factories import NOW
from tests.services.bookings import check_tables
from tests.web.client import Client
from tests.web.desk import a_desk_at
from tests.web.page import Page

DAY = NOW.date()
"""A Tuesday; it is nine in the morning."""


@pytest.fixture(autouse=True)
def _clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(access, "now", lambda: NOW)


@pytest.fixture
def site(client: Client) -> UUID:
    return a_desk_at(client)


@pytest.fixture
def provider(app: Flask) -> UUID:
    with app.app_context():
        return factories.a_provider()


@pytest.fixture
def patient(app: Flask, site: UUID, provider: UUID) -> UUID:
    with app.app_context():
        with transaction() as session:
            for code, minutes, needs_provider in (("consultation", 60, True), ("integration", 45, False)):
                session.add(
                    SessionKind(
                        code=code,
                        name=code.capitalize(),
                        minutes=minutes,
                        needs_chair=False,
                        needs_provider=needs_provider,
                        watch_profile=[],
                    )
                )
        return factories.a_patient(site)


def times_on(page: Page) -> list[str]:
    return [unescape(text) for text in re.findall(r'name="slot" value="([^"]+)"', page.body)]


def form_of(page: Page, slot: str | None = None) -> dict[str, str]:
    return {"slot": slot or times_on(page)[0], "request_key": page.value("request_key") or ""}


def address(patient: UUID, **asked: object) -> str:
    return f"/desk/patients/{patient}/visit?" + "&".join(f"{name}={value}" for name, value in asked.items())


def booked(app: Flask) -> list[Appointment]:
    with app.app_context():
        return list(db.session.scalars(select(Appointment).order_by(Appointment.starts_at)))


def hold_visit(app: Flask, site: UUID, provider: UUID, start: int, patient: UUID | None = None) -> None:
    """Another visit of the provider on the day."""
    with app.app_context():
        wanted = NewAppointment(
            patient or factories.a_patient(site), site, "consultation", Slot(DAY, start, ""), provider_id=provider
        )
        book(wanted, request_key=uuid4(), actor_id=factories.a_desk(), now=NOW)


def test_the_patients_page_leads_there_and_days_lead_to_times(client: Client, patient: UUID) -> None:
    assert f"/desk/patients/{patient}/visit" in client.get(f"/desk/patients/{patient}").body
    days = client.get(address(patient))
    link = unescape(re.search(rf'href="([^"]+day={DAY}[^"]*)"', days.body)[1])  # type: ignore[index]
    assert len(times_on(client.get(link))) > 5


def test_one_press_books_the_visit_and_says_so(client: Client, app: Flask, patient: UUID, provider: UUID) -> None:
    where = address(patient, kind="consultation", day=DAY)
    page = client.submit(where, form_of(client.get(where)))
    assert "Booked" in page.body
    (row,) = booked(app)
    assert (row.kind, row.provider_id, row.patient_id, row.chair_id) == ("consultation", provider, patient, None)
    with app.app_context():
        check_tables()


def test_pressed_twice_it_is_booked_once(client: Client, app: Flask, patient: UUID) -> None:
    where = address(patient, day=DAY)
    form = form_of(client.get(where))
    assert client.post(where, form).location == client.post(where, form).location
    assert len(booked(app)) == 1


def test_no_time_is_offered_that_is_over_or_after_closing(client: Client, patient: UUID) -> None:
    starts = [int(text.split(",")[1]) for text in times_on(client.get(address(patient, day=DAY)))]
    assert (min(starts), max(starts)) == (570, 960)  # it is nine o'clock; an hour before closing at five


def test_what_the_provider_has_is_not_offered(
    client: Client, app: Flask, site: UUID, patient: UUID, provider: UUID
) -> None:
    hold_visit(app, site, provider, 600)
    starts = {int(text.split(",")[1]) for text in times_on(client.get(address(patient, day=DAY)))}
    assert {600, 630} & starts == set() and 660 in starts


def test_what_the_patient_has_is_not_offered(client: Client, app: Flask, site: UUID, patient: UUID) -> None:
    with app.app_context():
        other = factories.an_account(Role.PROVIDER, name="Zoe Zimmer")
    hold_visit(app, site, other, 600, patient)
    starts = {int(text.split(",")[1]) for text in times_on(client.get(address(patient, day=DAY)))}
    assert {600, 630} & starts == set() and 660 in starts


def test_a_provider_is_offered_in_their_own_shift_only(
    client: Client, app: Flask, site: UUID, patient: UUID, provider: UUID
) -> None:
    with app.app_context(), transaction() as session:
        session.add(
            Shift(site_id=site, kind="provider", weekday=DAY.weekday(), starts=780, ends=900, account_id=provider)
        )
    starts = [int(text.split(",")[1]) for text in times_on(client.get(address(patient, day=DAY)))]
    assert (min(starts), max(starts)) == (780, 840)


def test_a_time_taken_meanwhile_is_refused_with_others(
    client: Client, app: Flask, site: UUID, patient: UUID, provider: UUID
) -> None:
    where = address(patient, day=DAY)
    form = form_of(client.get(where))
    hold_visit(app, site, provider, int(form["slot"].split(",")[1]))
    page = client.post(where, form, status=422)
    assert "just taken" in page.body
    assert form["slot"] not in times_on(page)
    assert len(booked(app)) == 1


@pytest.mark.parametrize(
    "asked", [{"day": "2026-02-30"}, {"day": "1999-01-01"}, {"kind": "nothing"}, {"provider": "nobody"}, {"first": "x"}]
)
def test_an_address_that_makes_no_sense_shows_what_there_is(
    client: Client, patient: UUID, asked: dict[str, str]
) -> None:
    assert "Book a visit" in client.get(address(patient, **asked)).body


def test_a_kind_that_nobody_holds_in_person_needs_no_provider(client: Client, app: Flask, patient: UUID) -> None:
    where = address(patient, kind="integration", day=DAY)
    client.post(where, form_of(client.get(where)))
    assert [(row.kind, row.provider_id) for row in booked(app)] == [("integration", None)]


def test_nobody_is_a_404_and_a_slot_of_no_page_a_400(client: Client, app: Flask, patient: UUID) -> None:
    client.get(address(uuid4()), status=404)
    client.post(address(uuid4()), {"slot": "[]"}, status=404)
    form = form_of(client.get(address(patient, day=DAY)))
    client.post(address(patient), form, status=400)
    client.post(address(patient, day=DAY), form | {"slot": "[]"}, status=400)
    client.post(address(patient, day=DAY), {"request_key": form["request_key"]}, status=422)
    with app.app_context():
        assert db.session.scalar(select(func.count(Appointment.id))) == 0


@pytest.mark.parametrize(
    "text", ['[["2026-12-01",1e999,""]]', '[["2026-12-01",NaN,""]]', '[[null,600,""]]', "[[]]", "1e999"]
)
def test_places_that_no_page_has_made_are_a_400(client: Client, app: Flask, patient: UUID, text: str) -> None:
    client.post(address(patient, day=DAY), {"slot": text, "request_key": str(uuid4())}, status=400)
    assert booked(app) == []


def test_a_day_farther_off_than_a_year_is_no_day_of_this_page(client: Client, app: Flask, patient: UUID) -> None:
    form = {"slot": '[["2099-12-01",600,""]]', "request_key": str(uuid4())}
    client.post(address(patient, day="2099-12-01"), form, status=400)
    assert booked(app) == []
