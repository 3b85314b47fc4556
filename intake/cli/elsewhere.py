"""Working for a moment on another database than the configured one: what a restore and its drill look at."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from flask import Flask
from sqlalchemy import URL

from config import ROOT
from intake.extensions import db, migrate, prepare_engine


@contextmanager
def bound_to(url: URL) -> Iterator[None]:
    """Let sessions and migrations work on the database of that URL; no page and no setting goes with it."""
    app = Flask("intake.elsewhere")
    app.config["SQLALCHEMY_DATABASE_URI"] = url
    db.init_app(app)
    migrate.init_app(app, db, directory=str(ROOT / "migrations"), render_as_batch=True)
    with app.app_context():
        prepare_engine(db.engine)
        try:
            yield
        finally:
            db.session.remove()
            db.engine.dispose()
