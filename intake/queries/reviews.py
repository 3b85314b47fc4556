"""The review queue: what waits for a provider, why, and since when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Integer, Select, and_, bindparam, case, exists, func, or_, select

from intake.domain.statuses import ConsultationStatus
from intake.extensions import current_session
from intake.models.consultations import Consultation, ConsultationEvent, ReturnedItem
from intake.models.orders import Order
from intake.models.people import Account, Patient
from intake.models.reviews import Decision, Evaluation
from intake.models.scores import Alert
from intake.models.sites import Site
from intake.queries import alerts

PAGE = 50


class QueueFilter(StrEnum):
    """Which part of the queue is shown."""

    OPEN = "open"
    UNCLAIMED = "unclaimed"
    MINE = "mine"
    CONTACT = "contact"
    ORDER = "order"
    RETURNED = "returned"


@dataclass(frozen=True, slots=True)
class QueueRow:
    """One consultation that waits, with what tells why."""

    consultation: Consultation
    patient: Patient
    site_name: str
    claimed_name: str | None
    is_evaluated: bool
    has_waiting_decision: bool
    open_questions: int
    answered_questions: int
    alert_rank: int | None


@dataclass(frozen=True, slots=True)
class Queue:
    """One page of the queue, with how many wait under each filter."""

    rows: list[QueueRow]
    counts: dict[QueueFilter, int]
    page: int
    pages: int


def queue(which: QueueFilter, *, actor_id: UUID, page: int = 1) -> Queue:
    """A page of what waits, alerts first, then the longest waiting. Two queries, however long it is."""
    counts = _counts(actor_id)
    pages = max(1, -(-counts[which] // PAGE))
    page = min(max(1, page), pages)
    found = current_session().execute(_listing(which), {"actor_id": actor_id, "start": (page - 1) * PAGE})
    return Queue([QueueRow(*row) for row in found], counts, page, pages)


def consultation(consultation_id: UUID) -> Consultation:
    """One consultation; raises `NoResultFound`."""
    return current_session().scalars(select(Consultation).where(Consultation.id == consultation_id)).one()


def decisions_of(consultation_id: UUID) -> Sequence[Decision]:
    """Every decision, withdrawn ones too, the newest first."""
    rows = select(Decision).where(Decision.consultation_id == consultation_id)
    return current_session().scalars(rows.order_by(Decision.decided_at.desc(), Decision.id.desc())).all()


def returned_items_of(consultation_id: UUID) -> Sequence[ReturnedItem]:
    """Every question that was asked back, in order of time."""
    rows = select(ReturnedItem).where(ReturnedItem.consultation_id == consultation_id)
    return current_session().scalars(rows.order_by(ReturnedItem.asked_at, ReturnedItem.id)).all()


def events_of(consultation_id: UUID) -> Sequence[ConsultationEvent]:
    """Every change of status, in order of time."""
    rows = select(ConsultationEvent).where(ConsultationEvent.consultation_id == consultation_id)
    return current_session().scalars(rows.order_by(ConsultationEvent.at, ConsultationEvent.id)).all()


@cache
def _listing(
    which: QueueFilter,
) -> Select[Consultation, Patient, str, str | None, bool, bool, int, int, int | None]:
    """A page of one filter, from row `start` on, for `actor_id`: put together once, since that takes milliseconds."""
    return _rows().where(_condition(which)).order_by(*_order()).limit(PAGE).offset(bindparam("start", type_=Integer))


@cache
def _tally() -> Select[Any]:
    """How many each filter finds, for `actor_id`, in the order of the filters."""
    sums = [func.coalesce(func.sum(case((_condition(one), 1), else_=0)), 0) for one in QueueFilter]
    shown = (
        ConsultationStatus.SUBMITTED,
        ConsultationStatus.IN_REVIEW,
        ConsultationStatus.RETURNED,
        ConsultationStatus.ACCEPTED,
    )
    return select(*sums).where(Consultation.status.in_(shown))


def _rows() -> Select[Consultation, Patient, str, str | None, bool, bool, int, int, int | None]:
    mine = ReturnedItem.consultation_id == Consultation.id
    asked = select(func.count()).select_from(ReturnedItem).where(mine)
    return (
        select(
            Consultation,
            Patient,
            Site.name,
            Account.name,
            exists().where(Evaluation.consultation_id == Consultation.id),
            _waits_for_contact(),
            asked.where(ReturnedItem.answered_at.is_(None)).scalar_subquery(),
            asked.where(ReturnedItem.answered_at.is_not(None)).scalar_subquery(),
            _alert_rank(),
        )
        .join(Patient, Patient.id == Consultation.patient_id)
        .join(Site, Site.id == Consultation.site_id)
        .outerjoin(Account, Account.id == Consultation.claimed_by)
    )


def _order() -> tuple[ColumnElement[object], ...]:
    return func.coalesce(_alert_rank(), len(alerts.RANK)), Consultation.submitted_at, Consultation.id  # type: ignore[return-value]


def _alert_rank() -> ColumnElement[int | None]:
    mine = (Alert.patient_id == Consultation.patient_id, Alert.closed_at.is_(None))
    return select(func.min(alerts.rank(Alert.action))).where(*mine).scalar_subquery()


def _waits_for_contact() -> ColumnElement[bool]:
    waiting = (
        Decision.consultation_id == Consultation.id,
        Decision.withdrawn_at.is_(None),
        Decision.effective_at.is_(None),
    )
    return exists().where(*waiting)


def _condition(which: QueueFilter) -> ColumnElement[bool]:
    status = Consultation.status
    unordered = and_(
        status == ConsultationStatus.ACCEPTED,
        ~exists().where(Order.patient_id == Consultation.patient_id, Order.consultation_id == Consultation.id),
    )
    in_review = status == ConsultationStatus.IN_REVIEW
    conditions: dict[QueueFilter, ColumnElement[bool]] = {
        QueueFilter.OPEN: or_(status.in_((ConsultationStatus.SUBMITTED, ConsultationStatus.IN_REVIEW)), unordered),
        QueueFilter.UNCLAIMED: status == ConsultationStatus.SUBMITTED,
        QueueFilter.MINE: and_(in_review, Consultation.claimed_by == bindparam("actor_id")),
        QueueFilter.CONTACT: and_(in_review, _waits_for_contact()),
        QueueFilter.ORDER: unordered,
        QueueFilter.RETURNED: status == ConsultationStatus.RETURNED,
    }
    return conditions[which]


def _counts(actor_id: UUID) -> dict[QueueFilter, int]:
    row = current_session().execute(_tally(), {"actor_id": actor_id}).one()
    return dict(zip(QueueFilter, (int(count) for count in row), strict=True))
