"""Alerts: acknowledge, and close with what came of it."""

from __future__ import annotations

from uuid import UUID

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from intake.domain.clinic_time import local_day
from intake.domain.errors import DomainError
from intake.domain.roles import Permission
from intake.provider import bp, words
from intake.provider.forms import AlertForm
from intake.provider.opening import back_to_chart, open_chart
from intake.queries import alerts
from intake.services import alert_outcomes
from intake.web.access import needs, now


@bp.post("/alerts/<uuid:alert_id>/acknowledge")
@needs(Permission.CLOSE_ALERT)
def acknowledge_alert(alert_id: UUID) -> ResponseReturnValue:
    """Say that one is on it."""
    alert_outcomes.acknowledge(alert_id, actor_id=current_user.id, now=now())
    flash("You are on it. Close the alert when you have spoken with the patient.", "success")
    return redirect(url_for("provider.chart", patient_id=alerts.alert(alert_id).patient_id))


@bp.route("/alerts/<uuid:alert_id>/close", methods=["GET", "POST"])
@needs(Permission.CLOSE_ALERT)
def close_alert(alert_id: UUID) -> ResponseReturnValue:
    """Close an alert with outcome, tool, disposition and next contact."""
    patient_id = alerts.alert(alert_id).patient_id
    chart = open_chart(patient_id)
    form = AlertForm()
    if form.validate_on_submit():
        today = local_day(now(), chart.site.timezone)
        try:
            alert_outcomes.close(alert_id, form.to_outcome(), actor_id=current_user.id, now=now(), today=today)
        except DomainError as error:
            form.blame(error)
        else:
            return back_to_chart(patient_id, "The alert is closed.")
    alert = alerts.alert(alert_id)
    page = render_template(
        "provider/close_alert.html", form=form, alert=alert, chart=chart, words=words, zone=chart.site.timezone
    )
    return page, (422 if form.errors else 200)
