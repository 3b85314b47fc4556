"""Servers under measurement, and a client that asks one thing after another over one connection."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from urllib.parse import urlencode

from flask import Flask

from config import ROOT

HOST = "clinic.example.org"
GUNICORN = str(Path(sys.executable).with_name("gunicorn"))
START_SECONDS = 60
TOKEN = re.compile(r'name="csrf_token"[^>]* value="([^"]+)"')


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status: int
    text: str
    location: str = ""

    def value_of(self, name: str) -> str:
        """The value of the first hidden or chosen input of that name; raises `LookupError`."""
        for tag in re.findall(r"<input[^>]+>", self.text):
            if f'name="{name}"' in tag and ('type="radio"' not in tag or " checked" in tag):
                return str(re.findall(r'value="([^"]*)"', tag)[0])
        raise LookupError(name)


@dataclass
class Client:
    """One browser: one connection that is kept, one cookie, the token of its session once it has seen a form."""

    port: int
    cookies: dict[str, str] = field(default_factory=dict)
    token: str = ""

    def __post_init__(self) -> None:
        self._connection = HTTPConnection("127.0.0.1", self.port, timeout=60)

    def get(self, path: str) -> Answer:
        """Ask for a page."""
        return self._ask("GET", path, None)

    def post(self, path: str, fields: Mapping[str, str] | list[tuple[str, str]]) -> Answer:
        """Send a form, with the session's token."""
        pairs = [*(fields.items() if isinstance(fields, Mapping) else fields), ("csrf_token", self.token)]
        return self._ask("POST", path, urlencode(pairs))

    def close(self) -> None:
        """End the connection."""
        self._connection.close()

    def _ask(self, method: str, path: str, body: str | None) -> Answer:
        headers = {"Host": HOST, "Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        try:
            self._connection.request(method, path, body, headers)
            response = self._connection.getresponse()
        except (HTTPException, OSError):  # the server closed a connection that was idle
            self._connection.close()
            self._connection.request(method, path, body, headers)
            response = self._connection.getresponse()
        text = response.read().decode()
        for line in response.headers.get_all("Set-Cookie", []):
            name, _, value = line.partition(";")[0].partition("=")
            self.cookies[name] = value
        found = TOKEN.search(text)
        self.token = found.group(1) if found else self.token
        return Answer(response.status, text, response.headers.get("Location", ""))


def cookie_for(app: Flask, session_token: str) -> dict[str, str]:
    """The cookie that a browser with this session would send. The throttle and the sign-in pages are not touched."""
    serializer = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]  # of Flask's own
    return {str(app.config["SESSION_COOKIE_NAME"]): str(serializer.dumps({"sid": session_token}))}


@contextmanager
def serving(command: list[str], environment: Mapping[str, str], *, path: str = "/healthz") -> Iterator[tuple[int, int]]:
    """Run gunicorn with these arguments on a free port until the block ends; gives (port, process)."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    env = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **environment}
    server = subprocess.Popen(
        [GUNICORN, "--bind", f"127.0.0.1:{port}", *command],
        cwd=ROOT / "tests",  # gunicorn.conf.py of the folder it stands in would be read unasked
        env=env,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        await_answer(port, path)
        yield port, server.pid
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        server.wait(timeout=30)


def await_answer(port: int, path: str) -> None:
    """Wait until the server answers; raises `TimeoutError`."""
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end:
        try:
            Client(port).get(path)
        except (OSError, HTTPException):
            time.sleep(0.02)
        else:
            return
    raise TimeoutError(f"nothing answers on port {port}")


def production(folder: Path, database_url: str) -> dict[str, str]:
    """The environment of a production server on that database, as README describes it."""
    return {
        "INTAKE_MODE": "production",
        "INTAKE_INSTANCE": str(folder),
        "INTAKE_KEY_FILE": str(folder / "keys.json"),
        "DATABASE_URL": database_url,
        "BASE_URL": f"https://{HOST}",
        "MAIL_URL": f"file:{folder / 'mail'}",
        "MAIL_SENDER": "Front desk <desk@clinic.example.org>",
    }


def proportional_kilobytes(pid: int) -> int:
    """Proportional set size of a process and all below it, in KB."""
    pids, total = [pid], 0
    for one in pids:
        children = Path(f"/proc/{one}/task/{one}/children").read_text().split()
        pids += [int(child) for child in children]
        rolled = Path(f"/proc/{one}/smaps_rollup").read_text()
        total += int(re.findall(r"^Pss:\s+(\d+)", rolled, re.M)[0])
    return total
