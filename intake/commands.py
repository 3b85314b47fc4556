"""`flask …` commands."""

from __future__ import annotations

from flask import Flask

from intake.cli import audit, clinic, keys

GROUPS = (audit.group, clinic.group, keys.group)


def init_app(app: Flask) -> None:
    """Add the commands to the application."""
    for group in GROUPS:
        app.cli.add_command(group)
