"""Signing in by e-mail: ask, then press the button behind the link or type the code."""

from __future__ import annotations

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from intake.account import bp
from intake.account.forms import CodeForm, EmailForm
from intake.domain.errors import DomainError
from intake.services import sign_in as signing
from intake.services import tickets
from intake.web import letters
from intake.web.access import home_of, now
from intake.web.signing_in import address, browser_name, browser_token, local_path, open_session

STAFF_PAGES = ("/desk/", "/provider/", "/manage/")
"""Whoever comes from one of these is asked for a password at once."""


@bp.route("/sign-in", methods=["GET", "POST"])
def sign_in() -> ResponseReturnValue:
    """One page for everybody: an address in, the same answer out."""
    wanted = local_path(request.args.get("next"))
    if request.method == "GET" and current_user.is_authenticated:
        return redirect(wanted or home_of(current_user.roles))
    if request.method == "GET" and (wanted or "").startswith(STAFF_PAGES):
        return redirect(url_for("account.staff", next=wanted))
    form = EmailForm()
    if form.validate_on_submit():
        browser = browser_token()
        signing.ask(form.email.address, browser=browser, write=letters.sign_in, address=address(), now=now())
        return redirect(url_for("account.code", next=wanted))
    return render_template("account/sign_in.html", form=form, wanted=wanted), (422 if form.errors else 200)


@bp.route("/sign-in/code", methods=["GET", "POST"])
def code() -> ResponseReturnValue:
    """The code from the message, in the browser that asked for it."""
    wanted = local_path(request.args.get("next"))
    form = CodeForm()
    if form.validate_on_submit():
        try:
            token = signing.redeem_code(
                browser_token(), form.code.data, address=address(), browser_name=browser_name(), now=now()
            )
        except DomainError as error:
            form.blame(error)
        else:
            return open_session(token, wanted)
    return render_template("account/code.html", form=form, wanted=wanted), (422 if form.errors else 200)


@bp.route("/link/<token>", methods=["GET", "POST"])
def link(token: str) -> ResponseReturnValue:
    """Behind the e-mailed link: a button. Opening the page changes nothing, pressing signs in."""
    if request.method == "GET":
        email = tickets.email_of(tickets.Purpose.SIGN_IN, token, now())
        return render_template("account/link.html", email=email) if email else spent_page()
    try:
        opened = signing.redeem_link(token, browser_name=browser_name(), now=now())
    except DomainError:
        return spent_page()
    return open_session(opened, None)


def spent_page() -> ResponseReturnValue:
    """A link that was used or has ended: say so, and where a new one comes from."""
    return render_template("account/link_spent.html", again=url_for("account.sign_in")), 410
