"""A new field key, and every sealed value sealed anew under it, while the house is open.

Safe to run twice, at once, and again after it was killed: what lies under the current key already is passed over, and
a value is replaced only where it is still the one that was read.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

from sqlalchemy import Row, bindparam, func, select, update

from intake.domain.errors import DomainError
from intake.extensions import current_session, ring, transaction
from intake.keyring import KeysMissing, SealBroken, add_field_key, head_of, locked, remove_field_key
from intake.services import audit
from intake.services.retries import retried
from intake.services.sealed_columns import SealedColumn, sealed_columns, values_by_key, values_not_under, values_under

BATCH = 200
MOST_BYTES = 16 * 1024 * 1024
"""Of one batch, unless a single value is larger: documents are sealed whole."""
SETTLES = timedelta(minutes=15)
"""How long an older key stays at least after the ring has changed: a value that was sealed before may still be on its
way into the database. No request and no transaction lives that long."""
Change = tuple[UUID, bytes, bytes]


@dataclass(frozen=True, slots=True)
class Step:
    """One batch: how many values of a column were sealed anew. What cannot be opened stays as it is."""

    column: str
    resealed: int


def begin(path: Path, *, now: datetime, new_key: bool = False) -> tuple[int, bool]:
    """The key to seal under, and whether it is a new one: an unfinished rotation is resumed.

    With `new_key`, a new one in any case. Raises `KeysMissing` for a file that is no ring, or is none that can be
    replaced.
    """
    try:
        with locked(path) as place:
            older = set(ring.fingerprints) - {ring.current}
            if not new_key and values_by_key(current_session(), older):
                return ring.current, False
            number = add_field_key(place)
    except OSError as error:
        raise KeysMissing(f"the key ring cannot be replaced: {error.strerror}") from error
    _note("keys.rotate", number, now)
    return number, True


def reseal() -> Iterator[Step]:
    """Seal every value anew that lies under an older key, a batch and a transaction at a time.

    Goes over all columns again as long as a pass found something: a slow writer may have added a value behind it.
    """
    columns = sealed_columns()
    found = True
    while found:
        found = False
        for column in columns:
            for step in _reseal_column(column):
                found = found or step.resealed > 0
                yield step


def left_over() -> dict[str, int]:
    """How many values of each column do not lie under the current key: broken ones, and some of this very moment."""
    return values_not_under(current_session(), ring.current)


def retire(path: Path, number: int, *, now: datetime) -> Path:
    """Take an old key out of the ring; returns where the ring as it was is kept, for the backups that need it.

    Raises `DomainError` for the current key, one that is not in the ring, one that any value still lies under, and
    until 15 minutes after the ring was last changed.
    """
    try:
        with locked(path) as place:
            _refuse_retiring(place, number, now)
            kept = remove_field_key(place, number)
    except OSError as error:
        raise KeysMissing(f"the key ring cannot be replaced: {error.strerror}") from error
    _note("keys.retire", number, now)
    return kept


def _refuse_retiring(path: Path, number: int, now: datetime) -> None:
    if number == ring.current:
        raise DomainError(f"Key {number} is the current one: run `flask keys rotate` first")
    if number not in ring.fingerprints:
        raise DomainError(f"There is no key {number} in the ring")
    used = values_under(current_session(), number)
    if used:
        where = ", ".join(f"{label} ({count})" for label, count in used.items())
        raise DomainError(f"Key {number} still seals {sum(used.values())} values: {where}. Run `flask keys rotate`")
    settled = datetime.fromtimestamp(path.stat().st_mtime, UTC) + SETTLES
    if now < settled:
        raise DomainError(
            f"The ring was changed a moment ago. Retire the key after {settled:%H:%M} UTC: until then something that "
            "was sealed under it may still be on its way"
        )


def _reseal_column(column: SealedColumn) -> Iterator[Step]:
    after: UUID | None = None
    while chosen := _next_of(column, after):
        after = chosen[-1]
        rows = current_session().execute(
            select(column.id, column.column.label("blob")).where(column.id.in_(chosen), column.column.is_not(None))
        )
        changes = [change for row in rows if (change := _sealed_anew(column, row)) is not None]
        yield Step(column.label, _store(column, changes))


def _next_of(column: SealedColumn, after: UUID | None) -> list[UUID]:
    """The next rows whose value lies under another key, as many as make one batch."""
    sizes = select(column.id, func.length(column.column)).where(
        column.column.is_not(None), column.head != head_of(ring.current)
    )
    if after is not None:
        sizes = sizes.where(column.id > after)
    current_session().rollback()
    chosen: list[UUID] = []
    held = 0
    for row_id, size in current_session().execute(sizes.order_by(column.id).limit(BATCH)):
        held += size
        if chosen and held > MOST_BYTES:
            break
        chosen.append(row_id)
    return chosen


def _sealed_anew(column: SealedColumn, row: Row[UUID, bytes]) -> Change | None:
    place, blob = column.place(row.id), bytes(row.blob)
    try:
        return row.id, blob, ring.seal(ring.open(blob, place), place)
    except SealBroken:
        return None


@retried
def _store(column: SealedColumn, changes: Sequence[Change]) -> int:
    """Replace values, each only where it is still the one that was read; returns how many were."""
    if not changes:
        return 0
    statement = (
        update(column.table)
        .where(column.id == bindparam("row_id"), column.column == bindparam("before"))
        .values({column.column.name: bindparam("after")})
    )
    with transaction() as session:
        stored = 0
        for row_id, before, after in changes:
            done = session.execute(statement, {"row_id": row_id, "before": before, "after": after})
            stored += done.rowcount  # type: ignore[attr-defined]  # an update's result has one
        return stored


@retried
def _note(action: str, number: int, now: datetime) -> None:
    with transaction() as session:
        audit.add(session, actor_id=None, action=action, subject=("key", number), now=now)
