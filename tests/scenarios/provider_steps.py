"""What a provider does: claims, reads the chart, signs the visit, decides, signs the order."""

from __future__ import annotations

from playwright.sync_api import expect

from intake.domain.roles import Role
from tests.scenarios.patient_steps import press
from tests.scenarios.settings import Setting

PROVIDER = Role.PROVIDER


def when_a_provider_claims_the_consultation(setting: Setting) -> None:
    """Sign in, find the patient in the queue, claim."""
    page = setting.sign_in_staff(PROVIDER)
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    page.get_by_role("link", name="Rivera, Ana").first.click()
    press(page, "Claim this consultation")


def then_the_chart_shows_verdicts_and_findings(setting: Setting) -> None:
    """Two adequate failed trials, the finding of the medicine, the PHQ-9 and its alert."""
    story = setting.page(PROVIDER.value).get_by_role("main")
    expect(story.locator(".verdict")).to_have_text(["adequate, failed", "adequate, failed"])
    for words in ("lorazepam", "17 of 27", "Two adequate failed trials in this episode", "Benzodiazepines, daily"):
        expect(story).to_contain_text(words)


def when_the_provider_signs_the_visit(setting: Setting) -> None:
    """The evaluation visit, signed with a code."""
    page = setting.page(PROVIDER.value)
    page.get_by_role("link", name="Record the evaluation visit").click()
    for name, value in {"held_as": "in-person", "asa_class": "2", "airway_class": "1", "suicide_risk": "low"}.items():
        page.locator(f"input[name={name}][value='{value}']").check()
    page.get_by_label("Diagnosis").select_option("F33.2")
    for label, text in {"Weight": "81.6", "Upper": "128", "Lower": "82", "Heart rate": "72", "Oxygen": "98"}.items():
        page.get_by_label(label).first.fill(text)
    page.get_by_label("Prescription monitoring checked on").fill(f"{setting.clock.at:%Y-%m-%d}")
    page.locator("#pdmp_time").fill("08:30")
    page.get_by_label("Plan", exact=True).fill("Six infusions, twice weekly.")
    page.get_by_label("Code of your second factor").fill(setting.code(PROVIDER))
    press(page, "Sign the evaluation visit")
    expect(page.get_by_role("main")).to_contain_text("The evaluation visit is signed.")


def when_the_provider_accepts(setting: Setting) -> None:
    """The decision."""
    page = setting.page(PROVIDER.value)
    page.get_by_role("link", name="Decide", exact=True).click()
    page.locator("input[name=kind][value=accepted]").check()
    press(page, "Record the decision")
    expect(page.get_by_role("main")).to_contain_text("Accepted by")


def when_the_provider_signs_the_order(setting: Setting) -> None:
    """Twice weekly over three weeks, half a milligram per kilogram, with a fresh code."""
    page = setting.page(PROVIDER.value)
    page.get_by_role("link", name="Write the order").click()
    page.get_by_role("radio", name="twice weekly").check()
    page.get_by_label("Code of your second factor").fill(setting.code(PROVIDER))
    press(page, "Sign the order")
    expect(page.get_by_role("main")).to_contain_text("The order is signed.")
