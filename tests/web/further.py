"""What the whole clinic has beside its patients' ways: a request to a provider, a batch, a simulation, two versions."""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from uuid_utils.compat import uuid7

from intake.domain.closings import Closing, ClosingKind
from intake.domain.roles import Role
from intake.domain.scheduling.explanations import Reason
from intake.domain.simulation import asking
from intake.domain.statuses import Status
from intake.extensions import current_session
from intake.models.appointments import Appointment
from intake.models.orders import Order
from intake.queries import protocols as protocol_queries
from intake.services import closings, protocols, replanning, simulations
from intake.services.protocols import ProtocolEdit

PLANNING_SECONDS = 1.0


def rows_of_clinic(
    site_id: UUID, order_id: UUID | None, staff: Mapping[Role, UUID], *, now: datetime
) -> dict[str, UUID]:
    """Make one of each; returns their keys by the argument of a route that names them.

    The order has a booked series: it is what the desk asks about, and the day of its next visit is to be closed.
    """
    assert order_id is not None
    desk, manager = staff[Role.DESK], staff[Role.MANAGER]
    text = "Two infusions may lie up to 9 days apart."
    wider = Reason(text, "gaps", ({"key": "protocol.max_gap_days", "to": 9},), "provider")
    replanning.ask_provider(order_id, wider, actor_id=desk, now=now)
    protocol_id = current_session().get_one(Order, order_id).protocol_id
    second_version(protocol_id, manager=manager, now=now)
    return {
        "batch_id": a_batch(site_id, next_day(order_id, now), desk=desk, now=now),
        "run_id": a_run(site_id, protocol_id, manager=manager, now=now),
    }


def next_day(order_id: UUID, now: datetime) -> date:
    """The date of the next visit on an order."""
    rows = select(Appointment.on_date).where(Appointment.order_id == order_id, Appointment.status == Status.BOOKED)
    found = current_session().scalars(rows.where(Appointment.starts_at > now).order_by(Appointment.starts_at)).first()
    current_session().rollback()
    assert found is not None
    return found


def a_batch(site_id: UUID, day: date, *, desk: UUID, now: datetime) -> UUID:
    """A day that is proposed to be closed, with everybody planned whom it would strand; nothing is closed."""
    end = time.monotonic() + PLANNING_SECONDS
    return closings.propose_closing(
        site_id,
        Closing(ClosingKind.DAY, day),
        request_key=uuid7(),
        actor_id=desk,
        now=now,
        seconds_left=lambda: end - time.monotonic(),
    )


def a_run(site_id: UUID, protocol_id: UUID, *, manager: UUID, now: datetime) -> UUID:
    """A simulated year that is done, with hardly anybody in it."""
    run_id = simulations.ask(
        site_id,
        protocol_id,
        asking.Change.CHAIR,
        orders_per_week=0.2,
        seed=1,
        request_key=uuid7(),
        actor_id=manager,
        now=now,
    )
    assert simulations.work("world", lambda: now)
    return run_id


def second_version(protocol_id: UUID, *, manager: UUID, now: datetime) -> UUID:
    """Save a protocol with a longer way to the response check, and a source for it; returns the second version."""
    row = protocol_queries.protocol(protocol_id)
    rules = {**row.rules, "checkpoint_after": 4}
    current_session().rollback()
    edit = ProtocolEdit(protocol_id, protocol_id, rules, {"checkpoint_after": "Agreed among the clinic's own doctors."})
    return protocols.save(edit, actor_id=manager, now=now + timedelta(minutes=1))
