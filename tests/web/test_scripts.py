"""The scripts in a real browser, under the real policy."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser import OpenPage, accessibility_faults
from tests.live import LiveServer
from tests.web.scripts_app import Site, serving

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser


@pytest.fixture
def site() -> Site:
    return Site()


@pytest.fixture
def live_server(site: Site) -> Iterator[LiveServer]:
    """The small site takes the place of the whole app."""
    with serving(site) as app:
        yield LiveServer(site.url, app)


def focused(page: Page) -> str:
    return str(page.evaluate("document.activeElement.dataset.visit || document.activeElement.id"))


def open_at_rest(page: Page, path: str) -> None:
    """Open a page whose clock stands still until it is told to run."""
    page.clock.install(time=0)
    page.goto(path)
    page.clock.pause_at(10)


def test_the_combobox_is_worked_by_keyboard(page):
    page.goto("/question")
    field = page.get_by_role("combobox", name="Medicine")
    field.press_sequentially("zol")  # a brand name finds its medicine
    assert field.get_attribute("aria-expanded") == "true"
    assert field.get_attribute("aria-activedescendant") is None
    field.press("ArrowDown")
    assert page.locator("#" + str(field.get_attribute("aria-activedescendant"))).inner_text().split() == [
        "sertraline",
        "Zoloft",
    ]
    assert accessibility_faults(page) == []
    field.press("Enter")
    assert (field.input_value(), field.get_attribute("aria-expanded")) == ("sertraline", "false")
    assert page.url.endswith("/question")


def test_the_combobox_lets_anything_be_typed(page):
    page.goto("/question")
    field = page.get_by_role("combobox")
    field.press_sequentially("ven")
    field.press("Escape")
    assert (field.input_value(), field.get_attribute("aria-expanded")) == ("ven", "false")
    field.press_sequentially("om")
    field.press("Tab")
    assert field.input_value() == "venom"


def test_the_combobox_sends_nothing_of_what_is_typed(page, site):
    page.goto("/question?source=/names")
    page.get_by_role("combobox").press_sequentially("wellb")
    page.get_by_role("option", name="bupropion Wellbutrin").click()
    assert page.get_by_role("combobox").input_value() == "bupropion"
    assert [path for _, path, _ in site.asked if "names" in path] == ["/question?source=/names", "/names"]


@pytest.mark.parametrize("typed", ["zolft", "zolloft", "zlooft"])
def test_the_combobox_finds_a_misspelled_name_and_leaves_the_choice(page, typed):
    page.goto("/question?source=/names")
    field = page.get_by_role("combobox")
    field.press_sequentially(typed)
    expect(page.get_by_role("option")).to_have_text(["Zoloft"])  # the list of names arrives when it does
    assert field.input_value() == typed


def test_the_combobox_finds_nothing_for_random_letters(page):
    page.goto("/question?source=/names")
    page.get_by_role("combobox").press_sequentially("xqwvkz")
    assert page.get_by_role("option").count() == 0


@pytest.mark.parametrize("typed", ["celexa", "celebrex", "celebrexa"])
def test_the_combobox_never_shows_one_of_two_look_alikes_alone(page, typed):
    page.goto("/question?source=/names")
    page.get_by_role("combobox").press_sequentially(typed)
    shown = sorted(" ".join(text.split()) for text in page.get_by_role("option").all_inner_texts())
    assert shown == ["Celebrex celecoxib, pain", "Celexa citalopram, depression"]


def test_a_draft_is_saved_two_seconds_after_the_last_key(page, site):
    open_at_rest(page, "/question")
    page.get_by_role("combobox").press_sequentially("lithium")
    page.clock.run_for(1900)
    assert site.posts("/save") == []
    page.clock.run_for(200)
    page.get_by_text("saved 10:42").wait_for()
    assert [sent["medicine"] for sent in site.posts("/save")] == ["lithium"]
    assert page.locator("[name=version]").input_value() == "2"


def test_a_save_that_failed_is_said_and_tried_again(page, site):
    site.save_status = 500
    open_at_rest(page, "/question")
    page.get_by_role("combobox").fill("lithium")
    page.clock.run_for(2100)
    page.get_by_text("Not saved yet.").wait_for()
    site.save_status = 200
    page.clock.run_for(5100)
    page.get_by_text("saved 10:42").wait_for()
    assert [sent["medicine"] for sent in site.posts("/save")] == ["lithium", "lithium"]
    assert page.get_by_role("combobox").input_value() == "lithium"


def test_a_second_tab_stops_the_saving_and_keeps_the_text(page, site):
    site.save_status = 409
    open_at_rest(page, "/question")
    page.get_by_role("combobox").fill("lithium")
    page.clock.run_for(2100)
    page.get_by_text("This page was changed in another tab.").wait_for()
    page.get_by_role("combobox").fill("lithium carbonate")
    page.clock.run_for(60_000)
    assert len(site.posts("/save")) == 1
    assert page.get_by_role("combobox").input_value() == "lithium carbonate"


def test_help_appears_with_the_answer_is_saved_at_once_and_stays(page, site):
    page.goto("/question")
    help_box = page.locator("#help")
    assert not help_box.is_visible()
    page.get_by_label("Several days").check()
    help_box.wait_for(state="visible")
    page.get_by_text("saved 10:42").wait_for(timeout=1500)
    assert site.posts("/save")[0]["item"] == "1"
    assert accessibility_faults(page) == []
    page.get_by_label("Not at all").check()
    assert help_box.is_visible()


def test_a_form_pressed_twice_is_sent_once(page, site):
    site.seconds_to_answer = 0.5
    page.goto("/question")
    with page.expect_navigation():
        page.evaluate("""() => {
            const form = document.querySelector("main form");
            form.requestSubmit();
            setTimeout(() => form.requestSubmit(), 100);
        }""")
    assert len(site.posts("/question")) == 1


def test_the_pressed_button_is_sent_with_the_form(page, site):
    page.goto("/question")
    with page.expect_navigation():
        page.get_by_role("button", name="Save and finish later").click()
    assert [sent.get("later") for sent in site.posts("/question")] == ["1"]


def refresh(page: Page, status: int) -> None:
    """Let twenty seconds pass and wait until the answer has been dealt with."""
    page.evaluate("document.querySelector('[data-refreshed]').textContent = ''")
    with page.expect_response("**/fragment") as answer:
        page.clock.run_for(20_100)
    assert answer.value.status == status
    page.get_by_text("up to date").wait_for()


def test_the_board_is_filled_anew_only_when_something_changed(page, site):
    open_at_rest(page, "/board")
    refresh(page, 200)
    page.evaluate("document.querySelector('[data-board]').dataset.same = 'yes'")
    refresh(page, 304)
    assert page.locator("[data-same]").count() == 1
    page.focus("[data-visit=Ben]")
    site.board_names.append("Dora")
    page.clock.run_for(20_100)
    page.locator("[data-visit=Dora]").wait_for()
    assert focused(page) == "Ben"
    assert "up to date" in page.locator("[data-refreshed]").inner_text()


def test_what_a_fragment_brings_runs_no_script(open_page: OpenPage, site):
    page = open_page()
    open_at_rest(page, "/board")
    site.extra = "<script>window.ran = true</script><p data-new>new</p>"
    page.clock.run_for(20_100)
    page.locator("[data-new]").wait_for()
    assert page.evaluate("window.ran") is None


def test_keys_reach_the_board_but_not_what_is_being_typed(page):
    page.goto("/board")
    page.keyboard.press("/")
    assert focused(page) == "q"
    page.keyboard.type("n/?")
    assert page.locator("#q").input_value() == "n/?"
    page.focus("[data-visit=Ana]")
    walked = []
    for key in ("ArrowDown", "ArrowRight", "ArrowLeft", "ArrowUp"):
        page.keyboard.press(key)
        walked.append(focused(page))
    assert walked[:2] == ["Ben", "Cleo"]
    assert walked[2:] == ["Ana", "Ana"]
    page.keyboard.press("?")
    assert page.locator("dialog[data-help]").is_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("n")
    page.wait_for_url("**/booked")


def test_a_visit_opens_in_a_drawer_and_its_form_goes_to_its_own_page(page, site):
    page.goto("/board")
    page.focus("[data-visit=Ben]")
    page.keyboard.press("Enter")
    drawer = page.get_by_role("dialog", name="Visit Ben")
    drawer.wait_for()
    assert accessibility_faults(page) == []
    page.keyboard.press("Escape")
    drawer.wait_for(state="detached")
    assert focused(page) == "Ben"
    page.keyboard.press("Enter")
    drawer.get_by_role("button", name="Arrived").click()
    page.wait_for_url("**/visit/Ben")
    assert len(site.posts("/visit/Ben")) == 1
