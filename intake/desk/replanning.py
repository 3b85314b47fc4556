"""Re-planning the rest of a series: before and after side by side, then one press applies all of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from intake.desk import bp
from intake.desk.forms import WishesForm
from intake.desk.moves import read_key
from intake.desk.replanning_presenter import present_proposal
from intake.desk.series_page import new_key
from intake.desk.series_presenter import read_slots
from intake.domain.errors import DomainError
from intake.domain.scheduling.explanations import Reason
from intake.domain.scheduling.planning import Infeasible
from intake.domain.statuses import SeriesStatus
from intake.queries import orders, patient_search, series, sign_offs, sites
from intake.queries import replanning as reads
from intake.queries.consultations import Patient
from intake.queries.orders import Order
from intake.queries.sites import Site
from intake.services import audit, replanning
from intake.services.claims import Taken
from intake.services.placing import NoLongerHolds
from intake.services.replanning import Proposal
from intake.web import access

NO_LONGER = "What you chose no longer fits: something was changed meanwhile. This is how it stands now."


@dataclass(frozen=True, slots=True)
class ReplanPage:
    """A booked series with what can be done with the rest of it."""

    order: Order
    patient: Patient
    site: Site
    found: Proposal
    wishes: dict[str, Any]

    @property
    def name(self) -> str:
        """The patient's name as it is spoken."""
        return f"{self.patient.given_name} {self.patient.family_name}"


@bp.get("/series/<uuid:order_id>/replan")
def replan(order_id: UUID) -> ResponseReturnValue:
    """What is booked now, three plans for the rest beside it, and what each does to every infusion."""
    patient_id = orders.patient_of(order_id)
    audit.record_view(current_user.id, patient_id, what="desk", now=access.now())
    if not is_booked(order_id):
        return redirect(url_for("desk.series", order_id=order_id))
    return show(page_of(order_id))


@bp.post("/series/<uuid:order_id>/replan")
def apply_replan(order_id: UUID) -> ResponseReturnValue:
    """Apply a shown plan; a stale one or one whose time was taken comes back as a fresh one."""
    slots, key = read_slots(request.form.get("slots", "")), read_key(request.form.get("request_key"))
    token = request.form.get("token", "")
    try:
        replanning.apply(order_id, slots, token=token, request_key=key, actor_id=current_user.id, now=access.now())
    except (Taken, NoLongerHolds) as error:
        offer = error.offer if isinstance(error.offer, Proposal) else None
        return show(page_of(order_id, offer), problem=error.message), 422
    except DomainError as error:
        return show(page_of(order_id), problem=error.message), 422
    flash("The rest of the series is booked anew. The patient gets one message with all changes.", "success")
    return redirect(url_for("desk.series", order_id=order_id))


@bp.post("/series/<uuid:order_id>/replan/wishes")
def replan_wishes(order_id: UUID) -> ResponseReturnValue:
    """Keep when the patient can come from now on, then show plans for it."""
    page = page_of(order_id)
    form = wishes_form(page.site)
    found = form.to_wishes(page.found.rest.today) if form.validate_on_submit() else None
    if found is None:
        return show(page, form=form), 422
    return kept(order_id, found)


@bp.post("/series/<uuid:order_id>/replan/relax")
def replan_relax(order_id: UUID) -> ResponseReturnValue:
    """Keep what a reason asks of the patient, then show the plans that it makes possible."""
    reason = asked_reason(order_id)
    if reason is None:
        return show(page_of(order_id), problem=NO_LONGER), 422
    found = replanning.wishes_after(order_id, reason)
    if found is None:
        abort(400)
    return kept(order_id, found)


@bp.post("/series/<uuid:order_id>/replan/ask")
def replan_ask(order_id: UUID) -> ResponseReturnValue:
    """Ask a provider to allow what a reason needs."""
    reason = asked_reason(order_id)
    if reason is None:
        return show(page_of(order_id), problem=NO_LONGER), 422
    try:
        replanning.ask_provider(order_id, reason, actor_id=current_user.id, now=access.now())
    except DomainError as error:
        flash(error.message, "caution")
    else:
        flash("Asked. The provider sees it under “To allow”; this page says when it is answered.", "success")
    return redirect(url_for("desk.replan", order_id=order_id))


def kept(order_id: UUID, wishes: dict[str, Any]) -> ResponseReturnValue:
    """Keep the wishes and show the plans."""
    try:
        replanning.keep_wishes(order_id, wishes, actor_id=current_user.id, now=access.now())
    except DomainError as error:
        return show(page_of(order_id), problem=error.message), 422
    return redirect(url_for("desk.replan", order_id=order_id, _anchor="plans"))


def asked_reason(order_id: UUID) -> Reason | None:
    """The reason that the page showed, planned again: what a form carries is no change by itself.

    None where it no longer holds: something was booked or changed since the page was made. 400 without one.
    """
    text = request.form.get("reason") or abort(400)
    proposal = replanning.propose(order_id, now=access.now(), alternatives=0)
    reasons = proposal.found.reasons if isinstance(proposal.found, Infeasible) else ()
    reasons += (proposal.question,) if proposal.question else ()
    return next((one for one in reasons if one.text == text), None)


def is_booked(order_id: UUID) -> bool:
    """Whether there is a series to re-plan."""
    row = series.series_of_order(order_id)
    return row is not None and row.status is not SeriesStatus.PROPOSED


def page_of(order_id: UUID, offer: Proposal | None = None) -> ReplanPage:
    """Read and plan what the page shows; `offer` was planned already."""
    found = offer or replanning.propose(order_id, now=access.now())
    order, row = orders.order(order_id), reads.booked_series(order_id)
    return ReplanPage(order, patient_search.patient(order.patient_id), sites.site(row.site_id), found, row.wishes)


def show(page: ReplanPage, *, problem: str = "", form: WishesForm | None = None) -> str:
    """The page."""
    is_open = form is not None
    if form is None:
        form = wishes_form(page.site)
        form.fill(page.wishes)
    asked = sign_offs.asked_of(page.order.id)
    return render_template(
        "desk/replan.html",
        page=page,
        form=form,
        is_open=is_open,
        problem=problem,
        page_error=problem,
        shown=present_proposal(page.found, page.site),
        obstacles=page.found.obstacles,
        allowed=page.found.allowed,
        asked=asked,
        token_text=page.found.rest.token,
        new_key=new_key,
        wishes_url=url_for("desk.replan_wishes", order_id=page.order.id),
    )


def wishes_form(site: Site) -> WishesForm:
    """The form of the patient's days for this site."""
    form = WishesForm()
    features = [feature for chair in site.chairs if chair.retired_on is None for feature in chair.features]
    form.for_site({opening.weekday for opening in site.openings}, features)
    return form
