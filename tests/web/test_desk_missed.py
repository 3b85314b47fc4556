"""Somebody did not come: missed, from the board and from the page of the visit, and undone when they came late."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from flask import Flask
from uuid_utils.compat import uuid7

from intake.extensions import db
from intake.models.appointments import Appointment
from intake.services import series
from intake.web import access
from tests import factories
from tests.factories import NOW
from tests.services.bookings import an_order_to_book, check_tables, plan
from tests.web.client import Client
from tests.web.desk import a_booked_series, a_desk_at, statuses
from tests.web.page import Page

BEGINS = datetime(2026, 12, 7, 16, 0, tzinfo=UTC)
"""When the first infusion begins: 9:00 in Denver."""
MISSED = "undo.2.noshow"
"""What the button for taking it back sends."""


@pytest.fixture
def visit(client: Client, app: Flask, monkeypatch: pytest.MonkeyPatch) -> UUID:
    """The first of six infusions, twenty minutes after it should have begun."""
    monkeypatch.setattr(access, "now", lambda: NOW)
    first = a_booked_series(app, a_desk_at(client))[0]
    at_the_desk(client, monkeypatch, BEGINS + timedelta(minutes=20))
    return first


def at_the_desk(client: Client, monkeypatch: pytest.MonkeyPatch, at: datetime) -> None:
    monkeypatch.setattr(access, "now", lambda: at)
    with client.app.app_context():
        desk = factories.a_desk()
    client.sign_in(desk, now=at)


def press(client: Client, visit: UUID, value: str) -> Page:
    return client.submit(f"/desk/appointments/{visit}/press", {"press": value})


def test_the_board_offers_it_and_one_press_marks_it(client: Client, app: Flask, visit: UUID) -> None:
    assert 'value="noshow.1.booked"' in client.get("/desk/").body
    board = press(client, visit, "noshow.1.booked")
    assert statuses(app) == ["noshow"] + ["booked"] * 5
    assert "missed visit" in board
    assert 'class="visit status' not in board.body  # the chair is free again


def test_undo_stands_on_the_board_and_says_that_they_came_late(client: Client, app: Flask, visit: UUID) -> None:
    """By the table of statuses a visit that was missed can only be one that began late; a second undo books it."""
    board = press(client, visit, "noshow.1.booked")
    assert f'value="{MISSED}"' in board.body
    board = press(client, visit, MISSED)
    assert statuses(app) == ["arrived"] + ["booked"] * 5
    assert 'class="visit status-arrived' in board.body
    assert 'value="undo.3.arrived"' in board.body
    board = press(client, visit, "undo.3.arrived")
    assert statuses(app) == ["booked"] * 6
    assert 'value="noshow.3.booked"' in board.body
    with app.app_context():
        check_tables()  # its places are claimed again


def test_the_page_of_the_visit_says_so_names_what_breaks_and_keeps_both_changes(client: Client, visit: UUID) -> None:
    address = f"/desk/appointments/{visit}"
    press(client, visit, "noshow.1.booked")
    page = client.get(address)
    assert "Missed visit" in page
    assert "5 of 6 infusions are in the plan." in page
    assert "Book again" in page
    press(client, visit, MISSED)
    page = client.get(address)
    assert "5 of 6 infusions are in the plan." not in page
    assert "Missed visit" in page and "Undone, now arrived" in page


def test_undo_is_refused_when_somebody_else_has_the_chair(client: Client, app: Flask, visit: UUID) -> None:
    press(client, visit, "noshow.1.booked")
    with app.app_context():
        site_id = db.session.get_one(Appointment, visit).site_id
        db.session.rollback()
        others = [plan()[0], *plan("B")[1:]]
        order_id, desk = an_order_to_book(site_id), factories.a_desk()
        series.book(order_id, others, request_key=uuid7(), actor_id=desk, now=NOW)
    told = press(client, visit, MISSED)
    assert "Its place was given to somebody else meanwhile" in told
    assert sorted(statuses(app)) == ["booked"] * 11 + ["noshow"]
    with app.app_context():
        check_tables()


def test_a_press_on_a_stale_board_changes_nothing(client: Client, app: Flask, visit: UUID) -> None:
    press(client, visit, "noshow.1.booked")
    for stale in ("noshow.1.booked", "arrived.1.booked", "undo.1.noshow"):
        told = press(client, visit, stale)
        assert "changed meanwhile" in told or "it is missed visit now" in told, stale
    assert statuses(app)[0] == "noshow"


def test_nobody_is_missed_before_their_time(
    client: Client, app: Flask, visit: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_the_desk(client, monkeypatch, BEGINS - timedelta(minutes=1))
    assert "It is not time yet" in press(client, visit, "noshow.1.booked")
    assert statuses(app)[0] == "booked"
    at_the_desk(client, monkeypatch, BEGINS)
    press(client, visit, "noshow.1.booked")
    assert statuses(app)[0] == "noshow"
