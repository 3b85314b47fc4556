"""Signing in and out, second factor, own sessions."""

from intake.web.access import open_area

bp = open_area("account", url_prefix="/account")

from intake.account import invitations, own, patients, resets, staff  # noqa: E402  # their pages hang on the blueprint

__all__ = ["bp", "invitations", "own", "patients", "resets", "staff"]
