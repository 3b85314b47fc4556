"""The screens of pages that stand once: about the patient, the reason, the PHQ-9, and whether a list is whole."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from flask import url_for

from intake.domain.form import about, phq9, reason
from intake.domain.form.pages import PARTS, Page
from intake.domain.form.reader import AnswerFaults, Answers
from intake.patient import about_forms
from intake.patient.forms import PageForm
from intake.patient.phq9_forms import phq9_form
from intake.patient.screens import Screen, promise
from intake.patient.trial_forms import ListForm, NothingTakenForm, NothingTriedForm
from intake.patient.visit import Visit, known
from intake.services.consultations import Place

FORMS: dict[str, type[PageForm]] = {
    "you": about_forms.YouForm,
    "reach": about_forms.ReachForm,
    "messages": about_forms.MessagesForm,
}


def about_screen(at: Visit, part: str) -> Screen:
    """Names and birth date, how to reach, what messages may say."""
    parts = PARTS[Page.ABOUT]
    place = parts.index(part)
    last = place + 1 == len(parts)
    readers: dict[str, Callable[[Answers], object]] = {
        "you": partial(about.read_you, today=at.today),
        "reach": about.read_reach,
        "messages": about.read_messages,
    }
    return Screen(
        Place(Page.ABOUT, part),
        FORMS[part],
        readers[part],
        f"patient/{part}.html",
        next_url=url_for("patient.reason") if last else url_for("patient.about", part=parts[place + 1]),
        back_url=url_for("patient.about", part=parts[place - 1]) if place else url_for("patient.home"),
        known=known(at.patient)[part],
    )


def reason_screen(at: Visit) -> Screen:
    """Why the patient comes; what they asked for on the public page stands there already."""
    return Screen(
        Place(Page.REASON, "reason"),
        about_forms.ReasonForm,
        partial(reason.read_reason, today=at.today),
        "patient/reason.html",
        next_url=url_for("patient.trials"),
        back_url=url_for("patient.home"),
        known={"reason": at.consultation.reason},
    )


def phq9_screen(at: Visit) -> Screen:
    """The PHQ-9 on one page. The help opens with the answer itself, or after the save."""
    return Screen(
        Place(Page.PHQ9, "answers"),
        phq9_form(),
        phq9.read_phq9,
        "patient/mood.html",
        next_url=url_for("patient.check"),
        back_url=url_for("patient.home"),
        extra={"instrument": phq9.phq9(), "field_of": phq9.field_of} | _help(),
    )


def list_screen(page: Page, count: int) -> Screen:
    """Whether a list is whole, under the list itself."""
    nothing: type[PageForm] = NothingTriedForm if page is Page.TRIALS else NothingTakenForm
    is_trials = page is Page.TRIALS
    return Screen(
        Place(page, "list"),
        ListForm if count else nothing,
        _read_list,
        "patient/trials.html" if is_trials else "patient/medicines.html",
        next_url=url_for("patient.medicines") if is_trials else url_for("patient.mood"),
        back_url=url_for("patient.home"),
        autosaves=False,
    )


def _read_list(answers: Answers) -> None:
    if not answers.get("everything"):
        raise AnswerFaults({"everything": "Choose one of the answers"})


def _help() -> dict[str, object]:
    return {"promise": promise(), "crisis_values": ["1", "2", "3"]}
