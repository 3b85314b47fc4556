"""Re-planning at the desk: before and after, one press, stale and double presses, what would help."""

from __future__ import annotations

import json
import re
from html import unescape

import pytest
from flask import Flask
from sqlalchemy import func, select

from intake.domain.roles import Role
from intake.domain.statuses import Status
from intake.extensions import db
from intake.models.replanning import SignOff
from intake.models.series import SeriesEvent
from intake.services import replanning
from intake.web import access
from tests import factories
from tests.services.bookings import ALL_WEEK, check_tables
from tests.services.replans import AFTER_FIRST, CAUSES, a_begun_series, infusions, live, mark
from tests.web.client import Client
from tests.web.page import Page


@pytest.fixture(autouse=True)
def _clock(monkeypatch):
    monkeypatch.setattr(access, "now", lambda: AFTER_FIRST)


@pytest.fixture
def site(client):
    with client.app.app_context():
        site_id, desk = factories.a_site(name="Denver"), factories.a_desk()
    client.sign_in(desk, now=AFTER_FIRST)
    return site_id


@pytest.fixture
def begun(app, site):
    """A series whose third infusion was cancelled, and its page."""
    with app.app_context():
        order_id, keys = a_begun_series(site)
        CAUSES["cancelled"](site, keys)
    return order_id


def page_of(order_id) -> str:
    return f"/desk/series/{order_id}/replan"


def press(page: Page, letter: str = "A") -> dict[str, str]:
    """The fields of the button that books a plan."""
    part = next(form for form in re.findall(r"<form.*?</form>", page.body, re.S) if f"Book plan {letter}" in form)
    fields = dict(re.findall(r'name="(\w+)" value="([^"]*)"', part))
    return {name: unescape(value) for name, value in fields.items()}


def test_it_is_one_press_from_the_visit_and_one_from_the_board(client, app, site, begun):
    with app.app_context():
        lost = infusions(begun)[2]
    assert page_of(begun) in client.get(f"/desk/appointments/{lost}").links
    board = client.get("/desk/")
    assert page_of(begun) in board.links
    assert "1 of 6 infusions without a time" in board


def test_before_and_after_stand_side_by_side(client, begun):
    page = client.get(page_of(begun))
    assert "Infusion 3, Mon Dec 14, 9:00 am: cancelled" in page
    assert "Book plan A" in page and "Book plan B" in page and "Book plan C" in page
    assert "Now" in page and "as booked" in page
    assert "stays" in page and "new" in page
    assert "So you come on" in page


def test_one_press_applies_all_of_it(client, app, begun):
    page = client.get(page_of(begun))
    done = client.submit(page_of(begun), press(page))
    assert "The rest of the series is booked anew." in done
    with app.app_context():
        assert [number for number, *_ in live(begun)] == [1, 2, 3, 4, 5, 6]
        check_tables()


def test_a_double_press_is_one_replan(client, app, begun):
    form = press(client.get(page_of(begun)))
    first = client.post(page_of(begun), form)
    assert client.post(page_of(begun), form).location == first.location
    with app.app_context():
        assert db.session.scalar(select(func.count()).where(SeriesEvent.kind == "re-planned")) == 1


def test_another_plan_of_a_page_that_was_used_books_nothing_and_says_so(client, app, begun):
    page = client.get(page_of(begun))
    client.post(page_of(begun), press(page, "B"))
    with app.app_context():
        before = live(begun)
    again = client.post(page_of(begun), press(page, "A"), status=422)
    assert "This series was changed meanwhile." in again
    with app.app_context():
        assert live(begun) == before


def test_a_stale_page_comes_back_fresh_and_changes_nothing(client, app, begun):
    form = press(client.get(page_of(begun)))
    with app.app_context():
        mark(infusions(begun)[4], Status.CANCELLED, now=AFTER_FIRST, reason="ill")
        before = live(begun)
    page = client.post(page_of(begun), form, status=422)
    assert "This series was changed meanwhile." in page
    assert "Infusion 5" in page
    with app.app_context():
        assert live(begun) == before
    client.post(page_of(begun), press(page))
    with app.app_context():
        assert len(live(begun)) == 6


@pytest.mark.parametrize(
    "form",
    [
        {},
        {"slots": "[]"},
        {"slots": "[]", "request_key": "x"},
        {"slots": "{", "request_key": "0192"},
        {"slots": '[["2026-12-08",540]]', "request_key": "01920000-0000-7000-8000-000000000000"},
    ],
)
def test_what_no_page_of_ours_has_made_is_refused(client, begun, form):
    client.post(page_of(begun), form, status=400)


def test_nothing_is_booked_while_the_order_is_blocked(client, app, site):
    with app.app_context():
        order_id, keys = a_begun_series(site)
        CAUSES["cancelled"](site, keys)
        from intake.extensions import transaction
        from intake.models.orders import OrderCondition

        with transaction() as session:
            row = OrderCondition(order_id=order_id)
            row.text = "A letter"
            session.add(row)
    page = client.get(page_of(order_id))
    assert "Booking is not open" in page and "Book plan" not in page


