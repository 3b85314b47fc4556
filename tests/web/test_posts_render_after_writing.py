"""What answers a POST is rendered after its transaction has ended: refused forms, what was found, and error pages.

Every test of a page is watched for it as well: see `rendered_in_a_write` of tests/databases.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pyotp
import pytest

from intake.domain.roles import Role
from intake.extensions import current_session
from intake.models.people import Account
from intake.services import invitations
from tests.web.filling import Control
from tests.web.test_bad_input import VISITORS, forms_in, pages_of
from tests.web.walking import arguments_of, path_of, rules_of, send
from tests.web.watching import file_of, no_write_while_rendering, rendered
from tests.web.world import PASSWORD
from tests.web.worlds import Clinic

REFUSED: dict[str | None, set[str]] = {
    None: {"account/code.html", "account/forgot.html", "account/sign_in.html", "account/staff.html"},
    "filling": {
        "patient/medicine.html",
        "patient/medicines.html",
        "patient/mood.html",
        "patient/reason.html",
        "patient/sign.html",
        "patient/trial.html",
        "patient/trials.html",
        "patient/you.html",
    },
    "returned": {"patient/conflict.html", "patient/question.html", "patient/sign.html"},
    "desk": {
        "desk/booster.html",
        "desk/cancel.html",
        "desk/closings.html",
        "desk/find.html",
        "desk/move.html",
        "desk/recall_call.html",
        "desk/replan.html",
        "desk/series_booked.html",
        "desk/visit.html",
    },
    "manager": {"manage/protocol_edit.html", "manage/protocols.html", "manage/simulations.html"},
    "provider": {
        "provider/amend.html",
        "provider/booster.html",
        "provider/checkpoint.html",
        "provider/close_alert.html",
        "provider/contact.html",
        "provider/decision.html",
        "provider/evaluation.html",
        "provider/order.html",
        "provider/order_stop.html",
        "provider/questions.html",
        "provider/verdict.html",
    },
}
"""Pages with a form that have to come back to somebody, or the walk saw nothing. The public one comes to everybody."""
ERRORS = {"errors/403.html", "errors/404.html", "errors/413.html", "errors/415.html", "errors/stale.html"}


@dataclass(frozen=True, slots=True)
class Watch:
    """The templates rendered meanwhile, and those among them that were rendered while a write was open."""

    shown: list[str]
    writing: list[str]


@pytest.fixture
def watch(clinic: Clinic) -> Iterator[Watch]:
    """Looks on; the database itself is asked whether somebody may write."""
    with rendered() as shown, no_write_while_rendering(file_of(clinic.app)) as writing:
        yield Watch(shown, writing)


def scrawl(control: Control) -> str:
    """What is typed into every field: nothing that a date, a number or a code could be."""
    return "\x07" if "name" in control.name else "x"


@pytest.mark.parametrize("who", VISITORS)
def test_no_answer_to_a_form_is_rendered_while_a_write_is_open(clinic: Clinic, watch: Watch, who: str | None) -> None:
    client = clinic.visitor(who)
    forms = list(forms_in(client, pages_of(clinic, who)))
    watch.shown.clear()
    for goal, form in forms:
        hidden = {name: one.value for name, one in form.controls.items() if one.kind == "hidden"}
        bodies: list[dict[str, Any]] = [hidden, form.filled(scrawl), form.as_it_stands(), {}]
        for body in bodies:
            client.open("POST", goal, data=body | {"csrf_token": client.csrf_token()})
    assert watch.writing == []
    assert REFUSED.get(who, set()) | {"public/request.html"} <= set(watch.shown)


@pytest.mark.parametrize("who", VISITORS)
def test_no_error_page_is_rendered_while_a_write_is_open(clinic: Clinic, watch: Watch, who: str | None) -> None:
    """Every address that takes a POST, of the own area and of others, with no token, too much, JSON, and nothing."""
    client, values = clinic.visitor(who), arguments_of(clinic.world.people["booked"])
    for rule in rules_of(clinic.app, method="POST"):
        path = path_of(rule, values)
        client.open("POST", path, data={"x": "no token"})
        client.open("POST", path, data={"csrf_token": client.csrf_token(), "x": "y" * 300_000})
        client.open("POST", path, json={}, headers={"X-CSRFToken": client.csrf_token()})
        if rule.endpoint != "account.sign_out":
            send(client, "POST", path)
    assert watch.writing == []
    assert (ERRORS if who else ERRORS - {"errors/403.html", "errors/404.html"}) <= set(watch.shown)


def test_no_page_of_signing_in_is_rendered_while_a_write_is_open(clinic: Clinic, watch: Watch) -> None:
    """Passwords and codes that are wrong, one that is right, and being told to wait."""
    visitor, session_of = clinic.visitor(), clinic.world.account("desk")
    with clinic.app.app_context():
        email = current_session().get_one(Account, session_of).email
        token = invitations.invite(
            "new@example.org", name="New", roles=[Role.NURSE], actor_id=None, now=clinic.clock.at
        )
    visitor.post("/account/staff", {"email": email, "password": PASSWORD})
    visitor.post("/account/staff/code", {"code": "1"}, status=422)
    for path, values in (("", {"password": "short", "again": "short"}), ("/app", {"code": "1"})):
        visitor.post(f"/account/invitation/{token}{path}", values, status=422)
        visitor.post(f"/account/invitation/{token}", {"password": PASSWORD + "2", "again": PASSWORD + "2"})
    with clinic.app.app_context():
        invited = invitations.opened(token, clinic.clock.at)
        assert invited is not None and invited.secret is not None
    code = pyotp.TOTP(invited.secret).at(clinic.clock.at)
    visitor.post(f"/account/invitation/{token}/app", {"code": code}, status=200)
    stranger = clinic.visitor()
    for number in range(11):
        wrong = {"email": "who@example.org", "password": "wrong"}
        stranger.post("/account/staff", wrong, status=422 if number < 10 else 429)
    assert watch.writing == []
    pages = {"staff", "staff_code", "invitation", "invitation_app", "recovery_codes"}
    assert {f"account/{page}.html" for page in pages} | {"errors/429.html"} <= set(watch.shown)


def test_wishes_and_plans_that_are_refused_are_rendered_after_the_write(clinic: Clinic, watch: Watch) -> None:
    """A plan whose times were taken meanwhile is made anew, and shown with no write open."""
    client, order_id = clinic.visitor("desk"), clinic.world.people["ordered"].order_id
    series = f"/desk/series/{order_id}"
    client.post(f"{series}/wishes", {"mon-when": "hours", "mon-start": "late"}, status=422)
    taken = next(form for form in client.get(series).forms if form.get("action", "").endswith("/book"))
    assert taken
    client.post(f"{series}/book", {"slots": '[["2026-12-05",540,"1"]]', "request_key": str(order_id)}, status=422)
    assert watch.writing == []
    assert "desk/series.html" in watch.shown
