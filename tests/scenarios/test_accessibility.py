"""Every page as axe sees it, on a phone and on a desk, light and dark; and no page is wider than a small phone.

A page is opened once and looked at four times. The console stays empty too: `open_page` sees to that.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal, NoReturn

import pytest
from flask import abort
from flask_wtf.csrf import CSRFError

from tests.browser import DESKTOP, PHONE, OpenPage, accessibility_faults, sideways_scroll
from tests.live import LiveServer
from tests.web import world
from tests.web.client import Client
from tests.web.walking import AREAS, area_of, arguments_of, looks_of, rules_of
from tests.web.worlds import START, stopped_clock

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser
SMALL = {"width": 320, "height": 640}
SIZES = {"phone": PHONE, "desk": DESKTOP}
Scheme = Literal["light", "dark"]
View = tuple[str, Scheme]
ALL_VIEWS: tuple[View, ...] = (("phone", "light"), ("phone", "dark"), ("desk", "dark"), ("desk", "light"))
ERRORS = (400, 403, 404, 413, 415, 422, 429, 500, 503, "stale")
OWN_FORM = "main form[method=post]:not([action]), main form[action$='/wishes']"
"""The form that a page is about; buttons that post have an address of their own."""
SPOIL_AND_SEND = """form => {
  for (const field of form.elements) {
    if (field.type === "radio" || field.type === "checkbox") field.checked = false;
    else if (field.type !== "hidden" && field.tagName !== "BUTTON") field.value = "?";
  }
  form.requestSubmit();
}"""
NOTHING_TO_REFUSE = frozenset({"booked", "manager"})
NO_PAGES = frozenset({"patient.treatment_names", "patient.medicine_names", "desk.board_fragment"})
"""Addresses that answer a script."""
FILES = frozenset({"manage.simulation_plot", "patient.all_as_calendar", "patient.one_as_calendar"})
WHO = {
    "filling": ("filling",),
    "returned": ("returned",),
    "booked": ("booked",),
    "provider": ("in-review", "midway", "treated"),
    "desk": ("ordered", "booked", "treated", "midway"),
    "manager": (),
    "nobody": (),
}
"""Somebody, and the patients whose pages are opened."""


@pytest.fixture
def clinic(live_server: LiveServer) -> Iterator[world.World]:
    """The whole clinic behind the live server, with a page for every error."""
    live_server.app.add_url_rule("/broken/<int:status>", "broken", lambda status: abort(status))
    live_server.app.add_url_rule("/broken/stale", "stale", stale)
    with stopped_clock() as clock:
        with live_server.app.app_context():
            made = world.build(clock.at)
        yield made


def stale() -> NoReturn:
    """What a form answers whose token does not fit."""
    raise CSRFError("stale")


def signed_in(live_server: LiveServer, page: Page, clinic: world.World, who: str) -> Client:
    """The same person in the browser and in a client that is used to look ahead."""
    client = Client(live_server.app)
    if who != "nobody":
        client.sign_in(clinic.account(who), now=START)
        cookie = client._client.get_cookie("intake")
        assert cookie is not None
        page.context.add_cookies([{"name": "intake", "value": cookie.value, "url": live_server.url}])
    return client


def paths_of(live_server: LiveServer, client: Client, clinic: world.World, who: str) -> list[str]:
    """The pages that answer with one; an address that only leads on is left out."""
    roles = {who} if who in clinic.staff else {"patient"} if who != "nobody" else set()
    areas = {name for name, allowed in AREAS.items() if allowed & roles}
    areas |= {"account", "public"} if who == "nobody" else set()
    values = [arguments_of(clinic.people[step]) for step in WHO[who] or ("booked",)]
    rules = [rule for rule in rules_of(live_server.app, method="GET") if area_of(rule) in areas]
    shown = [rule for rule in rules if rule.endpoint not in NO_PAGES | FILES]
    paths = [path for rule in shown for one in values for path in looks_of(rule, one)]
    return [path for path in dict.fromkeys(paths) if client.open("GET", path).status_code == 200]


def look(page: Page, where: str, views: tuple[View, ...] = ALL_VIEWS) -> list[str]:
    """What axe and the ruler find on the page that is open, in every size and both schemes."""
    found = []
    for size, scheme in views:
        page.set_viewport_size(SIZES[size])  # type: ignore[arg-type]  # a plain dictionary
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # nothing is halfway from dark to light
        found += [f"{where}, {size}, {scheme}: {fault}" for fault in accessibility_faults(page)]
    page.set_viewport_size(SMALL)  # type: ignore[arg-type]
    too_wide = sideways_scroll(page)
    return found + ([f"{where} is {too_wide} px wider than a small phone"] if too_wide else [])


def refuse(page: Page, path: str) -> bool:
    """Spoil the form of a page and send it; whether the page came back with its faults."""
    page.goto(path)
    if not page.locator(OWN_FORM).count():
        return False
    with page.expect_navigation():
        page.locator(OWN_FORM).first.evaluate(SPOIL_AND_SEND)
    return page.locator("[data-error-summary]").count() > 0


@pytest.mark.parametrize("who", WHO)
def test_every_page_can_be_used_by_everybody(
    live_server: LiveServer, open_page: OpenPage, clinic: world.World, who: str
) -> None:
    page = open_page()
    client = signed_in(live_server, page, clinic, who)
    paths, faults = paths_of(live_server, client, clinic, who), []
    broken = ["/account/sign-out", *(f"/broken/{error}" for error in ERRORS)]
    for path in paths + (broken if who == "nobody" else []):
        page.goto(path)
        faults += look(page, path)
    assert paths
    assert faults == []


@pytest.mark.parametrize("who", [who for who in WHO if who not in NOTHING_TO_REFUSE])
def test_a_refused_form_can_be_used_by_everybody(
    live_server: LiveServer, open_page: OpenPage, clinic: world.World, who: str
) -> None:
    page = open_page()
    client = signed_in(live_server, page, clinic, who)
    faults: list[str] = []
    refused = 0
    for path in reversed(paths_of(live_server, client, clinic, who)):  # effects before the courses that they hang on
        if refuse(page, path):
            refused += 1
            faults += look(page, f"{path}, refused", (("phone", "light"), ("desk", "dark")))
    assert refused > 2
    assert faults == []
