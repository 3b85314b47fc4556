"""Check your answers, sign, send."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from uuid_utils.compat import uuid7
from wtforms import BooleanField, HiddenField, StringField

from intake.domain.errors import DomainError
from intake.domain.form.pages import CONSENT, Page
from intake.domain.form.whole import Form, Section, sections_of
from intake.patient import bp, steps
from intake.patient.forms import PageForm
from intake.patient.screens import closed
from intake.patient.visit import Visit, visit
from intake.queries.consultations import Draft
from intake.services.consultations import AlreadySent
from intake.services.submission import Incomplete, Unanswered, submit

AGREE = "Tick the box if you agree. If you do not, call us and we talk about it"


class SignForm(PageForm):
    """A typed name under the words of the consent."""

    agrees = BooleanField("I agree")
    signature = StringField("Type your full name to sign")
    request_key = HiddenField()


@bp.get("/check")
def check() -> ResponseReturnValue:
    """Every answer with a link to change it, and what is missing."""
    at = visit()
    if not at.may_edit:
        return closed(at)
    drafts = at.drafts()
    form = at.form(drafts)
    return render_template(
        "patient/check.html",
        gaps=[(steps.url_of(gap.page, gap.part, gap.item), steps.gap_words(gap, form)) for gap in form.missing],
        sections=[(section, _change_url(at, section, drafts)) for section in sections_of(form)],
        nothing=_nothing(form),
        back_url=url_for("patient.home"),
        is_complete=form.is_complete,
    )


@bp.route("/sign", methods=["GET", "POST"])
def sign() -> ResponseReturnValue:
    """The consent, a typed name, and the button that sends. Pressed twice it sends once."""
    at = visit()
    form = SignForm()
    key = _request_key(form.request_key.data)
    if request.method == "POST" and key is not None:
        return _send(at, form, key)
    if not at.may_edit:
        return closed(at)
    if not at.form(at.drafts()).is_complete:
        return redirect(url_for("patient.check"))
    form.request_key.data = str(uuid7())
    return _sign_page(form)


def _send(at: Visit, form: SignForm, key: UUID) -> ResponseReturnValue:
    if not form.agrees.data:
        form.show({"agrees": AGREE})
        return _sign_page(form), 422
    try:
        submit(at.patient_id, signature=form.signature.data or "", request_key=key, actor_id=at.account_id, now=at.at)
    except AlreadySent:
        return closed(at), 409
    except (Incomplete, Unanswered):
        return redirect(url_for("patient.questions") if at.is_returned else url_for("patient.check"))
    except DomainError as error:
        form.blame(error)
        return _sign_page(form), 422
    return redirect(url_for("patient.home"))


def _sign_page(form: SignForm) -> str:
    return render_template("patient/sign.html", form=form, consent=CONSENT, back_url=url_for("patient.check"))


def _request_key(text: str | None) -> UUID | None:
    try:
        return UUID(text or "")
    except ValueError:
        return None


def _change_url(at: Visit, section: Section, drafts: Sequence[Draft]) -> str | None:
    draft = next((one for one in drafts if (one.page, one.item) == (section.page.value, section.item)), None)
    may_change = at.is_open(section.page, draft, section.item)
    return steps.url_of(section.page, section.part, section.item) if may_change else None


def _nothing(form: Form) -> list[str]:
    """What the patient said there is nothing of."""
    said = []
    if not form.trials and not form.missing_on(Page.TRIALS):
        said.append("You have not taken any medicine for this before.")
    if not form.medicines and not form.missing_on(Page.MEDICINES):
        said.append("You take no medicines now.")
    return said
