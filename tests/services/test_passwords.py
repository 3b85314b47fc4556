"""Passwords: strength, the dummy hash, both steps of staff, resets. No transaction is open while hashing."""

from __future__ import annotations

from datetime import timedelta
from time import perf_counter

import pytest
from sqlalchemy import select

from intake.domain.errors import DomainError
from intake.domain.roles import Role
from intake.extensions import current_session, db, transaction, write_intent
from intake.models.people import Account, AuthSession, Ticket
from intake.queries import people
from intake.services import passwords, sessions, sign_in, staff_sign_in, tickets
from intake.services.errors import Throttled
from tests.factories import NOW, an_account
from tests.refusing import COUNTED, refused
from tests.signing import PASSWORD, Post, app_code, staff_who_can_sign_in

NEW_PASSWORD = "violet-harbor-sentence-57"


def signed_in(*, email: str = "pat@example.org", password: str = PASSWORD, address: str = "10.0.0.1", now=NOW) -> str:
    half = staff_sign_in.check_password(email, password, address=address, now=now)
    return staff_sign_in.check_code(half, app_code(now), browser_name="Test", now=now)


def half_of(now=NOW) -> str:
    return staff_sign_in.check_password("pat@example.org", PASSWORD, address="10.0.0.1", now=now)


@pytest.mark.parametrize(
    ("password", "is_good"),
    [
        ("violet-harb1", True),  # twelve characters
        ("violet-harb", False),  # eleven
        ("aaaaaaaaaaaaaaaa", False),
        ("password123456", False),
        ("ketamineclinic1", False),
        ("Ketamine-Infusion-2026", False),
        ("patprovider2026", False),  # the person's own name
        ("ketamine-violet-harbor-sentence", True),  # a word of the clinic does no harm beside others
        (PASSWORD, True),
        ("violet-harbor-" * 9 + "xx", True),  # 128
        ("violet-harbor-" * 9 + "xxx", False),  # 129
    ],
)
def test_a_password_is_judged_by_what_is_hard_to_guess(password: str, is_good: bool) -> None:
    assert (passwords.faults_of(password, email="pat@example.org", name="Pat Provider") == []) is is_good


def test_a_weak_password_is_refused_with_reasons_beside_the_field() -> None:
    with refused(DomainError) as caught:
        passwords.refuse_weak("password123456", email="", name="")
    assert caught.value.field == "password"
    assert len(caught.value.message) > 20


def test_password_and_code_open_a_session_with_both_factors() -> None:
    account_id = staff_who_can_sign_in()
    row = sessions.find(signed_in(), NOW)
    assert row is not None
    assert (row.account_id, row.second_factor_at) == (account_id, NOW)


def test_the_password_alone_opens_nothing() -> None:
    staff_who_can_sign_in()
    half_of()
    assert db.session.scalars(select(AuthSession)).all() == []


def test_a_wrong_code_opens_nothing() -> None:
    staff_who_can_sign_in()
    with pytest.raises(DomainError) as caught:
        staff_sign_in.check_code(half_of(), "123", browser_name="Test", now=NOW)
    assert caught.value.field == "code"
    assert db.session.scalars(select(AuthSession)).all() == []


def test_the_second_step_works_once() -> None:
    staff_who_can_sign_in()
    half = half_of()
    staff_sign_in.check_code(half, app_code(), browser_name="Test", now=NOW)
    with refused(DomainError) as caught:
        staff_sign_in.check_code(half, app_code(steps=1), browser_name="Test", now=NOW)
    assert caught.value.field is None


def test_after_five_wrong_codes_the_password_is_due_again() -> None:
    staff_who_can_sign_in()
    half = half_of()
    for _ in range(5):
        with refused(DomainError, besides={"throttle_counter", "ticket"}):
            staff_sign_in.check_code(half, "123", browser_name="Test", now=NOW)
    with refused(DomainError, besides=COUNTED) as caught:
        staff_sign_in.check_code(half, app_code(), browser_name="Test", now=NOW)
    assert caught.value.field is None


