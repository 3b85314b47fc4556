"""The macros: what was typed stays, hints and errors are joined to their field, shapes come with words."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask_wtf import FlaskForm
from markupsafe import Markup
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
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Optional

from tests.web.rendering import bare_app, page_of, show


class BirthForm(Form):
    month = StringField("Month")
    day = StringField("Day")
    year = StringField("Year", [InputRequired("Enter the year")])


class DoseForm(FlaskForm):
    medicine = StringField("Medicine", description="Brand or generic name.")
    dose = DecimalField("Dose", [InputRequired("Enter the dose in mg")])
    note = TextAreaField("Note", [Optional()])
    often = SelectField("How often", choices=[SelectChoice("1", "Once a day"), SelectChoice("2", "Twice a day")])
    why = RadioField(
        "Why",
        choices=[SelectChoice("a", "Side effects"), SelectChoice("b", "It did not help enough")],
        validators=[InputRequired("Choose why")],
    )
    effects = SelectMultipleField(
        "Side effects", choices=[SelectChoice("w", "Weight gain"), SelectChoice("n", "Nausea")]
    )
    taking = BooleanField("I still take it", description="Also when you skip days.")
    born = FormField(BirthForm, "Date of birth")
    doses = FieldList(StringField("Dose", [InputRequired("Enter this dose")]), min_entries=1)


@pytest.fixture(scope="module")
def bare() -> Flask:
    return bare_app()


def filled(app: Flask, source: str, values: dict[str, Any]) -> str:
    """Render a source with a form that was sent with these values."""
    return show(app, source, sent=(DoseForm, values))


FORMS = '{% from "components/forms.html" import error_summary, text_field, textarea, select, token %}'
CHOICES = '{% from "components/choices.html" import radios, checkboxes, checkbox, date_parts, fieldset %}'


def test_a_text_field_keeps_what_was_typed_even_when_it_is_wrong(bare):
    body = filled(bare, FORMS + "{{ text_field(form.dose, suffix='mg') }}", {"dose": '1,5 "x" <b>'})
    assert page_of(body).value("dose") == '1,5 "x" <b>'
    assert "<b>" not in body


def test_hint_and_error_are_joined_to_the_field(bare):
    body = filled(bare, FORMS + "{{ text_field(form.dose, hint='As on the label.') }}", {})
    assert 'aria-describedby="dose-hint dose-error" aria-invalid="true"' in body
    assert 'id="dose-hint">As on the label.<' in body
    assert "Enter the dose in mg" in page_of(body)


def test_a_field_without_hint_or_error_describes_nothing(bare):
    body = filled(bare, FORMS + "{{ text_field(form.note) }}", {"note": "x"})
    assert "aria-" not in body


def test_only_optional_fields_say_so(bare):
    assert "(optional)" in filled(bare, FORMS + "{{ textarea(form.note) }}", {})
    assert "(optional)" not in filled(bare, FORMS + "{{ textarea(form.note, optional=false) }}", {})
    assert "(optional)" not in filled(bare, FORMS + "{{ text_field(form.dose) }}", {})


def test_a_label_can_be_the_heading_of_the_page(bare):
    page = page_of(filled(bare, FORMS + "{{ text_field(form.medicine, as_heading=true) }}", {}))
    assert page.h1 == ["Medicine"]


def test_a_long_answer_keeps_its_first_empty_line(bare):
    body = filled(bare, FORMS + "{{ textarea(form.note) }}", {"note": "\nsecond </textarea>"})
    assert "\n\nsecond &lt;/textarea&gt;" in body


def test_a_select_shows_what_was_chosen(bare):
    assert page_of(filled(bare, FORMS + "{{ select(form.often) }}", {"often": "2"})).value("often") == "2"


def test_the_error_summary_leads_to_every_field_that_has_an_error(bare):
    source = (
        FORMS
        + CHOICES
        + "{{ error_summary(form) }}{{ text_field(form.dose) }}{{ radios(form.why) }}{{ date_parts(form.born) }}"
        + "{{ select(form.often) }}{{ text_field(form.doses[0]) }}"
    )
    body = filled(bare, source, {"often": "1", "doses-0": ""})
    page = page_of(body)
    assert page.errors == ["Enter the dose in mg", "Choose why", "Enter the year", "Enter this dose"]
    assert {link for link in page.links if link.startswith("#")} == {"#dose", "#why", "#born-year", "#doses-0"}
    assert {link[1:] for link in page.links} <= set(page.ids)


def test_without_errors_there_is_no_summary(bare):
    values = {"dose": "5", "why": "a", "often": "1", "born-year": "1984", "doses-0": "5"}
    assert filled(bare, FORMS + "{{ error_summary(form) }}", values).strip() == ""


def test_radios_ask_in_a_legend_and_keep_the_answer(bare):
    body = filled(bare, CHOICES + "{{ radios(form.why, hints={'b': 'Say more on the next page.'}) }}", {"why": "b"})
    assert '<legend class="legend">Why</legend>' in body
    assert page_of(body).value("why") == "b"
    assert 'aria-describedby="why-1-hint"' in body


def test_an_unanswered_radio_group_is_described_by_its_error(bare):
    body = filled(bare, CHOICES + "{{ radios(form.why) }}", {})
    assert 'id="why-group" aria-describedby="why-group-error"' in body
    assert 'class="error" id="why-group-error"' in body


def test_an_answer_that_calls_for_help_names_the_help(bare):
    source = CHOICES + "{{ radios(form.why, crisis_values=['b'], crisis_help_id='help') }}"
    body = filled(bare, source, {})
    assert body.count("data-crisis") == 1
    assert body.index('value="b"') < body.index('data-crisis="help"')


def test_checkboxes_keep_every_answer(bare):
    body = filled(
        bare,
        CHOICES + "{{ checkboxes(form.effects) }}{{ checkbox(form.taking) }}",
        {"effects": ["w", "n"], "taking": "y"},
    )
    assert body.count(" checked") == 3


def test_the_combobox_is_a_plain_field_with_a_list(bare):
    imported = '{% from "components/combobox.html" import combobox %}'
    source = imported + '{{ combobox(form.medicine, [("sertraline", "Zoloft"), "lithium"]) }}'
    body = filled(bare, source, {"medicine": "zol"})
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
