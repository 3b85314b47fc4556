"""`make run` and `make test` say in one line what a machine lacks, and install nothing twice."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from config import ROOT
from scripts.system_packages import advice
from tests import machine

TOOLS = ("dirname", "uname", "cmp", "cp", "rm", "mkdir", "cat")
OLD = "exit 1"
WITHOUT_VENV = 'case "$2" in *ensurepip*) exit 1;; esac; exit 0'
WHOLE = """case "$*" in
  *"-m venv"*) mkdir -p .venv/bin && cp "$0" .venv/bin/python;;
  *"pip install"*) echo "$*" >> pip.log;;
esac"""


@pytest.fixture
def place(tmp_path):
    """A clone with a PATH of its own, on which only the named programs are."""
    (tmp_path / "scripts").mkdir()
    (tmp_path / "bin").mkdir()
    shutil.copy(ROOT / "scripts/setup.sh", tmp_path / "scripts/setup.sh")
    for name in ("requirements.txt", "requirements-test.txt"):
        (tmp_path / name).write_text("flask\n")
    for name in TOOLS:
        (tmp_path / "bin" / name).symlink_to(shutil.which(name))
    return tmp_path


def with_python(place: Path, body: str) -> None:
    """Put a stand-in for python3 on the PATH."""
    program = place / "bin/python3"
    program.write_text(f"#!/bin/sh\n{body}\n")
    program.chmod(0o755)


def set_up(place: Path) -> subprocess.CompletedProcess[str]:
    """Run the set-up as `make run` does."""
    command = ["/bin/sh", str(place / "scripts/setup.sh"), "run"]
    return subprocess.run(command, env={"PATH": str(place / "bin")}, capture_output=True, text=True)


def test_a_machine_without_a_new_python_is_told_so_in_one_line(place):
    with_python(place, OLD)
    done = set_up(place)
    assert done.returncode == 1
    assert done.stderr.startswith("Missing: Python 3.11 or newer. Install it: ")
    assert done.stderr.count("\n") == 1


def test_a_python_without_venv_is_told_so_in_one_line(place):
    with_python(place, WITHOUT_VENV)
    done = set_up(place)
    assert done.returncode == 1
    assert done.stderr.startswith("Missing: python3-venv for python3. Install it: ")
    assert done.stderr.count("\n") == 1


def test_requirements_are_installed_once_and_again_when_they_change(place):
    with_python(place, WHOLE)
    for _ in range(2):
        assert set_up(place).returncode == 0
    assert (place / "pip.log").read_text().count("\n") == 1
    (place / "requirements.txt").write_text("flask\nwtforms\n")
    for _ in range(2):
        assert set_up(place).returncode == 0
    assert (place / "pip.log").read_text().count("\n") == 2


def test_a_failed_installation_is_tried_again(place):
    with_python(place, WHOLE.replace("pip.log;;", "pip.log; exit 1;;"))
    done = set_up(place)
    assert done.returncode == 1
    assert "Missing: packages of requirements.txt" in done.stderr
    with_python(place, WHOLE)
    shutil.copy(place / "bin/python3", place / ".venv/bin/python")
    assert set_up(place).returncode == 0
    assert (place / "pip.log").read_text().count("\n") == 2


@pytest.mark.parametrize(
    ("system", "command"),
    [
        ("Linux", "sudo apt install chromium postgresql "),
        ("Darwin", "brew install --cask google-chrome; brew install postgresql@17 "),
    ],
)
def test_missing_system_packages_are_named_in_one_line(monkeypatch, system, command):
    monkeypatch.setattr("platform.system", lambda: system)
    line = advice(["chromium", "postgresql"])
    assert line.startswith("Missing: chromium, postgresql. Install: ")
    assert command in line
    assert "\n" not in line


def test_a_part_that_cannot_run_fails_unless_it_was_left_out_on_purpose(monkeypatch):
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.delenv("INTAKE_SKIP", raising=False)
    with pytest.raises(pytest.fail.Exception, match="not there"):
        machine.refuse("postgresql", "not there")
    monkeypatch.setenv("INTAKE_SKIP", "postgresql")
    with pytest.raises(pytest.skip.Exception, match="not there"):
        machine.refuse("postgresql", "not there")
    with pytest.raises(pytest.fail.Exception):
        machine.refuse("chromium", "not there")


@pytest.mark.parametrize(("ci", "skip"), [("true", "postgresql"), ("", "everything")])
def test_the_ci_leaves_nothing_out_and_unknown_parts_are_refused(monkeypatch, ci, skip):
    monkeypatch.setenv("CI", ci)
    monkeypatch.setenv("INTAKE_SKIP", skip)
    with pytest.raises(SystemExit, match="INTAKE_SKIP"):
        machine.left_out()
