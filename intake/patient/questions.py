"""Questions that a provider asked back: read, answer in words or on the page, send again."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from flask import abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import TextAreaField

from intake.domain.errors import DomainError
from intake.domain.form.pages import PARTS, Page
from intake.patient import bp, steps
from intake.patient.forms import PageForm
from intake.patient.visit import Visit, visit
from intake.queries import consultations
from intake.queries.consultations import Draft, ReturnedItem
from intake.services.consultations import AlreadySent, answer_question
from intake.services.submission import is_settled


class AnswerForm(PageForm):
    """An answer in the patient's own words."""

    answer = TextAreaField("Your answer")


@dataclass(frozen=True, slots=True)
class Asked:
    """One question as the page shows it; `page_url` where the page it is about can be changed."""

    id: UUID
    about: str
    question: str
    answer: str | None
    is_settled: bool
    page_url: str | None


@bp.get("/questions")
def questions() -> ResponseReturnValue:
    """Everything that is asked, and whether it can be sent."""
    at = visit()
    if not at.is_returned:
        return redirect(url_for("patient.home"))
    drafts = [draft for draft in at.drafts() if draft.removed_at is None]
    asked = [_asked(at, question, drafts) for question in at.questions]
    gaps = at.form(drafts).missing
    return render_template(
        "patient/questions.html",
        asked=asked,
        left=sum(not one.is_settled for one in asked),
        gaps=[(steps.url_of(gap.page, gap.part, gap.item), gap.message) for gap in gaps],
    )


@bp.route("/questions/<uuid:question_id>", methods=["GET", "POST"])
def question(question_id: UUID) -> ResponseReturnValue:
    """Answer one question in words."""
    at = visit()
    asked = next((one for one in at.questions if one.id == question_id), None)
    if asked is None:
        abort(404)
    text = asked.question
    form = AnswerForm(data={"answer": asked.answer or ""})
    if request.method == "POST":
        try:
            answer_question(at.patient_id, question_id, form.answer.data or "", actor_id=at.account_id, now=at.at)
        except AlreadySent:
            return redirect(url_for("patient.home"))
        except DomainError as error:
            form.blame(error)
        else:
            return redirect(url_for("patient.questions"))
    page = render_template("patient/question.html", form=form, question=text, back_url=url_for("patient.questions"))
    return page, 422 if form.errors else 200


def _asked(at: Visit, question: ReturnedItem, drafts: list[Draft]) -> Asked:
    draft = next((one for one in drafts if _is_about(question, one)), None)
    about, url = _place(at, question, draft)
    return Asked(question.id, about, question.question or "", question.answer, is_settled(question, drafts), url)


def _is_about(question: ReturnedItem, draft: Draft) -> bool:
    row_id = consultations.chart_row_of(draft)
    return draft.page == question.page and consultations.reopens(question, Page(draft.page), draft.item, row_id)


def _place(at: Visit, question: ReturnedItem, draft: Draft | None) -> tuple[str, str | None]:
    """What a question is about, in words, and where that can be changed."""
    if question.page not in set(Page):
        return "A question for you", None
    page = Page(question.page)
    if page in (Page.TRIALS, Page.MEDICINES):
        return steps.TITLES[page], steps.url_of(page, "list")
    if draft is None:
        return steps.TITLES[page], None
    if not question.item and page in (Page.TRIAL, Page.MEDICINE):
        listed = Page.TRIALS if page is Page.TRIAL else Page.MEDICINES
        return steps.TITLES[page], steps.url_of(listed, "list")
    return _name(page, draft), steps.url_of(page, PARTS[page][0], draft.item)


def _name(page: Page, draft: Draft) -> str:
    key = {Page.TRIAL: ("course", "treatment"), Page.MEDICINE: ("medicine", "name")}.get(page)
    name = consultations.part_of(draft, key[0]).answers.get(key[1]) if key else None
    return f"{steps.TITLES[page]}: {name}" if name else steps.TITLES[page]
