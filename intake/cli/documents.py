"""JSON in and out of a command: whatever is wrong with the words or the file is one line on standard error, exit 2."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NoReturn

import click

from intake.cli.errors import refuse
from intake.domain.errors import DomainError

FILE = click.Path(path_type=Path)
"""A file is looked for when it is read, so that a missing one is refused in the same way as a malformed one."""


class JsonCommand(click.Command):
    """A command for programs: wrong options and missing arguments are refused in JSON too, without a usage text."""

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: Any
    ) -> click.Context:
        """As click does it, but for the words of a refusal."""
        try:
            return super().make_context(info_name, args, parent, **extra)
        except click.UsageError as error:
            refuse(error.format_message())


def read_json(path: Path) -> Any:
    """What a file holds. Raises `DomainError` for a file that cannot be read or is not JSON in UTF-8."""
    try:
        return json.loads(path.read_text(encoding="utf-8-sig"), parse_constant=_no_number)
    except OSError as error:
        why = error.strerror or "cannot be read"
    except ValueError as error:
        why = _words_of(error)
    except RecursionError:
        why = "nested too deeply"
    raise DomainError(f"{path}: {why}")


def print_json(answer: Any) -> None:
    """One line of JSON in ASCII, so that no terminal's encoding can stand in the way."""
    click.echo(json.dumps(answer))


def _words_of(error: ValueError) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"not JSON: line {error.lineno}, column {error.colno}"
    if isinstance(error, UnicodeDecodeError):
        return "not UTF-8 text"
    return "not JSON: a number that cannot be read"


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number")
