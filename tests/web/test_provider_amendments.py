"""Amending an order on screen: shown first, signed with a code, applied with its re-plan; the desk's requests."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta
from html import unescape
from uuid import UUID

import pyotp
import pytest
from flask import Flask
from sqlalchemy import func, select

from intake.domain.roles import Role
from intake.extensions import db
from intake.models.orders import OrderEvent
from intake.models.people import Account
from intake.queries import orders
from intake.services import replanning
from tests import factories
from tests.services.bookings import ALL_WEEK, check_tables
from tests.services.replans import AFTER_FIRST, a_begun_series, cancel, live
from tests.signing import SECRET
from tests.web.client import Client
from tests.web.page import Page
from tests.web.provider import a_signer
from tests.web.worlds import Clock, stopped_clock


@pytest.fixture(autouse=True)
def clock() -> Iterator[Clock]:
    with stopped_clock(AFTER_FIRST) as stopped:
        yield stopped


@pytest.fixture
def order_id(app: Flask) -> UUID:
    with app.app_context():
        return a_begun_series(factories.a_site(name="Denver"))[0]


@pytest.fixture
def provider(app: Flask, client: Client) -> Client:
    with app.app_context():
        account_id = a_signer()
    client.sign_in(account_id, now=AFTER_FIRST)
    return client


def address(app: Flask, order_id: UUID, kind: str = "") -> str:
    with app.app_context():
        patient_id = orders.patient_of(order_id)
        db.session.rollback()
    return f"/provider/patients/{patient_id}/orders/{order_id}/amend" + (f"?kind={kind}" if kind else "")


def code() -> str:
    return pyotp.TOTP(SECRET).at(AFTER_FIRST)


def hidden(page: Page) -> dict[str, str]:
    """Every field that the page would send, and the times of its first plan."""
    found = {
        name: unescape(value) for name, value in re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page.body)
    }
    return {name: value for name, value in found.items() if name != "csrf_token"}


def first_plan(page: Page) -> str:
    return unescape(re.search(r'name="slots" value="([^"]+)">Sign with plan A', page.body)[1])  # type: ignore[index]


def start(provider: Client, url: str, **values: str) -> Page:
    """Open the form of a kind and ask what it does."""
    page = provider.get(url)
    keys = {name: page.value(name) or "" for name in ("request_key", "kind", "sign_off")}
    return provider.post(url, keys | {"reason": "The patient asked.", "press": "show"} | values, status=200)


def amended(app: Flask) -> int:
    with app.app_context():
        return db.session.scalar(select(func.count()).where(OrderEvent.kind == "amended")) or 0


def test_it_is_shown_before_it_is_signed_and_applied_with_the_replan(app, provider, order_id):
    url = address(app, order_id, "count")
    page = start(provider, url, infusions="8")
    assert "Infusions" in page and "2 new" in page and "Sign with plan A" in page
    assert amended(app) == 0
    done = provider.submit(url, hidden(page) | {"slots": first_plan(page), "code": code()})
    assert "The amendment is signed." in done and "amended (count)" in done and "The patient asked." in done
    with app.app_context():
        assert len(live(order_id)) == 8
        check_tables()


@pytest.mark.parametrize(
    ("kind", "values", "words"),
    [
        ("pause", {"after": "2", "restart_on": "2026-12-28"}, "Mon Dec 28"),
        ("site", {"site": ""}, "Choose a site."),
        ("away", {"away_from": "12/14/2026", "away_to": "12/16/2026"}, "3 days, Mon Dec 14 to Wed Dec 16"),
        ("limits", {"max_gap_days": "10"}, "Up to 10 days between two infusions."),
        ("boosters", {"regime": "pairs-every-four-weeks"}, "Pairs: two in one week"),
    ],
)
def test_every_kind_shows_what_it_does(app, provider, order_id, kind, values, words):
    url = address(app, order_id, kind)
    page = provider.get(url)
    keys = {name: page.value(name) or "" for name in ("request_key", "kind", "sign_off")}
    status = 422 if kind == "site" else 200
    page = provider.post(url, keys | {"reason": "So.", "press": "show"} | values, status=status)
    assert words in page
    assert amended(app) == 0


def test_without_a_kind_the_page_lists_them(app, provider, order_id):
    page = provider.get(address(app, order_id))
    assert len([link for link in page.links if "kind=" in link]) == 7


def test_a_wrong_code_signs_nothing_and_keeps_what_was_typed(app, provider, order_id):
    url = address(app, order_id, "count")
    page = start(provider, url, infusions="8")
    again = provider.post(url, hidden(page) | {"slots": first_plan(page), "code": "000000"}, status=422)
    assert again.errors and hidden(again)["infusions"] == "8"
    assert amended(app) == 0


def test_a_double_press_signs_once_and_spends_one_code(app, provider, order_id):
    url = address(app, order_id, "count")
    page = start(provider, url, infusions="8")
    form = hidden(page) | {"slots": first_plan(page), "code": code()}
    for _press in range(2):
        assert "The amendment is signed." in provider.submit(url, form)
    assert amended(app) == 1


def test_a_stale_preview_comes_back_fresh(app, provider, order_id):
    url = address(app, order_id, "count")
    page = start(provider, url, infusions="8")
    with app.app_context():
        from tests.services.replans import infusions

        keys = infusions(order_id)
        cancel(UUID(int=0), keys)
    fresh = provider.post(url, hidden(page) | {"slots": first_plan(page), "code": code()}, status=422)
    assert "changed meanwhile" in fresh and "3 new" in fresh
    assert amended(app) == 0


def test_a_visit_is_not_taken_away_before_a_contact(app, provider, order_id):
    url = address(app, order_id, "count")
    page = start(provider, url, infusions="4")
    assert "Record a contact" in page
    refused = provider.post(url, hidden(page) | {"slots": first_plan(page), "code": code()}, status=422)
    assert "takes effect once a contact" in refused
    assert amended(app) == 0


class TestRequests:
    """What the desk asks to be allowed."""

    @pytest.fixture
    def asked(self, app):
        with app.app_context():
            order_id, keys = a_begun_series(factories.a_site(name="Denver"))
            cancel(UUID(int=0), keys)
            away = [(date(2026, 12, 9) + timedelta(days=ahead)).isoformat() for ahead in range(14)]
            desk = factories.a_desk()
            replanning.keep_wishes(order_id, {**ALL_WEEK, "unavailable_dates": away}, actor_id=desk, now=AFTER_FIRST)
            found = replanning.propose(order_id, now=AFTER_FIRST).found
            (reason,) = [one for one in found.reasons if one.allowed_by == "provider"]
            db.session.rollback()
            replanning.ask_provider(order_id, reason, actor_id=desk, now=AFTER_FIRST)
        return order_id

    def test_it_is_on_the_queue_and_allowed_with_its_plan(self, app, provider, asked):
        assert "The desk asks to be allowed: 1" in provider.get("/provider/")
        page = provider.get("/provider/to-allow")
        (url,) = [link for link in page.links if "/amend" in link]
        shown = start(
            provider,
            url,
            max_gap_days=provider.get(url).value("max_gap_days") or "",
            max_span_days=provider.get(url).value("max_span_days") or "",
        )
        done = provider.submit(url.partition("?")[0], hidden(shown) | {"slots": first_plan(shown), "code": code()})
        assert "The amendment is signed." in done
        assert "Nothing waits to be allowed." in provider.get("/provider/to-allow")
        with app.app_context():
            assert len(live(asked)) == 6

    def test_no_needs_a_reason_and_changes_nothing(self, app, provider, asked):
        (url,) = [link for link in provider.get("/provider/to-allow").links if "/amend" in link]
        page = provider.get(url)
        keys = {name: page.value(name) or "" for name in ("request_key", "kind", "sign_off")}
        assert provider.post(url, keys | {"press": "decline"}, status=422).errors
        assert "not allowed" in provider.submit(url, keys | {"press": "decline", "reason": "Come in first."})
        assert amended(app) == 0


@pytest.mark.parametrize("role", [Role.DESK, Role.NURSE, Role.MANAGER])
def test_only_who_signs_orders_amends_them(app, client, order_id, role):
    with app.app_context():
        account_id = factories.an_account(role)
        assert db.session.get_one(Account, account_id)
        db.session.rollback()
    client.sign_in(account_id, now=AFTER_FIRST)
    client.get(address(app, order_id, "count"), status=403)
    client.get("/provider/to-allow", status=403)


def test_another_patient_s_order_is_not_found(app, provider, order_id):
    with app.app_context():
        other = factories.a_patient(factories.a_site(name="Boulder"), with_account=False)
    provider.get(f"/provider/patients/{other}/orders/{order_id}/amend", status=404)
