"""The rows of an amendment: the order, its event, the desk's request. Shared steps that take the session."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from intake.domain import statuses
from intake.domain.amendments import Amendment, Terms
from intake.domain.statuses import OrderStatus
from intake.models.orders import Order, OrderEvent
from intake.models.replanning import SignOff
from intake.models.series import Series
from intake.queries import orders
from intake.queries import series as series_queries
from intake.queries.amendments import AMENDED
from intake.services import audit


def write(session: Session, order: Order, row: Series | None, after: Terms) -> None:
    """The order and its series as the terms say; without a series the order keeps dates away and site for later."""
    known = row or series_queries.series_of_order(order.id)
    exceptions = _kept_for_later(order, known, after)
    if after.restarts:
        exceptions["restarts"] = [day.isoformat() for day in after.restarts]
    if after.limits:
        exceptions["limits"] = dict(after.limits)
    order.status = statuses.move(order.status, OrderStatus.AMENDED)
    order.infusions, order.exceptions = after.infusions, exceptions or None
    order.booster_regime = dict(after.regime)
    if order.protocol_id != after.protocol_id:
        order.protocol_id = after.protocol_id
        session.flush()
        session.refresh(order, ["protocol"])
    if known is not None:
        away = sorted(day.isoformat() for day in after.away)
        known.wishes = {**known.wishes, "unavailable_dates": away} if away else known.wishes
        known.site_id = after.site_id or known.site_id
    session.flush()


def _kept_for_later(order: Order, known: Series | None, after: Terms) -> dict[str, Any]:
    """What the first wishes of an order take over: dates away, and the site while no series has one."""
    away = orders.away_of(order) if known is not None else sorted(after.away)
    found: dict[str, Any] = {"away": [day.isoformat() for day in away]} if away else {}
    if known is None and after.site_id is not None:
        found["site_id"] = str(after.site_id)
    return found


def note(
    session: Session,
    order: Order,
    change: Amendment,
    terms: tuple[Terms, Terms],
    key: UUID,
    actor_id: UUID,
    now: datetime,
) -> None:
    """The amendment as a row that is only added: what was, what is, why, who, when."""
    before, after = map(terms_json, terms)
    detail = {"what": change.kind.value, "before": before, "after": after, "request_key": str(key)}
    session.add(
        OrderEvent(order_id=order.id, kind=AMENDED, detail=detail, reason=change.reason.strip(), by_id=actor_id, at=now)
    )
    audit.add(
        session,
        actor_id=actor_id,
        action="order.amended",
        subject=("treatment_order", order.id),
        now=now,
        patient_id=order.patient_id,
        detail={"what": change.kind.value},
    )


def terms_json(terms: Terms) -> dict[str, Any]:
    """Terms as an event keeps them."""
    return {
        "protocol_id": str(terms.protocol_id),
        "infusions": terms.infusions,
        "site_id": str(terms.site_id) if terms.site_id else None,
        "boosters": terms.regime.get("name", ""),
        "restarts": [day.isoformat() for day in terms.restarts],
        "limits": dict(terms.limits),
        "away": sorted(day.isoformat() for day in terms.away),
    }


def decide(
    session: Session,
    order: Order,
    sign_off_id: UUID | None,
    is_approved: bool,
    reason: str,
    actor_id: UUID,
    now: datetime,
) -> None:
    """Answer the desk's request, where there is one that waits."""
    if sign_off_id is None:
        return
    rows = select(SignOff).where(SignOff.id == sign_off_id, SignOff.order_id == order.id)
    asked = session.scalars(rows.with_for_update()).one()
    if asked.decided_at is not None:
        return
    asked.decided_by, asked.decided_at, asked.is_approved, asked.reason = actor_id, now, is_approved, reason.strip()
    audit.add(
        session,
        actor_id=actor_id,
        action="sign-off.decide",
        subject=("sign_off", asked.id),
        now=now,
        patient_id=order.patient_id,
        detail={"approved": is_approved},
    )
