"""Protocols in manage: what is there and from where, a change that says what it does, two managers at once."""

import re
from datetime import timedelta
from html import unescape

import pytest
from sqlalchemy import select

from intake.domain.roles import Role
from intake.domain.scheduling.protocols import default_protocol
from intake.extensions import db, transaction
from intake.models.audit import AuditRow
from intake.models.orders import Order
from intake.models.sites import Protocol, RuleSignature, StartRule
from intake.services import protocols as acts
from tests import factories
from tests.factories import NOW
from tests.services.bookings import an_order_to_book
from tests.web.client import Client
from tests.web.test_query_counts import counted
from tests.web.worlds import stopped_clock

LIST = "/manage/protocols"


@pytest.fixture(autouse=True)
def _clock():
    with stopped_clock(NOW):
        yield


@pytest.fixture
def site(app):
    with app.app_context():
        return factories.a_site(name="Denver")


def a_manager(app, name="Mo Manager"):
    with app.app_context():
        account = factories.an_account(Role.MANAGER, name=name)
    visitor = Client(app)
    visitor.sign_in(account, now=NOW)
    return visitor


@pytest.fixture
def manager(app, site):
    return a_manager(app)


@pytest.fixture
def protocol_id(app, site):
    """A shipped protocol in use, made by a manager."""
    with app.app_context():
        maker = factories.an_account(Role.MANAGER, name="Mia Maker")
        return acts.adopt("acute-twice-weekly", "Twice weekly", actor_id=maker, now=NOW - timedelta(days=1))


def values_of(page):
    """What a form sends when nothing is changed."""
    found = {}
    for tag in re.findall(r"<input[^>]+>", page.body):
        name = re.search(r'name="([^"]+)"', tag)
        if name is None or name[1] in ("csrf_token", "find") or ('type="checkbox"' in tag and "checked" not in tag):
            continue
        value = re.search(r'value="([^"]*)"', tag)
        found[name[1]] = unescape(value[1]) if value else ""
    return found


def edit_url(protocol_id):
    return f"{LIST}/{protocol_id}/edit"


def review(visitor, protocol_id, status=200, **changes):
    form = values_of(visitor.get(edit_url(protocol_id)))
    return visitor.post(edit_url(protocol_id), form | {"step": "review"} | changes, status=status)


def save(visitor, protocol_id, page, status=302):
    return visitor.post(edit_url(protocol_id), values_of(page) | {"step": "save"}, status=status)


TWENTY = {"turnover_minutes": "20", "source_turnover_minutes": "our own clock, 2026"}


def versions(app):
    with app.app_context():
        return [(row.version, row.rules["turnover_minutes"]) for row in db.session.scalars(select(Protocol))]


def test_the_list_leads_to_each_value_with_its_source_and_whether_it_was_read(manager, protocol_id):
    shown = manager.get(LIST)
    assert "Twice weekly" in shown and "not signed" in shown
    page = manager.get(f"{LIST}/{protocol_id}")
    assert "ELEKT-D (Anand 2023); McInnes 2022: induction of 4 to 8 · read in the source" in page
    assert "clinic default, range 10 to 20: judgement not verified" in page
    assert "Keep the remaining dates and append one at the end while the series takes less than 28 days." in page
    assert "Mia Maker" in page and "not signed by the medical director" in page


def test_a_shipped_protocol_is_taken_into_use_once_under_a_name(manager, app):
    form = {"key": "pain-consecutive-days", "name": "Pain block"}
    assert "Pain block" in manager.submit(LIST, form)
    again = manager.post(LIST, form, status=422)
    assert again.errors == ["A protocol of this name is there already. Enter another name."]
    manager.post(LIST, form | {"name": " "}, status=422)
    manager.post(LIST, {"key": "x", "name": "New"}, status=400)
    with app.app_context():
        row = db.session.scalars(select(Protocol)).one()
        assert row.rules == {k: v for k, v in default_protocol("pain-consecutive-days").raw.items() if k != "name"}


def test_the_form_sends_back_what_it_shows(manager, protocol_id, app):
    page = review(manager, protocol_id, status=422)
    assert "Nothing was changed." in page
    assert versions(app) == [(1, 15)]


