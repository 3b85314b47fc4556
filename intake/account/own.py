"""One's own account: where one is signed in, the site one works in, signing out."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec
from uuid import UUID

from flask import abort, flash, g, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from intake.account import bp
from intake.queries import sites
from intake.services import sessions as register
from intake.web.access import home_of, now
from intake.web.signing_in import local_path

P = ParamSpec("P")


def signed_in(view: Callable[P, ResponseReturnValue]) -> Callable[P, ResponseReturnValue]:
    """Only for somebody signed in, whoever it is."""

    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> ResponseReturnValue:
        if not current_user.is_authenticated:
            return redirect(url_for("account.sign_in", next=request.path if request.method == "GET" else None))
        return view(*args, **kwargs)

    return guarded


@bp.get("/sessions")
@signed_in
def sessions() -> ResponseReturnValue:
    """Every browser that the person is signed in with."""
    return render_template(
        "account/sessions.html",
        sessions=register.open_sessions_of(current_user.id, now()),
        this=g.auth_session.id,
        sites=sites.all_sites() if current_user.is_staff else [],
        chosen=g.auth_session.site_id,
        back_url=home_of(current_user.roles),
        now=now(),
    )


@bp.post("/sessions/<uuid:session_id>/end")
@signed_in
def end_session(session_id: UUID) -> ResponseReturnValue:
    """End one of one's own sessions; somebody else's key changes nothing."""
    register.revoke(current_user.id, session_id, now())
    flash("That browser is signed out.", "success")
    return redirect(url_for("account.sessions"))


@bp.post("/site")
@signed_in
def choose_site() -> ResponseReturnValue:
    """Work in another site from now on, in this session."""
    if not current_user.is_staff:
        abort(403)
    wanted = request.form.get("site", "")
    known = {str(site.id): site.id for site in sites.all_sites()}
    if wanted not in known:
        abort(404)
    register.choose_site(g.auth_session.id, known[wanted])
    return redirect(local_path(request.form.get("next")) or home_of(current_user.roles))


@bp.post("/sign-out")
def sign_out() -> ResponseReturnValue:
    """End this session, here and in the register."""
    token = session.get("sid")
    session.clear()
    if token:
        register.end(token, now())
    flash("You are signed out.", "success")
    return redirect(url_for("public.home"))
