"""What is left of a series, as plain values, and the planning case for it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
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
from intake.extensions import current_session
from intake.models.orders import Order
from intake.models.series import Series, SeriesEvent
from intake.models.sites import Protocol, Site
from intake.queries import cases, misses, orders, schedules, sites
from intake.queries.rests import Booked, Rest, booked_series, rest_of, rest_of_order
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


def terms_of(order: Order, row: Series | None) -> Terms:
    """What an order says, as amendments change it."""
    exceptions = order.exceptions or {}
    away = [date.fromisoformat(day) for day in row.wishes.get("unavailable_dates", [])] if row else []
    return Terms(
        protocol_id=order.protocol_id,
        infusions=order.infusions,
        site_id=row.site_id if row else orders.site_wanted(order),
        regime=order.booster_regime,
        restarts=schedules.restarts_of(order),
        limits=exceptions.get("limits", {}),
        away=frozenset(away if row else orders.away_of(order)),
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
    protocol = misses.with_miss(protocol_under(known, order), rest, known, order)
    patient = patient_of(rest, order, row, known, now=now)
    known_ground = shared or _ground(rest, known, protocol, patient, site, now)
    first, last, leave = known_ground.first, known_ground.last, known_ground.leave
    busy = schedules.busy_of(order.patient_id, site.timezone, first, last, now=now, leave=leave)
    if rest.today_from is not None:
        busy = (*busy, values.Busy(rest.today, 0, rest.today, min(rest.today_from, clinic_time.MIDNIGHT - 1)))
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
        earliest=_earliest(rest, order, row, known, protocol),
    )


def _earliest(rest: Rest, order: Order, row: Series, terms: Terms, protocol: values.Protocol) -> date | None:
    """From when new times may stand: today after a clinic hold, the first remaining date after a miss."""
    if rest.today_from is not None:
        return rest.today
    return None if row.wishes.get(STRICT) else misses.keep_from(rest, terms, protocol, order)


def _ground(
    rest: Rest, terms: Terms, protocol: values.Protocol, patient: values.Patient, site: Site, now: datetime
) -> Shared:
    """The site with what is booked there, for one series alone."""
    leave = Leave(appointment_ids=frozenset(one.id for one in rest.coming))
    first = rest.today + timedelta(days=1 if rest.today_from is None else 0)
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
    if rest.today_from is not None and patient.earliest == rest.today + timedelta(days=1):
        patient = replace(patient, earliest=rest.today)
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


def last_day(rest: Rest, terms: Terms, protocol: values.Protocol, patient: values.Patient) -> date:
    """How far bookings are read: the latest start, the longest span, and room for reasons to look further."""
    starts = [patient.earliest, *terms.restarts, *(one.slot.day for one in rest.coming)]
    room = START_WITHIN_DAYS + protocol.max_span_days + cases.ROOM_DAYS
    return max(starts) + timedelta(days=room)
