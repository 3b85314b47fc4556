"""What is there already: counts, visits under way, who is on boosters. Reads only, as plain values."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import Integer, Select, cast, exists, func, select
from sqlalchemy.orm import aliased

from intake.demo.people import DOMAIN, Person, person
from intake.domain.statuses import LIVE, LIVE_ORDER, ConsultationStatus, SeriesStatus, Status
from intake.extensions import current_session
from intake.models.appointments import Appointment
from intake.models.consultations import Consultation
from intake.models.orders import Order
from intake.models.people import Account, Patient
from intake.models.series import Series
from intake.queries import orders as order_queries

UNDER_WAY = (Status.BOOKED, Status.ARRIVED, Status.CHECKED_IN)
BOOSTER = "booster"
SOON = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class Visit:
    """One booked time with what decides how it goes."""

    id: UUID
    site_id: UUID
    day: date
    starts_at: datetime
    ends_at: datetime
    kind: str
    status: Status
    version: int


@dataclass(frozen=True, slots=True)
class OnBoosters:
    """Somebody whose series is done and who has nothing booked: the last infusion and the boosters given."""

    patient_id: UUID
    order_id: UUID
    last_on: date
    given: int


def newcomer() -> Person:
    """The first person of the demo who is not there yet."""
    rows = select(Account.email).where(Account.email.endswith(f"@{DOMAIN}"))
    known = set(current_session().scalars(rows))
    current_session().rollback()
    number = 0
    while person(number).email in known:
        number += 1
    return person(number)


@dataclass(frozen=True, slots=True)
class Counts:
    """How many people stand where."""

    intake: int
    review: int
    orders: int
    series: int
    boosters: int


def counts(today: date) -> Counts:
    """Forms being filled in and read, orders in force that wait for the desk, series booked and done."""
    review = (ConsultationStatus.SUBMITTED, ConsultationStatus.IN_REVIEW, ConsultationStatus.RETURNED)
    in_force = (Order.status.in_(LIVE_ORDER), Order.expires_on >= today)
    waiting = select(func.count()).select_from(Order).where(*in_force, ~order_queries.has_live_series())
    there = select(func.count()).select_from(Series).join(Order, Order.id == Series.order_id).where(*in_force)
    return Counts(
        intake=_consultations(ConsultationStatus.DRAFT, ConsultationStatus.CORE_COMPLETE),
        review=_consultations(*review),
        orders=_count(waiting),
        series=_count(there.where(Series.status == SeriesStatus.BOOKED)),
        boosters=_count(there.where(Series.status == SeriesStatus.COMPLETED)),
    )


def under_way(now: datetime) -> list[Visit]:
    """Visits of the past, and of the next half hour, of which nothing final is said; the earliest first."""
    rows = select(Appointment).where(Appointment.status.in_(UNDER_WAY), Appointment.starts_at <= now + SOON)
    return _visits(rows.order_by(Appointment.starts_at, Appointment.id))


def on_day(site_id: UUID, day: date, statuses: Collection[Status] = tuple(Status)) -> list[Visit]:
    """The visits of a site on a date that take a chair, in order of their start."""
    rows = select(Appointment).where(
        Appointment.site_id == site_id,
        Appointment.on_date == day,
        Appointment.status.in_(statuses),
        Appointment.chair_id.is_not(None),
    )
    return _visits(rows.order_by(Appointment.starts_at, Appointment.id))


def on_boosters(site_id: UUID, day: date) -> list[OnBoosters]:
    """Who may have a booster at a site on a date, those who wait longest first."""
    other = aliased(Appointment)
    coming = exists().where(other.patient_id == Series.patient_id, other.status.in_(UNDER_WAY))
    given = func.sum(cast(Appointment.kind == BOOSTER, Integer))
    rows = (
        select(Series.patient_id, Series.order_id, func.max(Appointment.on_date), given)
        .join(Order, Order.id == Series.order_id)
        .join(Patient, Patient.id == Series.patient_id)
        .join(Appointment, Appointment.order_id == Order.id)
        .where(Series.site_id == site_id, Series.status == SeriesStatus.COMPLETED, ~coming)
        .where(Order.status.in_(LIVE_ORDER), Order.expires_on >= day, Patient.email.endswith(f"@{DOMAIN}"))
        .where(Appointment.status == Status.FULFILLED)
        .group_by(Series.patient_id, Series.order_id)
        .order_by(func.max(Appointment.on_date), Series.patient_id)
    )
    found = [OnBoosters(*row) for row in current_session().execute(rows)]
    current_session().rollback()
    return found


def boosters_ahead(site_id: UUID, after: date, until: date) -> list[Visit]:
    """Boosters of demo people that nobody has touched since they were booked, on the dates after one; soonest first."""
    rows = (
        select(Appointment)
        .join(Patient, Patient.id == Appointment.patient_id)
        .where(Appointment.site_id == site_id, Appointment.kind == BOOSTER, Patient.email.endswith(f"@{DOMAIN}"))
        .where(Appointment.status == Status.BOOKED, Appointment.version == 1)
        .where(Appointment.on_date > after, Appointment.on_date <= until)
    )
    return _visits(rows.order_by(Appointment.starts_at, Appointment.id))


def full_days(site_id: UUID, first: date, most: int) -> list[date]:
    """Dates from `first` on with so many live visits or more."""
    rows = (
        select(Appointment.on_date)
        .where(Appointment.site_id == site_id, Appointment.on_date >= first, Appointment.status.in_(LIVE))
        .group_by(Appointment.on_date)
        .having(func.count() >= most)
    )
    found = list(current_session().scalars(rows))
    current_session().rollback()
    return found


def _visits(rows: Select[Appointment]) -> list[Visit]:
    found = [
        Visit(row.id, row.site_id, row.on_date, row.starts_at, row.ends_at, row.kind, row.status, row.version)
        for row in current_session().scalars(rows)
    ]
    current_session().rollback()
    return found


def _consultations(*wanted: ConsultationStatus) -> int:
    return _count(select(func.count()).select_from(Consultation).where(Consultation.status.in_(wanted)))


def _count(rows: Select[int]) -> int:
    number = current_session().scalars(rows).one()
    current_session().rollback()
    return number
