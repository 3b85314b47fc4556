"""`flask check-medicines`: current medicines from a file, without database or keys."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from intake.cli.documents import FILE, JsonCommand, print_json, read_json
from intake.cli.errors import plain_errors
from intake.domain.screening import reading


@click.command("check-medicines", cls=JsonCommand)
@click.argument("medicines", metavar="LIST", type=FILE)
@plain_errors
def check_medicines(medicines: Path) -> None:
    """Print what the interaction table says on the medicines of LIST (JSON). The form: docs/formats.md."""
    print_json(reading.answer(read_json(medicines), today=datetime.now(UTC).date()))
