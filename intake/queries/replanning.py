"""What is left of a series, as plain values, and the planning case for it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select

from intake.domain import clinic_time
from intake.domain.amendments import Progress, Terms
from intake.domain.scheduling import values
from intake.domain.scheduling.replanning import (
    START_WITHIN_DAYS,
    Prices,
    default_prices,
    prices_from_json,
    rest_case,
    with_standing_hours,
)
from intake.domain.scheduling.values import Slot
from intake.domain.statuses import LIVE, SeriesStatus, Status
from intake.extensions import current_session
from intake.models.appointments import Appointment
from intake.models.orders import Order
from intake.models.series import Series, SeriesEvent
from intake.models.sites import Protocol, Site
from intake.queries import cases, orders, schedules, series, sites
from intake.queries.schedules import Leave

__all__ = [
    "Booked",
    "REPLANNED",
    "Rest",
    "TO_DESK",
    "booked_series",
    "case_of",
    "patient_of",
    "prices",
    "progress_of",
    "protocol_under",
    "replanned_with",
    "rest_of",
    "rest_of_order",
    "terms_of",
]

STRICT = "strict"
"""Key of the wishes while they were changed after booking: then no visit is kept outside of them."""


REPLANNED, TO_DESK = "re-planned", "to-replan"
"""Kinds of a series' event: the rest has new times; an amendment left it to the desk to find them."""


@dataclass(frozen=True, slots=True)
class Booked:
    """One infusion of a series as it stands."""

    id: UUID
    number: int
    slot: Slot
    minutes: int
    status: Status
    version: int
    is_past: bool = False  # its time has come, and nobody has said what became of it


@dataclass(frozen=True, slots=True)
class Rest:
    """A series with what is given or stays, what is booked and may move, and what was lost.

    `token` names this very state: a plan that was made from it is stale once the token differs.
    """

    order_id: UUID
    series_id: UUID
    patient_id: UUID
    site_id: UUID
    today: date
    infusions: int
    given: tuple[Booked, ...]
    coming: tuple[Booked, ...]
    lost: tuple[Booked, ...]
    must_move: frozenset[UUID] = frozenset()
    token: str = ""
    faults: tuple[str, ...] = field(default=())

    @property
    def missing(self) -> int:
        """How many infusions of the order have no time."""
        return max(self.infusions - len(self.given) - len(self.coming), 0)

    @property
    def unmarked(self) -> list[Booked]:
        """Visits whose time has come and of which nobody has said what became of them."""
        return [one for one in self.given if one.is_past]


def booked_series(order_id: UUID) -> Series:
    """The booked series of an order, completed ones too; raises `NoResultFound` for none."""
    rows = select(Series).where(
        Series.order_id == order_id, Series.status.in_((SeriesStatus.BOOKED, SeriesStatus.COMPLETED))
    )
    return current_session().scalars(rows).one()


def rest_of_order(order_id: UUID, *, now: datetime, must_move: Collection[UUID] = ()) -> Rest:
    """The rest of an order's booked series; raises `NoResultFound`."""
    return rest_of(booked_series(order_id), orders.order(order_id), now=now, must_move=must_move)


def rest_of(
    row: Series,
    order: Order,
    *,
    now: datetime,
    must_move: Collection[UUID] = (),
    restarts: Sequence[date] | None = None,
) -> Rest:
    """What is left of a series. What is done, in the clinic, or booked for today stays, unless it has to move.

    So does what is booked before a pause ends: a pause was signed with it in place. `restarts` are those of an
    amendment that is not signed yet.
    """
    infusions = series.infusions_of(row.id)
    known = {site.id: site for site in sites.all_sites()}
    today = clinic_time.local_day(now, known[row.site_id].timezone)
    restarts = schedules.restarts_of(order) if restarts is None else restarts
    live = sorted((one for one in infusions if one.status in LIVE), key=lambda one: (one.starts_at, one.id))
    given: list[Booked] = []
    coming: list[Booked] = []
    for one in live:
        stays = _is_fixed(one, now) or (one.id not in must_move and _stays(one, today, restarts))
        (given if stays else coming).append(_booked(one, known[one.site_id], now))
    numbers = {one.number for one in live}
    lost = [one for one in infusions if one.status not in LIVE and one.number not in numbers]
    return Rest(
        order_id=order.id,
        series_id=row.id,
        patient_id=row.patient_id,
        site_id=row.site_id,
        today=today,
        infusions=order.infusions,
        given=tuple(given),
        coming=tuple(coming),
        lost=tuple({one.number: _booked(one, known[one.site_id], now) for one in lost}.values()),
        must_move=frozenset(must_move),
        token=_token(infusions, row, order),
        faults=tuple(fault.text for fault in series.faults_of(infusions, order)),
    )


def terms_of(order: Order, row: Series | None) -> Terms:
    """What an order says, as amendments change it."""
    exceptions = order.exceptions or {}
    away = row.wishes.get("unavailable_dates", []) if row else []
    return Terms(
        protocol_id=order.protocol_id,
        infusions=order.infusions,
        site_id=row.site_id if row else None,
        regime=order.booster_regime,
        restarts=schedules.restarts_of(order),
        limits=exceptions.get("limits", {}),
        away=frozenset(date.fromisoformat(day) for day in away),
    )


