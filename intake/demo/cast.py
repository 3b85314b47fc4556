"""Who plays a part in the demo and where: sites with their open days, staff, protocols, as plain values."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from intake.domain import clinic_time
from intake.domain.roles import Role
from intake.domain.scheduling.capacity import Calendar
from intake.extensions import current_session
from intake.queries import schedules, sites, staff

DENVER, PHOENIX = "Denver", "Phoenix"
THRICE, TWICE = "thrice", "twice"
FAR = 400  # days to look for an open one


@dataclass(frozen=True, slots=True)
class Office:
    """A site of the demo: its zone and which days it works."""

    id: UUID
    name: str
    zone: str
    empty: Calendar

    def is_open(self, day: date) -> bool:
        """Whether any part of the day is worked."""
        return bool(self.empty.day(day).openings)

    def opens(self, day: date) -> int:
        """When the day begins, in minutes; 0 on a closed one."""
        return min((start for start, _ in self.empty.day(day).openings), default=0)

    def days_from(self, day: date, step: int = 1) -> Iterator[date]:
        """Open days from a date on (itself in), forwards or backwards."""
        days = (day + timedelta(days=step * far) for far in range(FAR))
        return (one for one in days if self.is_open(one))

    def near(self, day: date) -> date:
        """The day itself when it is open, else the last open one before it."""
        return next(self.days_from(day, -1))

    def at(self, day: date, minutes: int) -> datetime:
        """The instant of a time of day there."""
        return clinic_time.to_utc(day, minutes, self.zone)

    def today(self, now: datetime) -> date:
        """The date there."""
        return clinic_time.local_day(now, self.zone)


@dataclass(frozen=True, slots=True)
class Cast:
    """The clinic's people and places by what they do in the demo; `now` is the start of this run."""

    now: datetime
    denver: Office
    phoenix: Office
    desk_id: UUID
    nurse_ids: tuple[UUID, ...]
    provider_ids: tuple[UUID, ...]
    protocol_ids: dict[str, UUID] = field(default_factory=dict)

    @property
    def offices(self) -> tuple[Office, Office]:
        """Both sites."""
        return self.denver, self.phoenix

    def provider_of(self, number: int) -> UUID:
        """The provider who looks after a person."""
        return self.provider_ids[number % len(self.provider_ids)]

    def nurse_of(self, day: date) -> UUID:
        """The nurse who checks people in on a date."""
        return self.nurse_ids[day.toordinal() % len(self.nurse_ids)]

    def past(self, at: datetime) -> datetime:
        """An instant, but never one to come: nothing is recorded ahead of time."""
        return min(at, self.now)


def gather(now: datetime) -> Cast:
    """Read them from the loaded clinic."""
    first = now.date() - timedelta(days=FAR)
    offices = {
        site.name: Office(site.id, site.name, site.timezone, Calendar(schedules.site_rules(site, first=first)))
        for site in sites.all_sites()
    }
    people = staff.all_staff()
    protocols = {THRICE if "thrice" in row.name else TWICE: row.id for row in sites.current_protocols()}
    cast = Cast(
        now=now.astimezone(UTC),
        denver=offices[DENVER],
        phoenix=offices[PHOENIX],
        desk_id=_with(people, Role.DESK)[0],
        nurse_ids=tuple(_with(people, Role.NURSE)),
        provider_ids=tuple(_with(people, Role.PROVIDER)),
        protocol_ids=protocols,
    )
    current_session().rollback()
    return cast


def _with(people: list[staff.Account], role: Role) -> list[UUID]:
    """Those with this role, those with no other one first."""
    found = [one for one in people if role in one.roles and one.email.endswith("@demo.example.org")]
    return [one.id for one in sorted(found, key=lambda one: (len(one.roles), one.name))]
