"""Signing in and out, second factor, own sessions."""

from intake.web.access import open_area

bp = open_area("account", url_prefix="/account")
