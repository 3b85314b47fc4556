"""Reminders are put into the outbox once, and never for a time that was moved a moment ago."""

from __future__ import annotations

import threading
import time
from datetime import timedelta

from flask import Flask
from sqlalchemy import select, update
from uuid_utils.compat import uuid7

from intake.extensions import db, transaction
from intake.models.appointments import Appointment
from intake.models.messages import Message
from intake.services import reminders, series
from tests import factories
from tests.factories import NOW
from tests.services.bookings import an_order_to_book, plan


def a_booked_time() -> Appointment:
    series.book(an_order_to_book(factories.a_site()), plan(), request_key=uuid7(), actor_id=factories.a_desk(), now=NOW)
    row = db.session.scalars(select(Appointment).where(Appointment.number == 1)).one()
    db.session.expunge(row)
    db.session.rollback()
    return row


def kinds() -> list[str]:
    db.session.rollback()
    return list(db.session.scalars(select(Message.kind).where(Message.kind != "confirmation")))


def test_a_second_scan_adds_nothing() -> None:
    at = a_booked_time().starts_at - timedelta(hours=3)
    for _ in range(2):
        reminders.scan(at)
    assert kinds() == ["reminder-24h"]


def test_nobody_is_reminded_of_the_time_before_a_move_that_was_under_way(app: Flask) -> None:
    booked = a_booked_time()
    begun = threading.Event()

    def move() -> None:
        with app.app_context():
            with transaction() as session:
                later = booked.starts_at + timedelta(days=30)
                values = {"starts_at": later, "ends_at": later + timedelta(hours=1), "version": 2}
                session.execute(update(Appointment).where(Appointment.id == booked.id).values(values))
                begun.set()
                time.sleep(0.5)
            db.session.remove()

    mover = threading.Thread(target=move)
    mover.start()
    begun.wait(10)
    reminders.scan(booked.starts_at - timedelta(hours=3))
    mover.join()
    assert kinds() == []
