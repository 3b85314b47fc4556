"""What tests of the provider's pages share: a patient in review, and a provider who has an authenticator."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import pyotp
from flask import Flask

from intake.domain.roles import Role
from intake.domain.statuses import ConsultationStatus
from intake.extensions import transaction
from intake.models.people import Account
from intake.models.reviews import Decision
from tests import factories
from tests.charts import a_snapshot
from tests.factories import NOW
from tests.signing import SECRET
from tests.web.client import Client


@dataclass(frozen=True, slots=True)
class Case:
    """One patient under review and the provider who holds the consultation."""

    site: UUID
    provider: UUID
    patient: UUID
    consultation: UUID

    @property
    def chart(self) -> str:
        """The address of the chart."""
        return f"/provider/patients/{self.patient}"


def a_case(
    app: Flask, status: ConsultationStatus = ConsultationStatus.IN_REVIEW, *, family_name: str = "Rivera"
) -> Case:
    """A consultation sent in two days ago; in review it is claimed by the provider."""
    with app.app_context():
        site, provider = factories.a_site(), a_signer()
        patient = factories.a_patient(site, family_name=family_name)
        held = {"claimed_by": provider, "claimed_at": NOW} if status is ConsultationStatus.IN_REVIEW else {}
        submitted_at = NOW - timedelta(days=2)
        consultation = factories.a_consultation(patient, status=status, submitted_at=submitted_at, **held)
        if status not in (ConsultationStatus.DRAFT, ConsultationStatus.CORE_COMPLETE):
            a_snapshot(consultation)
    return Case(site, provider, patient, consultation)


def a_signer() -> UUID:
    """A provider whose authenticator has `SECRET`."""
    account_id = factories.an_account(Role.PROVIDER, name="Dr. Pat Provider", totp_confirmed_at=NOW)
    with transaction() as session:
        session.get_one(Account, account_id).totp_secret = SECRET
    return account_id


def accepted(app: Flask) -> Case:
    """A patient who is accepted on a signed visit."""
    case = a_case(app, ConsultationStatus.ACCEPTED)
    with app.app_context():
        factories.an_evaluation(case.consultation, case.provider, weight_kg=81.6)
        with transaction() as session:
            values = {"statement": {}, "decided_by": case.provider, "decided_at": NOW, "effective_at": NOW}
            session.add(Decision(consultation_id=case.consultation, kind="accepted", **values))
    return case


def at_work(app: Flask, account_id: UUID) -> Client:
    """The browser of somebody who is signed in."""
    client = Client(app)
    client.sign_in(account_id, now=NOW)
    return client


def somebody(app: Flask, role: Role) -> Client:
    """The browser of somebody with that role."""
    with app.app_context():
        account_id = factories.an_account(role)
    return at_work(app, account_id)


def code(steps: int = 0) -> str:
    """What the authenticator shows now, or some half minutes later."""
    return pyotp.TOTP(SECRET).at(NOW + timedelta(seconds=30 * steps))
