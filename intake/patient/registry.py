"""Which screen stands for which part of the form."""

from __future__ import annotations

from flask import abort

from intake.domain.form.pages import REPEATED, Page
from intake.patient.item_screens import course_screen, effect_screen, medicine_screen
from intake.patient.screens import Screen
from intake.patient.single_screens import about_screen, phq9_screen, reason_screen
from intake.patient.visit import Visit


def autosaved_screen(at: Visit, page: Page, part: str, item: str, *, may_add: bool) -> Screen:
    """The screen of a part that saves while the patient types; 404 for the others."""
    if bool(item) != (page in REPEATED):
        abort(404)
    screen: Screen | None = None
    match page, part:
        case Page.ABOUT, _:
            screen = about_screen(at, part)
        case Page.REASON, _:
            screen = reason_screen(at)
        case Page.PHQ9, _:
            screen = phq9_screen(at)
        case Page.TRIAL, "course":
            screen = course_screen(at, item, may_add=may_add)
        case Page.TRIAL, _:
            screen = effect_screen(at, item)
        case Page.MEDICINE, _:
            screen = medicine_screen(at, item, may_add=may_add)
    return screen or abort(404)
