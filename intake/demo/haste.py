"""A first run without waiting for the disk at every commit: what a power cut could take is made anew."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from intake.extensions import db

SETTINGS = {
    "sqlite": ("PRAGMA synchronous=NORMAL", "PRAGMA synchronous=FULL"),  # with a write-ahead log both stay consistent
    "postgresql": ("SET synchronous_commit = off", "SET synchronous_commit = on"),
}


@contextmanager
def in_haste() -> Iterator[None]:
    """Set it on the pool's connection, which a single thread is given again and again, and take it back."""
    hasty, patient = SETTINGS[db.engine.dialect.name]
    _say(hasty)
    try:
        yield
    finally:
        _say(patient)


def _say(setting: str) -> None:
    raw = db.engine.raw_connection()
    try:
        raw.cursor().execute(setting)
        raw.commit()
    finally:
        raw.close()
