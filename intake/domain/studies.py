"""The published studies that the public page quotes, each with its source."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from intake.domain.data import is_verified, read_table


@dataclass(frozen=True, slots=True)
class Study:
    """What one study did and found, in words for the public."""

    people: int
    plan: str
    found: str
    also: str
    source: str
    is_reviewed: bool


@cache
def quoted_studies() -> tuple[Study, ...]:
    """Every study whose source was read, largest first. Source: `data/studies.csv`."""
    rows = [row for row in read_table("studies.csv") if is_verified(row["confidence"])]
    found = [
        Study(int(row["people"]), row["plan"], row["found"], row["also"], row["source"], bool(row["reviewed_by"]))
        for row in rows
    ]
    return tuple(sorted(found, key=lambda study: -study.people))
