"""Signing in and out, second factor, own sessions."""

from flask import abort, request

from intake.web.access import open_area

bp = open_area("account", url_prefix="/account")


@bp.before_request
def refuse_json() -> None:
    """Signing in is a form; JSON, which flask-wtf would read too, is refused."""
    if request.is_json:
        abort(415)


from intake.account import invitations, own, patients, resets, staff  # noqa: E402  # their pages hang on the blueprint

__all__ = ["bp", "invitations", "own", "patients", "resets", "staff"]
