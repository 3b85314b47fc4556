"""Reads of series: their infusions, what their rules say now, what stands in the way of booking."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import exists, select

from intake.domain.clinic_time import day_words
from intake.domain.scheduling.boosters import DueWindow, Regime, due_windows, regime_from_json
from intake.domain.scheduling.misses import MissRule, is_judged, limits_after_miss
from intake.domain.scheduling.replanning import faults_over_pauses
from intake.domain.scheduling.values import Fault, Protocol
from intake.domain.sign_offs import with_limits
from intake.domain.statuses import LIVE, LIVE_ORDER, SeriesStatus, Status
from intake.extensions import current_session
from intake.models.appointments import Appointment
from intake.models.orders import Order
from intake.models.people import Patient
from intake.models.reviews import Evaluation
from intake.models.series import Series
from intake.queries import findings, schedules

__all__ = [
    "BOOSTER",
    "Due",
    "INFUSION",
    "Series",
    "boosters_due",
    "expected_booster",
    "faults_of",
    "infusions_of",
    "lacks_driver",
    "next_booster",
    "obstacles",
    "proposed_of",
    "recall",
    "regime_of",
    "series",
    "series_of",
    "series_of_order",
]

BOOSTER = "booster"
INFUSION = "infusion"
EXPECTED = (Status.BOOKED, Status.ARRIVED, Status.CHECKED_IN)


@dataclass(frozen=True, slots=True)
class Due:
    """A patient whose series is done, and the boosters that are due."""

    series: Series
    patient: Patient
    windows: list[DueWindow]


def series(series_id: UUID) -> Series:
    """One series; raises `NoResultFound`."""
    return current_session().scalars(select(Series).where(Series.id == series_id)).one()


def series_of_order(order_id: UUID) -> Series | None:
    """The series of an order that is not stopped; while it is only proposed it holds the patient's wishes."""
    rows = select(Series).where(Series.order_id == order_id, Series.status != SeriesStatus.STOPPED)
    return current_session().scalar(rows)


def proposed_of(order_id: UUID) -> Series:
    """The same where there has to be one; raises `NoResultFound`."""
    rows = select(Series).where(Series.order_id == order_id, Series.status != SeriesStatus.STOPPED)
    return current_session().scalars(rows).one()


def series_of(patient_id: UUID) -> list[Series]:
    """Every series of a patient that was booked, the newest first."""
    rows = select(Series).where(Series.patient_id == patient_id, Series.status != SeriesStatus.PROPOSED)
    return list(current_session().scalars(rows.order_by(Series.booked_at.desc())))


def infusions_of(series_id: UUID) -> list[Appointment]:
    """All infusions of a series, cancelled ones too, by number and time."""
    rows = select(Appointment).where(Appointment.series_id == series_id)
    return list(current_session().scalars(rows.order_by(Appointment.number, Appointment.starts_at)))


def lacks_driver(wishes: Mapping[str, Any]) -> bool:
    """Whether nobody is known yet who drives the patient home; hours at which somebody can come name one."""
    return wishes.get("driver") is False and not wishes.get("pickup")


def faults_of(infusions: Iterable[Appointment], order: Order) -> list[Fault]:
    """What the rules of the series say of its live infusions: which gap breaks, which is missing. None: all is well."""
    infusions = list(infusions)
    live = sorted((row for row in infusions if row.status in LIVE), key=lambda row: row.starts_at)
    done = sum(row.status is Status.FULFILLED for row in live)
    numbers = [row.number or place for place, row in enumerate(live, 1)]
    restarts = schedules.restarts_of(order)
    protocol = _as_missed(infusions, [row.on_date for row in live], order, restarts)
    return faults_over_pauses([row.on_date for row in live], protocol, restarts, done=done, numbers=numbers)


def since_done(infusions: Iterable[Appointment]) -> tuple[date | None, bool]:
    """The day of the last infusion given, and whether one after it was missed or lost its time, made up for or not."""
    rows = list(infusions)
    last_done = max((row.on_date for row in rows if row.status is Status.FULFILLED), default=None)
    is_missed = last_done is not None and any(row.status not in LIVE and row.on_date > last_done for row in rows)
    return last_done, is_missed


def _as_missed(
    infusions: Sequence[Appointment], days: Sequence[date], order: Order, restarts: Sequence[date]
) -> Protocol:
    """The recipe of an order as it holds after a miss, as the planner has it."""
    protocol, rule = schedules.protocol_of(order), MissRule.of(order.protocol.rules)
    last_done, is_missed = since_done(infusions)
    following = [day for day in days if last_done is not None and day > last_done]
    if rule is None or last_done is None or not following or not is_judged(last_done, is_missed, restarts):
        return protocol
    return with_limits(protocol, limits_after_miss(rule, protocol, (following[0] - last_done).days))


