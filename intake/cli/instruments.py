"""`flask score-instrument`: a filled questionnaire from a file, without database or keys."""

from __future__ import annotations

from pathlib import Path

import click

from intake.cli.documents import FILE, JsonCommand, print_json, read_json
from intake.cli.errors import plain_errors
from intake.domain.screening import instrument_reading


@click.command("score-instrument", cls=JsonCommand)
@click.argument("name")
@click.argument("answers", type=FILE)
@plain_errors
def score_instrument(name: str, answers: Path) -> None:
    """Score ANSWERS (JSON) to the questionnaire NAME: total, band, what is missing. The form: docs/formats.md."""
    print_json(instrument_reading.answer(name, read_json(answers)))
