"""Web server and worker under one parent: what `make run` ends in. In production each is a service of its own.

Standard library only. A child that ends is started again; Ctrl-C or TERM stops both.
"""

from __future__ import annotations

import argparse
import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

FIRST_WAIT, LONGEST_WAIT = 2.0, 30.0  # seconds before a child is started again
LONG_LIFE = 30.0  # a child that lived this long starts with the first wait again
PATIENCE = 15.0  # from TERM to KILL
LOOK_EVERY = 0.2
PORTS_TRIED = 100


@dataclass
class Child:
    """One process in a session of its own, so that Ctrl-C reaches the parent alone."""

    name: str
    command: Sequence[str]
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    due_at: float = 0.0
    wait: float = FIRST_WAIT

    def keep_alive(self, now: float) -> None:
        """Start it when it is due; when it has ended, say so and set the next start."""
        if self.process is None:
            if now >= self.due_at:
                self.process = subprocess.Popen(self.command, start_new_session=True)  # noqa: S603 own commands
                self.started_at = now
        elif self.process.poll() is not None:
            self._plan_restart(self.process.returncode, now)

    def _plan_restart(self, status: int, now: float) -> None:
        self.signal(signal.SIGKILL)  # what the dead leader left in its group would hold the port
        if now - self.started_at >= LONG_LIFE:
            self.wait = FIRST_WAIT
        say(f"{self.name} ended with status {status}; it starts again in {self.wait:.0f} s")
        self.process, self.due_at = None, now + self.wait
        self.wait = min(self.wait * 2, LONGEST_WAIT)

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to the child and all that it started; nothing happens when they are gone."""
        if self.process is not None:
            with suppress(ProcessLookupError, PermissionError):  # macOS: a group of dead ones may not be signalled
                os.killpg(self.process.pid, number)


def supervise(children: Sequence[Child], ready: Readiness | None = None) -> None:
    """Keep the children alive until Ctrl-C or TERM, then stop them all."""
    stopping: list[int] = []
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda number, _frame: stopping.append(number))
    while not stopping:
        for child in children:
            child.keep_alive(time.monotonic())
        if ready is not None:
            ready.look()
        time.sleep(LOOK_EVERY)
    stop(children)


def stop(children: Sequence[Child]) -> None:
    """TERM to all, KILL to what is still there after `PATIENCE` seconds. A second Ctrl-C changes nothing."""
    for child in children:
        child.signal(signal.SIGTERM)
    end = time.monotonic() + PATIENCE
    for child in children:
        if child.process is not None:
            with suppress(subprocess.TimeoutExpired):
                child.process.wait(timeout=max(0.0, end - time.monotonic()))
    for child in children:
        child.signal(signal.SIGKILL)


@dataclass
class Readiness:
    """Waits, without blocking the parent, for the first answer of the web server; then greets once."""

    port: int
    greeted: bool = False

    def look(self) -> None:
        """Greet if the port answers for the first time."""
        if not self.greeted and answers(self.port):
            self.greeted = True
            address = f"http://localhost:{self.port}"
            say(f"\n  Intake is ready:             {address}\n  Sign in with one press:      {address}/dev/sign-in")
            say(f"  E-mails that it would send:  {address}/dev/mail\n  Stop it with Ctrl-C.\n")


def answers(port: int) -> bool:
    """Whether an HTTP server answers on the port; the status does not matter."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=1)
    try:
        connection.request("GET", "/healthz", headers={"Host": f"localhost:{port}"})
        return connection.getresponse().status > 0
    except OSError:
        return False
    finally:
        connection.close()


def is_free(port: int) -> bool:
    """Whether nobody listens on the port of this machine and we may."""
    for family, host in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
        with suppress(OSError), socket.socket(family) as probe:
            probe.settimeout(1)
            if probe.connect_ex((host, port)) == 0:
                return False
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as the server does: a port just left is free
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def free_port(wanted: int) -> int:
    """The wanted port or the next free one above it; raises `SystemExit` when there is none."""
    for port in range(wanted, min(wanted + PORTS_TRIED, 65536)):
        if is_free(port):
            return port
    raise SystemExit(f"No free port from {wanted} upwards.")


def say(text: str) -> None:
    """Print at once, also into a pipe."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def main(arguments: Sequence[str] | None = None) -> None:
    """Start both and stay until they are to stop."""
    parser = argparse.ArgumentParser(prog="intake.launcher", description="Start web server and worker.")
    parser.add_argument("--port", type=int, default=8000)
    wanted = parser.parse_args(arguments).port
    port = free_port(wanted)
    if port != wanted:
        say(f"Port {wanted} is taken; using {port}.")
    os.environ.setdefault("BASE_URL", f"http://localhost:{port}")
    web = Child("web", [sys.executable, "-m", "gunicorn", "--bind", f"127.0.0.1:{port}", "wsgi:app"])
    worker = Child("worker", [sys.executable, "-m", "flask", "--app", "wsgi", "worker"])
    supervise([web, worker], Readiness(port))


if __name__ == "__main__":
    main()
