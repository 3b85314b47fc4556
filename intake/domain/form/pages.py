"""The pages of the form and their parts, as drafts, links and returned questions name them."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

FORM_VERSION = "2026-11"
"""Raised whenever a question, its words or its answers change."""
MOST_ITEMS = 40
"""Trials, or medicines, that one form takes."""


class Page(StrEnum):
    """A page; `trial` and `medicine` repeat, each item with a key of its own."""

    ABOUT = "about"
    REASON = "reason"
    TRIALS = "trials"
    TRIAL = "trial"
    MEDICINES = "medicines"
    MEDICINE = "medicine"
    PHQ9 = "phq9"


PARTS: Mapping[Page, tuple[str, ...]] = {
    Page.ABOUT: ("you", "reach", "messages"),
    Page.REASON: ("reason",),
    Page.TRIALS: ("list",),
    Page.TRIAL: ("course", "effect"),
    Page.MEDICINES: ("list",),
    Page.MEDICINE: ("medicine",),
    Page.PHQ9: ("answers",),
}
"""Each part is one screen; the parts of a page are kept together."""
REPEATED: Mapping[Page, Page] = {Page.TRIAL: Page.TRIALS, Page.MEDICINE: Page.MEDICINES}
"""The page that lists the items of a repeated one."""


def is_part(page: str, part: str) -> bool:
    """Whether the form has that part of that page."""
    return page in set(Page) and part in PARTS[Page(page)]


CONSENT = (
    "What I wrote is true as far as I remember. The clinic may use it to find out whether treatment is safe for me. "
    "I know that nobody watches this form live."
)
"""What the patient signs; a snapshot keeps the words."""
