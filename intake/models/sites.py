"""Where and when the clinic works: sites, chairs, hours, shifts, protocols, policies."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from intake.models.columns import Record, UtcDateTime


class Site(Record):
    """One place of the clinic, in one time zone. Times of day are minutes after midnight there."""

    __tablename__ = "site"
    __table_args__ = (
        CheckConstraint("slot_minutes IN (15, 30, 45, 60)", name="slot_minutes"),
        CheckConstraint("starts_per_slot > 0", name="starts_per_slot"),
    )
    name: Mapped[str] = mapped_column(String(80), unique=True)
    timezone: Mapped[str] = mapped_column(String(40))
    slot_minutes: Mapped[int]
    starts_per_slot: Mapped[int]
    phone: Mapped[str] = mapped_column(String(30), default="")
    address: Mapped[str] = mapped_column(String(200), default="")

    chairs: Mapped[list[Chair]] = relationship(order_by="Chair.number")
    openings: Mapped[list[Opening]] = relationship()
    closures: Mapped[list[Closure]] = relationship()
    shifts: Mapped[list[Shift]] = relationship()
    start_rules: Mapped[list[StartRule]] = relationship()


class Chair(Record):
    """A place where an infusion is given. Its number names it in claims."""

    __tablename__ = "chair"
    __table_args__ = (UniqueConstraint("site_id", "number"), UniqueConstraint("site_id", "name"))
    site_id: Mapped[UUID] = mapped_column(ForeignKey("site.id"))
    number: Mapped[int]
    name: Mapped[str] = mapped_column(String(40))
    features: Mapped[list[str]] = mapped_column(JSON)
    retired_on: Mapped[date | None]


class Opening(Record):
    """Opening hours of one weekday (0 is Monday), `[opens, closes)` in minutes."""

    __tablename__ = "opening"
    __table_args__ = (CheckConstraint("0 <= opens AND opens < closes AND closes <= 1440", name="order"),)
    site_id: Mapped[UUID] = mapped_column(ForeignKey("site.id"), index=True)
    weekday: Mapped[int]
    opens: Mapped[int]
    closes: Mapped[int]


class Closure(Record):
    """A date, or a part of it, on which a site is closed."""

    __tablename__ = "closure"
    __table_args__ = (
        UniqueConstraint("site_id", "on_date", "starts"),
        CheckConstraint("0 <= starts AND starts < ends AND ends <= 1440", name="order"),
    )
    site_id: Mapped[UUID] = mapped_column(ForeignKey("site.id"))
    on_date: Mapped[date]
    starts: Mapped[int] = mapped_column(default=0)
    ends: Mapped[int] = mapped_column(default=1440)
    reason: Mapped[str] = mapped_column(String(80), default="")


class Shift(Record):
    """Weekly presence: watch units (`monitoring`) or a provider on site (`provider`).

    Booking reads a site's shifts FOR SHARE; whatever cuts hours, chairs or capacity reads them FOR UPDATE.
    """

    __tablename__ = "shift"
    __table_args__ = (CheckConstraint("0 <= starts AND starts < ends AND ends <= 1440", name="order"),)
    site_id: Mapped[UUID] = mapped_column(ForeignKey("site.id"), index=True)
    kind: Mapped[str] = mapped_column(String(12))
    weekday: Mapped[int]
    starts: Mapped[int]
    ends: Mapped[int]
    capacity: Mapped[int] = mapped_column(default=0)  # watch units; 0 for a provider
    account_id: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    first_on: Mapped[date | None]  # a shift that is worked for a while only; both ends in
    last_on: Mapped[date | None]


class StartRule(Record):
    """Weekly intervals in which nothing starts (`no-start`) or only boosters and urgent visits (`protected`)."""

    __tablename__ = "start_rule"
    __table_args__ = (CheckConstraint("0 <= starts AND starts < ends AND ends <= 1440", name="order"),)
    site_id: Mapped[UUID] = mapped_column(ForeignKey("site.id"), index=True)
    kind: Mapped[str] = mapped_column(String(12))
    weekday: Mapped[int]
    starts: Mapped[int]
    ends: Mapped[int]


class Protocol(Record):
    """The clinic's recipe in one version. Never changed: an order keeps the version it was signed with."""

    __tablename__ = "protocol"
    __table_args__ = (UniqueConstraint("name", "version"),)
    name: Mapped[str] = mapped_column(String(120))
    version: Mapped[int]
    rules: Mapped[dict[str, Any]] = mapped_column(JSON)  # keys of `protocol` in the planning format, and our own
    source: Mapped[str] = mapped_column(String(400), default="")
    sources: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)  # key of rules: {"source", "verified"}
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    created_by: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))  # nobody: it came from a file
    retired_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    retired_by: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))


class SessionKind(Record):
    """A kind of time that can be booked: consultation, infusion, booster, follow-up."""

    __tablename__ = "session_kind"
    code: Mapped[str] = mapped_column(String(30), unique=True)
    name: Mapped[str] = mapped_column(String(80))
    minutes: Mapped[int]
    turnover_minutes: Mapped[int] = mapped_column(default=0)
    needs_chair: Mapped[bool]
    needs_provider: Mapped[bool]
    watch_profile: Mapped[list[list[int]]] = mapped_column(JSON)


class Policy(Record):
    """A named setting of the clinic (notice, grace, planning weights, history settings)."""

    __tablename__ = "policy"
    name: Mapped[str] = mapped_column(String(60), unique=True)
    value: Mapped[Any] = mapped_column(JSON)
    version: Mapped[int] = mapped_column(default=1)
    set_at: Mapped[datetime] = mapped_column(UtcDateTime)
    set_by: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))


class RuleSignature(Record):
    """The medical director's signature under one rule, threshold or data row, in one version."""

    __tablename__ = "rule_signature"
    __table_args__ = (UniqueConstraint("rule_set", "row_key", "version"),)
    rule_set: Mapped[str] = mapped_column(String(40))
    row_key: Mapped[str] = mapped_column(String(160))
    version: Mapped[str] = mapped_column(String(40))
    signed_by: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    signed_at: Mapped[datetime] = mapped_column(UtcDateTime)