def test_a_change_is_shown_before_it_is_saved_as_the_next_version(manager, protocol_id, app):
    shown = review(manager, protocol_id, **TWENTY)
    assert "What version 2 would do" in shown and "Nothing is saved yet." in shown
    assert "15 minutes" in shown and "20 minutes" in shown and "our own clock, 2026" in shown
    assert versions(app) == [(1, 15)]
    saved = manager.get(save(manager, protocol_id, shown).location)
    assert "Version 2" in saved and "our own clock, 2026 not verified" in saved
    assert versions(app) == [(1, 15), (2, 20)]
    with app.app_context():
        row = db.session.scalars(select(AuditRow).where(AuditRow.action == "protocol.version")).all()[-1]
        assert row.detail == {"version": 2, "changed": ["turnover_minutes"]}


def test_what_was_not_shown_cannot_be_saved(manager, protocol_id, app):
    shown = review(manager, protocol_id, **TWENTY)
    sent = values_of(shown) | {"turnover_minutes": "30", "step": "save"}
    again = manager.post(edit_url(protocol_id), sent, status=200)
    assert "30 minutes" in again and "Nothing is saved yet." in again
    assert versions(app) == [(1, 15)]
    back = manager.post(edit_url(protocol_id), values_of(shown) | {"step": "edit"}, status=200)
    assert values_of(back)["turnover_minutes"] == "20"


@pytest.mark.parametrize(
    ("changes", "field", "message"),
    [
        ({"turnover_minutes": "20"}, "source_turnover_minutes", "enter where the new value comes from."),
        ({"infusions": "many"}, "infusions", "Enter a whole number, such as 6."),
        ({"infusions": "-1"}, "infusions", "Enter a whole number, such as 6."),
        ({"infusions": "99999"}, "infusions", "Enter a whole number, such as 6."),
        ({"infusions": ""}, "infusions", "Enter a whole number, such as 6."),
        ({"infusions": "0"}, "infusions", "0 is below 1."),
        ({"chair_minutes": "100"}, "chair_minutes", "multiple of 15"),
        ({"gap_1": "0"}, "gap_2", "exception for consecutive days"),
        ({"gap_3": "x"}, "gap_3", "whole number"),
        ({"first_from": "25:00"}, "first_from", "Enter a time such as 10:00."),
        ({"first_from": ""}, "first_from", "Enter both times"),
        ({"watch_minutes_1": ""}, "watch_minutes_1", "Enter both minutes and units."),
        ({"watch_minutes_1": "", "watch_units_1": ""}, "watch_minutes_2", "Fill the rows"),
        ({"checkpoint_after": "6"}, "checkpoint_after", "1 to 5"),
        ({"miss_worse_points": ""}, "miss_usual_gap_days", "all five"),
        ({"source_infusions": "x" * 301}, "source_infusions", "within 300 characters"),
        ({"infusions": "8", "max_span_days": "15", "source_infusions": "a", "source_max_span_days": "b"},
         "gap_2", "No series of 8"),
    ],
)  # fmt: skip
def test_bad_input_is_told_beside_its_field_and_nothing_is_lost(manager, protocol_id, app, changes, field, message):
    page = review(manager, protocol_id, status=422, **changes)
    assert f'href="#{field}"' in page.body
    assert any(message in error for error in page.errors), page.errors
    assert {key: values_of(page)[key] for key in changes} == changes
    assert versions(app) == [(1, 15)]


def test_every_changed_value_without_a_source_is_told_at_once(manager, protocol_id):
    page = review(
        manager, protocol_id, status=422, turnover_minutes="20", gap_3="", infusions="5", source_infusions="own"
    )
    assert page.errors == [
        "Days between infusions: enter where the new value comes from.",
        "Turnover of the chair: enter where the new value comes from.",
    ]
    assert 'href="#source_gap_points"' in page.body and 'href="#source_turnover_minutes"' in page.body


