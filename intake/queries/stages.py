"""How far each patient has come, in a few words: for development pages that list everybody."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from uuid import UUID

from sqlalchemy import func, select

from intake.domain.statuses import LIVE_ORDER, ConsultationStatus, SeriesStatus, Status
from intake.extensions import current_session
from intake.models.appointments import Appointment
from intake.models.consultations import Consultation
from intake.models.orders import Order
from intake.models.people import Patient
from intake.models.scores import Alert
from intake.models.series import Series

C = ConsultationStatus
STAGES = ("filling in the form", "in review", "order to book", "in series", "on boosters", "over")
"""Every stage, in the order of a treatment; what is added says more."""
BEFORE_AN_ORDER: Mapping[ConsultationStatus, str] = {
    C.DRAFT: "filling in the form",
    C.CORE_COMPLETE: "filling in the form",
    C.SUBMITTED: "in review",
    C.IN_REVIEW: "in review, with a provider",
    C.RETURNED: "in review, asked something back",
    C.ACCEPTED: "in review, accepted",
    C.DECLINED: "over, declined",
    C.REFERRED: "over, referred",
    C.WITHDRAWN: "over, withdrawn",
    C.CLOSED: "over",
}


def stages(today: date) -> dict[UUID, str]:
    """Words such as "in series, 4 of 6 done" by patient. Four queries, however many patients there are."""
    rows = select(Consultation.patient_id, Consultation.status).order_by(Consultation.created_at, Consultation.id)
    words = {patient_id: BEFORE_AN_ORDER[status] for patient_id, status in current_session().execute(rows)}
    words |= _ordered(today)
    open_alerts = select(Alert.patient_id).where(Alert.closed_at.is_(None))
    return words | {one: f"{words[one]}, open alert" for one in current_session().scalars(open_alerts) if one in words}


def accounts(today: date) -> dict[UUID, str]:
    """The same by account."""
    found = stages(today)
    rows = select(Patient.account_id, Patient.id).where(Patient.account_id.is_not(None))
    return {
        account_id: found[key] for account_id, key in current_session().execute(rows) if account_id and key in found
    }


def _ordered(today: date) -> dict[UUID, str]:
    """Patients with an order, by their newest one."""
    rows = (
        select(Order.patient_id, Order.id, Order.status, Order.expires_on, Order.infusions, Series.status)
        .outerjoin(Series, (Series.order_id == Order.id) & (Series.status != SeriesStatus.STOPPED))
        .order_by(Order.signed_at, Order.id)
    )
    given, words = _given(), {}
    for patient_id, order_id, status, last, infusions, series in current_session().execute(rows):
        if series is SeriesStatus.BOOKED:
            words[patient_id] = f"in series, {given.get(order_id, 0)} of {infusions} done"
        elif status not in LIVE_ORDER or last < today:
            words[patient_id] = "over, order stopped" if status not in LIVE_ORDER else "over, order expired"
        else:
            words[patient_id] = "on boosters" if series is SeriesStatus.COMPLETED else "order to book"
    return words


def _given() -> dict[UUID | None, int]:
    """Infusions of a series that were given, by order."""
    rows = select(Appointment.order_id, func.count()).where(
        Appointment.status == Status.FULFILLED, Appointment.number.is_not(None)
    )
    return dict(current_session().execute(rows.group_by(Appointment.order_id)).all())
