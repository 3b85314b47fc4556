"""Clearing a stop finding in writing, and taking a clearance back."""

from __future__ import annotations

from uuid import UUID

from flask import render_template
from flask.typing import ResponseReturnValue
from flask_login import current_user
from werkzeug.exceptions import NotFound

from intake.domain.errors import DomainError
from intake.domain.roles import Permission
from intake.provider import bp, words
from intake.provider.forms import ClearanceForm, choices_of
from intake.provider.opening import back_to_chart, open_chart
from intake.services import findings
from intake.web.access import needs, now


@bp.route("/patients/<uuid:patient_id>/medicines/<uuid:medicine_id>/clearance", methods=["GET", "POST"])
@needs(Permission.DECIDE)
def clear_finding(patient_id: UUID, medicine_id: UUID) -> ResponseReturnValue:
    """Clear one stop finding of one medicine. The address names the row, never the medicine."""
    chart = open_chart(patient_id)
    medicine = next((one for one in chart.history.medicines if one.row.id == medicine_id), None)
    if medicine is None:
        raise NotFound
    stops = [listed for listed in medicine.findings if listed.is_open_stop]
    form = ClearanceForm()
    form.show_fresh()
    form.finding.choices = choices_of({listed.key: listed.key for listed in stops})
    if len(stops) == 1 and form.finding.data is None:
        form.finding.data = stops[0].key
    if form.validate_on_submit():
        try:
            key, finding, reason = form.key, form.finding.data, form.reason.data
            findings.clear(
                patient_id, finding, reason, request_key=key, actor_id=current_user.id, now=now(), as_of=chart.as_of
            )
        except DomainError as error:
            form.blame(error)
        else:
            return back_to_chart(patient_id, "The clearance is on the chart.")
    page = render_template(
        "provider/clearance.html", form=form, chart=chart, medicine=medicine, stops=stops, words=words
    )
    return page, (422 if form.errors else 200)


@bp.post("/patients/<uuid:patient_id>/clearances/<uuid:clearance_id>/withdraw")
@needs(Permission.DECIDE)
def withdraw_clearance(patient_id: UUID, clearance_id: UUID) -> ResponseReturnValue:
    """Take a clearance back: the finding blocks again."""
    findings.withdraw(patient_id, clearance_id, actor_id=current_user.id, now=now())
    return back_to_chart(patient_id, "The clearance is withdrawn. The finding blocks booking again.")
