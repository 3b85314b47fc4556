"""Placing the patients of a batch one after the other: each in a transaction of its own, each outcome kept."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select

from intake.domain.errors import DomainError
from intake.domain.scheduling.planning import Infeasible, Plan
from intake.domain.scheduling.values import Slot
from intake.domain.statuses import Status
from intake.extensions import current_session, transaction
from intake.models.replanning import BatchCase
from intake.queries import closings as reads
from intake.queries import schedules, sites
from intake.services import appointments, closings, replanning, series
from intake.services.appointment_steps import Seen
from intake.services.claims import Taken
from intake.services.closings import BY_HAND, ORDERS, PLACED, WAITING, SecondsLeft
from intake.services.errors import Busy
from intake.services.joint_cases import planning_words
from intake.services.placing import NoLongerHolds
from intake.services.replanning import Proposal
from intake.services.retries import retried

logger = logging.getLogger("intake.closings")
REASON = "clinic"
NOT_SHOWN = "The shown time is gone. This is the next best one: look at it, then go on."
NOT_NEEDED = "Was changed meanwhile: nothing is left to move."


@dataclass(frozen=True, slots=True)
class _Task:
    """A case as plain values: rows do not outlive the transactions between them."""

    id: UUID
    kind: str
    patient_id: UUID
    order_id: UUID | None
    series_id: UUID | None
    lost: tuple[UUID, ...]
    slots: tuple[Slot, ...]
    token: str


@dataclass(frozen=True, slots=True)
class _Result:
    """What came of a case: its outcome, a sentence, another plan to look at."""

    outcome: str
    words: str = ""
    slots: tuple[Slot, ...] = ()
    token: str = ""


def place(batch_id: UUID, *, actor_id: UUID, now: datetime, seconds_left: SecondsLeft) -> int:
    """Book what a batch has planned, patient by patient, until it is through or the time is up; returns how many.

    Who wants a place that another patient of the batch still has comes again at the end. Whose shown time is gone is
    given the next best plan, which is looked at before it is booked. Nobody is left without an outcome: what cannot
    be placed stays booked as it is and says what to do. Raises `DomainError` before the closing has happened.
    """
    if not closings.is_closed(reads.batch(batch_id)):
        raise DomainError("Close it first.")
    tasks, count = _tasks(batch_id), 0
    again: list[_Task] = []
    for task in tasks:
        if seconds_left() <= 0:
            return count
        result = _one(task, actor_id, now, is_last=False)
        if result is None:
            again.append(task)
            continue
        _keep(task.id, result, now)
        count += result.outcome == PLACED
    for task in again:
        if seconds_left() <= 0:
            return count
        result = _one(task, actor_id, now, is_last=True)
        if result is not None:
            _keep(task.id, result, now)
            count += result.outcome == PLACED
    return count


def _tasks(batch_id: UUID) -> list[_Task]:
    kind = reads.batch(batch_id).kind
    found = [
        _Task(
            case.id,
            kind,
            case.patient_id,
            case.order_id,
            case.series_id,
            tuple(UUID(key) for key in case.appointment_ids),
            tuple(Slot(date.fromisoformat(day), int(start), chair) for day, start, chair in case.plan),
            case.token,
        )
        for case in reads.cases_of(batch_id)
        if case.outcome == WAITING
    ]
    current_session().rollback()
    return found


def _one(task: _Task, actor_id: UUID, now: datetime, *, is_last: bool) -> _Result | None:
    """Place one patient; None when another patient of the batch may have to go first."""
    work = _by_kind(task)
    try:
        if task.slots:
            work(task, actor_id, now)
            return _Result(PLACED)
    except Busy:
        return (
            None
            if not is_last
            else _Result(WAITING, "The calendar was busy: go on to try again.", task.slots, task.token)
        )
    except (Taken, NoLongerHolds) as error:
        return _fresh(task, error.offer, now) if is_last else None
    except DomainError as error:
        return _Result(BY_HAND, error.message)
    return _fresh(task, None, now)


def _by_kind(task: _Task) -> Callable[[_Task, UUID, datetime], object]:
    if task.kind == ORDERS:
        return _book
    return _replan if task.series_id is not None else _move


def _book(task: _Task, actor_id: UUID, now: datetime) -> object:
    assert task.order_id is not None
    return series.book(task.order_id, task.slots, request_key=task.id, actor_id=actor_id, now=now)


def _replan(task: _Task, actor_id: UUID, now: datetime) -> object:
    assert task.order_id is not None
    return replanning.apply(
        task.order_id,
        task.slots,
        token=task.token,
        request_key=task.id,
        actor_id=actor_id,
        now=now,
        must_move=task.lost,
    )


def _move(task: _Task, actor_id: UUID, now: datetime) -> None:
    (key,), (slot,) = task.lost, task.slots
    version, _, status = task.token.partition(".")
    row = reads.appointments_of([key])[key]
    stands = schedules.slot_of(row, sites.site(row.site_id))
    is_moved = row.version > int(version)
    current_session().rollback()
    if is_moved and stands == slot:
        return  # this very case was placed before, and only its mark was lost
    seen = Seen(int(version), Status(status))
    appointments.move(key, slot, seen=seen, reason=REASON, actor_id=actor_id, now=now)


def _fresh(task: _Task, offer: object, now: datetime) -> _Result:
    """Another plan to look at, or why there is none."""
    if task.kind == ORDERS and task.order_id is not None:
        found = offer if isinstance(offer, Plan | Infeasible) else series.propose(task.order_id, now=now)
        return _Result(WAITING, NOT_SHOWN, found.slots) if isinstance(found, Plan) else _none(found)
    if task.series_id is not None and task.order_id is not None:
        known = offer if isinstance(offer, Proposal) else None
        known = known or replanning.propose(task.order_id, now=now, must_move=task.lost)
        if isinstance(known.found, Plan):
            if not known.found.breakdown.get("moved") and known.rest.missing == 0:
                return _Result(PLACED, NOT_NEEDED)
            return _Result(WAITING, NOT_SHOWN, known.rest_slots(known.found), known.rest.token)
        return _none(known.found)
    return _Result(BY_HAND, "The shown time is gone. Find another time for this visit.")


def _none(found: Infeasible | None) -> _Result:
    return _Result(BY_HAND, planning_words(found) if found else NOT_NEEDED)


@retried
def _keep(case_id: UUID, result: _Result, now: datetime) -> None:
    with transaction() as session:
        case = session.scalars(select(BatchCase).where(BatchCase.id == case_id).with_for_update()).one()
        if case.outcome == PLACED:
            return  # another desk placed this patient meanwhile: what this one met does not count
        case.outcome, case.words = result.outcome, result.words[:400]
        if result.outcome == PLACED:
            case.placed_at = now
        elif result.slots:
            case.plan = slots_json(result.slots)
            case.token = result.token


def slots_json(slots: Sequence[Slot]) -> list[list[object]]:
    """Times as a batch keeps them."""
    return [[slot.day.isoformat(), slot.start, slot.chair] for slot in slots]
