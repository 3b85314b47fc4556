"""Booked series whose rest has to be planned: what the desk's rail and pages list."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, or_, select

from intake.domain.statuses import LIVE, LIVE_ORDER, SeriesStatus
from intake.extensions import current_session
from intake.models.appointments import Appointment
from intake.models.orders import Order
from intake.models.people import Patient
from intake.models.series import Series, SeriesEvent
from intake.queries.replanning import REPLANNED, TO_DESK


@dataclass(frozen=True, slots=True)
class Needing:
    """A booked series that lacks times."""

    order_id: UUID
    patient: Patient
    infusions: int
    missing: int


def needing(site_id: UUID, *, limit: int = 20) -> list[Needing]:
    """Booked series of a site in which an infusion has no time, or whose order was amended and left to the desk.

    Those waiting longest first; one query.
    """
    live = (
        select(func.count())
        .where(Appointment.series_id == Series.id, Appointment.status.in_(LIVE))
        .correlate(Series)
        .scalar_subquery()
    )
    rows = (
        select(Order.id, Patient, Order.infusions, live)
        .select_from(Series)
        .join(Order, Order.id == Series.order_id)
        .join(Patient, Patient.id == Series.patient_id)
        .where(Series.site_id == site_id, Series.status == SeriesStatus.BOOKED, Order.status.in_(LIVE_ORDER))
        .where(or_(live < Order.infusions, _is_left_to_desk()))
    )
    found = current_session().execute(rows.order_by(Series.booked_at).limit(limit))
    return [Needing(order_id, patient, count, count - booked) for order_id, patient, count, booked in found]


def _is_left_to_desk() -> ColumnElement[bool]:
    """An amendment was signed without new times, and no re-plan has followed."""

    def latest(kind: str) -> Any:
        rows = select(func.max(SeriesEvent.at)).where(SeriesEvent.series_id == Series.id, SeriesEvent.kind == kind)
        return rows.correlate(Series).scalar_subquery()

    return and_(latest(TO_DESK).is_not(None), or_(latest(REPLANNED).is_(None), latest(REPLANNED) < latest(TO_DESK)))
