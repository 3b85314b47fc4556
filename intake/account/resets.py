"""A forgotten password: a link by e-mail, a new password. The second factor stays as it was."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from intake.account import bp
from intake.account.forms import EmailForm, NewPasswordForm
from intake.domain.errors import DomainError
from intake.services import passwords, tickets
from intake.web import letters
from intake.web.access import now
from intake.web.signing_in import address


@bp.route("/forgot", methods=["GET", "POST"])
def forgot() -> ResponseReturnValue:
    """Ask for a link; the answer is the same for every address."""
    form = EmailForm()
    if form.validate_on_submit():
        passwords.ask_reset(form.email.address, write=letters.password_reset, address=address(), now=now())
        return redirect(url_for("account.forgot_sent"))
    return render_template("account/forgot.html", form=form), (422 if form.errors else 200)


@bp.get("/forgot/sent")
def forgot_sent() -> ResponseReturnValue:
    """What happens now."""
    return render_template("account/forgot_sent.html")


@bp.route("/reset/<token>", methods=["GET", "POST"])
def reset(token: str) -> ResponseReturnValue:
    """Behind the link: two fields. Opening the page changes nothing."""
    form = NewPasswordForm()
    if form.validate_on_submit():
        try:
            passwords.reset(token, form.password.data, now=now())
        except DomainError as error:
            if error.field is None:
                return spent_page()
            form.blame(error)
        else:
            flash("Your new password is set. Sign in with it and a code.", "success")
            return redirect(url_for("account.staff"))
    email = tickets.email_of(tickets.Purpose.RESET, token, now())
    if email is None:
        return spent_page()
    return render_template("account/new_password.html", form=form, email=email), (422 if form.errors else 200)


def spent_page() -> ResponseReturnValue:
    """A link that was used or has ended."""
    return render_template("account/link_spent.html", again=url_for("account.forgot")), 410
