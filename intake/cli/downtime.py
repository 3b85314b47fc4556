"""`flask downtime …`: what the clinic works from when its computers are down."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click
from flask import current_app, render_template
from flask.cli import AppGroup
from markupsafe import Markup

from intake.cli.backup import refusals_in_words
from intake.cli.errors import with_keys
from intake.extensions import ring
from intake.services import downtime
from intake.services.sealed_files import FileRefused

group = AppGroup("downtime", help="Sealed packs with today and tomorrow, for when nothing else can be reached.")


@group.command("write")
@with_keys
@refusals_in_words
def write() -> None:
    """Write a pack now, where the worker would, unless the newest is younger than 55 minutes."""
    config = current_app.config["INTAKE"]
    made = downtime.keep_current(config.downtime, hours=config.downtime_hours, now=datetime.now(UTC))
    click.echo(str(made) if made else f"The newest pack in {config.downtime} is young enough.")


@group.command("print")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--site", help="Only the site of that name.")
@refusals_in_words
def print_pack(file: Path, site: str | None) -> None:
    """Write the pack FILE as one page of HTML, to be printed; needs the key ring and no database."""
    if not ring.is_loaded:
        raise FileRefused("INTAKE_KEY_FILE: no usable key ring there")
    pack = downtime.read(file)
    sites = [one for one in pack["sites"] if site is None or one["name"] == site]
    if not sites:
        raise FileRefused(f"there is no such site in it; it has {', '.join(one['name'] for one in pack['sites'])}")
    sheet = current_app.extensions["assets"]["app.css"].plain.decode()
    style = Markup("<style>{}</style>").format(Markup(sheet))  # noqa: S704 our own sheet, no text of a person
    with current_app.test_request_context():
        click.echo(render_template("downtime/pack.html", pack=pack, sites=sites, style=style))
