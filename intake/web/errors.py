"""Exceptions become pages in plain words: what happened, what to do next, the crisis line."""

from __future__ import annotations

import logging
from contextlib import suppress

from flask import Flask, g, make_response, render_template
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import NoResultFound, OperationalError, SQLAlchemyError
from werkzeug.exceptions import HTTPException

from intake.extensions import db, login_manager
from intake.services.errors import Busy, NotAllowed, Throttled

logger = logging.getLogger("intake.web")
PAGES = frozenset({400, 403, 404, 405, 413, 415, 422, 429, 500, 503})


def init_app(app: Flask) -> None:
    """Register one handler for each kind of failure."""
    app.register_error_handler(HTTPException, http_page)
    app.register_error_handler(CSRFError, stale_page)
    app.register_error_handler(NoResultFound, lambda _error: page(404))
    app.register_error_handler(NotAllowed, lambda _error: page(403))
    app.register_error_handler(Throttled, lambda _error: page(429))
    app.register_error_handler(OperationalError, busy_page)
    app.register_error_handler(Busy, lambda _error: page(503))
    app.register_error_handler(Exception, crash_page)


def page(status: int, template: str | None = None) -> ResponseReturnValue:
    """The page for a status; a status without one of its own shows the nearest."""
    shown = status if status in PAGES else (500 if status >= 500 else 400)
    return render_template(template or f"errors/{shown}.html", request_id=g.get("request_id", "")), status


def http_page(error: HTTPException) -> ResponseReturnValue:
    """Redirects and conditional answers pass; the rest becomes a page, with the headers the error brought."""
    if error.code is None or error.code < 400:
        return error
    response = make_response(page(error.code))
    if error.code == 405:
        response.headers["Allow"] = error.get_response().headers["Allow"]
    return response


def stale_page(_error: CSRFError) -> ResponseReturnValue:
    """A form whose token does not fit: signed out meanwhile, or sent from elsewhere."""
    return page(400, "errors/stale.html")


def busy_page(error: OperationalError) -> ResponseReturnValue:
    """The database is away or busy: nothing was saved, trying again is right."""
    logger.error("database_unavailable", exc_info=error)
    return page_without_database(503)


def crash_page(error: Exception) -> ResponseReturnValue:
    """Anything unforeseen. The log has class and place, never the text."""
    logger.error("unhandled", exc_info=error)
    return page_without_database(500)


def page_without_database(status: int) -> ResponseReturnValue:
    """A page that asks the database nothing: neither who is signed in nor what the clinic is called."""
    with suppress(SQLAlchemyError):
        db.session.rollback()
    g._login_user, g.clinic = login_manager.anonymous_user(), None  # where flask-login keeps whom it has loaded
    g.pop("auth_session", None)
    return page(status)
