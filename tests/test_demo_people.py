"""The demo's people and histories: invented, told apart, and whole enough to be sent on any day."""

from collections.abc import Iterator
from datetime import date

import pytest

from intake.demo import histories
from intake.demo.people import Person, person
from intake.domain.form.whole import Written, read_form
from intake.domain.screening import medicines
from intake.domain.screening.medicines import Medicine

PEOPLE = [person(number) for number in range(400)]
DAYS = (date(2026, 1, 2), date(2026, 11, 30), date(2028, 2, 29))


def written(who: Person, history: dict, today: date) -> Iterator[Written]:
    drafts: dict = {}
    for place, answers in histories.parts(who, history, "Denver", today):
        drafts.setdefault((place.page, place.item), {})[place.part] = answers
    for position, ((page, item), parts) in enumerate(drafts.items()):
        yield Written(page, item, position, parts)


def test_a_number_always_makes_the_same_person():
    assert person(17) == person(17)
    assert person(17) != person(18)


def test_no_two_people_share_a_name_or_an_address():
    assert len({one.email for one in PEOPLE}) == len(PEOPLE)
    assert len({one.name for one in PEOPLE}) == len(PEOPLE)


def test_addresses_and_phones_belong_to_nobody():
    assert all(one.email.endswith("@demo.example.org") for one in PEOPLE)
    assert all(phone.startswith("303-555-01") for one in PEOPLE for phone in (one.phone, one.contact_phone))


def test_everybody_is_of_age():
    assert max(one.born_on for one in PEOPLE) < date(2008, 1, 1)


@pytest.mark.parametrize("today", DAYS)
@pytest.mark.parametrize("history", histories.histories(), ids=lambda history: history["key"])
def test_every_history_can_be_sent_on_any_day(history, today):
    assert read_form(written(PEOPLE[0], history, today), today=today).missing == []


def test_the_histories_have_something_to_find():
    found = set()
    for history in histories.histories():
        form = read_form(written(PEOPLE[0], history, DAYS[0]), today=DAYS[0])
        taken = [Medicine(item.item, item.entry.name, mg_per_day=item.entry.mg_per_day) for item in form.medicines]
        found |= {finding.row for one in medicines.check(taken, as_of=DAYS[0]).medicines for finding in one.findings}
    wanted = {"Benzodiazepines, daily", "Lamotrigine", "MAOI antidepressants", "Unrecognised medicine name"}
    assert wanted <= found


def test_nobody_answers_the_safety_item_unless_the_demo_means_it():
    assert {history["phq9"][histories.ITEM_9] for history in histories.histories()} == {0}
