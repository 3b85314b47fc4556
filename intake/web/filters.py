"""Not there yet."""

from flask import Flask


def init_app(app: Flask) -> None:
    """Nothing to do yet."""
