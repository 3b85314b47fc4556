"""The app behind a real socket, with a database of its own."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from dataclasses import dataclass
from threading import Thread
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from flask import Flask

    from tests.databases import Databases


@dataclass(frozen=True)
class LiveServer:
    """Where it answers, and its app: make rows with `with server.app.app_context(): ...`."""

    url: str
    app: Flask


@pytest.fixture
def live_server(database_kind: str, databases: Databases) -> Iterator[LiveServer]:
    """A threaded server on a free port, on an empty database of its own; SQLite unless the test is marked."""
    from werkzeug.serving import make_server

    from intake.extensions import db
    from tests.databases import check_nothing_is_open

    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(128)
        port = listening.getsockname()[1]
        app = databases.app(databases.fresh(database_kind), base_url=f"http://localhost:{port}")
        server = make_server("127.0.0.1", port, app, threaded=True, fd=listening.fileno())
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        yield LiveServer(f"http://localhost:{port}", app)
        server.shutdown()
        thread.join(timeout=10)
        server.server_close()
    check_nothing_is_open(app)
    with app.app_context():
        db.engine.dispose()
