"""The tables that rules are read from. Every medical number stands in one of them, with its source."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

_FOLDER = Path(__file__).parent


def read_table(name: str) -> tuple[dict[str, str], ...]:
    """The rows of a CSV file of this folder, as written, column by column."""
    with (_FOLDER / name).open(encoding="utf-8", newline="") as file:
        return tuple(csv.DictReader(file))


def read_document(name: str) -> Any:
    """A JSON file of this folder, parsed; its reader gives it a type."""
    return json.loads((_FOLDER / name).read_text(encoding="utf-8"))


def names_in(cell: str) -> tuple[str, ...]:
    """The names of a cell that lists several, split at semicolons."""
    return tuple(name.strip() for name in cell.split(";") if name.strip())


def is_verified(confidence: str) -> bool:
    """Whether a row was read in its source. "read in secondary source" was not, nor was general knowledge."""
    return confidence.startswith("read in source")
