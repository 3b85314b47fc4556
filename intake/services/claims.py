"""Slot claims: who has which resource for which 15 minutes. Shared steps, each inside the caller's transaction.

Everything goes in the order (resource, slot): chair, patient, provider, start, watch happen to sort that way, and
units are taken from the lowest upwards. So two writers never wait for each other in a ring. All claims of a booking
go in with one statement; only when somebody else was quicker with one of its units are they tried one by one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from sqlalchemy import ColumnElement, CursorResult, and_, delete, or_, select, update
from sqlalchemy.orm import Session

from intake.models.appointments import SlotClaim
from intake.services.claim_rows import row_of, take, take_all
from intake.services.claim_units import (
    MOST_UNITS,
    START,
    WATCH,
    in_use,
    lowest_free,
    names_in_use,
    needs_of,
    take_upwards,
)
from intake.services.claim_values import (
    SLOT,
    SLOT_MINUTES,
    TAKEN,
    Key,
    Owner,
    Place,
    Taken,
    Wanted,
    slots_between,
)
from intake.services.dialects import dialect_of

__all__ = [
    "MOST_UNITS",
    "SLOT",
    "SLOT_MINUTES",
    "TAKEN",
    "Key",
    "Owner",
    "Place",
    "Taken",
    "Wanted",
    "claim",
    "confirm",
    "lock",
    "release",
    "slots_between",
    "take",
]


def claim(session: Session, wanted: Sequence[Wanted], now: datetime) -> int:
    """Take all that these sessions need, or raise `Taken`; the caller's transaction then rolls back.

    Returns the number of claims. All sessions go together, so that the order of keys holds over all of them. A plan
    that only gives times back needs nothing: 0.
    """
    if not wanted:
        return 0
    needs = [need for want in wanted for need in needs_of(want)]
    alone = [row_of(want.owner, key) for want in wanted for key in want.place.lone_keys()]
    rows = alone + lowest_free(needs, in_use(session, needs, now))
    if take_all(session, rows, now):
        return len(rows)
    if len(take(session, alone, now)) < len(alone):
        raise Taken
    for kind in (START, WATCH):
        take_upwards(session, kind, [need for need in needs if need.kind == kind], now)
    return len(rows)


def lock(session: Session, own: Sequence[tuple[Owner, Place]], wanted: Sequence[Place]) -> None:
    """Lock one's own claims and whatever stands at the wanted keys, in key order, before any of them changes.

    Two moves into each other's time then wait in line instead of for each other. On SQLite nobody else writes.
    """
    if dialect_of(session) == "sqlite":
        return
    units = _units(session, [place for _owner, place in own])
    rows = [and_(owner.owns(), _within(place, _resources(place, units))) for owner, place in own]
    rows += [_within(place, _lone_resources(place)) for place in wanted]
    if rows:
        ordered = select(SlotClaim.resource).where(or_(*rows)).order_by(SlotClaim.resource, SlotClaim.slot_at)
        session.execute(ordered.with_for_update()).all()


def release(session: Session, own: Sequence[tuple[Owner, Place]]) -> int:
    """Give back the claims of sessions, found by their computed keys. Returns how many there were."""
    count, units = 0, _units(session, [place for _owner, place in own])
    for owner, place in own:
        gone = delete(SlotClaim).where(owner.owns(), _within(place, _resources(place, units)))
        count += _rows_of(session, gone)
    return count


def confirm(session: Session, hold: Owner, places: Sequence[tuple[Place, UUID]], now: datetime) -> int:
    """Turn a hold's unexpired claims into those of appointments. The caller compares the count with the hold's."""
    count, units = 0, _units(session, [place for place, _appointment_id in places])
    for place, appointment_id in places:
        mine = (hold.owns(), SlotClaim.expires_at > now, _within(place, _resources(place, units)))
        kept = {"appointment_id": appointment_id, "hold_id": None, "expires_at": None}
        count += _rows_of(session, update(SlotClaim).where(*mine).values(**kept))
    return count


def _units(session: Session, places: Sequence[Place]) -> dict[UUID, list[str]]:
    """The names of starts and watch units that the sites of these places have."""
    return {site_id: names_in_use(session, site_id) for site_id in {place.site_id for place in places}}


def _lone_resources(place: Place) -> list[str]:
    chair = [] if place.chair_number is None else [f"chair:{place.chair_number}"]
    return chair + [person for _home, person in place.persons]


def _resources(place: Place, units: Mapping[UUID, list[str]]) -> list[str]:
    return _lone_resources(place) + units[place.site_id]


def _within(place: Place, resources: list[str]) -> ColumnElement[bool]:
    sites = {place.site_id} | {home for home, _person in place.persons}
    span = (SlotClaim.slot_at >= place.starts_at, SlotClaim.slot_at < place.cleared_at)
    return and_(SlotClaim.site_id.in_(sites), SlotClaim.resource.in_(resources), *span)


def _rows_of(session: Session, statement: Any) -> int:
    done = session.execute(statement, execution_options={"synchronize_session": False})
    return cast("CursorResult[Any]", done).rowcount
