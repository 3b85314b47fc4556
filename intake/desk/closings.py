"""Closing a day, a part of one or a chair, a provider away, and several new orders: planned together, then placed."""

from __future__ import annotations

import time
from collections.abc import Callable
from uuid import UUID, uuid4

from flask import abort, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from werkzeug.exceptions import NotFound

from intake.desk import bp
from intake.desk.closing_form import ClosingForm
from intake.desk.closings_presenter import present_batch, present_batches, present_standing
from intake.desk.moves import read_key
from intake.domain import clinic_time
from intake.domain.errors import DomainError
from intake.domain.roles import Permission
from intake.queries import closings as reads
from intake.queries import orders as order_queries
from intake.services import audit, batch_placing, closings, searches
from intake.web import access
from intake.web.access import needs
from intake.web.sites import current_site

PLANNING_SECONDS, PLACING_SECONDS = 5.0, 6.0
"""How long one press may plan, and may book; what is left then waits for the next press."""
REFRESH_SECONDS = 2


@bp.route("/closings", methods=["GET", "POST"])
@needs(Permission.CLOSE)
def closings_page() -> ResponseReturnValue:
    """What is to be closed; the next page lists everybody who loses a visit before anything is closed."""
    site, now = current_site(), access.now()
    form = ClosingForm()
    chairs = [chair.name for chair in site.chairs if chair.retired_on is None]
    form.show(chairs, reads.presences(site))
    if request.method == "GET":
        form.begin(now, site.timezone)
        form.request_key.data = str(uuid4())
    if form.validate_on_submit():
        try:
            batch_id = closings.propose_closing(
                site.id,
                form.to_closing(),
                request_key=read_key(form.request_key.data),
                actor_id=current_user.id,
                now=now,
                seconds_left=countdown(PLANNING_SECONDS),
            )
        except DomainError as error:
            form.blame(error)
        else:
            return redirect(url_for("desk.batch", batch_id=batch_id))
    found = reads.standing_in_closed(site, now=now)
    standing, ids = present_standing(found, site), sorted({row.patient_id for row, _ in found})
    shown = present_batches([row for row in reads.batches_of(site.id) if may_open(row)], site)
    page = render_template("desk/closings.html", form=form, batches=shown, standing=standing)
    audit.record_list(current_user.id, found=ids, now=now)
    return page, (422 if form.errors else 200)


@bp.post("/orders/together")
@needs(Permission.BOOK)
def plan_orders() -> ResponseReturnValue:
    """Plan all orders together that wait and whose days are known."""
    site, now = current_site(), access.now()
    today = clinic_time.local_day(now, site.timezone)
    waiting = [one.order.id for one in order_queries.awaiting_booking(site.id, as_of=today)]
    try:
        batch_id = closings.propose_orders(
            site.id,
            waiting,
            request_key=read_key(request.form.get("request_key")),
            actor_id=current_user.id,
            now=now,
            seconds_left=countdown(PLANNING_SECONDS),
        )
    except DomainError as error:
        flash(error.message, "caution")
        return redirect(url_for("desk.orders"))
    return redirect(url_for("desk.batch", batch_id=batch_id))


@bp.get("/batches/<uuid:batch_id>")
@needs(Permission.CLOSE)
def batch(batch_id: UUID) -> ResponseReturnValue:
    """Everybody of a batch: before and after, what came of it, and what is left to do.

    While a better plan is looked for, the page asks again by itself how far that is.
    """
    ids = {case.patient_id for case in reads.cases_of(_opened(batch_id).id)}
    if ids:
        audit.record_list(current_user.id, found=sorted(ids), now=access.now())
    shown = present_batch(reads.batch(batch_id), access.now())
    answer = make_response(render_template("desk/closing_batch.html", batch=shown))
    if shown["is_searching"]:
        answer.headers["Refresh"] = str(REFRESH_SECONDS)
    return answer


@bp.post("/batches/<uuid:batch_id>/search")
@needs(Permission.BOOK)
def search_batch(batch_id: UUID) -> ResponseReturnValue:
    """Look for a better plan for a minute, or stop and take the best so far."""
    reads.batch(batch_id)
    try:
        if request.form.get("stop") == "1":
            searches.stop(batch_id, actor_id=current_user.id)
        else:
            searches.begin(batch_id, actor_id=current_user.id, now=access.now())
    except DomainError as error:
        flash(error.message, "caution")
    return redirect(url_for("desk.batch", batch_id=batch_id))


@bp.post("/batches/<uuid:batch_id>/place")
@needs(Permission.CLOSE)
def place_batch(batch_id: UUID) -> ResponseReturnValue:
    """Close what was proposed, if it is not closed yet, and place patients for some seconds; the page says how far."""
    _opened(batch_id)
    try:
        closings.close(batch_id, actor_id=current_user.id, now=access.now())
        if request.form.get("only_close") != "1":
            batch_placing.place(
                batch_id, actor_id=current_user.id, now=access.now(), seconds_left=countdown(PLACING_SECONDS)
            )
    except DomainError as error:
        flash(error.message, "caution")
    return redirect(url_for("desk.batch", batch_id=batch_id))


@bp.post("/batches/<uuid:batch_id>/reopen")
@needs(Permission.CLOSE)
def reopen_batch(batch_id: UUID) -> ResponseReturnValue:
    """Take a closing back, while nobody was moved for it."""
    _opened(batch_id)
    try:
        closings.reopen(batch_id, actor_id=current_user.id, now=access.now())
    except DomainError as error:
        flash(error.message, "caution")
    return redirect(url_for("desk.batch", batch_id=batch_id))


@bp.post("/batches/<uuid:batch_id>/told")
@needs(Permission.CLOSE)
def told_case(batch_id: UUID) -> ResponseReturnValue:
    """Note that a patient was called."""
    _opened(batch_id)
    key = read_key(request.form.get("case"))
    if key not in {case.id for case in reads.cases_of(batch_id)}:
        raise NotFound
    closings.mark_told(key, actor_id=current_user.id, now=access.now())
    return redirect(url_for("desk.batch", batch_id=batch_id, _anchor=f"case-{key}"))


def may_open(row: reads.Batch) -> bool:
    """Orders planned together are the desk's; a closing is whoever's may close."""
    return row.kind != closings.ORDERS or current_user.may(Permission.BOOK)


def _opened(batch_id: UUID) -> reads.Batch:
    row = reads.batch(batch_id)
    if not may_open(row):
        abort(403)
    return row


def countdown(seconds: float) -> Callable[[], float]:
    """How many seconds are left of so many from now on."""
    end = time.monotonic() + seconds
    return lambda: end - time.monotonic()
