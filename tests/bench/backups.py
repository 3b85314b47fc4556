"""Backup, drill and restore of the large clinic, once on each database: `python -m tests.bench.backups`."""

from __future__ import annotations

import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from flask import Flask

from intake.extensions import db
from tests.bench import big_clinic
from tests.databases import KINDS, Databases


def main() -> None:
    """Print seconds and megabytes."""
    for kind in KINDS:
        with tempfile.TemporaryDirectory() as folder:
            databases = Databases(Path(folder), durable=True)
            try:
                measure(databases.app(databases.fresh(kind)), Path(folder), kind)
            finally:
                databases.close()


def measure(app: Flask, folder: Path, kind: str) -> None:
    """One backup, one drill, one restore into a fresh place."""
    with app.app_context():
        big_clinic.build(datetime.now(UTC))
        db.session.remove()
    file = folder / "backup.intake"
    place = str(folder / "fresh.db") if kind == "sqlite" else "intake_fresh"
    for words in (["backup", str(file)], ["restore", "--drill", str(file)], ["restore", str(file), "--into", place]):
        start = time.perf_counter()
        done = app.test_cli_runner().invoke(args=words)
        seconds = time.perf_counter() - start
        if done.exit_code:
            raise SystemExit(done.output)
        print(f"{kind}: {words[0]} {'--drill' if '--drill' in words else ''} {seconds:.1f} s", flush=True)
    print(f"{kind}: the file has {file.stat().st_size / 1e6:.1f} MB", flush=True)


if __name__ == "__main__":
    main()
