"""The values of claims: who takes what, where and when, and with which limits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement

from intake.domain.errors import DomainError
from intake.domain.scheduling.occupancy import phases
from intake.domain.scheduling.values import Profile
from intake.models.appointments import SlotClaim

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


def slots_between(start: datetime, end: datetime) -> list[datetime]:
    """The slots that `[start, end)` touches; a part of a slot counts whole. `start` must lie on a slot."""
    if start.minute % SLOT_MINUTES or start.second or start.microsecond:
        raise ValueError("a session starts on a quarter of an hour")
    count = -(-(end - start) // SLOT)
    return [start + place * SLOT for place in range(count)]
