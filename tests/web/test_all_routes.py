"""Every endpoint has an area or is public; nobody opens what is not theirs; no address ends in a crash."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import pytest
from flask import Flask
from werkzeug.routing import Rule

from intake import create_app
from intake.domain.roles import Role
from tests.databases import Databases
from tests.web.client import Client
from tests.web.walking import (
    AREAS,
    OPEN,
    SIGNED_IN,
    UNKNOWN,
    area_of,
    arguments_of,
    broken_paths,
    names_of,
    opened,
    path_of,
    rules_of,
    send,
)
from tests.web.worlds import Clinic

METHODS = ("GET", "POST")
WHO = {
    Role.PATIENT: "booked",
    Role.DESK: "desk",
    Role.NURSE: "nurse",
    Role.PROVIDER: "provider",
    Role.MEDICAL_DIRECTOR: "medical-director",
    Role.MANAGER: "manager",
}
"""One visitor for each role."""
GUESTS = {
    Role.MANAGER: {
        "desk.closings_page",
        "desk.batch",
        "desk.place_batch",
        "desk.reopen_batch",
        "desk.told_case",
    }
}
"""Pages of an area that another role may open too."""
NEW_ITEMS = frozenset({"patient.added_medicine", "patient.added_trial"})
"""Pages whose key belongs to nothing so far."""
VISITORS = ("filling", "sent", "returned", "ordered", "booked", "desk", "nurse", "provider", "manager")


def test_every_endpoint_has_an_area_or_is_public(shared_clinic: Clinic) -> None:
    loose = {rule.endpoint for rule in rules_of(shared_clinic.app) if area_of(rule) not in AREAS}
    assert loose - OPEN - SIGNED_IN == set()


def test_the_lists_of_open_endpoints_name_nothing_that_is_gone(shared_clinic: Clinic) -> None:
    endpoints = {rule.endpoint for rule in shared_clinic.app.url_map.iter_rules()}
    assert (OPEN | SIGNED_IN) - endpoints == set()


def test_every_area_has_a_guard(shared_clinic: Clinic) -> None:
    guarded = {name for name, before in shared_clinic.app.before_request_funcs.items() if name and before}
    assert set(AREAS) <= guarded


def test_every_route_argument_has_a_value(shared_clinic: Clinic) -> None:
    known = set(arguments_of(shared_clinic.world.people["booked"]))
    assert {name for rule in rules_of(shared_clinic.app) for name in names_of(rule)} - known == set()


@pytest.mark.parametrize("method", METHODS)
def test_nobody_signed_in_is_sent_to_sign_in(shared_clinic: Clinic, method: str) -> None:
    visitor, values = shared_clinic.visitor(), arguments_of(shared_clinic.world.people["booked"])
    for rule in rules_of(shared_clinic.app, method=method):
        if area_of(rule) in AREAS or rule.endpoint in SIGNED_IN:
            answer = send(visitor, method, path_of(rule, values))
            assert (answer.status_code, answer.location.partition("?")[0]) == (302, "/account/sign-in"), rule


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("role", WHO)
def test_a_wrong_role_is_refused_everywhere(shared_clinic: Clinic, role: Role, method: str) -> None:
    visitor, values = shared_clinic.visitor(WHO[role]), arguments_of(shared_clinic.world.people["booked"])
    for rule in rules_of(shared_clinic.app, method=method):
        if area_of(rule) in AREAS and role not in AREAS[area_of(rule)] and rule.endpoint not in GUESTS.get(role, ()):
            assert send(visitor, method, path_of(rule, values)).status_code == 403, (role, rule)


def test_a_form_without_its_token_is_refused_everywhere(shared_clinic: Clinic) -> None:
    """By everybody who may send it; nothing is written."""
    values = arguments_of(shared_clinic.world.people["booked"])
    for who in ("booked", "desk", "provider", "manager", None):
        visitor = shared_clinic.visitor(who)
        for rule in rules_of(shared_clinic.app, method="POST"):
            answer = visitor.open("POST", path_of(rule, values), data={"anything": "x"})
            assert answer.status_code == 400, (who, rule)


@pytest.mark.parametrize("who", ["booked", "desk", "provider", "manager", None])
def test_a_wrong_method_is_refused_with_the_right_ones(shared_clinic: Clinic, who: str | None) -> None:
    visitor, values = shared_clinic.visitor(who), arguments_of(shared_clinic.world.people["booked"])
    for rule in rules_of(shared_clinic.app):
        answer = visitor.open("DELETE", path_of(rule, values))
        assert answer.status_code == 405, rule
        assert set(answer.headers["Allow"].split(", ")) >= set(rule.methods or ()), rule


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("who", VISITORS)
def test_a_key_that_nothing_has_is_not_found(shared_clinic: Clinic, who: str, method: str) -> None:
    visitor, mine = shared_clinic.visitor(who), arguments_of(shared_clinic.world.people["booked"])
    for rule in own_rules(shared_clinic, who, method):
        values = {**mine, **dict.fromkeys(keys_of(rule), UNKNOWN)}
        if keys_of(rule):
            refused = (403, 404) if method == "GET" else (400, 403, 404)  # 400: an empty form is no form of ours
            assert status_of(visitor, method, path_of(rule, values)) in refused, (who, rule)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("who", VISITORS)
def test_an_address_with_a_broken_value_never_crashes(shared_clinic: Clinic, who: str, method: str) -> None:
    visitor, mine = shared_clinic.visitor(who), arguments_of(shared_clinic.world.people["booked"])
    for rule in own_rules(shared_clinic, who, method):
        for path in broken_paths(rule, mine):
            assert send(visitor, method, path).status_code in (400, 403, 404), (who, path[:80])


@pytest.mark.parametrize("method", METHODS)
def test_another_patients_keys_are_not_found(shared_clinic: Clinic, method: str) -> None:
    for step in ("filling", "returned", "held", "booked"):
        visitor, theirs = shared_clinic.visitor("other"), arguments_of(shared_clinic.world.people[step])
        for rule in rules_of(shared_clinic.app, method=method, area="patient"):
            if keys_of(rule):
                assert status_of(visitor, method, path_of(rule, theirs)) == 404, (step, rule)


@pytest.mark.parametrize("endpoint", sorted(NEW_ITEMS))
def test_another_patients_key_in_a_new_item_opens_an_empty_one(shared_clinic: Clinic, endpoint: str) -> None:
    """The key of a new item is made before it is saved. Somebody else's is as good as any, and shows nothing."""
    theirs = shared_clinic.world.people["filling"]
    rule = next(rule for rule in rules_of(shared_clinic.app) if rule.endpoint == endpoint)
    for item in (*theirs.trials, *theirs.medicines):
        page = shared_clinic.visitor("other").get(path_of(rule, {"item": UUID(item)}))
        assert not [
            field.name for field in page.fields if field.attributes.get("value") in ("Zoloft", "lorazepam", "100")
        ]


