"""Sees to the system packages of `make test`: installs them when root has apt, else names them in one line."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from pathlib import Path

from tests.machine import find_chromium, find_postgresql, left_out

APT = {"chromium": "chromium", "postgresql": "postgresql"}
BREW = {"chromium": "--cask google-chrome", "postgresql": "postgresql@17"}


def missing() -> list[str]:
    """The parts that the tests need and that neither are there nor are left out."""
    found = {"chromium": find_chromium(), "postgresql": find_postgresql()}
    return [part for part, place in found.items() if not place and part not in left_out()]


def install(parts: list[str]) -> None:
    """Install by apt; what apt prints is shown only when it fails."""
    say(f"Installing {' and '.join(parts)} with apt ...")
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    packages = [APT[part] for part in parts]
    for command in (["update"], ["install", "--yes", "--no-install-recommends", *packages]):
        done = subprocess.run(  # noqa: S603 fixed commands
            ["/usr/bin/apt-get", *command], env=environment, capture_output=True, text=True, check=False
        )
        if done.returncode:
            say(done.stdout + done.stderr)
            return


def say(text: str) -> None:
    """Print at once, also into a pipe."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def advice(parts: list[str]) -> str:
    """One line: what to type."""
    if platform.system() == "Darwin":
        command = "; ".join(f"brew install {BREW[part]}" for part in parts)
    else:
        command = f"sudo apt install {' '.join(APT[part] for part in parts)}"
    skip = ",".join(parts)
    return f"Missing: {', '.join(parts)}. Install: {command} (or leave those tests out: make test INTAKE_SKIP={skip})"


def main() -> None:
    """Exit 1 with one line while something is missing."""
    parts = missing()
    if parts and os.geteuid() == 0 and Path("/usr/bin/apt-get").exists():
        install(parts)
        parts = missing()
    if parts:
        raise SystemExit(advice(parts))


if __name__ == "__main__":
    main()