class TestWithoutAPlan:
    """What would help, and one press to use it."""

    @pytest.fixture
    def stuck(self, app, begun):
        with app.app_context():
            wishes = {"available": {"mon": ALL_WEEK["available"]["mon"]}}
            replanning.keep_wishes(begun, wishes, actor_id=factories.a_desk(), now=AFTER_FIRST)
        return begun

    def reasons(self, page: Page, label: str) -> list[str]:
        forms = [form for form in re.findall(r"<form.*?</form>", page.body, re.S) if label in form]
        return [unescape(re.search(r'name="reason" value="([^"]*)"', form)[1]) for form in forms]  # type: ignore[index]

    def test_the_patient_s_part_is_one_press(self, client, stuck):
        page = client.get(page_of(stuck))
        assert "There is no plan for the rest as it is" in page
        (first, *_) = self.reasons(page, "The patient agrees")
        after = client.submit(f"{page_of(stuck)}/relax", {"reason": first})
        assert "Book plan A" in after

    def test_the_provider_is_asked_once_and_the_page_says_so(self, client, app, stuck):
        page = client.get(page_of(stuck))
        asked = self.reasons(page, "Ask the provider")
        assert asked
        for _press in range(2):
            page = client.submit(f"{page_of(stuck)}/ask", {"reason": asked[0]})
        assert "Not answered yet." in page
        with app.app_context():
            assert len(db.session.scalars(select(SignOff)).all()) == 1

    @pytest.mark.parametrize("act", ["relax", "ask"])
    def test_a_reason_that_no_longer_holds_shows_the_page_again(self, client, app, stuck, act):
        page = client.post(f"{page_of(stuck)}/{act}", {"reason": "Somebody was quicker."}, status=422)
        assert "something was changed meanwhile" in page
        assert "There is no plan for the rest as it is" in page
        with app.app_context():
            assert not db.session.scalars(select(SignOff)).all()

    @pytest.mark.parametrize("act", ["relax", "ask"])
    def test_a_press_without_any_reason_is_refused(self, client, stuck, act):
        client.post(f"{page_of(stuck)}/{act}", {}, status=400)

    def test_other_days_are_kept_and_planned_with(self, client, stuck):
        form = {f"{day}-when": "all" for day in ("mon", "tue", "wed", "thu", "fri")}
        page = client.get(page_of(stuck))
        values = re.findall(r'name="mon-when" value="([^"]+)"', page.body)
        form = {f"{day}-when": values[3] for day in ("mon", "tue", "wed", "thu", "fri")} | {"driver": "yes"}
        after = client.submit(f"{page_of(stuck)}/wishes", form)
        assert "Book plan A" in after

    def test_days_that_cannot_be_read_change_nothing(self, client, stuck):
        page = client.post(f"{page_of(stuck)}/wishes", {"away": "someday"}, status=422)
        assert page.errors


def test_after_a_long_gap_the_desk_asks_and_cannot_book(client, app, site, monkeypatch):
    with app.app_context():
        limits = {"usual_gap_days": 2, "provider_over_days": 3, "screen_over_days": 28, "append_below_days": 28}
        rules = {f"miss_{name}": value for name, value in {**limits, "worse_points": 5}.items()}
        order_id, keys = a_begun_series(site, protocol_id=factories.a_protocol(name="With misses", **rules))
        at, desk = CAUSES["missed"](site, keys), factories.a_desk()
    monkeypatch.setattr(access, "now", lambda: at)
    client.sign_in(desk, now=at)
    page = client.get(page_of(order_id))
    assert "The provider has to look first" in page and "Book plan A" not in page
    (text,) = TestWithoutAPlan().reasons(page, "Ask the provider")
    asked = client.submit(f"{page_of(order_id)}/ask", {"reason": text})
    assert "Not answered yet." in asked and "Ask the provider" not in asked
    with app.app_context():
        found = replanning.propose(order_id, now=at)
        slots = [[slot.day.isoformat(), slot.start, slot.chair] for slot in found.rest_slots(found.found)]
        before, token = live(order_id), found.rest.token
    form = {"slots": json.dumps(slots), "token": token, "request_key": "01920000-0000-7000-8000-000000000001"}
    assert "The provider has to look first" in client.post(page_of(order_id), form, status=422)
    with app.app_context():
        assert live(order_id) == before


def test_a_series_that_is_not_booked_leads_to_where_it_is_laid_out(client, app, site):
    with app.app_context():
        from tests.services.bookings import an_order_to_book

        order_id = an_order_to_book(site)
    assert client.get(page_of(order_id), status=302).location.endswith(f"/desk/series/{order_id}")


@pytest.mark.parametrize("role", [Role.NURSE, Role.PROVIDER, Role.MANAGER, Role.MEDICAL_DIRECTOR])
def test_only_the_desk_replans(app: Flask, begun, role: Role):
    visitor = Client(app)
    with app.app_context():
        account_id = factories.an_account(role)
    visitor.sign_in(account_id, now=AFTER_FIRST)
    visitor.get(page_of(begun), status=403)
    visitor.post(page_of(begun), {}, status=403)


def test_a_key_that_nobody_has_is_not_found(client, site):
    client.get("/desk/series/01920000-0000-7000-8000-000000000000/replan", status=404)
