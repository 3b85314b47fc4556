"""What tests of the desk's pages share: a clock that stands, somebody at the desk, orders and booked series."""

from __future__ import annotations

from uuid import UUID

from flask import Flask
from sqlalchemy import select
from uuid_utils.compat import uuid7

from intake.extensions import db
from intake.models.appointments import Appointment
from intake.services import series
from tests import factories
from tests.factories import NOW
from tests.services.bookings import an_order_to_book, plan, with_wishes
from tests.web.client import Client


def a_desk_at(client: Client, site: UUID | None = None) -> UUID:
    """Sign somebody of the front desk in; returns the site that they work at."""
    with client.app.app_context():
        site = site or factories.a_site(name="Denver")
        desk = factories.a_desk()
    client.sign_in(desk, now=NOW)
    return site


def a_booked_series(app: Flask, site_id: UUID, **where: object) -> list[UUID]:
    """The appointments of a booked series, in order."""
    with app.app_context():
        order_id = an_order_to_book(site_id)
        key = series.book(order_id, plan(**where), request_key=uuid7(), actor_id=factories.a_desk(), now=NOW)  # type: ignore[arg-type]
        rows = select(Appointment.id).where(Appointment.series_id == key).order_by(Appointment.number)
        return list(db.session.scalars(rows))


def an_open_order(app: Flask, site_id: UUID, *, wishes: bool = False, **values: object) -> UUID:
    """An order that waits to be booked; with wishes its plans are shown."""
    with app.app_context():
        patient_id = factories.a_patient(site_id, with_account=False)
        order_id = factories.an_order(patient_id, factories.a_provider(), **values)  # type: ignore[arg-type]
        if wishes:
            with_wishes(order_id, site_id)
        return order_id


def statuses(app: Flask) -> list[str]:
    """The status of every appointment, by start."""
    with app.app_context():
        return [
            str(status) for status in db.session.scalars(select(Appointment.status).order_by(Appointment.starts_at))
        ]
