"""Signing in as a visitor does it: patients by link or code, staff by password and code."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pyotp
import pytest
from flask import Flask
from sqlalchemy import func, select

from intake.domain.roles import Role
from intake.extensions import db, transaction
from intake.models.messages import Message
from intake.models.people import AuthSession, Patient, Ticket
from intake.services import invitations, second_factor, sessions
from intake.web import access, letters
from tests.factories import a_patient, a_site, an_account
from tests.signing import PASSWORD, SECRET, staff_who_can_sign_in
from tests.web.client import Client
from tests.web.page import Page

EMAIL = "ana@example.org"
NEW_PASSWORD = "violet-harbor-sentence-57"


class Clock:
    """The web's clock, to be set."""

    def __init__(self) -> None:
        self.at = datetime(2026, 12, 1, 16, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.at

    def passes(self, **span: float) -> None:
        self.at += timedelta(**span)

    @property
    def code(self) -> str:
        """What the authenticator shows."""
        return pyotp.TOTP(SECRET).at(self.at)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Freezes every page's time."""
    frozen = Clock()
    for name in ("access", "signing_in"):
        module = __import__(f"intake.web.{name}", fromlist=[name])
        if hasattr(module, "now"):
            monkeypatch.setattr(module, "now", frozen)
    for name in ("patients", "staff", "resets", "invitations", "own"):
        monkeypatch.setattr(__import__(f"intake.account.{name}", fromlist=[name]), "now", frozen)
    assert access.now() == frozen.at
    return frozen


@pytest.fixture
def patient_id(app: Flask) -> UUID:
    with app.app_context():
        return a_patient(a_site(), email=EMAIL)


@pytest.fixture
def staff_id(app: Flask) -> UUID:
    with app.app_context():
        return staff_who_can_sign_in(Role.DESK)


def newest_mail(app: Flask) -> str:
    with app.app_context():
        row = db.session.scalars(select(Message).order_by(Message.created_at.desc(), Message.id.desc())).first()
        assert row is not None
        return str(row.body["text"])


def link_in(app: Flask) -> str:
    found = re.search(r"http://localhost(/account/\S+)", newest_mail(app))
    assert found
    return found[1]


def code_in(app: Flask) -> str:
    found = re.search(r"\b\d{4} \d{4}\b", newest_mail(app))
    assert found
    return found[0]


def open_sessions(app: Flask) -> int:
    with app.app_context():
        return (
            db.session.scalar(select(func.count()).select_from(AuthSession).where(AuthSession.revoked_at.is_(None)))
            or 0
        )


def ask(client: Client, email: str = EMAIL, path: str = "/account/sign-in") -> Page:
    return client.post(path, {"email": email})


def staff_signs_in(client: Client, clock: Clock, path: str = "/account/staff") -> Page:
    page = client.post(path, {"email": "pat@example.org", "password": PASSWORD})
    return client.post(page.location, {"code": clock.code})


def is_signed_in(client: Client) -> bool:
    return client.open("GET", "/account/sessions").status_code == 200


def test_the_link_leads_to_a_button_and_the_button_signs_in(client: Client, app: Flask, patient_id, clock) -> None:
    assert "If this address is known, we have sent a link and a code" in client.follow(ask(client))
    link = link_in(app)
    page = client.get(link)
    assert EMAIL in page
    assert client.post(link).location == "/patient/"
    assert is_signed_in(client)


def test_opening_the_link_changes_nothing(client: Client, app: Flask, patient_id, clock) -> None:
    ask(client)
    for _ in range(2):
        client.get(link_in(app))
    assert open_sessions(app) == 0
    with app.app_context():
        assert db.session.scalars(select(Ticket)).one().used_at is None


def test_a_link_used_twice_says_so_and_offers_a_new_one(client: Client, app: Flask, patient_id, clock) -> None:
    ask(client)
    link = link_in(app)
    client.post(link)
    for page in (Client(app).get(link, status=410), Client(app).post(link, status=410)):
        assert "This link no longer works" in page
        assert "/account/sign-in" in page.links
    assert open_sessions(app) == 1


def test_a_link_that_has_ended_says_so(client: Client, app: Flask, patient_id, clock) -> None:
    ask(client)
    link = link_in(app)
    clock.passes(minutes=15)
    client.get(link, status=410)
    client.post(link, status=410)


def test_the_code_signs_in_where_it_was_asked_for(client: Client, app: Flask, patient_id, clock) -> None:
    page = ask(client)
    other = Client(app)
    other.get("/account/sign-in/code")
    assert "This code does not fit" in other.post(page.location, {"code": code_in(app)}, status=422)
    assert client.post(page.location, {"code": code_in(app)}).location == "/patient/"


def test_the_fifth_wrong_code_ends_the_ticket(client: Client, app: Flask, patient_id, clock) -> None:
    page = ask(client)
    for _ in range(5):
        client.post(page.location, {"code": "12"}, status=422)
    client.post(page.location, {"code": code_in(app)}, status=422)
    client.post(link_in(app), status=410)


def test_known_unknown_and_staff_addresses_get_the_same_bytes(app: Flask, patient_id, staff_id, clock) -> None:
    seen = set()
    for email in (EMAIL, "nobody@example.org", "pat@example.org"):
        visitor = Client(app)
        sent = ask(visitor, email)
        page = re.sub(r'(nonce|value)="[^"]*"', "", visitor.follow(sent).body)
        seen.add((sent.status, sent.location, sent.body, page))
    assert len(seen) == 1


def test_the_cookie_is_new_after_signing_in(client: Client, app: Flask, patient_id, clock) -> None:
    ask(client)
    before = client.csrf_token()
    client.post(link_in(app))
    assert client.csrf_token().split(".")[0] != before.split(".")[0]


def test_signing_in_as_somebody_else_ends_the_earlier_session(
    client: Client, app: Flask, patient_id, staff_id, clock
) -> None:
    staff_signs_in(client, clock)
    ask(client)
    client.post(link_in(app))
    assert open_sessions(app) == 1


@pytest.mark.parametrize(
    ("wanted", "leads_to"),
    [
        ("/desk/calendar?day=1", "/desk/calendar?day=1"),
        ("//evil.example.org", "/desk/"),
        ("/\\evil.example.org", "/desk/"),
        ("https://evil.example.org", "/desk/"),
        ("/%09/evil.example.org", "/desk/"),
        ("javascript:alert(1)", "/desk/"),
        ("", "/desk/"),
    ],
)
def test_next_leads_only_to_this_site(client: Client, staff_id, clock: Clock, wanted: str, leads_to: str) -> None:
    from urllib.parse import quote

    path = "/account/staff?next=" + (wanted if "%" in wanted else quote(wanted, safe=""))
    assert staff_signs_in(client, clock, path).location == leads_to


def test_a_closed_page_is_reached_after_signing_in(client: Client, app: Flask, patient_id, clock) -> None:
    page = client.get("/patient/", status=302)
    assert page.location.startswith("/account/sign-in?next=")
    sent = ask(client, path=page.location)
    assert client.post(sent.location, {"code": code_in(app)}).location == "/patient/"


def test_staff_left_out_of_a_page_come_back_to_it(client: Client, staff_id, clock: Clock) -> None:
    page = client.get(client.get("/desk/?day=1", status=302).location, status=302)
    assert page.location == "/account/staff?next=/desk/?day%3D1"
    assert staff_signs_in(client, clock, page.location).location == "/desk/?day=1"


def test_staff_need_password_and_code(client: Client, app: Flask, staff_id, clock: Clock) -> None:
    page = client.post("/account/staff", {"email": "Pat@Example.org", "password": PASSWORD})
    assert page.location == "/account/staff/code"
    assert not is_signed_in(client)
    assert client.post(page.location, {"code": clock.code}).location == "/desk/"
    assert is_signed_in(client)


def test_the_code_page_without_a_password_leads_back(client: Client, staff_id, clock: Clock) -> None:
    assert client.get("/account/staff/code", status=302).location == "/account/staff"
    assert client.post("/account/staff/code", {"code": clock.code}).location == "/account/staff"


def test_after_five_wrong_codes_the_password_is_asked_again(client: Client, staff_id, clock: Clock) -> None:
    page = client.post("/account/staff", {"email": "pat@example.org", "password": PASSWORD})
    for _ in range(5):
        client.post(page.location, {"code": "12"}, status=422)
    back = client.post(page.location, {"code": clock.code})
    assert back.location == "/account/staff"
    assert "Enter your password again" in client.follow(back)


@pytest.mark.parametrize("email", ["pat@example.org", "nobody@example.org", EMAIL])
def test_a_wrong_password_says_the_same_for_everybody(client: Client, patient_id, staff_id, clock, email: str) -> None:
    page = client.post("/account/staff", {"email": email, "password": "wrong"}, status=422)
    assert page.errors == ["The e-mail address or the password is not right."]
    assert page.value("email") == email
    assert page.value("password") in (None, "")


@pytest.mark.parametrize("email", ["pat@example.org", "nobody@example.org"])
def test_twenty_wrong_passwords_end_in_a_page_that_says_wait(client: Client, staff_id, clock, email: str) -> None:
    typed = {"email": email, "password": "wrong"}
    answered = [client.open("POST", "/account/staff", data={**typed, "csrf_token": client.csrf_token()}).status_code
                for _ in range(20)]  # fmt: skip
    assert answered == [422] * 10 + [429] * 10
    assert "Wait fifteen minutes" in client.post("/account/staff", {**typed, "password": PASSWORD}, status=429)


def test_a_recovery_code_stands_in_for_the_app(client: Client, app: Flask, staff_id, clock: Clock) -> None:
    codes = second_factor.new_recovery_codes()
    with app.app_context(), transaction() as session:
        second_factor.replace_recovery_codes(session, staff_id, codes)
    page = client.post("/account/staff", {"email": "pat@example.org", "password": PASSWORD})
    assert client.post(page.location, {"code": second_factor.code_words(codes[0])}).location == "/desk/"


def test_a_forgotten_password_is_set_anew_by_a_link(client: Client, app: Flask, staff_id, clock: Clock) -> None:
    client.follow(client.post("/account/forgot", {"email": "pat@example.org"}))
    link = link_in(app)
    client.get(link)
    typed = {"password": NEW_PASSWORD, "again": NEW_PASSWORD}
    assert client.post(link, {**typed, "again": "other"}, status=422).errors == ["The two passwords are not the same."]
    client.post(link, {"password": "password123456", "again": "password123456"}, status=422)
    assert client.post(link, typed).location == "/account/staff"
    assert not is_signed_in(client)
    client.post(link, typed, status=410)
    page = client.post("/account/staff", {"email": "pat@example.org", "password": NEW_PASSWORD})
    assert client.post(page.location, {"code": clock.code}).location == "/desk/"


def test_an_invitation_ends_with_recovery_codes_shown_once(client: Client, app: Flask, clock: Clock) -> None:
    with app.app_context():
        token = invitations.invite("mona@example.org", name="Mona", roles=[Role.MANAGER], actor_id=None, now=clock())
    link = f"/account/invitation/{token}"
    client.get(link)
    page = client.submit(link, {"password": PASSWORD, "again": PASSWORD})
    assert "<svg" in page.body
    assert "style=" not in page.body
    secret = re.search(r"<code>([A-Z2-7-]+)</code>", page.body)
    assert secret
    client.post(f"{link}/app", {"code": "12"}, status=422)
    assert not is_signed_in(client)
    done = client.post(f"{link}/app", {"code": pyotp.TOTP(secret[1].replace("-", "")).at(clock())}, status=200)
    assert len(re.findall(r"<code>[A-Z2-9]{4}-[A-Z2-9]{4}-[A-Z2-9]{4}</code>", done.body)) == 10
    assert client.get("/account/done", status=302).location == "/manage/"
    for path in (link, f"{link}/app"):
        assert "This invitation no longer works" in client.get(path, status=410)


def test_ones_own_sessions_are_listed_and_one_can_be_ended(app: Flask, staff_id) -> None:
    here, there = Client(app), Client(app)
    here.sign_in(staff_id)
    there.sign_in(staff_id)
    page = here.get("/account/sessions")
    ends = [form["action"] for form in page.forms if form.get("action", "").endswith("/end")]
    assert len(ends) == 1
    here.submit(ends[0])
    assert is_signed_in(here)
    assert not is_signed_in(there)


def test_somebody_elses_session_cannot_be_ended(client: Client, app: Flask, staff_id) -> None:
    with app.app_context():
        token = sessions.open_for(an_account(Role.DESK), browser="x", second_factor=True, now=datetime.now(UTC))
        row = sessions.find(token, datetime.now(UTC))
        assert row is not None
        session_id = row.id
    client.sign_in(staff_id)
    client.post(f"/account/sessions/{session_id}/end")
    with app.app_context():
        assert sessions.find(token, datetime.now(UTC)) is not None


def test_signing_out_ends_the_session_here_and_in_the_register(client: Client, app: Flask, staff_id) -> None:
    client.sign_in(staff_id)
    assert "You are signed out" in client.submit("/account/sign-out")
    assert not is_signed_in(client)
    assert open_sessions(app) == 0


def test_signing_out_needs_a_post_with_a_token(client: Client, staff_id) -> None:
    client.sign_in(staff_id)
    client.get("/account/sign-out", status=405)
    client.post("/account/sign-out", token=False, status=400)
    assert is_signed_in(client)


@pytest.mark.parametrize(("minutes", "is_open"), [(15, True), (16, False)])
def test_staff_left_alone_must_sign_in_again(
    client: Client, staff_id, clock: Clock, minutes: int, is_open: bool
) -> None:
    client.sign_in(staff_id, now=clock())
    clock.passes(minutes=minutes)
    assert is_signed_in(client) is is_open


@pytest.mark.parametrize(("minutes", "is_open"), [(30, True), (31, False)])
def test_a_patient_left_alone_must_sign_in_again(
    client: Client, app: Flask, patient_id, clock: Clock, minutes: int, is_open: bool
) -> None:
    with app.app_context():
        account_id = db.session.get_one(Patient, patient_id).account_id
    assert account_id
    client.sign_in(account_id, now=clock())
    clock.passes(minutes=minutes)
    assert is_signed_in(client) is is_open


def test_after_twelve_hours_everybody_signs_in_again(client: Client, staff_id, clock: Clock) -> None:
    client.sign_in(staff_id, now=clock())
    for _ in range(6 * 12):
        clock.passes(minutes=10)
        assert is_signed_in(client)
    clock.passes(minutes=1)
    assert not is_signed_in(client)


def test_staff_choose_the_site_they_work_in(client: Client, app: Flask, staff_id) -> None:
    with app.app_context():
        a_site(name="Denver")
        site_id = a_site(name="Phoenix")
    client.sign_in(staff_id)
    chosen = client.post("/account/site", {"site": str(site_id), "next": "//evil.example.org"})
    assert chosen.location == "/desk/"
    assert client.get("/account/sessions").value("site") == str(site_id)
    client.post("/account/site", {"site": str(uuid4())}, status=404)


def test_patients_choose_no_site(client: Client, app: Flask, patient_id) -> None:
    with app.app_context():
        account_id = db.session.get_one(Patient, patient_id).account_id
    assert account_id
    client.sign_in(account_id)
    client.post("/account/site", {"site": str(uuid4())}, status=403)


@pytest.mark.parametrize("path", ["/account/sessions", "/account/done"])
def test_own_pages_are_closed_to_strangers(client: Client, path: str) -> None:
    assert client.get(path, status=302).location.startswith("/account/s")


def test_mail_names_the_configured_address_whatever_the_host(app: Flask) -> None:
    with app.test_request_context(base_url="https://evil.example.org"):
        assert letters.address_of("account.link", "token") == "http://localhost/account/link/token"


def test_no_message_says_what_the_clinic_treats(app: Flask) -> None:
    for path in (Path(app.root_path).parent / "templates" / "email").glob("*.txt"):
        text = path.read_text().lower()
        assert not re.search(r"ketamine|depress|infusion|treatment|antidepressant|psychiatr", text), path.name


@pytest.mark.parametrize("carrier", ["header", "query"])
def test_no_token_outside_of_the_cookie_opens_a_page(client: Client, app: Flask, staff_id, carrier: str) -> None:
    with app.app_context():
        token = sessions.open_for(staff_id, browser="x", second_factor=True, now=datetime.now(UTC))
    options = {"header": {"headers": {"Authorization": token, "Authentication-Token": token}},
               "query": {"query_string": {"auth_token": token, "sid": token}}}[carrier]  # fmt: skip
    assert client.open("GET", "/account/sessions", **options).status_code == 302


def test_json_is_no_way_in(client: Client, staff_id) -> None:
    body = {"email": "pat@example.org", "password": PASSWORD}
    answer = client.open("POST", "/account/staff", json=body, headers={"X-CSRFToken": client.csrf_token()})
    assert answer.status_code == 415
