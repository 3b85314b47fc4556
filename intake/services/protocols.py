"""Changing the clinic's protocols. A change is a new version; an order keeps the one it was signed with."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from intake.domain.errors import DomainError
from intake.domain.roles import Permission
from intake.domain.scheduling.capacity import Calendar
from intake.domain.scheduling.protocols import default_protocol
from intake.domain.scheduling.recipes import changed_keys, check_recipe
from intake.domain.scheduling.search import best_series
from intake.extensions import current_session, transaction
from intake.models.sites import Protocol
from intake.queries import protocols as reads
from intake.services import audit, permissions
from intake.services.retries import retried

logger = logging.getLogger("intake.protocols")

LONGEST_SOURCE = 300
NEEDS_SOURCE = "Enter where the new value comes from."
LONGEST_NAME = 120
SHOWN_SOURCES = ("infusions", "per_week", "max_span_days")
"""Whose sources a version shows in short."""


@dataclass(frozen=True, slots=True)
class ProtocolEdit:
    """A changed protocol. `based_on`: the version whose values the form began with; `seen`: the newest one shown.

    `sources` holds the new source of each value that got one.
    """

    based_on: UUID
    seen: UUID
    rules: Mapping[str, Any]
    sources: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Effects:
    """How unbooked series would be planned if their orders were signed anew with a change.

    Each is counted once: planned the same, planned otherwise, no longer possible, possible only then, never possible.
    `left_out`: too many to plan.
    """

    same: int = 0
    different: int = 0
    impossible: int = 0
    possible_only_then: int = 0
    never: int = 0
    left_out: int = 0

    @property
    def compared(self) -> int:
        """How many were planned."""
        return self.same + self.different + self.impossible + self.possible_only_then + self.never


class ChangedMeanwhile(DomainError):
    """Somebody else saved a version since this one was shown. `newest` is theirs."""

    def __init__(self, newest: UUID) -> None:
        super().__init__("Somebody saved another version while you were editing.")
        self.newest = newest


def preview(edit: ProtocolEdit, *, now: datetime) -> Effects:
    """What a change would do to the series that are not booked yet; nothing is written.

    Each is planned twice, with the version of its order and with the change. Raises `DomainError` for what `save`
    would refuse, but for a version that came meanwhile.
    """
    check_recipe(edit.rules)
    base = reads.protocol(edit.based_on)
    newest = reads.newest_of(base.name) or base
    _refuse_needless(edit, newest)
    _sources(edit, base, newest)
    compared, left_out = reads.comparisons(base.name, edit.rules, now=now)
    current_session().rollback()  # planning takes long for an open read
    counts = {"same": 0, "different": 0, "impossible": 0, "possible_only_then": 0, "never": 0}
    for one in compared:
        before = best_series(one.as_signed, Calendar(one.as_signed.site, one.as_signed.bookings))
        after = best_series(one.anew, Calendar(one.anew.site, one.anew.bookings))
        counts[_kind_of(before, after)] += 1
    return Effects(**counts, left_out=left_out)


def missing_sources(edit: ProtocolEdit) -> list[str]:
    """The values that differ from the version the edit is based on and have no new source."""
    return _missing(edit, reads.protocol(edit.based_on))


@retried
def save(edit: ProtocolEdit, *, actor_id: UUID, now: datetime) -> UUID:
    """Save a changed protocol as its next version; returns it. A second press of the same person answers with it too.

    A value that differs from the version the edit is based on needs a source, and counts as not verified. Raises
    `ChangedMeanwhile` where a newer version stands than was shown, else `DomainError` beside the field.
    """
    check_recipe(edit.rules)
    try:
        return _save(edit, actor_id, now)
    except IntegrityError as error:  # two saved at the very same moment: the second is asked
        newest = reads.newest_of(reads.protocol(edit.based_on).name)
        if newest is None or newest.id == edit.seen:
            raise
        if _is_repeat(edit, newest, actor_id):
            return newest.id
        raise ChangedMeanwhile(newest.id) from error


def _save(edit: ProtocolEdit, actor_id: UUID, now: datetime) -> UUID:
    with transaction() as session:
        permissions.check(session, actor_id, Permission.MANAGE_CLINIC)
        base = session.get_one(Protocol, edit.based_on)
        newest = _lock_newest(session, base.name)
        if newest.id != edit.seen and _is_repeat(edit, newest, actor_id):
            return newest.id
        if newest.id != edit.seen:
            raise ChangedMeanwhile(newest.id)
        _refuse_needless(edit, newest)
        changed = changed_keys(newest.rules, edit.rules)
        row = Protocol(
            name=base.name,
            version=newest.version + 1,
            rules=dict(edit.rules),
            sources=_sources(edit, base, newest),
            created_at=now,
            created_by=actor_id,
        )
        row.source = _in_short(row.sources)
        session.add(row)
        session.flush()
        detail = {"version": row.version, "changed": changed}
        _note(session, "protocol.version", row, actor_id, now, detail)
        key = row.id
    logger.info("protocol_saved", extra={"protocol_id": key})
    return key


@retried
def adopt(key: str, name: str, *, actor_id: UUID, now: datetime) -> UUID:
    """Take a shipped protocol into use; returns its first version. Raises `DomainError` for a name that is used."""
    shipped, name = default_protocol(key), name.strip()
    if not name or len(name) > LONGEST_NAME:
        raise DomainError(f"Enter a name of {LONGEST_NAME} characters at most.", field="name")
    with transaction() as session:
        permissions.check(session, actor_id, Permission.MANAGE_CLINIC)
        if reads.newest_of(name) is not None:
            raise DomainError("A protocol of this name is there already. Enter another name.", field="name")
        rules = {field: value for field, value in shipped.raw.items() if field != "name"}
        row = Protocol(name=name, version=1, rules=rules, sources=shipped.stored_sources, created_at=now)
        row.created_by, row.source = actor_id, _in_short(row.sources)
        session.add(row)
        session.flush()
        _note(session, "protocol.version", row, actor_id, now, {"version": 1, "like": key})
        return row.id


@retried
def retire(protocol_id: UUID, *, actor_id: UUID, now: datetime) -> None:
    """Take a protocol, all its versions, out of use for new orders; orders in force keep theirs. Twice is harmless."""
    with transaction() as session:
        permissions.check(session, actor_id, Permission.MANAGE_CLINIC)
        row = session.scalars(select(Protocol).where(Protocol.id == protocol_id)).one()
        _lock_newest(session, row.name)
        unretired = (Protocol.name == row.name, Protocol.retired_at.is_(None))
        done = session.execute(
            update(Protocol).where(*unretired).values(retired_at=now, retired_by=actor_id).returning(Protocol.id)
        ).all()
        if done:
            _note(session, "protocol.retire", row, actor_id, now, {"version": row.version})


def _kind_of(before: object, after: object) -> str:
    if before is None:
        return "never" if after is None else "possible_only_then"
    if after is None:
        return "impossible"
    return "same" if before == after else "different"


def _lock_newest(session: Session, name: str) -> Protocol:
    """The newest version of a protocol, behind a lock on its first one: whoever waited reads what came meanwhile."""
    first = select(Protocol.id).where(Protocol.name == name).order_by(Protocol.version).limit(1)
    session.scalars(first.with_for_update()).all()
    rows = select(Protocol).where(Protocol.name == name).order_by(Protocol.version.desc()).limit(1)
    return session.scalars(rows).one()


def _is_repeat(edit: ProtocolEdit, newest: Protocol, actor_id: UUID) -> bool:
    """Whether the newest version is what this person saved from this very form: the button was pressed twice."""
    seen, base = reads.protocol(edit.seen), reads.protocol(edit.based_on)
    if newest.created_by != actor_id or newest.version != seen.version + 1:
        return False
    return newest.rules == dict(edit.rules) and newest.sources == _sources(edit, base, seen)


def _refuse_needless(edit: ProtocolEdit, newest: Protocol) -> None:
    if newest.retired_at is not None:
        raise DomainError("This protocol is retired. Begin a new one.")
    if not edit.sources and not changed_keys(newest.rules, edit.rules):
        raise DomainError("Nothing was changed.")


def _missing(edit: ProtocolEdit, base: Protocol) -> list[str]:
    return [key for key in changed_keys(base.rules, edit.rules) if not edit.sources.get(key, "").strip()]


def _sources(edit: ProtocolEdit, base: Protocol, newest: Protocol) -> dict[str, Any]:
    """The source of each value: a new one, else that of the version the value comes from."""
    for key in _missing(edit, base):
        raise DomainError(NEEDS_SOURCE, field=f"source_{key}")
    found = dict(newest.sources)
    for key in changed_keys(newest.rules, edit.rules):  # what somebody else changed meanwhile is put back
        found[key] = base.sources.get(key, {"source": base.source, "verified": False})
    for key, text in edit.sources.items():
        if len(text) > LONGEST_SOURCE:
            raise DomainError(f"Keep the source within {LONGEST_SOURCE} characters.", field=f"source_{key}")
        found[key] = {"source": text, "verified": False}
    return found


def _in_short(sources: Mapping[str, Any]) -> str:
    named = [sources[key]["source"] for key in SHOWN_SOURCES if key in sources]
    return "; ".join(dict.fromkeys(named))[:400]


def _note(session: Session, action: str, row: Protocol, actor_id: UUID, now: datetime, detail: dict[str, Any]) -> None:
    audit.add(session, actor_id=actor_id, action=action, subject=("protocol", row.id), now=now, detail=detail)