def obstacles(order: Order, dates: Sequence[date], *, today: date) -> list[str]:
    """Why nothing may be booked on this order on these dates, in sentences that keep the reason to the provider."""
    found = []
    if order.status not in LIVE_ORDER or order.expires_on < today:
        found.append("This order is no longer in force. The provider can sign a new one.")
    late = [day for day in dates if day > order.expires_on]
    if late and not found:
        words = f"{day_words(late[0])} is after {day_words(order.expires_on)}, when the order ends."
        found.append(f"{words} The provider can sign a new one.")
    if not current_session().scalar(select(exists().where(_evaluation_behind(order)))):
        found.append("There is no signed evaluation visit behind this order.")
    if any(condition.met_at is None for condition in order.conditions):
        found.append("The provider set conditions that are not met yet. Booking opens when they are.")
    if findings.uncleared_stops(order.patient_id, as_of=today):
        found.append("A provider has to look at this chart first. Booking opens when that is done.")
    return found


def boosters_due(series_row: Series, order: Order, *, today: date) -> list[DueWindow]:
    """The booster windows after a completed series, as the order sets them; none before that."""
    if series_row.status is not SeriesStatus.COMPLETED:
        return []
    rows = select(Appointment.on_date, Appointment.kind).where(
        Appointment.order_id == order.id, Appointment.status == Status.FULFILLED
    )
    given = sorted(current_session().execute(rows.order_by(Appointment.on_date)))
    return _windows(given, order, today)


def next_booster(order: Order, *, today: date) -> DueWindow | None:
    """The booster that is due next on an order; None before its series is done and when its limits are reached."""
    known = series_of_order(order.id)
    windows = boosters_due(known, order, today=today) if known else []
    return windows[0] if windows else None


def expected_booster(order_id: UUID) -> Appointment | None:
    """The booster of an order that somebody is expected for."""
    rows = select(Appointment).where(
        Appointment.order_id == order_id, Appointment.kind == BOOSTER, Appointment.status.in_(EXPECTED)
    )
    return current_session().scalars(rows).first()


def recall(site_id: UUID, *, today: date, limit: int = 20) -> list[Due]:
    """Patients of a site whose series is done, those whose next booster is due soonest first. Two queries.

    Left out: whose order is over by today, and who has a time booked on it already.
    """
    is_expected = exists().where(Appointment.order_id == Order.id, Appointment.status.in_(EXPECTED))
    rows = (
        select(Series, Order, Patient)
        .join(Order, Order.id == Series.order_id)
        .join(Patient, Patient.id == Series.patient_id)
        .where(Series.site_id == site_id, Series.status == SeriesStatus.COMPLETED)
        .where(Order.status.in_(LIVE_ORDER), Order.expires_on >= today, ~is_expected)
    )
    found = current_session().execute(rows).all()
    given = _given([order.id for _, order, _ in found])
    due = [Due(row, patient, _windows(given.get(order.id, []), order, today)) for row, order, patient in found]
    return sorted((one for one in due if one.windows), key=lambda one: one.windows[0].target)[:limit]


def regime_of(order: Order) -> Regime:
    """The booster regime that an order carries, with its own end."""
    return regime_from_json(order.booster_regime, order.expires_on)


def _windows(given: Sequence[tuple[date, str]], order: Order, today: date) -> list[DueWindow]:
    if not given or not order.booster_regime.get("steps"):
        return []
    boosters = sum(kind == BOOSTER for _, kind in given)
    return due_windows(given[-1][0], regime_of(order), today, given=boosters)


def _given(order_ids: Sequence[UUID]) -> Mapping[UUID | None, Sequence[tuple[date, str]]]:
    rows = select(Appointment.order_id, Appointment.on_date, Appointment.kind).where(
        Appointment.order_id.in_(order_ids), Appointment.status == Status.FULFILLED
    )
    found: defaultdict[UUID | None, list[tuple[date, str]]] = defaultdict(list)
    for order_id, day, kind in current_session().execute(rows.order_by(Appointment.on_date)):
        found[order_id].append((day, kind))
    return found


def _evaluation_behind(order: Order) -> Any:
    return (Evaluation.id == order.evaluation_id) & (Evaluation.patient_id == order.patient_id)
