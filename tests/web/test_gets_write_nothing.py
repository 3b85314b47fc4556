"""Opening a page writes audit rows and a session's `last_seen`, nothing else, and renders with no transaction open."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import render_template_string

from intake.extensions import transaction
from tests.databases import rendered_in_a_write
from tests.web.walking import AREAS, area_of, arguments_of, looks_of, rules_of
from tests.web.watching import changed, dump, file_of, no_write_while_rendering
from tests.web.worlds import Clinic

VISITORS = ("filling", "sent", "in-review", "returned", "declining", "ordered", "held", "booked", "treated", "midway")
STAFF = ("desk", "nurse", "provider", "medical-director", "manager")
LOOKED_AT = {
    "provider": frozenset(VISITORS),
    "desk": frozenset({"sent", "ordered", "held", "booked", "treated", "midway"}),
}
"""Whom a member of staff looks at; the others look at one in review and one booked."""


def pages_of(clinic: Clinic, who: str) -> list[str]:
    """The addresses that answer GET for somebody; staff look at patients of several steps."""
    mine = {who} if who in VISITORS else LOOKED_AT.get(who, frozenset({"in-review", "booked"}))
    areas = {name for name, roles in AREAS.items() if roles & roles_of(clinic, who)} | {"account", "public", "health"}
    steps = [arguments_of(clinic.world.people[step]) for step in VISITORS if step in mine]
    rules = [rule for rule in rules_of(clinic.app, method="GET") if area_of(rule) in areas]
    return list(dict.fromkeys(path for rule in rules for values in steps for path in looks_of(rule, values)))


def roles_of(clinic: Clinic, who: str) -> set[str]:
    return {who} if who in STAFF else {"patient"}


@pytest.mark.parametrize("who", [*VISITORS, *STAFF])
def test_opening_a_page_writes_only_that_it_was_opened(shared_clinic: Clinic, who: str) -> None:
    file, opened = file_of(shared_clinic.app), 0
    with no_write_while_rendering(file) as written:
        for number, path in enumerate(pages_of(shared_clinic, who)):
            if number % 10 == 0:  # nobody is signed out for being idle or for long
                visitor = shared_clinic.visitor(who)
                before = dump(file)
            shared_clinic.clock.at += timedelta(seconds=61)  # so that last_seen is written each time
            answer = visitor.open("GET", path)
            assert answer.status_code in (200, 302, 303, 403, 404, 410, 503), path
            after = dump(file)
            assert changed(before, after) == {}, path
            before = after
            opened += answer.status_code == 200
    assert written == []
    assert opened > 3


def test_a_write_is_seen_by_this_test(clinic: Clinic) -> None:
    visitor, file = clinic.visitor("desk"), file_of(clinic.app)
    before = dump(file)
    visitor.post("/account/sign-out")
    assert changed(before, dump(file)) == {"auth_session": 2}


def test_a_page_rendered_while_a_write_is_open_is_seen_by_this_test_and_by_every_other(clinic: Clinic) -> None:
    with clinic.app.test_request_context(), no_write_while_rendering(file_of(clinic.app)) as written, transaction():
        render_template_string("{# a page #}")
    assert written
    assert rendered_in_a_write
    rendered_in_a_write.clear()
