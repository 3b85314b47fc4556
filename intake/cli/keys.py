"""`flask keys …`: the key ring file."""

from __future__ import annotations

from pathlib import Path

import click
from flask import current_app
from flask.cli import AppGroup

from intake.keyring import write_new_keys

group = AppGroup("keys", help="The key ring, which lies outside the database.")


@group.command("new")
@click.argument("path", required=False, type=click.Path(dir_okay=False, path_type=Path))
def new(path: Path | None) -> None:
    """Make a key ring at PATH (else where the configuration expects it), mode 0600; never replaces one."""
    place: Path = path or current_app.config["INTAKE"].keys
    try:
        write_new_keys(place)
    except FileExistsError as error:
        raise click.ClickException(f"{place} is there already: losing a key ring loses what it sealed") from error
    click.echo(f"New key ring: {place}. Keep a copy apart from the database and its backups.")
