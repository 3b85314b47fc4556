"""What the machine must have for the tests beyond Python packages, and what happens when it is not there."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import NoReturn

import pytest

PARTS = ("postgresql", "chromium")
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MAC_BROWSERS = ("Google Chrome.app/Contents/MacOS/Google Chrome", "Chromium.app/Contents/MacOS/Chromium")


def left_out() -> frozenset[str]:
    """The parts named in INTAKE_SKIP, separated by commas; in the CI nothing may be left out."""
    named = frozenset(filter(None, os.environ.get("INTAKE_SKIP", "").split(",")))
    if named - set(PARTS):
        raise SystemExit(f"INTAKE_SKIP may name {' and '.join(PARTS)}, not {', '.join(sorted(named - set(PARTS)))}")
    if named and os.environ.get("CI") == "true":
        raise SystemExit("INTAKE_SKIP is set, but the CI leaves nothing out")
    return named


def refuse(part: str, reason: str) -> NoReturn:
    """End a test that cannot run: skipped only when INTAKE_SKIP asked for it, failed otherwise."""
    if part in left_out():
        pytest.skip(f"{reason}; left out by INTAKE_SKIP")
    pytest.fail(f"{reason}; `make test` says how to install it", pytrace=False)


def find_chromium() -> str | None:
    """The system's Chromium or Chrome; None when there is none."""
    for name in CHROMIUM_NAMES:
        if path := shutil.which(name):
            return path
    for folder in (Path("/Applications"), Path.home() / "Applications"):
        for browser in MAC_BROWSERS:
            if (folder / browser).exists():
                return str(folder / browser)
    return None


def find_postgresql() -> Path | None:
    """The folder with `initdb` and `postgres`, the newest where there are several; None when there is none."""
    places = [*Path("/usr/lib/postgresql").glob("*/bin"), *Path("/opt/homebrew/opt").glob("postgresql@*/bin")]
    places += [*Path("/usr/local/opt").glob("postgresql@*/bin"), *Path("/usr").glob("pgsql-*/bin")]
    found = [place for place in places if (place / "initdb").exists() and (place / "postgres").exists()]
    if found:
        return max(found, key=_version)
    on_path = shutil.which("initdb")
    return Path(on_path).resolve().parent if on_path and shutil.which("postgres") else None


def _version(folder: Path) -> int:
    digits = "".join(filter(str.isdigit, folder.parent.name))
    return int(digits or 0)
