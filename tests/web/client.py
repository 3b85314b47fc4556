"""One visitor for all tests of pages: posts forms as a browser would and checks every page on the way."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from flask import Flask
from itsdangerous import URLSafeTimedSerializer
from werkzeug.test import TestResponse

from tests import factories
from tests.web.page import Page, faults_of

Values = Mapping[str, str | Sequence[str]]


class Client:
    """A visitor without script, with cookies of its own. Make a second one for a second browser: `Client(app)`."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.base_url = app.config["INTAKE"].base_url
        self._client = app.test_client()

    def get(self, path: str, *, status: int = 200, **options: Any) -> Page:
        """Open a page; fails unless it answers with `status` and passes every check of `tests/web/page.py`."""
        return self._read("GET", path, status, options)

    def post(
        self, path: str, values: Values | None = None, *, status: int = 302, token: bool = True, **options: Any
    ) -> Page:
        """Send a form, with the visitor's token unless told not to; a redirect is an answer, it is not followed."""
        data = dict(values or {})
        if token:
            data.setdefault("csrf_token", self.csrf_token())
        return self._read("POST", path, status, {"data": data, **options})

    def submit(self, path: str, values: Values | None = None) -> Page:
        """Send a form and open the page that the redirect leads to."""
        return self.follow(self.post(path, values))

    def follow(self, page: Page) -> Page:
        """Open the page that a redirect leads to."""
        assert page.location, "not a redirect"
        return self.get(page.location)

    def sign_in(self, account_id: UUID, *, now: datetime | None = None) -> None:
        """Be this person from now on, second factor included; see `factories.sign_in` for `now`."""
        with self.app.app_context():
            factories.sign_in(self._client, account_id, now=now)

    def csrf_token(self) -> str:
        """The token that a form of this visitor would carry."""
        with self._client.session_transaction(base_url=self.base_url) as session:
            raw = session.setdefault("csrf_token", hashlib.sha1(os.urandom(64), usedforsecurity=False).hexdigest())
        return str(URLSafeTimedSerializer(_secret(self.app.secret_key), salt="wtf-csrf-token").dumps(raw))

    def open(self, method: str, path: str, **options: Any) -> TestResponse:
        """Any request, unchecked: for wrong methods, broken bodies and files."""
        return self._client.open(path, method=method, base_url=self.base_url, **options)

    def _read(self, method: str, path: str, status: int, options: dict[str, Any]) -> Page:
        response = self.open(method, path, **options)
        assert response.status_code == status, (
            f"{method} {path}: {response.status} instead of {status}{_hint(response)}"
        )
        page = Page.of(response)
        faults = faults_of(page)
        assert not faults, f"{method} {path}:\n" + "\n".join(faults)
        return page


def _secret(key: str | bytes | None) -> str | bytes:
    """The app's secret key, which must be there."""
    assert key, "the app has no secret key"
    return key


def _hint(response: TestResponse) -> str:
    """The heading and the errors of a page that was not expected."""
    if response.mimetype != "text/html":
        return ""
    page = Page.of(response)
    return f"; {page.title!r} {page.errors}" if page.title else f"; to {page.location}"
