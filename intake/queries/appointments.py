"""Reads of appointments: one, a day's, a patient's."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.exc import NoResultFound
from sqlalchemy.orm import joinedload

from intake.domain.statuses import LIVE, Status
from intake.extensions import current_session
from intake.models.appointments import Appointment, AppointmentEvent, SlotHold
from intake.models.orders import Order
from intake.models.people import Account
from intake.models.sites import Site

__all__ = [
    "AppointmentEvent",
    "SlotHold",
    "Visit",
    "_SHOWN",
    "appointment",
    "coming_of",
    "events_of",
    "is_over",
    "live_twin_of",
    "of_patient",
    "on_day",
    "open_hold_of",
    "own_appointment",
    "patient_of",
    "visit",
]


@dataclass(frozen=True, slots=True)
class Visit:
    """An appointment with what a list says of it: where it is and how many infusions its series has."""

    appointment: Appointment
    site_name: str
    zone: str
    infusions: int | None


def appointment(appointment_id: UUID) -> Appointment:
    """One appointment with patient and chair; raises `NoResultFound`."""
    rows = select(Appointment).where(Appointment.id == appointment_id)
    return current_session().scalars(rows.options(*_SHOWN)).one()


def visit(appointment_id: UUID) -> Visit:
    """One appointment as a list shows it; raises `NoResultFound`."""
    found = _read(_visits().where(Appointment.id == appointment_id))
    if not found:
        raise NoResultFound
    return found[0]


def patient_of(appointment_id: UUID) -> UUID:
    """Whose appointment it is; raises `NoResultFound`."""
    return current_session().scalars(select(Appointment.patient_id).where(Appointment.id == appointment_id)).one()


def own_appointment(patient_id: UUID, appointment_id: UUID) -> Appointment:
    """One appointment of this patient; somebody else's raises `NoResultFound`."""
    rows = select(Appointment).where(Appointment.patient_id == patient_id, Appointment.id == appointment_id)
    return current_session().scalars(rows.options(*_SHOWN)).one()


def on_day(site_id: UUID, day: date) -> list[Visit]:
    """All appointments of a site on a date, whatever became of them, by start; one query."""
    rows = _visits().where(Appointment.site_id == site_id, Appointment.on_date == day)
    return _read(rows.order_by(Appointment.starts_at, Appointment.id))


def of_patient(patient_id: UUID) -> list[Visit]:
    """Everything a patient ever had booked, the earliest first."""
    return _read(_visits().where(Appointment.patient_id == patient_id).order_by(Appointment.starts_at))


def coming_of(patient_id: UUID, now: datetime) -> list[Visit]:
    """What a patient has before them: live and not over, the next one first."""
    rows = _visits().where(
        Appointment.patient_id == patient_id, Appointment.ends_at > now, Appointment.status.in_(LIVE)
    )
    return _read(rows.order_by(Appointment.starts_at))


def events_of(appointment_id: UUID) -> list[tuple[AppointmentEvent, str]]:
    """What happened to an appointment and who did it, the oldest first."""
    rows = (
        select(AppointmentEvent, Account.name)
        .outerjoin(Account, Account.id == AppointmentEvent.by_id)
        .where(AppointmentEvent.appointment_id == appointment_id)
        .order_by(AppointmentEvent.at, AppointmentEvent.id)
    )
    return [(event, name or "") for event, name in current_session().execute(rows)]


def open_hold_of(patient_id: UUID, now: datetime) -> SlotHold | None:
    """The places that are kept for a patient right now."""
    rows = select(SlotHold).where(
        SlotHold.patient_id == patient_id, SlotHold.ended_at.is_(None), SlotHold.expires_at > now
    )
    return current_session().scalars(rows.order_by(SlotHold.created_at.desc())).first()


def live_twin_of(row: Appointment) -> Appointment | None:
    """Another live appointment that stands for the same infusion of the series: this one was booked anew."""
    if row.series_id is None:
        return None
    rows = select(Appointment).where(
        Appointment.series_id == row.series_id,
        Appointment.number == row.number,
        Appointment.id != row.id,
        Appointment.status.in_(LIVE),
    )
    return current_session().scalar(rows)


def is_over(status: Status) -> bool:
    """Whether nobody is expected any more."""
    return status not in LIVE or status is Status.FULFILLED


_SHOWN = (joinedload(Appointment.patient), joinedload(Appointment.chair))


def _visits() -> Select[Appointment, str, str, int | None]:
    rows = select(Appointment, Site.name, Site.timezone, Order.infusions).join(Site, Site.id == Appointment.site_id)
    return rows.outerjoin(Order, Order.id == Appointment.order_id).options(*_SHOWN)


def _read(rows: Select[Appointment, str, str, int | None]) -> list[Visit]:
    return [Visit(row, name, zone, infusions) for row, name, zone, infusions in current_session().execute(rows)]
