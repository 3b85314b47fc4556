"""`flask keys …`: the key ring file."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import click
from flask import current_app
from flask.cli import AppGroup

from intake.cli.errors import with_keys
from intake.domain.errors import DomainError
from intake.keyring import KeysMissing, write_new_keys
from intake.services import key_rotation
from intake.services.errors import Busy

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


@group.command("rotate")
@click.option("--new-key", is_flag=True, help="Begin with a new key although an earlier rotation is unfinished.")
@with_keys
def rotate(new_key: bool) -> None:
    """Make a new field key and seal every value anew under it; run it again if it was interrupted."""
    try:
        number, is_new = key_rotation.begin(current_app.config["INTAKE"].keys, now=datetime.now(UTC), new_key=new_key)
        click.echo(f"Key {number} is new and seals from now on." if is_new else f"Going on under key {number}.")
        _reseal()
    except KeysMissing as error:
        raise click.ClickException(str(error)) from error
    except Busy as error:
        raise click.ClickException("the database is busy; what was done stays. Run it again") from error
    left = key_rotation.left_over()
    for column, count in left.items():
        click.echo(f"{column}: {count} values still lie under an older key: broken, or written just now", err=True)
    if left:
        raise click.ClickException("not every value was sealed anew; run it again, and see docs/formats.md")
    click.echo("Every value lies under it. Keep a copy of the new ring where you keep the old one.")


def _reseal() -> None:
    """Seal anew, and say what was done for each column."""
    done: Counter[str] = Counter()
    for step in key_rotation.reseal():
        done[step.column] += step.resealed
    for column, count in sorted(done.items()):
        click.echo(f"{column}: {count} values sealed anew")


@group.command("retire")
@click.argument("number", type=click.IntRange(min=1))
@with_keys
def retire(number: int) -> None:
    """Take old key NUMBER out of the ring; refused while any value lies under it."""
    try:
        kept = key_rotation.retire(current_app.config["INTAKE"].keys, number, now=datetime.now(UTC))
    except DomainError as error:
        raise click.ClickException(error.message) from error
    except KeysMissing as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"Key {number} is out of the ring. Backups made before the rotation still need it: {kept} has it.")
    click.echo("Move that file to where those backups' keys are kept; destroy it with the last of them.")
