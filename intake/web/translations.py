"""The words of a request: its translations are looked up once, not for each of the hundreds of sentences of a page."""

from __future__ import annotations

from typing import Any

from flask import Flask, g
from flask_babel import get_translations


def init_app(app: Flask) -> None:
    """Give templates `gettext` and `ngettext` that remember what they have found."""
    app.jinja_env.install_gettext_callables(_gettext, _ngettext, newstyle=True)  # type: ignore[attr-defined]  # jinja2.ext.i18n


def _translations() -> Any:
    if "translations" not in g:
        g.translations = get_translations()
    return g.translations


def _gettext(text: str) -> str:
    return str(_translations().ugettext(text))


def _ngettext(one: str, many: str, count: int) -> str:
    return str(_translations().ungettext(one, many, count))
