"""What every template keeps, read as text: the policy refuses the rest in the browser, this refuses it before."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from jinja2 import Environment, FileSystemLoader
from jinja2 import nodes as jinja

from config import ROOT

TEMPLATES = ROOT / "templates"
ALL = sorted(path for path in TEMPLATES.rglob("*") if path.suffix in (".html", ".txt", ".svg"))
PAGES = [path for path in ALL if path.suffix != ".txt" and "email" not in path.parts]
COMMENT = re.compile(r"\{#.*?#\}", re.DOTALL)
ENVIRONMENT = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True, extensions=["jinja2.ext.i18n"])
FORBIDDEN = {
    "an inline handler": r"\son[a-z]+\s*=",
    "an inline style": r"\sstyle\s*=",
    "a style element": r"<style\b",
    "an inline script": r"<script\b(?![^>]*\ssrc=)",
    "a script without the nonce": r"<script\b(?![^>]*nonce=\"\{\{ csp_nonce\(\) \}\}\")",
    "a javascript address": r"javascript:",
    "text taken as HTML": r"\|\s*safe\b|Markup|autoescape\s+false",
    "something from elsewhere": r"(?:src|href|action)=\"(?:https?:)?//",
    "a raw path to a file": r"(?:src|href)=\"/static|url_for\(.static",
}


def name_of(path: Path) -> str:
    return path.relative_to(TEMPLATES).as_posix()


def text_of(path: Path) -> str:
    return COMMENT.sub("", path.read_text())


@pytest.mark.parametrize("path", PAGES, ids=name_of)
@pytest.mark.parametrize("what", FORBIDDEN)
def test_no_template_holds(path, what):
    text = text_of(path)
    if what == "something from elsewhere":
        text = re.sub(r"<a\s[^>]*>", "", text)  # a link may lead out; nothing is loaded from there
    assert re.findall(FORBIDDEN[what], text) == []


@pytest.mark.parametrize("path", ALL, ids=name_of)
def test_a_template_has_at_most_a_hundred_lines(path):
    assert len(path.read_text().splitlines()) <= 100


@pytest.mark.parametrize("path", ALL, ids=name_of)
def test_a_template_can_be_read_by_jinja(path):
    ENVIRONMENT.parse(path.read_text(), name_of(path))


@pytest.mark.parametrize("path", [path for path in PAGES if path.suffix == ".html"], ids=name_of)
def test_every_form_that_posts_carries_the_token(path):
    text = text_of(path)
    posting = re.findall(r"<form\b[^>]*method=\"post\".*?</form>", text, re.DOTALL | re.IGNORECASE)
    tokened = re.compile(r"token\(\)|csrf_token|hidden_tag\(\)")
    assert [form[:80] for form in posting if not tokened.search(form)] == []


@pytest.mark.parametrize("path", sorted((TEMPLATES / "errors").glob("*.html")), ids=name_of)
def test_an_error_page_asks_nothing_of_person_or_session(path):
    tree = ENVIRONMENT.parse(text_of(path))
    used = {node.name for node in tree.find_all(jinja.Name) if node.ctx == "load"}
    assert used <= {"clinic", "request_id", "asset_url", "self", "_"}


@pytest.mark.parametrize("name", ["components/banners.html", "errors/layout.html"])
def test_the_crisis_line_is_complete(name):
    text = (TEMPLATES / name).read_text()
    assert [link for link in ('href="tel:911"', 'href="tel:988"', 'href="sms:988"') if link not in text] == []


def test_the_rules_find_what_they_forbid():
    bad = {
        "an inline handler": '<a onclick="x()">',
        "an inline style": '<p style="color:red">',
        "a style element": "<style>p{}</style>",
        "an inline script": "<script>x()</script>",
        "a script without the nonce": '<script src="x.js"></script>',
        "a javascript address": '<a href="javascript:x()">',
        "text taken as HTML": "{{ text | safe }}",
        "something from elsewhere": '<img src="https://example.org/x.png">',
        "a raw path to a file": '<img src="/static/img/logo.svg">',
    }
    assert [what for what, text in bad.items() if not re.search(FORBIDDEN[what], text)] == []
