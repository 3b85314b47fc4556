"""Backups: what goes into one, taking it back, and what a drill asks of it (docs/formats.md)."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from itertools import chain
from pathlib import Path

from sqlalchemy import URL, Connection, create_engine, inspect, select, text
from sqlalchemy.orm import Session

from intake.extensions import current_session, db, ring, transaction
from intake.keyring import SealBroken
from intake.services import audit, audit_chain, database_dumps
from intake.services.retries import retried
from intake.services.sealed_columns import SealedColumn, sealed_columns
from intake.services.sealed_files import BACKUP, FileRefused, Writer, check, pieces, written

FORMAT = 1
LENGTH_BYTES = 4
MOST_MANIFEST = 4 * 1024 * 1024
SQLITE, POSTGRESQL = "sqlite", "postgresql"


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup says of itself: all of it as one moment saw the database.

    `rows` counts each table, `anchors` are lines of an anchor file, `field_keys` the fingerprints of keys by number.
    """

    format: int
    database: str
    server: str
    version: str
    revision: str
    made_at: str
    rows: dict[str, int]
    anchors: list[str]
    field_keys: dict[str, str]

    @property
    def all_rows(self) -> int:
        """How many rows there are in all."""
        return sum(self.rows.values())


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of a drill: whether it is as it should be, and what was looked at."""

    is_good: bool
    text: str


def back_up(path: Path, *, now: datetime, version: str) -> Manifest:
    """Write the whole database, sealed, to a file that is not there yet; others go on writing meanwhile.

    Raises `FileRefused` for a file that is there or cannot be written, and where pg_dump fails.
    """
    with written(path, BACKUP) as writer:
        _note("backup.make", now)
        if db.engine.dialect.name == SQLITE:
            return _back_up_sqlite(writer, now, version)
        return _back_up_postgresql(writer, now, version)


def read_manifest(path: Path) -> Manifest:
    """What a backup says of itself, after all of it was found whole. Raises `FileRefused`."""
    check(path, BACKUP)
    return _split(path)[0]


def refuse_unknown(manifest: Manifest, known: Collection[str]) -> None:
    """Raise `FileRefused` for a backup whose migration this version does not know."""
    if manifest.revision not in known:
        raise FileRefused(
            f"the backup stands at migration {manifest.revision}, which this version does not know: "
            f"it was made by Intake {manifest.version}. Install that version or a newer one first"
        )


def restore(path: Path, url: URL, *, now: datetime) -> Manifest:
    """Put a backup into an empty database, all of it or nothing. Call `read_manifest` before: it checks the whole file.

    Raises `FileRefused` for a damaged file, another kind of database, and one that holds tables.
    """
    manifest, content = _split(path)
    if manifest.database != url.get_backend_name():
        raise FileRefused(f"this is a backup of {manifest.database}, and the database here is {url.get_backend_name()}")
    if manifest.database == SQLITE:
        database_dumps.restore_sqlite(content, sqlite_file(url), now)
    else:
        _refuse_used_postgresql(url)
        database_dumps.restore_postgresql(content, url)
    return manifest


def needed_ring() -> str:
    """The fingerprint of the key ring that backups are sealed with."""
    return BACKUP.print_of_key()


def key_print(number: str) -> str | None:
    """The fingerprint of a field key of the ring in use; None where there is none of that number."""
    return ring.fingerprints.get(int(number))


def sqlite_file(url: URL) -> Path:
    """Where a SQLite database lies; raises `FileRefused` for one in memory."""
    if not url.database or url.database == ":memory:":
        raise FileRefused("a database in memory has no backup")
    return Path(url.database)


def check_rows(manifest: Manifest) -> Finding:
    """Whether the database in use has the tables and as many rows as the manifest says."""
    found = _rows(current_session().connection())
    wrong = sorted(name for name in found.keys() | manifest.rows.keys() if found.get(name) != manifest.rows.get(name))
    if wrong:
        return Finding(False, f"rows: other than when it was made, in {', '.join(wrong)}")
    return Finding(True, f"rows: {manifest.all_rows} in {len(found)} tables, as when it was made")


def check_sealed(sample: int) -> Iterator[Finding]:
    """Open up to `sample` values of each sealed column, the oldest and the newest; one line for each that fails."""
    opened, empty = 0, 0
    for column in sealed_columns():
        total, broken = _open_some(column, sample)
        opened, empty = opened + total - broken, empty + (total == 0)
        if broken:
            yield Finding(False, f"sealed: {broken} of {total} values of {column.label} do not open with this key ring")
    columns = len(sealed_columns()) - empty
    yield Finding(True, f"sealed: {opened} values of {columns} columns opened; {empty} columns are empty")


def check_audit(manifest: Manifest) -> Iterator[Finding]:
    """Verify the audit chain against where it stood when the backup was made."""
    faults = list(audit_chain.verify(manifest.anchors))
    grave = [fault for fault in faults if not fault.endswith(audit_chain.LATE_WORDS)]
    for fault in faults:
        yield Finding(fault not in grave, f"audit: {fault}")
    if not grave:
        yield Finding(True, f"audit: the chain is whole and agrees with {len(manifest.anchors)} anchors")


@retried
def note_restored(manifest: Manifest, now: datetime) -> None:
    """Write into the restored database that it was restored, and from when."""
    with transaction() as session:
        detail = {"made_at": manifest.made_at}
        audit.add(session, actor_id=None, action="backup.restore", subject=("database", ""), now=now, detail=detail)


@retried
def _note(action: str, now: datetime) -> None:
    with transaction() as session:
        audit.add(session, actor_id=None, action=action, subject=("database", ""), now=now)


def _back_up_sqlite(writer: Writer, now: datetime, version: str) -> Manifest:
    source = sqlite_file(db.engine.url)
    with database_dumps.private_folder(source.parent, "backup", now) as folder:
        copy = folder / "intake.db"
        database_dumps.copy_sqlite(source, copy)
        engine = create_engine(f"sqlite:///{copy}")
        with Session(engine) as session:
            manifest = _describe(session, now, version)
        engine.dispose()
        _write(writer, manifest, database_dumps.packed(copy))
    return manifest


def _back_up_postgresql(writer: Writer, now: datetime, version: str) -> Manifest:
    session = current_session()
    session.rollback()
    try:
        session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
        session.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))  # it waits for pg_dump
        snapshot = session.scalars(text("SELECT pg_export_snapshot()")).one()
        manifest = _describe(session, now, version)
        _write(writer, manifest, database_dumps.dump_postgresql(db.engine.url, snapshot))
    finally:
        session.rollback()
    return manifest


def _describe(session: Session, now: datetime, version: str) -> Manifest:
    connection = session.connection()
    rows = _rows(connection)
    if not rows.get("alembic_version"):
        raise FileRefused("the database has no tables yet: run `flask db upgrade` first")
    number = ".".join(map(str, connection.dialect.server_version_info or ()))
    return Manifest(
        format=FORMAT,
        database=connection.dialect.name,
        server=number,
        version=version,
        revision=session.scalars(text("SELECT version_num FROM alembic_version")).one(),
        made_at=now.isoformat(),
        rows=rows,
        anchors=audit_chain.anchor_lines_of(session, now),
        field_keys={str(number): name for number, name in sorted(ring.fingerprints.items())},
    )


def _rows(connection: Connection) -> dict[str, int]:
    quote = connection.dialect.identifier_preparer.quote
    counted = (f"SELECT count(*) FROM {quote(name)}" for name in sorted(inspect(connection).get_table_names()))  # noqa: S608
    names = sorted(inspect(connection).get_table_names())
    return {name: connection.scalar(text(query)) or 0 for name, query in zip(names, counted, strict=True)}


def _write(writer: Writer, manifest: Manifest, content: Iterable[bytes]) -> None:
    head = json.dumps(asdict(manifest)).encode()
    writer.write(len(head).to_bytes(LENGTH_BYTES, "big") + head)
    for block in content:
        writer.write(block)


def _split(path: Path) -> tuple[Manifest, Iterator[bytes]]:
    """The manifest and the content behind it; each piece is checked as it is read."""
    blocks = pieces(path, BACKUP)
    held = next(blocks)
    wanted = LENGTH_BYTES + int.from_bytes(held[:LENGTH_BYTES], "big")
    while len(held) < wanted <= MOST_MANIFEST and (more := next(blocks, b"")):
        held += more
    try:
        raw = json.loads(held[LENGTH_BYTES:wanted])
        if raw["format"] != FORMAT:
            raise FileRefused(f"{path} has format {raw['format']}, which this version does not know")
        manifest = Manifest(**raw)
    except (ValueError, TypeError, KeyError) as error:
        raise FileRefused(f"{path} holds no manifest that can be read") from error
    return manifest, chain([held[wanted:]], blocks)


def _open_some(column: SealedColumn, sample: int) -> tuple[int, int]:
    """How many values were tried, and how many of them do not open."""
    rows = select(column.id).where(column.column.is_not(None))
    session = current_session()
    oldest = session.scalars(rows.order_by(column.id).limit(sample - sample // 2)).all()
    newest = session.scalars(rows.order_by(column.id.desc()).limit(sample // 2)).all()
    chosen = {*oldest, *newest}
    broken = 0
    for row_id in chosen:  # one at a time: documents are large
        blob = session.scalars(select(column.column).where(column.id == row_id)).one()
        try:
            ring.open(blob, column.place(row_id))
        except SealBroken:
            broken += 1
    return len(chosen), broken


def _refuse_used_postgresql(url: URL) -> None:
    ours = text("SELECT count(*) FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')")
    engine = create_engine(url)
    try:
        with engine.connect() as connection:
            if connection.scalar(ours):
                raise FileRefused(f"the database {url.database} {database_dumps.HOLDS_TABLES}")
    finally:
        engine.dispose()
