"""Fixtures with a whole clinic in them: `clinic` for tests that write, `shared_clinic` for walks that only look.

The rows are made once per test process and the database is copied. The clock of the web stands still at `Clinic.clock`.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:  # imported where needed: tests of the domain start in milliseconds
    from flask import Flask

    from tests.databases import Databases
    from tests.web.client import Client
    from tests.web.world import World

START = datetime.fromisoformat("2026-12-01T16:05:00+00:00")
"""A Tuesday, 9:05 in Denver."""


class Clock:
    """Stands in for `datetime` in `intake.web.access`: it stands still until it is moved."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def now(self, zone: tzinfo) -> datetime:
        """What `datetime.now(zone)` would say."""
        return self.at.astimezone(zone)


@contextmanager
def stopped_clock(at: datetime = START) -> Iterator[Clock]:
    """All pages of this process, those of a live server too, read this clock."""
    clock = Clock(at)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("intake.web.access.datetime", clock)
        yield clock


@dataclass
class Clinic:
    """A clinic that is open."""

    app: Flask
    world: World
    clock: Clock

    def visitor(self, who: str | None = None) -> Client:
        """Somebody's browser: a role of staff, the patient at a step of `World.people`, or nobody signed in."""
        from tests.web.client import Client

        client = Client(self.app)
        if who is not None:
            client.sign_in(self.world.account(who), now=self.clock.at)
        return client


@pytest.fixture(scope="session")
def _whole_world(databases: Databases) -> tuple[str, World]:
    """The database file with the clinic in it, made once."""
    from intake.extensions import db
    from tests.web import world

    app = databases.app(databases.fresh("sqlite"))
    with app.app_context():
        made = world.build(START)
        with db.engine.connect() as connection:  # so that the copy is whole without its log file
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        db.engine.dispose()
        return str(db.engine.url.database), made


@contextmanager
def _opened(databases: Databases, whole: tuple[str, World], name: str) -> Iterator[Clinic]:
    from intake.extensions import db
    from tests.databases import check_nothing_is_open

    path, world = whole
    copy = databases.folder / f"world-{name}.db"
    shutil.copyfile(path, copy)
    app = databases.app(f"sqlite:///{copy}")
    with stopped_clock() as clock:
        yield Clinic(app, world, clock)
    check_nothing_is_open(app)
    with app.app_context():
        db.engine.dispose()
    for file in databases.folder.glob(f"{copy.name}*"):
        file.unlink()


@pytest.fixture
def clinic(databases: Databases, _whole_world: tuple[str, World]) -> Iterator[Clinic]:
    """A clinic of the test's own."""
    with _opened(databases, _whole_world, "own") as opened:
        yield opened


@pytest.fixture(scope="module")
def shared_clinic(databases: Databases, _whole_world: tuple[str, World]) -> Iterator[Clinic]:
    """One clinic for all tests of a module: they may open pages and be refused, but change nothing."""
    with _opened(databases, _whole_world, "shared") as opened:
        yield opened
