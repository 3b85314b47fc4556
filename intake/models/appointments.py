"""Booked times, their claims, and what happens in them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, LargeBinary, Numeric, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from intake.domain.statuses import Status
from intake.extensions import Base
from intake.models.columns import Code, Encrypted, EncryptedJson, Record, UtcDateTime
from intake.models.people import Patient
from intake.models.sites import Chair

LIVE = "status IN ('booked', 'arrived', 'checked-in', 'fulfilled')"


class Appointment(Record):
    """One booked time. Never deleted; while it is live its claims guard it."""

    __tablename__ = "appointment"
    __table_args__ = (
        CheckConstraint("starts_at < ends_at", name="order"),
        Index("ix_appointment_day", "site_id", "on_date", "starts_at"),
        Index("ix_appointment_patient", "patient_id", "starts_at"),
        Index("ix_appointment_provider", "provider_id", "starts_at"),
        Index(
            "uq_appointment_series_number",
            "series_id",
            "number",
            unique=True,
            sqlite_where=text(f"series_id IS NOT NULL AND {LIVE}"),
            postgresql_where=text(f"series_id IS NOT NULL AND {LIVE}"),
        ),
    )
    site_id: Mapped[UUID] = mapped_column(ForeignKey("site.id"))
    patient_id: Mapped[UUID] = mapped_column(ForeignKey("patient.id"))
    kind: Mapped[str] = mapped_column(String(30))  # code of a session kind
    order_id: Mapped[UUID | None] = mapped_column(ForeignKey("treatment_order.id"), index=True)
    series_id: Mapped[UUID | None] = mapped_column(ForeignKey("series.id"), index=True)
    number: Mapped[int | None]  # of the infusion in its series
    chair_id: Mapped[UUID | None] = mapped_column(ForeignKey("chair.id"))
    provider_id: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    on_date: Mapped[date]  # in the site's zone
    starts_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ends_at: Mapped[datetime] = mapped_column(UtcDateTime)
    turnover_minutes: Mapped[int]
    watch_profile: Mapped[list[list[int]]] = mapped_column(JSON)
    status: Mapped[Status] = mapped_column(Code(Status))
    tentative: Mapped[bool] = mapped_column(default=False)  # nobody is known yet who drives the patient home
    awaits_response: Mapped[bool] = mapped_column(default=False)  # after a response check that nobody confirmed yet
    overbooked_reason_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    overbooked_reason = Encrypted()
    version: Mapped[int] = mapped_column(default=1)  # raised by a move or a cancellation: voids unsent messages
    request_key: Mapped[UUID | None] = mapped_column(unique=True)  # of a single booking; a series has its own
    booked_by: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    booked_at: Mapped[datetime] = mapped_column(UtcDateTime)

    patient: Mapped[Patient] = relationship(lazy="select")
    chair: Mapped[Chair | None] = relationship(lazy="select")


class AppointmentEvent(Record):
    """One change of an appointment: status, or time and chair. Only ever added."""

    __tablename__ = "appointment_event"
    appointment_id: Mapped[UUID] = mapped_column(ForeignKey("appointment.id"), index=True)
    kind: Mapped[str] = mapped_column(String(12))  # status, moved, undone, driver, response
    from_status: Mapped[Status | None] = mapped_column(Code(Status))
    to_status: Mapped[Status] = mapped_column(Code(Status))
    reason: Mapped[str | None] = mapped_column(String(30))  # a code from a list
    note_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    note = Encrypted()
    detail: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)  # before and after of a move
    by_id: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class SlotHold(Record):
    """Places kept for a few minutes while the desk talks."""

    __tablename__ = "slot_hold"
    site_id: Mapped[UUID] = mapped_column(ForeignKey("site.id"), index=True)
    patient_id: Mapped[UUID] = mapped_column(ForeignKey("patient.id"))
    held_by: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    sessions: Mapped[list[dict[str, Any]]] = mapped_column(JSON)  # date, start, chair, minutes, turnover, watch profile
    claim_count: Mapped[int]  # confirming counts its claims against this
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # confirmed or let go


class SlotClaim(Base):
    """One resource taken for one slot of 15 minutes. Its key is what forbids double booking."""

    __tablename__ = "slot_claim"
    __table_args__ = (
        CheckConstraint("(appointment_id IS NULL) <> (hold_id IS NULL)", name="owner"),
        CheckConstraint("(hold_id IS NULL) = (expires_at IS NULL)", name="expiry"),
        {"sqlite_with_rowid": False},
    )
    site_id: Mapped[UUID] = mapped_column(ForeignKey("site.id"), primary_key=True)
    resource: Mapped[str] = mapped_column(String(60), primary_key=True)  # "chair:3", "patient:…", "watch:01"
    slot_at: Mapped[datetime] = mapped_column(UtcDateTime, primary_key=True)
    appointment_id: Mapped[UUID | None] = mapped_column(ForeignKey("appointment.id"))
    hold_id: Mapped[UUID | None] = mapped_column(ForeignKey("slot_hold.id"))
    expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # set while it is a hold


class Encounter(Record):
    """What happens in an appointment, from check-in to discharge."""

    __tablename__ = "encounter"
    appointment_id: Mapped[UUID] = mapped_column(ForeignKey("appointment.id"), unique=True)
    patient_id: Mapped[UUID] = mapped_column(ForeignKey("patient.id"), index=True)
    checked_in_at: Mapped[datetime] = mapped_column(UtcDateTime)
    started_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    discharged_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    dose_mg: Mapped[float | None] = mapped_column(Numeric(8, 2, asdecimal=False))
    note_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    note = Encrypted()


class PreCheck(Record):
    """One answered question before an infusion may start."""

    __tablename__ = "pre_check"
    __table_args__ = (UniqueConstraint("encounter_id", "item", "at"),)
    encounter_id: Mapped[UUID] = mapped_column(ForeignKey("encounter.id"), index=True)
    item: Mapped[str] = mapped_column(String(40))
    answer_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    answer = EncryptedJson()
    by_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class VitalSign(Record):
    """One set of vital signs in an encounter."""

    __tablename__ = "vital_sign"
    encounter_id: Mapped[UUID] = mapped_column(ForeignKey("encounter.id"), index=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    systolic: Mapped[int | None]
    diastolic: Mapped[int | None]
    heart_rate: Mapped[int | None]
    spo2: Mapped[int | None]
    by_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
