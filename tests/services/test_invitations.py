"""An invitation ends only with password and second factor; before that the account opens nothing."""

from __future__ import annotations

from datetime import datetime, timedelta

import pyotp
import pytest
from flask import Flask
from sqlalchemy import select, update

from intake.domain.errors import DomainError
from intake.domain.roles import Role
from intake.extensions import current_session, db, transaction
from intake.models.audit import AuditRow
from intake.models.people import Account, AuthSession, RecoveryCode, Ticket
from intake.services import invitations, second_factor, sessions, staff_sign_in
from tests.factories import NOW, an_account
from tests.racing import race
from tests.refusing import COUNTED, refused
from tests.signing import PASSWORD, app_code, staff_who_can_sign_in

EMAIL = "mona@example.org"


def invited(*roles: Role, email: str = EMAIL, name: str = "Mona Manager") -> str:
    return invitations.invite(email, name=name, roles=roles or (Role.MANAGER,), actor_id=None, now=NOW)


def code_for(token: str, now=NOW) -> str:
    opened = invitations.opened(token, now)
    assert opened is not None
    assert opened.secret is not None
    return pyotp.TOTP(opened.secret).at(now)


def accepted(token: str) -> invitations.Accepted:
    invitations.choose_password(token, PASSWORD, now=NOW)
    return invitations.accept(token, code_for(token), browser_name="Test", now=NOW)


def account() -> Account:
    return db.session.scalars(select(Account)).one()


def test_the_whole_way_gives_roles_a_session_and_recovery_codes() -> None:
    done = accepted(invited(Role.MANAGER, Role.DESK))
    row = sessions.find(done.token, NOW)
    assert row is not None
    assert row.second_factor_at == NOW
    assert row.account.roles == {Role.MANAGER, Role.DESK}
    assert len(set(done.recovery_codes)) == 10
    assert len(db.session.scalars(select(RecoveryCode)).all()) == 10


def test_until_the_factor_is_confirmed_the_account_opens_nothing() -> None:
    token = invited()
    invitations.choose_password(token, PASSWORD, now=NOW)
    assert (account().roles, account().totp_confirmed_at) == (frozenset(), None)
    with refused(DomainError, besides=COUNTED):
        staff_sign_in.check_password(EMAIL, PASSWORD, address="10.0.0.1", now=NOW)


def test_afterwards_password_and_the_next_code_sign_in() -> None:
    token = invited()
    invitations.choose_password(token, PASSWORD, now=NOW)
    secret = account().totp_secret
    assert secret is not None
    invitations.accept(token, code_for(token), browser_name="Test", now=NOW)
    half = staff_sign_in.check_password(EMAIL, PASSWORD, address="10.0.0.1", now=NOW)
    with pytest.raises(DomainError):  # the code that ended the invitation is spent
        staff_sign_in.check_code(half, pyotp.TOTP(secret).at(NOW), browser_name="Test", now=NOW)
    later = NOW + timedelta(seconds=30)
    assert staff_sign_in.check_code(half, pyotp.TOTP(secret).at(later), browser_name="Test", now=later)


def test_a_wrong_code_ends_nothing() -> None:
    token = invited()
    invitations.choose_password(token, PASSWORD, now=NOW)
    with pytest.raises(DomainError) as caught:
        invitations.accept(token, "12", browser_name="Test", now=NOW)
    assert caught.value.field == "code"
    assert invitations.opened(token, NOW) is not None
    assert db.session.scalars(select(AuthSession)).all() == []


def test_a_weak_password_is_refused_with_reasons() -> None:
    with pytest.raises(DomainError) as caught:
        invitations.choose_password(invited(), "monamanager1", now=NOW)
    assert caught.value.field == "password"
    assert account().password_hash is None


def test_the_app_comes_after_the_password() -> None:
    token = invited()
    opened = invitations.opened(token, NOW)
    assert opened is not None
    assert opened.secret is None
    with refused(DomainError):
        invitations.accept(token, "123456", browser_name="Test", now=NOW)


def test_an_invitation_works_once() -> None:
    token = invited()
    accepted(token)
    assert invitations.opened(token, NOW) is None
    with refused(DomainError):
        invitations.choose_password(token, PASSWORD, now=NOW)


def test_accepted_by_eight_at_once_it_works_once(app: Flask) -> None:
    token = invited()
    invitations.choose_password(token, PASSWORD, now=NOW)
    code = code_for(token)

    def accept(_: int) -> bool:
        try:
            invitations.accept(token, code, browser_name="Test", now=NOW)
        except DomainError:
            return False
        return True

    assert sorted(race(app, accept, 8)) == [False] * 7 + [True]
    assert len(db.session.scalars(select(RecoveryCode)).all()) == 10


@pytest.mark.parametrize(("days", "is_open"), [(6, True), (7, False)])
def test_an_invitation_is_open_for_seven_days(days: int, is_open: bool) -> None:
    token = invited()
    assert (invitations.opened(token, NOW + timedelta(days=days)) is not None) is is_open


def test_a_second_invitation_ends_the_first() -> None:
    first, second = invited(), invited()
    assert invitations.opened(first, NOW) is None
    assert invitations.opened(second, NOW) is not None


def test_an_account_from_the_clinics_file_keeps_its_name_and_roles() -> None:
    an_account(Role.NURSE, name="Nora Nurse", email=EMAIL)
    token = invitations.invite(EMAIL, name="", roles=[], actor_id=None, now=NOW)
    accepted(token)
    db.session.expire_all()
    assert (account().name, account().roles) == ("Nora Nurse", {Role.NURSE})


def test_roles_of_an_invitation_add_to_those_of_the_clinics_file() -> None:
    an_account(Role.NURSE, name="Nora Nurse", email=EMAIL)
    accepted(invited(Role.NURSE, Role.DESK))
    db.session.expire_all()
    assert account().roles == {Role.NURSE, Role.DESK}


