"""Asking the patient back: each thing that can be asked about has its own box; only what is written is asked."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from flask import render_template, request
from flask.typing import ResponseReturnValue
from flask_login import current_user

from intake.domain.errors import DomainError
from intake.domain.form.pages import Page
from intake.domain.reviews import LONGEST_LINE, AskBack
from intake.domain.roles import Permission
from intake.provider import bp, words
from intake.provider.opening import back_to_chart, open_chart, review_of
from intake.queries.charts import Chart
from intake.services import reviews
from intake.web.access import needs, now
from intake.web.forms import Form
from intake.web.limits import SEVERAL_TEXTS, body_limit

PAGES = {
    Page.ABOUT: "About the patient",
    Page.REASON: "Reason for coming",
    Page.TRIALS: "What was tried, the list as a whole",
    Page.MEDICINES: "Current medicines, the list as a whole",
    Page.PHQ9: "PHQ-9",
}


@dataclass(frozen=True, slots=True)
class Box:
    """One thing that can be asked about, with what was typed and a question that the rules suggest."""

    name: str
    page: str
    item: str
    label: str
    suggestion: str
    text: str


@bp.route("/patients/<uuid:patient_id>/questions", methods=["GET", "POST"])
@needs(Permission.REVIEW)
@body_limit(SEVERAL_TEXTS)
def ask_back(patient_id: UUID) -> ResponseReturnValue:
    """Send questions back; only those pages and items reopen for the patient."""
    chart = open_chart(patient_id)
    consultation = review_of(chart).consultation
    form, boxes = Form(), boxes_of(chart)
    if form.validate_on_submit():
        try:
            asked = read_questions(boxes)
            reviews.return_with_questions(consultation.id, asked, actor_id=current_user.id, now=now())
        except DomainError as error:
            form.blame(error)
        else:
            return back_to_chart(
                patient_id, "The questions are sent. The patient gets a message that names none of them."
            )
    page = render_template("provider/questions.html", form=form, chart=chart, boxes=boxes, words=words)
    return page, (422 if form.errors else 200)


def boxes_of(chart: Chart) -> list[Box]:
    """A box for each page of the form and for each trial and medicine on the chart."""
    suggested = {question.trial_id: question.text for question in chart.history.assessment.questions}
    suggested |= {question.medicine_id: question.text for question in chart.history.check.questions}
    things = [(Page.TRIAL, str(one.row.id), one.judgement.name) for one in chart.history.trials]
    things += [(Page.MEDICINE, str(one.row.id), f"{one.row.name}, taken now") for one in chart.history.medicines]
    things += [(page, "", label) for page, label in PAGES.items()]
    return [_box(*thing, suggested.get(thing[1], "")) for thing in things]


def read_questions(boxes: list[Box]) -> tuple[AskBack, ...]:
    """What was written, in the order of the page; raises `DomainError` for signs that cannot be kept."""
    for box in boxes:
        if not box.text.replace("\n", "").isprintable() or "\ufffd" in box.text:
            raise DomainError("Leave out signs that cannot be printed.")
        if len(box.text) > LONGEST_LINE:
            raise DomainError(f"Keep each question within {LONGEST_LINE} characters.")
    return tuple(AskBack(box.page, box.item, box.text) for box in boxes if box.text)


def _box(page: Page, item: str, label: str, suggestion: str) -> Box:
    name = f"question-{item or page.value}"
    text = request.form.get(name, "").replace("\r\n", "\n").strip()
    return Box(name, page.value, item, label, suggestion, text)
