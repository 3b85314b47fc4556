"""Error pages stand without database, person or clinic, and always carry the crisis line."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy.exc import OperationalError

from config import ROOT
from intake.queries import sites
from tests.web.page import faults_of
from tests.web.rendering import bare_app, page_of

NAMES = sorted(path.name for path in (ROOT / "templates" / "errors").glob("*.html") if path.stem != "layout")
CRISIS = {"tel:911", "tel:988", "sms:988"}


@pytest.fixture(scope="module")
def bare() -> Flask:
    app = bare_app()
    app.jinja_env.globals["asset_url"] = lambda name: f"/static/{name}"
    return app


@pytest.mark.parametrize("name", NAMES)
def test_an_error_page_stands_by_itself(bare, name):
    page = page_of(bare.jinja_env.get_template(f"errors/{name}").render())
    assert faults_of(page) == []
    assert set(page.links) >= CRISIS
    assert "If you are in danger call 911 . Call or text 988 any time." in page


@pytest.mark.parametrize("name", NAMES)
def test_an_error_page_names_the_phone_only_where_there_is_one(bare, name):
    template = bare.jinja_env.get_template(f"errors/{name}")
    with_phone = page_of(template.render(clinic=sites.Clinic("Stillwater", "303 555 0142")))
    without = page_of(template.render(clinic=sites.Clinic("Stillwater")))
    assert "tel:3035550142" in with_phone.links
    assert [link for link in without.links if link.startswith("tel:3")] == []


def test_a_page_that_is_not_there_says_so_and_carries_the_crisis_line(client):
    page = client.get("/nothing-here", status=404)
    assert set(page.links) >= CRISIS


def test_the_page_stands_while_the_database_is_away(app, client, monkeypatch):
    def away(_name: str) -> None:
        raise OperationalError("select", {}, Exception("away"))

    monkeypatch.setattr(sites, "policy", away)
    page = client.get("/nothing-here", status=404)
    assert set(page.links) >= CRISIS
