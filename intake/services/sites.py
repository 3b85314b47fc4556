"""Changes to a site that may strand bookings: they are listed first, and never stranded silently."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from intake.domain import clinic_time
from intake.domain.errors import DomainError
from intake.domain.scheduling import values
from intake.domain.scheduling.capacity import Calendar, reasons_against
from intake.domain.statuses import LIVE
from intake.extensions import transaction
from intake.models.appointments import Appointment
from intake.models.sites import Chair, Closure, Shift, Site
from intake.queries import schedules, sites
from intake.services import audit, placing
from intake.services.retries import retried

EVERY_WEEKDAY = frozenset(range(7))


@dataclass(frozen=True, slots=True)
class Stranded:
    """A booked time that the change leaves without its place, and which rule it would break."""

    appointment_id: UUID
    patient_id: UUID
    starts_at: datetime
    text: str


class StrandsBookings(DomainError):
    """The change would strand bookings; nothing was changed. `stranded` lists them."""

    def __init__(self, message: str, *, stranded: Sequence[Stranded] = ()) -> None:
        super().__init__(message)
        self.stranded = tuple(stranded)


@retried
def cut_shift_capacity(
    shift_id: UUID, capacity: int, *, actor_id: UUID, now: datetime, strand: bool = False
) -> list[Stranded]:
    """Set the watch units of a shift. Waits for bookings under way, then lists those that no longer fit.

    Raises `StrandsBookings` while there are any, unless `strand` says that they are known; then they keep their
    claims until they are moved. Raises `NoResultFound`.
    """
    with transaction() as session:
        shift = session.scalars(select(Shift).where(Shift.id == shift_id)).one()
        placing.lock_shifts(session, shift.site_id, {shift.weekday}, for_cut=True)
        session.refresh(shift)
        before, shift.capacity = shift.capacity, capacity
        detail = {"from": before, "to": capacity}
        return _finish(session, shift.site_id, "shift.capacity", ("shift", shift.id), detail, actor_id, now, strand)


@retried
def close_day(
    site_id: UUID,
    day: date,
    *,
    actor_id: UUID,
    now: datetime,
    span: values.Span = (0, clinic_time.MIDNIGHT),
    reason: str = "",
    strand: bool = False,
) -> list[Stranded]:
    """Close a date of a site, or part of it, in minutes after midnight. Lists and raises like `cut_shift_capacity`."""
    with transaction() as session:
        row = add_closure(session, site_id, day, span, reason)
        detail = {"day": day.isoformat(), "starts": span[0], "ends": span[1]}
        return _finish(session, site_id, "closure.add", ("closure", row.id), detail, actor_id, now, strand)


def add_closure(session: Session, site_id: UUID, day: date, span: values.Span, reason: str = "") -> Closure:
    """A shared step: wait for bookings under way, then close; one that begins at the same minute is made longer."""
    placing.lock_shifts(session, site_id, {day.weekday()}, for_cut=True)
    same = select(Closure).where(Closure.site_id == site_id, Closure.on_date == day, Closure.starts == span[0])
    row = session.scalars(same).first()
    if row is None:
        row = Closure(site_id=site_id, on_date=day, starts=span[0], ends=span[1], reason=reason)
        session.add(row)
    row.ends = max(row.ends, span[1])
    return row


@retried
def retire_chair(chair_id: UUID, on: date, *, actor_id: UUID, now: datetime, strand: bool = False) -> list[Stranded]:
    """Take a chair out of use from a date on. Lists and raises like `cut_shift_capacity`."""
    with transaction() as session:
        chair = session.scalars(select(Chair).where(Chair.id == chair_id)).one()
        placing.lock_shifts(session, chair.site_id, EVERY_WEEKDAY, for_cut=True)
        chair.retired_on = on
        detail = {"on": on.isoformat()}
        return _finish(session, chair.site_id, "chair.retire", ("chair", chair.id), detail, actor_id, now, strand)


def _finish(
    session: Session,
    site_id: UUID,
    action: str,
    subject: tuple[str, UUID],
    detail: dict[str, Any],
    actor_id: UUID,
    now: datetime,
    strand: bool,
) -> list[Stranded]:
    session.flush()
    session.expire_all()
    found = list(_stranded(session, sites.site(site_id), now))
    if found and not strand:
        words = "1 booked time" if len(found) == 1 else f"{len(found)} booked times"
        raise StrandsBookings(f"This would leave {words} without a place. Nothing was changed.", stranded=found)
    noted = detail | {"stranded": [str(one.appointment_id) for one in found]}
    audit.add(session, actor_id=actor_id, action=action, subject=subject, now=now, site_id=site_id, detail=noted)
    return found


def _stranded(session: Session, site: Site, now: datetime) -> Iterator[Stranded]:
    """Coming bookings that break a rule of the site as it is now; of those that compete, the last one booked."""
    rows = select(Appointment).where(
        Appointment.site_id == site.id,
        Appointment.on_date >= clinic_time.local_day(now, site.timezone),
        Appointment.status.in_(LIVE),
        Appointment.chair_id.is_not(None),
    )
    by_day: dict[date, list[Appointment]] = defaultdict(list)
    for row in session.scalars(rows.order_by(Appointment.booked_at, Appointment.id)):
        by_day[row.on_date].append(row)
    for day, booked in by_day.items():
        kept: list[values.Booking] = []
        rules = schedules.site_rules(site, first=day)
        for row in booked:
            slot, sitting = placing.slot_of(row, site), placing.session_of(row)
            faults = reasons_against(slot, sitting, Calendar(rules, kept), None)
            if faults:
                yield Stranded(row.id, row.patient_id, row.starts_at, faults[0].text)
            else:
                kept.append(_booking(slot, sitting))


def _booking(slot: values.Slot, session: values.Session) -> values.Booking:
    end = slot.start + session.minutes
    return values.Booking(slot.chair, slot.day, slot.start, end, session.turnover_minutes, session.watch_profile)
