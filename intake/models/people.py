"""People: accounts and what signs them in, patients and how they are found."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from flask_login import UserMixin
from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from intake.domain.roles import Permission, Role, is_allowed
from intake.extensions import Base
from intake.models.columns import Code, Encrypted, Record, UtcDateTime


class Account(UserMixin, Record):  # type: ignore[misc]  # flask-login has no types
    """Someone who can sign in. Staff have a password and a second factor; patients use link or code."""

    __tablename__ = "account"
    email: Mapped[str] = mapped_column(String(254), unique=True)  # lower case
    name: Mapped[str] = mapped_column(String(120))
    password_hash: Mapped[str | None] = mapped_column(String(200))
    totp_secret_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    totp_secret = Encrypted()
    totp_confirmed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    totp_last_step: Mapped[int | None]
    disabled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)

    role_rows: Mapped[list[AccountRole]] = relationship(lazy="selectin", cascade="all, delete-orphan")
    patient: Mapped[Patient | None] = relationship(back_populates="account", lazy="select")

    @property
    def roles(self) -> frozenset[Role]:
        """All roles the person has."""
        return frozenset(row.role for row in self.role_rows)

    @property
    def is_staff(self) -> bool:
        """Whether any role is other than patient."""
        return any(role is not Role.PATIENT for role in self.roles)

    def may(self, permission: Permission) -> bool:
        """Whether any of the person's roles carries the permission."""
        return is_allowed(self.roles, permission)


class AccountRole(Base):
    """One role of one account."""

    __tablename__ = "account_role"
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), primary_key=True)
    role: Mapped[Role] = mapped_column(Code(Role), primary_key=True)


class RecoveryCode(Record):
    """A hashed one-use code for a lost second factor."""

    __tablename__ = "recovery_code"
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), index=True)
    digest: Mapped[bytes] = mapped_column(LargeBinary(32))
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Passkey(Record):
    """A WebAuthn credential of one account."""

    __tablename__ = "passkey"
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), index=True)
    credential_id: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    public_key: Mapped[bytes] = mapped_column(LargeBinary)
    sign_count: Mapped[int]
    label: Mapped[str] = mapped_column(String(60))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    last_used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Ticket(Record):
    """A single-use link or code sent by e-mail: sign-in, invitation or reset. Only digests are kept."""

    __tablename__ = "ticket"
    purpose: Mapped[str] = mapped_column(String(20))
    email: Mapped[str] = mapped_column(String(254), index=True)
    link_digest: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    code_digest: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    browser_digest: Mapped[bytes | None] = mapped_column(LargeBinary(32))  # the code works only where it was asked for
    tries: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    roles: Mapped[str | None] = mapped_column(String(120))  # of an invitation, separated by spaces
    request_id: Mapped[UUID | None] = mapped_column(ForeignKey("consultation_request.id"))


class ThrottleCounter(Base):
    """How often something was tried in one window; counted before any hashing."""

    __tablename__ = "throttle_counter"
    scope: Mapped[str] = mapped_column(String(20), primary_key=True)
    subject: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)  # digest of account or address
    window_at: Mapped[datetime] = mapped_column(UtcDateTime, primary_key=True)
    count: Mapped[int]


class AuthSession(Record):
    """One signed-in browser. The cookie holds a random id, the row its digest."""

    __tablename__ = "auth_session"
    digest: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), index=True)
    site_id: Mapped[UUID | None] = mapped_column(ForeignKey("site.id"))
    browser: Mapped[str] = mapped_column(String(80))  # "Firefox on Android", never an address
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    last_seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
    second_factor_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    stepped_up_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    account: Mapped[Account] = relationship(lazy="joined", innerjoin=True)


class BreakGlass(Record):
    """Access beyond one's role, with a reason that somebody reviews."""

    __tablename__ = "break_glass"
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), index=True)
    patient_id: Mapped[UUID] = mapped_column(ForeignKey("patient.id"), index=True)
    reason_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    reason = Encrypted()
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    reviewed_by: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    reviewed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Patient(Record):
    """A person who is or may be treated. Health records hang here and are never deleted."""

    __tablename__ = "patient"
    __table_args__ = (
        Index("ix_patient_family_name", "family_name", "id"),
        Index("ix_patient_born_on", "born_on"),
    )
    account_id: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"), unique=True)
    home_site_id: Mapped[UUID] = mapped_column(ForeignKey("site.id"))  # its claims guard the person at every site
    given_name: Mapped[str] = mapped_column(String(80))
    family_name: Mapped[str] = mapped_column(String(80))
    preferred_name: Mapped[str | None] = mapped_column(String(80))
    born_on: Mapped[date]
    sex: Mapped[str | None] = mapped_column(String(20))
    email: Mapped[str] = mapped_column(String(254), index=True)
    phone_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    phone = Encrypted()
    phone_index: Mapped[bytes | None] = mapped_column(LargeBinary(16), index=True)
    phone_last4_index: Mapped[bytes | None] = mapped_column(LargeBinary(16), index=True)
    may_leave_message: Mapped[bool] = mapped_column(default=False)
    address_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    address = Encrypted()
    contact_person_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    contact_person = Encrypted()
    place_in_calendar: Mapped[bool] = mapped_column(default=False)
    preparation_in_messages: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)

    account: Mapped[Account | None] = relationship(back_populates="patient", lazy="select")

    @property
    def full_name(self) -> str:
        """Name as staff read it: family name first."""
        return f"{self.family_name}, {self.given_name}"

    @property
    def called(self) -> str:
        """What the person wants to be called."""
        return self.preferred_name or self.given_name


class PatientNameKey(Base):
    """Folded prefixes and phonetic keys by which a name is found."""

    __tablename__ = "patient_name_key"
    __table_args__ = (
        UniqueConstraint("patient_id", "kind", "key"),
        Index("ix_patient_name_key_key", "key", "patient_id"),
    )
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    patient_id: Mapped[UUID] = mapped_column(ForeignKey("patient.id"))
    kind: Mapped[str] = mapped_column(String(10))  # "name" or "sound"
    key: Mapped[str] = mapped_column(String(80))


class ConsultationRequest(Record):
    """What the public form asked for. Becomes a patient when the e-mailed link is used."""

    __tablename__ = "consultation_request"
    __table_args__ = (CheckConstraint("length(email) > 2", name="email"),)
    site_id: Mapped[UUID] = mapped_column(ForeignKey("site.id"))
    given_name: Mapped[str] = mapped_column(String(80))
    family_name: Mapped[str] = mapped_column(String(80))
    born_on: Mapped[date]
    email: Mapped[str] = mapped_column(String(254), index=True)
    phone_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    phone = Encrypted()
    reason: Mapped[str] = mapped_column(String(30))  # a code from the list, no free text
    reach_by: Mapped[str] = mapped_column(String(20))
    reach_when: Mapped[str] = mapped_column(String(20))
    request_key: Mapped[UUID] = mapped_column(unique=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    patient_id: Mapped[UUID | None] = mapped_column(ForeignKey("patient.id"))
