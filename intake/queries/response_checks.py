"""Reads for the response check: whose is due, what a provider looks at, which infusions wait for it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import exists, select

from intake.domain.clinic_time import local_day
from intake.domain.scheduling.checkpoints import (
    CONFIRMING,
    ResponseChange,
    checkpoint_of,
    is_before_check,
    response_change,
)
from intake.domain.scheduling.protocols import recall_window_days
from intake.domain.statuses import SeriesStatus, Status
from intake.extensions import current_session
from intake.models.appointments import Appointment
from intake.models.orders import Order
from intake.models.people import Account, Patient
from intake.models.response_checks import ResponseCheck
from intake.models.series import Series
from intake.models.sites import Site
from intake.queries import courses

__all__ = ["Case", "DueCheck", "ResponseCheck", "case_of", "checks_of", "due", "is_awaited", "series_under_way"]

COMING = (Status.BOOKED, Status.ARRIVED, Status.CHECKED_IN)


@dataclass(frozen=True, slots=True)
class DueCheck:
    """A series whose response check is due: how many infusions are done, since when, and what comes next."""

    series: Series
    patient: Patient
    done: int
    done_on: date
    next_on: date | None
    days: int


@dataclass(frozen=True, slots=True)
class Case:
    """What a provider looks at: the infusions done, what is to come, the change, and who looked before."""

    series: Series
    order: Order
    zone: str
    after: int | None
    done: Sequence[Appointment]
    coming: Sequence[Appointment]
    change: ResponseChange | None
    checks: Sequence[tuple[ResponseCheck, str]]

    @property
    def is_confirmed(self) -> bool:
        """Whether the rest goes ahead."""
        return bool(self.checks) and self.checks[0][0].outcome in CONFIRMING


def is_awaited(series_id: object, number: object) -> bool:
    """Whether an infusion that is booked now comes after a check that nobody has confirmed yet; False without a number.

    Series, order and protocol are in the session of whoever books, so that a first booking asks nothing more.
    """
    if not isinstance(series_id, UUID) or not isinstance(number, int):
        return False
    session = current_session()
    series = session.get_one(Series, series_id)
    if not is_before_check(session.get_one(Order, series.order_id).protocol.rules, number):
        return False
    return series.status is SeriesStatus.PROPOSED or not _is_confirmed(series_id)


def checks_of(series_ids: Sequence[UUID]) -> dict[UUID, list[ResponseCheck]]:
    """The looks at each series, the newest first; one query."""
    found: defaultdict[UUID, list[ResponseCheck]] = defaultdict(list)
    rows = select(ResponseCheck).where(ResponseCheck.series_id.in_(series_ids))
    for row in current_session().scalars(rows.order_by(ResponseCheck.at.desc(), ResponseCheck.id.desc())):
        found[row.series_id].append(row)
    return found


def due(today: date, *, limit: int = 50) -> list[DueCheck]:
    """Series in which as many infusions are done as the protocol says and the rest still waits, the longest first.

    Four queries, however many there are. A check that asked to look again later is due after the next infusion.
    """
    waits = exists().where(
        Appointment.series_id == Series.id, Appointment.awaits_response.is_(True), Appointment.status.in_(COMING)
    )
    rows = (
        select(Series, Order, Patient)
        .join(Order, Order.id == Series.order_id)
        .join(Patient, Patient.id == Series.patient_id)
        .where(Series.status == SeriesStatus.BOOKED, waits)
    )
    waiting = current_session().execute(rows).all()
    ids = [series.id for series, _, _ in waiting]
    infusions, looks = _infusions_of(ids), checks_of(ids)
    found = []
    for series, order, patient in waiting:
        done = [row for row in infusions[series.id] if row.status is Status.FULFILLED]
        looked = looks.get(series.id, [])
        after = max([checkpoint_of(order.protocol.rules) or 0, *(look.after_infusion + 1 for look in looked)])
        if len(done) >= after and done:
            coming = [row.on_date for row in infusions[series.id] if row.status in COMING]
            last = done[-1].on_date
            found.append(DueCheck(series, patient, len(done), last, min(coming, default=None), (today - last).days))
    return sorted(found, key=lambda one: (one.done_on, one.series.id))[:limit]


def case_of(patient_id: UUID, series_id: UUID) -> Case:
    """One series of a patient for the check; somebody else's raises `NoResultFound`."""
    rows = select(Series, Order, Site.timezone).join(Order, Order.id == Series.order_id)
    rows = rows.join(Site, Site.id == Series.site_id)
    mine = rows.where(Series.id == series_id, Series.patient_id == patient_id)
    series, order, zone = current_session().execute(mine).one()
    infusions = _infusions_of([series_id])[series_id]
    done = [row for row in infusions if row.status is Status.FULFILLED]
    looks = (
        select(ResponseCheck, Account.name)
        .join(Account, Account.id == ResponseCheck.by_id)
        .where(ResponseCheck.series_id == series_id)
        .order_by(ResponseCheck.at.desc(), ResponseCheck.id.desc())
    )
    return Case(
        series=series,
        order=order,
        zone=zone,
        after=checkpoint_of(order.protocol.rules),
        done=done,
        coming=[row for row in infusions if row.status in COMING],
        change=_change(patient_id, zone, done[0].starts_at) if done else None,
        checks=[(row, name) for row, name in current_session().execute(looks)],
    )


def series_under_way(patient_id: UUID) -> UUID | None:
    """The booked series of a patient, the newest where there are several."""
    rows = select(Series.id).where(Series.patient_id == patient_id, Series.status == SeriesStatus.BOOKED)
    return current_session().scalars(rows.order_by(Series.booked_at.desc())).first()


def _change(patient_id: UUID, zone: str, first_at: datetime) -> ResponseChange | None:
    baseline, latest = courses.around(courses.courses_of([patient_id], zone)[patient_id], first_at)
    first_on = local_day(first_at, zone)
    return response_change(baseline, latest, first_infusion_on=first_on, window_days=recall_window_days())


def _infusions_of(series_ids: Sequence[UUID]) -> dict[UUID, list[Appointment]]:
    found: defaultdict[UUID, list[Appointment]] = defaultdict(list)
    rows = select(Appointment).where(Appointment.series_id.in_(series_ids), Appointment.number.is_not(None))
    for row in current_session().scalars(rows.order_by(Appointment.starts_at)):
        if row.series_id is not None:
            found[row.series_id].append(row)
    return found


def _is_confirmed(series_id: UUID) -> bool:
    looks = checks_of([series_id]).get(series_id, [])
    return bool(looks) and looks[0].outcome in CONFIRMING
