"""`flask worker`: the process that sends messages and keeps the house in order."""

from __future__ import annotations

import click
from flask import current_app
from flask.cli import with_appcontext

from intake.jobs import worker as process
from intake.start import faults


@click.command("worker")
@with_appcontext
def worker() -> None:
    """Send messages, make reminders, chain the audit trail, tidy at night. Any number may run."""
    found = list(faults(current_app.config["INTAKE"], sends_mail=True))
    if found:
        raise click.ClickException("; ".join(found))
    app = current_app._get_current_object()  # type: ignore[attr-defined]  # the proxy hides it from the type checker
    process.run(app)
