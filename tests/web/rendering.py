"""Renders macros in an app that has the templates and nothing else."""

from __future__ import annotations

from typing import Any

from flask import Flask
from flask_babel import Babel
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse
from werkzeug.wrappers import Response
from wtforms import Form

from config import ROOT
from tests.web.page import Page, faults_of


def bare_app() -> Flask:
    """An app with the templates and nothing else."""
    app = Flask("bare", template_folder=str(ROOT / "templates"))
    app.jinja_options = {"trim_blocks": True, "lstrip_blocks": True}
    app.config.update(SECRET_KEY="x", WTF_CSRF_ENABLED=False)
    Babel(app)
    app.jinja_env.globals["csrf_token"] = lambda: "the-token"
    return app


def page_of(body: str) -> Page:
    """Read a piece of a page."""
    return Page.of(TestResponse([body.encode()], "200 OK", Response(mimetype="text/html").headers, None))


def show(app: Flask, source: str, *, sent: tuple[type[Form], dict[str, Any]] | None = None, **context: Any) -> str:
    """Render a source, which must keep what every page keeps; `sent`: a form and the values it was sent with."""
    with app.test_request_context(method="POST" if sent else "GET"):
        if sent:
            context["form"] = sent[0](MultiDict(sent[1]))
            context["form"].validate()
        body = app.jinja_env.from_string(source).render(**context)
    assert faults_of(page_of(body)) == []
    return body
