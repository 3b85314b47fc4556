"""`flask worker`: the process that sends messages and keeps the house in order."""

from __future__ import annotations

import click
from flask import current_app

from intake.cli.errors import with_keys
from intake.jobs import worker as process


@click.command("worker")
@with_keys
def worker() -> None:
    """Send messages, make reminders, chain the audit trail, tidy at night. Any number may run."""
    app = current_app._get_current_object()  # type: ignore[attr-defined]  # the proxy hides it from the type checker
    process.run(app)