def status_of(visitor: Client, method: str, path: str) -> int:
    answer = opened(visitor, path) if method == "GET" else send(visitor, method, path)
    return answer.status_code


def own_rules(clinic: Clinic, who: str, method: str) -> list[Rule]:
    """The rules of the areas that a visitor may enter."""
    roles = {Role(who)} if who in clinic.world.staff else {Role.PATIENT}
    return [rule for rule in rules_of(clinic.app, method=method) if roles & AREAS.get(area_of(rule), frozenset())]


def keys_of(rule: Rule) -> set[str]:
    """The arguments that name a row."""
    if rule.endpoint in NEW_ITEMS:
        return set()
    converters = rule._converters
    return {name for name in names_of(rule) if type(converters[name]).__name__ == "UUIDConverter"}


@pytest.mark.parametrize("mode", ["production", "testing"])
def test_development_pages_are_there_in_development_only(databases: Databases, mode: str) -> None:
    app = app_in(databases, mode)
    assert not [rule for rule in app.url_map.iter_rules() if "dev" in rule.rule.split("/") or area_of(rule) == "dev"]
    for path in ("/dev/mail", "/dev/sign-in", "/dev/code", "/dev"):
        for method in METHODS:
            assert app.test_client().open(path, method=method).status_code in (400, 404)


def test_nothing_but_the_development_pages_differs_between_modes(databases: Databases) -> None:
    rules = {mode: rules_in(databases, mode) for mode in ("production", "testing", "development")}
    extra = rules["development"] - rules["production"]
    assert extra and all(endpoint.startswith("dev.") for endpoint, _ in extra)
    assert rules["production"] == rules["testing"] == rules["development"] - extra


def test_production_opens_every_public_page(databases: Databases) -> None:
    visitor = app_in(databases, "production").test_client()
    for path in ("/", "/request", "/request/sent", "/account/sign-in", "/account/staff", "/account/forgot", "/healthz"):
        assert visitor.get(path).status_code == 200, path


def rules_in(databases: Databases, mode: str) -> set[tuple[str, str]]:
    """Endpoint and address of everything that the app answers in a mode."""
    return {(rule.endpoint, rule.rule) for rule in app_in(databases, mode).url_map.iter_rules()}


def app_in(databases: Databases, mode: str) -> Flask:
    """The app in a mode, with the database and keys of the tests."""
    config = databases.app(databases.fresh("sqlite")).config["INTAKE"]
    return create_app(replace(config, mode=mode))


NURSES = frozenset(
    {
        "provider.queue",
        "provider.chart",
        "provider.answers",
        "provider.record_contact",
        "provider.response_checks",
        "provider.boosters",
    }
)
"""What a nurse may open and send: reading, and recording a contact."""


@pytest.mark.parametrize("method", METHODS)
def test_a_nurse_reads_and_records_contacts_and_nothing_else(shared_clinic: Clinic, method: str) -> None:
    nurse, values = shared_clinic.visitor("nurse"), arguments_of(shared_clinic.world.people["in-review"])
    for rule in rules_of(shared_clinic.app, method=method, area="provider"):
        status = send(nurse, method, path_of(rule, values)).status_code
        assert (status == 403) is (rule.endpoint not in NURSES), (rule, status)
