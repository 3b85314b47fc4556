"""Boosters for the provider: who is due, what the course suggests and why, and the word to the desk."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import render_template, request
from flask.typing import ResponseReturnValue
from flask_login import current_user
from werkzeug.exceptions import NotFound
from wtforms import RadioField
from wtforms.validators import InputRequired

from intake.domain.clinic_time import local_day
from intake.domain.errors import DomainError
from intake.domain.roles import Permission
from intake.domain.scheduling.booster_signals import Advice, Signal, signals
from intake.domain.scheduling.protocols import booster_limits
from intake.domain.screening import instruments
from intake.provider import bp, words
from intake.provider.fields import KeyForm, LongTextField
from intake.provider.forms import TOO_LONG, choices_of
from intake.provider.opening import back_to_chart, open_chart
from intake.queries import boosters as reads
from intake.queries import courses, recalls
from intake.queries.courses import PHQ9, Answered
from intake.queries.recalls import Recall, Show
from intake.services import audit
from intake.services import boosters as acts
from intake.web.access import needs, now
from intake.web.sites import current_site

NOTHING = "nothing"
ADVICE = {
    Advice.SOONER: "Sooner: the desk may book from today on",
    Advice.LATER: "Later: the end of the window is best",
    Advice.REVIEW: "A review visit first",
    NOTHING: "Nothing, as the order has it",
}
SUGGESTS = {Advice.SOONER: "sooner", Advice.LATER: "later", Advice.REVIEW: "a review first"}
FILTERS = {Show.DUE: "Due", Show.OVERDUE: "Overdue", Show.ALL: "All"}


class AdviceForm(KeyForm):
    """What the desk is told."""

    advice = RadioField("Tell the desk", [InputRequired("Choose what to tell the desk.")], choices=choices_of(ADVICE))
    note = LongTextField("Why", [TOO_LONG], description="For the chart only. The desk never sees it.")


@bp.get("/boosters")
@needs(Permission.READ_CHART)
def boosters() -> ResponseReturnValue:
    """Those whose booster is due at this site, each with the last PHQ-9 and what its course suggests."""
    site, asked = current_site(), request.args.get("show", "")
    today = local_day(now(), site.timezone)
    which = Show(asked) if asked in set(Show) else Show.DUE
    page = request.args.get("page", 1, type=int)
    ids = [one.patient.id for one in recalls.recall(site.id, today=today, show=which, page=page).rows]
    if ids:
        audit.record_list(current_user.id, found=ids, now=now())
    found = recalls.recall(site.id, today=today, show=which, page=page)
    known = courses.courses_of([one.patient.id for one in found.rows], site.timezone)
    return render_template(
        "provider/boosters.html",
        rows=[_row(one, known[one.patient.id]) for one in found.rows],
        found=found,
        which=which,
        filters=FILTERS,
        zone=site.timezone,
    )


@bp.route("/patients/<uuid:patient_id>/orders/<uuid:order_id>/boosters", methods=["GET", "POST"])
@needs(Permission.SIGN_ORDER)
def advise_booster(patient_id: UUID, order_id: UUID) -> ResponseReturnValue:
    """The course, what it suggests with its sources, and the word to the desk. Nothing is said by itself."""
    chart = open_chart(patient_id)
    order = next((row for row in chart.orders if row.id == order_id), None)
    if order is None:
        raise NotFound
    form = AdviceForm()
    form.show_fresh()
    if form.validate_on_submit():
        try:
            _say(patient_id, order_id, form)
        except DomainError as error:
            form.blame(error)
            chart = open_chart(patient_id)
        else:
            return back_to_chart(patient_id, "The desk sees it on its list.")
    zone = chart.site.timezone
    course = courses.courses_of([patient_id], zone)[patient_id]
    page = render_template(
        "provider/booster.html",
        form=form,
        chart=chart,
        row=recalls.recalled(order_id, chart.as_of),
        standing=reads.advice_on(order_id),
        course=course[::-1],
        signals=_signals(course),
        suggests=SUGGESTS,
        advice=ADVICE,
        words=words,
        zone=zone,
    )
    return page, (422 if form.errors else 200)


def _say(patient_id: UUID, order_id: UUID, form: AdviceForm) -> None:
    chosen = form.advice.data
    acts.advise(
        order_id,
        None if chosen == NOTHING else Advice(chosen),
        note=form.note.data,
        patient_id=patient_id,
        request_key=form.key,
        actor_id=current_user.id,
        now=now(),
    )


def _signals(course: list[Answered]) -> list[Signal]:
    """What the readings suggest; without a limit of remission nothing counts as one."""
    readings = [one.reading for one in course]
    return signals(readings, booster_limits(), remission_below=instruments.load(PHQ9).remission_below or 0)


def _row(one: Recall, course: list[Answered]) -> dict[str, Any]:
    last = course[-1].reading if course else None
    return {
        "recall": one,
        "last": last,
        "signals": _signals(course),
        "said": SUGGESTS[one.advice.advice] if one.advice else "",
    }
