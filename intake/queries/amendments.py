"""Reads around an amendment: booster windows under another regime, and what was amended so far."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select

from intake.domain.scheduling.boosters import DueWindow, Regime, due_windows, step_from_json
from intake.domain.statuses import Status
from intake.extensions import current_session
from intake.models.appointments import Appointment
from intake.models.orders import Order, OrderEvent
from intake.queries.series import BOOSTER

AMENDED = "amended"


def windows_under(order: Order, regime: Mapping[str, Any], *, today: date) -> list[DueWindow]:
    """The booster windows of an order as another regime would set them; none before anything is given."""
    rows = select(Appointment.on_date, Appointment.kind).where(
        Appointment.order_id == order.id, Appointment.status == Status.FULFILLED
    )
    given = sorted(current_session().execute(rows))
    if not given or not regime.get("steps"):
        return []
    steps = tuple(step_from_json(step) for step in regime["steps"])
    known = Regime(steps, regime.get("source", ""), regime.get("max_boosters"), order.expires_on)
    return due_windows(given[-1][0], known, today, given=sum(kind == BOOSTER for _, kind in given), count=3)


def amended_with(order_id: UUID, request_key: UUID) -> OrderEvent | None:
    """The amendment that this very form has signed already."""
    rows = select(OrderEvent).where(OrderEvent.order_id == order_id, OrderEvent.kind == AMENDED)
    found = (row for row in current_session().scalars(rows) if row.detail.get("request_key") == str(request_key))
    return next(found, None)