def test_an_order_keeps_its_version_and_the_page_says_which_and_never_whose(manager, protocol_id, app, site):
    with app.app_context():
        an_order_to_book(site, protocol_id=protocol_id)
    shown = review(manager, protocol_id, **TWENTY)
    assert "1 order keep the version they were signed with." in shown
    assert "Dr. Pat Provider" in shown and "not booked yet" in shown and "Rivera" not in shown
    save(manager, protocol_id, shown)
    with app.app_context():
        assert db.session.scalars(select(Order)).one().protocol.version == 1
    assert "Orders in force" in manager.get(LIST)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"turnover_minutes": "20", "source_turnover_minutes": "own"}, "1 series would be planned as now."),
        ({"gap_3": "", "gap_4": "", "source_gap_points": "own"}, "1 series would be planned otherwise."),
        ({"chair_minutes": "600", "first_chair_minutes": "", "source_chair_minutes": "own",
          "source_first_chair_minutes": "own"}, "1 series could no longer be planned at all."),
    ],
)  # fmt: skip
def test_a_change_says_what_becomes_of_unbooked_series(manager, protocol_id, app, site, changes, sentence):
    with app.app_context():
        an_order_to_book(site, protocol_id=protocol_id)
    assert sentence in review(manager, protocol_id, **changes)


def test_a_second_manager_is_asked_before_the_firsts_version_is_put_back(manager, protocol_id, app):
    other = a_manager(app, "Ola Other")
    mine = review(manager, protocol_id, infusions="5", source_infusions="own")
    theirs = review(other, protocol_id, **TWENTY)
    save(other, protocol_id, theirs)
    asked = save(manager, protocol_id, mine, 200)
    assert "Ola Other saved version 2 while you were editing" in asked
    assert "Turnover of the chair: 15 minutes, now 20 minutes" in asked
    assert versions(app) == [(1, 15), (2, 20)]
    save(manager, protocol_id, asked)
    with app.app_context():
        row = db.session.scalars(select(Protocol).where(Protocol.version == 3)).one()
        assert (row.rules["infusions"], row.rules["turnover_minutes"]) == (5, 15)
        assert (
            row.sources["turnover_minutes"]["source"]
            == default_protocol("acute-twice-weekly").sources["turnover_minutes"]
        )


def test_a_double_press_leads_to_the_version_that_the_first_has_saved(manager, protocol_id, app):
    shown = review(manager, protocol_id, **TWENTY)
    first = save(manager, protocol_id, shown)
    assert save(manager, protocol_id, shown).location == first.location
    assert versions(app) == [(1, 15), (2, 20)]


def test_the_same_values_of_somebody_else_are_no_double_press(manager, protocol_id, app):
    mine = review(manager, protocol_id, **TWENTY)
    other = a_manager(app, "Ola Other")
    save(other, protocol_id, review(other, protocol_id, **TWENTY))
    assert "Ola Other saved version 2 while you were editing" in save(manager, protocol_id, mine, 200)


def test_the_second_is_asked_at_the_review_already(manager, protocol_id, app):
    other = a_manager(app, "Ola Other")
    form = values_of(manager.get(edit_url(protocol_id)))
    save(other, protocol_id, review(other, protocol_id, **TWENTY))
    changes = {"infusions": "5", "source_infusions": "own", "step": "review"}
    assert "Ola Other saved version 2" in manager.post(edit_url(protocol_id), form | changes, status=200)


def test_an_old_address_edits_the_newest_version(manager, protocol_id):
    save(manager, protocol_id, review(manager, protocol_id, **TWENTY))
    assert values_of(manager.get(edit_url(protocol_id)))["turnover_minutes"] == "20"
    assert "An earlier version" in manager.get(f"{LIST}/{protocol_id}")


def test_a_retired_protocol_takes_no_order_and_no_change(manager, protocol_id, app, site):
    with app.app_context():
        an_order_to_book(site, protocol_id=protocol_id)
    asked = manager.get(f"{LIST}/{protocol_id}/retire")
    assert "1 order keep it to their end" in asked
    shown = review(manager, protocol_id, **TWENTY)
    assert "retired" in manager.submit(f"{LIST}/{protocol_id}/retire", {})
    assert "Mo Manager" in manager.get(f"{LIST}/{protocol_id}")
    late = manager.post(edit_url(protocol_id), values_of(shown) | {"step": "save"}, status=422)
    assert "This protocol is retired." in late
    manager.submit(f"{LIST}/{protocol_id}/retire", {})
    with app.app_context():
        assert db.session.scalars(select(Order)).one().protocol_id == protocol_id
        assert len(db.session.scalars(select(AuditRow).where(AuditRow.action == "protocol.retire")).all()) == 1


