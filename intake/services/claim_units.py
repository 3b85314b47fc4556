"""Units of one kind in a slot, starts and watch units: how many are in use, which of them to take.

They are taken from the lowest upwards, none above the limit of the slot. Their names are padded, `watch:01`, so that
the order of the text is the order of the numbers.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from intake.models.appointments import SlotClaim
from intake.services.claim_rows import row_of, take
from intake.services.claim_values import Owner, Taken, Wanted

START, WATCH = "start", "watch"
MOST_UNITS = 60  # of one kind that a slot can have

Used = defaultdict[tuple[UUID, str, datetime], set[int]]
"""The units in use by (site, kind, slot)."""


@dataclass(frozen=True, slots=True)
class Need:
    """Some units of one kind in one slot, and how many of them the slot has in all."""

    owner: Owner
    site_id: UUID
    kind: str
    slot: datetime
    units: int
    limit: int

    @property
    def place(self) -> tuple[UUID, str, datetime]:
        """Where its units are counted."""
        return self.site_id, self.kind, self.slot


def needs_of(want: Wanted) -> Iterator[Need]:
    """One start where a chair is taken, and the watch units of each slot that asks for any."""
    place, limits = want.place, want.watch_limits
    if place.chair_number is not None:
        yield Need(want.owner, place.site_id, START, place.starts_at, 1, min(want.start_limit, MOST_UNITS))
    for slot, units in place.watched():
        if units:
            yield Need(want.owner, place.site_id, WATCH, slot, units, min(limits.get(slot, 0), MOST_UNITS))


def in_use(session: Session, needs: Sequence[Need], now: datetime) -> Used:
    """The units that anybody has in the slots of these needs; an expired hold has none."""
    used: Used = defaultdict(set)
    for site_id in {need.site_id for need in needs}:
        names = names_in_use(session, site_id)
        found = select(SlotClaim.resource, SlotClaim.slot_at).where(
            SlotClaim.site_id == site_id,
            SlotClaim.resource.in_(names),
            SlotClaim.slot_at.in_(sorted({need.slot for need in needs})),
            or_(SlotClaim.expires_at.is_(None), SlotClaim.expires_at > now),
        )
        for resource, slot in session.execute(found) if names else ():
            kind, _, unit = resource.partition(":")
            used[site_id, kind, slot].add(int(unit))
    return used


def lowest_free(needs: Sequence[Need], used: Used) -> list[dict[str, Any]]:
    """The claims of the lowest free units for all needs; raises `Taken` where a slot has not as many left."""
    rows = []
    for need in needs:
        taken = used[need.place]
        if len(taken) + need.units > need.limit:
            raise Taken
        free = [unit for unit in range(1, need.limit + 1) if unit not in taken][: need.units]
        taken.update(free)
        rows += [row_of(need.owner, (need.site_id, f"{need.kind}:{unit:02d}", need.slot)) for unit in free]
    return rows


def take_upwards(session: Session, kind: str, needs: Sequence[Need], now: datetime) -> int:
    """Take free units unit by unit upwards over all slots; one that was not won is passed over. Raises `Taken`."""
    used = in_use(session, needs, now)
    if any(len(used[need.place]) + need.units > need.limit for need in needs):
        raise Taken
    missing = {place: need.units for place, need in enumerate(needs)}
    for unit in range(1, max((need.limit for need in needs), default=0) + 1):
        rows, asked = [], {}
        for place, need in enumerate(needs):
            key = (need.site_id, f"{kind}:{unit:02d}", need.slot)
            if missing[place] and unit <= need.limit and unit not in used[need.place] and key not in asked:
                asked[key] = place
                rows.append(row_of(need.owner, key))
        for key in take(session, rows, now):
            missing[asked[key]] -= 1
        if not any(missing.values()):
            return sum(need.units for need in needs)
    if any(missing.values()):
        raise Taken
    return 0


def names_in_use(session: Session, site_id: UUID) -> list[str]:
    """Every unit up to the highest that a site has claimed at any time: one step in the key for each kind."""
    highest = [
        select(func.max(SlotClaim.resource))
        .where(SlotClaim.site_id == site_id, SlotClaim.resource > f"{kind}:", SlotClaim.resource < f"{kind};")
        .scalar_subquery()
        for kind in (START, WATCH)
    ]
    last = session.execute(select(*highest)).one()
    found = [one.partition(":") for one in last if one]
    return [f"{kind}:{unit:02d}" for kind, _, highest in found for unit in range(1, int(highest) + 1)]
