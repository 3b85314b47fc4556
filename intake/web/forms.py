"""What every form shares: text that can be kept, e-mail addresses, and refusals of a service beside their field."""

from __future__ import annotations

from typing import Any

from email_validator import EmailNotValidError, validate_email
from flask import Flask, abort, request
from flask_wtf import FlaskForm
from wtforms import StringField
from wtforms.validators import ValidationError

from intake.domain.errors import DomainError

LONGEST_EMAIL = 254


def init_app(app: Flask) -> None:
    """Take forms as forms only."""
    app.before_request(refuse_json)


def refuse_json() -> None:
    """Refuse JSON, which flask-wtf would read as a form too: with numbers and lists where fields expect text."""
    if request.is_json:
        abort(415)


class Form(FlaskForm):  # type: ignore[misc]  # flask-wtf has no types
    """A form that takes the refusal of a service as its own error."""

    def blame(self, error: DomainError) -> None:
        """Put the refusal beside the field it names, else above the form."""
        field = self._fields.get(error.field) if error.field else None
        if field is None:
            self.form_errors.append(error.message)
            return
        field.errors = [*field.errors, error.message]


class TextField(StringField):  # type: ignore[misc]
    """One line of text, stripped; signs that cannot be kept or printed are refused."""

    data: str

    def process_formdata(self, valuelist: list[str]) -> None:
        """Strip what was typed."""
        self.data = valuelist[0].strip() if valuelist else ""

    def pre_validate(self, form: Any) -> None:
        """Refuse control characters and what was not UTF-8."""
        if not (self.data or "").replace("\u200d", "").isprintable() or "\ufffd" in (self.data or ""):
            raise ValidationError("Leave out signs that cannot be printed.")


class EmailField(TextField):
    """An e-mail address; `data` is lower case once it is valid. Nothing is asked of DNS."""

    def pre_validate(self, form: Any) -> None:
        """Refuse what is no address, in words that say what to do."""
        super().pre_validate(form)
        if not self.data:
            raise ValidationError("Enter your e-mail address.")
        try:
            checked = validate_email(self.data, check_deliverability=False)
        except EmailNotValidError:
            raise ValidationError("Enter an e-mail address such as name@example.org.") from None
        self.address = checked.normalized.lower()
        if len(self.address) > LONGEST_EMAIL:
            raise ValidationError("This e-mail address is too long.")
