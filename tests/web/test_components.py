"""The macros: what was typed stays, hints and errors are joined to their field, shapes come with words."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any
from xml.etree import ElementTree

import pytest
from flask import Flask
from flask_babel import Babel
from flask_wtf import FlaskForm
from markupsafe import Markup
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse
from werkzeug.wrappers import Response
from wtforms import (
    BooleanField,
    DecimalField,
    FieldList,
    Form,
    FormField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired, Optional

from config import ROOT
from tests.web.page import Page, faults_of


class BirthForm(Form):
    month = StringField("Month")
    day = StringField("Day")
    year = StringField("Year", [InputRequired("Enter the year")])


class DoseForm(FlaskForm):
    medicine = StringField("Medicine", description="Brand or generic name.")
    dose = DecimalField("Dose", [InputRequired("Enter the dose in mg")])
    note = TextAreaField("Note", [Optional()])
    often = SelectField("How often", choices=[("1", "Once a day"), ("2", "Twice a day")])
    why = RadioField(
        "Why",
        choices=[("a", "Side effects"), ("b", "It did not help enough")],
        validators=[InputRequired("Choose why")],
    )
    effects = SelectMultipleField("Side effects", choices=[("w", "Weight gain"), ("n", "Nausea")])
    taking = BooleanField("I still take it", description="Also when you skip days.")
    born = FormField(BirthForm, "Date of birth")
    doses = FieldList(StringField("Dose", [InputRequired("Enter this dose")]), min_entries=1)


@pytest.fixture
def bare() -> Flask:
    """An app with the templates and nothing else."""
    app = Flask("bare", template_folder=str(ROOT / "templates"))
    app.jinja_options = {"trim_blocks": True, "lstrip_blocks": True}
    app.config.update(SECRET_KEY="x", WTF_CSRF_ENABLED=False)
    Babel(app)
    app.jinja_env.globals["csrf_token"] = lambda: "the-token"
    return app


def page_of(body: str) -> Page:
    return Page.of(TestResponse([body.encode()], "200 OK", Response(mimetype="text/html").headers, None))


def show(app: Flask, source: str, values: dict[str, Any] | None = None, **context: Any) -> str:
    """Render a source; with `values` there is a form that was sent with them."""
    with app.test_request_context(method="POST" if values is not None else "GET"):
        if values is not None:
            form = DoseForm(MultiDict(values))
            form.validate()
            context["form"] = form
        body = app.jinja_env.from_string(source).render(**context)
    assert faults_of(page_of(body)) == []
    return body


FORMS = '{% from "components/forms.html" import error_summary, text_field, textarea, select, token %}'
CHOICES = '{% from "components/choices.html" import radios, checkboxes, checkbox, date_parts, fieldset %}'


def test_a_text_field_keeps_what_was_typed_even_when_it_is_wrong(bare):
    body = show(bare, FORMS + "{{ text_field(form.dose, suffix='mg') }}", {"dose": '1,5 "x" <b>'})
    assert page_of(body).value("dose") == '1,5 "x" <b>'
    assert "<b>" not in body


def test_hint_and_error_are_joined_to_the_field(bare):
    body = show(bare, FORMS + "{{ text_field(form.dose, hint='As on the label.') }}", {})
    assert 'aria-describedby="dose-hint dose-error" aria-invalid="true"' in body
    assert 'id="dose-hint">As on the label.<' in body
    assert "Enter the dose in mg" in page_of(body)


def test_a_field_without_hint_or_error_describes_nothing(bare):
    body = show(bare, FORMS + "{{ text_field(form.note) }}", {"note": "x"})
    assert "aria-" not in body


def test_only_optional_fields_say_so(bare):
    assert "(optional)" in show(bare, FORMS + "{{ textarea(form.note) }}", {})
    assert "(optional)" not in show(bare, FORMS + "{{ textarea(form.note, optional=false) }}", {})
    assert "(optional)" not in show(bare, FORMS + "{{ text_field(form.dose) }}", {})


def test_a_label_can_be_the_heading_of_the_page(bare):
    page = page_of(show(bare, FORMS + "{{ text_field(form.medicine, as_heading=true) }}", {}))
    assert page.h1 == ["Medicine"]


def test_a_long_answer_keeps_its_first_empty_line(bare):
    body = show(bare, FORMS + "{{ textarea(form.note) }}", {"note": "\nsecond </textarea>"})
    assert "\n\nsecond &lt;/textarea&gt;" in body


def test_a_select_shows_what_was_chosen(bare):
    assert page_of(show(bare, FORMS + "{{ select(form.often) }}", {"often": "2"})).value("often") == "2"


def test_the_error_summary_leads_to_every_field_that_has_an_error(bare):
    source = (
        FORMS
        + CHOICES
        + "{{ error_summary(form) }}{{ text_field(form.dose) }}{{ radios(form.why) }}{{ date_parts(form.born) }}"
        + "{{ select(form.often) }}{{ text_field(form.doses[0]) }}"
    )
    body = show(bare, source, {"often": "1", "doses-0": ""})
    page = page_of(body)
    assert page.errors == ["Enter the dose in mg", "Choose why", "Enter the year", "Enter this dose"]
    assert {link for link in page.links if link.startswith("#")} == {"#dose", "#why", "#born-year", "#doses-0"}
    assert {link[1:] for link in page.links} <= set(page.ids)


def test_without_errors_there_is_no_summary(bare):
    values = {"dose": "5", "why": "a", "often": "1", "born-year": "1984", "doses-0": "5"}
    assert show(bare, FORMS + "{{ error_summary(form) }}", values).strip() == ""


def test_radios_ask_in_a_legend_and_keep_the_answer(bare):
    body = show(bare, CHOICES + "{{ radios(form.why, hints={'b': 'Say more on the next page.'}) }}", {"why": "b"})
    assert '<legend class="legend">Why</legend>' in body
    assert page_of(body).value("why") == "b"
    assert 'aria-describedby="why-1-hint"' in body


def test_an_unanswered_radio_group_is_described_by_its_error(bare):
    body = show(bare, CHOICES + "{{ radios(form.why) }}", {})
    assert 'id="why-group" aria-describedby="why-group-error"' in body
    assert 'class="error" id="why-group-error"' in body


def test_an_answer_that_calls_for_help_names_the_help(bare):
    source = CHOICES + "{{ radios(form.why, crisis_values=['b'], crisis_help_id='help') }}"
    body = show(bare, source, {})
    assert body.count("data-crisis") == 1
    assert body.index('value="b"') < body.index('data-crisis="help"')


def test_checkboxes_keep_every_answer(bare):
    body = show(
        bare,
        CHOICES + "{{ checkboxes(form.effects) }}{{ checkbox(form.taking) }}",
        {"effects": ["w", "n"], "taking": "y"},
    )
    assert body.count(" checked") == 3


def test_the_combobox_is_a_plain_field_with_a_list(bare):
    imported = '{% from "components/combobox.html" import combobox %}'
    source = imported + '{{ combobox(form.medicine, [("sertraline", "Zoloft"), "lithium"]) }}'
    body = show(bare, source, {"medicine": "zol"})
    assert page_of(body).value("medicine") == "zol"
    assert 'list="medicine-list"' in body
    assert '<option value="sertraline" label="Zoloft">' in body


def test_a_repeated_button_says_what_it_is_about(bare):
    imported = '{% from "components/buttons.html" import post_button %}'
    source = imported + '{{ post_button("Arrived", "/move", {"to": "arrived"}, about="Ana Rivera") }}'
    body = show(bare, source)
    assert "Arrived Ana Rivera" in page_of(body)
    assert 'name="csrf_token" value="the-token"' in body
    assert 'name="to" value="arrived"' in body


@pytest.mark.parametrize("level", ["stop", "clearance", "caution", "note"])
def test_a_level_has_a_shape_and_a_word(bare, level):
    body = show(bare, '{% from "components/badges.html" import level_badge %}{{ level_badge(level, 2) }}', level=level)
    assert "<path" in body
    assert f"{level} 2" in page_of(body)


def test_levels_and_statuses_differ_in_shape(bare):
    with bare.test_request_context():
        module = bare.jinja_env.get_template("components/badges.html").module
    for paths in (module.level_paths, module.status_paths):
        assert len(set(paths.values())) == len(paths)


def test_every_appointment_status_has_a_badge(bare):
    from intake.domain.statuses import Status, word_for

    for status in Status:
        body = show(
            bare, '{% from "components/badges.html" import status_badge %}{{ status_badge(status) }}', status=status
        )
        assert word_for(status) in page_of(body)


def test_the_help_after_a_crisis_answer_offers_both_numbers_and_only_the_promise_given(bare):
    source = '{% from "components/banners.html" import crisis_help %}{{ crisis_help(promise) }}'
    body = show(bare, source, promise="We call you by 5:00 pm today.")
    assert [link for link in page_of(body).links] == ["tel:988", "sms:988", "tel:911"]
    assert "We call you by 5:00 pm today." in body
    assert "call you" not in show(bare, source, promise=None)
    assert "hidden" not in body


def test_help_shown_by_script_does_not_say_that_the_answer_is_saved(bare):
    source = '{% from "components/banners.html" import crisis_help %}{{ crisis_help(hidden=true) }}'
    assert "Your answer is saved" not in show(bare, source)


def a_trial(start: float, stop: float, **more: Any) -> dict[str, Any]:
    ends = {"from_fraction_min": start, "from_fraction_max": start, "to_fraction_min": stop, "to_fraction_max": stop}
    return (
        {"label": "sertraline <i>", "adequate": True, "dates": "2019", "dose": "50 mg", "outcome": "none"} | ends | more
    )


def svg_of(body: str) -> ElementTree.Element:
    return ElementTree.fromstring(body[body.index("<svg width") : body.index("</svg>\n    </div>") + 6])  # noqa: S314


def test_the_timeline_is_one_readable_svg_with_its_facts_as_a_table(bare):
    trials = [
        a_trial(0.1, 0.5),
        a_trial(0.4, 0.9, adequate=False, note="side effects"),
        a_trial(0.2, 0.3, adequate=None),
    ]
    source = '{% from "components/timeline.html" import timeline %}{{ timeline(trials, ticks, "Three treatments.") }}'
    body = show(bare, source, trials=trials, ticks=[{"label": "2019", "fraction": 0.0}])
    svg = svg_of(body)
    classes = [rect.get("class") for rect in svg.iter("rect")]
    assert classes == ["bar adequate", "bar inadequate", "bar unclear"]
    assert [text.text for text in svg.iter("title")] == ["Treatment timeline"]
    assert body.count('<th scope="row">sertraline &lt;i&gt;</th>') == 3
    assert "side effects" in body


def test_dates_that_are_not_exact_have_soft_ends(bare):
    trial = a_trial(0, 1, from_fraction_min=0.1, from_fraction_max=0.2, to_fraction_min=0.6, to_fraction_max=0.8)
    source = '{% from "components/timeline.html" import timeline %}{{ timeline([trial], [], "One.") }}'
    rects = [(r.get("class"), r.get("x"), r.get("width")) for r in svg_of(show(bare, source, trial=trial)).iter("rect")]
    assert rects == [("soft", "10.00%", "10.00%"), ("bar adequate", "20.00%", "40.00%"), ("soft", "60.00%", "20.00%")]


def test_dates_that_may_meet_are_soft_throughout(bare):
    trial = a_trial(0, 1, from_fraction_min=0.1, from_fraction_max=0.6, to_fraction_min=0.5, to_fraction_max=0.8)
    source = '{% from "components/timeline.html" import timeline %}{{ timeline([trial], [], "One.") }}'
    rects = [(r.get("class"), r.get("x"), r.get("width")) for r in svg_of(show(bare, source, trial=trial)).iter("rect")]
    assert rects == [("soft", "10.00%", "70.00%")]


def test_a_block_of_the_board_stands_in_its_lane_at_its_quarter(bare):
    block = {"col": 2, "row": 5, "span": 10, "turnover": 1, "url": "/v", "name": "Rivera, Ana", "time": "9:00–11:30",
             "what": "Infusion 2 of 6", "status": "checked-in", "id": "v1"}  # fmt: skip
    source = (
        '{% from "components/board.html" import day_board %}{{ day_board(chairs, 36, [], [block], "Tuesday", [], 7) }}'
    )
    body = show(bare, source, chairs=[{"name": "A"}, {"name": "B"}], block=SimpleNamespace(**block))
    first, second = body.split('<ul class="board-lane"')[1:]
    assert "Rivera" not in first
    assert 'class="visit status-checked-in row-5 span-10"' in second
    assert 'class="turnover row-15 span-1"' in second
    assert body.count('class="now row-7"') == 4
    assert "checked in" in page_of(second)


def test_every_place_on_the_board_has_its_class():
    sheet = (ROOT / "static" / "css" / "board.css").read_text()
    wanted = (
        [f".row-{n} " for n in range(1, 61)]
        + [f".span-{n} " for n in range(1, 25)]
        + [f".chairs-{n} " for n in range(1, 13)]
    )
    assert [place for place in wanted if place not in sheet] == []


def test_the_plan_strip_has_a_cell_for_every_day(bare):
    days = [{"label": f"Mon {n}", "long": f"Monday, December {n}", "week_start": n == 1} for n in range(1, 4)]
    plan = {"name": "A", "cost": "best", "cells": [{"time": "9:00 am", "chair": "B", "tentative": True}, None, None]}
    source = '{% from "components/schedule.html" import plan_strip %}{{ plan_strip(days, [plan], "Series") }}'
    body = show(bare, source, days=days, plan=plan)
    assert body.count("<td") == 3
    assert body.count('scope="col"') == 4
    assert "tentative" in page_of(body)


def test_a_task_that_cannot_start_is_no_link(bare):
    items = [{"label": "Check", "state": "Cannot start yet: two parts are open", "kind": "blocked", "url": None}]
    body = show(bare, '{% from "components/lists.html" import task_list %}{{ task_list(items) }}', items=items)
    assert page_of(body).links == []
    assert "Cannot start yet" in body


def test_what_a_caller_marks_up_is_kept_and_values_are_escaped(bare):
    source = (
        '{% from "components/lists.html" import definitions %}{{ definitions([("Weight", value), ("Note", kept)]) }}'
    )
    body = show(bare, source, value="<b>82</b>", kept=Markup("<b>fine</b>"))
    assert "&lt;b&gt;82" in body
    assert "<b>fine</b>" in body
