"""Orders that wait, and a series from wishes to six booked infusions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from intake.desk import bp
from intake.desk.forms import WishesForm
from intake.desk.moves import read_key
from intake.desk.series_page import SeriesPage, page_of, show
from intake.desk.series_presenter import present_waiting, read_slots
from intake.domain import clinic_time
from intake.domain.errors import DomainError
from intake.queries import orders as order_queries
from intake.services import audit, holds
from intake.services import series as booking
from intake.services.claims import Taken
from intake.services.placing import NoLongerHolds
from intake.web import access
from intake.web.sites import current_site


@bp.get("/orders")
def orders() -> ResponseReturnValue:
    """Patients with an order that is not laid out, the longest waiting first."""
    site, now = current_site(), access.now()
    found = order_queries.awaiting_booking(site.id, as_of=clinic_time.local_day(now, site.timezone))
    return render_template(
        "desk/orders.html", orders=[present_waiting(one, now) for one in found], together_key=str(uuid4())
    )


@bp.get("/series/<uuid:order_id>")
def series(order_id: UUID) -> ResponseReturnValue:
    """The patient's days, three plans beside each other; once booked, the infusions and what comes after."""
    patient_id = order_queries.patient_of(order_id)
    audit.record_view(current_user.id, patient_id, what="desk", now=access.now())
    page = page_of(order_id, access.now())
    form = wishes_form(page)
    form.fill(page.wishes)
    form.request_key.data = str(uuid4())
    return show(page, form)


@bp.post("/series/<uuid:order_id>/wishes")
def series_wishes(order_id: UUID) -> ResponseReturnValue:
    """Keep when the patient can come, then show plans."""
    page = page_of(order_id, access.now())
    form = wishes_form(page)
    found = form.to_wishes(page.today) if form.validate_on_submit() else None
    if found is None:
        return show(page, form, is_open=True), 422
    try:
        booking.keep_wishes(
            order_id,
            found,
            site_id=page.site.id,
            request_key=read_key(form.request_key.data),
            actor_id=current_user.id,
            now=access.now(),
        )
    except DomainError as error:
        form.blame(error)
        return show(page_of(order_id, access.now()), form, is_open=True), 422
    return redirect(url_for("desk.series", order_id=order_id, _anchor="plans"))


@bp.post("/series/<uuid:order_id>/hold")
def series_hold(order_id: UUID) -> ResponseReturnValue:
    """Keep the places of a shown plan for ten minutes."""
    slots = read_slots(request.form.get("slots", ""))
    return act(order_id, lambda: booking.hold(order_id, slots, actor_id=current_user.id, now=access.now()))


@bp.post("/series/<uuid:order_id>/release")
def series_release(order_id: UUID) -> ResponseReturnValue:
    """Give held places back."""
    hold_id, patient_id = read_key(request.form.get("hold")), order_queries.patient_of(order_id)
    who: dict[str, Any] = {"patient_id": patient_id, "actor_id": current_user.id, "now": access.now()}
    return act(order_id, lambda: holds.let_go(hold_id, **who), "The places are free again.")


@bp.post("/series/<uuid:order_id>/book")
def series_book(order_id: UUID) -> ResponseReturnValue:
    """Book all infusions of a shown plan, or of a hold."""
    key, hold = read_key(request.form.get("request_key")), request.form.get("hold")
    common: dict[str, Any] = {"request_key": key, "actor_id": current_user.id, "now": access.now()}
    if hold:
        hold_id = read_key(hold)
        return act(
            order_id, lambda: booking.confirm(order_id, hold_id, **common), "Booked. A confirmation is on its way."
        )
    slots = read_slots(request.form.get("slots", ""))
    return act(order_id, lambda: booking.book(order_id, slots, **common), "Booked. A confirmation is on its way.")


def act(order_id: UUID, work: Callable[[], object], done: str = "") -> ResponseReturnValue:
    """Do it and come back to the page; a refusal shows what is free instead, with a sentence saying so."""
    try:
        work()
    except (Taken, NoLongerHolds) as error:
        page = page_of(order_id, access.now(), offer=error.offer)
        return refused(page, error)
    except DomainError as error:
        return refused(page_of(order_id, access.now()), error)
    if done:
        flash(done, "success")
    return redirect(url_for("desk.series", order_id=order_id))


def refused(page: SeriesPage, error: DomainError) -> ResponseReturnValue:
    """The page again, with what went wrong on top and everything kept."""
    form = wishes_form(page)
    form.fill(page.wishes)
    form.request_key.data = str(uuid4())
    return show(page, form, problem=error.message), 422


def wishes_form(page: SeriesPage) -> WishesForm:
    """The form of the patient's days for this site."""
    form = WishesForm()
    features = [feature for chair in page.site.chairs if chair.retired_on is None for feature in chair.features]
    form.for_site({opening.weekday for opening in page.site.openings}, features)
    return form
