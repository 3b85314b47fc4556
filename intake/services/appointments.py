"""The door to booked times: book one, move, book anew. Series, holds and attendance use the same steps."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from intake.domain import clinic_time, statuses
from intake.domain.errors import DomainError
from intake.domain.roles import Permission
from intake.domain.scheduling.values import Slot
from intake.domain.statuses import LIVE, Status
from intake.extensions import transaction
from intake.models.appointments import Appointment
from intake.models.orders import Order
from intake.models.people import Patient
from intake.queries import appointments as appointment_queries
from intake.queries import cases, schedules, sites, visit_times
from intake.queries import series as series_queries
from intake.queries.schedules import Leave
from intake.services import booking_messages, boosters, claims, permissions, placing
from intake.services.appointment_steps import (
    Seen,
    booked_with,
    known_reason,
    lock_appointment,
    record,
    refuse_crossing,
    refuse_stopped,
    refuse_twin,
    take,
)
from intake.services.claims import Owner, Taken
from intake.services.nearest import with_offer
from intake.services.placing import Ground, NoLongerHolds, Sitting
from intake.services.retries import retried

NEEDS_ORDER = frozenset({series_queries.INFUSION, series_queries.BOOSTER})


@dataclass(frozen=True, slots=True)
class NewAppointment:
    """One time to be booked. `slot.chair` is empty for a session without a chair.

    A booster has to be due on that day, unless `any_day` says that it was agreed before (a history that is entered).
    """

    patient_id: UUID
    site_id: UUID
    kind: str
    slot: Slot
    order_id: UUID | None = None
    provider_id: UUID | None = None
    any_day: bool = False


def book(wanted: NewAppointment, *, request_key: UUID, actor_id: UUID, now: datetime) -> UUID:
    """Book one time; returns the appointment. A repeat of the key answers with the first.

    Raises `Taken` or `NoLongerHolds` with the nearest free `Slot`s in `offer`, or another `DomainError`.
    """
    try:
        return _book(wanted, request_key=request_key, actor_id=actor_id, now=now)
    except (Taken, NoLongerHolds) as error:
        session = schedules.session_of(sites.session_kind(wanted.kind))
        raise with_offer(error, wanted.site_id, session, wanted.slot, now) from error


def move(
    appointment_id: UUID,
    slot: Slot,
    *,
    seen: Seen,
    reason: str,
    actor_id: UUID,
    now: datetime,
    overbook: str | None = None,
) -> None:
    """Move a booked appointment to another time at its site. What the move does to its series is shown, not refused.

    `overbook` says why the limits of watch units and starts are passed, where nothing else stands against the time; it
    takes the permission, else `NotAllowed`. Raises `Taken` or `NoLongerHolds` with the nearest free `Slot`s in `offer`,
    or another `DomainError`.
    """
    try:
        _move(appointment_id, slot, seen=seen, reason=reason, actor_id=actor_id, now=now, overbook=overbook)
    except (Taken, NoLongerHolds) as error:
        row = appointment_queries.appointment(appointment_id)
        raise with_offer(error, row.site_id, placing.session_of(row), slot, now) from error


def book_anew(
    appointment_id: UUID,
    slot: Slot,
    *,
    request_key: UUID,
    reason: str,
    actor_id: UUID,
    now: datetime,
    overbook: str | None = None,
) -> UUID:
    """Book another time in place of an appointment that was cancelled, missed or put on hold; returns the new one.

    Raises like `move`; also when that infusion of the series is booked again already.
    """
    try:
        return _book_anew(
            appointment_id, slot, request_key=request_key, reason=reason, actor_id=actor_id, now=now, overbook=overbook
        )
    except (Taken, NoLongerHolds) as error:
        row = appointment_queries.appointment(appointment_id)
        raise with_offer(error, row.site_id, placing.session_of(row), slot, now) from error


@retried
def _book(wanted: NewAppointment, *, request_key: UUID, actor_id: UUID, now: datetime) -> UUID:
    with transaction() as session:
        patient = placing.lock_patient(session, wanted.patient_id)
        first = booked_with(session, request_key, wanted.patient_id, wanted.slot, wanted.kind)
        if first is not None:
            return first
        kind = sites.session_kind(wanted.kind)
        ground = placing.stand(session, wanted.site_id, patient, [wanted.slot.day], now=now)
        order = _refuse_without_order(session, wanted, ground)
        if kind.needs_chair != bool(wanted.slot.chair) or (kind.needs_provider and wanted.provider_id is None):
            raise DomainError("This kind of appointment needs a chair or a provider.")
        day, by = wanted.slot.day, wanted.provider_id
        held = visit_times.attended(schedules.session_of(kind), by, ground.site, day, day)
        sitting = Sitting(uuid7(), wanted.slot, held, by)
        placing.check(ground, [sitting], placing.wishes_of(ground, [day], needs=cases.needs_of(order)))
        row = placing.add_appointment(
            ground, sitting, actor_id=actor_id, kind=wanted.kind, order_id=wanted.order_id, request_key=request_key
        )
        take(ground, [sitting])
        booking_messages.confirm_one(session, row, patient, ground.site, now=now)
        record(session, row, "appointment.book", actor_id, now)
        return row.id


@retried
def _move(
    appointment_id: UUID, slot: Slot, *, seen: Seen, reason: str, actor_id: UUID, now: datetime, overbook: str | None
) -> None:
    with transaction() as session:
        row, patient = lock_appointment(session, appointment_id, seen)
        if row.status is not Status.BOOKED:
            raise DomainError(f"This is {statuses.word_for(row.status)}: only a booked time can be moved.")
        ground, sitting = _checked_slot(session, row, patient, slot, now, _allowed(session, overbook, actor_id))
        owner, old_place, old_start = (
            Owner(appointment_id=row.id),
            placing.place_of(session, row, patient),
            row.starts_at,
        )
        new = placing.wanted(ground, owner, sitting)
        claims.lock(session, [(owner, old_place)], [new.place])
        claims.release(session, [(owner, old_place)])
        before = _state(row)
        _set_slot(row, ground, sitting)
        row.overbooked_reason = sitting.overbooked
        session.flush()
        claims.claim(session, [new], now)
        detail: dict[str, object] = {"from": before, "to": _state(row)}
        placing.add_event(
            session,
            row.id,
            row.status,
            row.status,
            by_id=actor_id,
            at=now,
            kind="moved",
            reason=known_reason(reason),
            detail=detail,
        )
        booking_messages.tell_change(session, row, old_start, patient, ground.site, now=now)
        record(session, row, "appointment.overbook" if sitting.overbooked else "appointment.move", actor_id, now)


@retried
def _book_anew(
    appointment_id: UUID,
    slot: Slot,
    *,
    request_key: UUID,
    reason: str,
    actor_id: UUID,
    now: datetime,
    overbook: str | None,
) -> UUID:
    with transaction() as session:
        old, patient = lock_appointment(session, appointment_id, None)
        first = booked_with(session, request_key, old.patient_id, slot, old.kind)
        if first is not None:
            return first
        if old.status in LIVE:
            raise DomainError(f"This is {statuses.word_for(old.status)}: move it instead of booking it again.")
        refuse_twin(old)
        ground, sitting = _checked_slot(session, old, patient, slot, now, _allowed(session, overbook, actor_id))
        row = placing.add_appointment(
            ground,
            sitting,
            actor_id=actor_id,
            kind=old.kind,
            order_id=old.order_id,
            series_id=old.series_id,
            number=old.number,
            tentative=old.tentative,
            request_key=request_key,
            overbooked_reason=sitting.overbooked,
        )
        take(ground, [sitting])
        detail: dict[str, object] = {"anew": str(row.id)}
        status = old.status
        placing.add_event(
            session,
            old.id,
            status,
            status,
            by_id=actor_id,
            at=now,
            kind="moved",
            reason=known_reason(reason),
            detail=detail,
        )
        booking_messages.confirm_one(session, row, patient, ground.site, now=now)
        record(session, row, "appointment.overbook" if sitting.overbooked else "appointment.book", actor_id, now)
        return row.id


def _checked_slot(
    session: Session, row: Appointment, patient: Patient, slot: Slot, now: datetime, overbook: str | None
) -> tuple[Ground, Sitting]:
    """Another time for an appointment, against its order and every rule of its site; with a reason over its limits."""
    refuse_stopped(row)
    leave, start_range = Leave(appointment_ids=frozenset({row.id})), None
    order = placing.lock_order(session, row.order_id) if row.order_id is not None else None
    ground = placing.stand(session, row.site_id, patient, [slot.day], now=now, leave=leave)
    if order is not None:
        today = clinic_time.local_day(now, ground.site.timezone)
        placing.refuse_obstacles(order, [slot.day], today)
        if row.kind == series_queries.BOOSTER and row.status not in LIVE:
            boosters.refuse_untimely(order, today, slot.day)
        elif row.kind == series_queries.BOOSTER:
            boosters.refuse_outside(order, today, slot.day)
        start_range = schedules.protocol_of(order).session(row.number).start_range if row.number else None
    session_, by = placing.session_of(row, start_range), row.provider_id
    held = visit_times.attended(session_, by, ground.site, slot.day, slot.day, leave=leave)
    sitting = Sitting(row.id if row.status in LIVE else uuid7(), slot, held, by)
    wishes = placing.wishes_of(ground, [slot.day], leave=leave, needs=cases.needs_of(order))
    if overbook is not None:
        sitting = placing.over_limits(ground, sitting, wishes, overbook)
    placing.check(ground, [sitting], wishes)
    refuse_crossing(row, slot)
    return ground, sitting


def _allowed(session: Session, overbook: str | None, actor_id: UUID) -> str | None:
    """The reason to overbook, from somebody who may; raises `NotAllowed`, or `DomainError` for an empty reason."""
    if overbook is None:
        return None
    permissions.check(session, actor_id, Permission.OVERBOOK)
    if not overbook.strip():
        raise DomainError("Say why it is overbooked.", field="overbook")
    return overbook.strip()


def _set_slot(row: Appointment, ground: Ground, sitting: Sitting) -> None:
    chair = ground.chair(sitting.slot.chair)
    row.chair_id, row.on_date = chair.id if chair else None, sitting.slot.day
    row.starts_at = ground.instant(sitting.slot)
    row.ends_at = ground.instant(sitting.slot, sitting.session.minutes)
    row.version += 1


def _refuse_without_order(session: Session, wanted: NewAppointment, ground: Ground) -> Order | None:
    """The order behind the time to be booked, in force; None for a kind that needs none."""
    if wanted.kind not in NEEDS_ORDER:
        return None
    if wanted.order_id is None:
        raise DomainError("An infusion needs a signed order.")
    order = placing.lock_order(session, wanted.order_id)
    if order.patient_id != wanted.patient_id:
        raise DomainError("This order is another patient's.")
    today = clinic_time.local_day(ground.now, ground.site.timezone)
    placing.refuse_obstacles(order, [wanted.slot.day], today)
    if wanted.kind == series_queries.BOOSTER and not wanted.any_day:
        boosters.refuse_untimely(order, today, wanted.slot.day)
    return order


def _state(row: Appointment) -> dict[str, object]:
    return {"starts_at": row.starts_at.isoformat(), "chair_id": str(row.chair_id), "version": row.version}
