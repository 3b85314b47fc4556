"""Signing in of staff: password, then code. Between the two the cookie holds a random value, no session."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from intake.account import bp
from intake.account.forms import CodeForm, PasswordForm
from intake.domain.errors import DomainError
from intake.services import staff_sign_in
from intake.web.access import home_of, now
from intake.web.signing_in import address, browser_name, local_path, open_session

HALF = "half"
"""Where the cookie keeps the token of the second step."""


@bp.route("/staff", methods=["GET", "POST"])
def staff() -> ResponseReturnValue:
    """The first step: address and password."""
    wanted = local_path(request.args.get("next"))
    if request.method == "GET" and current_user.is_authenticated:
        return redirect(wanted or home_of(current_user.roles))
    form = PasswordForm()
    if form.validate_on_submit():
        try:
            session[HALF] = staff_sign_in.check_password(
                form.email.address, form.password.data, address=address(), now=now()
            )
        except DomainError as error:
            form.blame(error)
        else:
            return redirect(url_for("account.staff_code", next=wanted))
    return render_template("account/staff.html", form=form, wanted=wanted), (422 if form.errors else 200)


@bp.route("/staff/code", methods=["GET", "POST"])
def staff_code() -> ResponseReturnValue:
    """The second step: a one-time or recovery code. Without the first, back to it."""
    wanted = local_path(request.args.get("next"))
    half = str(session.get(HALF, ""))
    if not staff_sign_in.is_waiting(half, now()):
        return back_to_password(wanted)
    form = CodeForm()
    if form.validate_on_submit():
        try:
            token = staff_sign_in.check_code(half, form.code.data, browser_name=browser_name(), now=now())
        except DomainError as error:
            if error.field is None:
                return back_to_password(wanted)
            form.blame(error)
        else:
            return open_session(token, wanted)
    return render_template("account/staff_code.html", form=form, wanted=wanted), (422 if form.errors else 200)


def back_to_password(wanted: str | None) -> ResponseReturnValue:
    """The first step is missing, too long ago, or its five tries are used up."""
    if session.pop(HALF, None):
        flash("Enter your password again: that took too long, or the code was wrong five times.", "caution")
    return redirect(url_for("account.staff", next=wanted))
