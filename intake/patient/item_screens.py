"""The screens of things that repeat: medicines tried, medicines taken now."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any
from uuid import UUID

from flask import abort, request, url_for

from intake.domain.form import trial, trial_words
from intake.domain.form.medicine import read_medicine, settled
from intake.domain.form.pages import Page
from intake.domain.form.reader import Answers
from intake.domain.form.whole import TrialItem
from intake.domain.history import formulary
from intake.patient.medicine_forms import MedicineForm
from intake.patient.screens import Screen
from intake.patient.trial_forms import CourseForm, EffectForm
from intake.patient.visit import Visit
from intake.queries import consultations
from intake.services.consultations import Place


def course_screen(at: Visit, item: str, *, may_add: bool = False) -> Screen:
    """What was taken and how much."""
    return Screen(
        Place(Page.TRIAL, "course", item),
        CourseForm,
        partial(trial.read_course, today=at.today),
        "patient/trial.html",
        next_url=url_for("patient.trial_effect", item=item),
        back_url=url_for("patient.trials"),
        may_add=may_add,
        known=_copied(at, Page.TRIAL, "course") if may_add else {},
        shape=_enough_rows,
        extra={"choices": treatment_choices(), "most_doses": trial.MOST_DOSES},
    )


def effect_screen(at: Visit, item: str) -> Screen | None:
    """What it did; None while the page before it cannot be read. 404 for an item that is not there."""
    trials = at.form(at.drafts()).trials
    mine = next((one for one in trials if one.item == item), None)
    if mine is None:
        abort(404)
    if mine.course is None:
        return None
    others = {one.item: _other_name(one) for one in trials if one.item != item}
    return Screen(
        Place(Page.TRIAL, "effect", item),
        EffectForm,
        _effect_reader(mine.course, others),
        "patient/trial_effect.html",
        next_url=url_for("patient.trials"),
        back_url=url_for("patient.trial", item=item),
        shape=lambda form: form.offer(others),
        extra={"course": mine.course, "name": mine.name, "has_others": bool(others)},
    )


def medicine_screen(at: Visit, item: str, *, may_add: bool = False) -> Screen:
    """One current medicine."""
    return Screen(
        Place(Page.MEDICINE, "medicine", item),
        MedicineForm,
        partial(read_medicine, today=at.today),
        "patient/medicine.html",
        next_url=url_for("patient.medicines"),
        back_url=url_for("patient.medicines"),
        may_add=may_add,
        known=_copied(at, Page.MEDICINE, "medicine") if may_add else {},
        settle=partial(settled, today=at.today),
    )


def treatment_choices() -> list[tuple[str, str]]:
    """Names for the list under the field: each brand with its generic beside it."""
    return [(one.name, "" if one.name == one.generic else one.generic) for one in formulary.choices()]


def _effect_reader(course: trial.Course, others: Mapping[str, str]) -> Callable[[Answers], object]:
    return lambda answers: trial.read_effect(answers, course, others=others)


def _other_name(item: TrialItem) -> str:
    when = trial_words.time_in_words(item.course.doses[0]) if item.course else ""
    return f"{item.name}, {when}" if when else item.name or "A medicine without a name"


def _copied(at: Visit, page: Page, part: str) -> Answers:
    """The answers of the item that a copy begins with; 404 for one that is not the patient's."""
    source = request.args.get("copy", type=UUID)
    if source is None:
        return {}
    draft = at.draft(Place(page, part, str(source)))
    if draft is None:
        abort(404)
    return consultations.part_of(draft, part).answers


def _enough_rows(form: Any) -> None:
    """As many rows of doses as the address asks for, within the limit."""
    wanted = request.args.get("rows", "")
    rows = int(wanted) if wanted.isascii() and wanted.isdigit() and len(wanted) < 4 else 1
    while len(form.doses.entries) < min(rows, trial.MOST_DOSES):
        form.doses.append_entry()
