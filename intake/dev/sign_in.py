"""Signing in as any demo person with one press, and the one-time code that their app would show."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from flask import abort, render_template
from flask.typing import ResponseReturnValue
from flask_login import current_user

from intake.dev import bp
from intake.domain.roles import Role
from intake.queries import people, stages
from intake.services import second_factor, sessions
from intake.web.access import now
from intake.web.signing_in import browser_name, open_session

ORDER = (Role.DESK, Role.PROVIDER, Role.MEDICAL_DIRECTOR, Role.NURSE, Role.MANAGER, Role.PATIENT)
WORDS = {
    Role.DESK: "Front desk",
    Role.PROVIDER: "Providers",
    Role.MEDICAL_DIRECTOR: "Medical director",
    Role.NURSE: "Nurses",
    Role.MANAGER: "Practice manager",
    Role.PATIENT: "Patients",
}


@bp.get("/sign-in")
def sign_in() -> ResponseReturnValue:
    """Every demo person, under the first of their roles; patients by how far they have come."""
    everybody = people.demo_accounts()
    groups = [(WORDS[role], [(one, "") for one in everybody if first_role(one.roles) is role]) for role in ORDER[:-1]]
    groups += by_stage([one for one in everybody if first_role(one.roles) is Role.PATIENT])
    return render_template("dev/sign_in.html", groups=[(title, members) for title, members in groups if members])


def by_stage(patients: Sequence[people.Account]) -> list[tuple[str, list[tuple[people.Account, str]]]]:
    """Patients under their stage, with the rest of its words; last those who have none."""
    found = stages.accounts(now().date())
    groups = [(WORDS[Role.PATIENT], [(one, "") for one in patients if one.id not in found])]
    for stage in reversed(stages.STAGES):
        members = [(one, words) for one in patients if (words := found.get(one.id, "")).startswith(stage)]
        groups.insert(0, (stage.capitalize(), [(one, said.removeprefix(stage).lstrip(", ")) for one, said in members]))
    return groups


@bp.post("/sign-in/<uuid:account_id>")
def sign_in_as(account_id: UUID) -> ResponseReturnValue:
    """Be this demo person, second factor included. Nobody but demo people."""
    chosen = next((one for one in people.demo_accounts() if one.id == account_id), None)
    if chosen is None:
        abort(404)
    token = sessions.open_for(chosen.id, browser=browser_name(), second_factor=chosen.is_staff, now=now())
    return open_session(token, None)


@bp.get("/code")
def code() -> ResponseReturnValue:
    """The code that the app of the person signed in would show; while it is spent, the next one."""
    shown = second_factor.current_code(current_user.id, now=now()) if current_user.is_authenticated else None
    return render_template("dev/code.html", code=shown)


def first_role(roles: frozenset[Role]) -> Role:
    """The role that a person is listed under."""
    return next(role for role in ORDER if role in roles)
