"""Closing a day, a part of one, a chair, or a provider's presence: all who lose a visit are planned together first.

The same steps serve "Monday's new orders". A batch is proposed (nothing is closed or booked), then closed, then placed
patient by patient, each in a transaction of its own; a press that comes twice, or a crash between two patients, is
harmless, because the key of a patient's case is the key of the press.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from intake.domain import clinic_time
from intake.domain.closings import Closing, check, from_json, needs_manager, to_json
from intake.domain.errors import DomainError
from intake.domain.roles import Permission
from intake.domain.scheduling.batch_values import BatchPlan
from intake.extensions import current_session, transaction
from intake.models.replanning import Batch, BatchCase
from intake.queries import closings as reads
from intake.queries import orders, sites
from intake.queries import series as series_queries
from intake.services import audit, batches, closing_rows, joint_cases, permissions, placing
from intake.services.joint_cases import Entry
from intake.services.retries import retried

logger = logging.getLogger("intake.closings")
EVERY_WEEKDAY = frozenset(range(7))
ORDERS = "orders"
CLOSED_AT, UNDO = "closed_at", "undo"
WAITING, PLACED, BY_HAND = "waiting", "placed", "by-hand"
SecondsLeft = Callable[[], float]


def propose_closing(
    site_id: UUID,
    closing: Closing,
    *,
    request_key: UUID,
    actor_id: UUID,
    now: datetime,
    seconds_left: SecondsLeft,
) -> UUID:
    """Plan everybody together whom a closing would strand; returns the batch. Nothing is closed or moved yet.

    The same press again answers with the first. Raises `DomainError` for a closing that cannot be or is not the
    desk's to decide, `NotAllowed` for who may not close.
    """
    site = sites.site(site_id)
    today = clinic_time.local_day(now, site.timezone)
    check(closing, today)
    known = _made_with(request_key)
    if known is not None:
        return known
    lost = reads.stranded_by(site, closing, now=now)
    entries, case_list = joint_cases.of_lost(site, reads.closed_site(site, closing, today), lost, now=now)
    current_session().rollback()
    plan = batches.plan_together(joint_cases.joint(case_list), seconds_left=seconds_left)
    joint_cases.fill(entries, case_list, plan)
    return _keep(site_id, closing.kind.value, {"closing": to_json(closing)}, entries, plan, request_key, actor_id, now)


def propose_orders(
    site_id: UUID,
    order_ids: Sequence[UUID],
    *,
    request_key: UUID,
    actor_id: UUID,
    now: datetime,
    seconds_left: SecondsLeft,
) -> UUID:
    """Plan several orders together whose wishes are known; returns the batch. Nothing is booked yet.

    Orders that nothing may be booked on are left out. Raises `DomainError` when none is left.
    """
    known = _made_with(request_key)
    if known is not None:
        return known
    site = sites.site(site_id)
    today = clinic_time.local_day(now, site.timezone)
    rows = [order for order in map(orders.order, order_ids) if _is_open(order, site_id, today)]
    if not rows:
        raise DomainError("None of these orders can be booked: enter first when the patients can come.")
    entries, case_list = joint_cases.of_orders(site, rows, now=now)
    current_session().rollback()
    plan = batches.plan_together(joint_cases.joint(case_list), seconds_left=seconds_left)
    joint_cases.fill(entries, case_list, plan)
    return _keep(site_id, ORDERS, {}, entries, plan, request_key, actor_id, now)


def is_closed(row: Batch) -> bool:
    """Whether what a batch is about has happened: then its patients may be placed."""
    return row.kind == ORDERS or CLOSED_AT in row.detail


@retried
def close(batch_id: UUID, *, actor_id: UUID, now: datetime) -> None:
    """Close what a batch was proposed for. Waits for bookings under way; whoever was booked since is added to it.

    Twice is harmless. Raises `DomainError` where a manager has to decide, `NotAllowed` for who may not close.
    """
    with transaction() as session:
        row = session.scalars(select(Batch).where(Batch.id == batch_id).with_for_update()).one()
        if is_closed(row):
            return
        closing = from_json(row.detail["closing"])
        site = sites.site(row.site_id)
        today = clinic_time.local_day(now, site.timezone)
        _check_may(session, closing, today, actor_id)
        placing.lock_shifts(session, site.id, EVERY_WEEKDAY, for_cut=True)
        session.expire_all()
        lost = reads.stranded_by(sites.site(row.site_id), closing, now=now)
        known = {key for case in reads.cases_of(row.id) for key in case.appointment_ids}
        entries = joint_cases.late(sites.site(row.site_id), [o for o in lost if str(o.appointment.id) not in known])
        undo = closing_rows.apply(session, site, closing)
        session.add_all(entry.to_row(row.id) for entry in entries)
        row.detail = {**row.detail, CLOSED_AT: now.isoformat(), UNDO: undo}
        detail = {**row.detail["closing"], "stranded": [str(one.appointment.id) for one in lost]}
        subject = ("batch", row.id)
        audit.add(
            session, actor_id=actor_id, action="closing.close", subject=subject, now=now, site_id=site.id, detail=detail
        )
    logger.info("closed", extra={"batch_id": batch_id, "stranded": len(lost)})


def may_reopen(row: Batch, cases: Sequence[BatchCase]) -> bool:
    """Whether a closing can be taken back: it says what it changed, and nobody was moved for it."""
    return CLOSED_AT in row.detail and UNDO in row.detail and all(case.outcome != PLACED for case in cases)


@retried
def reopen(batch_id: UUID, *, actor_id: UUID, now: datetime) -> None:
    """Take a closing back as if it had only been proposed. Twice is harmless.

    Raises `DomainError` once somebody was moved, where what was closed has been changed since, or where a manager has
    to decide; `NotAllowed` for who may not close.
    """
    with transaction() as session:
        row = session.scalars(select(Batch).where(Batch.id == batch_id).with_for_update()).one()
        if CLOSED_AT not in row.detail:
            return
        closing, site = from_json(row.detail["closing"]), sites.site(row.site_id)
        _check_may(session, closing, clinic_time.local_day(now, site.timezone), actor_id)
        if not may_reopen(row, reads.cases_of(row.id)):
            raise DomainError("Somebody was moved for it: it cannot be taken back.")
        placing.lock_shifts(session, site.id, EVERY_WEEKDAY, for_cut=True)
        session.expire_all()
        closing_rows.take_back(session, closing, row.detail[UNDO])
        row.detail = {key: value for key, value in row.detail.items() if key not in (CLOSED_AT, UNDO)}
        subject = ("batch", row.id)
        audit.add(session, actor_id=actor_id, action="closing.reopen", subject=subject, now=now, site_id=site.id)
    logger.info("reopened", extra={"batch_id": batch_id})


@retried
def mark_told(case_id: UUID, *, actor_id: UUID, now: datetime) -> None:
    """Note that somebody called the patient. Twice is harmless: who called first stands."""
    with transaction() as session:
        case = session.scalars(select(BatchCase).where(BatchCase.id == case_id).with_for_update()).one()
        if case.told_at is None:
            case.told_by, case.told_at = actor_id, now
            subject = ("batch_case", case.id)
            audit.add(
                session, actor_id=actor_id, action="closing.told", subject=subject, now=now, patient_id=case.patient_id
            )


def _check_may(session: Session, closing: Closing, today: Any, actor_id: UUID) -> None:
    account = permissions.check(session, actor_id, Permission.CLOSE)
    if needs_manager(closing, today) and not account.may(Permission.MANAGE_CLINIC):
        raise DomainError("A closing far ahead, or for two weeks and longer, is the practice manager's to decide.")


def _is_open(order: Any, site_id: UUID, today: Any) -> bool:
    row = series_queries.series_of_order(order.id)
    if row is None or row.status.value != "proposed" or row.site_id != site_id or not row.wishes:
        return False
    return not series_queries.obstacles(order, [], today=today)


def _made_with(request_key: UUID) -> UUID | None:
    return current_session().scalar(select(Batch.id).where(Batch.request_key == request_key))


@retried
def _keep(
    site_id: UUID,
    kind: str,
    detail: dict[str, Any],
    entries: Sequence[Entry],
    plan: BatchPlan,
    request_key: UUID,
    actor_id: UUID,
    now: datetime,
) -> UUID:
    """The proposal as rows, so that what is applied is what was shown."""
    with transaction() as session:
        permissions.check(session, actor_id, Permission.BOOK if kind == ORDERS else Permission.CLOSE)
        known = session.scalar(select(Batch.id).where(Batch.request_key == request_key))
        if known is not None:
            return known
        figures = {"cost": plan.cost, "bound": plan.bound}
        row = Batch(
            id=uuid7(),
            site_id=site_id,
            kind=kind,
            detail={**detail, **figures},
            request_key=request_key,
            made_by=actor_id,
            made_at=now,
        )
        session.add(row)
        session.flush()
        session.add_all(entry.to_row(row.id) for entry in entries)
        subject = ("batch", row.id)
        audit.add(session, actor_id=actor_id, action="batch.propose", subject=subject, now=now, site_id=site_id)
        return row.id
