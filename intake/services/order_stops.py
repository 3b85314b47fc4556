"""Stopping an order: only after a recorded contact; what is still booked on it is released in the same transaction."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from intake.domain import bad_news, statuses
from intake.domain.orders import TOLD_WITHIN
from intake.domain.reviews import check_reason
from intake.domain.roles import Permission
from intake.domain.statuses import LIVE_SERIES, OrderStatus, SeriesStatus, Status
from intake.extensions import transaction
from intake.models.appointments import Appointment
from intake.models.consultations import Consultation
from intake.models.orders import Order, OrderEvent
from intake.models.people import Patient
from intake.models.series import Series, SeriesEvent
from intake.queries import contacts, sites
from intake.services import audit, booking_messages, claims, permissions, placing, taking_effect
from intake.services.claims import Owner
from intake.services.retries import retried

logger = logging.getLogger("intake.orders")
RELEASED_FOR = "clinic"  # the code of the reason that an appointment's event carries


@retried
def stop(order_id: UUID, reason: str, *, actor_id: UUID, now: datetime) -> int:
    """Stop an order and cancel what is booked on it from now on; returns how many visits were released.

    Acts only when the patient was told within a week (reached with a safety check, or three tries), and never before
    a closed stretch. Who is in the clinic at this moment stays. Twice is harmless. Raises `DomainError`.
    """
    check_reason(reason)
    with transaction() as session:
        permissions.check(session, actor_id, Permission.SIGN_ORDER)
        patient = placing.lock_patient(session, _patient_id(session, order_id))
        order = session.scalars(select(Order).where(Order.id == order_id).with_for_update(of=Order)).one()
        if order.status is OrderStatus.STOPPED:
            return 0
        check_told(session, order, now)
        order.status = statuses.move(order.status, OrderStatus.STOPPED)
        released = _release(session, order, patient, actor_id, now)
        _stop_series(session, order, actor_id, now)
        _note(session, order, reason.strip(), released, actor_id, now)
    logger.info("order_stopped", extra={"order_id": order_id, "released": released})
    return released


def _patient_id(session: Session, order_id: UUID) -> UUID:
    return session.scalars(select(Order.patient_id).where(Order.id == order_id)).one()


def check_told(session: Session, order: Order, now: datetime) -> None:
    """A shared step: raise unless the patient was told within a week, and the hour allows visits to be released."""
    known = contacts.contacts_since(order.patient_id, now - TOLD_WITHIN)
    site_id = session.get_one(Consultation, order.consultation_id).site_id
    taking_effect.check_told(site_id, bad_news.is_told(contacts.tries_of(known)), now)


def _release(session: Session, order: Order, patient: Patient, actor_id: UUID, now: datetime) -> int:
    rows = _coming(session, order, now)
    claims.release(session, [(Owner(appointment_id=row.id), placing.place_of(session, row, patient)) for row in rows])
    for row in rows:
        placing.add_event(session, row.id, row.status, Status.CANCELLED, by_id=actor_id, at=now, reason=RELEASED_FOR)
        row.status, row.version = Status.CANCELLED, row.version + 1
        booking_messages.tell_change(session, row, row.starts_at, patient, sites.site(row.site_id), now=now)
    return len(rows)


def _coming(session: Session, order: Order, now: datetime) -> Sequence[Appointment]:
    rows = select(Appointment).where(
        Appointment.order_id == order.id, Appointment.status == Status.BOOKED, Appointment.starts_at > now
    )
    return session.scalars(rows.order_by(Appointment.id).with_for_update(of=Appointment)).all()


def _stop_series(session: Session, order: Order, actor_id: UUID, now: datetime) -> None:
    live = select(Series).where(Series.order_id == order.id, Series.status.in_(LIVE_SERIES)).with_for_update()
    for series in session.scalars(live):
        series.status = statuses.move(series.status, SeriesStatus.STOPPED)
        session.add(SeriesEvent(series_id=series.id, kind="stopped", at=now, by_id=actor_id))


def _note(session: Session, order: Order, reason: str, released: int, actor_id: UUID, now: datetime) -> None:
    detail = {"released": released}
    session.add(OrderEvent(order_id=order.id, kind="stopped", detail=detail, reason=reason, by_id=actor_id, at=now))
    audit.add(
        session,
        actor_id=actor_id,
        action="order.stopped",
        subject=("treatment_order", order.id),
        now=now,
        patient_id=order.patient_id,
        detail=detail,
    )
