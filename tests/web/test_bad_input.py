"""Whatever is sent to whichever address, the answer is a page in plain words and never a crash.

What each area says beside its fields is tested with the area; here everything is thrown at everything.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.web.client import Client
from tests.web.filling import TYPED, WebForm, forms_of
from tests.web.page import Page, faults_of
from tests.web.walking import AREAS, area_of, arguments_of, looks_of, path_of, rules_of
from tests.web.worlds import Clinic

STEPS = {
    "provider": ("conditional", "in-review", "midway", "treated"),
    "desk": ("treated", "held", "ordered", "booked", "midway"),
    "manager": ("midway",),
}
"""The patients whose pages somebody opens, those with most to lose first."""
VISITORS = (None, "filling", "returned", "booked", "desk", "provider", "manager")
EXPECTED = frozenset({200, 302, 304, 400, 403, 404, 405, 409, 410, 413, 422, 429})
BAD = {
    "empty": "",
    "spaces": "   ",
    "a NUL byte": "a\x00b",
    "a control character": "a\x1b[31mb",
    "half of a pair": "\ufffd\u202e",
    "far too long": "x" * 30_000,
    "digits without end": "9" * 400,
    "negative": "-5",
    "a comma": "1,5",
    "not a number": "NaN",
    "an exponent": "1e309",
    "Arabic digits": "١٢٣",
    "a day that is none": "2026-02-30",
    "the end of time": "9999-12-31",
    "the beginning of time": "0001-01-01",
    "a tag": "<script>alert(1)</script>",
    "a template": "{{ 7 * 7 }}",
    "a key": "00000000-0000-0000-0000-000000000000",
    "deep brackets": "[" * 3_000,
}
IN_ADDRESSES = ("a NUL byte", "digits without end", "negative", "not a number", "the end of time", "a tag", "a key")
ELSEWHERE = frozenset({"/account/sign-out", "/desk/"})
"""Signing out ends the walk; the buttons of the board's form have addresses of their own."""
QUERIES = (
    "page", "show", "day", "rows", "copy", "next", "after", "new", "site", "part", "kind", "provider",
    "first", "sign_off",
)  # fmt: skip


def pages_of(clinic: Clinic, who: str | None) -> list[str]:
    """The pages that somebody may open."""
    roles = {who} if who in clinic.world.staff else {"patient"} if who else set()
    areas = {name for name, allowed in AREAS.items() if allowed & roles} | {"account", "public"}
    steps = STEPS.get(who or "", (who if who in clinic.world.people else "booked",))
    values = [arguments_of(clinic.world.people[step]) for step in steps]
    rules = [rule for rule in rules_of(clinic.app, method="GET") if area_of(rule) in areas]
    return list(dict.fromkeys(path for rule in rules for one in values for path in looks_of(rule, one)))


def forms_in(client: Client, paths: list[str]) -> Iterator[tuple[str, WebForm]]:
    """The forms that stand on these pages, one for each endpoint."""
    seen, addresses = set(), client.app.url_map.bind("localhost")
    for path in paths:
        answer = client.open("GET", path)
        if answer.status_code != 200 or answer.mimetype != "text/html":
            continue
        for form in forms_of(answer.get_data(as_text=True)):
            goal = form.action or path
            if form.method != "POST" or goal in ELSEWHERE:
                continue
            endpoint = addresses.match(goal.partition("?")[0], method="POST")[0]
            if endpoint not in seen:
                seen.add(endpoint)
                yield goal, form


def spoiled(form: WebForm, text: str) -> dict[str, Any]:
    """The form with that text in every field, hidden ones and choices too."""
    return {name: [text] if one.kind in {*TYPED, "hidden"} else text for name, one in form.controls.items()}


def check(answer: Any, where: tuple[Any, ...]) -> None:
    """A page of the app, or none; a refused form is a whole page."""
    assert answer.status_code in EXPECTED, (answer.status_code, *where)
    if answer.status_code in (400, 413, 422) and answer.mimetype == "text/html":
        assert "Traceback" not in answer.get_data(as_text=True), where
        assert faults_of(Page.of(answer)) == [], where


@pytest.mark.parametrize("who", VISITORS)
def test_nothing_typed_into_a_form_crashes_it(clinic: Clinic, who: str | None) -> None:
    client = clinic.visitor(who)
    forms = list(forms_in(client, pages_of(clinic, who)))
    assert forms
    for goal, form in forms:
        for name, text in BAD.items():
            data = spoiled(form, text) | {"csrf_token": client.csrf_token()}
            check(client.open("POST", goal, data=data), (goal, name))


