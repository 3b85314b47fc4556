"""Requests for a consultation, and the accounts that they become."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from intake.domain import person_names, phones, requests
from intake.domain.clinic_time import local_day
from intake.domain.roles import Role
from intake.domain.statuses import ConsultationStatus
from intake.extensions import ring, transaction
from intake.models.consultations import Consultation, ConsultationEvent
from intake.models.people import Account, AccountRole, ConsultationRequest, Patient, PatientNameKey
from intake.queries import sites
from intake.services import audit, sign_in_letters, throttle, tickets
from intake.services.dialects import insert
from intake.services.errors import Throttled

LONGEST_ACCOUNT_NAME = 120
REQUESTS_FROM_ONE_ADDRESS = 30
REQUESTS_FOR_ONE_EMAIL = 10
"""In a quarter of an hour: each sends a message, and anybody may type anybody's address."""


@dataclass(frozen=True, slots=True)
class RequestDetails:
    """What the public form asks; `email` in lower case, `phone` as typed."""

    site_id: UUID
    given_name: str
    family_name: str
    born_on: date
    email: str
    phone: str
    reason: requests.Reason
    reach_by: requests.ReachBy
    reach_when: requests.ReachWhen


def request_consultation(
    details: RequestDetails, *, request_key: UUID, browser: str, write: tickets.Writer, address: str, now: datetime
) -> None:
    """Keep a request and write a sign-in message; the same work whether or not the address is known.

    The same `request_key` again changes nothing. Raises `DomainError` (`born_on`, `phone`), `Throttled`.
    """
    phone = phones.normal_phone(details.phone)
    requests.check_birth_date(details.born_on, local_day(now, sites.site(details.site_id).timezone))
    throttle.admit([throttle.Count("request-from", address, REQUESTS_FROM_ONE_ADDRESS)], now=now)
    made = tickets.Secrets.new()
    letter = write(made)
    with transaction() as session:
        request_id = _add_request(session, details, phone, request_key, now)
        if request_id is not None:
            if not throttle.raise_count(
                session, throttle.Count("request", details.email, REQUESTS_FOR_ONE_EMAIL), now=now
            ):
                raise Throttled
            audit.add(
                session,
                actor_id=None,
                action="request.make",
                subject=("consultation_request", request_id),
                site_id=details.site_id,
                now=now,
            )
            sign_in_letters.post(session, details.email, made, letter, browser=browser, request_id=request_id, now=now)


def account_for(session: Session, email: str, request_id: UUID | None, *, now: datetime) -> Account | None:
    """The patient's account behind a proven address, opened now where there was only a request.

    None for staff, for the disabled, and where there is neither. Requests of the address are tied to the patient.
    """
    known = select(Account).where(Account.email == email)
    account = session.scalar(known) or _open_account(session, email, request_id, now)
    if account is None:  # another link of the address may have opened it between the two looks
        account = session.scalar(known)
    if account is None or account.disabled_at is not None or account.roles != {Role.PATIENT}:
        return None
    patient_id = session.scalar(select(Patient.id).where(Patient.account_id == account.id))
    for request in _loose_requests(session, email):
        request.patient_id = patient_id
    return account


def account_name(given_name: str, family_name: str) -> str:
    """What a patient's account is called: as much of the names as its column takes."""
    return f"{given_name} {family_name}"[:LONGEST_ACCOUNT_NAME]


def set_phone(patient: Patient, number: str) -> None:
    """Give a patient a phone number (normal form) and the keyed hashes it is found by."""
    patient.phone = number
    patient.phone_index, patient.phone_last4_index = phone_indexes(number)


def phone_indexes(number: str) -> tuple[bytes, bytes]:
    """The keyed hashes of a whole number in its normal form, and of its last four digits."""
    return ring.index("phone", number), ring.index("phone-last4", phones.last_four(number))


def add_name_keys(session: Session, patient: Patient) -> None:
    """Add what the patient is found by: beginnings and sounds of all names."""
    keys = person_names.name_keys(patient.given_name, patient.family_name, patient.preferred_name)
    session.add_all(PatientNameKey(patient_id=patient.id, kind=kind, key=key) for kind, key in sorted(keys))


def _add_request(
    session: Session, details: RequestDetails, phone: str, request_key: UUID, now: datetime
) -> UUID | None:
    """Add the row; None when this form was sent before."""
    row = ConsultationRequest(phone=phone)
    values = {
        "id": row.id,
        "phone_sealed": row.phone_sealed,
        "request_key": request_key,
        "created_at": now,
        "site_id": details.site_id,
        "given_name": details.given_name,
        "family_name": details.family_name,
        "born_on": details.born_on,
        "email": details.email,
        "reason": details.reason.value,
        "reach_by": details.reach_by.value,
        "reach_when": details.reach_when.value,
    }
    new = insert(session, ConsultationRequest).values(values)
    new = new.on_conflict_do_nothing(index_elements=[ConsultationRequest.request_key])
    return session.scalar(new.returning(ConsultationRequest.id))


def _loose_requests(session: Session, email: str) -> list[ConsultationRequest]:
    loose = select(ConsultationRequest).where(
        ConsultationRequest.email == email, ConsultationRequest.patient_id.is_(None)
    )
    return list(session.scalars(loose.order_by(ConsultationRequest.created_at, ConsultationRequest.id)))


def _open_account(session: Session, email: str, request_id: UUID | None, now: datetime) -> Account | None:
    """Account, patient and consultation from the ticket's request, else from the newest one of the address."""
    loose = _loose_requests(session, email)
    request = next((row for row in loose if row.id == request_id), loose[-1] if loose else None)
    if request is None:
        return None
    account = Account(email=email, name=account_name(request.given_name, request.family_name), created_at=now)
    account.role_rows = [AccountRole(role=Role.PATIENT)]
    session.add(account)
    session.flush()
    patient = _add_patient(session, account, request, now)
    _add_consultation(session, patient, request, now)
    audit.add(
        session,
        actor_id=account.id,
        action="account.open",
        subject=("account", account.id),
        patient_id=patient.id,
        now=now,
    )
    return account


def _add_patient(session: Session, account: Account, request: ConsultationRequest, now: datetime) -> Patient:
    patient = Patient(
        account_id=account.id,
        home_site_id=request.site_id,
        given_name=request.given_name,
        family_name=request.family_name,
        born_on=request.born_on,
        email=request.email,
        created_at=now,
    )
    if request.phone:
        set_phone(patient, request.phone)
    session.add(patient)
    session.flush()
    add_name_keys(session, patient)
    return patient


def _add_consultation(session: Session, patient: Patient, request: ConsultationRequest, now: datetime) -> None:
    status = ConsultationStatus.DRAFT
    row = Consultation(
        patient_id=patient.id, site_id=request.site_id, status=status, reason=request.reason, created_at=now
    )
    session.add(row)
    session.flush()
    session.add(ConsultationEvent(consultation_id=row.id, at=now, actor_id=patient.account_id, to_status=status))