def progress_of(rest: Rest, order: Order) -> Progress:
    """How far a series is, for amendments."""
    given, coming = (tuple(one.slot.day for one in some) for some in (rest.given, rest.coming))
    return Progress(given, coming, rest.today, order.expires_on)


@dataclass(frozen=True, slots=True)
class Shared:
    """What several cases are planned on together: one site as it will be, what is booked there, and who may move."""

    site: values.Site
    bookings: tuple[values.Booking, ...]
    leave: Leave
    first: date
    last: date


def case_of(
    rest: Rest,
    order: Order,
    row: Series,
    *,
    now: datetime,
    terms: Terms | None = None,
    shared: Shared | None = None,
) -> values.Case:
    """The case of all that is not given, with everything booked around it. `terms` are those of an amendment.

    Raises `DomainError` for a policy of prices that cannot be read.
    """
    known = terms or terms_of(order, row)
    site = sites.site(known.site_id or row.site_id)
    protocol = protocol_under(known, order)
    patient = patient_of(rest, order, row, known, now=now)
    known_ground = shared or _ground(rest, known, protocol, patient, site, now)
    first, last, leave = known_ground.first, known_ground.last, known_ground.leave
    busy = schedules.busy_of(order.patient_id, site.timezone, first, last, now=now, leave=leave)
    case = values.Case(
        site=known_ground.site,
        protocol=protocol,
        patient=replace(patient, busy=busy),
        bookings=known_ground.bookings,
        weights=schedules.weights(),
    )
    return rest_case(
        case,
        given=[one.slot for one in rest.given],
        coming=[one.slot for one in rest.coming],
        today=rest.today,
        prices=prices(),
        restarts=known.restarts,
    )


def _ground(
    rest: Rest, terms: Terms, protocol: values.Protocol, patient: values.Patient, site: Site, now: datetime
) -> Shared:
    """The site with what is booked there, for one series alone."""
    leave = Leave(appointment_ids=frozenset(one.id for one in rest.coming))
    first = rest.today + timedelta(days=1)
    last = last_day(rest, terms, protocol, patient)
    rules = schedules.site_rules(site, first=first)
    return Shared(rules, schedules.bookings_at(site, first, last, now=now, leave=leave), leave, first, last)


def protocol_under(terms: Terms, order: Order) -> values.Protocol:
    """The recipe that holds under these terms of an order."""
    row = order.protocol
    if terms.protocol_id != order.protocol_id:
        row = current_session().get_one(Protocol, terms.protocol_id)
    return schedules.recipe(row, terms.infusions, terms.limits)


def patient_of(rest: Rest, order: Order, row: Series, terms: Terms, *, now: datetime) -> values.Patient:
    """What the patient wants and can do for the rest; hours that were agreed outside of it stay possible."""
    site = sites.site(terms.site_id or row.site_id)
    away = sorted(day.isoformat() for day in terms.away)
    wishes = {**row.wishes, "unavailable_dates": away, "latest_start": None}
    patient = cases.patient_of(order, site, wishes, now=now)
    if row.wishes.get(STRICT):
        return patient
    stands = [(one.slot, one.minutes) for one in rest.coming if one.id not in rest.must_move]
    return with_standing_hours(patient, stands)


def prices() -> Prices:
    """What a move costs by its notice: the policy `move_prices`, else the defaults. Raises `DomainError`."""
    own = sites.policy("move_prices")
    return default_prices() if own is None else prices_from_json(own)


def replanned_with(request_key: UUID, series_id: UUID) -> bool:
    """Whether this very form has re-planned the series already."""
    rows = select(SeriesEvent.id).where(SeriesEvent.request_key == request_key, SeriesEvent.series_id == series_id)
    return current_session().scalar(rows) is not None


def _is_fixed(one: Appointment, now: datetime) -> bool:
    """Done, in the clinic, or its time has come."""
    return one.status is not Status.BOOKED or one.starts_at <= now


def _stays(one: Appointment, today: date, restarts: Sequence[date]) -> bool:
    """Booked for today, or before a pause ends: it may move only when it has to."""
    return one.on_date <= today or (bool(restarts) and one.on_date < max(restarts))


def _booked(one: Appointment, site: Site, now: datetime) -> Booked:
    minutes = int((one.ends_at - one.starts_at).total_seconds() // 60)
    is_past = one.status is Status.BOOKED and one.starts_at <= now
    return Booked(one.id, one.number or 0, schedules.slot_of(one, site), minutes, one.status, one.version, is_past)


def last_day(rest: Rest, terms: Terms, protocol: values.Protocol, patient: values.Patient) -> date:
    """How far bookings are read: the latest start, the longest span, and room for reasons to look further."""
    starts = [patient.earliest, *terms.restarts, *(one.slot.day for one in rest.coming)]
    room = START_WITHIN_DAYS + protocol.max_span_days + cases.ROOM_DAYS
    return max(starts) + timedelta(days=room)


def _token(infusions: Sequence[Appointment], row: Series, order: Order) -> str:
    state: list[Any] = [
        sorted([str(one.id), one.version, one.status.value, one.number, str(one.chair_id)] for one in infusions),
        [row.status.value, str(row.site_id), row.wishes],
        [order.status.value, order.infusions, str(order.protocol_id), order.exceptions],
    ]
    return hashlib.sha256(json.dumps(state, sort_keys=True).encode()).hexdigest()[:24]
