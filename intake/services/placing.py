"""Shared steps of every booking: lock, look at the rules as they stand, write rows, take claims.

All take the session of the caller's transaction. The order of locks is: patient, order, shifts, appointments, claims.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from intake.domain import clinic_time
from intake.domain.errors import DomainError
from intake.domain.scheduling import values
from intake.domain.scheduling.capacity import Calendar, reasons_against
from intake.domain.scheduling.values import Fault, Rule
from intake.models.appointments import Appointment
from intake.models.orders import Order
from intake.models.people import Patient
from intake.models.sites import Chair, Shift, Site
from intake.queries import cases, schedules, series, sites
from intake.queries.schedules import NOTHING, Leave
from intake.services.booked_rows import NewTime, add_appointment, add_event, add_infusions
from intake.services.claims import MOST_UNITS, SLOT_MINUTES, Owner, Place, Taken, Wanted
from intake.services.ground import Ground, NoLongerHolds, Sitting

__all__ = [
    "LOST",
    "OVER",
    "Ground",
    "NewTime",
    "NoLongerHolds",
    "Sitting",
    "add_appointment",
    "add_event",
    "add_infusions",
    "check",
    "faults_at",
    "lock_order",
    "lock_patient",
    "lock_patient_of",
    "lock_shifts",
    "moment",
    "over_limits",
    "persons_of",
    "place_of",
    "refuse_faults",
    "refuse_obstacles",
    "session_of",
    "slot_of",
    "stand",
    "wanted",
    "wishes_of",
]

OVER = frozenset({Rule.MONITORING, Rule.STARTS})
"""The rules that may be passed with permission and a reason; chair and patient never are."""
LOST = frozenset({Rule.CHAIR_TAKEN, Rule.MONITORING, Rule.STARTS, Rule.BUSY, Rule.ATTENDANT})
"""The rules that a shown time breaks when somebody else was quicker."""


def lock_patient(session: Session, patient_id: UUID) -> Patient:
    """One booking of a person at a time, at whatever site; raises `NoResultFound`."""
    rows = select(Patient).where(Patient.id == patient_id)
    return session.scalars(rows.with_for_update(key_share=True)).one()


def lock_patient_of(session: Session, order_id: UUID) -> Patient:
    """The same for whom an order is; raises `NoResultFound`."""
    rows = select(Patient).join(Order, Order.patient_id == Patient.id).where(Order.id == order_id)
    return session.scalars(rows.with_for_update(key_share=True, of=Patient)).one()


def lock_order(session: Session, order_id: UUID) -> Order:
    """An order that nobody stops while it is booked on; raises `NoResultFound`."""
    return session.scalars(select(Order).where(Order.id == order_id).with_for_update(read=True, of=Order)).one()


def lock_shifts(session: Session, site_id: UUID, weekdays: Collection[int], *, for_cut: bool = False) -> None:
    """Keep a site's staff as it is until the booking stands (`FOR SHARE`), or to oneself for a cut (`FOR UPDATE`)."""
    rows = select(Shift.id).where(Shift.site_id == site_id, Shift.weekday.in_(weekdays)).order_by(Shift.id)
    session.scalars(rows.with_for_update(read=not for_cut)).all()


def stand(
    session: Session, site_id: UUID, patient: Patient, days: Collection[date], *, now: datetime, leave: Leave = NOTHING
) -> Ground:
    """Lock the shifts of those days and read the site with what is booked there.

    The site is read anew: what the transaction saw of it before it had the lock may have been cut meanwhile.
    """
    lock_shifts(session, site_id, {day.weekday() for day in days})
    fresh = sites.with_rules().where(Site.id == site_id).execution_options(populate_existing=True)
    site = session.scalars(fresh).one()
    calendar = schedules.calendar_of(site, min(days), max(days), now=now, leave=leave)
    return Ground(session, site, calendar, Calendar(calendar.site), patient, now)


def wishes_of(
    ground: Ground,
    days: Sequence[date],
    wishes: values.Patient | None = None,
    *,
    leave: Leave = NOTHING,
    needs: frozenset[str] = frozenset(),
) -> values.Patient:
    """What the patient can do, with what they have elsewhere; without wishes every hour, on a chair with `needs`."""
    first, last = min(days), max(days)
    zone = ground.site.timezone
    busy = schedules.busy_of(ground.patient.id, zone, first, last, now=ground.now, leave=leave)
    return replace(wishes or cases.at_any_hour(first, needs=needs), busy=busy)


def over_limits(ground: Ground, sitting: Sitting, patient: values.Patient, reason: str) -> Sitting:
    """The same session, allowed to pass watch units and starts where it has to; unchanged where it need not.

    Where nobody watches at all there is no limit to pass: the rule stands.
    """
    passed = {fault.rule for fault in faults_at(ground, sitting, patient)} & OVER
    watched = all(_watch_limits(ground, sitting).values())
    return replace(sitting, overbooked=reason) if passed and watched else sitting


