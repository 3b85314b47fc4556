"""`flask backup` and `flask restore`: the whole database in one sealed file, and back."""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import wraps
from pathlib import Path
from typing import ParamSpec

import click
import flask_migrate
from alembic.script import ScriptDirectory
from flask import current_app
from flask.cli import with_appcontext
from sqlalchemy import URL
from sqlalchemy.exc import DBAPIError

from config import ROOT
from intake.cli.elsewhere import bound_to
from intake.cli.errors import with_keys
from intake.extensions import db
from intake.services import backups, fresh_databases
from intake.services.backups import Finding, Manifest
from intake.services.errors import Busy
from intake.services.sealed_files import FileRefused

P = ParamSpec("P")
MIGRATIONS = ROOT / "migrations"


def refusals_in_words(command: Callable[P, None]) -> Callable[P, None]:
    """One sentence on standard error and exit code 1, never a trace: its values could be somebody's."""

    @wraps(command)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            command(*args, **kwargs)
        except FileRefused as error:
            raise click.ClickException(str(error)) from error
        except OSError as error:
            raise click.ClickException(f"nothing was done: {error.strerror}") from error
        except Busy as error:
            raise click.ClickException("the database is busy; run it again") from error
        except DBAPIError as error:
            raise click.ClickException(f"the database refused: {type(error.orig).__name__}") from error

    return guarded


@click.command("backup")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@with_appcontext
@with_keys
@refusals_in_words
def backup(file: Path) -> None:
    """Write the whole database to FILE, sealed; the house may stay open. FILE must not be there yet."""
    manifest = backups.back_up(file, now=datetime.now(UTC), version=version())
    megabytes = file.stat().st_size / 1_000_000
    click.echo(f"{file}: {manifest.all_rows} rows in {len(manifest.rows)} tables, {megabytes:.1f} MB")
    click.echo(f"It opens with the key ring of fingerprint {backups.needed_ring()}, which is not in it.")


@click.command("restore")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--into", help="A fresh place: a file that is not there, or the name of a new PostgreSQL database.")
@click.option("--drill", is_flag=True, help="Restore to a temporary place, check everything, remove it.")
@click.option("--sample", type=click.IntRange(min=1), default=50, help="Drill: values to open of each column.")
@with_appcontext
@with_keys
@refusals_in_words
def restore(file: Path, into: str | None, drill: bool, sample: int) -> None:
    """Put the backup FILE into the configured database, which must be empty, or into a fresh place."""
    if drill and into:
        raise click.UsageError("--drill makes a place of its own: leave out --into")
    manifest = backups.read_manifest(file)
    backups.refuse_unknown(manifest, known_revisions())
    if drill:
        sys.exit(0 if _said(_drill(file, manifest, sample)) else 1)
    with _place(manifest, into) as url:
        backups.restore(file, url, now=datetime.now(UTC))
        with bound_to(url):
            is_good = _said(iter([backups.check_rows(manifest)]))
            if manifest.revision == head():
                backups.note_restored(manifest, datetime.now(UTC))
    click.echo(f"Restored from {manifest.made_at}, Intake {manifest.version}, migration {manifest.revision}.")
    if manifest.revision != head():
        click.echo("It is older than this version: run `flask db upgrade` on it.")
    sys.exit(0 if is_good else 1)


def version() -> str:
    """Which Intake this is."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    return str(project["version"])


def known_revisions() -> frozenset[str]:
    """Every migration that this version has."""
    return frozenset(script.revision for script in ScriptDirectory(str(MIGRATIONS)).walk_revisions())


def head() -> str:
    """The newest migration of this version."""
    return ScriptDirectory(str(MIGRATIONS)).get_current_head() or ""


@contextmanager
def _place(manifest: Manifest, into: str | None) -> Iterator[URL]:
    """Where to restore to. A database that was made for it is dropped again when restoring fails."""
    if into is None:
        yield db.engine.url
    elif manifest.database == backups.SQLITE:
        yield fresh_databases.sqlite_at(Path(into))
    else:
        with fresh_databases.postgresql_named(into) as url:
            yield url


def _drill(file: Path, manifest: Manifest, sample: int) -> Iterator[Finding]:
    """Restore somewhere else, look at everything, and leave nothing behind."""
    now = datetime.now(UTC)
    yield Finding(True, f"file: whole; made {manifest.made_at} by Intake {manifest.version} on {manifest.database}")
    missing = [number for number in manifest.field_keys if manifest.field_keys[number] != backups.key_print(number)]
    if missing:
        yield Finding(False, f"keys: field key {', '.join(missing)} of that time is not in this ring")
    else:
        yield Finding(True, "keys: every key of that time is in this ring; keep a copy of it apart from the backups")
    with fresh_databases.temporary(manifest.database, current_app.config["INTAKE"].instance, now) as url:
        backups.restore(file, url, now=now)
        with bound_to(url):
            yield backups.check_rows(manifest)
            yield _migrated(manifest)
            yield from backups.check_sealed(sample)
            yield from backups.check_audit(manifest)


def _migrated(manifest: Manifest) -> Finding:
    if manifest.revision == head():
        return Finding(True, f"migrations: at head, {manifest.revision}")
    db.session.rollback()
    flask_migrate.upgrade()
    return Finding(True, f"migrations: {manifest.revision} when it was made, and goes up to head, {head()}")


def _said(findings: Iterator[Finding]) -> bool:
    """Print each finding as it comes; returns whether all are good."""
    is_good = True
    for finding in findings:
        is_good = is_good and finding.is_good
        click.echo(f"{'ok  ' if finding.is_good else 'FAIL'} {finding.text}")
    return is_good
