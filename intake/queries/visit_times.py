"""Free times for a visit that needs no order: a consultation, a follow-up, an integration."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import select

from intake.domain import clinic_time
from intake.domain.roles import Role
from intake.domain.scheduling import values
from intake.domain.scheduling.capacity import open_times
from intake.domain.scheduling.values import Slot
from intake.domain.statuses import LIVE
from intake.extensions import current_session
from intake.models.appointments import Appointment
from intake.models.people import Account, AccountRole
from intake.models.sites import SessionKind, Site
from intake.queries import schedules, series
from intake.queries.schedules import NOTHING, Leave

__all__ = ["DayTimes", "Provider", "SessionKind", "attended", "kinds", "providers", "times"]

ORDERED = (series.INFUSION, series.BOOSTER)
"""The kinds that a signed order books, never this."""


@dataclass(frozen=True, slots=True)
class DayTimes:
    """One date with every time at which the visit can be booked."""

    day: date
    slots: tuple[Slot, ...]


@dataclass(frozen=True, slots=True)
class Provider:
    """Somebody who can hold a visit."""

    id: UUID
    name: str


def kinds() -> list[SessionKind]:
    """The kinds of visit that need no order, by name."""
    rows = select(SessionKind).where(SessionKind.code.not_in(ORDERED)).order_by(SessionKind.name)
    return list(current_session().scalars(rows))


def providers() -> list[Provider]:
    """Who can hold a visit: providers whose account is not disabled, by name."""
    ids = select(AccountRole.account_id).where(AccountRole.role == Role.PROVIDER)
    rows = select(Account.id, Account.name).where(Account.id.in_(ids), Account.disabled_at.is_(None))
    return [Provider(key, name) for key, name in current_session().execute(rows.order_by(Account.name))]


def times(
    patient_id: UUID, site: Site, kind: SessionKind, provider_id: UUID | None, first: date, days: int, *, now: datetime
) -> list[DayTimes]:
    """For each of `days` dates from `first` on the times that are free for patient, provider and site, none past."""
    last = first + timedelta(days=days - 1)
    dates = [first + timedelta(days=ahead) for ahead in range(days)]
    session = attended(schedules.session_of(kind), provider_id, site, first, last)
    busy = schedules.busy_of(patient_id, site.timezone, first, last, now=now)
    patient = values.Patient(first, dict.fromkeys(range(7), ((0, clinic_time.MIDNIGHT),)), busy=busy)
    calendar = schedules.calendar_of(site, first, last, now=now)
    found: dict[date, list[Slot]] = {day: [] for day in dates}
    for slot in open_times(calendar, session, dates, patient):
        found[slot.day].append(slot)
    passed = clinic_time.local_day(now, site.timezone), clinic_time.minutes_of_day(now, site.timezone)
    return [
        DayTimes(day, tuple(slot for slot in slots if (slot.day, slot.start) > passed)) for day, slots in found.items()
    ]


def attended(
    session: values.Session, provider_id: UUID | None, site: Site, first: date, last: date, *, leave: Leave = NOTHING
) -> values.Session:
    """The session as held by one provider, from `first` to `last`: in their shifts at the site, beside what they have.

    Without a provider it stays as it is. A site whose shifts do not name the provider takes them to be there whenever
    it is open.
    """
    if provider_id is None:
        return session
    own = [row for row in site.shifts if row.kind == "provider" and row.account_id == provider_id]
    shifts = schedules.shifts_of(own) if own else None
    return replace(session, attendant=values.Attendant(shifts, _taken(provider_id, site, first, last, leave)))


def _taken(provider_id: UUID, site: Site, first: date, last: date, leave: Leave) -> tuple[values.Busy, ...]:
    begin = clinic_time.day_bounds(first, site.timezone)[0]
    end = clinic_time.day_bounds(last, site.timezone)[1]
    rows = select(Appointment.id, Appointment.starts_at, Appointment.ends_at).where(
        Appointment.provider_id == provider_id,
        Appointment.starts_at.between(begin - timedelta(days=1), end),
        Appointment.ends_at > begin,
        Appointment.status.in_(LIVE),
    )
    return tuple(
        schedules.busy_between(starts_at, ends_at, site.timezone)
        for key, starts_at, ends_at in current_session().execute(rows)
        if key not in leave.appointment_ids
    )
