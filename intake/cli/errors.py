"""What all commands share: one line on standard error, and no work without keys."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from functools import wraps
from typing import NoReturn, ParamSpec, TypeVar

import click
from flask import current_app

from intake.domain.errors import DomainError
from intake.start import faults

P = ParamSpec("P")
R = TypeVar("R")
REFUSED = 2


def plain_errors(command: Callable[P, R]) -> Callable[P, R]:
    """Turn a refusal into one JSON line on standard error and exit code 2."""

    @wraps(command)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return command(*args, **kwargs)
        except json.JSONDecodeError as error:
            refuse(f"not JSON: line {error.lineno}, column {error.colno}")
        except UnicodeDecodeError:
            refuse("not UTF-8 text")
        except DomainError as error:
            refuse(error.message)
        except RecursionError:
            refuse("nested too deeply")

    return guarded


def with_keys(command: Callable[P, R]) -> Callable[P, R]:
    """Refuse a command that touches data while keys or TLS are missing."""

    @wraps(command)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
        found = list(faults(current_app.config["INTAKE"], sends_mail=False))
        if found:
            raise click.ClickException("; ".join(found))
        return command(*args, **kwargs)

    return guarded


def refuse(why: str) -> NoReturn:
    """Say why in one JSON line on standard error and end with exit code 2."""
    click.echo(json.dumps({"error": why}), err=True)
    sys.exit(REFUSED)
