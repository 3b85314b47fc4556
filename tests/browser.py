"""A real Chromium: the system's own, driven by Playwright. Fixtures `chromium`, `open_page`, `page`.

A test that uses one of them marks itself `@pytest.mark.browser`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest

from tests.machine import find_chromium, refuse

if TYPE_CHECKING:
    from playwright.sync_api import Browser, ConsoleMessage, Page

    from tests.live import LiveServer

PHONE = {"width": 390, "height": 844}
DESKTOP = {"width": 1280, "height": 900}
ARGUMENTS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-dev-shm-usage")
PATIENCE_MS = 10_000
OpenPage = Callable[..., "Page"]


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The browser, started once per test process."""
    from playwright.sync_api import sync_playwright

    path = find_chromium()
    if path is None:
        refuse("chromium", "Chromium is not installed")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(ARGUMENTS))
        yield browser
        browser.close()


@pytest.fixture
def open_page(chromium: Browser, live_server: LiveServer) -> Iterator[OpenPage]:
    """Open a page as a person of its own: `open_page(viewport=PHONE, java_script_enabled=False, color_scheme="dark")`.

    At the end nothing may stand in the console: a script that failed and what the content policy refused are found so.
    """
    complaints: list[str] = []
    contexts = []

    def open_one(**options: Any) -> Page:
        settings = {
            "viewport": DESKTOP,
            "locale": "en-US",
            "timezone_id": "America/Denver",
            "base_url": live_server.url,
        }
        context = chromium.new_context(**(settings | options))
        contexts.append(context)
        context.set_default_timeout(PATIENCE_MS)
        page = context.new_page()
        page.on("console", lambda message: _note(complaints, message))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        return page

    yield open_one
    for context in contexts:
        context.close()
    assert not complaints, "the browser complained:\n" + "\n".join(complaints)


@pytest.fixture
def page(open_page: OpenPage) -> Page:
    """One page with script on a wide screen."""
    return open_page()


def _note(complaints: list[str], message: ConsoleMessage) -> None:
    if message.type == "error" and not message.text.startswith("Failed to load resource: the server responded"):
        complaints.append(message.text)  # an answer like 422 is no fault of the page


def accessibility_faults(page: Page) -> list[str]:
    """What axe finds on the page as it stands, one line for each element; empty when all is well."""
    from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]

    found = Axe().run(page).response["violations"]
    return [f"{rule['id']}: {node['target']} {rule['help']}" for rule in found for node in rule["nodes"]]


def sideways_scroll(page: Page) -> int:
    """How many pixels the page is wider than its window; 0 when a phone need not scroll sideways."""
    return int(page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))
