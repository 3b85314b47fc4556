"""What only a browser shows of the desk's pages: what fits on which screen."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

import pytest

from intake.extensions import transaction
from intake.models.people import Account
from intake.services import sessions
from tests import factories
from tests.browser import DESKTOP, PHONE, OpenPage, accessibility_faults, sideways_scroll
from tests.live import LiveServer
from tests.web.desk import an_open_order
from tests.web.worlds import START, stopped_clock

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser


@pytest.fixture(autouse=True)
def _clock():
    with stopped_clock():
        yield


@pytest.fixture
def order_id(live_server: LiveServer) -> UUID:
    """An order whose plans are shown."""
    with live_server.app.app_context():
        site = factories.a_site(name="Denver")
    return an_open_order(live_server.app, site, wishes=True)


def signed_in(open_page: OpenPage, live_server: LiveServer, now: datetime = START, **options: object) -> Page:
    """Somebody of the front desk at a screen."""
    page: Page = open_page(**options)
    app = live_server.app
    with app.app_context():
        desk_id = factories.a_desk()
        with transaction() as session:
            account = session.get_one(Account, desk_id)
            token = sessions.begin(session, account, browser="Test", second_factor=True, now=now)
    serializer = app.session_interface.get_signing_serializer(app)
    page.context.add_cookies([{"name": "intake", "value": serializer.dumps({"sid": token}), "url": live_server.url}])
    return page


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_three_plans_over_four_weeks_fit_a_wide_screen_whole(open_page, live_server, order_id, scheme):
    page = signed_in(open_page, live_server, viewport=DESKTOP, color_scheme=scheme)
    page.goto(f"/desk/series/{order_id}")
    assert page.locator(".strip thead th").count() >= 16
    hidden = page.locator(".strip-scroll").evaluate("strip => strip.scrollWidth - strip.clientWidth")
    assert hidden == 0
    assert accessibility_faults(page) == []


def test_a_day_without_any_visit_is_narrower_than_one_with_a_visit(open_page, live_server, order_id):
    page = signed_in(open_page, live_server, viewport={"width": 1000, "height": 900})
    page.goto(f"/desk/series/{order_id}")
    width = "cells => Math.max(...cells.map(cell => cell.offsetWidth))"
    idle = page.locator(".strip thead th:not(.busy):not(:first-child)").evaluate_all(width)
    busy = page.locator(".strip thead th.busy").evaluate_all(width)
    assert idle < busy


def test_a_strip_that_scrolls_fades_at_its_edge(open_page, live_server, order_id):
    page = signed_in(open_page, live_server, viewport={"width": 700, "height": 900})
    page.goto(f"/desk/series/{order_id}")
    strip = page.locator(".strip-scroll")
    assert strip.evaluate("strip => strip.scrollWidth > strip.clientWidth")
    assert "gradient" in strip.evaluate("strip => getComputedStyle(strip).backgroundImage")


def test_a_phone_shows_the_plans_and_no_strip(open_page, live_server, order_id):
    page = signed_in(open_page, live_server, viewport=PHONE)
    page.goto(f"/desk/series/{order_id}")
    assert page.locator(".strip").is_hidden()
    assert page.locator(".plan").count() == 3
    assert sideways_scroll(page) == 0


def test_the_head_of_the_board_is_one_line_on_a_wide_screen(open_page, live_server, order_id):
    page = signed_in(open_page, live_server, viewport=DESKTOP)
    page.goto(f"/desk/?day={(START + timedelta(days=29)).date()}")
    assert page.locator("h1").inner_text() == "Wednesday, December 30"
    tops = page.locator(".toolbar > *").evaluate_all("parts => parts.map(part => part.getBoundingClientRect().bottom)")
    assert max(tops) - min(tops) < 8
    arrow, words = (
        page.locator(f".days a >> nth=0 >> :scope > *:{one}-child").bounding_box() for one in ("first", "last")
    )
    assert words["x"] - arrow["x"] - arrow["width"] >= 3


def test_whoever_types_hours_means_hours(open_page, live_server, order_id):
    page = signed_in(open_page, live_server, viewport=DESKTOP)
    page.goto(f"/desk/series/{order_id}")
    page.get_by_text("When the patient can come").click()
    for day in ("mon", "tue"):
        page.locator(f"[name={day}-when][value=all-day]").check()
    page.locator("[name=tue-pickup_from]").fill("1 pm")
    assert page.locator("[name=tue-when][value=all-day]").is_checked()
    page.locator("[name=tue-start]").fill("9 am")
    assert page.locator("[name=tue-when][value=hours]").is_checked()
    assert page.locator("[name=mon-when][value=all-day]").is_checked()


def test_a_hold_counts_down_and_says_when_it_is_over(open_page, live_server, order_id):
    page = signed_in(open_page, live_server)
    page.clock.install(time=0)
    page.goto(f"/desk/series/{order_id}")
    page.get_by_role("button", name="Hold these six for 10 minutes").first.click()
    clock = page.get_by_role("timer")
    assert re.fullmatch(r"(10:00|9:5\d) left", clock.inner_text())
    page.clock.run_for(9 * 60_000)
    assert re.fullmatch(r"(1:00|0:5\d) left", clock.inner_text())
    assert accessibility_faults(page) == []
    page.clock.run_for(60_000)
    assert page.get_by_text("The hold has run out. Choose a plan below again.").is_visible()
    assert page.get_by_role("timer").count() == 0
