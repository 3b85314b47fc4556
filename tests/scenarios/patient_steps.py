"""What a patient does: asks, signs in, fills in the form, sends it, looks at the appointments."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from playwright.sync_api import expect

from tests.scenarios.settings import Setting

if TYPE_CHECKING:
    from playwright.sync_api import Page

EMAIL = "ana.rivera@example.org"
MEDICINE = "lorazepam"


def when_somebody_asks_for_a_consultation(setting: Setting) -> None:
    """From the home page to the page that says to look at the e-mail."""
    page = setting.page("patient")
    page.goto("/")
    page.get_by_role("link", name="Request a consultation").first.click()
    page.get_by_label("First name").fill("Ana")
    page.get_by_label("Last name").fill("Rivera")
    for part, text in (("Month", "3"), ("Day", "14"), ("Year", "1985")):
        page.get_by_label(part, exact=True).fill(text)
    page.get_by_label("E-mail address").fill(EMAIL)
    page.get_by_label("Telephone").fill("303 555 0142")
    for name in ("reason", "reach_by", "reach_when"):
        page.locator(f"input[name={name}]").first.check()
    page.get_by_label("Where would you like to come?").select_option(label="Denver")
    press(page, "Send the request")
    expect(page).to_have_url(f"{setting.server.url}/request/sent")


def when_the_patient_uses_the_link(setting: Setting) -> None:
    """Open the link that came by e-mail and press the button."""
    page = setting.page("patient")
    page.goto(setting.sign_in_link(EMAIL))
    press(page, "Sign in")
    expect(page).to_have_url(f"{setting.server.url}/patient/")


def when_the_patient_asks_for_another_link(setting: Setting) -> None:
    """Sign in again, on another day."""
    page = setting.page("patient")
    page.goto("/account/sign-in")
    page.get_by_label("E-mail address").fill(EMAIL)
    page.locator("main form button").first.click()
    when_the_patient_uses_the_link(setting)


def when_the_patient_fills_in_everything(setting: Setting) -> None:
    """Every page of the form, in the order in which they follow each other."""
    page = setting.page("patient")
    page.get_by_role("link", name="Continue").click()
    _about_you(page)
    page.get_by_label("When did it begin this time?").fill("spring 2025")
    press(page, "Save and continue")
    page.get_by_role("link", name="Add a medicine").click()
    _trial(page, "Zoloft", "100", "spring 2025", "fall 2025")
    page.get_by_role("link", name="Add another medicine").click()
    _trial(page, "venlafaxine", "150", "January 2026", "June 2026")
    _that_is_everything(page)
    page.get_by_role("link", name="Add a medicine").click()
    _medicine(page)
    _that_is_everything(page)


def when_the_patient_answers_that_thoughts_of_self_harm_came_up(setting: Setting) -> None:
    """The PHQ-9 with "several days" for item 9; everything else "more than half the days"."""
    page = setting.page("patient")
    for item in range(1, 9):
        page.locator(f"input[name=item_{item}][value='2']").check()
    page.locator("input[name=item_9][value='1']").check()


def then_help_is_shown_at_once(setting: Setting) -> None:
    """With script beside the question, before anything is sent; without it on the page that comes next."""
    page = setting.page("patient")
    if setting.has_script:
        expect(page.locator("#crisis-help")).to_be_visible()
        expect(page.locator("#crisis-help")).to_contain_text("988")
    page.locator("input[name=item_difficulty]").first.check()
    press(page, "Save and continue")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    assert page.url.endswith("/patient/help?after=next")
    expect(page.get_by_role("main")).to_contain_text("988")
    page.get_by_role("link", name="Continue").click()


def when_the_patient_checks_signs_and_sends(setting: Setting) -> None:
    """Every answer stands on the check page; then a name, a tick and the button."""
    page = setting.page("patient")
    for words in ("Rivera", "Zoloft", "venlafaxine", MEDICINE, "spring 2025"):
        expect(page.get_by_role("main")).to_contain_text(words)
    page.get_by_role("link", name="Continue: sign and send").click()
    page.get_by_label("I agree").check()
    page.get_by_label("Type your full name to sign").fill("Ana Rivera")
    press(page, "Send my answers")
    expect(page.get_by_role("heading", level=1)).to_have_text("Your answers are here")


def then_going_back_sends_nothing_twice(setting: Setting) -> None:
    """The back button shows the form again; sending it changes nothing."""
    page = setting.page("patient")
    page.go_back()
    page.goto("/patient/sign")
    expect(page.get_by_role("button", name="Send my answers")).to_have_count(0)


def then_the_patient_sees_six_appointments(setting: Setting, folder: Path) -> bytes:
    """On the page of appointments; returns the calendar file that it offers."""
    page = setting.page("patient")
    page.goto("/patient/appointments")
    expect(page.locator(".visit-row")).to_have_count(6)
    with page.expect_download() as download:
        page.get_by_role("link", name="Add all to your calendar").click()
    path = folder / "appointments.ics"
    download.value.save_as(path)
    return path.read_bytes()


def press(page: Page, name: str) -> None:
    """Press a button by its words."""
    page.get_by_role("button", name=name, exact=True).click()


def _about_you(page: Page) -> None:
    expect(page.get_by_label("First name, as on your ID")).to_have_value("Ana")
    page.get_by_role("radio", name="Female", exact=True).check()
    press(page, "Save and continue")
    page.locator("[name=may_leave_message]").first.check()
    page.get_by_label("Your address").fill("12 Elm Street\nDenver, CO 80203")
    press(page, "Save and continue")
    page.locator("[name=place_in_calendar][value=no]").check()
    page.locator("[name=preparation_in_messages][value=yes]").check()
    press(page, "Save and continue")


def _trial(page: Page, name: str, mg: str, start: str, stop: str) -> None:
    page.locator("input[name=treatment]").fill(name)
    page.get_by_label("Dose in a day").fill(mg)
    page.get_by_label("Started").fill(start)
    page.get_by_label("Stopped", exact=True).fill(stop)
    press(page, "Save and continue")
    chosen = {"adherence": "good", "improvement": "little", "wore_off": "no"}
    chosen |= {"stop_reason": "no benefit", "episode": "current"}
    for field, value in chosen.items():
        page.locator(f"input[name={field}][value='{value}']").check()
    press(page, "Save and continue")


def _medicine(page: Page) -> None:
    page.locator("input[name=name]").fill(MEDICINE)
    page.get_by_label("How much do you take each time?").fill("1 mg")
    page.get_by_label("How often?").select_option("twice-daily")
    page.locator("input[name=last_taken][value=yesterday]").check()
    page.get_by_label("What do you take it for?").fill("Sleep")
    press(page, "Save and continue")


def _that_is_everything(page: Page) -> None:
    page.locator("input[name=everything][value=yes]").check()
    press(page, "Save and continue")
