"""Accepting an invitation: a password, an authenticator, recovery codes. One step a page."""

from __future__ import annotations

import segno
from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from markupsafe import Markup

from intake.account import bp
from intake.account.forms import CodeForm, NewPasswordForm
from intake.domain.errors import DomainError
from intake.services import invitations, second_factor
from intake.web.access import home_of, now
from intake.web.signing_in import browser_name, take_over


@bp.route("/invitation/<token>", methods=["GET", "POST"])
def invitation(token: str) -> ResponseReturnValue:
    """The first step: a password."""
    invited = invitations.opened(token, now())
    if invited is None:
        return spent_page()
    name, email = invited.name, invited.email
    form = NewPasswordForm()
    if form.validate_on_submit():
        try:
            invitations.choose_password(token, form.password.data, now=now())
        except DomainError as error:
            form.blame(error)
        else:
            return redirect(url_for("account.invitation_app", token=token))
    return render_template("account/invitation.html", form=form, name=name, email=email), (422 if form.errors else 200)


@bp.route("/invitation/<token>/app", methods=["GET", "POST"])
def invitation_app(token: str) -> ResponseReturnValue:
    """The second step: an authenticator app, proved with its first code. Its end shows the recovery codes, once."""
    invited = invitations.opened(token, now())
    if invited is None:
        return spent_page()
    if invited.secret is None:
        return redirect(url_for("account.invitation", token=token))
    form = CodeForm()
    if form.validate_on_submit():
        try:
            accepted = invitations.accept(token, form.code.data, browser_name=browser_name(), now=now())
        except DomainError as error:
            if error.field is None:
                return spent_page()
            form.blame(error)
        else:
            return codes_page(accepted)
    uri = second_factor.setup_uri(invited.secret, invited.email)
    shown = {"uri": uri, "qr": qr_code(uri), "secret": second_factor.code_words(invited.secret)}
    return render_template("account/invitation_app.html", form=form, **shown), (422 if form.errors else 200)


def codes_page(accepted: invitations.Accepted) -> ResponseReturnValue:
    """The recovery codes, in the one answer that ever holds them; the person is signed in with it."""
    take_over(accepted.token)
    codes = [second_factor.code_words(code) for code in accepted.recovery_codes]
    return render_template("account/recovery_codes.html", codes=codes, onwards=url_for("account.done"))


@bp.get("/done")
def done() -> ResponseReturnValue:
    """Onwards from the recovery codes to the person's own start page."""
    return redirect(home_of(current_user.roles) if current_user.is_authenticated else url_for("account.staff"))


def qr_code(text: str) -> Markup:
    """A QR code as inline SVG without style attributes; dark on white in every mode, so that cameras read it."""
    code = segno.make(text, error="m")
    return Markup(code.svg_inline(scale=5, border=4, dark="#000", light="#fff"))  # noqa: S704  # drawn here, no text in it


def spent_page() -> ResponseReturnValue:
    """An invitation that was used or has ended."""
    return render_template("account/invitation_spent.html"), 410
