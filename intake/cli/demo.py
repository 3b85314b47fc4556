"""`flask demo …`: the demo clinic, in development only."""

from __future__ import annotations

import logging
import time
from datetime import UTC, datetime

import click
from flask import current_app
from flask.cli import AppGroup

from intake.cli.errors import with_keys
from intake.demo import seed as demo

group = AppGroup("demo", help="The demo clinic with invented people; development only.")


@group.command("seed")
@with_keys
def seed() -> None:
    """Make the demo clinic, or bring it up to today. Running it again adds nothing."""
    if current_app.config["INTAKE_MODE"] != "development":
        raise click.ClickException("the demo clinic is for INTAKE_MODE=development only")
    logging.getLogger("intake").setLevel(logging.WARNING)  # thousands of events of the past are no news
    began = time.monotonic()
    demo.seed(datetime.now(UTC), report=click.echo)
    click.echo(f"The demo clinic is up to date ({time.monotonic() - began:.0f} s).")
