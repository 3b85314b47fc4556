"""What booking costs at service level, on both databases, durable: series a second, one time, hold and confirm.

Each writer is a process of its own. Every series has places of its own, so that writers meet in watch units and starts
only; afterwards the tables are reckoned again minute by minute. Reads are measured in the large clinic.
"""

from __future__ import annotations

import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from uuid import UUID

from flask import Flask
from sqlalchemy import insert, select
from uuid_utils.compat import uuid7

from intake.domain.scheduling.capacity import open_times
from intake.domain.scheduling.values import Slot
from intake.extensions import Base, db, transaction
from intake.models.consultations import Consultation
from intake.models.orders import Order
from intake.models.people import Patient
from intake.models.reviews import Evaluation
from intake.models.series import Series
from intake.queries import schedules, sites
from intake.services import appointments, series
from intake.services.appointments import NewAppointment
from tests import factories
from tests.bench import big_clinic
from tests.bench.figures import milliseconds, percentile, spread, table
from tests.databases import KINDS, Databases, delete_all_rows
from tests.factories import NOW
from tests.racing import race, until_not_busy
from tests.services.bookings import an_order_to_book, check_tables, the_kind

SECONDS = float(os.environ.get("BENCH_SECONDS", "4"))  # of each number of writers
WRITERS = (1, 2, 8)
CHAIRS, STARTS = "ABCDEF", (480, 630, 780)
GAPS = ((0, 3, 7, 10, 14, 17), (1, 4, 8, 11, 15, 18))
"""Mondays and Thursdays, Tuesdays and Fridays of three weeks."""
FIRST_MONDAY = date(2026, 12, 7)
BLOCKS = 14  # of three weeks
FAR = date(2029, 1, 1)
ROWS = ((Patient, "patient_id"), (Consultation, "consultation_id"), (Evaluation, "evaluation_id"), (Order, "order_id"))


Times = tuple[list[float], float]


@dataclass(frozen=True, slots=True)
class Job:
    """One series to be booked."""

    order_id: UUID
    slots: tuple[Slot, ...]


def main() -> None:
    """Print the figures of both databases."""
    with tempfile.TemporaryDirectory() as folder:
        databases = Databases(Path(folder), durable=True)
        try:
            apps = {kind: databases.app(databases.fresh(kind)) for kind in KINDS}
            writing = [row for kind, app in apps.items() for row in _writing(kind, app)]
            head = ("booked", "database", "writers", "a second", "p50 ms", "p99 ms", "of them CPU of the writer")
            print(table(head, writing), flush=True)
            reading = [row for kind, app in apps.items() for row in _reading(kind, app)]
            print(table(("read at 200,000 appointments", "database", "ms, median (range)"), reading))
        finally:
            databases.close()


def _writing(kind: str, app: Flask) -> Iterator[tuple[object, ...]]:
    for writers in WRITERS:
        with app.app_context():
            desk, jobs = factories.a_desk(), _jobs()
        yield _row("series of six", kind, writers, _race(app, partial(_book_series, jobs, writers, desk), writers))
        _check_and_empty(app)
    with app.app_context():
        desk, (site_id, people) = factories.a_desk(), _people()
        the_kind("follow-up", minutes=120)
    yield _row("one time", kind, 1, _race(app, partial(_book_one, site_id, people, desk), 1))
    _check_and_empty(app)
    with app.app_context():
        desk, jobs = factories.a_desk(), _jobs()
    yield _row("series, held and confirmed", kind, 1, _race(app, partial(_hold_and_confirm, jobs, desk), 1))
    _check_and_empty(app)


def _race(app: Flask, racer: Callable[[int], Times], writers: int) -> list[Times]:
    with app.app_context():
        return race(app, racer, writers)


def _row(what: str, kind: str, writers: int, answers: list[Times]) -> tuple[object, ...]:
    for answer in answers:
        if isinstance(answer, Exception):
            raise answer
    taken = [one for answer, _ in answers for one in answer]
    rate = len(taken) / max(sum(answer) for answer, _ in answers) * 1000
    p50, p99, cpu = statistics.median(taken), percentile(taken, 0.99), statistics.mean(cpu for _, cpu in answers)
    return what, kind, writers, f"{rate:.0f}", f"{p50:.1f}", f"{p99:.1f}", f"{cpu:.1f}"


def _timed(works: Iterator[Callable[[], object]]) -> Times:
    """How long each piece of work took and what CPU one took, in milliseconds, until time is up; but for the first."""
    next(works)()
    taken: list[float] = []
    end, cpu = time.perf_counter() + SECONDS, time.process_time()
    for work in works:
        began = time.perf_counter()
        if began > end:
            break
        until_not_busy(work)
        taken.append((time.perf_counter() - began) * 1000)
    return taken, (time.process_time() - cpu) / max(len(taken), 1) * 1000


