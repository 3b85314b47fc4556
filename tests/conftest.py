"""Fixtures of all tests.

`app` is on SQLite, in `tests/services` (and wherever `both_databases` marks it) once on each database; every table is
empty again after each test. No app context is open around a test that uses `client` or `live_server`, because a request
would then share its session; open one for making rows: `with app.app_context(): ...`. Tests in `tests/services` run
inside one (`app_context`). Time is an argument: pass `NOW`.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:  # imported where needed: tests of the domain start in milliseconds
    from flask import Flask

    from tests.databases import Databases
    from tests.web.client import Client

pytest_plugins = ("tests.browser", "tests.live", "tests.web.worlds")

NOW = datetime(2026, 12, 1, 16, 0, tzinfo=UTC)
"""A Tuesday, 9:00 in Denver."""
BOTH = ("sqlite", "postgresql")


def pytest_configure(config: pytest.Config) -> None:
    """Register the marks that choose a test's databases."""
    config.addinivalue_line("markers", "both_databases: runs on SQLite and on PostgreSQL")
    config.addinivalue_line("markers", "one_database: runs on SQLite only, even in tests/services")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test of a service on both databases."""
    if "database_kind" not in metafunc.fixturenames:
        return
    mark = metafunc.definition.get_closest_marker
    in_services = "services" in Path(metafunc.definition.path).parts
    if mark("both_databases") or (in_services and not mark("one_database")):
        metafunc.parametrize("database_kind", BOTH, scope="session")


@pytest.fixture(scope="session")
def databases(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Databases]:
    """Makes databases and apps; one per test process."""
    from tests.databases import Databases

    made = Databases(tmp_path_factory.mktemp("intake"))
    yield made
    made.close()


@pytest.fixture(scope="session")
def database_kind() -> str:
    """`sqlite` or `postgresql`."""
    return "sqlite"


@pytest.fixture(scope="session")
def _apps() -> dict[str, Flask]:
    return {}


@pytest.fixture
def app(database_kind: str, databases: Databases, _apps: dict[str, Flask]) -> Iterator[Flask]:
    """The app on an empty database with all tables; made once, emptied after each test."""
    from tests.databases import check_nothing_is_open, delete_all_rows

    if database_kind not in _apps:
        _apps[database_kind] = databases.app(databases.fresh(database_kind))
    yield _apps[database_kind]
    try:
        check_nothing_is_open(_apps[database_kind])
        delete_all_rows(_apps[database_kind])
    except BaseException:
        del _apps[database_kind]  # the next test gets a database of its own
        raise


@pytest.fixture
def app_context(app: Flask) -> Iterator[None]:
    """An app context around the test, with its session; nothing written in it may stay uncommitted."""
    from tests.databases import check_no_write_is_open

    with app.app_context():
        yield
        check_no_write_is_open(app)


@pytest.fixture
def client(app: Flask) -> Client:
    """A visitor without script who checks every page it is given."""
    from tests.web.client import Client

    return Client(app)
