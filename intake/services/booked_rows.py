"""Rows of booked times and of what happens to them. Shared steps: each writes in the caller's transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Table, insert
from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from intake.domain.statuses import Status
from intake.models.appointments import Appointment, AppointmentEvent
from intake.queries.response_checks import is_awaited
from intake.services.ground import Ground, Sitting

TIMES = cast(Table, Appointment.__table__)
EVENTS = cast(Table, AppointmentEvent.__table__)


def add_appointment(ground: Ground, sitting: Sitting, *, actor_id: UUID, **values_: object) -> Appointment:
    """Add a booked appointment with its first event; its claims are taken apart, all of them together."""
    awaited = is_awaited(values_.get("series_id"), values_.get("number"))
    row = Appointment(**_fields(ground, sitting, actor_id), awaits_response=awaited, **values_)
    ground.session.add(row)
    add_event(ground.session, row.id, None, Status.BOOKED, by_id=actor_id, at=ground.now)
    return row


@dataclass(frozen=True, slots=True)
class NewTime:
    """A time as it was just booked: what is told of it."""

    id: UUID
    starts_at: datetime
    ends_at: datetime
    version: int = 1
    status: Status = Status.BOOKED


def add_infusions(ground: Ground, sittings: Sequence[Sitting], *, actor_id: UUID, **common: object) -> list[NewTime]:
    """The same for all infusions of a series, numbered from 1, with one statement for times and one for events."""
    rows = [
        _fields(ground, sitting, actor_id)
        | common
        | {"number": number, "awaits_response": is_awaited(common.get("series_id"), number)}
        for number, sitting in enumerate(sittings, 1)
    ]
    events = [_event_fields(sitting.key, None, Status.BOOKED, by_id=actor_id, at=ground.now) for sitting in sittings]
    connection = ground.session.connection()
    connection.execute(insert(TIMES), rows)
    connection.execute(insert(EVENTS), events)
    return [NewTime(sitting.key, row["starts_at"], row["ends_at"]) for sitting, row in zip(sittings, rows, strict=True)]


def add_event(
    session: Session,
    appointment_id: UUID,
    before: Status | None,
    after: Status,
    *,
    by_id: UUID,
    at: datetime,
    kind: str = "status",
    reason: str | None = None,
    detail: dict[str, object] | None = None,
) -> AppointmentEvent:
    """Add what happened to an appointment: kind `status`, `moved`, `undone` or `driver`; reason a code from a list."""
    event = AppointmentEvent(
        **_event_fields(appointment_id, before, after, by_id=by_id, at=at, kind=kind, reason=reason, detail=detail)
    )
    session.add(event)
    return event


def _fields(ground: Ground, sitting: Sitting, actor_id: UUID) -> dict[str, Any]:
    """The columns of a time to be booked that its ground and its sitting say."""
    chair = ground.chair(sitting.slot.chair)
    return {
        "id": sitting.key,
        "site_id": ground.site.id,
        "patient_id": ground.patient.id,
        "chair_id": chair.id if chair else None,
        "provider_id": sitting.provider_id,
        "on_date": sitting.slot.day,
        "starts_at": ground.instant(sitting.slot),
        "ends_at": ground.instant(sitting.slot, sitting.session.minutes),
        "turnover_minutes": sitting.session.turnover_minutes if chair else 0,
        "watch_profile": [list(step) for step in sitting.session.watch_profile],
        "status": Status.BOOKED,
        "booked_by": actor_id,
        "booked_at": ground.now,
    }


def _event_fields(
    appointment_id: UUID,
    before: Status | None,
    after: Status,
    *,
    by_id: UUID,
    at: datetime,
    kind: str = "status",
    reason: str | None = None,
    detail: dict[str, object] | None = None,
) -> dict[str, Any]:
    return {
        "id": uuid7(),
        "appointment_id": appointment_id,
        "kind": kind,
        "from_status": before,
        "to_status": after,
        "reason": reason,
        "detail": detail or {},
        "by_id": by_id,
        "at": at,
    }
