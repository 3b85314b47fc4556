"""What the forms of the patient's pages share: answers as typed, and the faults that the domain finds in them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from flask_wtf import FlaskForm
from wtforms import BooleanField, FieldList, FormField, RadioField, SelectField, SelectMultipleField
from wtforms import Form as PlainForm
from wtforms.fields import Field
from wtforms.fields.choices import SelectChoice

from intake.domain.form.reader import Options
from intake.web.forms import Form

_BROKEN_UTF8 = re.compile("%[89A-F][0-9A-F]")
"""How bytes that are no UTF-8 arrive from a form; readers know them by the replacement character."""


class PageForm(Form):
    """One part of the form. It keeps whatever was typed; what can be read is the domain's to say."""

    class Meta(FlaskForm.Meta):  # type: ignore[misc]  # flask-wtf has no types
        """The token of every POST is checked before a route runs, so these forms carry none of their own."""

        csrf = False

    @property
    def answers(self) -> dict[str, Any]:
        """Everything as typed, by field."""
        return {name: _plain(value) for name, value in self.data.items()}

    def show(self, faults: Mapping[str, str]) -> None:
        """Put each fault beside its field; the title and the summary follow."""
        fields = dict(_by_name(self))
        for name, message in faults.items():
            if name in fields:
                fields[name].errors = [message]
            else:
                self.form_errors.append(message)
        for field in self:
            if isinstance(field, FieldList) and any(entry.errors for entry in field.entries):
                field.errors = [entry.errors for entry in field.entries]


class RowForm(PlainForm):  # type: ignore[misc]  # wtforms has no types
    """One row of a page that has several of the same."""


def radio(label: str, options: Options, **settings: Any) -> RadioField:
    """A question with given answers, one of them."""
    return RadioField(label, choices=_choices(options), validate_choice=False, **settings)


def select(label: str, options: Options, **settings: Any) -> SelectField:
    """The same as a list to open."""
    return SelectField(label, choices=_choices(options), validate_choice=False, **settings)


def boxes(label: str, options: Options, **settings: Any) -> SelectMultipleField:
    """A question with given answers, any of them."""
    return SelectMultipleField(label, choices=_choices(options), validate_choice=False, **settings)


def differences(mine: PageForm, theirs: PageForm) -> list[tuple[str, str, str]]:
    """Where two fillings of one page differ: label, my words, the other's words."""
    others = {field.name: field for field in theirs}
    return [
        (field.label.text, in_words(field), in_words(others[field.name]))
        for field in mine
        if _plain(field.data) != _plain(others[field.name].data)
    ]


def in_words(field: Field) -> str:
    """What stands in a field, as a person reads it."""
    if isinstance(field, BooleanField):
        return "Yes" if field.data else "No"
    if isinstance(field, FieldList):
        return "; ".join(filter(None, (in_words(entry) for entry in field.entries))) or "Nothing"
    if isinstance(field, FormField):
        return ", ".join(f"{inner.label.text}: {in_words(inner)}" for inner in field if inner.data)
    if isinstance(field, RadioField | SelectField | SelectMultipleField):
        chosen = field.data if isinstance(field.data, list) else [field.data]
        words = [str(choice[1]) for choice in field.iter_choices() if choice[0] in chosen]
        return ", ".join(words) or "Nothing"
    return str(field.data or "Nothing")


def _choices(options: Options) -> list[SelectChoice]:
    return [SelectChoice(value, words) for value, words in options.items()]


def _plain(value: Any) -> Any:
    """A value as a draft keeps it: texts, true and false, lists and rows of these."""
    if isinstance(value, dict):
        return {name: _plain(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_plain(inner) for inner in value]
    if isinstance(value, str):
        return _BROKEN_UTF8.sub("\ufffd", value)
    return "" if value is None else value


def _by_name(form: Any) -> Iterator[tuple[str, Field]]:
    for field in form:
        if isinstance(field, FieldList):
            for place, entry in enumerate(field.entries):
                yield from ((f"{field.name}-{place}-{inner.short_name}", inner) for inner in entry)
        elif isinstance(field, FormField):
            yield from ((f"{field.name}-{inner.short_name}", inner) for inner in field)
        else:
            yield field.name, field
