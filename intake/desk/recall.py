"""The recall list: whose booster is due, who tried last, what comes next; and noting a call."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from wtforms import HiddenField, RadioField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired

from intake.desk import bp
from intake.desk.boosters import ADVICE_WORDS
from intake.desk.moves import read_key
from intake.desk.series_presenter import present_window
from intake.domain import clinic_time, phones
from intake.domain.errors import DomainError
from intake.domain.scheduling.recalls import NextAction, Touch, Tried, next_action
from intake.queries import orders, patient_search, recalls, series, sites
from intake.queries.recalls import Recall, Show
from intake.services import audit, boosters
from intake.web import access, filters
from intake.web.forms import Form, TextField
from intake.web.sites import current_site

TOUCHES = {
    Touch.LEFT_MESSAGE: "Left a message",
    Touch.NO_ANSWER: "No answer",
    Touch.CALLS_BACK: "Will call us back",
    Touch.CALL_AGAIN: "Asked to be called again on a day",
    Touch.NOT_NOW: "Does not want one now",
}
NEXT = {
    NextAction.WAIT: "Wait",
    NextAction.CALL: "Call and book",
    NextAction.BOOK_REVIEW: "Book a review visit",
    NextAction.ASK_PROVIDER: "Ask the provider for a new order",
}
SHOWN = {Show.DUE: "Due", Show.OVERDUE: "Overdue", Show.ALL: "All"}


class TouchForm(Form):
    """What one try came to."""

    request_key = HiddenField()
    outcome = RadioField(
        "What came of it",
        [InputRequired("Choose what came of it.")],
        choices=[SelectChoice(touch.value, label) for touch, label in TOUCHES.items()],
    )
    call_again_on = TextField("Call again on", description="Needed where they asked for a day; else as you like.")

    def day(self) -> date | None:
        """The day as typed; raises `DomainError` for what is no date."""
        if not self.call_again_on.data:
            return None
        try:
            return date.fromisoformat(self.call_again_on.data)
        except ValueError:
            raise DomainError("Enter a date such as 2026-12-31.", field="call_again_on") from None


@bp.get("/boosters")
def recall() -> ResponseReturnValue:
    """Those whose booster is due at this site, the soonest first."""
    site, now = current_site(), access.now()
    today = clinic_time.local_day(now, site.timezone)
    asked = request.args.get("show", "")
    which = Show(asked) if asked in set(Show) else Show.DUE
    page = request.args.get("page", 1, type=int)
    ids = [one.patient.id for one in recalls.recall(site.id, today=today, show=which, page=page).rows]
    if ids:
        audit.record_list(current_user.id, found=ids, now=now)
    found = recalls.recall(site.id, today=today, show=which, page=page)
    return render_template(
        "desk/recall.html",
        rows=[present_recall(one, today, site.timezone) for one in found.rows],
        found=found,
        which=which,
        filters={show: label for show, label in SHOWN.items()},
    )


@bp.route("/boosters/<uuid:order_id>/call", methods=["GET", "POST"])
def recall_call(order_id: UUID) -> ResponseReturnValue:
    """One patient to call: the number, what was tried, and a form for what came of this try."""
    patient_id = orders.patient_of(order_id)
    if request.method == "GET":
        audit.record_view(current_user.id, patient_id, what="desk", now=access.now())
    form = TouchForm()
    if request.method == "GET":
        form.request_key.data = str(uuid4())
    if form.validate_on_submit():
        try:
            keep(order_id, form)
        except DomainError as error:
            form.blame(error)
        else:
            flash("Noted.", "success")
            return redirect(url_for("desk.recall"))
    page = render_template("desk/recall_call.html", form=form, **shown(order_id, access.now()))
    return page, (422 if form.errors else 200)


def keep(order_id: UUID, form: TouchForm) -> None:
    """Keep the try."""
    boosters.touch(
        order_id,
        Touch(form.outcome.data),
        call_again_on=form.day(),
        request_key=read_key(form.request_key.data),
        actor_id=current_user.id,
        now=access.now(),
    )


def shown(order_id: UUID, now: datetime) -> dict[str, Any]:
    """The patient and what was tried so far."""
    order = orders.order(order_id)
    patient, known = patient_search.patient(order.patient_id), series.series_of_order(order_id)
    zone = sites.timezone_of(known.site_id if known else patient.home_site_id)
    today, tried = clinic_time.local_day(now, zone), recalls.touches_of(order_id)
    one = recalls.recalled(order_id, today)
    return {
        "patient": patient,
        "phone": phones.phone_words(patient.phone) if patient.phone else "",
        "order": order,
        "row": present_recall(one, clinic_time.local_day(now, zone), zone) if one else None,
        "tries": [touch_words(row.outcome, row.call_again_on, row.at, by, zone) for row, by in tried],
    }


def present_recall(one: Recall, today: date, zone: str) -> dict[str, Any]:
    """A row of the list. Of a suggestion it says what, never why."""
    tried = None
    if one.touch is not None:
        tried_on = clinic_time.local_day(one.touch.at, zone)
        tried = Tried(tried_on, Touch(one.touch.outcome), one.touch.call_again_on)
    advice = one.advice.advice if one.advice else None
    follows = next_action(one.window, tried, advice, needs_order=False, today=today)
    return {
        **present_window(one.window),
        "name": one.patient.full_name,
        "patient_url": url_for("desk.patient", patient_id=one.patient.id),
        "book_url": url_for("desk.booster", order_id=one.order.id),
        "call_url": url_for("desk.recall_call", order_id=one.order.id),
        "pair": one.window.pair,
        "last_on": one.last_on,
        "tried": touch_words(one.touch.outcome, one.touch.call_again_on, one.touch.at, one.touched_by, zone)
        if one.touch
        else None,
        "contact": filters.day_at(one.contact_at, zone) if one.contact_at else "",
        "advice": ADVICE_WORDS[advice] if advice else "",
        "reorder": one.reorder,
        "next": NEXT[follows],
        "is_now": follows is not NextAction.WAIT,
    }


def touch_words(outcome: str, again: date | None, at: datetime, by: str, zone: str) -> dict[str, str]:
    """One try: what came of it, when, who."""
    words = TOUCHES[Touch(outcome)].lower()
    return {
        "what": f"{words}, call again {clinic_time.day_words(again)}" if again else words,
        "when": filters.when(at, zone),
        "by": by,
    }
