"""The parent of web server and worker: restarts what dies, stops all that it started."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from textwrap import dedent

import pytest

from config import ROOT
from intake.launcher import FIRST_WAIT, LONG_LIFE, LONGEST_WAIT, Child, free_port, is_free

PATIENCE = 20
QUIET = [sys.executable, "-c", "import time; time.sleep(600)"]
DEAF = [
    sys.executable,
    "-c",
    "import signal, time; signal.signal(15, signal.SIG_IGN); print('deaf', flush=True); time.sleep(600)",
]


def until(question):  # type: ignore[no-untyped-def]
    """What the question answers once that is true; fails when it never is."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if answer := question():
            return answer
        time.sleep(0.05)
    pytest.fail("it did not happen in time")


def runs(pid: int) -> bool:
    """Whether a process is alive (one that ended but was not waited for is not)."""
    status = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True).stdout.strip()
    return bool(status) and not status.startswith("Z")


@contextmanager
def parent(folder: Path, *commands: list[str], patience: float = 15.0) -> Iterator[tuple[subprocess.Popen[str], Path]]:
    """A parent in a process of its own, over children that write their numbers into a folder when they start."""
    script = dedent(f"""
        import intake.launcher as launcher
        launcher.PATIENCE, launcher.FIRST_WAIT = {patience}, 0.2
        commands = {list(commands)!r}
        note = "import os, sys; open({str(folder)!r} + '/' + sys.argv[1] + '-' + str(os.getpid()), 'w').close(); "
        def child(number, command):
            name = f"child{{number}}"
            return launcher.Child(name, [command[0], "-c", note + command[2], name], wait=0.2)
        launcher.supervise([child(number, command) for number, command in enumerate(commands)])
        print("all stopped", flush=True)
    """)
    process = subprocess.Popen(
        [sys.executable, "-c", script], cwd=ROOT, stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    try:
        yield process, folder
    finally:
        for pid in [process.pid, *pids(folder, "child")]:
            if runs(pid):
                os.kill(pid, signal.SIGKILL)
        process.wait()
        if process.stdout:
            process.stdout.close()


def pids(folder: Path, name: str) -> list[int]:
    """The numbers of all that ever started under a name."""
    return [int(file.name.rsplit("-", 1)[1]) for file in folder.glob(f"{name}*")]


def test_a_killed_child_comes_back_and_its_sibling_lives_on(tmp_path):
    with parent(tmp_path, QUIET, QUIET) as (_, folder):
        first, sibling = (until(lambda name=name: pids(folder, name))[0] for name in ("child0", "child1"))
        os.kill(first, signal.SIGKILL)
        until(lambda: [pid for pid in pids(folder, "child0") if pid != first and runs(pid)])
        assert runs(sibling)
        assert pids(folder, "child1") == [sibling]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_parent_and_children(tmp_path, number):
    with parent(tmp_path, QUIET, QUIET) as (process, folder):
        until(lambda: len(pids(folder, "child")) == 2)
        process.send_signal(number)
        output, _ = process.communicate(timeout=PATIENCE)
        assert output.endswith("all stopped\n")
        assert process.returncode == 0
        assert not [pid for pid in pids(folder, "child") if runs(pid)]


def test_a_child_deaf_to_term_is_killed_when_patience_ends(tmp_path):
    with parent(tmp_path, DEAF, patience=1.0) as (process, folder):
        assert process.stdout is not None
        assert process.stdout.readline() == "deaf\n"
        process.send_signal(signal.SIGTERM)
        process.send_signal(signal.SIGTERM)  # impatience changes nothing
        process.wait(timeout=PATIENCE)
        assert process.returncode == 0
        assert not [pid for pid in pids(folder, "child") if runs(pid)]


def test_waits_double_up_to_the_longest_and_a_long_life_forgives(monkeypatch):
    child = Child("short", ["false"])
    waits = []
    now = 0.0
    for _ in range(6):
        child.keep_alive(now)
        child.process.wait()  # type: ignore[union-attr]
        child.keep_alive(now)
        waits.append(child.due_at - now)
        now = child.due_at
    assert waits == [2, 4, 8, 16, LONGEST_WAIT, LONGEST_WAIT]
    child.keep_alive(now)
    child.process.wait()  # type: ignore[union-attr]
    child.keep_alive(now + LONG_LIFE)
    assert child.due_at - (now + LONG_LIFE) == FIRST_WAIT


def test_a_child_is_not_started_before_it_is_due():
    child = Child("short", ["false"], due_at=10.0)
    child.keep_alive(9.9)
    assert child.process is None


def test_a_port_in_use_is_passed_over():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert not is_free(port)
        assert free_port(port) > port
    assert is_free(port)
