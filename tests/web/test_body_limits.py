"""Every form takes as much as its page needs and no more: one byte above is refused, and nothing of it is read."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from intake.web.limits import CEILING, ORDINARY, SEVERAL_TEXTS, body_limit, limit_of
from tests.web.client import Client
from tests.web.page import Page, faults_of
from tests.web.walking import SIGNED_IN, area_of, arguments_of, path_of, rules_of
from tests.web.watching import dump, file_of
from tests.web.worlds import Clinic

LARGER = {
    "patient.about": SEVERAL_TEXTS,
    "patient.added_medicine": SEVERAL_TEXTS,
    "patient.added_trial": SEVERAL_TEXTS,
    "patient.autosave": SEVERAL_TEXTS,
    "patient.medicine": SEVERAL_TEXTS,
    "patient.reason": SEVERAL_TEXTS,
    "patient.trial": SEVERAL_TEXTS,
    "patient.trial_effect": SEVERAL_TEXTS,
    "provider.ask_back": SEVERAL_TEXTS,
    "provider.decide": SEVERAL_TEXTS,
    "provider.sign_order": SEVERAL_TEXTS,
}
"""What takes more than an ordinary form, written down a second time."""
WHO = {"patient": "filling", "provider": "provider", "desk": "desk", "manage": "manager"}
WIDE = "\N{GRINNING FACE}"
"""Four bytes, URL-encoded twelve: the most that one character can take."""
FORM = "application/x-www-form-urlencoded"


def visitor_of(clinic: Clinic, rule: Rule) -> Client:
    """Somebody who may send the form of a rule."""
    return clinic.visitor(WHO.get(area_of(rule)) or ("desk" if rule.endpoint in SIGNED_IN else None))


def send_of_size(clinic: Clinic, visitor: Client, rule: Rule, size: int) -> TestResponse:
    """A form of exactly so many bytes with a good token."""
    person = clinic.world.people["filling" if area_of(rule) == "patient" else "booked"]
    start = f"csrf_token={visitor.csrf_token()}&filler="
    body = start + "x" * (size - len(start))
    return visitor.open("POST", path_of(rule, arguments_of(person)), data=body, content_type=FORM)


def test_only_pages_with_several_long_texts_take_more_than_an_ordinary_form(shared_clinic: Clinic) -> None:
    endpoints = {rule.endpoint for rule in rules_of(shared_clinic.app, method="POST")}
    found = {endpoint: limit_of(shared_clinic.app, endpoint) for endpoint in endpoints}
    assert {endpoint: most for endpoint, most in found.items() if most != ORDINARY} == LARGER


def test_one_byte_above_its_limit_is_refused_by_every_form_and_nothing_is_written(shared_clinic: Clinic) -> None:
    app = shared_clinic.app
    for rule in rules_of(app, method="POST"):
        visitor = visitor_of(shared_clinic, rule)
        before = dump(file_of(app))
        answer = send_of_size(shared_clinic, visitor, rule, limit_of(app, rule.endpoint) + 1)
        assert answer.status_code == 413, rule
        page = Page.of(answer)
        assert faults_of(page) == [], rule
        assert "larger than this page takes" in page and "Nothing was saved" in page and "988" in page, rule
        assert dump(file_of(app)) == before, rule


def test_a_form_as_large_as_its_limit_is_read_by_every_page(clinic: Clinic) -> None:
    read = 0
    for rule in rules_of(clinic.app, method="POST"):
        answer = send_of_size(clinic, visitor_of(clinic, rule), rule, limit_of(clinic.app, rule.endpoint))
        assert answer.status_code in (200, 302, 400, 403, 404, 409, 410, 422), (rule, answer.status_code)
        assert "open for a long time" not in answer.get_data(as_text=True), rule  # its token was found
        read += answer.status_code != 404
    assert read > 30


@pytest.mark.parametrize("kind", ["urlencoded", "multipart", "in pieces"])
def test_it_is_refused_however_it_is_sent(shared_clinic: Clinic, kind: str) -> None:
    visitor, text = shared_clinic.visitor(), "x" * ORDINARY
    ways: dict[str, dict[str, Any]] = {
        "urlencoded": {"data": {"email": text}},
        "multipart": {"data": {"email": text}, "content_type": "multipart/form-data"},
        "in pieces": {
            "input_stream": BytesIO(f"email={text}".encode()),
            "content_type": FORM,
            "environ_overrides": {"wsgi.input_terminated": True},
        },
    }
    assert visitor.open("POST", "/account/sign-in", **ways[kind]).status_code == 413


def test_no_view_can_ask_for_more_than_the_ceiling() -> None:
    body_limit(CEILING)
    for most in (CEILING + 1, 0):
        with pytest.raises(ValueError, match="limit"):
            body_limit(most)


def test_an_address_that_is_none_reads_nothing(shared_clinic: Clinic) -> None:
    answer = shared_clinic.visitor().open("POST", "/nothing-here", data={"x": "y" * (2 * CEILING)})
    assert answer.status_code == 404


class TestTheLongestThatIsAllowed:
    """What the rules allow is never too large to be sent, in whatever script it is written."""

    @pytest.fixture
    def chart(self, clinic: Clinic) -> str:
        return f"/provider/patients/{clinic.world.people['in-review'].patient_id}"

    def test_a_decision_with_every_text_at_its_limit_is_kept(self, clinic: Clinic, chart: str) -> None:
        values = {"kind": "accepted-with-conditions", "first_line": WIDE * 4000, "reason": WIDE * 4000}
        conditions = "\r\n".join([WIDE * 198] * 20)  # 4,000 with the line ends
        clinic.visitor("provider").post(f"{chart}/decision", values | {"conditions": conditions})

    def test_twenty_questions_of_full_length_are_sent(self, clinic: Clinic, chart: str) -> None:
        visitor = clinic.visitor("provider")
        boxes = [field.name for field in visitor.get(f"{chart}/questions").fields if field.tag == "textarea"]
        full = {str(name): WIDE * 400 for name in boxes[:20]}
        visitor.post(f"{chart}/questions", full)

    @pytest.mark.parametrize(("length", "status"), [(4000, 302), (4001, 422)])
    def test_a_note_of_a_contact_is_kept_to_its_last_character(
        self, clinic: Clinic, chart: str, length: int, status: int
    ) -> None:
        values = {"on": "2026-12-01", "at": "08:45", "channel": "phone", "outcome": "reached", "note": WIDE * length}
        visitor = clinic.visitor("provider")
        key = str(visitor.get(f"{chart}/contacts/new").value("request_key"))
        visitor.post(f"{chart}/contacts/new", values | {"request_key": key}, status=status)

    @pytest.mark.parametrize("length", [19_000, 20_001])
    def test_a_part_of_the_patients_form_is_answered_beside_its_fields(self, clinic: Clinic, length: int) -> None:
        """As much as a draft keeps, and more than that: the page comes back with everything that was typed."""
        visitor = clinic.visitor("filling")
        values = {"hopes": WIDE * length, "version": str(visitor.get("/patient/reason").value("version"))}
        page = visitor.post("/patient/reason", values, status=422)
        assert WIDE * length in page.body
