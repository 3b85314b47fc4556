"""The chart: everything a provider reads before deciding, and the answers as they were submitted."""

from __future__ import annotations

from uuid import UUID

from flask import render_template
from flask.typing import ResponseReturnValue
from flask_login import current_user

from intake.domain.roles import Permission
from intake.provider import bp, words
from intake.provider.chart_view import ChartView, sections_of
from intake.provider.opening import open_chart, review_of
from intake.web.access import needs, now


@bp.get("/patients/<uuid:patient_id>")
@needs(Permission.READ_CHART)
def chart(patient_id: UUID) -> ResponseReturnValue:
    """One patient's chart."""
    view = ChartView(open_chart(patient_id), actor=current_user, now=now())
    return render_template("provider/chart.html", view=view, chart=view.chart, words=words, zone=view.zone, now=now())


@bp.get("/patients/<uuid:patient_id>/answers")
@needs(Permission.READ_CHART)
def answers(patient_id: UUID) -> ResponseReturnValue:
    """What the patient submitted last, word for word."""
    chart = open_chart(patient_id)
    snapshot = review_of(chart).snapshot
    sections = sections_of(snapshot) if snapshot else []
    zone = chart.site.timezone
    return render_template("provider/answers.html", chart=chart, snapshot=snapshot, sections=sections, zone=zone)
