"""What becomes of an appointment: arrived, checked in, done, missed, cancelled, clinic hold, and undo."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from intake.domain import clinic_time, statuses
from intake.domain.errors import DomainError
from intake.domain.statuses import LIVE, SeriesStatus, Status
from intake.extensions import transaction
from intake.models.appointments import Appointment
from intake.models.people import Patient
from intake.models.series import Series, SeriesEvent
from intake.queries import orders, sites
from intake.queries.series import BOOSTER
from intake.services import audit, booking_messages, boosters, claims, messages, placing
from intake.services.appointment_steps import (
    Seen,
    known_reason,
    lock_appointment,
    record,
    refuse_stopped,
    refuse_twin,
    take,
)
from intake.services.claims import Owner, Taken
from intake.services.placing import Sitting
from intake.services.retries import retried

ON_THE_DAY = frozenset({Status.ARRIVED, Status.CHECKED_IN, Status.FULFILLED, Status.NO_SHOW})
"""What can only be said of a time on its own day or after it."""


@retried
def mark(
    appointment_id: UUID,
    to: Status,
    *,
    seen: Seen,
    actor_id: UUID,
    now: datetime,
    reason: str | None = None,
    asked_by: str | None = None,
) -> None:
    """Change the status of an appointment by the table of statuses. What is no longer expected frees its place.

    `asked_by` is `patient` or `clinic`. Raises `DomainError` for a move that the table lacks, or for a stale page.
    """
    with transaction() as session:
        row, patient = lock_appointment(session, appointment_id, seen)
        before, after = row.status, statuses.move(row.status, to)
        if to is Status.CHECKED_IN and before is Status.ARRIVED and row.tentative:
            raise DomainError("Nobody is known who drives the patient home. Press “Driver confirmed” first.")
        _expect_again(session, row, patient, after, now)
        row.status = after
        _refuse_too_early(row, now)
        detail: dict[str, object] = {"asked_by": asked_by} if asked_by else {}
        placing.add_event(
            session, row.id, before, to, by_id=actor_id, at=now, reason=known_reason(reason), detail=detail
        )
        if to not in LIVE:
            claims.release(session, [(Owner(appointment_id=row.id), placing.place_of(session, row, patient))])
            _withdraw(session, row, patient, now)
        elif before not in LIVE:
            _tell_again(session, row, patient, now)
        _after_status(session, row, before, actor_id, now)


@retried
def undo(appointment_id: UUID, *, seen: Seen, actor_id: UUID, now: datetime) -> None:
    """Take the last change of status back.

    Raises `DomainError` when its place belongs to somebody else by now, or its order no longer allows it.
    """
    with transaction() as session:
        row, patient = lock_appointment(session, appointment_id, seen)
        before, target = row.status, statuses.undo_target(row.status)
        if target is None:
            raise DomainError("There is nothing to undo.")
        _expect_again(session, row, patient, target, now)
        row.status = statuses.move(before, target)
        placing.add_event(session, row.id, before, target, by_id=actor_id, at=now, kind="undone")
        if before not in LIVE:
            _tell_again(session, row, patient, now)
        _after_status(session, row, before, actor_id, now)


@retried
def know_driver(appointment_id: UUID, is_known: bool, *, seen: Seen, actor_id: UUID, now: datetime) -> None:
    """Say whether somebody is known who drives the patient home; without a driver nobody is checked in.

    Twice is harmless. Raises `DomainError` for a stale page, and for a time at which nobody is expected any more.
    """
    with transaction() as session:
        row, _patient = lock_appointment(session, appointment_id, seen)
        if row.status not in (Status.BOOKED, Status.ARRIVED):
            raise DomainError(f"This is {statuses.word_for(row.status)}: a driver is no longer asked for.")
        if row.tentative is not is_known:
            return
        row.tentative = not is_known
        detail: dict[str, object] = {"driver": is_known}
        placing.add_event(session, row.id, row.status, row.status, by_id=actor_id, at=now, kind="driver", detail=detail)
        record(session, row, "appointment.driver", actor_id, now)


def _expect_again(session: Session, row: Appointment, patient: Patient, to: Status, now: datetime) -> None:
    """Before somebody is expected again: the series goes on, and a place given back is taken again."""
    if row.status not in LIVE and to in LIVE:
        _retake(session, row, patient, now)
    elif to is Status.BOOKED:
        refuse_stopped(row)  # who is in the clinic stays to the end; who was marked by mistake is cancelled instead


def _retake(session: Session, row: Appointment, patient: Patient, now: datetime) -> None:
    """Take the place of an appointment again that had given it back, if its order still allows it."""
    refuse_twin(row)
    refuse_stopped(row)
    site = sites.site(row.site_id)
    if row.order_id is not None:
        order = placing.lock_order(session, row.order_id)
        today = clinic_time.local_day(now, site.timezone)
        placing.refuse_obstacles(order, [row.on_date], today)
        if row.kind == BOOSTER:
            boosters.refuse_untimely(order, today)
    slot = placing.slot_of(row, site)
    ground = placing.stand(session, row.site_id, patient, [row.on_date], now=now)
    sitting = Sitting(row.id, slot, placing.session_of(row), row.provider_id, row.overbooked_reason)
    try:
        placing.refuse_faults(placing.faults_at(ground, sitting, placing.wishes_of(ground, [row.on_date])))
        take(ground, [sitting])
    except Taken:
        raise DomainError("Its place was given to somebody else meanwhile. Book another time.") from None
    row.version += 1


def _tell_again(session: Session, row: Appointment, patient: Patient, now: datetime) -> None:
    """What was to be sent is void; who has read already that it is cancelled hears that it is booked after all."""
    booking_messages.forget_change(session, row, now=now)
    if messages.last_sent_about(session, row.id) == booking_messages.CANCELLED:
        booking_messages.confirm_one(session, row, patient, sites.site(row.site_id), now=now)


def _withdraw(session: Session, row: Appointment, patient: Patient, now: datetime) -> None:
    """A new version, so that what was to be sent is void; a cancelled patient hears of it."""
    row.version += 1
    if row.status is Status.CANCELLED:
        booking_messages.tell_change(session, row, row.starts_at, patient, sites.site(row.site_id), now=now)
    else:
        booking_messages.forget_change(session, row, now=now)


def _after_status(session: Session, row: Appointment, before: Status, actor_id: UUID, now: datetime) -> None:
    if Status.FULFILLED in (before, row.status):
        _note_fulfilled(session, row, actor_id=actor_id, now=now)
    record(session, row, f"appointment.{row.status.value}", actor_id, now)


def _refuse_too_early(row: Appointment, now: datetime) -> None:
    """Nobody arrives for, or misses, a time on a later day."""
    zone = sites.timezone_of(row.site_id)
    if row.status in ON_THE_DAY and clinic_time.local_day(now, zone) < row.on_date:
        words = clinic_time.day_words(row.on_date)
        raise DomainError(f"This is on {words}: it can be marked {statuses.word_for(row.status)} on that day.")
    if row.status is Status.NO_SHOW and now < row.starts_at:
        raise DomainError("It is not time yet: a visit is missed once its time has begun.")


def _note_fulfilled(session: Session, row: Appointment, *, actor_id: UUID, now: datetime) -> None:
    """Complete the series when its last infusion is done, and open it again when that was undone."""
    if row.series_id is None:
        return
    series = session.scalars(select(Series).where(Series.id == row.series_id).with_for_update()).one()
    if series.status is SeriesStatus.STOPPED:
        return  # who was in the clinic when the order was stopped is still seen to the end
    session.flush()
    done = select(Appointment.number).where(Appointment.series_id == series.id, Appointment.status == Status.FULFILLED)
    wanted = set(range(1, orders.order(series.order_id).infusions + 1))
    target = SeriesStatus.COMPLETED if set(session.scalars(done)) >= wanted else SeriesStatus.BOOKED
    if series.status is not target:
        series.status = statuses.move(series.status, target)
        kind = "completed" if target is SeriesStatus.COMPLETED else "reopened"
        session.add(SeriesEvent(series_id=series.id, kind=kind, at=now, by_id=actor_id))
        subject = ("series", series.id)
        audit.add(
            session, actor_id=actor_id, action=f"series.{kind}", subject=subject, now=now, patient_id=row.patient_id
        )
