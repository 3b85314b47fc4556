"""Orders whose last day is over: marked so by the worker, one transaction each."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from intake.domain import clinic_time, statuses
from intake.domain.statuses import LIVE_ORDER, OrderStatus
from intake.extensions import current_session, transaction
from intake.models.orders import Order, OrderEvent
from intake.models.people import Patient
from intake.models.sites import Site
from intake.services import audit, placing


def expire(now: datetime) -> int:
    """Mark every order in force whose last day is over at the patient's home site; returns how many.

    Nothing is booked past an order's last day, so nothing has to be released. Twice is harmless.
    """
    rows = (
        select(Order.id, Order.expires_on, Site.timezone)
        .join(Patient, Patient.id == Order.patient_id)
        .join(Site, Site.id == Patient.home_site_id)
        .where(Order.status.in_(LIVE_ORDER))
    )
    over = [
        row.id for row in current_session().execute(rows) if row.expires_on < clinic_time.local_day(now, row.timezone)
    ]
    return sum(_expire_one(order_id, now) for order_id in over)


def _expire_one(order_id: UUID, now: datetime) -> bool:
    with transaction() as session:
        patient_id = session.scalars(select(Order.patient_id).where(Order.id == order_id)).one()
        placing.lock_patient(session, patient_id)
        order = session.scalars(select(Order).where(Order.id == order_id).with_for_update(of=Order)).one()
        if order.status not in LIVE_ORDER:
            return False
        order.status = statuses.move(order.status, OrderStatus.EXPIRED)
        session.add(OrderEvent(order_id=order.id, kind="expired", detail={}, by_id=None, at=now))
        subject = ("treatment_order", order.id)
        audit.add(session, actor_id=None, action="order.expire", subject=subject, now=now, patient_id=patient_id)
        return True
