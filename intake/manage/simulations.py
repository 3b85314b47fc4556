""" "One more chair?", "open Saturdays?": a year of the site played on the same draws, with how far it is."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from flask import Response, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from wtforms import DecimalField, HiddenField, IntegerField, RadioField, SelectField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, NumberRange, StopValidation, ValidationError

from intake.domain.errors import DomainError
from intake.domain.roles import Permission
from intake.domain.simulation.draws import Assumptions
from intake.domain.simulation.figures import DEFINITIONS, Figures, plot_of, rows_of
from intake.manage import bp
from intake.queries import simulations as reads
from intake.queries import sites
from intake.queries.simulations import SimulationRun
from intake.services import simulations as acts
from intake.web.access import needs, now
from intake.web.forms import Form
from intake.web.sites import current_site

QUESTION_WORDS = {
    acts.WAYS: "What does planning whole series bring, beside booking by hand?",
    "chair": "What would one more chair bring?",
    "nurse": "What would one more nurse bring?",
    "saturday": "What would open Saturdays bring?",
}
REFRESH_SECONDS = 3
MOST_SEED = 999_999


def finite(_form: Form, field: Any) -> None:
    """Refuse what Decimal reads but nobody means: NaN, infinity."""
    if field.data is not None and not field.data.is_finite():
        field.data = None
        raise StopValidation("Enter a number, such as 5.")


def a_draw(_form: Form, field: Any) -> None:
    """Within its bounds; `NumberRange` makes a float of it first, which fails for hundreds of digits."""
    if field.data is not None and not 0 <= field.data <= MOST_SEED:
        raise ValidationError(f"Number must be between 0 and {MOST_SEED}.")


class SimulationForm(Form):
    """What to find out, and how busy the clinic is."""

    request_key = HiddenField()
    question = RadioField(
        "What do you want to know?",
        [InputRequired("Choose what to find out.")],
        choices=[SelectChoice(code, words) for code, words in QUESTION_WORDS.items()],
        default="chair",
    )
    protocol = SelectField("Protocol")
    orders_per_week = DecimalField(
        "New orders a week",
        [InputRequired("Enter how many orders are signed in a week."), finite, NumberRange(0.1, acts.MOST_A_WEEK)],
        default=5,
        places=None,
    )
    seed = IntegerField(
        "Draw",
        [InputRequired("Enter a whole number."), a_draw],
        default=1,
        description="Another number plays another year of the same kind.",
    )


@bp.route("/simulations", methods=["GET", "POST"])
@needs(Permission.MANAGE_CLINIC)
def simulations() -> ResponseReturnValue:
    """Ask, and what was asked before."""
    site, form = current_site(), SimulationForm()
    form.protocol.choices = [SelectChoice(str(row.id), row.name) for row in sites.current_protocols()]
    if request.method == "GET":
        form.request_key.data = str(uuid4())
    if form.validate_on_submit():
        try:
            run_id = ask(form, site.id)
        except DomainError as error:
            form.blame(error)
        else:
            return redirect(url_for("manage.simulation", run_id=run_id))
    shown = [present_run(row) for row in reads.latest(site.id)]
    page = render_template("manage/simulations.html", form=form, runs=shown, site_name=site.name)
    return page, (422 if form.errors else 200)


def ask(form: SimulationForm, site_id: UUID) -> UUID:
    """Put the question into the line."""
    try:
        key, protocol_id = UUID(form.request_key.data or ""), UUID(form.protocol.data or "")
    except ValueError:
        abort(400)
    return acts.ask(
        site_id,
        protocol_id,
        form.question.data,
        orders_per_week=float(form.orders_per_week.data),
        seed=form.seed.data,
        request_key=key,
        actor_id=current_user.id,
        now=now(),
    )


@bp.get("/simulations/<uuid:run_id>")
@needs(Permission.MANAGE_CLINIC)
def simulation(run_id: UUID) -> ResponseReturnValue:
    """How far it is, then the figures. While it runs the page asks again by itself."""
    row = reads.run(run_id)
    page = render_template("manage/simulation.html", run=present_run(row), definitions=DEFINITIONS, assumed=assumed())
    answer = Response(page)
    if row.finished_at is None:
        answer.headers["Refresh"] = str(REFRESH_SECONDS)
    return answer


@bp.get("/simulations/<uuid:run_id>/plot.svg")
@needs(Permission.MANAGE_CLINIC)
def simulation_plot(run_id: UUID) -> ResponseReturnValue:
    """The figures as bars."""
    row = reads.run(run_id)
    if not row.figures:
        abort(404)
    return Response(plot_of([Figures(**one) for one in row.figures]), mimetype="image/svg+xml")


@bp.post("/simulations/<uuid:run_id>/end")
@needs(Permission.MANAGE_CLINIC)
def end_simulation(run_id: UUID) -> ResponseReturnValue:
    """End a run that is not done."""
    reads.run(run_id)
    acts.end(run_id, actor_id=current_user.id, now=now())
    return redirect(url_for("manage.simulation", run_id=run_id))


def present_run(row: SimulationRun) -> dict[str, Any]:
    """A run as its pages show it."""
    found = [Figures(**one) for one in row.figures or []]
    return {
        "id": row.id,
        "url": url_for("manage.simulation", run_id=row.id),
        "question": QUESTION_WORDS[row.question],
        "orders": f"{row.orders_per_week:g}",
        "seed": row.seed,
        "made_at": row.made_at,
        "percent": row.percent,
        "is_open": row.finished_at is None,
        "is_waiting": row.owner is None,
        "words": row.words,
        "heads": [{"text": one.way, "class": "number"} for one in found],
        "rows": rows_of(found) if found else [],
        "spoken": "; ".join(f"{one.way}: {one.completed:.0%} completed" for one in found),
    }


def assumed() -> list[tuple[str, str]]:
    """The assumptions that a manager cannot change here, in words."""
    known = Assumptions(now().date())
    return [
        (
            "Cancelled, missed, held by the clinic",
            f"{known.cancelled:.0%}, {known.missed:.0%}, {known.held:.0%} of visits",
        ),
        ("Days without a provider, days closed", f"{known.absences} and {known.closures} a year"),
        ("Can come on each open weekday", f"{known.day_share:.0%} of people, on two days at least"),
        ("All day, mornings only, afternoons only", ", ".join(f"{share:.0%}" for share in known.hours_share)),
        ("Fetched within certain hours, away for a few days", f"{known.driver_share:.0%}, {known.away_share:.0%}"),
    ]
