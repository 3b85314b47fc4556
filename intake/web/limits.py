"""How many bytes a request may send: little by default, more where a page's own texts need it, never over the ceiling.

Set before anything reads the body: the check of the token of a form is the first that does.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask, request

View = TypeVar("View", bound=Callable[..., Any])

ORDINARY = 64 * 1024
"""For forms with one long text: 4,000 characters of four bytes each come URL-encoded as 48,000 bytes."""
SEVERAL_TEXTS = 256 * 1024
"""For forms with several: three such texts, or a whole part of the patient's form with its 20,000 characters."""
CEILING = 1024 * 1024
"""What no route may go above; the largest body that is ever held in memory."""
MOST_PARTS = 500
"""Fields of one multipart body. The longest page has some hundred."""


def body_limit(most: int) -> Callable[[View], View]:
    """Declare that a view takes bodies of up to `most` bytes, the limit itself included.

    Raises `ValueError`, when the module is loaded, for more than the ceiling.
    """
    if not 0 < most <= CEILING:
        raise ValueError(f"a body limit lies between 1 byte and {CEILING}")

    def mark(view: View) -> View:
        view.body_limit = most  # type: ignore[attr-defined]
        return view

    return mark


def limit_of(app: Flask, endpoint: str | None) -> int:
    """How many bytes the view behind an endpoint takes; an address that is none takes as little as most."""
    return int(getattr(app.view_functions.get(endpoint or ""), "body_limit", ORDINARY))


def init_app(app: Flask) -> None:
    """Limit every request. Call before the extension that checks the tokens of forms is bound."""
    app.config.update(MAX_CONTENT_LENGTH=CEILING, MAX_FORM_MEMORY_SIZE=CEILING, MAX_FORM_PARTS=MOST_PARTS)

    @app.before_request
    def limit_body() -> None:
        most = limit_of(app, request.endpoint)
        request.max_content_length = request.max_form_memory_size = most