def test_a_patients_address_is_refused() -> None:
    an_account(Role.PATIENT, email=EMAIL)
    with refused(DomainError) as caught:
        invited()
    assert caught.value.field == "email"


def test_somebody_who_can_sign_in_is_not_invited_again() -> None:
    staff_who_can_sign_in(email=EMAIL)
    with refused(DomainError):
        invited()


def reset(email: str = EMAIL, roles: tuple[Role, ...] = ()) -> str:
    return invitations.invite(email, name="", roles=roles, actor_id=None, now=NOW, resets_factor=True)


def test_a_lost_factor_ends_with_its_codes_sessions_and_half_finished_sign_ins() -> None:
    old = accepted(invited(Role.PROVIDER, name="Pat Provider"))
    half = staff_sign_in.check_password(EMAIL, PASSWORD, address="10.0.0.1", now=NOW)
    secret = account().totp_secret
    assert secret is not None
    token = reset()
    db.session.expire_all()
    assert sessions.find(old.token, NOW) is None
    assert not staff_sign_in.is_waiting(half, NOW)
    assert (account().totp_secret, account().totp_confirmed_at, account().password_hash) == (None, None, None)
    assert db.session.scalars(select(RecoveryCode)).all() == []
    for code in (pyotp.TOTP(secret).at(NOW + timedelta(seconds=30)), old.recovery_codes[0]):
        with pytest.raises(DomainError):
            staff_sign_in.check_code(half, code, browser_name="Test", now=NOW)
    with pytest.raises(DomainError):
        staff_sign_in.check_password(EMAIL, PASSWORD, address="10.0.0.1", now=NOW)
    done = accepted(token)
    db.session.expire_all()
    assert sessions.find(done.token, NOW) is not None
    assert (account().name, account().roles) == ("Pat Provider", {Role.PROVIDER})
    assert not set(done.recovery_codes) & set(old.recovery_codes)


def test_a_code_that_is_read_just_before_the_reset_is_not_spent_after_it(monkeypatch: pytest.MonkeyPatch) -> None:
    account_id = staff_who_can_sign_in(email=EMAIL)
    matching_step = second_factor.matching_step

    def matching_while_it_is_reset(secret: str, code: str, now: datetime) -> int | None:
        ended = update(Account).values(totp_confirmed_at=None, totp_last_step=None)
        current_session().execute(ended, execution_options={"synchronize_session": False})
        return matching_step(secret, code, now)

    monkeypatch.setattr(second_factor, "matching_step", matching_while_it_is_reset)
    with transaction() as session:
        assert not second_factor.spend(session, account_id, app_code(), now=NOW)


def test_a_reset_stands_in_the_audit_trail_beside_its_invitation() -> None:
    account_id = staff_who_can_sign_in(email=EMAIL)
    reset()
    rows = db.session.scalars(select(AuditRow).where(AuditRow.subject_id == str(account_id))).all()
    assert {row.action for row in rows} == {"second-factor.reset", "invitation.make"}


def test_a_reset_that_is_refused_leaves_everything_as_it_was() -> None:
    old = accepted(invited(Role.PROVIDER))
    with pytest.raises(DomainError) as caught:
        reset(roles=(Role.PATIENT,))
    assert caught.value.field == "roles"
    an_account(Role.PATIENT, email="ana@example.org")
    for email in ("ana@example.org", "nobody@example.org"):
        with pytest.raises(DomainError) as caught:
            reset(email)
        assert caught.value.field == "email"
    assert sessions.find(old.token, NOW) is not None
    assert len(db.session.scalars(select(RecoveryCode)).all()) == 10
    assert db.session.scalars(select(AuditRow).where(AuditRow.action == "second-factor.reset")).all() == []


def test_somebody_who_never_had_a_factor_has_none_to_reset() -> None:
    an_account(Role.NURSE, email=EMAIL)
    with refused(DomainError):
        reset()


@pytest.mark.parametrize("by_app", [True, False], ids=["by app", "by recovery code"])
def test_whoever_signs_in_while_the_factor_is_reset_is_out_afterwards(app: Flask, by_app: bool) -> None:
    done = accepted(invited(Role.PROVIDER))
    half = staff_sign_in.check_password(EMAIL, PASSWORD, address="10.0.0.1", now=NOW)
    later = NOW + timedelta(seconds=30)
    code = pyotp.TOTP(account().totp_secret or "").at(later) if by_app else done.recovery_codes[0]

    def act(number: int) -> bool:
        if number == 0:
            return bool(reset())
        try:
            return bool(staff_sign_in.check_code(half, code, browser_name="Test", now=later))
        except DomainError:
            return False

    answers = race(app, act, 2)
    assert answers[0] is True and isinstance(answers[1], bool)
    open_ones = select(AuthSession).where(AuthSession.revoked_at.is_(None))
    assert db.session.scalars(open_ones).all() == []


@pytest.mark.parametrize("roles", [[Role.PATIENT], []])
def test_an_invitation_needs_a_role_of_staff(roles: list[Role]) -> None:
    with refused(DomainError) as caught:
        invitations.invite(EMAIL, name="X", roles=roles, actor_id=None, now=NOW)
    assert caught.value.field == "roles"


def test_the_token_is_kept_as_a_digest_only() -> None:
    token = invited()
    row = db.session.scalars(select(Ticket)).one()
    assert token.encode() not in row.link_digest


def test_the_setup_text_names_the_issuer_and_the_address() -> None:
    uri = second_factor.setup_uri(second_factor.new_secret(), EMAIL)
    assert uri.startswith("otpauth://totp/Intake:mona%40example.org?secret=")
