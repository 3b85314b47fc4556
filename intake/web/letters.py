"""Messages about a ticket, as plain text. Their links use the configured address, never the request's host."""

from __future__ import annotations

from flask import current_app, render_template, url_for

from intake.services.tickets import LIFETIME, Letter, Purpose, Secrets


def sign_in(made: Secrets) -> Letter:
    """The message with a patient's link and code."""
    minutes = int(LIFETIME[Purpose.SIGN_IN].total_seconds() // 60)
    link = address_of("account.link", made.link)
    code = f"{made.code[:4]} {made.code[4:]}"
    text = render_template("email/sign_in.txt", link=link, code=code, minutes=minutes)
    return Letter("Your sign-in link", text)


def password_reset(made: Secrets) -> Letter:
    """The message with a staff member's reset link."""
    minutes = int(LIFETIME[Purpose.RESET].total_seconds() // 60)
    text = render_template("email/password_reset.txt", link=address_of("account.reset", made.link), minutes=minutes)
    return Letter("Set a new password", text)


def address_of(endpoint: str, token: str) -> str:
    """The whole address of a page that takes a token."""
    return str(current_app.config["INTAKE"].base_url + url_for(endpoint, token=token))
