"""Slot claims: who has which resource for which 15 minutes. Shared steps, each inside the caller's transaction.

Everything goes in the order (resource, slot): chair, patient, provider, start, watch happen to sort that way, and
units are tried upwards one after the other over all slots. So two writers never wait for each other in a ring.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, cast
from uuid import UUID

from sqlalchemy import ColumnElement, CursorResult, and_, delete, or_, select, update
from sqlalchemy.orm import Session

from intake.domain.errors import DomainError
from intake.domain.scheduling.occupancy import phases
from intake.domain.scheduling.values import Profile
from intake.models.appointments import SlotClaim
from intake.services.dialects import insert

SLOT_MINUTES = 15
SLOT = timedelta(minutes=SLOT_MINUTES)
TAKEN = "That time was just taken."
MOST_UNITS = 60  # watch and start units that a site can have; a release names them all

Key = tuple[UUID, str, datetime]
"""(site, resource, slot)"""


class Taken(DomainError):
    """What was asked for belongs to somebody else by now. `offer` is what is free instead, once it was looked for."""

    def __init__(self, message: str = TAKEN, *, offer: object = None) -> None:
        super().__init__(message)
        self.offer = offer


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose claim it is: an appointment's, or a hold's until it expires."""

    appointment_id: UUID | None = None
    hold_id: UUID | None = None
    expires_at: datetime | None = None

    def owns(self) -> ColumnElement[bool]:
        """The condition that a claim is this owner's."""
        if self.hold_id is not None:
            return SlotClaim.hold_id == self.hold_id
        return SlotClaim.appointment_id == self.appointment_id


