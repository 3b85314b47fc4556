"""A page asks the database as often for many rows as for few: every page, also one that is added later.

All pages are opened twice, before and after everything has grown. A page that shows no more then is looked at as
much as no page at all, so each has to show more somewhere, or to be named below with the reason.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

import pytest
from werkzeug.routing import Rule

from intake.domain.roles import Role
from tests import factories
from tests.web import world
from tests.web.client import Client
from tests.web.growing import begin, grow, long_form
from tests.web.people import Person
from tests.web.walking import AREAS, SIGNED_IN, area_of, arguments_of, path_of, rules_of
from tests.web.watching import counted
from tests.web.worlds import Clinic

STEPS = {
    "filling": ("filling",),
    "returned": ("returned",),
    "booked": ("booked",),
    "desk": ("booked", "treated", "ordered", "held", "midway"),
    "provider": ("in-review", "returned", "declining", "conditional", "booked", "treated", "midway"),
    "manager": ("booked",),
    "": ("booked",),
}
"""Who opens pages, and at which step the patients stand whose pages they are; nobody signed in comes last."""
AS_LONG_AS_EVER = {
    "account.code": "one field",
    "account.forgot": "one field",
    "account.forgot_sent": "a sentence",
    "account.sign_in": "one field",
    "account.staff": "two fields",
    "desk.booster": "at most 16 free times",
    "desk.cancel_appointment": "one appointment and a list of reasons from the code",
    "desk.find": "an empty field; what is found is looked at below",
    "desk.move_appointment": "at most 16 free times",
    "desk.series": "three plans, or the six infusions of one series",
    "health.healthz": "one word",
    "manage.edit_protocol": "one protocol",
    "manage.protocol": "one protocol",
    "manage.simulation": "one run",
    "manage.simulation_plot": "one run",
    "patient.about": "one part of the form",
    "patient.added_medicine": "one item",
    "patient.added_trial": "one item",
    "patient.crisis_help": "numbers to call",
    "patient.medicine": "one item",
    "patient.medicine_names": "names from the code",
    "patient.mood": "nine questions",
    "patient.one_as_calendar": "one appointment",
    "patient.question": "one question",
    "patient.reason": "one part of the form",
    "patient.remove_medicine": "one item",
    "patient.remove_trial": "one item",
    "patient.sign": "a text and a signature",
    "patient.treatment_names": "names from the code",
    "patient.trial": "one item",
    "provider.amend_order": "one order",
    "provider.answers": "one submission, one row; a longer one is looked at below",
    "provider.clear_finding": "the findings of one medicine",
    "provider.close_alert": "one alert",
    "provider.decide": "a form and one statement",
    "provider.override_verdict": "one trial",
    "provider.record_contact": "four fields",
    "provider.sign_evaluation": "a form",
    "provider.stop_order": "one order",
    "public.request_sent": "a sentence",
}
"""Pages that show the same however much there is, with what they show. What they ask is counted as well."""
NOT_SHOWN = {
    "account.done": "leads on",
    "account.invitation": "behind a token",
    "account.invitation_app": "behind a token",
    "account.link": "behind a token",
    "account.reset": "behind a token",
    "account.staff_code": "after a password",
    "provider.find_response_check": "leads on",
    "health.readyz": "no worker runs",
    "patient.about_start": "leads on",
    "patient.copy_medicine": "leads on",
    "patient.copy_trial": "leads on",
    "patient.new_medicine": "leads on",
    "patient.new_trial": "leads on",
}
"""Pages that answer nobody here with a page, with the reason. None lists anything."""


@dataclass
class Opened:
    """What a page asked and how long it was, for each patient whom it was about."""

    asked: dict[str, list[str]] = field(default_factory=dict)
    length: dict[str, int] = field(default_factory=dict)


Pages = dict[str, Opened]


def opened(clinic: Clinic) -> Pages:
    """Every page by its endpoint, opened by whoever may; a first opening, which is noted, does not count."""
    found: Pages = {}
    for who, steps in STEPS.items():
        visitor = clinic.visitor(who or None)
        for rule in rules_of(clinic.app, method="GET"):
            if not is_for(area_of(rule), rule.endpoint, who):
                continue
            page = found.setdefault(rule.endpoint, Opened())
            for step in steps:
                path = path_of(rule, values_for(rule, clinic.world.people[step]))
                look_at(visitor, path, page, f"{who} at {path}")
    return found


def values_for(rule: Rule, person: Person) -> dict[str, Any]:
    """The values of a path; items of a form are trials or medicines."""
    values = arguments_of(person)
    if "medicine" in rule.endpoint and person.medicines:
        values["item"] = UUID(person.medicines[0])
    return values


def is_for(area: str, endpoint: str, who: str) -> bool:
    """Whether a page is opened by somebody."""
    role = Role(who) if who in set(Role) else Role.PATIENT
    return bool(who) and role in AREAS[area] if area in AREAS else bool(who) == (endpoint in SIGNED_IN)


def look_at(visitor: Client, path: str, page: Opened, name: str) -> None:
    """Open a page twice and note the second time; what is not there or leads on is asked for all the same."""
    visitor.open("GET", path)
    with counted(visitor.app) as said:
        answer = visitor.open("GET", path)
    assert answer.status_code < 500 or path == "/readyz", name
    page.asked[name] = said
    page.length[name] = len(answer.data) if answer.status_code == 200 else 0


@pytest.fixture(scope="module")
def few_and_many(shared_clinic: Clinic) -> tuple[Pages, Pages]:
    """All pages before and after; the clinic is this module's own copy."""
    with shared_clinic.app.app_context():
        begin(shared_clinic)
    few = opened(shared_clinic)
    with shared_clinic.app.app_context():
        grow(shared_clinic)
    return few, opened(shared_clinic)


