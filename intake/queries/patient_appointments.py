"""A patient's own appointments."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, select

from intake.domain.statuses import Status
from intake.extensions import current_session
from intake.models.appointments import Appointment
from intake.models.sites import Site

STILL_TO_COME = (Status.BOOKED, Status.ARRIVED, Status.CHECKED_IN)


@dataclass(frozen=True, slots=True)
class OwnAppointment:
    """A booked time with its place, as its patient reads it. `number` is that of an infusion in its series."""

    id: UUID
    starts_at: datetime
    ends_at: datetime
    number: int | None
    tentative: bool
    status: Status
    version: int
    booked_at: datetime
    site_name: str
    site_address: str
    zone: str


def upcoming_of(patient_id: UUID, now: datetime) -> list[OwnAppointment]:
    """What is booked and not over at `now`, the next one first."""
    rows = _of(patient_id).where(Appointment.ends_at > now, Appointment.status.in_(STILL_TO_COME))
    return [_own(*row) for row in current_session().execute(rows.order_by(Appointment.starts_at))]


def one_of(patient_id: UUID, appointment_id: UUID) -> OwnAppointment:
    """One booked time of the patient; raises `NoResultFound` for one that is cancelled or somebody else's."""
    rows = _of(patient_id).where(Appointment.id == appointment_id, Appointment.status.in_(STILL_TO_COME))
    return _own(*current_session().execute(rows).one())


def share_a_zone(appointments: Iterable[OwnAppointment]) -> bool:
    """Whether all are in one zone, so that no page need name it."""
    return len({one.zone for one in appointments}) <= 1


def _of(patient_id: UUID) -> Select[Appointment, str, str, str]:
    rows = select(Appointment, Site.name, Site.address, Site.timezone).join(Site, Site.id == Appointment.site_id)
    return rows.where(Appointment.patient_id == patient_id)


def _own(row: Appointment, site_name: str, address: str, zone: str) -> OwnAppointment:
    return OwnAppointment(
        id=row.id,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        number=row.number,
        tentative=row.tentative,
        status=row.status,
        version=row.version,
        booked_at=row.booked_at,
        site_name=site_name,
        site_address=address,
        zone=zone,
    )
