"""Stopping an order."""

from __future__ import annotations

from uuid import UUID

from flask import render_template
from flask.typing import ResponseReturnValue
from flask_login import current_user
from werkzeug.exceptions import NotFound

from intake.domain.errors import DomainError
from intake.domain.roles import Permission
from intake.provider import bp, words
from intake.provider.effect import hour_sentence
from intake.provider.forms import StopForm
from intake.provider.opening import back_to_chart, open_chart
from intake.queries import orders
from intake.services import order_stops
from intake.web.access import needs, now


@bp.route("/patients/<uuid:patient_id>/orders/<uuid:order_id>/stop", methods=["GET", "POST"])
@needs(Permission.SIGN_ORDER)
def stop_order(patient_id: UUID, order_id: UUID) -> ResponseReturnValue:
    """Stop an order with a reason, after a recorded contact; the page says how many visits it releases."""
    chart = open_chart(patient_id)
    order = next((row for row in chart.orders if row.id == order_id), None)
    if order is None:
        raise NotFound
    form = StopForm()
    if form.validate_on_submit():
        try:
            order_stops.stop(order_id, form.reason.data, actor_id=current_user.id, now=now())
        except DomainError as error:
            form.blame(error)
        else:
            return back_to_chart(patient_id, "The order is stopped and its coming visits are released.")
    coming = orders.coming_on(order_id, now())
    page = render_template(
        "provider/order_stop.html",
        form=form,
        chart=chart,
        order=order,
        coming=coming,
        hour=hour_sentence(chart, now()),
        words=words,
        zone=chart.site.timezone,
    )
    return page, (422 if form.errors else 200)
