"""What the desk does: lays out the series, books it, and takes the patient through each day."""

from __future__ import annotations

from datetime import datetime, timedelta

from playwright.sync_api import Page, expect
from sqlalchemy import select

from intake.domain.roles import Role
from intake.extensions import current_session
from intake.models.appointments import Appointment
from tests.scenarios.patient_steps import press
from tests.scenarios.settings import Setting

DESK = Role.DESK


def when_the_desk_lays_out_the_series(setting: Setting) -> None:
    """Sign in, pick the patient with an open order, enter days and hours and the driver."""
    page = setting.sign_in_staff(DESK)
    page.get_by_role("link", name="Book a series").click()
    page.get_by_role("link", name="Lay out the series Rivera, Ana").click()
    for day in ("mon", "tue", "thu", "fri"):
        page.locator(f"input[name={day}-when][value=all-day]").check()
    page.locator("input[name=wed-when][value=not]").check()
    page.locator("input[name=pickup_from]").fill("11 am")
    page.locator("input[name=pickup_to]").fill("5 pm")
    press(page, "Show plans")


def then_three_plans_stand_side_by_side(setting: Setting) -> None:
    """The best one and two others, each with what it costs."""
    page = setting.page(DESK.value)
    expect(page.locator("section.plan")).to_have_count(3)
    expect(page.locator("section.plan").first).to_contain_text("Plan A")


def when_the_desk_books_all_six(setting: Setting) -> None:
    """Of the best plan, in one press."""
    page = setting.page(DESK.value)
    press(page, "Book all six of plan A")
    expect(page.locator(".visit-row")).to_have_count(6)
    expect(page.get_by_role("main")).to_contain_text("Booked.")


def infusions(setting: Setting) -> list[datetime]:
    """When the six begin."""
    with setting.server.app.app_context():
        rows = select(Appointment.starts_at).order_by(Appointment.number)
        return list(current_session().scalars(rows))


def when_the_day_of_an_infusion_goes_by(setting: Setting, starts_at: datetime) -> None:
    """Arrived, checked in, done: one press each on that day's board."""
    setting.clock.at = starts_at - timedelta(minutes=6)
    page = setting.sign_in_staff(DESK)
    for label, word in (("Arrived", "arrived"), ("Checked in", "checked in"), ("Done", "done")):
        _press_in_list(page, label)
        expect(page.locator(".day-line .day-state")).to_contain_text(word)
        setting.later(minutes=4)


def when_somebody_is_marked_by_mistake_it_is_undone(setting: Setting, starts_at: datetime) -> None:
    """One press back."""
    setting.clock.at = starts_at - timedelta(minutes=20)
    page = setting.sign_in_staff(DESK)
    _press_in_list(page, "Arrived")
    _press_in_list(page, "Undo")
    expect(page.locator(".day-line .day-state")).to_contain_text("booked")


def then_booster_windows_are_due(setting: Setting) -> None:
    """On the page of the series, reckoned from the order."""
    page = setting.page(DESK.value)
    page.locator(".day-who a").first.click()
    if setting.has_script:
        page.goto(page.locator(".day-who a").first.get_attribute("href") or "")
    page.get_by_role("link", name="The whole series").click()
    expect(page.get_by_role("main")).to_contain_text("Due windows")
    expect(page.locator("table tbody tr").first).to_be_visible()


def _press_in_list(page: Page, label: str) -> None:
    page.locator(".day-line").get_by_role("button", name=label).click()
