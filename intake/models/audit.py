"""Who did and saw what. Rows are only added; the chain makes a change visible."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from intake.extensions import Base
from intake.models.columns import Record, UtcDateTime


class AuditRow(Record):
    """One act or view. `digest` is keyed by a key outside the database."""

    __tablename__ = "audit_row"
    __table_args__ = (
        Index("ix_audit_row_patient", "patient_id", "at"),
        Index("ix_audit_row_view", "actor_id", "action", "subject_id", "at"),
    )
    site_id: Mapped[UUID | None] = mapped_column(ForeignKey("site.id"))  # None: the clinic as a whole
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    actor_id: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))  # None: the system, or nobody signed in
    action: Mapped[str] = mapped_column(String(40))
    subject_kind: Mapped[str] = mapped_column(String(40))
    subject_id: Mapped[str] = mapped_column(String(40))
    patient_id: Mapped[UUID | None] = mapped_column(ForeignKey("patient.id"))
    detail: Mapped[dict[str, Any]] = mapped_column(JSON)  # codes and ids only
    digest: Mapped[bytes] = mapped_column(LargeBinary(32))


class AuditLink(Base):
    """The place of one audit row in its site's chain: chain = sha256(previous chain + digest)."""

    __tablename__ = "audit_link"
    chain_id: Mapped[UUID] = mapped_column(primary_key=True)  # the site, or the nil UUID for the clinic
    seq: Mapped[int] = mapped_column(primary_key=True)
    row_id: Mapped[UUID] = mapped_column(ForeignKey("audit_row.id"), unique=True)
    chain: Mapped[bytes] = mapped_column(LargeBinary(32))
    linked_at: Mapped[datetime] = mapped_column(UtcDateTime)
