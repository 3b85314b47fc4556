"""What anyone may read, and the request: the same answer for every address."""

from __future__ import annotations

import re
from collections.abc import Mapping
from uuid import UUID, uuid4

import pytest
from flask import Flask
from sqlalchemy import func, select

from intake.domain.data import read_table
from intake.domain.studies import quoted_studies
from intake.extensions import db
from intake.models.messages import Message
from intake.models.people import Account, ConsultationRequest, Ticket
from tests.factories import a_patient, a_site
from tests.web.client import Client
from tests.web.page import Page

BANNED = (
    "breakthrough", "miracle", "miraculous", "proven", "life-changing", "life changing", "amazing", "safe", "safely",
    "safest", "effective", "highly effective", "rapid relief", "fast relief", "instant", "cure", "cures", "cured",
    "best", "revolutionary", "guaranteed", "guarantee", "remarkable", "incredible", "powerful", "game-changer",
    "game changer", "wonder", "transformative", "transform", "superior", "unmatched", "painless", "risk-free",
    "no side effects", "success rate", "leading", "cutting-edge", "state-of-the-art", "world-class", "innovative",
    "groundbreaking", "dramatic", "dramatically", "lasting relief", "hope", "reset your brain", "rewire",
)  # fmt: skip


@pytest.fixture
def site_id(app: Flask) -> UUID:
    with app.app_context():
        return a_site()


def answers(page: Page, **changed: str) -> Mapping[str, str]:
    """What a person types into the request."""
    usual = {
        "request_key": page.value("request_key") or "",
        "site_id": page.value("site_id") or "",
        "given_name": "Ana",
        "family_name": "Rivera",
        "born_on-month": "3",
        "born_on-day": "14",
        "born_on-year": "1985",
        "email": "ana@example.org",
        "phone": "303 555 0142",
        "reason": "depression",
        "reach_by": "phone",
        "reach_when": "any",
    }
    return {**usual, **changed}


def kept(app: Flask, model: type) -> int:
    with app.app_context():
        return db.session.scalar(select(func.count()).select_from(model)) or 0


def banned_in(text: str) -> list[str]:
    return [word for word in BANNED if re.search(rf"\b{re.escape(word)}\b", text, re.IGNORECASE)]


@pytest.mark.parametrize("path", ["/", "/request", "/request/sent"])
def test_no_public_page_promises_an_outcome(client: Client, site_id: UUID, path: str) -> None:
    assert banned_in(client.get(path).text) == []


def test_no_study_is_quoted_with_a_promise() -> None:
    assert banned_in(" ".join(f"{study.plan} {study.found} {study.also}" for study in quoted_studies())) == []


@pytest.mark.parametrize("text", ["It is SAFE.", "a life-changing day", "the best clinic"])
def test_the_list_of_banned_words_bites(text: str) -> None:
    assert banned_in(text)


@pytest.mark.parametrize(
    "words",
    [
        "Ketamine is not FDA-approved for this use",
        "SSRI or SNRI",
        "Six infusions over two to three weeks",
        "Boosters as needed",
        "Your current antidepressant can often continue. A provider reviews every medicine you take first",
        "Request a consultation",
        "text 988",
    ],
)
def test_the_home_page_says(client: Client, words: str) -> None:
    assert words in client.get("/")


def test_benefit_and_risk_stand_in_one_section_before_everything_else(client: Client) -> None:
    body = client.get("/").body
    section = body[body.index('id="weigh"') : body.index('id="different"')]
    for words in ("not FDA-approved", "What it may do", "What it may cost", "thoughts of suicide", "Sources:"):
        assert words in section


def test_the_comparison_hedges_what_differs_between_people_and_names_its_sources(client: Client) -> None:
    body = client.get("/").body
    section = body[body.index('id="different"') : body.index('id="expect"')]
    hedges = ("the change often fades", "Thought to act on", "not settled", "in several studies", "for most of them")
    for words in hedges:
        assert words in section, words
    told = " ".join(study.source for study in quoted_studies())
    named = re.findall(r"doi:([\w./()-]+\w)", section)
    assert len(named) == 3 and all(doi in told for doi in named)


def test_every_number_beside_benefit_and_risk_comes_from_a_quoted_study(client: Client) -> None:
    body = client.get("/").body
    section = body[body.index('id="weigh"') : body.index('id="different"')]
    facts = " ".join(f"{study.people} {study.found} {study.also}" for study in quoted_studies())
    for number in re.findall(r"(\d+) percent", section):
        assert number == "46" or f"{number} percent" in facts  # 46 is what 54 leaves


def test_every_quoted_study_was_read_and_names_its_source() -> None:
    assert len(quoted_studies()) == len(read_table("studies.csv"))
    assert all(study.source for study in quoted_studies())


def test_a_request_is_kept_and_answered(client: Client, app: Flask, site_id: UUID) -> None:
    page = client.submit("/request", answers(client.get("/request")))
    assert page.h1 == ["Your request is with us"]
    assert [kept(app, model) for model in (ConsultationRequest, Ticket, Message)] == [1, 1, 1]


