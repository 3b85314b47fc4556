"""Reads of what the desk asks a provider to allow."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from intake.extensions import current_session
from intake.models.orders import Order
from intake.models.people import Patient
from intake.models.replanning import SignOff

__all__ = ["SignOff", "asked_of", "open_sign_offs", "sign_off"]


def sign_off(sign_off_id: UUID) -> SignOff:
    """One request to a provider; raises `NoResultFound`."""
    return current_session().scalars(select(SignOff).where(SignOff.id == sign_off_id)).one()


def asked_of(order_id: UUID) -> SignOff | None:
    """The newest request on an order, decided or not."""
    rows = select(SignOff).where(SignOff.order_id == order_id)
    return current_session().scalars(rows.order_by(SignOff.asked_at.desc(), SignOff.id.desc())).first()


def open_sign_offs() -> list[tuple[SignOff, Order, Patient]]:
    """What waits for a provider, the longest waiting first."""
    rows = (
        select(SignOff, Order, Patient)
        .join(Order, Order.id == SignOff.order_id)
        .join(Patient, Patient.id == Order.patient_id)
        .where(SignOff.decided_at.is_(None))
    )
    found = current_session().execute(rows.order_by(SignOff.asked_at, SignOff.id))
    return [(asked, order, patient) for asked, order, patient in found]