def test_every_page_asks_as_often_for_many_rows_as_for_few(few_and_many: tuple[Pages, Pages]) -> None:
    few, many = few_and_many
    grown = {
        name: f"{len(few[endpoint].asked[name])} → {len(said)}: {most_repeated(said)}"
        for endpoint, page in many.items()
        for name, said in page.asked.items()
        if len(said) > len(few[endpoint].asked[name])
    }
    assert grown == {}


def test_every_page_with_rows_was_looked_at_with_more_of_them(few_and_many: tuple[Pages, Pages]) -> None:
    few, many = few_and_many
    same = {endpoint for endpoint, page in many.items() if not has_grown(few[endpoint].length, page.length)}
    known = {*AS_LONG_AS_EVER, *NOT_SHOWN}
    assert sorted(same - known) == [], "no longer than before: let its rows grow, or say what it shows"
    assert sorted(known - same) == [], "longer than before, so it has rows"


def test_every_page_was_shown_to_somebody(few_and_many: tuple[Pages, Pages], shared_clinic: Clinic) -> None:
    few, _many = few_and_many
    assert set(few) == {rule.endpoint for rule in rules_of(shared_clinic.app, method="GET")}
    assert {endpoint for endpoint, page in few.items() if not any(page.length.values())} == set(NOT_SHOWN)


def has_grown(few: Mapping[str, int], many: Mapping[str, int]) -> bool:
    """Whether a page is longer by more than a word for anybody."""
    return any(many[name] > length + 100 for name, length in few.items() if length)


def test_a_search_asks_as_often_for_twenty_as_for_two(clinic: Clinic) -> None:
    """What is found stands on the answer to a POST."""
    asked = []
    for more in (2, 18):
        with clinic.app.app_context():
            for _ in range(more):
                factories.a_patient(clinic.world.site_id, with_account=False, born_on=date(1971, 2, 3))
        visitor = clinic.visitor("desk")
        with counted(clinic.app) as said:
            page = visitor.post("/desk/patients", {"find": "2/3/1971"}, status=200)
        asked.append((page.body.count("/desk/patients/"), said))
    (few, said), (many, again) = asked
    assert (few, many) == (2, 20)
    assert len(again) <= len(said), most_repeated(again)


def test_a_long_submission_is_read_as_often_as_a_short_one(clinic: Clinic) -> None:
    """Its trials and medicines stand in one row, but each is looked up in the formulary and the chart."""
    asked = []
    for step in ("other", "filling"):
        person = clinic.world.people[step]
        with clinic.app.app_context():
            if step == "filling":
                long_form(person.patient_id, clinic.clock.at)
            world.sent(clinic.world, person, now=clinic.clock.at)
        visitor, page = clinic.visitor("provider"), Opened()
        look_at(visitor, f"/provider/patients/{person.patient_id}/answers", page, step)
        asked.append((page.length[step], page.asked[step]))
    (few, said), (many, again) = asked
    assert few + 5000 < many
    assert len(again) <= len(said), most_repeated(again)


def most_repeated(said: list[str]) -> str:
    """The statement that is sent most often."""
    return max(said, key=said.count)[:300]