def test_the_directors_signature_is_shown_for_the_version_it_was_given_to(manager, protocol_id, app):
    with app.app_context():
        director = factories.an_account(Role.MEDICAL_DIRECTOR, name="Dr. Dee Director")
        with transaction() as session:
            values = {"rule_set": "protocols", "row_key": "Twice weekly", "version": "1"}
            session.add(RuleSignature(signed_by=director, signed_at=NOW, **values))
    assert "signed by Dr. Dee Director" in manager.get(f"{LIST}/{protocol_id}")
    made = save(manager, protocol_id, review(manager, protocol_id, **TWENTY)).location
    assert "not signed by the medical director" in manager.get(made)


@pytest.mark.parametrize("value", ["", "x", "01a20000-0000-7000-8000-000000000000"])
def test_what_no_page_of_ours_made_is_refused(manager, protocol_id, app, value):
    form = values_of(manager.get(edit_url(protocol_id))) | {"step": "review"}
    expected = 404 if len(value) > 1 else 400
    manager.post(edit_url(protocol_id), form | {"base": value}, status=expected)
    manager.post(edit_url(protocol_id), form | TWENTY | {"seen": value}, status=expected)
    with app.app_context():
        other = factories.a_protocol(name="Another")
    manager.post(edit_url(protocol_id), form | {"base": str(other)}, status=400)


@pytest.mark.parametrize("role", [Role.DESK, Role.PROVIDER, Role.MEDICAL_DIRECTOR, Role.PATIENT])
def test_others_are_refused(app, protocol_id, role):
    with app.app_context():
        account = factories.an_account(role)
    visitor = Client(app)
    visitor.sign_in(account, now=NOW)
    for path in (LIST, f"{LIST}/{protocol_id}", edit_url(protocol_id), f"{LIST}/{protocol_id}/retire"):
        visitor.get(path, status=403)
    visitor.post(edit_url(protocol_id), {}, status=403)
    visitor.post(f"{LIST}/{protocol_id}/retire", {}, status=403)


def test_a_protocol_of_an_older_file_can_be_changed_too(manager, app):
    with app.app_context():
        old = factories.a_protocol(name="Old", first_start=None, gap_points={"2": 0, "3": 0, "12": 5})
    page = review(manager, old, infusions="5", source_infusions="own")
    assert "What version 2 would do" in page
    save(manager, old, page)
    with app.app_context():
        row = db.session.scalars(select(Protocol).where(Protocol.version == 2)).one()
        assert row.rules == {
            **factories.PROTOCOL_RULES,
            "infusions": 5,
            "gap_points": {"2": 0, "3": 0, "12": 5},
        }


def test_the_clinic_page_says_whom_protected_starts_are_kept_for(manager, app, site):
    with app.app_context(), transaction() as session:
        session.add(StartRule(site_id=site, kind="protected", weekday=0, starts=540, ends=555))
    page = manager.get("/manage/")
    assert "9:00 am: kept for boosters and urgent visits, anybody's from 48 hours before" in page


@pytest.mark.parametrize("where", ["", "/{id}", "/{id}/edit", "/{id}/retire"])
def test_a_page_asks_as_often_for_many_versions_and_orders_as_for_few(manager, protocol_id, app, site, where):
    path = LIST + where.format(id=protocol_id)
    manager.get(path)
    with counted(app) as few:
        manager.get(path)
    with app.app_context():
        for number in range(3):
            an_order_to_book(site, protocol_id=protocol_id)
            factories.a_protocol(name=f"Another {number}")
    with counted(app) as many:
        manager.get(path)
    assert len(many) <= len(few)


def test_a_review_asks_as_often_for_many_waiting_series_as_for_one(manager, protocol_id, app, site):
    with app.app_context():
        an_order_to_book(site, protocol_id=protocol_id)
    form = values_of(manager.get(edit_url(protocol_id))) | TWENTY | {"step": "review"}
    manager.post(edit_url(protocol_id), form, status=200)
    with counted(app) as few:
        manager.post(edit_url(protocol_id), form, status=200)
    with app.app_context():
        for _ in range(4):
            an_order_to_book(site, protocol_id=protocol_id)
    with counted(app) as many:
        assert "5 series would be planned as now." in manager.post(edit_url(protocol_id), form, status=200)
    assert len(many) <= len(few)
