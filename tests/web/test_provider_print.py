"""A chart on paper: two sheets, whatever is usual in it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tests import factories
from tests.browser import OpenPage
from tests.charts import a_medicine, a_phq9, a_snapshot, a_trial, an_alert
from tests.factories import NOW
from tests.live import LiveServer
from tests.web.client import Client
from tests.web.provider import Case, a_case
from tests.web.worlds import stopped_clock

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser
SHEET = re.compile(rb"/Type\s*/Page\b")
TRIALS: tuple[tuple[str, float | None, tuple[str, str], dict[str, Any]], ...] = (
    ("Zoloft", 100, ("2019-02", "2019-08"), {"side_effects": ["Nausea", "Weight gain"], "note": "Helped at first."}),
    ("citalopram", 20, ("spring 2020", "summer 2020"), {"stop_reason": "side effects"}),
    ("venlafaxine", 225, ("2021-01-04", "2022-03"), {"improvement": "25-49"}),
    ("bupropion", 300, ("2022-04", "2022-12"), {}),
    ("mirtazapine", 15, ("2023-02", "2023-03"), {"stop_reason": "side effects"}),
    ("mystery pill", None, ("2024", "2025"), {"adherence": "unsure"}),
)
MEDICINES = ("Ativan", "lamotrigine", "lisinopril", "tramadol", "omeprazole")


REASON = {
    "page": "reason",
    "title": "Why you come",
    "rows": [
        ["What brings you here", "Depression"],
        ["Since when", "March 2023"],
        ["In your own words", "I have slept badly since the spring and do not see my friends any more. " * 3],
    ],
}


@pytest.fixture
def case(live_server: LiveServer) -> Iterator[Case]:
    """Six trials, five medicines, two PHQ-9s with an open alert, the patient's reason, a signed visit."""
    app = live_server.app
    with stopped_clock(NOW):
        made = a_case(app)
        with app.app_context():
            for position, (name, mg, dates, values) in enumerate(TRIALS):
                a_trial(made.patient, name, mg=mg, dates=dates, position=position, **values)
            for position, name in enumerate(MEDICINES):
                taken: dict[str, Any] = {"dose_text": "20 mg", "mg_per_day": 20, "last_taken": "2026-11-30"}
                a_medicine(made.patient, name, position=position, **taken)
            a_phq9(made.patient, at=NOW - timedelta(days=40))
            a_phq9(made.patient, 3, 3, 2, 2, 1, 3, 2, 1, 0)
            an_alert(made.patient)
            factories.an_evaluation(made.consultation, made.provider)
            a_snapshot(made.consultation, number=2, sections=(REASON,))
        yield made


@pytest.fixture
def page(open_page: OpenPage, live_server: LiveServer, case: Case) -> Page:
    """The browser of the provider who holds the consultation."""
    opened: Page = open_page()
    client = Client(live_server.app)
    client.sign_in(case.provider, now=NOW)
    cookie = client._client.get_cookie("intake")
    assert cookie is not None
    opened.context.add_cookies([{"name": "intake", "value": cookie.value, "url": live_server.url}])
    opened.goto(case.chart)
    return opened


@pytest.mark.parametrize("paper", ["Letter", "A4"])
def test_a_chart_with_six_trials_and_five_medicines_prints_on_two_sheets(page: Page, paper: str) -> None:
    assert page.locator(".verdict").count() == 6
    assert page.get_by_role("table", name="Current medicines").get_by_role("rowheader").count() == 5
    sheets = SHEET.findall(page.pdf(format=paper))
    assert 1 <= len(sheets) <= 2
