"""What somebody types into any form is found in no log, message, address or cookie, and in no table in clear.

The exceptions stand below, column by column: names, addresses of e-mail, and medicines as typed.
"""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass

import pytest
from flask.sessions import SecureCookieSessionInterface
from sqlalchemy import select

from intake.extensions import current_session, db
from intake.models.boosters import BoosterAdvice
from intake.models.consultations import Draft, ReturnedItem, Snapshot
from intake.models.medicines import FindingClearance
from intake.models.messages import Message
from intake.models.orders import OrderCondition, OrderEvent
from intake.models.people import ConsultationRequest, Patient
from intake.models.replanning import SignOff
from intake.models.response_checks import ResponseCheck
from intake.models.reviews import Decision, Evaluation
from intake.models.scores import Alert, Contact
from intake.models.trials import MedicationTrial, VerdictOverride
from intake.web.logs import EventFormatter
from tests.web.telling import BORN, CANARY, NAME, PHONE, Teller, as_desk, as_patient, as_provider, as_stranger
from tests.web.worlds import Clinic

DIGITS = "9175550199"
BIRTH = f"{BORN['year']}-0{BORN['month']}-{BORN['day']}"
IN_CLEAR = {
    "account": {"email", "name"},
    "consultation_request": {"given_name", "family_name", "email", "born_on"},
    "current_medicine": {"name", "dose_text"},
    "medication_trial": {"treatment"},
    "patient": {"given_name", "family_name", "preferred_name", "email", "born_on"},
    "patient_name_key": {"key"},
    "ticket": {"email"},
}
"""What the database holds in clear, as README.md says: by what people are found, and what is written to."""
WITHOUT_TEXT = frozenset(
    {
        "account.choose_site",
        "account.end_session",
        "account.invitation",  # passwords and codes alone, behind a link
        "account.invitation_app",
        "account.link",
        "account.reset",
        "account.sign_out",
        "account.staff_code",
        "desk.apply_replan",
        "desk.book_visit",  # a time from a list
        "desk.booster",  # a choice
        "desk.cancel_appointment",  # reasons are codes from a list
        "desk.move_appointment",
        "desk.place_batch",
        "desk.plan_orders",
        "desk.press",
        "desk.reopen_batch",
        "desk.replan_ask",  # a sentence of the planner, compared with what it says now
        "desk.replan_relax",
        "desk.search_batch",
        "desk.series_book",
        "desk.series_hold",
        "desk.series_release",
        "desk.told_case",
        "manage.edit_protocol",  # the clinic's own recipes, nobody's data
        "manage.end_simulation",
        "manage.protocols",
        "manage.retire_protocol",
        "manage.simulations",  # two numbers
        "patient.begin",
        "patient.medicine",  # the same forms as for new items
        "patient.remove_medicine",
        "patient.remove_trial",
        "patient.restore_medicine",
        "patient.restore_trial",
        "patient.trial",
        "provider.acknowledge_alert",
        "provider.meet_condition",
        "provider.put_into_effect",
        "provider.release",
        "provider.withdraw_clearance",
    }
)
"""Endpoints to which nothing typed is sent, but keys, choices and secrets."""
SEALED = {
    Alert: ("outcome",),
    BoosterAdvice: ("note",),
    ConsultationRequest: ("phone",),
    Contact: ("note",),
    Decision: ("reason", "conditions"),
    Draft: ("body",),
    Evaluation: ("plan",),
    FindingClearance: ("reason",),
    MedicationTrial: ("note",),
    OrderCondition: ("text",),
    OrderEvent: ("reason",),
    Patient: ("phone", "address", "contact_person"),
    ResponseCheck: ("note",),
    ReturnedItem: ("question", "answer"),
    SignOff: ("reason",),
    Snapshot: ("body", "signature"),
    VerdictOverride: ("reason",),
}
"""Where the canary has to be, or it was not typed there."""