def _book_series(jobs: list[Job], writers: int, desk: UUID, number: int) -> Times:
    mine = jobs[number::writers]
    return _timed(
        partial(series.book, job.order_id, job.slots, request_key=uuid7(), actor_id=desk, now=NOW) for job in mine
    )


def _hold_and_confirm(jobs: list[Job], desk: UUID, _number: int) -> Times:
    def work(job: Job) -> None:
        hold_id = series.hold(job.order_id, job.slots, actor_id=desk, now=NOW)
        series.confirm(job.order_id, hold_id, request_key=uuid7(), actor_id=desk, now=NOW)

    return _timed(partial(work, job) for job in jobs)


def _book_one(site_id: UUID, people: list[UUID], desk: UUID, _number: int) -> Times:
    slots = (slot for job_slots in _places() for slot in job_slots)
    wanted = (NewAppointment(one, site_id, "follow-up", slot) for one, slot in zip(people, slots, strict=False))
    return _timed(partial(appointments.book, one, request_key=uuid7(), actor_id=desk, now=NOW) for one in wanted)


def _places() -> Iterator[tuple[Slot, ...]]:
    """Places of series that never share a chair at a time; those that follow each other lie far apart."""
    for chair in CHAIRS:
        for start in STARTS:
            for gaps in GAPS:
                for block in range(BLOCKS):
                    monday = FIRST_MONDAY + timedelta(weeks=3 * block)
                    yield tuple(Slot(monday + timedelta(days=days), start, chair) for days in gaps)


def _jobs() -> list[Job]:
    """Orders of as many patients, each with wishes that fit its places: the rows of one order, over and over."""
    site_id = factories.a_site(chairs=len(CHAIRS), watch_units=12, starts_per_slot=6)
    first = _known(an_order_to_book(site_id, expires_on=FAR))
    jobs: list[Job] = []
    rows: dict[type[Base], list[dict[str, object]]] = {model: [] for model, _ in ROWS} | {Series: []}
    for slots in _places():
        keys: dict[str, object] = {name: uuid7() for _, name in ROWS}
        for model, name in ROWS:
            row = first[model] | {column: key for column, key in keys.items() if column in first[model]}
            rows[model].append(row | {"id": keys[name]} | ({"request_key": uuid7()} if "request_key" in row else {}))
        day = slots[0].day.isoformat()
        wishes = first[Series]["wishes"] | {"earliest": day, "latest_start": day}  # type: ignore[operator]
        made = {"id": uuid7(), "request_key": uuid7(), "wishes": wishes}
        rows[Series].append(first[Series] | {"order_id": keys["order_id"], "patient_id": keys["patient_id"]} | made)
        jobs.append(Job(keys["order_id"], slots))  # type: ignore[arg-type]
    with transaction() as session:
        for model, _ in (*ROWS, (Series, "")):
            session.execute(insert(model), rows[model])
    return jobs


def _known(order_id: UUID) -> dict[type[Base], dict[str, object]]:
    """The rows behind an order, column by column."""
    order = db.session.get_one(Order, order_id)
    keys: dict[type[Base], UUID] = {Patient: order.patient_id, Consultation: order.consultation_id}
    keys |= {Evaluation: order.evaluation_id, Order: order_id}
    keys[Series] = db.session.scalars(select(Series.id).where(Series.order_id == order_id)).one()
    found: dict[type[Base], dict[str, object]] = {}
    for model, key in keys.items():
        row = db.session.get_one(model, key)
        found[model] = {attribute.key: getattr(row, attribute.key) for attribute in model.__mapper__.column_attrs}
    db.session.rollback()
    return found


def _people() -> tuple[UUID, list[UUID]]:
    jobs = _jobs()
    rows = select(Order.id, Order.patient_id)
    patients = dict(db.session.execute(rows).tuples().all())
    site_id = db.session.scalars(select(Series.site_id).limit(1)).one()
    db.session.rollback()
    return site_id, [patients[job.order_id] for job in jobs]


def _check_and_empty(app: Flask) -> None:
    with app.app_context():
        check_tables()
    delete_all_rows(app)


def _reading(kind: str, app: Flask) -> Iterator[tuple[object, ...]]:
    with app.app_context():
        clinic = big_clinic.build(NOW)
        for days in (1, 30):
            work = partial(_open_times, clinic.rooms[1].id, clinic.board_day, days)
            yield f"open times of {days} day{'s' if days > 1 else ''}, six chairs", kind, spread(milliseconds(work))


def _open_times(site_id: UUID, first: date, days: int) -> None:
    db.session.rollback()
    site = sites.site(site_id)
    session = schedules.session_of(sites.session_kind("booster"))
    wanted = [first + timedelta(days=ahead) for ahead in range(days)]
    open_times(schedules.calendar_of(site, wanted[0], wanted[-1], now=NOW), session, wanted)
