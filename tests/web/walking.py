"""Every address of the app: its rules, who may open them, and paths with real, foreign, unknown and broken values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask import Flask
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from intake.domain.amendments import AmendmentKind
from intake.domain.roles import Role
from tests.web.client import Client
from tests.web.people import Person

AREAS: Mapping[str, frozenset[Role]] = {
    "patient": frozenset({Role.PATIENT}),
    "provider": frozenset({Role.NURSE, Role.PROVIDER, Role.MEDICAL_DIRECTOR}),
    "desk": frozenset({Role.DESK}),
    "manage": frozenset({Role.MANAGER}),
}
"""Who may enter each closed area, written down a second time."""
OPEN = frozenset(
    {
        "account.code",
        "account.done",
        "account.forgot",
        "account.forgot_sent",
        "account.invitation",
        "account.invitation_app",
        "account.link",
        "account.reset",
        "account.sign_in",
        "account.sign_out",
        "account.staff",
        "account.staff_code",
        "health.healthz",
        "health.readyz",
        "public.home",
        "public.request_consultation",
        "public.request_sent",
        "static",
    }
)
"""Endpoints that anybody may open."""
SIGNED_IN = frozenset({"account.choose_site", "account.end_session", "account.sessions"})
"""Endpoints for whoever is signed in, about nobody but that person."""
UNKNOWN = UUID("01920000-0000-7000-8000-000000000000")
BROKEN = ("1", "not-a-key", "%00", "%ff%fe", "..%2f..%2fetc", "' OR 1=1 --", "0" * 5000, "\N{SNOWMAN}", "null", "-1")
SOMETIMES = (
    "alert_id",
    "batch_id",
    "clearance_id",
    "condition_id",
    "medicine_id",
    "protocol_id",
    "question_id",
    "run_id",
    "sign_off_id",
    "trial_id",
)
"""Arguments that name a row which not every patient has."""
LOOKS: Mapping[str, tuple[str, ...]] = {
    "desk.recall": ("show=overdue", "show=all"),
    "desk.visit_times_of": ("day=2026-12-02",),
    "provider.amend_order": (*(f"kind={kind}" for kind in AmendmentKind), "sign_off={sign_off_id}"),
}
"""Pages that show another part of themselves, or the form that they are about, by the query of their address."""


def rules_of(app: Flask, *, method: str | None = None, area: str | None = None) -> list[Rule]:
    """The app's rules in a fixed order, those of a method or an area only."""
    rules = [rule for rule in app.url_map.iter_rules() if rule.endpoint != "static"]
    rules = [rule for rule in rules if method is None or method in (rule.methods or ())]
    rules = [rule for rule in rules if area is None or area_of(rule) == area]
    return sorted(rules, key=lambda rule: (rule.endpoint, rule.rule))


def area_of(rule: Rule) -> str:
    """The blueprint of a rule."""
    return rule.endpoint.partition(".")[0]


def names_of(rule: Rule) -> set[str]:
    """The arguments that stand in the path."""
    return set(rule.arguments) - set(rule.defaults or {})


def path_of(rule: Rule, values: Mapping[str, Any]) -> str:
    """The path of a rule with these values; others are left out."""
    wanted = {**(rule.defaults or {}), **{name: values[name] for name in names_of(rule)}}
    built = rule.build(wanted, append_unknown=False)
    assert built is not None, f"{rule.rule} cannot be built with {wanted}"
    return built[1]


def looks_of(rule: Rule, values: Mapping[str, Any]) -> list[str]:
    """The addresses of a page: the plain one, and one for each other look of it."""
    path = path_of(rule, values)
    return [path, *(f"{path}?{query.format(**values)}" for query in LOOKS.get(rule.endpoint, ()))]


def broken_paths(rule: Rule, values: Mapping[str, Any]) -> list[str]:
    """The path with each argument broken in each way, the others right."""
    found = []
    for name in sorted(names_of(rule)):
        marked = path_of(rule, {**values, name: UNKNOWN if isinstance(values[name], UUID) else str(UNKNOWN)})
        found += [marked.replace(str(UNKNOWN), broken) for broken in BROKEN]
    return found


def arguments_of(person: Person) -> dict[str, Any]:
    """A value for every argument of every route, as far as it concerns this patient."""
    trial = person.trials[0] if person.trials else str(UNKNOWN)
    return {
        **dict.fromkeys(SOMETIMES, UNKNOWN),
        **person.rows,
        "account_id": person.account_id,
        "appointment_id": person.appointment_ids[0] if person.appointment_ids else UNKNOWN,
        "consultation_id": person.consultation_id,
        "hold_id": person.hold_id or UNKNOWN,
        "item": UUID(trial),
        "name": "none",
        "order_id": person.order_id or UNKNOWN,
        "page": "about",
        "part": "you",
        "patient_id": person.patient_id,
        "series_id": person.series_id or UNKNOWN,
        "session_id": UNKNOWN,
        "token": "no-such-token",
    }


def opened(client: Client, path: str) -> TestResponse:
    """A page, or the one that it leads to: some addresses only pass on what they were given."""
    answer = client.open("GET", path)
    return client.open("GET", answer.location) if answer.status_code == 302 else answer


def send(client: Client, method: str, path: str, values: Mapping[str, Any] | None = None) -> TestResponse:
    """One request, a POST with the visitor's own token; nothing about the answer is checked."""
    if method == "GET":
        return client.open("GET", path)
    return client.open(method, path, data={"csrf_token": client.csrf_token(), **(values or {})})
