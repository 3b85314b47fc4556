"""Reads of the clinic's protocols: versions, who made and signed them, which orders hold to which."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, select

from intake.domain.scheduling import values
from intake.domain.scheduling.reading import protocol_from_json
from intake.domain.statuses import LIVE, LIVE_ORDER, SeriesStatus
from intake.extensions import current_session
from intake.models.appointments import Appointment
from intake.models.orders import Order
from intake.models.people import Account
from intake.models.series import Series
from intake.models.sites import Protocol, RuleSignature, Site
from intake.queries import cases, schedules, sites

__all__ = [
    "Comparison",
    "OpenOrder",
    "Protocol",
    "Version",
    "comparisons",
    "newest_of",
    "newest_versions",
    "open_orders_of",
    "protocol",
    "versions_of",
]

RULE_SET = "protocols"
"""Under this name and the protocol's own the medical director signs a version."""
MOST_COMPARED = 40
"""So many unbooked orders are planned anew before a change is saved, those that wait longest first."""


@dataclass(frozen=True, slots=True)
class Version:
    """One version with its maker, its signature, and how many orders in force hold to it."""

    row: Protocol
    made_by: str
    retired_by: str
    signed_by: str
    signed_at: datetime | None
    open_orders: int


@dataclass(frozen=True, slots=True)
class OpenOrder:
    """An order in force, named by its signing and never by its patient: managers see no charts."""

    version: int
    signed_at: datetime
    signed_by: str
    booked: int
    infusions: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """One unbooked series as its order has it, and as it would be planned under other rules."""

    as_signed: values.Case
    anew: values.Case


def protocol(protocol_id: UUID) -> Protocol:
    """One version; raises `NoResultFound`."""
    return current_session().scalars(select(Protocol).where(Protocol.id == protocol_id)).one()


def newest_of(name: str) -> Protocol | None:
    """The newest version of a protocol, retired or not; None for an unknown name."""
    rows = select(Protocol).where(Protocol.name == name).order_by(Protocol.version.desc())
    return current_session().scalars(rows.limit(1)).first()


def newest_versions(today: date) -> list[Version]:
    """The newest version of each protocol, by name, retired ones last; `open_orders` counts those of all versions."""
    by_name: dict[str, Version] = {}
    counts: dict[str, int] = {}
    for version in _versions(today):
        by_name[version.row.name] = version
        counts[version.row.name] = counts.get(version.row.name, 0) + version.open_orders
    found = [replace(version, open_orders=counts[name]) for name, version in by_name.items()]
    return sorted(found, key=lambda one: (one.row.retired_at is not None, one.row.name))


def versions_of(name: str, today: date) -> list[Version]:
    """Every version of a protocol, the newest first."""
    return _versions(today, Protocol.name == name)[::-1]


def open_orders_of(name: str, today: date) -> list[OpenOrder]:
    """The orders in force that were signed with any version of a protocol, the oldest first; one query."""
    booked = (
        select(func.count())
        .where(Appointment.order_id == Order.id, Appointment.status.in_(LIVE), Appointment.series_id.is_not(None))
        .scalar_subquery()
    )
    rows = (
        select(Protocol.version, Order.signed_at, Account.name, booked, Order.infusions)
        .join(Protocol, Protocol.id == Order.protocol_id)
        .join(Account, Account.id == Order.signed_by)
        .where(*_in_force(name, today))
        .order_by(Order.signed_at, Order.id)
    )
    return [OpenOrder(*row) for row in current_session().execute(rows)]


def comparisons(name: str, rules: Mapping[str, Any], *, now: datetime) -> tuple[list[Comparison], int]:
    """What is to be planned to compare a change: unbooked series with wishes, and how many were left out as too many.

    As many queries for many orders as for one; sites are few.
    """
    rows = (
        select(Order, Series)
        .join(Protocol, Protocol.id == Order.protocol_id)
        .join(Series, Series.order_id == Order.id)
        .where(*_in_force(name, now.date()), Series.status == SeriesStatus.PROPOSED)
        .order_by(Order.signed_at, Order.id)
    )
    waiting = [(order, series) for order, series in current_session().execute(rows) if series.wishes.get("available")]
    compared, found = waiting[:MOST_COMPARED], []
    wanted = protocol_from_json(dict(rules))
    for site in sites.all_sites():
        found += _at_site(site, [(order, row) for order, row in compared if row.site_id == site.id], wanted, now)
    return found, len(waiting) - len(compared)


def _at_site(
    site: Site, waiting: Sequence[tuple[Order, Series]], wanted: values.Protocol, now: datetime
) -> list[Comparison]:
    """The cases of one site, over all that is booked there until the last of them may end."""
    if not waiting:
        return []
    patients = [cases.patient_of(order, site, row.wishes, now=now) for order, row in waiting]
    protocols = [schedules.protocol_of(order) for order, _ in waiting]
    longest = max(one.max_span_days for one in (wanted, *protocols))
    first = min(patient.earliest for patient in patients)
    last = max(patient.latest_start or patient.earliest for patient in patients) + timedelta(days=longest)
    ground, bookings = (
        schedules.site_rules(site, first=first, now=now),
        schedules.bookings_at(site, first, last, now=now),
    )
    ids = [order.patient_id for order, _ in waiting]
    busy, weights = schedules.busy_of_all(ids, site.timezone, first, last, now=now), schedules.weights()
    found = []
    for key, patient, protocol in zip(ids, patients, protocols, strict=True):
        case = values.Case(ground, protocol, replace(patient, busy=busy[key]), bookings=bookings, weights=weights)
        found.append(Comparison(case, replace(case, protocol=wanted)))
    return found


def _in_force(name: str, today: date) -> tuple[ColumnElement[bool], ...]:
    return Protocol.name == name, Order.status.in_(LIVE_ORDER), Order.expires_on >= today


def _versions(today: date, *conditions: ColumnElement[bool]) -> list[Version]:
    """Versions by name and number with their people, in a constant number of queries."""
    in_force = (Order.status.in_(LIVE_ORDER), Order.expires_on >= today)
    held = select(Order.protocol_id, func.count()).where(*in_force).group_by(Order.protocol_id)
    counts = {key: count for key, count in current_session().execute(held)}
    names = {
        key: name
        for key, name in current_session().execute(
            select(Account.id, Account.name).where(
                Account.id.in_(select(Protocol.created_by).union(select(Protocol.retired_by)))
                | Account.id.in_(select(RuleSignature.signed_by).where(RuleSignature.rule_set == RULE_SET))
            )
        )
    }
    signed = {
        (row.row_key, row.version): row
        for row in current_session().scalars(select(RuleSignature).where(RuleSignature.rule_set == RULE_SET))
    }
    rows = select(Protocol).where(*conditions).order_by(Protocol.name, Protocol.version)
    return [
        _version(row, names, signed.get((row.name, str(row.version))), counts.get(row.id, 0))
        for row in current_session().scalars(rows)
    ]


def _version(row: Protocol, names: Mapping[UUID, str], signature: RuleSignature | None, orders: int) -> Version:
    def name_of(key: UUID | None) -> str:
        return names.get(key, "") if key is not None else ""

    signed_by, signed_at = (name_of(signature.signed_by), signature.signed_at) if signature else ("", None)
    return Version(row, name_of(row.created_by), name_of(row.retired_by), signed_by, signed_at, orders)
