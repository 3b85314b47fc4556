"""Signing an order and marking its conditions as met."""

from __future__ import annotations

from uuid import UUID

from flask import render_template
from flask.typing import ResponseReturnValue
from flask_login import current_user
from werkzeug.exceptions import NotFound

from intake.domain import orders as rules
from intake.domain.dosing import Dose, dose_for, usual_range
from intake.domain.errors import DomainError
from intake.domain.roles import Permission
from intake.provider import bp, words
from intake.provider.opening import back_to_chart, open_chart, review_of
from intake.provider.order_form import OrderForm
from intake.provider.signing import spend_code
from intake.queries import orders as reads
from intake.queries import sites
from intake.queries.charts import Chart
from intake.services import orders
from intake.web.access import needs, now
from intake.web.limits import SEVERAL_TEXTS, body_limit


@bp.route("/patients/<uuid:patient_id>/order", methods=["GET", "POST"])
@needs(Permission.SIGN_ORDER)
@body_limit(SEVERAL_TEXTS)
def sign_order(patient_id: UUID) -> ResponseReturnValue:
    """An order; signing always asks for the second factor, in the same form, so that nothing typed is lost."""
    chart = open_chart(patient_id)
    review = review_of(chart)
    visit = review.evaluation
    protocols = {str(row.id): f"{row.name} (version {row.version})" for row in sites.current_protocols()}
    form = OrderForm()
    conditions = (review.decision.conditions or []) if review.decision else []
    form.show(protocols, visit.id if visit else None, conditions, chart.as_of)
    if form.validate_on_submit():
        try:
            _sign(chart, form)
        except DomainError as error:
            form.blame(error)
        else:
            return back_to_chart(patient_id, "The order is signed. The desk can book it once its conditions are met.")
    page = render_template(
        "provider/order.html",
        form=form,
        chart=chart,
        review=review,
        protocols=protocols,
        dose=_dose(form, visit.weight_kg if visit else None),
        usual=usual_range(),
        words=words,
        zone=chart.site.timezone,
    )
    return page, (422 if form.errors else 200)


@bp.post("/patients/<uuid:patient_id>/orders/<uuid:order_id>/conditions/<uuid:condition_id>/met")
@needs(Permission.SIGN_ORDER)
def meet_condition(patient_id: UUID, order_id: UUID, condition_id: UUID) -> ResponseReturnValue:
    """Mark one condition as met."""
    order = reads.order(order_id)
    if order.patient_id != patient_id or condition_id not in {one.id for one in order.conditions}:
        raise NotFound
    orders.meet_condition(condition_id, actor_id=current_user.id, now=now())
    return back_to_chart(patient_id, "Marked as met.")


def _sign(chart: Chart, form: OrderForm) -> None:
    """Check all that was typed before a code is spent on it; a second press finds the first and spends none."""
    review, entry, evaluation_id = review_of(chart), form.to_entry(), form.evaluation_id
    visit = review.evaluation
    if visit is not None:
        rules.check(entry, weight_kg=visit.weight_kg, today=chart.as_of)
    if reads.signed_with(form.key, current_user.id) is None:
        spend_code(form.code.data)
    orders.sign(
        review.consultation.id,
        entry,
        evaluation_id=evaluation_id,
        request_key=form.key,
        actor_id=current_user.id,
        now=now(),
    )


def _dose(form: OrderForm, weight_kg: float | None) -> Dose | None:
    """The dose that the form shows: of what was typed, else of the usual one; None without a weight."""
    if weight_kg is None:
        return None
    try:
        return dose_for(form.dose_mg_per_kg.number or rules.DEFAULT_MG_PER_KG, weight_kg)
    except DomainError:
        return None
