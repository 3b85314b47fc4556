"""Planning cases from rows: one series of an order at a site, for a patient's wishes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from intake.domain import clinic_time
from intake.domain.scheduling import values
from intake.domain.scheduling.reading import patient_from_json
from intake.models.orders import Order
from intake.models.sites import Site
from intake.queries import schedules, series, sites
from intake.queries.schedules import NOTHING, Leave

START_WITHIN_DAYS = 13
"""How long after the earliest date a series may begin where the desk gives no other."""
ROOM_DAYS = 14
"""How far past the last possible date bookings are read, so that reasons may look a little further."""


def needs_of(order: Order | None) -> frozenset[str]:
    """What a chair must have for the patient of an order, by the wishes kept for its series; nothing without one."""
    known = series.series_of_order(order.id) if order is not None else None
    return frozenset(known.wishes.get("needs", ())) if known is not None else frozenset()


def at_any_hour(
    first: date, *, needs: frozenset[str] = frozenset(), busy: tuple[values.Busy, ...] = ()
) -> values.Patient:
    """A patient who can come at any hour, for a single time: what a chair must have, and what they have elsewhere."""
    return values.Patient(first, dict.fromkeys(range(7), ((0, clinic_time.MIDNIGHT),)), busy=busy, needs=needs)


def patient_of(order: Order, site: Site, wishes: Mapping[str, Any], *, now: datetime) -> values.Patient:
    """What the patient wants and can do: never before tomorrow, never after the order ends."""
    tomorrow = clinic_time.local_day(now, site.timezone) + timedelta(days=1)
    earliest = max(date.fromisoformat(wishes["earliest"]), tomorrow) if wishes.get("earliest") else tomorrow
    last = (earliest + timedelta(days=START_WITHIN_DAYS)).isoformat()
    raw = {**wishes, "earliest": earliest.isoformat(), "latest_start": wishes.get("latest_start") or last}
    patient = patient_from_json(raw)
    latest = max(patient.latest_start or earliest, earliest)
    return replace(patient, latest_start=latest, not_after=min(patient.not_after or order.expires_on, order.expires_on))


def series_case(
    order: Order,
    site: Site,
    wishes: Mapping[str, Any],
    *,
    now: datetime,
    leave: Leave = NOTHING,
    with_other_sites: bool = False,
) -> values.Case:
    """One series to lay out, with all that is booked around it. The other sites only serve reasons that name them."""
    protocol = schedules.protocol_of(order)
    patient = patient_of(order, site, wishes, now=now)
    first, last = patient.earliest, _last_day(patient, protocol)
    busy = schedules.busy_of(order.patient_id, site.timezone, first, last, now=now, leave=leave)
    others = [one for one in sites.all_sites() if one.id != site.id] if with_other_sites else []
    return values.Case(
        site=schedules.site_rules(site, first=first, now=now),
        protocol=protocol,
        patient=replace(patient, busy=busy),
        bookings=schedules.bookings_at(site, first, last, now=now, leave=leave),
        other_sites=tuple(_other(one, first, last, now) for one in others),
        weights=schedules.weights(),
    )


def _other(site: Site, first: date, last: date, now: datetime) -> values.OtherSite:
    rules = schedules.site_rules(site, first=first, now=now)
    return values.OtherSite(rules, schedules.bookings_at(site, first, last, now=now))


def _last_day(patient: values.Patient, protocol: values.Protocol) -> date:
    begin = patient.latest_start or patient.earliest
    return begin + timedelta(days=protocol.max_span_days + ROOM_DAYS)
