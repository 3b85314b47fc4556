"""Saving while the patient types: the same save, answered in a few words for a script."""

from __future__ import annotations

from flask import abort, jsonify, request
from flask.typing import ResponseReturnValue

from intake.domain.errors import DomainError
from intake.domain.form.pages import Page, is_part
from intake.patient import bp
from intake.patient.registry import autosaved_screen
from intake.patient.screens import keep
from intake.patient.visit import visit
from intake.services.consultations import EditedElsewhere
from intake.web.filters import clock_at
from intake.web.limits import SEVERAL_TEXTS, body_limit

ELSEWHERE = "This was changed in another window. Press the button below to see both and choose."


@bp.post("/autosave/<page>/<part>", defaults={"item": None})
@bp.post("/autosave/<page>/<part>/<uuid:item>")
@body_limit(SEVERAL_TEXTS)
def autosave(page: str, part: str, item: object) -> ResponseReturnValue:
    """Save a part as it stands; says when, or why not."""
    if not is_part(page, part):
        abort(404)
    at = visit()
    screen = autosaved_screen(at, Page(page), part, str(item) if item else "", may_add="new" in request.args)
    try:
        saved = keep(screen, at, screen.settle(screen.filled(None).answers))
    except EditedElsewhere:
        return jsonify(message=ELSEWHERE), 409
    except DomainError as error:
        return jsonify(message=error.message), 409
    return jsonify(saved=clock_at(saved.saved_at, at.zone), version=saved.version)