@pytest.mark.parametrize(("minutes", "is_waiting"), [(9, True), (10, False)])
def test_the_second_step_waits_ten_minutes(minutes: int, is_waiting: bool) -> None:
    staff_who_can_sign_in()
    assert staff_sign_in.is_waiting(half_of(), NOW + timedelta(minutes=minutes)) is is_waiting


def without_factor() -> None:
    with transaction() as session:
        session.scalars(select(Account)).one().totp_confirmed_at = None


def disabled() -> None:
    with transaction() as session:
        session.scalars(select(Account)).one().disabled_at = NOW


def without_password() -> None:
    with transaction() as session:
        session.scalars(select(Account)).one().password_hash = None


@pytest.mark.parametrize("spoil", [without_factor, disabled, without_password])
def test_an_account_that_is_not_usable_answers_like_an_unknown_one(spoil) -> None:
    staff_who_can_sign_in()
    spoil()
    told = []
    for email in ("pat@example.org", "nobody@example.org"):
        with pytest.raises(DomainError) as caught:
            staff_sign_in.check_password(email, PASSWORD, address="10.0.0.1", now=NOW)
        told.append((caught.value.message, caught.value.field))
    assert told[0] == told[1]


def test_a_patient_cannot_sign_in_with_a_password() -> None:
    an_account(Role.PATIENT, email="pat@example.org", password_hash=passwords.hashed(PASSWORD), totp_confirmed_at=NOW)
    with refused(DomainError, besides=COUNTED):
        half_of()


def test_an_unknown_address_takes_as_long_as_a_wrong_password() -> None:
    staff_who_can_sign_in()
    passwords.is_right(None, "warm up")
    took = {}
    for email in ("pat@example.org", "nobody@example.org"):
        began = perf_counter()
        with pytest.raises(DomainError):
            staff_sign_in.check_password(email, "wrong password", address="10.0.0.1", now=NOW)
        took[email] = perf_counter() - began
    assert took["nobody@example.org"] > took["pat@example.org"] / 3


@pytest.mark.parametrize("email", ["pat@example.org", "nobody@example.org"])
def test_ten_wrong_passwords_are_let_through_then_even_the_right_one_waits(email: str) -> None:
    staff_who_can_sign_in()
    for number in range(10):
        with refused(DomainError, besides=COUNTED):
            staff_sign_in.check_password(email, "wrong", address=f"10.0.0.{number}", now=NOW)
    with refused(Throttled, besides=COUNTED):
        staff_sign_in.check_password(email, PASSWORD, address="10.0.0.99", now=NOW)


def test_fifty_wrong_passwords_from_one_address_stop_it_for_all_accounts() -> None:
    staff_who_can_sign_in()
    for number in range(staff_sign_in.WRONG_FROM_ONE_ADDRESS):
        with refused(DomainError, besides=COUNTED):
            staff_sign_in.check_password(f"person{number}@example.org", "wrong", address="10.0.0.1", now=NOW)
    with refused(Throttled, besides=COUNTED):
        half_of()


def test_right_passwords_do_not_add_up() -> None:
    staff_who_can_sign_in()
    assert len({half_of() for _ in range(11)}) == 11


def test_a_throttled_try_is_not_hashed(monkeypatch: pytest.MonkeyPatch) -> None:
    staff_who_can_sign_in()
    monkeypatch.setattr(staff_sign_in, "WRONG_PASSWORDS", 0)
    monkeypatch.setattr(passwords, "is_right", lambda *_: pytest.fail("hashed before counting"))
    with refused(Throttled, besides=COUNTED):
        half_of()


