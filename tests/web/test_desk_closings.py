"""Closing at the desk: everybody listed first, one press for all, each outcome named; several orders together."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from flask import Flask
from sqlalchemy import func, select

from intake.domain.roles import Role
from intake.extensions import db
from intake.models.audit import AuditRow
from intake.models.replanning import Batch
from intake.models.series import Series
from intake.models.sites import Closure
from intake.web import access
from tests import factories
from tests.services.bookings import DATES, an_order_to_book, check_tables
from tests.services.replans import AFTER_FIRST, a_begun_series, live
from tests.web.client import Client
from tests.web.page import Page

NOBODY = UUID("01920000-0000-7000-8000-000000000000")


@pytest.fixture(autouse=True)
def _clock(monkeypatch):
    monkeypatch.setattr(access, "now", lambda: AFTER_FIRST)
    monkeypatch.setattr("intake.desk.closings.PLANNING_SECONDS", 0.5)


@pytest.fixture
def site(client: Client) -> UUID:
    with client.app.app_context():
        site_id, desk = factories.a_site(name="Denver", watch_units=8), factories.a_desk()
    client.sign_in(desk, now=AFTER_FIRST)
    return site_id


@pytest.fixture
def orders(app: Flask, site: UUID) -> list[UUID]:
    with app.app_context():
        return [a_begun_series(site, start=hour * 60)[0] for hour in (8, 11, 14)]


def asked(client: Client, **values: str) -> dict[str, str]:
    page = client.get("/desk/closings")
    form = {"request_key": page.value("request_key") or "", "kind": "day", "day": DATES[2].isoformat()}
    return form | values


def place(page: Page) -> str:
    """The address that places the batch of a page."""
    return next(form["action"] for form in page.forms if form.get("action", "").endswith("/place"))


def test_all_who_lose_a_visit_are_listed_before_anything_is_closed(client, app, site, orders):
    page = client.submit("/desk/closings", asked(client))
    assert "3 visits of 3 patients lose their place" in page and "Nothing is closed yet" in page
    assert "1 moved" in page and "was Mon Dec 14" in page
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(Closure)) == 0
        assert all(DATES[2] in {day for _, day, _, _ in live(order_id)} for order_id in orders)


def test_one_press_closes_and_places_everybody(client, app, site, orders):
    page = client.submit("/desk/closings", asked(client))
    done = client.submit(place(page))
    assert "3 of 3 booked" in done and "Everybody has a place." in done and "Comes on:" in done
    with app.app_context():
        assert all(len(live(order_id)) == 6 for order_id in orders)
        assert not any(DATES[2] in {day for _, day, _, _ in live(order_id)} for order_id in orders)
        check_tables()
    client.submit(place(page))  # a second press
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(Closure)) == 1


def test_what_is_left_says_how_far_it_is(client, app, site, orders, monkeypatch):
    page = client.submit("/desk/closings", asked(client))
    closed = client.submit(place(page), {"only_close": "1"})
    assert "0 of 3 booked" in closed and "Book the plan for all 3" in closed
    assert "3 of 3 booked" in client.submit(place(closed))


def test_a_call_is_ticked_off(client, app, site, orders):
    page = client.submit("/desk/closings", asked(client))
    done = client.submit(place(page))
    told = next(form["action"] for form in done.forms if form.get("action", "").endswith("/told"))
    after = client.submit(told, {"case": done.value("case") or ""})
    assert "2 were not called yet" in after
    client.post(told, {"case": str(NOBODY)}, status=404)
    client.post(told, {"case": "x"}, status=400)


def test_a_double_press_of_the_form_makes_one_batch(client, app, site, orders):
    form = asked(client)
    first = client.post("/desk/closings", form)
    assert client.post("/desk/closings", form).location == first.location
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(Batch)) == 1


@pytest.mark.parametrize(
    ("values", "error"),
    [
        ({"day": "2026-12-06"}, "Choose a day that is not over."),
        ({"day": ""}, "Choose a day."),
        ({"day": "9999-12-31"}, "Choose a day within a year."),
        ({"kind": "part", "starts": "noonish"}, ""),
        ({"kind": "part", "starts": "1:07 pm"}, "Enter a time on a quarter of an hour."),
        ({"kind": "part", "starts": "3 pm", "ends": "2 pm"}, "It ends before it begins."),
        ({"kind": "chair", "chair": "Z"}, "Choose a chair."),
        ({"kind": "provider", "provider": "x"}, "This site has no shifts of providers"),
        ({"kind": "week"}, ""),
    ],
)
def test_what_cannot_be_closed_is_refused_beside_its_field(client, site, values, error):
    page = client.post("/desk/closings", asked(client, **values), status=422)
    assert any(error in one for one in page.errors)


@pytest.mark.parametrize(
    ("values", "title"),
    [
        ({"kind": "part", "starts": "12:00 pm"}, "Mon Dec 14, from 12:00 pm on"),
        ({"kind": "part", "starts": "1 pm", "ends": "5 pm"}, "Mon Dec 14, 1:00 pm to 5:00 pm"),
        ({"kind": "chair", "chair": "A"}, "Chair A from Mon Dec 14 on"),
    ],
)
def test_the_page_says_what_is_closed(client, site, orders, values, title):
    assert title in client.submit("/desk/closings", asked(client, **values))


def test_a_day_on_which_nobody_comes_says_so(client, site):
    assert "Nobody loses a visit." in client.submit("/desk/closings", asked(client))


def test_orders_are_planned_together_and_booked(client, app, site):
    with app.app_context():
        for _order in range(3):
            an_order_to_book(site)
    page = client.get("/desk/orders")
    shown = client.submit("/desk/orders/together", {"request_key": page.value("request_key") or ""})
    assert "3 orders planned together" in shown and "6 new" in shown
    assert "3 of 3 booked" in client.submit(place(shown))
    with app.app_context():
        assert {str(status) for status in db.session.scalars(select(Series.status))} == {"booked"}
        check_tables()


def test_without_an_order_to_plan_it_says_what_is_missing(client, site):
    page = client.submit("/desk/orders/together", {"request_key": str(uuid4())})
    assert "enter first when the patients can come" in page


@pytest.mark.parametrize("role", [Role.NURSE, Role.PROVIDER])
def test_only_desk_and_manager_close(app, client, role):
    with app.app_context():
        factories.a_site(name="Denver")
        account_id = factories.an_account(role)
    client.sign_in(account_id, now=AFTER_FIRST)
    client.get("/desk/closings", status=403)
    client.post(f"/desk/batches/{NOBODY}/place", status=403)


def test_a_batch_that_there_is_not_is_not_found(client, site):
    client.get(f"/desk/batches/{NOBODY}", status=404)
    client.post(f"/desk/batches/{NOBODY}/place", status=404)
    client.post(f"/desk/batches/{NOBODY}/told", {"case": str(NOBODY)}, status=404)


def searches(app: Flask) -> list[list[str]]:
    """Whom the audit trail says that lists of patients showed, a row each."""
    with app.app_context():
        rows = select(AuditRow.detail).where(AuditRow.action == "patient.search").order_by(AuditRow.at)
        return [detail["found"] for detail in db.session.scalars(rows)]


def test_whom_a_batch_shows_is_audited_once_in_ten_minutes(client, app, site, orders, monkeypatch):
    page = client.submit("/desk/closings", asked(client))
    assert [len(found) for found in searches(app)] == [3]
    address = place(page).removesuffix("/place")
    client.get(address)
    assert len(searches(app)) == 1
    monkeypatch.setattr(access, "now", lambda: AFTER_FIRST + timedelta(minutes=10))
    client.get(address)
    assert [len(found) for found in searches(app)] == [3, 3]


def test_who_stands_in_a_closed_time_is_listed_and_a_closing_taken_back(client, app, site, orders):
    assert "Stand in a closed time" not in client.get("/desk/closings")
    page = client.submit("/desk/closings", asked(client))
    closed = client.submit(place(page), {"only_close": "1"})
    listed = client.get("/desk/closings")
    assert "Stand in a closed time" in listed and listed.body.count("is not open from") == 3
    again = client.submit("/desk/closings", asked(client, request_key=str(uuid4())))
    assert "3 visits of 3 patients lose their place" in again
    back = next(form["action"] for form in closed.forms if form.get("action", "").endswith("/reopen"))
    assert "Nothing is closed yet" in client.submit(back)
    assert "Stand in a closed time" not in client.get("/desk/closings")
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(Closure)) == 0


def test_a_closing_that_moved_somebody_is_not_taken_back(client, app, site, orders):
    page = client.submit("/desk/closings", asked(client))
    done = client.submit(place(page))
    assert "Take the closing back" not in done
    assert "cannot be taken back" in client.submit(place(page).replace("/place", "/reopen"))


class TestManager:
    """What is the manager's to decide can be opened by the manager, and nothing else of the desk."""

    @pytest.fixture
    def manager(self, client, app, orders):
        with app.app_context():
            account_id = factories.an_account(Role.MANAGER)
        client.sign_in(account_id, now=AFTER_FIRST)
        return client

    def test_a_manager_closes_far_ahead_and_places_everybody(self, manager):
        assert "/desk/closings" in manager.get("/manage/").body
        page = manager.submit("/desk/closings", asked(manager, day=DATES[5].isoformat()))
        assert "3 visits of 3 patients lose their place" in page
        assert "3 of 3 booked" in manager.submit(place(page))

    def test_a_manager_keeps_the_manager_s_navigation_and_no_other_page_of_the_desk(self, manager):
        page = manager.get("/desk/closings")
        assert "/manage/protocols" in page.body and "/desk/orders" not in page.body
        for path in ("/desk/", "/desk/orders", "/desk/boosters"):
            manager.get(path, status=403)

    def test_orders_that_were_planned_together_stay_the_desk_s(self, client, app, site):
        with app.app_context():
            for _order in range(2):
                an_order_to_book(site)
            account_id = factories.an_account(Role.MANAGER)
        page = client.get("/desk/orders")
        shown = client.submit("/desk/orders/together", {"request_key": page.value("request_key") or ""})
        client.sign_in(account_id, now=AFTER_FIRST)
        assert "New orders" not in client.get("/desk/closings")
        client.get(place(shown).removesuffix("/place"), status=403)
        client.post(place(shown), status=403)
