"""One booster into its due window: ranked free times, one press."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from intake.desk import bp
from intake.desk.forms import BoosterForm
from intake.desk.moves import read_key
from intake.desk.series_presenter import present_window, read_slots, slots_text
from intake.domain import clinic_time
from intake.domain.errors import DomainError
from intake.domain.scheduling.booster_signals import Advice
from intake.domain.scheduling.boosters import DueWindow, density_warning
from intake.domain.scheduling.capacity import Calendar, is_protected, protection_words
from intake.domain.scheduling.protocols import booster_density
from intake.queries import boosters as booster_reads
from intake.queries import offers, orders, patient_search, recalls, schedules, series, sites
from intake.queries.offers import Offer
from intake.queries.orders import Order
from intake.queries.sites import Site
from intake.services import appointments as booking
from intake.services import audit, boosters
from intake.services.appointments import NewAppointment
from intake.web import access

ADVICE_WORDS = {
    Advice.SOONER: "The provider suggests sooner.",
    Advice.LATER: "The provider suggests later.",
    Advice.REVIEW: "The provider asks for a review visit first.",
}
"""All that the desk hears of a suggestion."""


@bp.route("/series/<uuid:order_id>/booster", methods=["GET", "POST"])
def booster(order_id: UUID) -> ResponseReturnValue:
    """Free times in the window of the booster that is due next, the best one chosen; booked in one press."""
    patient_id = orders.patient_of(order_id)
    if request.method == "GET":
        audit.record_view(current_user.id, patient_id, what="desk", now=access.now())
    form = BoosterForm()
    if request.method == "GET":
        form.request_key.data = str(uuid4())
    if form.validate_on_submit():
        try:
            booked_id = book(order_id, patient_id, form)
        except DomainError as error:
            form.blame(error)
        else:
            flash("Booked. A confirmation is on its way.", "success")
            return redirect(url_for("desk.appointment", appointment_id=booked_id))
    page = render_template("desk/booster.html", form=form, **shown(order_id))
    return page, (422 if request.method == "POST" else 200)


def book(order_id: UUID, patient_id: UUID, form: BoosterForm) -> UUID:
    """Book the chosen time at the site of the series."""
    slots = read_slots(form.slot.data or "")
    if len(slots) != 1:
        abort(400)
    key, site_id = read_key(form.request_key.data), series.proposed_of(order_id).site_id
    wanted = NewAppointment(patient_id, site_id, series.BOOSTER, slots[0], order_id)
    return booking.book(wanted, request_key=key, actor_id=current_user.id, now=access.now())


def shown(order_id: UUID) -> dict[str, Any]:
    """The window with its free times, read anew: after a refusal they are others. Or why there is none."""
    order, now = orders.order(order_id), access.now()
    patient, known = patient_search.patient(order.patient_id), series.series_of_order(order_id)
    today = clinic_time.local_day(now, sites.timezone_of(known.site_id if known else patient.home_site_id))
    obstacles, window = boosters.obstacles(order, today), booster_reads.next_window(order, today=today)
    return {
        "patient": patient,
        "order": order,
        "obstacles": obstacles,
        "window": present_window(window) if window else None,
        "site_name": sites.site(known.site_id).name if known else "",
        "notes": notes_on(order, window, today) if window and not obstacles else [],
        "offers": offers_of(order, window, now) if window and not obstacles else [],
    }


def notes_on(order: Order, window: DueWindow, today: date) -> list[str]:
    """What the desk should know before it books: a pair, a suggestion, a new order that is due."""
    known = recalls.recalled(order.id, today)
    pairs = {1: "The first of a pair; the second follows within the week.", 2: "The second of a pair."}
    found = [pairs.get(window.pair, "")]
    if known is not None:
        found += [ADVICE_WORDS[known.advice.advice] if known.advice else "", known.reorder]
    return [sentence for sentence in found if sentence]


def offers_of(order: Order, window: DueWindow, now: datetime) -> list[dict[str, Any]]:
    """The free times as the page shows them, each with what it is kept for and what it makes dense."""
    known = series.proposed_of(order.id)
    site, first_on = sites.site(known.site_id), booster_reads.first_infusion_on(order.id)
    rules = schedules.site_rules(site, first=today_of(site, now), now=now)
    dates, empty = booster_reads.booster_dates(order.id), Calendar(rules)
    found = []
    for one in offers.booster_times(order, window, now=now):
        shown = present_offer(one, window.target)
        if is_protected(one.slot, empty):
            shown["reasons"].append(f"kept for {protection_words(one.slot, empty.site)}")
        dense = density_warning(one.slot.day, dates, first_on, booster_density()) if first_on else ""
        shown["reasons"] += [dense] if dense else []
        found.append(shown)
    return found


def today_of(site: Site, now: datetime) -> date:
    """The day at the site."""
    return clinic_time.local_day(now, site.timezone)


def present_offer(one: Offer, best: date) -> dict[str, Any]:
    """A free time with what speaks for or against it."""
    slot, days = one.slot, (one.slot.day - best).days
    side = "after" if days > 0 else "before"
    near = f"{abs(days)} {'day' if abs(days) == 1 else 'days'} {side} the best day" if days else "on the best day"
    return {
        "value": slots_text([slot]),
        "day": clinic_time.day_words(slot.day),
        "time": clinic_time.clock_words(slot.start),
        "chair": slot.chair,
        "reasons": [near] if one.is_wished else [near, "outside the hours that the patient gave"],
    }
