"""A PostgreSQL of the tests' own: throw-away folder, unix socket only, no fixed port, no fsync."""

from __future__ import annotations

import os
import pwd
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

START_SECONDS = 60
INITDB = ("--username=intake", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync", "--no-instructions")
SETTINGS = {
    "listen_addresses": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "300",
    "max_parallel_workers_per_gather": "0",
    "timezone": "Asia/Tokyo",  # no clinic's and not UTC: code that leans on the server's zone shows
    "logging_collector": "off",
}
HASTY = frozenset({"fsync", "synchronous_commit", "full_page_writes"})
"""What tests leave out to be quick, and a bench must not."""
# The shell waits at a pipe that only the tests hold: when they end, however they end, it closes, and all is removed.
WATCH = 'folder=$1; shift; "$@" & read -r _; kill -QUIT $!; wait $!; rm -rf "$folder"'


class Cluster:
    """A running server. The tests hold the other end of its life line: it cannot outlive them."""

    def __init__(self, programs: Path, *, durable: bool = False) -> None:
        self._settings = {name: value for name, value in SETTINGS.items() if not (durable and name in HASTY)}
        self._account = _account_for_server()
        self.folder = Path(tempfile.mkdtemp(prefix="intake-pg-", dir="/tmp" if self._account else None))
        if self._account:
            os.chown(self.folder, self._account.pw_uid, self._account.pw_gid)
        self._make(programs)
        self._server = self._start(programs)
        self._await()

    def url(self, name: str) -> str:
        """The SQLAlchemy URL of one of its databases."""
        return f"postgresql://intake@/{name}?host={self.folder}"

    def create(self, name: str, template: str = "template0") -> str:
        """Make a database, as a copy of another that nobody is connected to; returns its URL."""
        self._run(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(template)))
        return self.url(name)

    def drop(self, name: str) -> None:
        """Remove a database, and whoever is still connected to it."""
        self._run(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))

    def stop(self) -> None:
        """Let go of the life line and wait until server and folder are gone."""
        if self._server.stdin:
            self._server.stdin.close()
        self._server.wait(timeout=30)

    def _run(self, statement: sql.Composed) -> None:
        with psycopg.connect(self._address(), autocommit=True) as connection:
            connection.execute(statement)

    def _address(self) -> str:
        return f"host={self.folder} user=intake dbname=postgres"

    def _make(self, programs: Path) -> None:
        command = [str(programs / "initdb"), "--pgdata", str(self.folder / "data"), *INITDB]
        done = subprocess.run(
            command, **self._as_account(), cwd=self.folder, capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise RuntimeError(f"initdb failed:\n{done.stdout}{done.stderr}")

    def _start(self, programs: Path) -> subprocess.Popen[bytes]:
        settings = [part for name, value in self._settings.items() for part in ("-c", f"{name}={value}")]
        server = [str(programs / "postgres"), "-D", str(self.folder / "data"), "-k", str(self.folder), *settings]
        with (self.folder / "log").open("wb") as log:
            return subprocess.Popen(
                ["/bin/sh", "-c", WATCH, "sh", str(self.folder), *server],
                **self._as_account(),
                cwd=self.folder,
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C is for the tests; they end the server
            )

    def _as_account(self) -> dict[str, Any]:
        if self._account is None:
            return {}
        return {"user": self._account.pw_uid, "group": self._account.pw_gid, "extra_groups": []}

    def _await(self) -> None:
        end = time.monotonic() + START_SECONDS
        while True:
            try:
                psycopg.connect(self._address()).close()
            except psycopg.OperationalError:
                if time.monotonic() > end:
                    raise RuntimeError("PostgreSQL did not start:\n" + (self.folder / "log").read_text()) from None
                time.sleep(0.05)
            else:
                return


def _account_for_server() -> pwd.struct_passwd | None:
    """PostgreSQL refuses to run as root; then it runs as `postgres` or, without one, as `nobody`."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise RuntimeError("no account to run PostgreSQL under: add a user `postgres`")
