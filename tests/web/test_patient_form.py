"""The patient's form: one thing a page, saved as typed, nothing lost, nothing double."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask
from sqlalchemy import select

from intake.domain.form.pages import Page
from intake.domain.roles import Role
from intake.domain.statuses import ConsultationStatus
from intake.extensions import db
from intake.models.consultations import Consultation, Draft, Snapshot
from intake.models.trials import MedicationTrial
from intake.queries import consultations
from tests import answers, factories
from tests.conftest import NOW
from tests.web.client import Client

YOU = {
    "given_name": "Ana",
    "family_name": "Rivera",
    "born-month": "3",
    "born-day": "14",
    "born-year": "1985",
    "sex": "female",
}
REACH = {
    "phone": "303 555 0142",
    "may_leave_message": "yes",
    "address": "12 Elm Street\nDenver, CO 80203",
    "contact_name": "",
    "contact_phone": "",
}
COURSE = {
    "treatment": "Zoloft",
    "doses-0-mg_per_day": "100",
    "doses-0-start": "spring 2025",
    "doses-0-stop": "fall 2025",
    "doses-0-unit": "weeks",
}
EFFECT = {
    "adherence": "good",
    "improvement": "little",
    "wore_off": "no",
    "stop_reason": "no benefit",
    "episode": "current",
    "side_effects": "weight",
}
MEDICINE = {
    "name": "lorazepam",
    "dose": "1 mg",
    "frequency": "twice-daily",
    "last_taken": "yesterday",
    "reason": "Sleep",
}
PHONE_FAULT = "Enter the telephone number with its area code, such as 303 555 0142."
CONTACT_FAULT = "Enter this person's phone number, or leave both empty"
PHQ9 = {f"item_{n}": "2" for n in range(1, 9)} | {"item_9": "0", "item_difficulty": "1"}


@pytest.fixture(autouse=True)
def _frozen(monkeypatch: pytest.MonkeyPatch) -> None:
    """The clock of the web stands at NOW."""
    monkeypatch.setattr("intake.web.access.now", lambda: NOW)


@pytest.fixture
def patient_id(app: Flask) -> UUID:
    """A patient with an open consultation."""
    with app.app_context():
        made = factories.a_patient(factories.a_site())
        factories.a_consultation(made)
        return made


@pytest.fixture
def patient(app: Flask, patient_id: UUID) -> Iterator[Client]:
    """A browser in which that patient is signed in."""
    yield signed_in(app, patient_id)


def signed_in(app: Flask, patient_id: UUID) -> Client:
    client = Client(app)
    with app.app_context():
        account_id = factories.account_of(patient_id)
    client.sign_in(account_id, now=NOW)
    return client


def filled(app: Flask, patient_id: UUID, **options: Any) -> list[str]:
    with app.app_context():
        return answers.fill_form(patient_id, now=NOW, **options)


def rows(app: Flask, model: type) -> list[Any]:
    with app.app_context():
        return list(db.session.scalars(select(model)))


def added(patient: Client, values: dict[str, str] | None = None, *, status: int = 302) -> str:
    """Add a trial through its pages; returns the address of its first page."""
    new = patient.get("/patient/trials/new", status=302).location
    patient.get(new)
    patient.post(new, values or COURSE, status=status)
    return new


def test_a_whole_form_is_filled_and_sent_without_script(app: Flask, patient: Client) -> None:
    assert "0 of 6 parts done" in patient.get("/patient/")
    assert patient.submit("/patient/about/you", YOU).h1 == ["How to reach you"]
    assert patient.submit("/patient/about/reach", REACH).h1 == ["What messages may say"]
    said = {"place_in_calendar": "no", "preparation_in_messages": "yes"}
    assert patient.submit("/patient/about/messages", said).h1 == ["What brings you here?"]
    reason = {"reason": "depression", "began": "spring 2025", "hopes": "Sleep"}
    assert patient.submit("/patient/reason", reason).h1 == ["Medicines you have tried"]
    effect = patient.post(added(patient), COURSE).location
    assert patient.get(effect).h1 == ["What Zoloft did"]
    listed = patient.submit(effect, EFFECT)
    assert "Zoloft, spring 2025 to fall 2025" in listed
    assert patient.submit("/patient/trials", {"everything": "yes"}).h1 == ["Medicines you take now"]
    new = patient.get("/patient/medicines/new", status=302).location
    assert "lorazepam" in patient.submit(new, MEDICINE)
    assert patient.submit("/patient/medicines", {"everything": "yes"}).h1 == ["How you have been"]
    checked = patient.submit("/patient/mood", PHQ9)
    assert checked.h1 == ["Check your answers"]
    assert "2 mg" in checked and "November 30, 2026" in checked
    sign = patient.get("/patient/sign")
    done = patient.submit(
        "/patient/sign", {"agrees": "y", "signature": "Ana Rivera", "request_key": str(sign.value("request_key"))}
    )
    assert done.h1 == ["Your answers are here"]
    assert [row.status for row in rows(app, Consultation)] == [ConsultationStatus.SUBMITTED]
    assert [row.treatment for row in rows(app, MedicationTrial)] == ["Zoloft"]


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("doses-0-mg_per_day", "-50", "Enter the dose in mg as a number above 0, such as 50"),
        ("doses-0-mg_per_day", "0", "Enter the dose in mg as a number above 0, such as 50"),
        ("doses-0-mg_per_day", "37,5", "Write the number with a point, such as 37.5"),
        ("doses-0-mg_per_day", "fifty", "Enter the dose in mg as a number above 0, such as 50"),
        ("doses-0-mg_per_day", "99999", "Check the dose: it is more than 20 times the usual maximum"),
        ("doses-0-mg_per_day", "", "Enter the dose in mg, or tick the box that you do not remember it"),
        ("doses-0-start", "spring 2027", "Enter a date that is not in the future"),
        ("doses-0-start", "the other day", "Enter a date such as 2019, spring 2019, April 2019 or 4/3/2019"),
        ("doses-0-start", "2019-13", "Enter a date such as 2019, spring 2019, April 2019 or 4/3/2019"),
        ("doses-0-stop", "2024", "Enter a stop that is not before its start"),
        ("doses-0-about", "12", "Enter dates or a length of time, not both"),
        ("treatment", "", "Enter the name of the medicine, or what you remember of it"),
        ("treatment", "x" * 121, "Shorten this to 120 characters or fewer; it has 121"),
        ("treatment", "Zo\0loft", "Some characters here cannot be read. Type this again without them"),
    ],
)
def test_what_cannot_be_read_is_refused_beside_its_field_and_kept(
    patient: Client, field: str, value: str, sentence: str
) -> None:
    values = COURSE | {field: value}
    new = patient.get("/patient/trials/new", status=302).location
    page = patient.post(new, values, status=422)
    assert page.errors == [sentence]
    assert f"#{field}" in page.links
    assert page.title.startswith("Error:")
    assert {name: page.value(name) for name in values if name != "doses-0-unit"} == {
        name: kept for name, kept in values.items() if name != "doses-0-unit"
    }
    again = patient.get(new)  # and it is saved as typed, for another day
    assert again.value(field) == value


def test_bad_utf8_is_refused_beside_its_field(patient: Client) -> None:
    new = patient.get("/patient/trials/new", status=302).location
    body = (
        b"csrf_token="
        + patient.csrf_token().encode()
        + b"&treatment=Zol%FF%FEoft&doses-0-mg_per_day=50&doses-0-start=2020"
    )
    answer = patient.open("POST", new, data=body, content_type="application/x-www-form-urlencoded")
    assert answer.status_code == 422
    assert "cannot be read" in answer.get_data(as_text=True)


@pytest.mark.parametrize(
    ("path", "values", "sentence"),
    [
        ("/patient/about/you", YOU | {"born-year": "2027"}, "This date of birth is in the future. Check the year."),
        ("/patient/about/you", YOU | {"born-year": "1885"}, "Check the year of the date of birth."),
        ("/patient/about/you", YOU | {"born-month": "13"}, "Enter your date of birth, such as 4 3 1985"),
        ("/patient/about/you", YOU | {"given_name": ""}, "Enter your first name"),
        ("/patient/about/you", YOU | {"sex": "other"}, "Choose one of the answers"),
        (
            "/patient/about/reach",
            REACH | {"phone": "12"},
            "Enter the telephone number with its area code, such as 303 555 0142.",
        ),
        (
            "/patient/about/reach",
            REACH | {"contact_name": "Luis"},
            "Enter this person's phone number, or leave both empty",
        ),
        ("/patient/reason", {"reason": "depression"}, "Enter roughly when it began, or tick the box below"),
        ("/patient/reason", {"reason": "depression", "began": "2027"}, "Enter a date that is not in the future"),
        (
            "/patient/reason",
            {"reason": "depression", "began": "2020", "hopes": "x" * 1001},
            "Shorten this to 1000 characters or fewer; it has 1001",
        ),
        ("/patient/trials", {}, "Choose one of the answers"),
    ],
)
def test_each_page_says_what_to_do(patient: Client, path: str, values: dict[str, str], sentence: str) -> None:
    assert patient.post(path, values, status=422).errors == [sentence]


def test_dates_that_contradict_the_order_are_refused(patient: Client) -> None:
    values = COURSE | {"doses-1-mg_per_day": "50", "doses-1-start": "2019", "doses-1-stop": "2020"}
    new = patient.get("/patient/trials/new", status=302).location
    page = patient.post(new, values, status=422)
    assert page.errors == ["List the doses in order: this one starts before the one above it"]
    assert "#doses-1-start" in page.links


def test_another_dose_is_asked_for_without_script(patient: Client) -> None:
    new = patient.get("/patient/trials/new", status=302).location
    page = patient.submit(new, COURSE | {"more": "1"})
    assert page.value("doses-0-mg_per_day") == "100"
    assert page.value("doses-1-mg_per_day") == ""
    second = {"doses-1-mg_per_day": "150", "doses-1-start": "fall 2025"}
    patient.post(new, COURSE | second | {"version": str(page.value("version"))})


def test_saving_for_later_asks_nothing(app: Flask, patient: Client) -> None:
    new = patient.get("/patient/trials/new", status=302).location
    home = patient.submit(new, {"treatment": "Zol", "later": "1"})
    assert "0 of 1 finished" in home
    assert patient.get(new).value("treatment") == "Zol"


def test_sending_the_form_of_a_new_item_twice_adds_one(app: Flask, patient: Client) -> None:
    new = added(patient)
    patient.post(new, COURSE)
    assert len(rows(app, Draft)) == 1


def test_the_second_window_sees_what_the_first_saved_and_chooses(app: Flask, patient: Client, patient_id: UUID) -> None:
    new = added(patient)
    path = new.replace("/new", "")
    first, second = signed_in(app, patient_id), signed_in(app, patient_id)
    version = str(first.get(path).value("version"))
    assert second.get(path).value("version") == version
    first.post(path, COURSE | {"doses-0-mg_per_day": "150", "version": version})
    mine = COURSE | {"doses-0-mg_per_day": "200", "version": version}
    page = second.post(path, mine, status=409)
    assert page.h1 == ["This was changed in another window at 9:00 am"]
    assert "150" in page and "200" in page
    keep = {one.name: one.attributes.get("value", "") for one in page.fields if one.form == len(page.forms) - 1}
    assert keep["doses-0-mg_per_day"] == "200"
    second.post(path, keep)
    assert second.get(path).value("doses-0-mg_per_day") == "200"


def test_the_second_window_may_take_what_the_first_saved(patient: Client) -> None:
    path = added(patient).replace("/new", "")
    patient.post(path, COURSE | {"treatment": "Prozac", "version": "1"})
    page = patient.post(path, COURSE | {"treatment": "Paxil", "version": "1"}, status=409)
    assert path in page.links
    assert patient.get(path).value("treatment") == "Prozac"


def test_typing_is_saved_and_says_when(patient: Client) -> None:
    new = patient.get("/patient/trials/new", status=302).location
    item = new.rsplit("/", 1)[1]
    url = f"/patient/autosave/trial/course/{item}?new=1"
    data = {"treatment": "Zol", "version": "0", "csrf_token": patient.csrf_token()}
    answer = patient.open("POST", url, data=data)
    assert (answer.status_code, answer.get_json()) == (200, {"saved": "9:00 am", "version": 1})
    stale = patient.open("POST", url, data=data | {"treatment": "Zolo"})
    assert stale.status_code == 409
    assert "another window" in stale.get_json()["message"]
    assert patient.open("POST", url, data={"treatment": "no token"}).status_code == 400
    assert patient.get(new).value("treatment") == "Zol"


@pytest.mark.parametrize("path", ["trial/course", "trial/other", "secret/course", f"about/reach/{UUID(int=7)}"])
def test_typing_is_saved_only_where_the_form_has_a_place(patient: Client, path: str) -> None:
    answer = patient.open("POST", f"/patient/autosave/{path}", data={"csrf_token": patient.csrf_token()})
    assert answer.status_code == 404


def test_removing_asks_first_and_can_be_undone(app: Flask, patient: Client, patient_id: UUID) -> None:
    (item,) = filled(app, patient_id)
    asked = patient.get(f"/patient/trials/{item}/remove")
    assert asked.h1 == ["Remove Zoloft?"]
    listed = patient.submit(f"/patient/trials/{item}/remove")
    assert "You have not added a medicine so far" in listed and "Put back" in listed
    assert "Zoloft, spring 2025" in patient.submit(f"/patient/trials/{item}/restore")


def test_a_copy_begins_with_the_answers_of_the_other(app: Flask, patient: Client, patient_id: UUID) -> None:
    (item,) = filled(app, patient_id)
    page = patient.follow(patient.get(f"/patient/trials/{item}/copy", status=302))
    assert (page.value("treatment"), page.value("version")) == ("Zoloft", "0")
    assert len([row for row in rows(app, Draft) if row.page == "trial"]) == 1  # not saved until it is sent


def test_links_of_a_card_are_read_out_with_its_medicine(app: Flask, patient: Client, patient_id: UUID) -> None:
    filled(app, patient_id)
    page = patient.get("/patient/trials")
    for action in ("Change", "Copy", "Remove"):
        assert f"{action} Zoloft, spring 2025 to fall 2025" in page


@pytest.mark.parametrize("rest", ["", "/effect", "/remove", "/copy"])
def test_a_tampered_key_is_not_found(patient: Client, rest: str) -> None:
    status = 302 if rest == "/copy" else 404
    page = patient.get(f"/patient/trials/{uuid4()}{rest}", status=status)
    if rest == "/copy":
        patient.get(page.location, status=404)
    patient.get(f"/patient/trials/not-a-key{rest}", status=404)


@pytest.mark.parametrize("rest", ["", "/effect", "/remove"])
def test_another_patients_item_is_not_found(app: Flask, patient: Client, rest: str) -> None:
    with app.app_context():
        other = factories.a_patient(factories.a_site())
        factories.a_consultation(other)
        (item,) = answers.fill_form(other, now=NOW)
    patient.get(f"/patient/trials/{item}{rest}", status=404)
    patient.post(f"/patient/trials/{item}{rest}", COURSE, status=404)
    patient.post(f"/patient/trials/{item}/restore", status=404)


def test_an_item_of_an_earlier_consultation_is_not_found(app: Flask, patient_id: UUID) -> None:
    (item,) = filled(app, patient_id)
    with app.app_context():
        (row,) = list(db.session.scalars(select(Consultation)))
        row.status, row.closed_at = ConsultationStatus.CLOSED, NOW
        db.session.commit()
        factories.a_consultation(patient_id)
    signed_in(app, patient_id).get(f"/patient/trials/{item}", status=404)


@pytest.mark.parametrize("path", ["/patient/", "/patient/trials", "/patient/mood", "/patient/check", "/patient/help"])
def test_the_area_is_closed_to_staff_and_strangers(app: Flask, path: str) -> None:
    staff = Client(app)
    with app.app_context():
        account_id = factories.an_account(Role.PROVIDER)
    staff.sign_in(account_id, now=NOW)
    staff.get(path, status=403)
    assert "/account/" in Client(app).get(path, status=302).location


def test_the_check_page_lists_what_is_missing_with_links(app: Flask, patient: Client, patient_id: UUID) -> None:
    (item,) = filled(app, patient_id)
    with app.app_context():
        answers.save(patient_id, Page.TRIAL, "effect", answers.EFFECT | {"improvement": ""}, now=NOW, item=item)
    page = patient.get("/patient/check")
    assert "Zoloft: Choose how much it helped at best" in page
    assert f"/patient/trials/{item}/effect" in page.links
    assert "/patient/sign" not in page.links
    assert patient.get("/patient/sign", status=302).location == "/patient/check"


def test_nothing_on_a_patients_page_is_a_verdict_or_a_score(app: Flask, patient: Client, patient_id: UUID) -> None:
    filled(app, patient_id, item9="3")
    for path in ("/patient/", "/patient/trials", "/patient/check", "/patient/sign"):
        text = patient.get(path).text.lower()
        assert not any(word in text for word in ("failed", "adequate", "score", "severe", "resistant", "verdict"))


def test_a_refused_signature_keeps_the_page(app: Flask, patient: Client, patient_id: UUID) -> None:
    filled(app, patient_id)
    key = str(patient.get("/patient/sign").value("request_key"))
    page = patient.post("/patient/sign", {"signature": "Ana", "request_key": key}, status=422)
    assert (page.value("signature"), page.value("request_key")) == ("Ana", key)
    page = patient.post("/patient/sign", {"agrees": "y", "signature": "", "request_key": key}, status=422)
    assert page.errors == ["Type your name to sign"]


def test_sending_twice_sends_once_and_back_says_so(app: Flask, patient: Client, patient_id: UUID) -> None:
    (item,) = filled(app, patient_id)
    key = str(patient.get("/patient/sign").value("request_key"))
    signed = {"agrees": "y", "signature": "Ana", "request_key": key}
    patient.post("/patient/sign", signed)
    patient.post("/patient/sign", signed)
    assert len(rows(app, Snapshot)) == 1
    for path in (f"/patient/trials/{item}", "/patient/sign", "/patient/check", "/patient/trials", "/patient/mood"):
        assert patient.get(path).h1 == ["You have sent your answers already"]
    late = patient.post(f"/patient/trials/{item}", COURSE | {"treatment": "Prozac"}, status=409)
    assert late.h1 == ["You have sent your answers already"]
    with app.app_context():
        draft = db.session.scalars(select(Draft).where(Draft.item == item)).one()
        assert consultations.part_of(draft, "course").answers["treatment"] == "Zoloft"
