"""Reads of signed orders: what is in force, what waits to be booked, what stands in the way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, select

from intake.domain.statuses import LIVE_ORDER, SeriesStatus, Status
from intake.extensions import current_session
from intake.models.appointments import Appointment
from intake.models.consultations import Consultation
from intake.models.orders import Order, OrderEvent
from intake.models.people import Patient
from intake.models.series import Series

__all__ = [
    "Order",
    "WaitingOrder",
    "awaiting_booking",
    "away_of",
    "coming_on",
    "events_of",
    "has_live_series",
    "open_conditions",
    "open_orders_of",
    "order",
    "orders_of",
    "patient_of",
    "signed_with",
    "site_wanted",
]


@dataclass(frozen=True, slots=True)
class WaitingOrder:
    """An order in force whose series is not laid out yet. `open_conditions` says how many, never which."""

    order: Order
    patient: Patient
    open_conditions: int


def order(order_id: UUID) -> Order:
    """One order with protocol and conditions; raises `NoResultFound`."""
    return current_session().scalars(select(Order).where(Order.id == order_id)).one()


def patient_of(order_id: UUID) -> UUID:
    """Whose order it is; raises `NoResultFound`."""
    return current_session().scalars(select(Order.patient_id).where(Order.id == order_id)).one()


def orders_of(patient_id: UUID) -> Sequence[Order]:
    """Every order of a patient, the newest first."""
    rows = select(Order).where(Order.patient_id == patient_id).order_by(Order.signed_at.desc(), Order.id.desc())
    return current_session().scalars(rows).all()


def open_orders_of(patient_id: UUID, *, as_of: date | None = None) -> list[Order]:
    """The patient's orders in force that are not laid out yet, newest first; a stopped or only proposed series counts
    as none.

    With `as_of`, an order whose last day lies before it is left out.
    """
    rows = select(Order).where(Order.patient_id == patient_id, *_unbooked(as_of))
    return list(current_session().scalars(rows.order_by(Order.signed_at.desc())))


def awaiting_booking(site_id: UUID, *, as_of: date | None = None) -> list[WaitingOrder]:
    """Orders in force of one site that are not laid out yet, the longest waiting first."""
    rows = (
        select(Order, Patient, Consultation.site_id)
        .join(Consultation, Consultation.id == Order.consultation_id)
        .join(Patient, Patient.id == Order.patient_id)
        .where(*_unbooked(as_of))
        .order_by(Order.signed_at, Order.id)
    )
    found = current_session().execute(rows)
    mine = [(order, patient) for order, patient, seen_at in found if _site_of(order, seen_at) == site_id]
    return [WaitingOrder(order, patient, len(open_conditions(order))) for order, patient in mine]


def _site_of(order: Order, seen_at: UUID) -> UUID:
    """Where an order that is not laid out waits: the site that an amendment chose, else that of the consultation."""
    return site_wanted(order) or seen_at


def away_of(order: Order) -> tuple[date, ...]:
    """The dates on which a provider noted the patient as away before any wishes were kept, in order."""
    return tuple(date.fromisoformat(day) for day in (order.exceptions or {}).get("away", []))


def site_wanted(order: Order) -> UUID | None:
    """The site that a provider chose before a series was laid out; None where the desk's own site will do."""
    named = (order.exceptions or {}).get("site_id")
    return UUID(named) if named else None


def open_conditions(order: Order) -> list[str]:
    """What still has to be met before the first infusion, as the provider wrote it; for charts, not for the desk."""
    return [condition.text or "" for condition in order.conditions if condition.met_at is None]


def signed_with(request_key: UUID, actor_id: UUID) -> UUID | None:
    """The order that one sending of the form made already, if its own signer asks."""
    rows = select(Order.id).where(Order.request_key == request_key, Order.signed_by == actor_id)
    return current_session().scalar(rows)


def events_of(order_ids: Sequence[UUID]) -> list[OrderEvent]:
    """What happened to these orders, in order of time."""
    rows = select(OrderEvent).where(OrderEvent.order_id.in_(order_ids)).order_by(OrderEvent.at, OrderEvent.id)
    return list(current_session().scalars(rows))


def coming_on(order_id: UUID, now: datetime) -> Sequence[Appointment]:
    """What is booked on an order from now on, the next one first: what a stop would release."""
    rows = select(Appointment).where(
        Appointment.order_id == order_id, Appointment.status == Status.BOOKED, Appointment.starts_at > now
    )
    return current_session().scalars(rows.order_by(Appointment.starts_at)).all()


def has_live_series() -> ColumnElement[bool]:
    """The condition that a series of the order is booked or completed; a proposed one holds the wishes only."""
    laid_out = Series.status.in_((SeriesStatus.BOOKED, SeriesStatus.COMPLETED))
    return exists().where(and_(Series.order_id == Order.id, laid_out))


def _unbooked(as_of: date | None) -> list[ColumnElement[bool]]:
    wanted: list[ColumnElement[bool]] = [Order.status.in_(LIVE_ORDER), ~has_live_series()]
    return wanted if as_of is None else [*wanted, Order.expires_on >= as_of]
