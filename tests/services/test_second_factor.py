"""One-time codes and recovery codes work once, whoever races."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from intake.domain.errors import DomainError
from intake.extensions import db, transaction
from intake.models.audit import AuditRow
from intake.models.people import Account, AuthSession, RecoveryCode
from intake.services import second_factor, sessions
from intake.services.errors import Throttled
from tests.factories import NOW
from tests.racing import race
from tests.refusing import refused
from tests.signing import SECRET, app_code, staff_who_can_sign_in


def fits(account_id, code: str, now=NOW) -> bool:
    try:
        second_factor.verify(account_id, code, now=now)
    except DomainError as error:
        assert error.field == "code"
        return False
    return True


def with_recovery_codes(account_id) -> list[str]:
    codes = second_factor.new_recovery_codes()
    with transaction() as session:
        second_factor.replace_recovery_codes(session, account_id, codes)
    return codes


@pytest.mark.parametrize(("steps", "is_right"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_a_code_fits_half_a_minute_either_way(steps: int, is_right: bool) -> None:
    assert fits(staff_who_can_sign_in(), app_code(steps=steps)) is is_right


def test_a_code_works_once() -> None:
    account_id = staff_who_can_sign_in()
    assert [fits(account_id, app_code()), fits(account_id, app_code())] == [True, False]


def test_an_earlier_code_no_longer_works_after_a_later_one() -> None:
    account_id = staff_who_can_sign_in()
    assert fits(account_id, app_code(steps=1))
    assert not fits(account_id, app_code())


def test_spaces_in_a_code_do_not_matter() -> None:
    code = app_code()
    assert fits(staff_who_can_sign_in(), f" {code[:3]} {code[3:]} ")


def test_the_same_code_by_eight_at_once_lets_one_in(app: Flask) -> None:
    account_id = staff_who_can_sign_in()
    answers = race(app, lambda _: fits(account_id, app_code()), 8)
    assert sorted(answers) == [False] * 7 + [True]


def test_the_same_recovery_code_by_eight_at_once_lets_one_in(app: Flask) -> None:
    account_id = staff_who_can_sign_in()
    code = with_recovery_codes(account_id)[0]
    assert sorted(race(app, lambda _: fits(account_id, code), 8)) == [False] * 7 + [True]


def test_each_recovery_code_works_once_however_it_is_typed() -> None:
    account_id = staff_who_can_sign_in()
    first, second, *_ = with_recovery_codes(account_id)
    assert fits(account_id, second_factor.code_words(first).lower())
    assert not fits(account_id, first)
    assert fits(account_id, second)
    used = db.session.scalars(select(AuditRow).where(AuditRow.action == "second-factor.recovery")).all()
    assert len(used) == 2


def test_new_recovery_codes_end_the_old_ones() -> None:
    account_id = staff_who_can_sign_in()
    old = with_recovery_codes(account_id)
    with_recovery_codes(account_id)
    assert not fits(account_id, old[0])


def test_a_recovery_code_is_kept_as_a_digest_only() -> None:
    account_id = staff_who_can_sign_in()
    codes = with_recovery_codes(account_id)
    kept = [row.digest for row in db.session.scalars(select(RecoveryCode))]
    assert len(kept) == 10
    assert not any(code.encode() in digest for code in codes for digest in kept)


def test_somebody_elses_recovery_code_does_not_fit() -> None:
    mine, other = staff_who_can_sign_in(), staff_who_can_sign_in(email="other@example.org")
    assert not fits(other, with_recovery_codes(mine)[0])


def test_an_authenticator_that_was_never_confirmed_does_not_count() -> None:
    account_id = staff_who_can_sign_in()
    with transaction() as session:
        session.get_one(Account, account_id).totp_confirmed_at = None
    assert not fits(account_id, app_code())


def test_after_ten_wrong_codes_the_right_one_is_refused_too() -> None:
    account_id = staff_who_can_sign_in()
    for _ in range(10):
        assert not fits(account_id, "000000" if app_code() != "000000" else "111111")
    with refused(Throttled):
        second_factor.verify(account_id, app_code(), now=NOW)


def test_right_codes_do_not_add_up() -> None:
    account_id = staff_who_can_sign_in()
    for minute in range(12):
        at = NOW + timedelta(minutes=minute)
        second_factor.verify(account_id, app_code(at), now=at)


def test_a_right_code_steps_up_its_session_for_five_minutes() -> None:
    account_id = staff_who_can_sign_in()
    sessions.open_for(account_id, browser="Test", second_factor=True, now=NOW)
    session_id = db.session.scalars(select(AuthSession.id)).one()
    second_factor.verify(account_id, app_code(), now=NOW, session_id=session_id)
    row = db.session.get_one(AuthSession, session_id)
    assert sessions.has_stepped_up(row, NOW + timedelta(minutes=5))
    assert not sessions.has_stepped_up(row, NOW + timedelta(minutes=5, seconds=1))


def test_a_wrong_code_steps_nothing_up() -> None:
    account_id = staff_who_can_sign_in()
    sessions.open_for(account_id, browser="Test", second_factor=True, now=NOW)
    session_id = db.session.scalars(select(AuthSession.id)).one()
    with pytest.raises(DomainError):
        second_factor.verify(account_id, "nonsense", now=NOW, session_id=session_id)
    assert not sessions.has_stepped_up(db.session.get_one(AuthSession, session_id), NOW)


def test_the_code_shown_in_development_is_the_next_one_that_works() -> None:
    account_id = staff_who_can_sign_in()
    for _ in range(2):
        shown = second_factor.current_code(account_id, now=NOW)
        assert shown is not None
        assert fits(account_id, shown)
    assert second_factor.current_code(account_id, now=NOW) is None


def test_the_secret_is_sealed_in_the_database() -> None:
    account_id = staff_who_can_sign_in()
    sealed = db.session.get_one(Account, account_id).totp_secret_sealed
    assert sealed is not None
    assert SECRET.encode() not in sealed
