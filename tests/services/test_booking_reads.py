"""What search and booking read grows with the days looked at, never with history: by query plan, on both databases."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta

import pytest
from sqlalchemy import event, insert, select, text
from uuid_utils.compat import uuid7

from intake.domain.scheduling.planning import Plan
from intake.domain.statuses import Status
from intake.extensions import db, transaction
from intake.models.appointments import Appointment, SlotClaim
from intake.models.orders import Order
from intake.models.sites import Chair
from intake.queries import offers
from intake.queries import series as series_queries
from intake.services import attendance, series
from intake.services.appointment_steps import Seen
from tests import factories
from tests.factories import NOW
from tests.services.bookings import an_order_to_book, plan, utc

PAST_DAYS = 1_000
A_DAY = 6
TABLES = ("appointment", "slot_claim")
MOST = 400
"""Rows of one table that one statement may touch; the history holds 6,000 of each."""


@pytest.fixture
def site_id():
    """A site with years of visits behind it, and claims that were not purged yet."""
    site_id, desk = factories.a_site(chairs=A_DAY, watch_units=12, starts_per_slot=6), factories.a_desk()
    people = [factories.a_patient(site_id, with_account=False) for _ in range(4)]
    chairs = list(db.session.scalars(select(Chair.id).where(Chair.site_id == site_id).order_by(Chair.number)))
    db.session.rollback()
    rows, claims = [], []
    for day in range(PAST_DAYS):
        at = utc(date(2026, 11, 30) - timedelta(days=day), 16)
        for number, chair_id in enumerate(chairs, 1):
            key = uuid7()
            rows.append(
                {
                    "id": key,
                    "site_id": site_id,
                    "patient_id": people[number % 4],
                    "kind": "infusion",
                    "chair_id": chair_id,
                    "on_date": at.date(),
                    "starts_at": at,
                    "ends_at": at + timedelta(hours=2),
                    "turnover_minutes": 15,
                    "watch_profile": [[120, 1]],
                    "status": Status.FULFILLED,
                    "booked_by": desk,
                    "booked_at": at,
                }
            )
            place = {"site_id": site_id, "resource": f"watch:{number:02d}", "slot_at": at, "appointment_id": key}
            claims.append(place)
    with transaction() as session:
        session.execute(insert(Appointment), rows)
        session.execute(insert(SlotClaim), claims)
    if db.engine.dialect.name == "postgresql":
        with transaction() as session:
            session.execute(text("ANALYZE"))
    return site_id


@contextmanager
def asked() -> Iterator[list[tuple[str, object]]]:
    """Every statement with its parameters."""
    found: list[tuple[str, object]] = []

    def note(_connection, _cursor, statement, parameters, _context, many):
        if not many:
            found.append((statement, parameters))

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield found
    finally:
        event.remove(db.engine, "before_cursor_execute", note)


def rows_touched(node) -> int:
    """The rows of our two tables that a plan of PostgreSQL went through, kept or not."""
    here = 0
    if node.get("Relation Name") in TABLES:
        one = node["Actual Rows"] + node.get("Rows Removed by Filter", 0) + node.get("Rows Removed by Index Recheck", 0)
        here = one * node["Actual Loops"]
    return here + sum(rows_touched(child) for child in node.get("Plans", ()))


def check_reads(statements) -> int:
    """No statement goes through a table of ours as a whole. Returns how many looked at one."""
    looked = 0
    for statement, parameters in statements:
        if not statement.startswith("SELECT") or not any(f"FROM {table}" in statement for table in TABLES):
            continue
        looked += 1
        with db.engine.connect() as connection:
            if connection.dialect.name == "sqlite":
                steps = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters).all()
                scans = [step[3] for step in steps if step[3].startswith("SCAN") and step[3].split()[1] in TABLES]
                assert not scans, statement
                continue
            connection.exec_driver_sql(
                "SET LOCAL enable_seqscan = off"
            )  # tests' tables are small enough to be read whole
            plain = statement.partition(" FOR ")[0]
            answer = connection.exec_driver_sql(f"EXPLAIN (ANALYZE, FORMAT JSON) {plain}", parameters).scalar_one()
            found = answer if isinstance(answer, list) else json.loads(answer)
            assert rows_touched(found[0]["Plan"]) <= MOST, statement
    return looked


def test_planning_booking_holding_and_moving_read_no_history(site_id):
    order_id, desk = an_order_to_book(site_id), factories.a_desk()
    other = an_order_to_book(site_id)
    with asked() as statements:
        found = series.propose(order_id, now=NOW)
        db.session.rollback()
        assert isinstance(found, Plan)
        hold_id = series.hold(order_id, found.slots, actor_id=desk, now=NOW)
        series.confirm(order_id, hold_id, request_key=uuid7(), actor_id=desk, now=NOW)
        series.book(other, plan("F", 13 * 60), request_key=uuid7(), actor_id=desk, now=NOW)
        known = series_queries.series_of_order(other)
        row = series_queries.infusions_of(known.id)[1]
        assert offers.times_for(row, db.session.get_one(Order, other), now=NOW)
        seen = Seen(row.version, row.status)
        key = row.id
        db.session.rollback()
        attendance.mark(key, Status.CANCELLED, seen=seen, actor_id=desk, now=NOW, reason="ill")
        attendance.undo(key, seen=Seen(seen.version + 1, Status.CANCELLED), actor_id=desk, now=NOW)
    assert check_reads(statements) >= 12
