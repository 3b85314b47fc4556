"""What tests of booking share: people with orders, plans by hand, and what must be true after any race."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID

from sqlalchemy import select
from uuid_utils.compat import uuid7

from intake.domain.clinic_time import minutes_of_day
from intake.domain.scheduling.values import Slot
from intake.domain.statuses import LIVE, Status
from intake.extensions import db, transaction
from intake.models.appointments import Appointment, SlotClaim
from intake.models.orders import Order
from intake.models.people import Patient
from intake.models.sites import Chair, SessionKind, Site
from intake.services import attendance, series
from intake.services.appointment_steps import Seen
from tests import factories
from tests.factories import NOW

ALL_WEEK: dict[str, Any] = {"available": {day: [["08:00", "17:00"]] for day in ("mon", "tue", "wed", "thu", "fri")}}
DATES = (
    date(2026, 12, 7),
    date(2026, 12, 10),
    date(2026, 12, 14),
    date(2026, 12, 17),
    date(2026, 12, 21),
    date(2026, 12, 24),
)
"""Mondays and Thursdays: legal dates for the factory's protocol."""
NINE = 9 * 60


def plan(chair: str = "A", start: int = NINE, dates: tuple[date, ...] = DATES) -> list[Slot]:
    """Six infusions at one hour on one chair."""
    return [Slot(day, start, chair) for day in dates]


def an_order_to_book(site_id: UUID, *, wishes: dict[str, Any] | None = None, **values: Any) -> UUID:
    """A new patient with a signed order and wishes, ready to be booked."""
    patient_id = factories.a_patient(site_id, with_account=False)
    order_id = factories.an_order(patient_id, factories.a_provider(), **values)
    with_wishes(order_id, site_id, wishes)
    return order_id


def with_wishes(order_id: UUID, site_id: UUID, wishes: dict[str, Any] | None = None) -> None:
    """Enter when the patient can come."""
    known = ALL_WEEK if wishes is None else wishes
    series.keep_wishes(order_id, known, site_id=site_id, request_key=uuid7(), actor_id=factories.a_desk(), now=NOW)


MONTHLY: dict[str, Any] = {
    "steps": [{"every_days": 28, "times": None, "tolerance_days": 7}],
    "source": "test",
    "max_boosters": 6,
}


def a_finished_series(site_id: UUID, *, chair: str = "A") -> UUID:
    """An order whose six infusions are done, with boosters to follow every 28 days, a week more or less."""
    order_id, desk = an_order_to_book(site_id, expires_on=date(2027, 3, 1)), factories.a_desk()
    with transaction() as session:
        session.get_one(Order, order_id).booster_regime = MONTHLY
    series.book(order_id, plan(chair), request_key=uuid7(), actor_id=desk, now=NOW)
    rows = select(Appointment.id, Appointment.starts_at).where(Appointment.order_id == order_id)
    for key, starts_at in list(db.session.execute(rows.order_by(Appointment.number))):
        finish(key, desk, starts_at)
    return order_id


def finish(appointment_id: UUID, desk: UUID, at: datetime) -> None:
    """Arrived, checked in, done."""
    steps = (Status.BOOKED, Status.ARRIVED, Status.CHECKED_IN, Status.FULFILLED)
    for before, after in pairwise(steps):
        attendance.mark(appointment_id, after, seen=Seen(1, before), actor_id=desk, now=at)


def the_kind(code: str, *, chair: bool = True, provider: bool = False, minutes: int = 60) -> None:
    """A kind of session that can be booked on its own."""
    with transaction() as session:
        profile = [[minutes, 1]] if chair else []
        row = SessionKind(
            code=code, name=code, minutes=minutes, turnover_minutes=15 if chair else 0, watch_profile=profile
        )
        row.needs_chair, row.needs_provider = chair, provider
        session.add(row)


def is_answer_of(answers: list[Any], kind: type) -> list[Any]:
    """The answers of that kind."""
    return [answer for answer in answers if isinstance(answer, kind)]


def check_tables() -> None:
    """Nothing is double booked, and each live appointment has exactly its claims.

    Reckoned from the rows minute by minute, in plain loops, without any of the code under test.
    """
    db.session.rollback()
    rows = list(db.session.scalars(select(Appointment).where(Appointment.status.in_(LIVE))))
    expected: Counter[tuple[UUID, str, datetime]] = Counter()
    units: dict[tuple[UUID, str, datetime], int] = defaultdict(int)
    for row in rows:
        for key, count in _needs(row):
            if key[1] in ("watch", "start"):
                units[key] += count
            else:
                expected[key] += count
    assert not [key for key, count in expected.items() if count > 1], "one resource is in two appointments at once"
    found = list(db.session.scalars(select(SlotClaim).where(SlotClaim.appointment_id.is_not(None))))
    owners = {row.id for row in rows}
    assert not [claim for claim in found if claim.appointment_id not in owners], (
        "claims of an appointment that is not live"
    )
    lone = {(c.site_id, c.resource, c.slot_at) for c in found if not c.resource.startswith(("watch", "start"))}
    assert lone == set(expected)
    held: Counter[tuple[UUID, str, datetime]] = Counter()
    for claim in found:
        kind = claim.resource.partition(":")[0]
        if kind in ("watch", "start"):
            held[claim.site_id, kind, claim.slot_at] += 1
    assert dict(held) == {key: count for key, count in units.items() if count}
    db.session.rollback()


def _needs(row: Appointment) -> list[tuple[tuple[UUID, str, datetime], int]]:
    home = db.session.get_one(Patient, row.patient_id).home_site_id
    minutes = int((row.ends_at - row.starts_at).total_seconds() // 60)
    found: list[tuple[tuple[UUID, str, datetime], int]] = []
    for minute in range(0, minutes, 15):
        at = row.starts_at + timedelta(minutes=minute)
        found.append(((home, f"patient:{row.patient_id}", at), 1))
        watched = max(_units_at(row.watch_profile, inside) for inside in range(minute, min(minute + 15, minutes)))
        found.append(((row.site_id, "watch", at), watched))
    if row.provider_id is not None:
        first = db.session.scalars(select(Site.id).order_by(Site.id).limit(1)).one()
        during = [row.starts_at + timedelta(minutes=minute) for minute in range(0, minutes, 15)]
        found += [((first, f"provider:{row.provider_id}", at), 1) for at in during]
    if row.chair_id is not None:
        number = db.session.get_one(Chair, row.chair_id).number
        taken = [row.starts_at + timedelta(minutes=minute) for minute in range(0, minutes + row.turnover_minutes, 15)]
        found += [((row.site_id, f"chair:{number}", at), 1) for at in taken]
        found.append(((row.site_id, "start", row.starts_at), 1))
    return found


def _units_at(profile: list[list[int]], minute: int) -> int:
    passed = 0
    for steps, units in profile:
        passed += steps
        if minute < passed:
            return units
    return profile[-1][1] if profile else 0


def start_of(row: Appointment) -> int:
    """Minutes after midnight at the site."""
    return minutes_of_day(row.starts_at, db.session.get_one(Site, row.site_id).timezone)


def utc(day: date, hour: int, minute: int = 0) -> datetime:
    """An instant by UTC clock."""
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=UTC)