@pytest.mark.parametrize("who", VISITORS)
def test_one_text_far_too_long_is_refused_by_its_field_and_not_by_the_size_of_the_body(
    clinic: Clinic, who: str | None
) -> None:
    client = clinic.visitor(who)
    for goal, form in list(forms_in(client, pages_of(clinic, who))):
        for name in form.typed:
            data = form.as_it_stands() | {name: BAD["far too long"], "csrf_token": client.csrf_token()}
            answer = client.open("POST", goal, data=data)
            assert answer.status_code in EXPECTED - {413}, (goal, name)


@pytest.mark.parametrize("who", VISITORS)
def test_a_form_whose_keys_were_tampered_with_is_refused_or_harmless(clinic: Clinic, who: str | None) -> None:
    client = clinic.visitor(who)
    for goal, form in list(forms_in(client, pages_of(clinic, who))):
        for name, control in form.controls.items():
            if control.kind == "hidden" and name != "csrf_token":
                for text in ("", "-1", "9" * 40, "[[1,2,3]]", "1.flying\x00"):
                    data = form.filled(lambda one: one.value or "x") | {name: text, "csrf_token": client.csrf_token()}
                    check(client.open("POST", goal, data=data), (goal, name, text))


@pytest.mark.parametrize("who", VISITORS)
def test_nothing_in_the_query_of_an_address_crashes_a_page(clinic: Clinic, who: str | None) -> None:
    client = clinic.visitor(who)
    for path in dict.fromkeys(path.partition("?")[0] for path in pages_of(clinic, who)):
        for name in IN_ADDRESSES:
            check(client.open("GET", path, query_string=dict.fromkeys(QUERIES, BAD[name])), (path, name))


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"name=%ff%fe&given_name=%c3", "application/x-www-form-urlencoded"),
        (b"\xff\xfe\x00=\x80", "application/x-www-form-urlencoded"),
        (b"&&&===&" * 200, "application/x-www-form-urlencoded"),
        (b"a=1&" * 2_000, "application/x-www-form-urlencoded"),
        (b'{"given_name": ', "application/json"),
        (b"--x\r\nContent-Disposition: form-data\r\n\r\n", "multipart/form-data; boundary=x"),
        (b"no boundary at all", "multipart/form-data"),
        (b"", "text/plain; charset=\xf0"),
    ],
)
@pytest.mark.parametrize("who", [None, "filling", "desk", "provider"])
def test_a_body_that_is_no_form_is_refused(shared_clinic: Clinic, who: str | None, body: bytes, kind: Any) -> None:
    client, values = shared_clinic.visitor(who), arguments_of(shared_clinic.world.people["booked"])
    for rule in rules_of(shared_clinic.app, method="POST"):
        kind = kind.decode("latin-1") if isinstance(kind, bytes) else kind
        answer = client.open("POST", path_of(rule, values), data=body, content_type=kind)
        assert answer.status_code in (400, 413), (rule, answer.status_code)


@pytest.mark.parametrize("who", [None, "filling", "desk", "provider"])
def test_more_than_a_megabyte_is_refused_by_every_form(shared_clinic: Clinic, who: str | None) -> None:
    client, values = shared_clinic.visitor(who), arguments_of(shared_clinic.world.people["booked"])
    data = {"csrf_token": client.csrf_token(), "note": "x" * (1024 * 1024)}
    for rule in rules_of(shared_clinic.app, method="POST"):
        answer = client.open("POST", path_of(rule, values), data=data)
        assert answer.status_code == 413, rule
        assert "988" in answer.get_data(as_text=True)


@pytest.mark.parametrize("who", [None, "filling", "desk", "provider"])
def test_json_with_a_valid_token_is_no_form(shared_clinic: Clinic, who: str | None) -> None:
    client, values = shared_clinic.visitor(who), arguments_of(shared_clinic.world.people["booked"])
    body = {"given_name": 5, "email": ["a"], "find": {}, "signature": None}
    for rule in rules_of(shared_clinic.app, method="POST"):
        answer = client.open("POST", path_of(rule, values), json=body, headers={"X-CSRFToken": client.csrf_token()})
        assert answer.status_code == 415, rule
