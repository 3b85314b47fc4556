"""`flask clinic …`: a clinic from a file."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import click
from flask.cli import AppGroup

from intake.cli.errors import plain_errors, with_keys
from intake.services import clinics

group = AppGroup("clinic", help="Sites, protocols, session kinds, policies and staff.")


@group.command("load")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@with_keys
@plain_errors
def load(file: Path) -> None:
    """Bring the clinic in FILE (JSON, see docs/formats.md) into the database; loading it twice changes nothing."""
    changed = clinics.load(json.loads(file.read_text()), now=datetime.now(UTC))
    click.echo(", ".join(f"{count} {kind.replace('_', ' ')}" for kind, count in changed.items()) + " added or changed")
