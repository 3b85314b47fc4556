"""A request becomes account, patient and consultation by the first use of its link, once."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select
from uuid_utils.compat import uuid7

from intake.domain.errors import DomainError
from intake.domain.requests import Reason
from intake.domain.roles import Role
from intake.domain.statuses import ConsultationStatus
from intake.extensions import db
from intake.models.consultations import Consultation, ConsultationEvent
from intake.models.messages import Message
from intake.models.people import Account, AuthSession, ConsultationRequest, Patient, PatientNameKey, Ticket
from intake.services import people, sessions, sign_in
from intake.services.errors import Throttled
from tests.factories import NOW, a_patient, a_site
from tests.racing import race
from tests.refusing import refused
from tests.signing import Post, details, request_for


def count_of(model: type) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def redeemed(post: Post) -> str:
    return sign_in.redeem_link(post.link, browser_name="Test", now=NOW)


def test_a_request_alone_opens_no_account() -> None:
    request_for(a_site())
    assert (count_of(ConsultationRequest), count_of(Account), count_of(Patient)) == (1, 0, 0)


def test_the_link_opens_account_patient_and_draft_with_what_was_asked() -> None:
    site_id = a_site()
    token = redeemed(request_for(site_id, email="new@example.org", reason=Reason.PAIN))
    patient = db.session.scalars(select(Patient)).one()
    assert (patient.given_name, patient.family_name, patient.born_on) == ("Ana", "Rivera", date(1985, 3, 14))
    assert (patient.email, patient.phone, patient.home_site_id) == ("new@example.org", "+13035550142", site_id)
    row = sessions.find(token, NOW)
    assert row is not None
    assert (row.account_id, row.account.roles) == (patient.account_id, {Role.PATIENT})
    consultation = db.session.scalars(select(Consultation)).one()
    assert (consultation.patient_id, consultation.status) == (patient.id, ConsultationStatus.DRAFT)
    assert (consultation.reason, consultation.site_id) == ("pain", site_id)
    assert db.session.scalars(select(ConsultationEvent)).one().to_status is ConsultationStatus.DRAFT
    assert db.session.scalars(select(ConsultationRequest)).one().patient_id == patient.id


def test_the_code_does_the_same() -> None:
    post = request_for(a_site(), browser="b")
    sign_in.redeem_code("b", post.code, address="10.0.0.1", browser_name="Test", now=NOW)
    assert (count_of(Patient), count_of(Consultation)) == (1, 1)


def test_the_patient_can_be_found_by_name_and_phone() -> None:
    redeemed(request_for(a_site()))
    patient = db.session.scalars(select(Patient)).one()
    keys = {(row.kind, row.key) for row in db.session.scalars(select(PatientNameKey))}
    assert {("name", "riv"), ("name", "ana"), ("sound", "R160")} <= keys
    assert (patient.phone_index, patient.phone_last4_index) == people.phone_indexes("+13035550142")


def test_a_form_sent_twice_is_one_request_one_ticket_one_message() -> None:
    site_id, key = a_site(), uuid7()
    for _ in range(2):
        people.request_consultation(
            details(site_id), request_key=key, browser="b", write=Post(), address="10.0.0.1", now=NOW
        )
    assert [count_of(model) for model in (ConsultationRequest, Ticket, Message)] == [1, 1, 1]


def test_a_form_sent_eight_times_at_once_is_one_request(app: Flask) -> None:
    site_id, key = a_site(), uuid7()

    def send(_: int) -> None:
        people.request_consultation(
            details(site_id), request_key=key, browser="b", write=Post(), address="10.0.0.1", now=NOW
        )

    assert race(app, send, 8) == [None] * 8
    assert [count_of(model) for model in (ConsultationRequest, Ticket, Message)] == [1, 1, 1]


def test_two_links_of_one_new_address_at_once_open_one_account(app: Flask) -> None:
    site_id = a_site()
    links = [request_for(site_id).link for _ in range(6)]
    answers = race(app, lambda n: bool(sign_in.redeem_link(links[n], browser_name="Test", now=NOW)), 6)
    assert answers == [True] * 6
    assert [count_of(model) for model in (Account, Patient, Consultation)] == [1, 1, 1]
    assert count_of(AuthSession) == 6


def test_a_known_patient_signs_in_and_the_request_waits_for_the_desk() -> None:
    site_id = a_site()
    patient_id = a_patient(site_id, email="ana@example.org", given_name="Anabel")
    redeemed(request_for(site_id))
    assert (count_of(Patient), count_of(Consultation)) == (1, 0)
    assert db.session.scalars(select(ConsultationRequest)).one().patient_id == patient_id
    assert db.session.get_one(Patient, patient_id).given_name == "Anabel"


def test_the_ticket_opens_its_own_request_when_there_are_several() -> None:
    site_id = a_site()
    request_for(site_id, given_name="Somebody", now=NOW - timedelta(minutes=3))
    mine = request_for(site_id, given_name="Ana", now=NOW - timedelta(minutes=2))
    request_for(site_id, given_name="Else", now=NOW - timedelta(minutes=1))
    redeemed(mine)
    assert db.session.scalars(select(Patient)).one().given_name == "Ana"
    assert all(row.patient_id for row in db.session.scalars(select(ConsultationRequest)))


def test_a_plain_link_after_the_requests_own_has_ended_opens_the_newest_request() -> None:
    request_for(a_site(), given_name="Ana", now=NOW - timedelta(days=2))
    post = Post()
    sign_in.ask("ana@example.org", browser="b", write=post, address="10.0.0.1", now=NOW)
    redeemed(post)
    assert db.session.scalars(select(Patient)).one().given_name == "Ana"


@pytest.mark.parametrize("email", ["known@example.org", "new@example.org"])
def test_a_request_leaves_the_same_rows_for_a_known_address(email: str) -> None:
    site_id = a_site()
    a_patient(site_id, email="known@example.org")
    request_for(site_id, email=email)
    assert [count_of(model) for model in (ConsultationRequest, Ticket, Message)] == [1, 1, 1]


@pytest.mark.parametrize(
    ("born_on", "is_taken"),
    [
        (date(2026, 12, 1), True),  # born today at the site
        (date(2026, 12, 2), False),
        (date(2012, 1, 1), True),  # a child: a person calls, no screen refuses
        (date(1906, 12, 1), True),  # 120 years
        (date(1906, 11, 30), False),
    ],
)
def test_a_birth_date_is_taken_up_to_today_and_120_years_back(born_on: date, is_taken: bool) -> None:
    site_id = a_site()
    if is_taken:
        request_for(site_id, born_on=born_on)
        return
    with pytest.raises(DomainError) as caught:
        request_for(site_id, born_on=born_on)
    assert caught.value.field == "born_on"
    assert count_of(ConsultationRequest) == 0


def test_a_phone_that_cannot_be_dialled_is_refused() -> None:
    site_id = a_site()
    with refused(DomainError) as caught:
        request_for(site_id, phone="555 0142")
    assert caught.value.field == "phone"


def test_the_phone_is_sealed() -> None:
    request_for(a_site())
    assert b"5550142" not in db.session.scalars(select(ConsultationRequest)).one().phone_sealed


def test_the_longest_names_still_open_an_account() -> None:
    redeemed(request_for(a_site(), given_name="A" * 80, family_name="B" * 80))
    assert db.session.scalars(select(Account)).one().name == "A" * 80 + " " + "B" * 39


def test_requests_send_one_address_ten_messages_in_a_quarter_of_an_hour_and_no_more() -> None:
    site_id = a_site()
    for _ in range(people.REQUESTS_FOR_ONE_EMAIL):
        request_for(site_id, email="ana@example.org")
    with pytest.raises(Throttled):
        request_for(site_id, email="ana@example.org")
    request_for(site_id, email="bo@example.org")
    assert count_of(Message) == people.REQUESTS_FOR_ONE_EMAIL + 1
