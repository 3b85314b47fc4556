"""A patient as the desk sees one."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import url_for

from intake.desk.series_presenter import present_visits
from intake.domain import clinic_time, phones
from intake.domain.statuses import LIVE_ORDER, ConsultationStatus, SeriesStatus
from intake.queries import appointments, consultations, orders, series, sites
from intake.queries.consultations import Consultation, Patient
from intake.queries.orders import Order
from intake.queries.series import Series
from intake.services import boosters
from intake.web import filters

WAITS_FOR = {
    ConsultationStatus.DRAFT: "The patient is filling in the form.",
    ConsultationStatus.CORE_COMPLETE: "The patient is filling in the form.",
    ConsultationStatus.SUBMITTED: "A provider has to read what the patient sent.",
    ConsultationStatus.IN_REVIEW: "A provider is reviewing what the patient sent.",
    ConsultationStatus.RETURNED: "The patient has questions to answer.",
    ConsultationStatus.ACCEPTED: "A provider has to sign an order.",
}
NOTHING = "Nothing is waited for."


def present_found(row: Patient) -> dict[str, Any]:
    """One line of a search: enough to tell two people apart."""
    return {
        "name": row.full_name,
        "born_on": filters.day_year(row.born_on),
        "phone": phone_of(row),
        "url": url_for("desk.patient", patient_id=row.id),
    }


def present_patient(row: Patient, now: datetime) -> dict[str, Any]:
    """Everything that the person page says."""
    visits = appointments.of_patient(row.id)
    coming = [
        visit
        for visit in visits
        if visit.appointment.ends_at > now and not appointments.is_over(visit.appointment.status)
    ]
    past = [visit for visit in visits if visit not in coming]
    known = orders.orders_of(row.id)
    by_order = {one.order_id: one for one in series.series_of(row.id)}
    return {
        "id": row.id,
        "name": row.full_name,
        "called": row.called,
        "facts": [
            ("Date of birth", filters.day_year(row.born_on)),
            ("Telephone", phone_of(row) or "none"),
            ("May we leave a message?", "yes" if row.may_leave_message else "no"),
            ("E-mail", row.email),
        ],
        "waits_for": waits_for(consultations.latest_of(row.id), known, by_order),
        "coming": present_visits(coming),
        "past": present_visits(list(reversed(past))),
        "orders": [present_order(order, by_order.get(order.id), now) for order in known],
    }


def waits_for(consultation: Consultation | None, known: Any, by_order: dict[Any, Series]) -> str:
    """That something is waited for, never why."""
    live = [order for order in known if order.status in LIVE_ORDER]
    if any(order.id not in by_order for order in live):
        return "The infusions have to be booked."
    if live:
        return NOTHING
    return WAITS_FOR.get(consultation.status, NOTHING) if consultation else NOTHING


def present_order(order: Order, row: Series | None, now: datetime) -> dict[str, str | None]:
    """An order as the desk needs it: what is booked, until when, and where to go on; a booster that is due."""
    state = "to be booked" if row is None else ("done" if row.status is SeriesStatus.COMPLETED else row.status.value)
    return {
        "name": order.protocol.name,
        "state": state if order.status in LIVE_ORDER or row else order.status.value,
        "until": clinic_time.day_words(order.expires_on),
        "url": url_for("desk.series", order_id=order.id),
        "booster_url": url_for("desk.booster", order_id=order.id) if is_booster_due(order, row, now) else None,
    }


def is_booster_due(order: Order, row: Series | None, now: datetime) -> bool:
    """Whether the desk can book a booster on an order."""
    if row is None or row.status is not SeriesStatus.COMPLETED or order.status not in LIVE_ORDER:
        return False
    return not boosters.obstacles(order, clinic_time.local_day(now, sites.timezone_of(row.site_id)))


def phone_of(row: Patient) -> str:
    """The telephone as people read it."""
    return phones.phone_words(row.phone) if row.phone else ""
