"""The home page and the request. Nothing here shows whether an address is known."""

from __future__ import annotations

from uuid import uuid4

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from intake.domain.errors import DomainError
from intake.domain.studies import quoted_studies
from intake.public import bp
from intake.public.forms import RequestForm
from intake.queries import sites
from intake.services import people
from intake.web import letters
from intake.web.access import now
from intake.web.signing_in import address, browser_token


@bp.get("/")
def home() -> ResponseReturnValue:
    """What the treatment is, what is known of benefit and risk, what to expect."""
    return render_template("public/home.html", studies=quoted_studies(), sites=sites.all_sites())


@bp.route("/request", methods=["GET", "POST"])
def request_consultation() -> ResponseReturnValue:
    """Ask for a consultation. Nobody is turned away on screen: a person reads every request."""
    known = sites.all_sites()
    if not known:
        return render_template("public/not_open.html")
    form = RequestForm()
    form.offer_sites(known)
    if request.method == "GET":
        form.request_key.data = str(uuid4())
    key = form.key()
    if form.validate_on_submit() and key is not None:
        try:
            people.request_consultation(
                form.to_details(),
                request_key=key,
                browser=browser_token(),
                write=letters.sign_in,
                address=address(),
                now=now(),
            )
        except DomainError as error:
            form.blame(error)
        else:
            return redirect(url_for("public.request_sent"))
    if request.method == "POST" and key is None:
        form.form_errors.append("Something of this form got lost. Send it once more.")
    form.request_key.data = str(key or uuid4())
    return render_template("public/request.html", form=form), (422 if request.method == "POST" else 200)


@bp.get("/request/sent")
def request_sent() -> ResponseReturnValue:
    """The same answer for everybody: what happens next."""
    return render_template("public/request_sent.html")
