"""Being refused: the error is raised, and no row of any table came, went or became another one."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import text

from intake.extensions import db

COUNTED = ("throttle_counter",)
"""What a refused try leaves behind where tries are counted."""


@contextmanager
def refused(
    error: type[Exception], *, match: str | None = None, besides: Collection[str] = ()
) -> Iterator[pytest.ExceptionInfo[Exception]]:
    """Like `pytest.raises`, and nothing is written. `besides`: tables in which a refusal may leave something.

    Call inside an app context. Rows that a test makes for the refused call have to be made before the block.
    """
    before = rows_by_table()
    with pytest.raises(error, match=match) as caught:
        yield caught
    after = rows_by_table()
    changed = {table for table, rows in before.items() if rows != after[table]}
    assert sorted(changed - set(besides)) == [], "was refused, and wrote all the same"


def rows_by_table() -> dict[str, list[str]]:
    """Every committed row, read beside the session of the test."""
    with db.engine.connect() as connection:
        asked = {name: text(f'SELECT * FROM "{name}"') for name in db.metadata.tables}  # noqa: S608  # our own names
        return {name: sorted(map(repr, connection.execute(rows))) for name, rows in asked.items()}
