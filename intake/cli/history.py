"""`flask assess-trials`: prior treatments from a file, without database or keys."""

from __future__ import annotations

from pathlib import Path

import click

from intake.cli.documents import FILE, JsonCommand, print_json, read_json
from intake.cli.errors import plain_errors
from intake.domain.history import reading


@click.command("assess-trials", cls=JsonCommand)
@click.argument("history", type=FILE)
@plain_errors
def assess_trials(history: Path) -> None:
    """Print the verdict on each trial of HISTORY (JSON), the counts and the statement. The form: docs/formats.md."""
    print_json(reading.answer(read_json(history)))