def test_no_transaction_is_open_while_a_password_is_hashed(monkeypatch: pytest.MonkeyPatch) -> None:
    staff_who_can_sign_in()
    open_then = []

    class Watching:
        def verify(self, kept: str, password: str) -> bool:
            open_then.append(write_intent.get() or current_session().in_transaction())
            return True

        def hash(self, password: str) -> str:
            open_then.append(write_intent.get() or current_session().in_transaction())
            return "$argon2id$new"

        def check_needs_rehash(self, kept: str) -> bool:
            return True

    monkeypatch.setattr(passwords, "_hasher", Watching())
    db.session.execute(select(Account)).all()  # a read that the page began
    signed_in()
    passwords.ask_reset("pat@example.org", write=(post := Post()), address="10.0.0.1", now=NOW)
    passwords.reset(post.link, NEW_PASSWORD, now=NOW)
    assert open_then == [False, False, False]


def reset_link() -> str:
    post = Post()
    passwords.ask_reset("pat@example.org", write=post, address="10.0.0.1", now=NOW)
    return post.link


def test_a_reset_sets_the_password_and_ends_every_session() -> None:
    staff_who_can_sign_in()
    token = signed_in()
    passwords.reset(reset_link(), NEW_PASSWORD, now=NOW)
    assert sessions.find(token, NOW) is None
    with refused(DomainError, besides=COUNTED):
        half_of()
    staff_sign_in.check_password("pat@example.org", NEW_PASSWORD, address="10.0.0.1", now=NOW)


def test_after_a_reset_the_second_factor_is_still_asked() -> None:
    staff_who_can_sign_in()
    passwords.reset(reset_link(), NEW_PASSWORD, now=NOW)
    account = people.account_by_email("pat@example.org")
    assert account is not None
    assert account.totp_confirmed_at == NOW
    assert db.session.scalars(select(AuthSession)).all() == []


def test_a_reset_link_works_once() -> None:
    staff_who_can_sign_in()
    link = reset_link()
    passwords.reset(link, NEW_PASSWORD, now=NOW)
    with refused(DomainError):
        passwords.reset(link, "another-quiet-bicycle-9", now=NOW)


@pytest.mark.parametrize(("minutes", "works"), [(59, True), (60, False)])
def test_a_reset_link_works_for_an_hour(minutes: int, works: bool) -> None:
    staff_who_can_sign_in()
    link, at = reset_link(), NOW + timedelta(minutes=minutes)
    assert (tickets.email_of(tickets.Purpose.RESET, link, at) is not None) is works
    if not works:
        with refused(DomainError):
            passwords.reset(link, NEW_PASSWORD, now=at)


def test_a_weak_new_password_leaves_the_link_open() -> None:
    staff_who_can_sign_in()
    link = reset_link()
    with refused(DomainError) as caught:
        passwords.reset(link, "password123456", now=NOW)
    assert caught.value.field == "password"
    passwords.reset(link, NEW_PASSWORD, now=NOW)


def test_a_sign_in_link_is_no_reset_link() -> None:
    staff_who_can_sign_in()
    sign_in.ask("pat@example.org", browser="b", write=(post := Post()), address="10.0.0.1", now=NOW)
    with refused(DomainError):
        passwords.reset(post.link, NEW_PASSWORD, now=NOW)


@pytest.mark.parametrize("email", ["pat@example.org", "nobody@example.org"])
def test_asking_for_a_reset_leaves_the_same_rows_for_every_address(email: str) -> None:
    staff_who_can_sign_in()
    passwords.ask_reset(email, write=Post(), address="10.0.0.1", now=NOW)
    assert [row.email for row in db.session.scalars(select(Ticket))] == [email]


def test_a_reset_message_goes_to_staff_only() -> None:
    staff_who_can_sign_in()
    an_account(Role.PATIENT, email="ana@example.org")
    kind = passwords.KIND_RESET
    asked = ("pat@example.org", "ana@example.org", "nobody@example.org")
    assert [sign_in.should_send(email, NOW, kind=kind) for email in asked] == [True, False, False]


def test_a_reset_closes_what_the_old_password_opened_and_every_other_reset_link() -> None:
    staff_who_can_sign_in()
    half, other = half_of(), reset_link()
    passwords.reset(reset_link(), NEW_PASSWORD, now=NOW)
    assert not staff_sign_in.is_waiting(half, NOW)
    with refused(DomainError):
        passwords.reset(other, "another-quiet-bicycle-9", now=NOW)