def check(ground: Ground, sittings: Iterable[Sitting], patient: values.Patient) -> None:
    """Raise `Taken` where somebody was quicker, `NoLongerHolds` where another rule breaks, for the first that does."""
    for sitting in sittings:
        if ground.instant(sitting.slot) <= ground.now:
            raise NoLongerHolds(f"{moment(sitting.slot)} is over. Choose a time to come.")
        refuse_faults(faults_at(ground, sitting, patient))


def faults_at(ground: Ground, sitting: Sitting, patient: values.Patient | None) -> list[Fault]:
    """The rules that a session breaks at its slot."""
    found = reasons_against(sitting.slot, sitting.session, ground.calendar, patient)
    return [fault for fault in found if sitting.overbooked is None or fault.rule not in OVER]


def refuse_faults(faults: Sequence[Fault]) -> None:
    """Raise for the first rule broken, those that mean "too late" last."""
    other = [fault for fault in faults if fault.rule not in LOST]
    if other:
        raise NoLongerHolds(other[0].text)
    if faults:
        raise Taken


def refuse_obstacles(order: Order, dates: Sequence[date], today: date) -> None:
    """Raise for what stands in the way of booking on an order: its end, conditions, findings."""
    for sentence in series.obstacles(order, dates, today=today):
        raise DomainError(sentence)


def wanted(ground: Ground, owner: Owner, sitting: Sitting) -> Wanted:
    """The claims of one sitting, with the limits that hold at its site."""
    chair = ground.chair(sitting.slot.chair)
    place = Place(
        site_id=ground.site.id,
        starts_at=ground.instant(sitting.slot),
        ends_at=ground.instant(sitting.slot, sitting.session.minutes),
        chair_number=chair.number if chair else None,
        turnover_minutes=sitting.session.turnover_minutes,
        watch_profile=sitting.session.watch_profile,
        persons=persons_of(ground.session, ground.patient, sitting.provider_id),
    )
    limits, starts = _watch_limits(ground, sitting), ground.site.starts_per_slot
    if sitting.overbooked is not None:
        limits, starts = dict.fromkeys(limits, MOST_UNITS), MOST_UNITS
    return Wanted(owner, place, start_limit=starts, watch_limits=limits)


def place_of(session: Session, row: Appointment, patient: Patient) -> Place:
    """What an appointment takes or took, computed from its row."""
    chair = session.get_one(Chair, row.chair_id) if row.chair_id else None
    return Place(
        site_id=row.site_id,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        chair_number=chair.number if chair else None,
        turnover_minutes=row.turnover_minutes,
        watch_profile=schedules.profile_of(row.watch_profile),
        persons=persons_of(session, patient, row.provider_id),
    )


def persons_of(session: Session, patient: Patient, provider_id: UUID | None) -> tuple[tuple[UUID, str], ...]:
    """Under which site and name a patient and a provider are claimed.

    A provider has no home site in the tables: the clinic's first site (by key, so that it stays the first) stands
    for it, and one key guards the person everywhere.
    """
    found = [(patient.home_site_id, f"patient:{patient.id}")]
    if provider_id is not None:
        first = session.scalar(select(Site.id).order_by(Site.id).limit(1))
        found.append((first or patient.home_site_id, f"provider:{provider_id}"))
    return tuple(found)


def slot_of(row: Appointment, site: Site) -> values.Slot:
    """Where an appointment stands, as the domain says it."""
    return schedules.slot_of(row, site)


def session_of(row: Appointment, start_range: values.Span | None = None) -> values.Session:
    """How long an appointment is, with its turnover and watch units, as it was booked."""
    minutes = int((row.ends_at - row.starts_at).total_seconds() // 60)
    profile = schedules.profile_of(row.watch_profile)
    return values.Session(minutes, row.turnover_minutes, profile, start_range, needs_chair=row.chair_id is not None)


def moment(slot: values.Slot) -> str:
    """ "Tue Dec 1, 9:00 am"."""
    return f"{clinic_time.day_words(slot.day)}, {clinic_time.clock_words(slot.start)}"


def _watch_limits(ground: Ground, sitting: Sitting) -> dict[datetime, int]:
    """The watch units of each slot of a sitting."""
    return {
        slot: schedules.watch_capacity(ground.empty, sitting.slot.day, minute, minute + SLOT_MINUTES)
        for minute, slot in _slots(ground, sitting)
    }


def _slots(ground: Ground, sitting: Sitting) -> list[tuple[int, datetime]]:
    first, end = sitting.slot.start, sitting.slot.start + sitting.session.minutes
    begin = ground.instant(sitting.slot)
    return [(minute, begin + timedelta(minutes=minute - first)) for minute in range(first, end, SLOT_MINUTES)]
