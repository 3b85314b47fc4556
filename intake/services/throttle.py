"""Counting tries: one row a scope, subject and window, raised in one statement before any hashing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from sqlalchemy import update
from sqlalchemy.orm import Session

from intake.extensions import ring, transaction
from intake.models.people import ThrottleCounter
from intake.services.dialects import insert
from intake.services.errors import Throttled

WINDOW = timedelta(minutes=15)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Count(NamedTuple):
    """What is counted: `subject` is an e-mail address, a network address or an id; only its keyed digest is kept."""

    scope: str
    subject: str
    limit: int


def admit(counts: list[Count], *, now: datetime) -> None:
    """Count one try for each; the try that reaches a limit still passes. Raises `Throttled` past it."""
    with transaction() as session:
        reached = [raise_count(session, count, now=now) for count in counts]
    if not all(reached):
        raise Throttled


def raise_count(session: Session, count: Count, *, now: datetime) -> bool:
    """Count one try in the caller's transaction; False when its limit is passed. Exact under any number at once."""
    new = insert(session, ThrottleCounter).values(**_key(count, now), count=1)
    raised = new.on_conflict_do_update(
        index_elements=[ThrottleCounter.scope, ThrottleCounter.subject, ThrottleCounter.window_at],
        set_={"count": ThrottleCounter.count + 1},
    )
    return session.execute(raised.returning(ThrottleCounter.count)).scalar_one() <= count.limit


def give_back(session: Session, count: Count, *, now: datetime) -> None:
    """Take one try off again: it succeeded, so only failures add up."""
    key = _key(count, now)
    mine = [getattr(ThrottleCounter, name) == value for name, value in key.items()]
    session.execute(
        update(ThrottleCounter).where(*mine, ThrottleCounter.count > 0).values(count=ThrottleCounter.count - 1)
    )


def _key(count: Count, now: datetime) -> dict[str, object]:
    window_at = now - (now - EPOCH) % WINDOW
    return {"scope": count.scope, "subject": ring.index("throttle", count.subject), "window_at": window_at}
