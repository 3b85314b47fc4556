"""`flask …` commands."""

from __future__ import annotations

from flask import Flask

from intake.cli import (
    audit,
    backup,
    batch,
    clinic,
    demo,
    downtime,
    history,
    instruments,
    keys,
    medicines,
    planning,
    simulate,
    staff,
    worker,
)

COMMANDS = (
    audit.group,
    backup.backup,
    backup.restore,
    batch.plan_batch,
    clinic.group,
    demo.group,
    downtime.group,
    history.assess_trials,
    instruments.score_instrument,
    keys.group,
    medicines.check_medicines,
    planning.check_plan,
    planning.plan_series,
    simulate.simulate,
    staff.group,
    worker.worker,
)


def init_app(app: Flask) -> None:
    """Add the commands to the application."""
    for command in COMMANDS:
        app.cli.add_command(command)
