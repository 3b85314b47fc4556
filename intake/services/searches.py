"""Looking longer for a better plan of a batch: the worker does it, shows how far it is, and can be stopped."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, or_, select, update
from sqlalchemy.orm import Session

from intake.domain import clinic_time
from intake.domain.closings import from_json
from intake.domain.errors import DomainError
from intake.domain.roles import Permission
from intake.domain.scheduling.batch_values import BatchPlan
from intake.domain.scheduling.values import Case
from intake.extensions import current_session, transaction
from intake.models.replanning import Batch, BatchCase
from intake.queries import closings as reads
from intake.queries import orders, sites
from intake.services import audit, batches, joint_cases, permissions
from intake.services.closings import ORDERS, PLACED, is_closed
from intake.services.joint_cases import Entry
from intake.services.retries import retried

SECONDS = 60
LEASE = timedelta(seconds=30)
HEARD_EVERY = 2.0
"""Seconds after which a search writes down how far it is, and asks whether it was stopped."""
Clock = Callable[[], datetime]
TOO_LATE = "Patients of this plan are booked already: it stays as it is."


@retried
def begin(batch_id: UUID, *, actor_id: UUID, now: datetime) -> None:
    """Ask for a better plan within a minute. Twice is harmless. Raises `DomainError` once somebody is booked by it."""
    with transaction() as session:
        permissions.check(session, actor_id, Permission.BOOK)
        row = _locked(session, batch_id)
        _refuse_begun(session, row)
        if row.search_until is None or row.search_until <= now:
            row.search_until, row.search_percent, row.search_owner = now + timedelta(seconds=SECONDS), 0, None
            row.search_leased_until = None
            subject = ("batch", row.id)
            audit.add(session, actor_id=actor_id, action="batch.search", subject=subject, now=now, site_id=row.site_id)


@retried
def stop(batch_id: UUID, *, actor_id: UUID) -> None:
    """Take the best plan that was found so far. Twice is harmless."""
    with transaction() as session:
        permissions.check(session, actor_id, Permission.BOOK)
        row = _locked(session, batch_id)
        if row.search_until is not None:
            row.search_until = row.made_at  # over; the worker keeps what it has and ends the search
            if row.search_owner is None:
                row.search_until = None  # nobody has begun


def work(owner: str, clock: Clock, *, ticks: Callable[[], float] = time.monotonic) -> bool:
    """Take a batch that waits for a search and finish it; whether there was one. Any number of workers may call it."""
    batch_id = _take(owner, clock())
    if batch_id is None:
        return False
    session = current_session()
    row = reads.batch(batch_id)
    seconds = max((row.search_until - clock()).total_seconds(), 0.0) if row.search_until else 0.0
    entries, case_list = _problem(row, clock())
    session.rollback()
    search = _Search(batch_id, owner, clock, ticks, seconds)
    plan = batches.plan_together(
        joint_cases.joint(case_list), seconds_left=search.seconds_left, is_cancelled=search.is_stopped
    )
    joint_cases.fill(entries, case_list, plan)
    _finish(batch_id, owner, entries, plan)
    return True


class _Search:
    """One search under way: how long it may go on, and whether somebody stopped it."""

    def __init__(self, batch_id: UUID, owner: str, clock: Clock, ticks: Callable[[], float], seconds: float) -> None:
        self._batch_id, self._owner, self._clock, self._ticks = batch_id, owner, clock, ticks
        self._seconds, self._began = max(seconds, 0.001), ticks()
        self._heard, self._is_stopped = self._began, seconds <= 0

    def seconds_left(self) -> float:
        return self._seconds - (self._ticks() - self._began)

    def is_stopped(self) -> bool:
        if not self._is_stopped and self._ticks() - self._heard >= HEARD_EVERY:
            self._heard = self._ticks()
            percent = min(int(100 * (self._heard - self._began) / self._seconds), 99)
            self._is_stopped = not _hear(self._batch_id, self._owner, percent, self._clock())
        return self._is_stopped


@retried
def _take(owner: str, now: datetime) -> UUID | None:
    free = or_(Batch.search_leased_until.is_(None), Batch.search_leased_until <= now)
    waiting = select(Batch.id).where(Batch.search_until.is_not(None), free)
    first = waiting.order_by(Batch.search_until).limit(1).with_for_update(skip_locked=True)
    taken = update(Batch).where(Batch.id.in_(first)).values(search_owner=owner, search_leased_until=now + LEASE)
    with transaction() as session:
        return session.scalar(taken.returning(Batch.id))


@retried
def _hear(batch_id: UUID, owner: str, percent: int, now: datetime) -> bool:
    """Write down how far it is; False once the search was stopped or is another worker's."""
    mine = (Batch.id == batch_id, Batch.search_owner == owner, Batch.search_until > now)
    kept = update(Batch).where(*mine).values(search_percent=percent, search_leased_until=now + LEASE)
    with transaction() as session:
        return session.scalar(kept.returning(Batch.id)) is not None


@retried
def _finish(batch_id: UUID, owner: str, entries: Sequence[Entry], plan: BatchPlan) -> None:
    """Show the plan that was found where it is better; nothing changes once somebody was booked by the old one."""
    with transaction() as session:
        row = _locked(session, batch_id)
        if row.search_owner != owner:
            return
        row.search_until = row.search_owner = row.search_leased_until = None
        bound = max(plan.bound, int(row.detail.get("bound", 0)))
        is_better = plan.cost < int(row.detail.get("cost", 0))
        if _is_begun(session, row):
            return
        if is_better:
            session.execute(delete(BatchCase).where(BatchCase.batch_id == row.id))
            session.add_all(entry.to_row(row.id) for entry in entries)
        cost = plan.cost if is_better else int(row.detail.get("cost", 0))
        row.detail = {**row.detail, "cost": cost, "bound": min(bound, cost)}


def _problem(row: Batch, now: datetime) -> tuple[list[Entry], dict[str, Case]]:
    """The patients of a batch and their cases, as they are now."""
    site = sites.site(row.site_id)
    if row.kind == ORDERS:
        ids = [case.order_id for case in reads.cases_of(row.id) if case.order_id]
        return joint_cases.of_orders(site, [orders.order(order_id) for order_id in ids], now=now)
    closing = from_json(row.detail["closing"])
    lost = reads.stranded_by(site, closing, now=now)
    today = clinic_time.local_day(now, site.timezone)
    return joint_cases.of_lost(site, reads.closed_site(site, closing, today), lost, now=now)


def _locked(session: Session, batch_id: UUID) -> Batch:
    return session.scalars(select(Batch).where(Batch.id == batch_id).with_for_update()).one()


def _refuse_begun(session: Session, row: Batch) -> None:
    if _is_begun(session, row):
        raise DomainError(TOO_LATE)


def _is_begun(session: Session, row: Batch) -> bool:
    """Whether somebody was booked by the plan, or what it is about was closed: then it is no proposal any more."""
    placed = select(BatchCase.id).where(BatchCase.batch_id == row.id, BatchCase.outcome == PLACED).limit(1)
    return (row.kind != ORDERS and is_closed(row)) or session.scalar(placed) is not None
