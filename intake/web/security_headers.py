"""Headers of every answer: policy with nonce and Trusted Types, no caching of signed-in pages."""

from __future__ import annotations

import secrets

from flask import Flask, Response, current_app, g
from flask_login import current_user

POLICY = (
    "default-src 'none'; script-src 'self' 'nonce-{nonce}'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types intake"
)
FIXED = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
}
HSTS = "max-age=63072000; includeSubDomains"


def init_app(app: Flask) -> None:
    """Register the nonce and the headers; must run before CSRF protection."""
    app.before_request(make_nonce)
    app.after_request(add_headers)
    app.jinja_env.globals["csp_nonce"] = csp_nonce


def make_nonce() -> None:
    """One nonce a request."""
    g.csp_nonce = secrets.token_urlsafe(16)


def csp_nonce() -> str:
    """The nonce of this request; made on the spot where a request broke before the hook."""
    if "csp_nonce" not in g:
        make_nonce()
    return str(g.csp_nonce)


def add_headers(response: Response) -> Response:
    """Add what is missing; an answer that set its own caching keeps it unless somebody is signed in."""
    response.headers.setdefault("Content-Security-Policy", POLICY.format(nonce=csp_nonce()))
    for name, value in FIXED.items():
        response.headers.setdefault(name, value)
    if current_app.config["INTAKE"].is_secure:
        response.headers["Strict-Transport-Security"] = HSTS
    if "Cache-Control" not in response.headers:
        signed_in = bool(current_user) and current_user.is_authenticated
        response.headers["Cache-Control"] = "no-store" if signed_in or response.mimetype == "text/html" else "no-cache"
    return response
