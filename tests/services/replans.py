"""What tests of re-planning share: a series part of which is given, what befalls it, and how it looks afterwards."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select
from uuid_utils.compat import uuid7

from intake.domain.scheduling.planning import Plan
from intake.domain.statuses import LIVE, Status
from intake.extensions import db, transaction
from intake.models.appointments import Appointment
from intake.models.sites import Chair, Shift
from intake.services import attendance, replanning, series, sites
from intake.services.appointment_steps import Seen
from intake.services.replanning import Proposal
from tests import factories
from tests.factories import NOW
from tests.services.bookings import DATES, an_order_to_book, finish, plan

AFTER_FIRST = datetime(2026, 12, 7, 20, 0, tzinfo=NOW.tzinfo)
"""Monday, 1:00 pm in Denver: the first infusion is done."""


def a_begun_series(site_id: UUID, *, given: int = 1, start: int = 9 * 60, **order: Any) -> tuple[UUID, list[UUID]]:
    """An order whose series is booked on Mondays and Thursdays, the first ones given; and its infusions."""
    order_id, desk = an_order_to_book(site_id, **order), factories.a_desk()
    series.book(order_id, plan(start=start), request_key=uuid7(), actor_id=desk, now=NOW)
    keys = infusions(order_id)
    for key in keys[:given]:
        finish(key, desk, row(key).starts_at)
    db.session.rollback()
    return order_id, keys


def infusions(order_id: UUID) -> list[UUID]:
    """The appointments of an order's series, by number."""
    rows = select(Appointment.id).where(Appointment.order_id == order_id)
    found = list(db.session.scalars(rows.order_by(Appointment.number, Appointment.starts_at)))
    db.session.rollback()
    return found


def row(key: UUID) -> Appointment:
    """One appointment as it is now."""
    db.session.rollback()
    return db.session.get_one(Appointment, key)


def live(order_id: UUID) -> list[tuple[int | None, date, datetime, str]]:
    """Number, date, start and status of every live infusion of an order, by time."""
    db.session.rollback()
    rows = select(Appointment).where(Appointment.order_id == order_id, Appointment.status.in_(LIVE))
    found = [
        (one.number, one.on_date, one.starts_at, one.status.value)
        for one in db.session.scalars(rows.order_by(Appointment.starts_at))
    ]
    db.session.rollback()
    return found


def mark(key: UUID, to: Status, *, now: datetime, reason: str | None = None) -> None:
    """Say what became of an appointment."""
    found = row(key)
    seen = Seen(found.version, found.status)
    attendance.mark(key, to, seen=seen, actor_id=factories.a_desk(), now=now, reason=reason)


def replan(order_id: UUID, *, now: datetime, must_move: tuple[UUID, ...] = ()) -> Proposal:
    """Take the best plan for the rest of a series and apply it; returns what was proposed."""
    found = replanning.propose(order_id, now=now, must_move=must_move)
    assert isinstance(found.found, Plan), found.found
    replanning.apply(
        order_id,
        found.rest_slots(found.found),
        token=found.rest.token,
        request_key=uuid7(),
        actor_id=factories.a_desk(),
        now=now,
        must_move=must_move,
    )
    return found


def miss(site_id: UUID, keys: list[UUID]) -> datetime:
    """The second infusion is missed."""
    at = row(keys[1]).starts_at + timedelta(minutes=30)
    mark(keys[1], Status.NO_SHOW, now=at)
    return at


def cancel(site_id: UUID, keys: list[UUID]) -> datetime:
    """The patient cancels the third infusion."""
    mark(keys[2], Status.CANCELLED, now=AFTER_FIRST, reason="patient-asked")
    return AFTER_FIRST


def clinic_hold(site_id: UUID, keys: list[UUID]) -> datetime:
    """The second infusion cannot be given: the patient ate."""
    at = row(keys[1]).starts_at
    mark(keys[1], Status.ARRIVED, now=at)
    mark(keys[1], Status.CLINIC_HOLD, now=at, reason="ate")
    return at


def close_day(site_id: UUID, keys: list[UUID]) -> datetime:
    """The day of the third infusion is closed."""
    sites.close_day(site_id, DATES[2], actor_id=factories.a_desk(), now=AFTER_FIRST, strand=True)
    return AFTER_FIRST


def retire_chair(site_id: UUID, keys: list[UUID]) -> datetime:
    """The chair of the series is retired from the third infusion on."""
    chair = db.session.scalars(select(Chair.id).where(Chair.site_id == site_id, Chair.name == "A")).one()
    sites.retire_chair(chair, DATES[2], actor_id=factories.a_desk(), now=AFTER_FIRST, strand=True)
    return AFTER_FIRST


def provider_away(site_id: UUID, keys: list[UUID]) -> datetime:
    """A provider has to be on site, and is away on the day of the third infusion."""
    with transaction() as session:
        for weekday in range(5):
            span = {"site_id": site_id, "kind": "provider", "weekday": weekday, "starts": 480, "ends": 1020}
            if weekday == DATES[2].weekday():
                session.add(Shift(**span, last_on=DATES[2] - timedelta(days=1)))
                span |= {"first_on": DATES[2] + timedelta(days=1)}
            session.add(Shift(**span))
    return AFTER_FIRST


CAUSES = {
    "missed": miss,
    "cancelled": cancel,
    "clinic hold": clinic_hold,
    "closed day": close_day,
    "retired chair": retire_chair,
    "provider away": provider_away,
}
