"""Recording and signing the evaluation visit, and correcting it by a new one."""

from __future__ import annotations

from uuid import UUID

from flask import render_template
from flask.typing import ResponseReturnValue
from flask_login import current_user

from intake.domain import evaluation as rules
from intake.domain.errors import DomainError
from intake.domain.roles import Permission
from intake.provider import bp, words
from intake.provider.evaluation_form import EvaluationForm
from intake.provider.opening import back_to_chart, open_chart, review_of
from intake.provider.signing import is_asked, spend_code
from intake.queries import evaluations as reads
from intake.queries.charts import Chart
from intake.services import evaluations
from intake.web.access import needs, now


@bp.route("/patients/<uuid:patient_id>/evaluation", methods=["GET", "POST"])
@needs(Permission.SIGN_EVALUATION)
def sign_evaluation(patient_id: UUID) -> ResponseReturnValue:
    """The visit, signed with the second factor unless it was given in the last five minutes."""
    chart = open_chart(patient_id)
    standing = review_of(chart).evaluation
    form = EvaluationForm()
    form.show(standing, now(), chart.site.timezone)
    if form.validate_on_submit():
        try:
            _sign(chart, form)
        except DomainError as error:
            form.blame(error)
        else:
            return back_to_chart(patient_id, "The evaluation visit is signed.")
    page = render_template(
        "provider/evaluation.html",
        form=form,
        chart=chart,
        standing=standing,
        asks_code=is_asked(),
        words=words,
        limits=rules.limits(),
    )
    return page, (422 if form.errors else 200)


def _sign(chart: Chart, form: EvaluationForm) -> None:
    """Check all that was typed before a code is spent on it; a second press finds the first and spends none."""
    entry = form.to_entry(chart.site.timezone)
    rules.check(entry, now=now())
    if reads.signed_with(form.key, current_user.id) is None and is_asked():
        spend_code(form.code.data)
    evaluations.sign(
        review_of(chart).consultation.id,
        entry,
        replaces_id=_uuid(form.replaces.data),
        request_key=form.key,
        actor_id=current_user.id,
        now=now(),
    )


def _uuid(text: str | None) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        raise DomainError("This form cannot be sent again. Open the page anew.") from None
