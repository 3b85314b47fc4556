"""Forms of signing in."""

from __future__ import annotations

from typing import Any

from wtforms import PasswordField
from wtforms.validators import DataRequired, InputRequired, Length, ValidationError

from intake.services.passwords import LONGEST, SHORTEST
from intake.web.forms import EmailField, Form, TextField

CODE_LIMIT = 40


class EmailForm(Form):
    """One address."""

    email = EmailField("E-mail address")


class CodeForm(Form):
    """One code: from an e-mail, an authenticator, or a list of recovery codes."""

    code = TextField("Code", [DataRequired("Enter the code."), Length(max=CODE_LIMIT, message="This is too long.")])


class PasswordForm(Form):
    """What staff sign in with first."""

    email = EmailField("E-mail address")
    password = PasswordField(
        "Password",
        [InputRequired("Enter your password."), Length(max=LONGEST, message="This is longer than any password here.")],
    )


class NewPasswordForm(Form):
    """A new password, typed twice. Its strength is the service's to judge."""

    password = PasswordField(
        "New password",
        [InputRequired("Enter a password.")],
        description=f"At least {SHORTEST} characters. Four or five unrelated words are strong and easy to remember.",
    )
    again = PasswordField("The same password again", [InputRequired("Enter the password again.")])

    def validate_again(self, field: Any) -> None:
        """Both must be the same."""
        if field.data != self.password.data:
            raise ValidationError("The two passwords are not the same.")