@dataclass(frozen=True, slots=True)
class Place:
    """What one session takes, at its site and from its persons (each under the home site, so at every site).

    Instants lie on quarters of an hour. Without a chair neither a start nor turnover is taken.
    """

    site_id: UUID
    starts_at: datetime
    ends_at: datetime
    chair_number: int | None = None
    turnover_minutes: int = 0
    watch_profile: Profile = ()
    persons: tuple[tuple[UUID, str], ...] = ()  # (home site, "patient:…" or "provider:…")

    @property
    def cleared_at(self) -> datetime:
        """When the chair is free again: the turnover is rounded up to whole slots, and may run past closing."""
        turnover = timedelta(minutes=self.turnover_minutes) if self.chair_number is not None else timedelta()
        return self.ends_at + turnover

    def lone_keys(self) -> list[Key]:
        """Chair and persons, slot by slot: what nobody else may have."""
        during = slots_between(self.starts_at, self.ends_at)
        found = [(home, person, slot) for home, person in self.persons for slot in during]
        if self.chair_number is not None:
            chair = f"chair:{self.chair_number}"
            found += [(self.site_id, chair, slot) for slot in slots_between(self.starts_at, self.cleared_at)]
        return found

    def watched(self) -> list[tuple[datetime, int]]:
        """How many watch units each slot asks for: the most that its minutes do."""
        minutes = int((self.ends_at - self.starts_at).total_seconds() // 60)
        steps = list(phases(self.watch_profile, minutes))
        found = []
        for place, slot in enumerate(slots_between(self.starts_at, self.ends_at)):
            begin, end = place * SLOT_MINUTES, (place + 1) * SLOT_MINUTES
            units = max((units for start, stop, units in steps if start < end and stop > begin), default=0)
            found.append((slot, units))
        return found


@dataclass(frozen=True, slots=True)
class Wanted:
    """A place and who wants it, with the limits that hold there: watch units a slot, starts at one moment."""

    owner: Owner
    place: Place
    start_limit: int = 0
    watch_limits: Mapping[datetime, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Need:
    """Some units of one kind in one slot."""

    owner: Owner
    site_id: UUID
    slot: datetime
    units: int
    limit: int


def slots_between(start: datetime, end: datetime) -> list[datetime]:
    """The slots that `[start, end)` touches; a part of a slot counts whole. `start` must lie on a slot."""
    if start.minute % SLOT_MINUTES or start.second or start.microsecond:
        raise ValueError("a session starts on a quarter of an hour")
    count = -(-(end - start) // SLOT)
    return [start + place * SLOT for place in range(count)]


def claim(session: Session, wanted: Sequence[Wanted], now: datetime) -> int:
    """Take all that these sessions need, or raise `Taken`; the caller's transaction then rolls back.

    Returns the number of claims. All sessions go together, so that the order of keys holds over all of them.
    """
    alone = [_row(want.owner, key) for want in wanted for key in want.place.lone_keys()]
    if len(take(session, alone, now)) < len(alone):
        raise Taken
    count = len(alone) + _take_units(session, "start", [need for want in wanted for need in _start_needs(want)], now)
    return count + _take_units(session, "watch", [need for want in wanted for need in _watch_needs(want)], now)


def take(session: Session, rows: list[dict[str, Any]], now: datetime) -> set[Key]:
    """Insert claims, taking over those of expired holds. Returns the keys that are now the caller's."""
    if not rows:
        return set()
    rows.sort(key=lambda row: (row["resource"], row["slot_at"], row["site_id"]))
    new = insert(session, SlotClaim)
    new = new.on_conflict_do_update(
        index_elements=[SlotClaim.site_id, SlotClaim.resource, SlotClaim.slot_at],
        set_={name: new.excluded[name] for name in ("appointment_id", "hold_id", "expires_at")},
        where=SlotClaim.expires_at <= now,
    )
    asked = new.returning(SlotClaim.site_id, SlotClaim.resource, SlotClaim.slot_at)
    won = session.execute(asked, rows, execution_options={"render_nulls": True})
    return {(site_id, resource, slot) for site_id, resource, slot in won}


def lock(session: Session, own: Sequence[tuple[Owner, Place]], wanted: Sequence[Place]) -> None:
    """Lock one's own claims and whatever stands at the wanted keys, in key order, before any of them changes.

    Two moves into each other's time then wait in line instead of for each other.
    """
    rows = [and_(owner.owns(), _within(place, _resources(place))) for owner, place in own]
    rows += [_within(place, _lone_resources(place)) for place in wanted]
    if rows:
        ordered = select(SlotClaim.resource).where(or_(*rows)).order_by(SlotClaim.resource, SlotClaim.slot_at)
        session.execute(ordered.with_for_update()).all()


def release(session: Session, own: Iterable[tuple[Owner, Place]]) -> int:
    """Give back the claims of sessions, found by their computed keys. Returns how many there were."""
    count = 0
    for owner, place in own:
        gone = delete(SlotClaim).where(owner.owns(), _within(place, _resources(place)))
        count += _rows_of(session, gone)
    return count


def confirm(session: Session, hold: Owner, places: Sequence[tuple[Place, UUID]], now: datetime) -> int:
    """Turn a hold's unexpired claims into those of appointments. The caller compares the count with the hold's."""
    count = 0
    for place, appointment_id in places:
        mine = (hold.owns(), SlotClaim.expires_at > now, _within(place, _resources(place)))
        kept = {"appointment_id": appointment_id, "hold_id": None, "expires_at": None}
        count += _rows_of(session, update(SlotClaim).where(*mine).values(**kept))
    return count


def _take_units(session: Session, kind: str, needs: Sequence[_Need], now: datetime) -> int:
    """Take the lowest free units of each slot, unit by unit upwards; a unit that was not won is passed over."""
    used = _units_in_use(session, kind, needs, now)
    if any(len(used[need.site_id, need.slot]) + need.units > need.limit for need in needs):
        raise Taken
    missing = {place: need.units for place, need in enumerate(needs)}
    for unit in range(1, max((need.limit for need in needs), default=0) + 1):
        rows, asked = [], {}
        for place, need in enumerate(needs):
            key = (need.site_id, f"{kind}:{unit:02d}", need.slot)
            if missing[place] and unit <= need.limit and unit not in used[need.site_id, need.slot] and key not in asked:
                asked[key] = place
                rows.append(_row(need.owner, key))
        for key in take(session, rows, now):
            missing[asked[key]] -= 1
        if not any(missing.values()):
            return sum(need.units for need in needs)
    if any(missing.values()):
        raise Taken
    return 0


def _units_in_use(
    session: Session, kind: str, needs: Sequence[_Need], now: datetime
) -> defaultdict[tuple[UUID, datetime], set[int]]:
    used: defaultdict[tuple[UUID, datetime], set[int]] = defaultdict(set)
    if needs:
        found = select(SlotClaim.site_id, SlotClaim.slot_at, SlotClaim.resource).where(
            SlotClaim.site_id.in_({need.site_id for need in needs}),
            SlotClaim.resource.in_(unit_names(kind)),
            SlotClaim.slot_at.in_({need.slot for need in needs}),
            or_(SlotClaim.expires_at.is_(None), SlotClaim.expires_at > now),
        )
        for site_id, slot, resource in session.execute(found):
            used[site_id, slot].add(int(resource.partition(":")[2]))
    return used


def unit_names(kind: str) -> list[str]:
    """`watch:01` and so on: padded, so that the order of the text is the order of the numbers."""
    return [f"{kind}:{unit:02d}" for unit in range(1, MOST_UNITS + 1)]


def _start_needs(want: Wanted) -> list[_Need]:
    if want.place.chair_number is None:
        return []
    return [_Need(want.owner, want.place.site_id, want.place.starts_at, 1, min(want.start_limit, MOST_UNITS))]


def _watch_needs(want: Wanted) -> list[_Need]:
    site_id, limits = want.place.site_id, want.watch_limits
    slots = [(slot, units, min(limits.get(slot, 0), MOST_UNITS)) for slot, units in want.place.watched() if units]
    return [_Need(want.owner, site_id, slot, units, limit) for slot, units, limit in slots]


def _row(owner: Owner, key: Key) -> dict[str, Any]:
    place = {"site_id": key[0], "resource": key[1], "slot_at": key[2]}
    return place | {"appointment_id": owner.appointment_id, "hold_id": owner.hold_id, "expires_at": owner.expires_at}


def _lone_resources(place: Place) -> list[str]:
    chair = [] if place.chair_number is None else [f"chair:{place.chair_number}"]
    return chair + [person for _home, person in place.persons]


def _resources(place: Place) -> list[str]:
    starts = [] if place.chair_number is None else unit_names("start")
    return _lone_resources(place) + starts + (unit_names("watch") if place.watch_profile else [])


def _within(place: Place, resources: list[str]) -> ColumnElement[bool]:
    sites = {place.site_id} | {home for home, _person in place.persons}
    span = (SlotClaim.slot_at >= place.starts_at, SlotClaim.slot_at < place.cleared_at)
    return and_(SlotClaim.site_id.in_(sites), SlotClaim.resource.in_(resources), *span)


def _rows_of(session: Session, statement: Any) -> int:
    done = session.execute(statement, execution_options={"synchronize_session": False})
    return cast("CursorResult[Any]", done).rowcount
