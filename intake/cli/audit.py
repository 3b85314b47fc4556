"""`flask audit …`: is the trail whole?"""

from __future__ import annotations

import sys
from pathlib import Path

import click
from flask.cli import AppGroup

from intake.cli.errors import with_keys
from intake.services import audit_chain

group = AppGroup("audit", help="The audit trail and its chain.")


@group.command("verify")
@click.option(
    "--anchor", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="File of anchors to compare."
)
@with_keys
def verify(anchor: Path | None) -> None:
    """Name the first broken link of each chain; exit code 1 when there is one."""
    faults = list(audit_chain.verify(anchor.read_text().splitlines() if anchor else ()))
    linked, waiting = audit_chain.counts()
    click.echo("\n".join(faults) if faults else "The chain is whole.")
    click.echo(f"{linked} rows are linked, {waiting} wait for the worker.")
    sys.exit(1 if faults else 0)
