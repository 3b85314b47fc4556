"""Signing, stopping and clearing the conditions of an order. No order without acceptance and a signed evaluation."""

from __future__ import annotations

import logging
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from intake.domain.clinic_time import local_day
from intake.domain.dosing import Dose
from intake.domain.errors import DomainError
from intake.domain.evaluation import is_current
from intake.domain.orders import OrderEntry, check, regime_json
from intake.domain.reviews import ACCEPTING, DecisionKind
from intake.domain.roles import Permission
from intake.domain.statuses import LIVE_ORDER, ConsultationStatus, OrderStatus
from intake.extensions import transaction
from intake.models.consultations import Consultation
from intake.models.orders import Order, OrderCondition, OrderEvent
from intake.models.reviews import Decision, Evaluation
from intake.models.sites import Protocol
from intake.queries import evaluations, histories, sites
from intake.services import audit, consultation_status, permissions
from intake.services.errors import SENT_BEFORE

logger = logging.getLogger("intake.orders")


def sign(
    consultation_id: UUID,
    entry: OrderEntry,
    *,
    evaluation_id: UUID,
    request_key: UUID,
    actor_id: UUID,
    now: datetime,
) -> UUID:
    """Sign an order; returns its id. `evaluation_id` is the visit whose weight the page showed.

    Needs an acceptance in effect, that visit signed, standing and not too old, no order in force, no uncleared stop
    finding. Findings, statement and versions are frozen into it. The same press again answers with the first result.
    The second factor was asked for before. Raises `DomainError`.
    """
    with transaction() as session:
        permissions.check(session, actor_id, Permission.SIGN_ORDER)
        consultation = consultation_status.locked(session, consultation_id)
        first = session.scalar(select(Order).where(Order.request_key == request_key))
        if first is not None:
            return _first_result(first, consultation, entry, actor_id)
        _check_accepted(session, consultation)
        evaluation = _evaluation(consultation, evaluation_id, now)
        today = local_day(now, sites.site(consultation.site_id).timezone)
        _check_none_in_force(session, consultation.patient_id, today)
        dose = check(entry, weight_kg=evaluation.weight_kg, today=today)
        protocol = _protocol(entry.protocol_id)
        history = histories.judged_history(
            consultation.patient_id, as_of=today, is_bipolar=evaluations.is_bipolar(evaluation)
        )
        if history.open_stops:
            raise DomainError("A stop finding is open: clear it in writing on the chart first.")
        frozen = history.frozen() | _frozen(entry, dose, protocol, evaluation)
        order = _order(consultation, evaluation, protocol, entry, request_key, actor_id, now)
        order.frozen = frozen
        session.add(order)
        session.flush()
        session.add_all(OrderCondition(order_id=order.id, text=text) for text in entry.conditions)
        _note(session, order, "signed", actor_id, now, site_id=consultation.site_id)
        order_id = order.id
    logger.info("order_signed", extra={"order_id": order_id})
    return order_id


def meet_condition(condition_id: UUID, *, actor_id: UUID, now: datetime) -> UUID:
    """Mark a condition as met; returns the order's id. Twice is harmless: who marked it first stands."""
    with transaction() as session:
        permissions.check(session, actor_id, Permission.SIGN_ORDER)
        condition = session.scalars(select(OrderCondition).where(OrderCondition.id == condition_id)).one()
        order = session.get_one(Order, condition.order_id)
        is_open = (OrderCondition.id == condition_id, OrderCondition.met_at.is_(None))
        met = session.execute(
            update(OrderCondition).where(*is_open).values(met_at=now, met_by=actor_id).returning(OrderCondition.id)
        ).all()
        if met:
            detail = {"condition": str(condition_id)}
            _note(session, order, "condition-met", actor_id, now, detail=detail)
        return order.id


