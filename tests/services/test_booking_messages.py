"""What patients are told of booked times: which site, and nothing of the treatment."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from uuid_utils.compat import uuid7

from intake.domain.scheduling.values import Slot
from intake.extensions import db
from intake.models.appointments import Appointment
from intake.models.messages import Message
from intake.services import appointments, reminders, series
from intake.services.appointment_steps import Seen
from tests import factories
from tests.factories import NOW
from tests.services.bookings import DATES, NINE, an_order_to_book, plan

TREATMENT = ("ketamine", "infusion", "booster", "depression", "series", "chair")


@pytest.fixture
def site_id():
    return factories.a_site(name="Denver")


def texts_about_the_first(site_id) -> dict[str, str]:
    """Confirmation, change and reminder of the first of six, by kind."""
    desk = factories.a_desk()
    series.book(an_order_to_book(site_id), plan(), request_key=uuid7(), actor_id=desk, now=NOW)
    row = db.session.scalars(select(Appointment).where(Appointment.number == 1)).one()
    key, seen = row.id, Seen(row.version, row.status)
    db.session.rollback()
    slot = Slot(DATES[0], NINE + 60, "A")
    appointments.move(key, slot, seen=seen, reason="patient-asked", actor_id=desk, now=NOW)
    starts_at = db.session.get_one(Appointment, key).starts_at
    db.session.rollback()
    reminders.scan(starts_at - timedelta(hours=3))
    found = {message.kind: message.body["text"] for message in db.session.scalars(select(Message))}
    db.session.rollback()
    return found


def test_a_clinic_of_two_sites_says_at_which_one(site_id):
    factories.a_site(name="Boulder")
    found = texts_about_the_first(site_id)
    assert set(found) == {"confirmation", "moved", "reminder-24h"}
    assert {"at our Denver site" in text for text in found.values()} == {True}
    assert not [word for text in found.values() for word in (*TREATMENT, "Boulder") if word in text]


def test_a_clinic_of_one_site_does_not(site_id):
    assert {"at our" in text for text in texts_about_the_first(site_id).values()} == {False}
