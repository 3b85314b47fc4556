"""Patients' links and codes: once, in time, five tries, in the browser that asked; the same for every address."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from intake.domain.errors import DomainError
from intake.domain.roles import Role
from intake.extensions import db, transaction
from intake.models.audit import AuditRow
from intake.models.messages import Message
from intake.models.people import Account, AuthSession, Ticket
from intake.services import sessions, sign_in, tickets
from intake.services.errors import Throttled
from tests.factories import NOW, a_patient, a_site, an_account
from tests.racing import race
from tests.refusing import COUNTED, refused
from tests.signing import Post, request_for, staff_who_can_sign_in

BROWSER = "the browser that asked"
EMAIL = "ana@example.org"


def asked(email: str = EMAIL, *, browser: str = BROWSER, now=NOW) -> Post:
    post = Post()
    sign_in.ask(email, browser=browser, write=post, address="10.0.0.1", now=now)
    return post


def by_link(link: str, now=NOW) -> str:
    return sign_in.redeem_link(link, browser_name="Test", now=now)


def by_code(code: str, *, browser: str = BROWSER, now=NOW) -> str:
    return sign_in.redeem_code(browser, code, address="10.0.0.1", browser_name="Test", now=now)


def gets_in(redeem, *args, **named) -> bool:
    try:
        redeem(*args, **named)
    except DomainError:
        return False
    return True


@pytest.fixture
def patient_id(app: Flask):
    return a_patient(a_site(), email=EMAIL)


def test_the_link_signs_in(patient_id) -> None:
    row = sessions.find(by_link(asked().link), NOW)
    assert row is not None
    assert row.account.patient.id == patient_id
    assert row.second_factor_at is None


def test_the_code_signs_in_with_or_without_its_space(patient_id) -> None:
    code = asked().code
    assert sessions.find(by_code(f"{code[:4]} {code[4:]}"), NOW) is not None


def test_link_and_code_are_one_ticket(patient_id) -> None:
    post = asked()
    by_code(post.code)
    assert not gets_in(by_link, post.link)


def test_a_link_works_once(patient_id) -> None:
    link = asked().link
    assert [gets_in(by_link, link), gets_in(by_link, link)] == [True, False]


def test_the_same_link_by_24_at_once_lets_one_in(app: Flask, patient_id) -> None:
    link = asked().link
    assert sorted(race(app, lambda _: gets_in(by_link, link), 24)) == [False] * 23 + [True]
    assert db.session.scalar(select(func.count()).select_from(AuthSession)) == 1


def test_the_same_code_by_eight_at_once_lets_one_in(app: Flask, patient_id) -> None:
    code = asked().code
    assert sorted(race(app, lambda _: gets_in(by_code, code), 8)) == [False] * 7 + [True]


@pytest.mark.parametrize(("seconds", "works"), [(14 * 60 + 59, True), (15 * 60, False)])
def test_link_and_code_end_after_fifteen_minutes(patient_id, seconds: int, works: bool) -> None:
    at = NOW + timedelta(seconds=seconds)
    assert gets_in(by_link, asked().link, now=at) is works
    assert gets_in(by_code, asked().code, now=at) is works


def test_a_code_works_only_in_the_browser_that_asked(patient_id) -> None:
    code = asked().code
    assert not gets_in(by_code, code, browser="another browser")
    assert gets_in(by_code, code)


def test_a_link_works_in_any_browser(patient_id) -> None:
    assert gets_in(by_link, asked().link)


@pytest.mark.parametrize(("wrong", "works"), [(4, True), (5, False)])
def test_the_fifth_try_is_the_last(patient_id, wrong: int, works: bool) -> None:
    code = asked().code
    for _ in range(wrong):
        assert not gets_in(by_code, "00000000" if code != "00000000" else "11111111")
    assert gets_in(by_code, code) is works


def test_both_of_two_codes_asked_for_in_one_browser_work(patient_id) -> None:
    first, second = asked(), asked()
    assert gets_in(by_code, first.code)
    assert gets_in(by_code, second.code)


def test_opening_the_page_behind_a_link_changes_nothing(patient_id) -> None:
    link = asked().link
    for _ in range(3):
        assert tickets.email_of(tickets.Purpose.SIGN_IN, link, NOW) == EMAIL
    row = db.session.scalars(select(Ticket)).one()
    assert (row.used_at, row.tries) == (None, 0)


def test_the_database_keeps_digests_of_link_and_code_only(patient_id) -> None:
    post = asked()
    row = db.session.scalars(select(Ticket)).one()
    kept = b"".join((row.link_digest, row.code_digest or b"", row.browser_digest or b""))
    for secret in (post.link, post.code, BROWSER):
        assert secret.encode() not in kept
    assert row.code_digest != tickets.code_digest("another browser", post.code)


@pytest.mark.parametrize("email", [EMAIL, "nobody@example.org"])
def test_asking_leaves_the_same_rows_for_every_address(patient_id, email: str) -> None:
    asked(email)
    assert [row.email for row in db.session.scalars(select(Ticket))] == [email]
    message = db.session.scalars(select(Message)).one()
    assert (message.kind, message.recipient) == (sign_in.KIND, email)


def test_a_message_goes_to_patients_and_to_those_who_asked_for_a_consultation(patient_id) -> None:
    request_for(a_site(), email="new@example.org")
    assert sign_in.should_send(EMAIL, NOW)
    assert sign_in.should_send("new@example.org", NOW)
    assert not sign_in.should_send("nobody@example.org", NOW)


def test_a_disabled_patient_gets_no_message_and_no_session(patient_id) -> None:
    post = asked()
    with transaction() as session:
        session.scalars(select(Account)).one().disabled_at = NOW
    assert not sign_in.should_send(EMAIL, NOW)
    assert not gets_in(by_link, post.link)


def test_staff_get_no_link_and_cannot_use_one() -> None:
    staff_who_can_sign_in()
    assert not sign_in.should_send("pat@example.org", NOW)
    assert not gets_in(by_link, asked("pat@example.org").link)
    assert not gets_in(by_code, asked("pat@example.org").code)


def test_somebody_who_is_staff_and_patient_signs_in_as_staff_only() -> None:
    an_account(Role.PATIENT, Role.NURSE, email="both@example.org")
    assert not sign_in.should_send("both@example.org", NOW)
    assert not gets_in(by_link, asked("both@example.org").link)


def test_a_pending_invitation_does_not_open_the_patients_door() -> None:
    an_account(email="invited@example.org")
    request_for(a_site(), email="invited@example.org")
    assert not sign_in.should_send("invited@example.org", NOW)
    assert not gets_in(by_link, asked("invited@example.org").link)


def test_an_unknown_address_opens_nothing() -> None:
    post = asked("nobody@example.org")
    assert not gets_in(by_link, post.link)
    assert db.session.scalars(select(Account)).all() == []


@pytest.mark.parametrize("email", [EMAIL, "nobody@example.org"])
def test_the_sixth_asking_in_a_quarter_of_an_hour_waits(patient_id, email: str) -> None:
    for _ in range(5):
        asked(email)
    with refused(Throttled, besides=COUNTED):
        asked(email)


def test_signing_in_is_audited(patient_id) -> None:
    by_link(asked().link)
    assert "session.begin" in db.session.scalars(select(AuditRow.action)).all()