def _first_result(first: Order, consultation: Consultation, entry: OrderEntry, actor_id: UUID) -> UUID:
    """What the same press signed; another dose or protocol under its key is refused, not passed over."""
    kept = (first.protocol_id, first.dose_mg_per_kg, first.expires_on, first.booster_regime)
    again = (entry.protocol_id, round(entry.dose_mg_per_kg, 3), entry.expires_on, regime_json(entry))
    conditions = sorted(condition.text or "" for condition in first.conditions)
    is_mine = first.consultation_id == consultation.id and first.signed_by == actor_id
    if not is_mine or kept != again or conditions != sorted(entry.conditions):
        raise DomainError(SENT_BEFORE)
    return first.id


def _check_accepted(session: Session, consultation: Consultation) -> None:
    decision = session.scalar(
        select(Decision).where(Decision.consultation_id == consultation.id, Decision.withdrawn_at.is_(None))
    )
    accepted = decision is not None and decision.effective_at is not None and DecisionKind(decision.kind) in ACCEPTING
    if consultation.status is not ConsultationStatus.ACCEPTED or not accepted:
        raise DomainError("This consultation is not accepted: decide it first.")


def _evaluation(consultation: Consultation, evaluation_id: UUID, now: datetime) -> Evaluation:
    row = evaluations.evaluation_of(consultation.id)
    if row is None:
        raise DomainError("There is no signed evaluation visit: no order without one.")
    if row.id != evaluation_id:
        raise DomainError("The evaluation was corrected since you opened this page. Open the chart again to read it.")
    if not is_current(row.held_at, now):
        raise DomainError("The evaluation visit is more than 90 days ago: hold and sign a new one.")
    return row


def _check_none_in_force(session: Session, patient_id: UUID, today: object) -> None:
    in_force = (Order.patient_id == patient_id, Order.status.in_(LIVE_ORDER), Order.expires_on >= today)
    if session.scalar(select(Order.id).where(*in_force).limit(1)) is not None:
        raise DomainError("An order is in force already: stop it before you sign another.")


def _protocol(protocol_id: UUID) -> Protocol:
    row = next((row for row in sites.current_protocols() if row.id == protocol_id), None)
    if row is None:
        raise DomainError("This protocol was changed or retired meanwhile: choose again.", field="protocol")
    return row


def _order(
    consultation: Consultation,
    evaluation: Evaluation,
    protocol: Protocol,
    entry: OrderEntry,
    request_key: UUID,
    actor_id: UUID,
    now: datetime,
) -> Order:
    return Order(
        patient_id=consultation.patient_id,
        consultation_id=consultation.id,
        evaluation_id=evaluation.id,
        protocol_id=protocol.id,
        status=OrderStatus.SIGNED,
        infusions=int(protocol.rules["infusions"]),
        dose_mg_per_kg=entry.dose_mg_per_kg,
        weight_kg=evaluation.weight_kg,
        expires_on=entry.expires_on,
        booster_regime=regime_json(entry),
        request_key=request_key,
        signed_by=actor_id,
        signed_at=now,
    )


def _frozen(entry: OrderEntry, dose: Dose, protocol: Protocol, evaluation: Evaluation) -> dict[str, Any]:
    return {
        "protocol": {"name": protocol.name, "version": protocol.version},
        "dose": {"mg": dose.mg, "exact_mg": dose.exact_mg, "weight_held_at": evaluation.held_at.isoformat()},
        "dose_reason": entry.dose_reason.strip() or None,
    }


def _note(
    session: Session,
    order: Order,
    kind: str,
    actor_id: UUID,
    now: datetime,
    *,
    site_id: UUID | None = None,
    detail: dict[str, Any] | None = None,
    reason: str | None = None,
) -> None:
    session.add(OrderEvent(order_id=order.id, kind=kind, detail=detail or {}, reason=reason, by_id=actor_id, at=now))
    audit.add(
        session,
        actor_id=actor_id,
        action=f"order.{kind}",
        subject=("treatment_order", order.id),
        now=now,
        patient_id=order.patient_id,
        site_id=site_id,
        detail=detail,
    )
