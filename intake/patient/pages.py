"""The pages that stand once: about the patient, the reason, the PHQ-9, and the help after it."""

from __future__ import annotations

from flask import abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from intake.domain.form.pages import PARTS, Page
from intake.patient import bp
from intake.patient.screens import answer, promise
from intake.patient.single_screens import about_screen, phq9_screen, reason_screen
from intake.patient.visit import visit
from intake.web.limits import SEVERAL_TEXTS, body_limit

AFTER_HELP = {"home": "patient.home", "questions": "patient.questions", "next": "patient.check"}


@bp.get("/about")
def about_start() -> ResponseReturnValue:
    """The first of the pages about the patient."""
    return redirect(url_for("patient.about", part=PARTS[Page.ABOUT][0]))


@bp.route("/about/<part>", methods=["GET", "POST"])
@body_limit(SEVERAL_TEXTS)
def about(part: str) -> ResponseReturnValue:
    """Names and birth date, how to reach, what messages may say."""
    if part not in PARTS[Page.ABOUT]:
        abort(404)
    return answer(about_screen(visit(), part))


@bp.route("/reason", methods=["GET", "POST"])
@body_limit(SEVERAL_TEXTS)
def reason() -> ResponseReturnValue:
    """Why the patient comes."""
    return answer(reason_screen(visit()))


@bp.route("/mood", methods=["GET", "POST"])
def mood() -> ResponseReturnValue:
    """The PHQ-9."""
    return answer(phq9_screen(visit()))


@bp.get("/help")
def crisis_help() -> ResponseReturnValue:
    """Help after an answer about self-harm, and on with the form; the same page without any answer."""
    endpoint = AFTER_HELP.get(request.args.get("after", ""), "patient.home")
    return render_template("patient/help.html", promise=promise(), continue_url=url_for(endpoint))
