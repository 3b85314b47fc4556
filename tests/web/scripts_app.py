"""A small site with the real scripts, templates and policy, for tests of the scripts alone."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Thread
from types import SimpleNamespace
from typing import Any

from flask import Flask, Response, jsonify, make_response, request
from flask_wtf import FlaskForm
from werkzeug.serving import make_server
from wtforms import RadioField, StringField
from wtforms.fields.choices import SelectChoice

from config import ROOT
from intake.web import assets, security_headers
from tests.web.rendering import bare_app

QUESTION = """
{% extends "components/layout_question.html" %}
{% from "components/combobox.html" import combobox %}{% from "components/choices.html" import radios %}
{% from "components/banners.html" import crisis_help %}
{% block title %}Question{% endblock %}
{% block question %}<h1>Question</h1>{{ combobox(form.medicine, names, source=source) }}
{{ radios(form.item, crisis_values=["1"], crisis_help_id="help") }}{{ crisis_help(id="help", hidden=true) }}
<input type="hidden" name="version" value="1">{% endblock %}
"""
BOARD = """
{% extends "base.html" %}{% block scripts %}board{% endblock %}{% block title %}Board{% endblock %}
{% block main %}<h1>Board</h1><p data-refreshed></p><label for="q">Find</label><input id="q" data-find>
<a href="/booked" data-key="n">Book</a>
<dialog data-help aria-label="Keys"><form method="dialog"><button>Close</button></form></dialog>
<div data-fragment-url="/fragment">LANES</div>{% endblock %}
"""
VISIT = """
{% extends "base.html" %}{% block title %}Visit{% endblock %}
{% block main %}<h1>Visit {{ id }}</h1><form method="post"><input type="hidden" name="csrf_token" value="x">
<button>Arrived</button></form>{% endblock %}
"""
LANES = """{% from "components/board.html" import day_board %}{{ day_board(chairs, 36, [], blocks, "Today", [], 3) }}"""


class QuestionForm(FlaskForm):
    medicine = StringField("Medicine")
    item = RadioField("Thoughts", choices=[SelectChoice("0", "Not at all"), SelectChoice("1", "Several days")])


@dataclass
class Site:
    """What the tests set and read: answers to give, what was asked."""

    url: str = ""
    asked: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)
    save_status: int = 200
    seconds_to_answer: float = 0
    board_names: list[str] = field(default_factory=lambda: ["Ana", "Ben", "Cleo"])
    extra: str = ""

    def posts(self, path: str) -> list[dict[str, str]]:
        """The forms sent to a path."""
        return [values for method, where, values in self.asked if (method, where) == ("POST", path)]


def make_app(site: Site) -> Flask:
    """The pages; each request is noted."""
    app = bare_app()
    app.static_folder = str(ROOT / "static")
    assets.init_app(app)
    app.jinja_env.globals["csp_nonce"] = lambda: "fixed-for-tests"
    visitor = {"current_user": SimpleNamespace(is_authenticated=False), "clinic": SimpleNamespace(name="Clinic")}

    def render(template: str, area: str = "account", **context: Any) -> str:
        return app.jinja_env.from_string(template).render(area=area, **visitor, **context)

    app.before_request(lambda: site.asked.append((request.method, request.full_path.rstrip("?"), dict(request.form))))

    @app.after_request
    def add_policy(response: Response) -> Response:
        response.headers["Content-Security-Policy"] = security_headers.POLICY.format(nonce="fixed-for-tests")
        return response

    def lanes() -> str:
        blocks = [block(name, number) for number, name in enumerate(site.board_names)]
        return render(LANES, chairs=[{"name": "A"}, {"name": "B"}], blocks=blocks) + site.extra

    @app.route("/question", methods=["GET", "POST"])
    def question() -> str:
        time.sleep(site.seconds_to_answer if request.method == "POST" else 0)
        names = [("sertraline", "Zoloft"), ("venlafaxine", "Effexor")]
        source = request.args.get("source")
        return render(QUESTION, form=QuestionForm(), names=[] if source else names, source=source, autosave_url="/save")

    @app.post("/save")
    def save() -> Any:
        if site.save_status == 409:
            return jsonify(message="This page was changed in another tab."), 409
        return jsonify(saved="10:42", version=int(request.form["version"]) + 1), site.save_status

    @app.get("/names")
    def names() -> Any:
        alike = [["Celexa", "citalopram, depression", "Celebrex"], ["Celebrex", "celecoxib, pain", "Celexa"]]
        return jsonify([["sertraline", "Zoloft"], ["bupropion", "Wellbutrin"], ["Zoloft", ""], "lithium", *alike])

    @app.get("/board")
    def board() -> str:
        return render(BOARD.replace("LANES", lanes()), "desk")

    @app.get("/fragment")
    def fragment() -> Response:
        response = make_response(lanes())
        response.add_etag()
        return response.make_conditional(request)

    @app.route("/visit/<id>", methods=["GET", "POST"])
    def visit(id: str) -> str:
        return render(VISIT, id=id)

    app.add_url_rule("/sign-in", "account.sign_in", lambda: "")
    app.get("/booked")(lambda: render(VISIT, id="new"))
    return app


def block(name: str, number: int) -> dict[str, Any]:
    """A visit: the first two in chair A one after the other, the next in chair B."""
    place = {"col": 1 if number < 2 else 2, "row": 1 + 10 * (number % 2), "span": 8}
    return {
        "url": f"/visit/{name}",
        "name": name,
        "time": "9:00",
        "what": "Infusion",
        "status": "booked",
        "id": name,
    } | place


@contextmanager
def serving(site: Site) -> Iterator[Flask]:
    """Serve the pages on a free port."""
    app = make_app(site)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    site.url = f"http://127.0.0.1:{server.port}"
    yield app
    server.shutdown()
    thread.join(timeout=10)
    server.server_close()
