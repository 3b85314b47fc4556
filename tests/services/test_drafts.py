"""Drafts: nothing typed is lost, two tabs cannot overwrite each other, closed pages stay closed."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.exc import NoResultFound

from intake.domain.errors import DomainError
from intake.domain.form.pages import MOST_ITEMS, Page
from intake.domain.statuses import ConsultationStatus
from intake.extensions import db, ring
from intake.models.consultations import Draft
from intake.queries import consultations
from intake.services.consultations import (
    AlreadySent,
    EditedElsewhere,
    Place,
    Saved,
    remove_item,
    restore_item,
    save_part,
    start,
)
from tests import answers, factories
from tests.conftest import NOW
from tests.racing import race
from tests.refusing import refused

COURSE = Page.TRIAL, "course"


@pytest.fixture
def patient_id(app: Flask) -> UUID:
    """A patient with an open consultation."""
    made = factories.a_patient(factories.a_site())
    factories.a_consultation(made)
    return made


def save(patient_id: UUID, place: Place, text: str, *, seen: int, now: datetime = NOW, may_add: bool = True) -> Saved:
    actor_id = factories.account_of(patient_id)
    return save_part(patient_id, place, {"note": text}, seen_version=seen, actor_id=actor_id, now=now, may_add=may_add)


def drafts(patient_id: UUID) -> list[Draft]:
    return list(db.session.scalars(select(Draft).execution_options(populate_existing=True)))


def test_what_is_typed_is_kept_sealed_and_as_it_was(patient_id: UUID) -> None:
    save(patient_id, Place(Page.REASON, "reason"), "37,5 and a half sentence", seen=0)
    (draft,) = drafts(patient_id)
    assert consultations.part_of(draft, "reason").answers == {"note": "37,5 and a half sentence"}
    assert b"half sentence" not in draft.body_sealed
    with pytest.raises(Exception, match="place"):
        ring.open(draft.body_sealed, b"draft.body:other-row")


def test_the_second_of_two_tabs_is_shown_what_the_first_saved(patient_id: UUID) -> None:
    place = Place(*COURSE, str(uuid4()))
    seen = save(patient_id, place, "as both tabs opened it", seen=0).version
    save(patient_id, place, "first tab", seen=seen)
    with pytest.raises(EditedElsewhere) as caught:
        save(patient_id, place, "second tab", seen=seen, now=NOW + timedelta(minutes=1))
    assert caught.value.answers == {"note": "first tab"}
    assert caught.value.saved_at == NOW
    save(patient_id, place, "second tab", seen=caught.value.version)  # chose to keep its own
    assert consultations.part_of(drafts(patient_id)[0], "course").answers == {"note": "second tab"}


def test_the_same_save_twice_is_one_save(patient_id: UUID) -> None:
    place = Place(*COURSE, str(uuid4()))
    first = save(patient_id, place, "pressed twice", seen=0)
    assert save(patient_id, place, "pressed twice", seen=0) == first
    assert len(drafts(patient_id)) == 1


def test_tabs_on_two_parts_of_one_trial_do_not_meet(patient_id: UUID) -> None:
    item = str(uuid4())
    seen = save(patient_id, Place(*COURSE, item), "dose", seen=0).version
    save(patient_id, Place(Page.TRIAL, "effect", item), "effect", seen=seen)
    save(patient_id, Place(*COURSE, item), "dose changed", seen=seen)
    (draft,) = drafts(patient_id)
    assert consultations.part_of(draft, "effect").answers == {"note": "effect"}
    assert consultations.part_of(draft, "course").answers == {"note": "dose changed"}


def test_an_unknown_item_is_not_found_unless_it_is_being_added(patient_id: UUID) -> None:
    with pytest.raises(NoResultFound):
        save(patient_id, Place(*COURSE, str(uuid4())), "tampered key", seen=0, may_add=False)
    assert not drafts(patient_id)


def test_another_patients_item_is_out_of_reach(patient_id: UUID) -> None:
    other = factories.a_patient(factories.a_site())
    factories.a_consultation(other)
    theirs = Place(*COURSE, str(uuid4()))
    save(other, theirs, "theirs", seen=0)
    with pytest.raises(NoResultFound):
        save(patient_id, theirs, "mine", seen=1, may_add=False)
    with pytest.raises(NoResultFound):
        remove_item(patient_id, Page.TRIAL, theirs.item, actor_id=factories.account_of(patient_id), now=NOW)
    assert consultations.part_of(drafts(other)[0], "course").answers == {"note": "theirs"}


def test_a_removed_item_can_be_put_back_whole(patient_id: UUID) -> None:
    item = answers.add_trial(patient_id, now=NOW)
    actor_id = factories.account_of(patient_id)
    remove_item(patient_id, Page.TRIAL, item, actor_id=actor_id, now=NOW)
    remove_item(patient_id, Page.TRIAL, item, actor_id=actor_id, now=NOW)
    assert consultations.written(drafts(patient_id)) == []
    restore_item(patient_id, Page.TRIAL, item, actor_id=actor_id, now=NOW)
    (kept,) = consultations.written(drafts(patient_id))
    assert kept.parts["effect"] == answers.EFFECT


def test_a_list_takes_forty_items_and_says_so(patient_id: UUID) -> None:
    for _ in range(MOST_ITEMS):
        save(patient_id, Place(*COURSE, str(uuid4())), "one", seen=0)
    with refused(DomainError, match="takes 40"):
        save(patient_id, Place(*COURSE, str(uuid4())), "one too many", seen=0)


def test_far_too_much_text_is_refused(patient_id: UUID) -> None:
    with refused(DomainError, match="more text"):
        save(patient_id, Place(Page.REASON, "reason"), "x" * 20_001, seen=0)


@pytest.mark.parametrize(
    "status", [ConsultationStatus.SUBMITTED, ConsultationStatus.IN_REVIEW, ConsultationStatus.ACCEPTED]
)
def test_nothing_can_be_saved_once_the_form_is_sent(app: Flask, status: ConsultationStatus) -> None:
    patient_id = factories.a_patient(factories.a_site())
    factories.a_consultation(patient_id, status=status)
    with refused(AlreadySent):
        save(patient_id, Place(Page.REASON, "reason"), "late", seen=0)


def test_a_new_consultation_begins_only_where_none_stands(patient_id: UUID) -> None:
    actor_id = factories.account_of(patient_id)
    standing = start(patient_id, actor_id=actor_id, now=NOW)
    assert standing == start(patient_id, actor_id=actor_id, now=NOW)
    other = factories.a_patient(factories.a_site())
    factories.a_consultation(other, status=ConsultationStatus.CLOSED, closed_at=NOW)
    begun = start(other, actor_id=factories.account_of(other), now=NOW)
    found = consultations.latest_of(other)
    assert found is not None
    assert (found.id, found.status) == (begun, ConsultationStatus.DRAFT)


def test_eight_adding_one_item_at_once_make_one(app: Flask, patient_id: UUID) -> None:
    place = Place(*COURSE, str(uuid4()))
    actor_id = factories.account_of(patient_id)

    def racer(_number: int) -> int:
        saved = save_part(patient_id, place, {"note": "same"}, seen_version=0, actor_id=actor_id, now=NOW, may_add=True)
        return saved.version

    assert race(app, racer, 8) == [1] * 8
    assert len(drafts(patient_id)) == 1
