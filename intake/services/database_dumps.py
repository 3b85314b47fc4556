"""One consistent copy of a whole database as a stream of bytes, and back: SQLite's own, and pg_dump's custom format."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import tempfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from psycopg.conninfo import make_conninfo
from sqlalchemy import URL

from intake.services.sealed_files import PIECE, FileRefused, name_once

FORGOTTEN = timedelta(hours=1)
HOLDS_TABLES = "holds tables already, and nothing is restored over them"


@contextmanager
def private_folder(near: Path, act: str, now: datetime) -> Iterator[Path]:
    """A folder that only this account can enter, removed afterwards; what a killed run left an hour ago goes first."""
    for old in near.glob(f".intake-{act}-*"):
        if old.is_dir() and not old.is_symlink() and now - _changed_at(old) > FORGOTTEN:
            shutil.rmtree(old, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix=f".intake-{act}-", dir=near) as folder:  # mkdtemp gives it mode 0700
        yield Path(folder)


def _changed_at(path: Path) -> datetime:
    return datetime.fromtimestamp(path.stat().st_mtime, UTC)


def copy_sqlite(source: Path, target: Path) -> None:
    """Write one consistent copy while others write; raises `FileRefused` when it cannot, or is not sound."""
    try:
        with closing(sqlite3.connect(source, timeout=30, isolation_level=None)) as connection:
            connection.execute("VACUUM INTO ?", (str(target),))
    except sqlite3.Error as error:
        raise FileRefused(f"the database could not be copied: {error.sqlite_errorname}") from error
    _check_sound(target)


def packed(file: Path) -> Iterator[bytes]:
    """The bytes of a file, compressed."""
    packer = zlib.compressobj(1)
    with file.open("rb") as opened:
        while block := opened.read(PIECE):
            yield packer.compress(block)
    yield packer.flush()


def restore_sqlite(blocks: Iterable[bytes], target: Path, now: datetime) -> None:
    """Write a database from what `packed` gave, at a place where there is none; raises `FileRefused` otherwise."""
    refuse_used_sqlite(target)
    with private_folder(target.parent, "restore", now) as folder:
        draft = folder / "intake.db"
        unpacker = zlib.decompressobj()
        with draft.open("xb") as file:
            draft.chmod(0o600)
            try:
                for block in blocks:
                    file.write(unpacker.decompress(block))
                file.write(unpacker.flush())
            except zlib.error as error:
                raise FileRefused("the backup holds no database that can be unpacked") from error
            file.flush()
            os.fsync(file.fileno())
        _check_sound(draft)
        refuse_used_sqlite(target)
        target.unlink(missing_ok=True)  # an empty file, as a first connection makes it
        name_once(draft, target)


def refuse_used_sqlite(target: Path) -> None:
    """Raise `FileRefused` unless there is no file, or a database without any table that nobody has open."""
    if target.exists() and not (target.is_file() and target.stat().st_size == 0):
        _refuse_tables(target)
    for ending in ("-wal", "-journal"):
        rest = target.with_name(target.name + ending)
        if rest.exists() and rest.stat().st_size:
            raise FileRefused(f"{rest} is there: a database is in use, or was. Nothing is restored beside it")


def _refuse_tables(target: Path) -> None:
    try:
        with closing(sqlite3.connect(f"{target.resolve().as_uri()}?mode=ro", uri=True)) as connection:
            found = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
    except sqlite3.Error as error:
        raise FileRefused(f"{target} is there already and is no database that can be read") from error
    if found:
        raise FileRefused(f"{target} {HOLDS_TABLES}")


def _check_sound(file: Path) -> None:
    with closing(sqlite3.connect(file)) as connection:
        try:
            found = connection.execute("PRAGMA integrity_check").fetchone()[0]
        except sqlite3.Error as error:
            raise FileRefused("the copy of the database is not sound") from error
    if found != "ok":
        raise FileRefused("the copy of the database is not sound")


@contextmanager
def _connection(url: URL) -> Iterator[str]:
    """What names a database to PostgreSQL's programs; the password is in a file, never on the command line."""
    with tempfile.TemporaryDirectory() as folder:
        words: dict[str, str | int] = {
            key: value for key, value in url.query.items() if isinstance(value, str) and key != "password"
        }
        given = {"host": url.host, "port": url.port, "user": url.username, "dbname": url.database}
        words |= {key: value for key, value in given.items() if value}
        password = url.password or url.query.get("password")
        if password:
            file = Path(folder) / "pgpass"
            file.touch(mode=0o600)
            escaped = str(password).replace("\\", "\\\\").replace(":", "\\:")
            file.write_text(f"*:*:*:*:{escaped}\n")
            words["passfile"] = str(file)
        yield make_conninfo("", **words)


def dump_postgresql(url: URL, snapshot: str) -> Iterator[bytes]:
    """What pg_dump writes of the database as an exported snapshot sees it; raises `FileRefused` when it fails."""
    with _connection(url) as where:
        words = ["--format=custom", "--no-owner", "--no-acl", f"--snapshot={snapshot}", f"--dbname={where}"]
        with tempfile.TemporaryFile() as errors:
            with _started("pg_dump", words, stdout=subprocess.PIPE, stderr=errors) as program:
                assert program.stdout is not None
                while block := program.stdout.read(PIECE):
                    yield block
                program.wait()
            if program.returncode:
                errors.seek(0)
                said = errors.readline(300).decode(errors="replace").strip()  # of objects, never of rows
                raise FileRefused(f"pg_dump failed: {said}")


def restore_postgresql(blocks: Iterable[bytes], url: URL) -> None:
    """Put a dump into an empty database, all of it or nothing; raises `FileRefused`, without what pg_restore said.

    Its words may quote rows.
    """
    with _connection(url) as where:
        words = ["--no-owner", "--no-acl", "--single-transaction", "--exit-on-error", f"--dbname={where}"]
        quiet = subprocess.DEVNULL
        with _started("pg_restore", words, stdin=subprocess.PIPE, stdout=quiet, stderr=quiet) as program:
            assert program.stdin is not None
            try:
                for block in blocks:
                    program.stdin.write(block)
                program.stdin.close()
            except BrokenPipeError:  # it ended early: its exit code says that it failed
                program.stdin = None
            program.wait()
        if program.returncode:
            raise FileRefused("pg_restore failed, and nothing was restored; the server's log says why")


@contextmanager
def _started(name: str, words: list[str], **streams: object) -> Iterator[subprocess.Popen[bytes]]:
    """A program of PostgreSQL, ended with whoever reads or feeds it."""
    path = shutil.which(name)
    if path is None:
        raise FileRefused(f"{name} is not installed: it comes with PostgreSQL's client programs")
    program: subprocess.Popen[bytes] = subprocess.Popen([path, *words], **streams)  # type: ignore[call-overload]  # noqa: S603
    try:
        yield program
    finally:
        if program.poll() is None:
            program.kill()
            program.wait()