def without_what_is_made_anew(page: Page) -> str:
    """The page without CSRF token and nonce, whose length stays the same."""
    body = re.sub(r'name="csrf_token" value="[^"]+"', "", page.body)
    return re.sub(r'nonce="[^"]+"', "", body)


def test_a_known_and_an_unknown_address_get_the_same_bytes(app: Flask, site_id: UUID) -> None:
    with app.app_context():
        a_patient(site_id, email="known@example.org")
    seen = []
    for email in ("known@example.org", "other@example.org"):
        visitor = Client(app)
        sent = visitor.post("/request", answers(visitor.get("/request"), email=email))
        seen.append((sent.status, sent.location, sent.body, without_what_is_made_anew(visitor.follow(sent))))
    assert seen[0] == seen[1]


def test_a_form_sent_twice_is_one_request(client: Client, app: Flask, site_id: UUID) -> None:
    typed = answers(client.get("/request"))
    assert client.submit("/request", typed).h1 == client.submit("/request", typed).h1
    assert [kept(app, model) for model in (ConsultationRequest, Ticket, Message)] == [1, 1, 1]


def test_opening_the_form_keeps_nothing(client: Client, app: Flask, site_id: UUID) -> None:
    client.get("/request")
    assert [kept(app, model) for model in (ConsultationRequest, Ticket, Message, Account)] == [0, 0, 0, 0]


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"given_name": ""}, "Enter your first name."),
        ({"family_name": "   "}, "Enter your last name."),
        ({"given_name": "A" * 81}, "This is too long."),
        ({"given_name": "Ana\x00"}, "Leave out signs that cannot be printed."),
        ({"born_on-year": ""}, "Enter your date of birth: month, day and year."),
        ({"born_on-month": "2", "born_on-day": "30"}, "Enter the date of birth in numbers, such as 4 27 1984."),
        ({"born_on-year": "85"}, "Enter the date of birth in numbers, such as 4 27 1984."),
        ({"born_on-year": "2999"}, "This date of birth is in the future. Check the year."),
        ({"born_on-year": "1850"}, "Check the year of the date of birth."),
        ({"email": ""}, "Enter your e-mail address."),
        ({"email": "ana at example"}, "Enter an e-mail address such as name@example.org."),
        ({"phone": "call me"}, "Enter a telephone number in digits, such as 303 555 0142."),
        ({"phone": "555 0142"}, "Enter the telephone number with its area code, such as 303 555 0142."),
        ({"reason": ""}, "Choose what brings you here."),
        ({"reach_by": ""}, "Choose how we should get in touch."),
        ({"reach_when": ""}, "Choose when we should get in touch."),
    ],
)
def test_what_does_not_fit_is_told_beside_the_field_and_nothing_is_lost(
    client: Client, app: Flask, site_id: UUID, changed: dict[str, str], told: str
) -> None:
    typed = answers(client.get("/request"), **changed)
    page = client.post("/request", typed, status=422)
    assert told in page.errors
    assert page.title.startswith("Error:")
    for name in ("given_name", "family_name", "born_on-day", "email", "phone", "request_key"):
        if name not in changed:
            assert page.value(name) == typed[name]
    assert kept(app, ConsultationRequest) == 0


@pytest.mark.parametrize("changed", [{"reason": "free text"}, {"request_key": "no key"}])
def test_a_value_outside_the_lists_is_refused(
    client: Client, app: Flask, site_id: UUID, changed: dict[str, str]
) -> None:
    client.post("/request", answers(client.get("/request"), **changed), status=422)
    assert kept(app, ConsultationRequest) == 0


def test_a_child_is_not_refused_on_screen(client: Client, site_id: UUID) -> None:
    page = client.submit("/request", answers(client.get("/request"), **{"born_on-year": "2015"}))
    assert page.h1 == ["Your request is with us"]


def test_the_form_has_no_field_for_free_text(client: Client, site_id: UUID) -> None:
    page = client.get("/request")
    assert [field.name for field in page.fields if field.tag == "textarea"] == []


def test_with_two_sites_the_person_chooses(client: Client, app: Flask, site_id: UUID) -> None:
    with app.app_context():
        other = a_site()
    page = client.get("/request")
    assert [field.tag for field in page.fields if field.name == "site_id"] == ["select"]
    client.post("/request", answers(page, site_id=str(uuid4())), status=422)
    client.post("/request", answers(page, site_id=str(other)))
    with app.app_context():
        assert db.session.scalars(select(ConsultationRequest)).one().site_id == other


def test_before_there_is_a_site_the_page_says_so(client: Client) -> None:
    assert "Requests are not open yet" in client.get("/request")


def test_a_form_without_token_is_refused(client: Client, app: Flask, site_id: UUID) -> None:
    client.post("/request", answers(client.get("/request")), token=False, status=400)
    assert kept(app, ConsultationRequest) == 0


def test_the_crisis_line_stands_beside_the_form(client: Client, site_id: UUID) -> None:
    page = client.get("/request")
    main = page.body[page.body.index("<main") : page.body.index("<form method")]
    assert "tel:988" in main
    assert "We do not watch this form live" in main
