"""Valid objects for tests; a test names only what matters to it. People are invented.

Each factory adds rows in one transaction and returns the key. Call inside an app context.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any
from uuid import UUID

from flask.testing import FlaskClient
from uuid_utils.compat import uuid7

from intake.domain.roles import Role
from intake.domain.statuses import ConsultationStatus, OrderStatus
from intake.extensions import db, transaction
from intake.models.consultations import Consultation
from intake.models.orders import Order, OrderCondition
from intake.models.people import Account, AccountRole, Patient
from intake.models.reviews import Decision, Evaluation
from intake.models.sites import Chair, Opening, Protocol, Shift, Site
from intake.services import sessions

NOW = datetime(2026, 12, 1, 16, 0, tzinfo=UTC)  # Tuesday, 9:00 am in Denver
WEEKDAYS = range(5)
PROTOCOL_RULES: dict[str, Any] = {
    "infusions": 6,
    "chair_minutes": 120,
    "turnover_minutes": 15,
    "watch_profile": [[30, 2], [90, 1]],
    "gap_points": {"2": 3, "3": 0, "4": 0, "5": 3, "6": 8, "7": 8},
    "min_span_days": 14,
    "max_span_days": 21,
    "max_in_7_days": 3,
    "per_week": 2,
}
_number = count(1)


def a_site(
    *, name: str | None = None, chairs: int = 4, watch_units: int = 4, starts_per_slot: int = 4, **values: Any
) -> UUID:
    """An open site, 8 to 17 on weekdays, in Denver."""
    with transaction() as session:
        zone = values.pop("timezone", "America/Denver")
        name = name or f"Site {next(_number)}"
        site = Site(
            name=name, timezone=zone, slot_minutes=15, starts_per_slot=starts_per_slot, phone="303-555-0100", **values
        )
        session.add(site)
        session.flush()
        for number in range(1, chairs + 1):
            session.add(
                Chair(
                    site_id=site.id,
                    number=number,
                    name="ABCDEFGHIJKLMNOPQRSTUVWXYZ"[(number - 1) % 26] + (str(number) if number > 26 else ""),
                    features=[],
                )
            )
        for day in WEEKDAYS:
            session.add(Opening(site_id=site.id, weekday=day, opens=480, closes=1020))
            session.add(
                Shift(site_id=site.id, kind="monitoring", weekday=day, starts=450, ends=1080, capacity=watch_units)
            )
        return site.id


def an_account(*roles: Role, name: str = "Sam Staff", email: str | None = None, **values: Any) -> UUID:
    """An account with the given roles; no password."""
    with transaction() as session:
        email = email or f"person{next(_number)}@example.org"
        account = Account(email=email, name=name, created_at=NOW, **values)
        account.role_rows = [AccountRole(role=role) for role in roles]
        session.add(account)
        return account.id


def a_desk() -> UUID:
    """Somebody at the front desk."""
    return an_account(Role.DESK, name="Dana Desk")


def a_provider() -> UUID:
    """A provider."""
    return an_account(Role.PROVIDER, name="Dr. Pat Provider")


def a_patient(
    site_id: UUID, *, given_name: str = "Ana", family_name: str = "Rivera", with_account: bool = True, **values: Any
) -> UUID:
    """A patient of a site, with an account unless said otherwise."""
    email = values.pop("email", None) or f"patient{next(_number)}@example.org"
    account_id = an_account(Role.PATIENT, name=f"{given_name} {family_name}", email=email) if with_account else None
    with transaction() as session:
        born_on = values.pop("born_on", date(1985, 3, 14))
        row = Patient(
            account_id=account_id,
            home_site_id=site_id,
            given_name=given_name,
            family_name=family_name,
            born_on=born_on,
            email=email,
            created_at=NOW,
            **values,
        )
        session.add(row)
        return row.id


def account_of(patient_id: UUID) -> UUID:
    """The account behind a patient."""
    found = db.session.get_one(Patient, patient_id).account_id
    assert found is not None
    db.session.rollback()
    return found


def a_consultation(patient_id: UUID, *, status: ConsultationStatus = ConsultationStatus.DRAFT, **values: Any) -> UUID:
    """A consultation of a patient."""
    with transaction() as session:
        site_id = session.get_one(Patient, patient_id).home_site_id
        row = Consultation(
            patient_id=patient_id, site_id=site_id, status=status, reason="depression", created_at=NOW, **values
        )
        if status not in (ConsultationStatus.DRAFT, ConsultationStatus.CORE_COMPLETE):
            row.submitted_at = row.submitted_at or NOW
        session.add(row)
        return row.id


def an_evaluation(consultation_id: UUID, provider_id: UUID, **values: Any) -> UUID:
    """A signed evaluation visit."""
    with transaction() as session:
        patient_id = session.get_one(Consultation, consultation_id).patient_id
        vitals = {"weight_kg": 70.0, "systolic": 120, "diastolic": 78, "heart_rate": 70, "spo2": 98, "held_at": NOW}
        vitals |= {"pdmp_checked_at": NOW}
        row = Evaluation(
            consultation_id=consultation_id,
            patient_id=patient_id,
            provider_id=provider_id,
            held_as="in-person",
            diagnosis="F33.2",
            asa_class=2,
            airway_class=1,
            suicide_risk="low",
            plan="Series of six.",
            request_key=uuid7(),
            signed_at=NOW,
            **(vitals | values),
        )
        session.add(row)
        return row.id


def a_protocol(*, name: str = "Acute, twice weekly", version: int = 1, **rules: Any) -> UUID:
    """A protocol of six infusions, twice weekly; `rules` replaces keys."""
    with transaction() as session:
        row = Protocol(name=name, version=version, rules=PROTOCOL_RULES | rules, source="test", created_at=NOW)
        session.add(row)
        return row.id


def an_order(
    patient_id: UUID,
    provider_id: UUID,
    *,
    protocol_id: UUID | None = None,
    conditions: tuple[str, ...] = (),
    **values: Any,
) -> UUID:
    """A signed order with accepted consultation, decision and evaluation behind it."""
    consultation_id = a_consultation(patient_id, status=ConsultationStatus.ACCEPTED, closed_at=NOW)
    evaluation_id = an_evaluation(consultation_id, provider_id)
    protocol_id = protocol_id or a_protocol(name=f"Acute, twice weekly {next(_number)}")
    with transaction() as session:
        session.add(
            Decision(
                consultation_id=consultation_id,
                kind="accepted",
                statement={},
                decided_by=provider_id,
                decided_at=NOW,
                effective_at=NOW,
            )
        )
        fields = {
            "status": OrderStatus.SIGNED,
            "infusions": 6,
            "dose_mg_per_kg": 0.5,
            "weight_kg": 70.0,
            "expires_on": (NOW + timedelta(days=90)).date(),
        }
        row = Order(
            patient_id=patient_id,
            consultation_id=consultation_id,
            evaluation_id=evaluation_id,
            protocol_id=protocol_id,
            booster_regime={"kind": "fixed", "interval_days": 28, "tolerance_days": 7},
            frozen={},
            request_key=uuid7(),
            signed_by=provider_id,
            signed_at=NOW,
            **(fields | values),
        )
        session.add(row)
        session.flush()
        session.add_all(OrderCondition(order_id=row.id, text=text) for text in conditions)
        return row.id


def sign_in(client: FlaskClient, account_id: UUID, *, now: datetime | None = None) -> None:
    """Open a session for an account, second factor included, and put its token into the client's cookie.

    Pages use the real clock unless a test freezes `intake.web.access.now`; give the same `now`.
    """
    with transaction() as session:
        account = session.get_one(Account, account_id)
        token = sessions.begin(session, account, browser="Test", second_factor=True, now=now or datetime.now(UTC))
    with client.session_transaction() as cookie:
        cookie["sid"] = token
