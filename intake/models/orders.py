"""What a provider signed for one patient."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, CheckConstraint, ForeignKey, LargeBinary, Numeric, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from intake.domain.statuses import OrderStatus
from intake.models.columns import Code, Encrypted, EncryptedJson, Record, UtcDateTime
from intake.models.sites import Protocol


class Order(Record):
    """A signed order: protocol in its version, dose, expiry. No order without a signed evaluation."""

    __tablename__ = "treatment_order"
    __table_args__ = (
        CheckConstraint("dose_mg_per_kg > 0 AND dose_mg_per_kg <= 3", name="dose_mg_per_kg"),
        CheckConstraint("infusions > 0", name="infusions"),
    )
    patient_id: Mapped[UUID] = mapped_column(ForeignKey("patient.id"), index=True)
    consultation_id: Mapped[UUID] = mapped_column(ForeignKey("consultation.id"))
    evaluation_id: Mapped[UUID] = mapped_column(ForeignKey("evaluation.id"))
    protocol_id: Mapped[UUID] = mapped_column(ForeignKey("protocol.id"))
    status: Mapped[OrderStatus] = mapped_column(Code(OrderStatus), index=True)
    infusions: Mapped[int]
    dose_mg_per_kg: Mapped[float] = mapped_column(Numeric(5, 3, asdecimal=False))
    weight_kg: Mapped[float] = mapped_column(Numeric(6, 2, asdecimal=False))  # the dose weight
    expires_on: Mapped[date]
    booster_regime: Mapped[dict[str, Any]] = mapped_column(JSON)
    exceptions: Mapped[dict[str, Any] | None] = mapped_column(JSON)  # pauses and what was allowed beyond the protocol
    frozen_sealed: Mapped[bytes] = mapped_column(LargeBinary)  # statement, findings and rule versions at signing
    frozen = EncryptedJson()
    request_key: Mapped[UUID] = mapped_column(unique=True)
    signed_by: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    signed_at: Mapped[datetime] = mapped_column(UtcDateTime)

    protocol: Mapped[Protocol] = relationship(lazy="joined", innerjoin=True)
    conditions: Mapped[list[OrderCondition]] = relationship(lazy="selectin")


class OrderCondition(Record):
    """Something to be met before the first infusion; open ones block booking."""

    __tablename__ = "order_condition"
    order_id: Mapped[UUID] = mapped_column(ForeignKey("treatment_order.id"), index=True)
    text_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    text = Encrypted()
    met_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    met_by: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))


class OrderEvent(Record):
    """Amended, stopped, expired: what, when, who. Only ever added."""

    __tablename__ = "order_event"
    order_id: Mapped[UUID] = mapped_column(ForeignKey("treatment_order.id"), index=True)
    kind: Mapped[str] = mapped_column(String(20))
    detail: Mapped[dict[str, Any]] = mapped_column(JSON)
    reason_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    reason = Encrypted()
    by_id: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
