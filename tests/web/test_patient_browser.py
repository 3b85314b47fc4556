"""What only a browser shows: saving while typing, the list under the field, help the moment it is needed."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING
from uuid import UUID

import pytest
from sqlalchemy import select

from intake.extensions import db, transaction
from intake.models.consultations import Draft
from intake.models.people import Account
from intake.models.scores import Alert
from intake.queries import consultations
from intake.services import sessions
from tests import factories
from tests.browser import PHONE, OpenPage, accessibility_faults, sideways_scroll
from tests.live import LiveServer

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser


@pytest.fixture
def patient_id(live_server: LiveServer) -> UUID:
    """A patient with an open form."""
    with live_server.app.app_context():
        made = factories.a_patient(factories.a_site())
        factories.a_consultation(made)
        return made


@pytest.fixture
def page(open_page: OpenPage, live_server: LiveServer, patient_id: UUID) -> Page:
    """That patient's phone, signed in."""
    opened: Page = open_page(viewport=PHONE)
    app = live_server.app
    with app.app_context():
        account_id = factories.account_of(patient_id)
        with transaction() as session:
            account = session.get_one(Account, account_id)
            token = sessions.begin(session, account, browser="Test", second_factor=False, now=datetime.now(UTC))
    serializer = app.session_interface.get_signing_serializer(app)
    opened.context.add_cookies([{"name": "intake", "value": serializer.dumps({"sid": token}), "url": live_server.url}])
    return opened


def drafts(live_server: LiveServer) -> list[dict[str, object]]:
    with live_server.app.app_context():
        rows = db.session.scalars(select(Draft))
        return [dict(consultations.part_of(row, next(iter(row.body["parts"]))).answers) for row in rows]


def test_a_medicine_is_picked_typed_and_saved_meanwhile(page: Page, live_server: LiveServer) -> None:
    page.goto("/patient/trials/new")
    page.fill("#treatment", "zol")
    page.locator("[role=option]").first.wait_for()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    assert page.input_value("#treatment") == "Zoloft"
    page.get_by_text("saved ").wait_for()
    assert [one["treatment"] for one in drafts(live_server)] == ["Zoloft"]
    page.fill("#doses-0-mg_per_day", "100")
    page.fill("#doses-0-start", "spring 2019")
    page.fill("#doses-0-stop", "fall 2019")
    page.get_by_role("button", name="Save and continue").click()
    page.get_by_role("heading", name="What Zoloft did").wait_for()  # the save does not meet its own autosave
    assert len(drafts(live_server)) == 1


def test_help_opens_with_the_answer_and_the_alert_is_raised_without_a_press(
    page: Page, live_server: LiveServer
) -> None:
    page.goto("/patient/mood")
    assert page.locator("#crisis-help").is_hidden()
    page.check("input[name=item_9][value='1']")
    page.get_by_role("heading", name="Thank you for telling us").wait_for()
    page.get_by_text("saved ").wait_for()
    page.check("input[name=item_9][value='0']")
    assert page.locator("#crisis-help").is_visible()  # nobody takes it away again
    with live_server.app.app_context():
        assert len(list(db.session.scalars(select(Alert)))) == 1
    assert not accessibility_faults(page)


def test_a_refused_page_puts_the_focus_on_its_errors(page: Page) -> None:
    page.goto("/patient/trials/new")
    page.fill("#treatment", "Zoloft")
    page.fill("#doses-0-mg_per_day", "37,5")
    page.get_by_role("button", name="Save and continue").click()
    summary = page.locator("[data-error-summary]")
    summary.wait_for()
    assert page.evaluate("document.activeElement.hasAttribute('data-error-summary')")
    assert not accessibility_faults(page)
    assert sideways_scroll(page) == 0


def test_a_second_window_is_asked_and_loses_nothing(page: Page) -> None:
    page.goto("/patient/reason")
    page.fill("#began", "2024")
    page.fill("#hopes", "from the first window")
    other = page.context.new_page()
    other.goto("/patient/reason")
    page.get_by_role("button", name="Save and finish later").click()
    page.get_by_role("heading", name="Hello Ana").wait_for()
    other.fill("#hopes", "from the second window")
    other.get_by_role("button", name="Save and continue").click()
    other.get_by_role("heading", name="This was changed in another window").wait_for()
    assert not accessibility_faults(other)
    other.get_by_role("button", name="Keep what I just wrote").click()
    other.wait_for_url("**/patient/reason")
    assert other.input_value("#hopes") == "from the second window"
