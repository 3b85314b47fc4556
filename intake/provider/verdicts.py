"""A provider's verdict over the computed one."""

from __future__ import annotations

from uuid import UUID

from flask import render_template
from flask.typing import ResponseReturnValue
from flask_login import current_user
from werkzeug.exceptions import NotFound

from intake.domain.errors import DomainError
from intake.domain.roles import Permission
from intake.provider import bp, words
from intake.provider.forms import VerdictForm
from intake.provider.opening import back_to_chart, open_chart
from intake.services import verdicts
from intake.web.access import needs, now


@bp.route("/patients/<uuid:patient_id>/trials/<uuid:trial_id>/verdict", methods=["GET", "POST"])
@needs(Permission.REVIEW)
def override_verdict(patient_id: UUID, trial_id: UUID) -> ResponseReturnValue:
    """Another verdict with a reason; the computed one stays visible."""
    chart = open_chart(patient_id)
    judged = next((one for one in chart.history.trials if one.row.id == trial_id), None)
    if judged is None:
        raise NotFound
    form = VerdictForm()
    form.show_fresh()
    if form.validate_on_submit():
        try:
            verdicts.override(
                patient_id,
                trial_id,
                form.to_verdict(),
                form.reason.data,
                request_key=form.key,
                actor_id=current_user.id,
                now=now(),
                as_of=chart.as_of,
            )
        except DomainError as error:
            form.blame(error)
        else:
            return back_to_chart(patient_id, "Your verdict stands beside the computed one.")
    page = render_template("provider/verdict.html", form=form, chart=chart, judged=judged, words=words)
    return page, (422 if form.errors else 200)
