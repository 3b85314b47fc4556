"""The checks that the client makes on every page."""

import pytest
from werkzeug.test import TestResponse
from werkzeug.wrappers import Response

from tests.web.page import Page, faults_of

GOOD = """<!doctype html><html lang="en"><head><title>Your medicines</title><script src="/static/a.js"></script></head>
<body><h1>Your <em>medicines</em></h1><svg><title>Mark</title></svg>
<div class="error-summary"><a href="#dose">Enter the dose in mg</a></div>
<form method="post"><input type="hidden" name="csrf_token" value="x"><label for="dose">Dose</label>
<input id="dose" name="dose" value="50" aria-describedby="dose-hint"><p id="dose-hint">In mg</p>
<label>Why <textarea name="why">\nFor sleep</textarea></label>
<label for="unit">Unit</label><select id="unit" name="unit">
<option value="g">g</option><option value="mg" selected>mg</option></select>
<button>Save</button></form></body></html>"""


def page_of(body: str, mimetype: str = "text/html") -> Page:
    return Page.of(TestResponse([body.encode()], "200 OK", Response(mimetype=mimetype).headers, None))


def test_a_good_page_has_no_fault_and_is_read_as_it_stands():
    page = page_of(GOOD)
    assert faults_of(page) == []
    assert (page.title, page.h1, page.errors) == ("Your medicines", ["Yourmedicines"], ["Enter the dose in mg"])
    assert (page.value("dose"), page.value("why"), page.value("unit"), page.value("none")) == (
        "50",
        "For sleep",
        "mg",
        None,
    )
    assert "Enter the dose in mg" in page


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("<title>Your medicines</title>", "<title> </title>", "the title is empty"),
        ('<html lang="en">', "<html>", "the language is not named"),
        ("<h1>Your <em>medicines</em></h1>", "<h1></h1>", "one h1"),
        ("<body>", "<body><h1>Second</h1>", "one h1"),
        ('<label for="dose">', '<label for="doze">', "'dose' has no visible label"),
        ("<label>Why <textarea", "<label>Why</label> <textarea", "'why' has no visible label"),
        ('<script src="/static/a.js">', "<script>alert(1)", "inline <script>"),
        ("</head>", "<style>p {}</style></head>", "inline <style>"),
        ("<button>", '<button onclick="go()">', "inline onclick="),
        ("<button>", '<button style="color: red">', "inline style="),
        ('name="csrf_token"', 'name="token"', "no csrf_token"),
        ('<p id="dose-hint">', "<p>", "'dose-hint', which is not there"),
        ('href="#dose"', 'href="#doze"', "'doze', which is not there"),
        ("<button>", '<p id="dose"></p><button>', "'dose' stands twice"),
    ],
)
def test_each_broken_rule_is_found(old, new, fault):
    assert old in GOOD
    found = faults_of(page_of(GOOD.replace(old, new, 1)))
    assert len(found) == 1
    assert fault in found[0]


def test_a_fragment_needs_no_title_but_labels():
    assert faults_of(page_of("<ul><li>9:00</li></ul>")) == []
    assert faults_of(page_of('<input name="day">')) == ["field 'day' has no visible label"]


def test_what_is_no_page_is_not_checked():
    assert faults_of(page_of("BEGIN:VCALENDAR", "text/calendar")) == []
    assert "VCALENDAR" in page_of("BEGIN:VCALENDAR", "text/calendar").body
