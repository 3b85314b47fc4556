"""Writing the audit trail: in the transaction of the act, or once per view."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from intake.extensions import current_session, ring, transaction
from intake.models.audit import AuditRow

VIEW_WINDOW = timedelta(minutes=10)


def add(
    session: Session,
    *,
    actor_id: UUID | None,
    action: str,
    subject: tuple[str, object],
    now: datetime,
    patient_id: UUID | None = None,
    site_id: UUID | None = None,
    detail: dict[str, Any] | None = None,
) -> AuditRow:
    """Add one row to the caller's transaction. `subject` is (table, key); `detail` holds codes and ids only."""
    row = AuditRow(
        id=uuid7(),
        site_id=site_id,
        at=now,
        actor_id=actor_id,
        action=action,
        subject_kind=subject[0],
        subject_id=str(subject[1]),
        patient_id=patient_id,
        detail=detail or {},
    )
    row.digest = ring.audit_digest(digested_text(row))
    session.add(row)
    return row


def digested_text(row: AuditRow) -> bytes:
    """The fields of a row as compact JSON, the same bytes on every database."""
    fields = [
        str(row.id),
        str(row.site_id),
        row.at.astimezone(UTC).isoformat(timespec="microseconds"),
        str(row.actor_id),
        row.action,
        row.subject_kind,
        row.subject_id,
        str(row.patient_id),
        row.detail,
    ]
    return json.dumps(fields, separators=(",", ":"), sort_keys=True).encode()


def record_view(actor_id: UUID, patient_id: UUID, *, what: str, now: datetime) -> None:
    """Note that a person opened a patient's `what`, once in ten minutes. Call it before the page reads anything."""
    recent = select(AuditRow.id).where(
        AuditRow.actor_id == actor_id,
        AuditRow.action == f"view.{what}",
        AuditRow.subject_id == str(patient_id),
        AuditRow.at > now - VIEW_WINDOW,
    )
    if current_session().scalar(recent.limit(1)) is not None:
        return
    with transaction() as session:
        subject = ("patient", patient_id)
        add(session, actor_id=actor_id, action=f"view.{what}", subject=subject, patient_id=patient_id, now=now)


def record_search(actor_id: UUID, *, found: Sequence[UUID], now: datetime) -> None:
    """Note whom a search for patients showed, each once in ten minutes, also that it showed nobody; never the words."""
    new = _not_noted(actor_id, found, now)
    if new or not found:
        _note_found(actor_id, new, now)


def record_list(actor_id: UUID, *, found: Sequence[UUID], now: datetime) -> None:
    """Note whom a list of patients showed, each once in ten minutes."""
    new = _not_noted(actor_id, found, now)
    if new:
        _note_found(actor_id, new, now)


def _not_noted(actor_id: UUID, found: Sequence[UUID], now: datetime) -> list[str]:
    recent = select(AuditRow.detail).where(
        AuditRow.actor_id == actor_id, AuditRow.action == "patient.search", AuditRow.at > now - VIEW_WINDOW
    )
    known = {key for detail in current_session().scalars(recent) for key in detail.get("found", ())}
    return [key for key in map(str, found) if key not in known]


def _note_found(actor_id: UUID, found: Sequence[str], now: datetime) -> None:
    with transaction() as session:
        subject = ("patient", "")
        add(
            session, actor_id=actor_id, action="patient.search", subject=subject, now=now, detail={"found": list(found)}
        )
