"""A safety answer asks for a person as soon as it is saved, and what was said first is never taken back."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select

from intake.domain.form.pages import Page
from intake.domain.screening.safety import Action, Help
from intake.extensions import db, transaction
from intake.models.messages import Message
from intake.models.scores import Alert
from intake.models.sites import Policy
from intake.services.alerts import MAILBOX_POLICY
from intake.services.consultations import EditedElsewhere, Place, Saved, save_part
from tests import answers, factories
from tests.conftest import NOW

PLACE = Place(Page.PHQ9, "answers")


@pytest.fixture
def patient_id(app: Flask) -> UUID:
    """A patient with an open consultation."""
    made = factories.a_patient(factories.a_site())
    factories.a_consultation(made)
    return made


def say(patient_id: UUID, item9: str, *, minutes: int = 0, seen: int = 10_000) -> Saved:
    actor_id = factories.account_of(patient_id)
    at = NOW + timedelta(minutes=minutes)
    return save_part(patient_id, PLACE, answers.phq9(item9), seen_version=seen, actor_id=actor_id, now=at)


def alerts() -> list[Alert]:
    rows = select(Alert).order_by(Alert.raised_at, Alert.id).execution_options(populate_existing=True)
    return list(db.session.scalars(rows))


@pytest.mark.parametrize(
    ("item9", "action"),
    [
        ("1", Action.CALL_TODAY),
        ("2", Action.CALL_NOW),
        ("3", Action.CALL_NOW),
        ("discuss", Action.TALK_AT_VISIT),
    ],
)
def test_a_positive_answer_asks_for_a_person(patient_id: UUID, item9: str, action: Action) -> None:
    assert say(patient_id, item9).help is not Help.NONE
    (alert,) = alerts()
    assert (alert.action, alert.raised_at, alert.help_shown_at) == (action.value, NOW, NOW)
    assert alert.detail["question"].startswith("Thoughts that you would be better off dead")
    assert alert.closed_at is None


def test_not_at_all_asks_for_nothing(patient_id: UUID) -> None:
    assert say(patient_id, "0").help is Help.NONE
    assert say(patient_id, "").help is Help.NONE
    assert not alerts()


def test_it_is_raised_though_the_rest_of_the_page_is_empty(patient_id: UUID) -> None:
    actor_id = factories.account_of(patient_id)
    save_part(patient_id, PLACE, {"item_9": "3"}, seen_version=0, actor_id=actor_id, now=NOW)
    assert len(alerts()) == 1


def test_the_same_answer_again_raises_nothing_more(patient_id: UUID) -> None:
    for minutes in range(3):
        say(patient_id, "1", minutes=minutes)
    (alert,) = alerts()
    assert alert.detail["changes"] == []


def test_a_change_to_not_at_all_is_noted_and_takes_nothing_back(patient_id: UUID) -> None:
    say(patient_id, "2")
    say(patient_id, "0", minutes=1)
    (alert,) = alerts()
    assert alert.detail["first"]["answer"] == 2
    assert [change["answer"] for change in alert.detail["changes"]] == [0]
    assert alert.action == Action.CALL_NOW.value


def test_a_worse_answer_raises_a_second_alert_and_a_milder_one_does_not(patient_id: UUID) -> None:
    say(patient_id, "1")
    say(patient_id, "3", minutes=1)
    say(patient_id, "2", minutes=2)
    first, second = alerts()
    assert (first.action, second.action) == (Action.CALL_TODAY.value, Action.CALL_NOW.value)
    assert [change["answer"] for change in first.detail["changes"]] == [3]
    assert [change["answer"] for change in second.detail["changes"]] == [2]


def test_it_is_raised_even_where_the_save_meets_another_tab(patient_id: UUID) -> None:
    say(patient_id, "0")
    with pytest.raises(EditedElsewhere):
        say(patient_id, "3", seen=0)
    assert len(alerts()) == 1


def test_the_clinics_mailbox_is_told_without_who_or_why(patient_id: UUID) -> None:
    with transaction() as session:
        session.add(Policy(name=MAILBOX_POLICY, value="oncall@clinic.example.org", set_at=NOW))
    say(patient_id, "3")
    message = db.session.scalars(select(Message)).one()
    assert message.recipient == "oncall@clinic.example.org"
    assert message.patient_id is None
    assert message.body["subject"] == "Urgent intake review waiting"
    assert not any(word in message.body["text"].lower() for word in ("rivera", "suicid", "self-harm", "phq", "dead"))