class Keeper(logging.Handler):
    """Keeps every line as it would be written."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.setFormatter(EventFormatter(as_json=True))
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


@dataclass
class Told:
    """What came of typing everything."""

    teller: Teller
    lines: list[str]

    @property
    def clinic(self) -> Clinic:
        """Where it was typed."""
        return self.teller.clinic


@pytest.fixture(scope="module")
def told(shared_clinic: Clinic) -> Iterator[Told]:
    """Everything was typed. The clinic is this module's own copy."""
    keeper, logger = Keeper(), logging.getLogger("intake")
    logging.getLogger().addHandler(keeper)
    logger.setLevel(logging.DEBUG)
    teller = Teller(shared_clinic)
    try:
        for act in (as_stranger, as_patient, as_provider, as_desk):
            act(teller)
    finally:
        logging.getLogger().removeHandler(keeper)
        logger.setLevel(logging.INFO)
    yield Told(teller, keeper.lines)


def traces_in(text: str) -> set[str]:
    """Which of the things that were typed stand in a text."""
    return {trace for trace in (CANARY, NAME, DIGITS, PHONE, BIRTH) if trace.lower() in text.lower()}


def test_it_was_kept_wherever_it_can_be_typed(told: Told) -> None:
    with told.clinic.app.app_context():
        missing = {
            f"{model.__name__}.{name}"
            for model, names in SEALED.items()
            for name in names
            if not any(traces_in(str(getattr(row, name))) for row in current_session().scalars(select(model)))
        }
    assert missing == set()


def test_every_form_with_a_field_to_type_in_was_sent(told: Told) -> None:
    """A new page with such a form has to be added to `telling.py`, or listed here with its reason."""
    adapter = told.clinic.app.url_map.bind("localhost")
    reached = {adapter.match(path.partition("?")[0], method="POST")[0] for path in told.teller.sent}
    posts = {rule.endpoint for rule in told.clinic.app.url_map.iter_rules() if "POST" in (rule.methods or ())}
    assert posts - reached - WITHOUT_TEXT == set()


def test_no_line_of_the_log_holds_it(told: Told) -> None:
    assert len(told.lines) > 50
    assert [line for line in told.lines if traces_in(line)] == []


def test_no_address_holds_it(told: Told) -> None:
    assert [address for address in told.teller.told if traces_in(address)] == []


def test_no_cookie_holds_it(told: Told) -> None:
    signer = SecureCookieSessionInterface().get_signing_serializer(told.clinic.app)
    assert signer is not None
    opened = [str(signer.loads(cookie)) for cookie in told.teller.cookies if cookie]
    assert opened
    assert [text for text in opened if traces_in(text)] == []


def test_no_message_holds_it(told: Told) -> None:
    with told.clinic.app.app_context():
        bodies = [dict(row.body) for row in current_session().scalars(select(Message))]
    assert len(bodies) > 5
    assert [body for body in bodies if traces_in(str(body)) - {NAME}] == []  # a message may greet by name
    assert [body for body in bodies if NAME in body["subject"]] == []


def test_no_table_holds_it_in_clear_but_for_names_and_what_is_searched(told: Told) -> None:
    with told.clinic.app.app_context():
        file = str(db.engine.url.database)
    found: dict[str, set[str]] = {}
    with closing(sqlite3.connect(file)) as connection:
        connection.row_factory = sqlite3.Row
        for (table,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
            for row in connection.execute(f'SELECT * FROM "{table}"'):  # noqa: S608
                for column in row.keys():  # noqa: SIM118 a Row iterates its values
                    if traces_in(readable(row[column])):
                        found.setdefault(table, set()).add(column)
    assert {table: columns - IN_CLEAR.get(table, set()) for table, columns in found.items()} == {
        table: set() for table in found
    }


def readable(value: object) -> str:
    """A cell as text; sealed ones too, so that one that is not sealed at all is found."""
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)
