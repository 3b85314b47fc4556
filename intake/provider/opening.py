"""Opening a chart: noted first, then read. And the way back to it."""

from __future__ import annotations

from uuid import UUID

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from werkzeug.exceptions import NotFound

from intake.queries import charts
from intake.queries.charts import Chart, Review
from intake.services import audit
from intake.web.access import now


def open_chart(patient_id: UUID) -> Chart:
    """The chart of a patient, noted in the audit trail before it is read; raises `NoResultFound` for nobody."""
    charts.patient(patient_id)
    audit.record_view(current_user.id, patient_id, what="chart", now=now())
    return charts.chart_of(patient_id, now=now())


def review_of(chart: Chart) -> Review:
    """The review on a chart; a patient without any consultation has none, which is a 404."""
    if chart.review is None:
        raise NotFound
    return chart.review


def back_to_chart(patient_id: UUID, message: str, category: str = "success") -> ResponseReturnValue:
    """Back to the chart with a sentence that holds no health data."""
    flash(message, category)
    return redirect(url_for("provider.chart", patient_id=patient_id))
