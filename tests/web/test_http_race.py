"""Many browsers at once over real sockets: one books, the others hear what is free instead, nothing is booked twice."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from http.client import HTTPConnection
from threading import Barrier
from urllib.parse import urlencode, urlsplit
from uuid import UUID, uuid4

import pytest
from flask import Flask
from sqlalchemy import func, select

from intake.domain.scheduling.values import Slot
from intake.extensions import db
from intake.models.appointments import Appointment
from intake.models.series import Series
from tests import factories
from tests.live import LiveServer
from tests.services.bookings import check_tables, plan, with_wishes
from tests.web.client import Client
from tests.web.worlds import START, stopped_clock

BROWSERS = 64
OFFER = re.compile(r"That time was just taken\.")


@dataclass(frozen=True)
class Browser:
    """A desk's browser: its cookie, its token, and the order that it is about to book."""

    order_id: UUID
    cookie: str
    token: str

    @classmethod
    def at_the_desk(cls, app: Flask, desk_id: UUID, order_id: UUID) -> Browser:
        """Signed in, on the page of the order."""
        client = Client(app)
        client.sign_in(desk_id, now=START)
        token = client.csrf_token()
        cookie = client._client.get_cookie("intake")
        assert cookie is not None
        return cls(order_id, cookie.value, token)

    def book(self, url: str, slots: list[Slot], start: Barrier) -> tuple[int, str]:
        """Press the button at the same moment as everybody else; status and text of the answer."""
        places = "[" + ",".join(f'["{slot.day}",{slot.start},"{slot.chair}"]' for slot in slots) + "]"
        body = urlencode({"slots": places, "request_key": str(uuid4()), "csrf_token": self.token})
        headers = {"Cookie": f"intake={self.cookie}", "Content-Type": "application/x-www-form-urlencoded"}
        connection = HTTPConnection(urlsplit(url).hostname or "", urlsplit(url).port, timeout=120)
        start.wait(60)
        connection.request("POST", f"/desk/series/{self.order_id}/book", body, headers)
        answer = connection.getresponse()
        text = answer.read().decode()
        connection.close()
        return answer.status, text


def orders_of(site_id: UUID, count: int) -> list[UUID]:
    """Signed orders of as many patients, with wishes."""
    provider, protocol = factories.a_provider(), factories.a_protocol()
    patients = [factories.a_patient(site_id, with_account=False) for _ in range(count)]
    orders = [factories.an_order(patient_id, provider, protocol_id=protocol) for patient_id in patients]
    for order_id in orders:
        with_wishes(order_id, site_id)
    return orders


@pytest.mark.both_databases
def test_of_64_browsers_that_book_the_same_chair_one_does(live_server: LiveServer) -> None:
    with stopped_clock(), ThreadPoolExecutor(BROWSERS) as pool:
        with live_server.app.app_context():
            site_id, desk_id = factories.a_site(), factories.a_desk()
            orders = orders_of(site_id, BROWSERS)
        browsers = [Browser.at_the_desk(live_server.app, desk_id, order_id) for order_id in orders]
        start = Barrier(BROWSERS)
        answers = list(pool.map(lambda one: one.book(live_server.url, plan(), start), browsers))
    assert sorted(status for status, _ in answers) == [302] + [422] * (BROWSERS - 1)
    assert all(OFFER.search(text) for status, text in answers if status == 422)
    with live_server.app.app_context():
        assert db.session.scalar(select(func.count()).select_from(Appointment)) == 6
        check_tables()


def test_of_64_presses_for_one_order_one_series_comes(live_server: LiveServer) -> None:
    with stopped_clock(), ThreadPoolExecutor(BROWSERS) as pool:
        with live_server.app.app_context():
            site_id, desk_id = factories.a_site(), factories.a_desk()
            (order_id,) = orders_of(site_id, 1)
        browsers = [Browser.at_the_desk(live_server.app, desk_id, order_id) for _ in range(BROWSERS)]
        start = Barrier(BROWSERS)
        answers = list(pool.map(lambda one: one.book(live_server.url, plan(), start), browsers))
    assert sorted(status for status, _ in answers) == [302] + [422] * (BROWSERS - 1)
    assert all("These infusions are booked already." in text for status, text in answers if status == 422)
    with live_server.app.app_context():
        assert db.session.scalar(select(func.count()).select_from(Series)) == 1
        assert db.session.scalar(select(func.count()).select_from(Appointment)) == 6
        check_tables()
