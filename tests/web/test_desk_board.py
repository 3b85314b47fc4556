"""The day board: what it shows, how it stays fresh, one press each."""

import re
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import event

from intake.domain.roles import Role
from intake.extensions import db, transaction
from intake.models.appointments import Appointment
from intake.web import access
from tests import factories
from tests.factories import NOW
from tests.services.bookings import DATES
from tests.web.client import Client
from tests.web.desk import a_booked_series, a_desk_at, an_open_order, statuses

MONDAY = datetime(2026, 12, 7, 16, 5, tzinfo=UTC)
"""9:05 in Denver on the day of the first infusion."""


@pytest.fixture(autouse=True)
def _clock(monkeypatch):
    monkeypatch.setattr(access, "now", lambda: NOW)


def set_clock(monkeypatch, at):
    monkeypatch.setattr(access, "now", lambda: at)


def on_monday(client, app, monkeypatch) -> list:
    site = a_desk_at(client)
    ids = a_booked_series(app, site)
    set_clock(monkeypatch, MONDAY)
    with app.app_context():
        desk = factories.a_desk()
    client.sign_in(desk, now=MONDAY)
    return ids


def press(client, key, act, version=1, status="booked", answer=302):
    return client.post(f"/desk/appointments/{key}/press", {"press": f"{act}.{version}.{status}"}, status=answer)


def test_an_empty_day_says_what_to_do_next(client):
    a_desk_at(client)
    page = client.get("/desk/")
    assert page.h1 == ["Tuesday, December 1"]
    assert "Nobody is booked on this day" in page


@pytest.mark.parametrize(
    ("at", "shown"),
    [
        (datetime(2026, 12, 2, 0, 1, tzinfo=UTC), "Wednesday, December 2"),  # Tuesday, 5:01 pm
        (datetime(2026, 12, 1, 23, 59, tzinfo=UTC), "Tuesday, December 1"),
        (datetime(2026, 12, 5, 18, 0, tzinfo=UTC), "Monday, December 7"),  # a Saturday
    ],
)
def test_after_hours_and_on_closed_days_the_next_open_day_is_shown(client, monkeypatch, at, shown):
    a_desk_at(client)
    set_clock(monkeypatch, at)
    with client.app.app_context():
        desk = factories.a_desk()
    client.sign_in(desk, now=at)
    assert client.get("/desk/").h1 == [shown]


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31", "2026-02-30", "soon", ""])
def test_a_day_that_makes_no_sense_counts_as_none(client, day):
    a_desk_at(client)
    assert client.get(f"/desk/?day={day}").h1 == ["Tuesday, December 1"]


def test_the_board_shows_who_sits_where_and_how_many_can_be_watched(client, app, monkeypatch):
    on_monday(client, app, monkeypatch)
    page = client.get("/desk/")
    assert "Rivera, Ana" in page
    assert "9:00–11:00 am" in page
    assert "Infusion 1 of 6" in page
    assert "watch units 2/4" in page  # while the line is placed
    assert "watch units 1/4" in page
    assert re.search(r"class=\"visit status-booked row-5 span-8\"", page.body)


def test_the_fragment_is_unchanged_until_something_changes(client, app, monkeypatch):
    ids = on_monday(client, app, monkeypatch)
    first = client.open("GET", "/desk/board?day=2026-12-07")
    assert first.headers["Cache-Control"] == "private, no-cache"
    again = client.open("GET", "/desk/board?day=2026-12-07", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    set_clock(monkeypatch, MONDAY + timedelta(minutes=9))  # the same quarter
    same = client.open("GET", "/desk/board?day=2026-12-07", headers={"If-None-Match": first.headers["ETag"]})
    assert same.status_code == 304
    press(client, ids[0], "arrived")
    changed = client.open("GET", "/desk/board?day=2026-12-07", headers={"If-None-Match": first.headers["ETag"]})
    assert changed.status_code == 200
    body = changed.get_data(as_text=True)
    assert "csrf" not in body and "nonce" not in body


def test_a_poll_of_the_board_writes_no_audit_row(client, app, monkeypatch):
    from intake.models.audit import AuditRow

    on_monday(client, app, monkeypatch)
    with app.app_context():
        before = db.session.query(AuditRow).count()
    client.open("GET", "/desk/board?day=2026-12-07")
    with app.app_context():
        assert db.session.query(AuditRow).count() == before


def test_one_press_each_from_arrived_to_done_and_back(client, app, monkeypatch):
    ids = on_monday(client, app, monkeypatch)
    for act, seen in (("arrived", "booked"), ("checked-in", "arrived"), ("fulfilled", "checked-in")):
        page = client.follow(press(client, ids[0], act, status=seen))
        assert page.status == 200
    assert statuses(app)[0] == "fulfilled"
    assert "Undo" in client.get("/desk/")
    press(client, ids[0], "undo", status="fulfilled")
    assert statuses(app)[0] == "checked-in"


def test_the_next_press_stands_on_the_board_itself(client, app, monkeypatch):
    ids = on_monday(client, app, monkeypatch)
    page = client.get("/desk/")
    assert page.body.count(f'formaction="/desk/appointments/{ids[0]}/press" name="press" value="arrived.1.booked"') == 2
    for label in ("Arrived", "Missed", "Clinic hold"):
        assert label in page


def test_nobody_can_be_marked_arrived_on_an_earlier_day(client, app):
    site = a_desk_at(client)
    ids = a_booked_series(app, site)
    page = client.get("/desk/?day=2026-12-07")
    assert "Arrived" not in page
    assert "Clinic hold" in page
    assert "it can be marked arrived on that day" in client.follow(press(client, ids[0], "arrived"))


def test_a_press_on_a_stale_board_changes_nothing_and_says_so(client, app, monkeypatch):
    ids = on_monday(client, app, monkeypatch)
    press(client, ids[0], "arrived")
    page = client.follow(press(client, ids[0], "noshow"))
    assert "it is arrived now" in page
    assert statuses(app)[0] == "arrived"


def test_a_late_patient_is_marked_after_the_grace(client, app, monkeypatch):
    on_monday(client, app, monkeypatch)
    assert "late" not in client.get("/desk/").text.split("Everybody")[1]
    set_clock(monkeypatch, MONDAY + timedelta(minutes=12))
    assert "late" in client.get("/desk/").text.split("Everybody")[1]


def test_what_is_no_longer_expected_leaves_the_chair_and_stays_in_the_list(client, app, monkeypatch):
    ids = on_monday(client, app, monkeypatch)
    press(client, ids[0], "clinic-hold")
    page = client.get("/desk/")
    assert 'class="visit status' not in page.body
    assert "clinic hold" in page.text
    press(client, ids[0], "undo", version=2, status="clinic-hold")
    assert statuses(app)[0] == "booked"


class TestDriver:
    """Nobody is checked in before somebody is known who drives home."""

    @pytest.fixture
    def ids(self, client, app, monkeypatch):
        found = on_monday(client, app, monkeypatch)
        press(client, found[0], "no-driver")
        return found

    def is_tentative(self, app, key):
        with app.app_context():
            return db.session.get_one(Appointment, key).tentative

    def test_the_board_shows_it_and_offers_the_press(self, client, ids):
        page = client.get("/desk/")
        assert 'class="visit status-booked tentative' in page.body
        assert "tentative: no driver" in page
        assert "Driver confirmed" in page

    def test_check_in_is_refused_until_the_driver_is_confirmed(self, client, app, ids):
        press(client, ids[0], "arrived")
        assert 'value="checked-in.1.arrived"' not in client.get("/desk/").body
        told = client.follow(press(client, ids[0], "checked-in", status="arrived"))
        assert "Press “Driver confirmed” first." in told
        assert statuses(app)[0] == "arrived"
        for _ in range(2):  # a double press is harmless
            press(client, ids[0], "driver", status="arrived")
        assert not self.is_tentative(app, ids[0])
        press(client, ids[0], "checked-in", status="arrived")
        assert statuses(app)[0] == "checked-in"

    def test_its_page_says_who_confirmed_and_takes_it_back(self, client, app, ids):
        press(client, ids[0], "driver")
        page = client.get(f"/desk/appointments/{ids[0]}")
        assert page.text.count("Driver confirmed") == 1 and "No driver known" in page
        press(client, ids[0], "no-driver")
        assert self.is_tentative(app, ids[0])

    def test_a_stale_page_changes_nothing(self, client, app, ids):
        press(client, ids[0], "arrived")
        assert "it is arrived now" in client.follow(press(client, ids[0], "driver"))
        assert self.is_tentative(app, ids[0])


@pytest.mark.parametrize("text", ["", "arrived", "arrived.x.booked", "dance.1.booked", "arrived.1.nothing"])
def test_a_press_that_no_page_of_ours_made_is_refused(client, app, monkeypatch, text):
    ids = on_monday(client, app, monkeypatch)
    client.post(f"/desk/appointments/{ids[0]}/press", {"press": text}, status=400)
    assert statuses(app)[0] == "booked"


def test_a_press_without_the_forms_token_is_refused(client, app, monkeypatch):
    ids = on_monday(client, app, monkeypatch)
    path = f"/desk/appointments/{ids[0]}/press"
    client.post(path, {"press": "arrived.1.booked"}, status=400, token=False)
    assert statuses(app)[0] == "booked"


@pytest.mark.parametrize("page", ["", "/cancel", "/move"])
def test_a_tampered_id_is_not_found(client, page):
    a_desk_at(client)
    client.get(f"/desk/appointments/00000000-0000-7000-8000-000000000000{page}", status=404)


@pytest.mark.parametrize("path", ["/desk/", "/desk/orders", "/desk/patients", "/desk/board"])
@pytest.mark.parametrize("role", [Role.PATIENT, Role.PROVIDER, Role.MANAGER])
def test_others_are_refused(client, path, role):
    with client.app.app_context():
        factories.a_site()
        account = factories.an_account(role)
    client.sign_in(account, now=NOW)
    client.get(path, status=403)


def test_somebody_who_is_not_signed_in_is_sent_to_sign_in(client):
    client.get("/desk/", status=302)


def test_the_rail_names_orders_to_be_booked_and_who_waits_for_the_provider(client, app):
    site = a_desk_at(client)
    an_open_order(app, site, conditions=("CANARY-CONDITION",))
    page = client.get("/desk/")
    assert "Rivera, Ana" in page
    assert "not yet" in page
    assert "CANARY-CONDITION" not in page.body


def count_queries(app, client: Client, path: str) -> int:
    seen = []
    with app.app_context():
        engine = db.engine

    def note(*args):
        seen.append(args[2])

    event.listen(engine, "before_cursor_execute", note)
    try:
        client.get(path)
    finally:
        event.remove(engine, "before_cursor_execute", note)
    return len(seen)


def many_visits(app, site, count):
    with app.app_context():
        for number in range(count):
            patient_id = factories.a_patient(site, family_name=f"Name{number}", with_account=False)
            desk_id = factories.a_desk()
            with transaction() as session:
                start = datetime(2026, 12, 7, 15, 0, tzinfo=UTC) + timedelta(minutes=15 * (number % 24))
                session.add(
                    Appointment(
                        site_id=site,
                        patient_id=patient_id,
                        kind="follow-up",
                        on_date=date(2026, 12, 7),
                        starts_at=start,
                        ends_at=start + timedelta(minutes=30),
                        turnover_minutes=0,
                        watch_profile=[],
                        status="booked",
                        booked_by=desk_id,
                        booked_at=NOW,
                    )
                )


def test_a_full_board_asks_the_database_no_more_often_than_an_empty_one(client, app):
    site = a_desk_at(client)
    a_booked_series(app, site)
    many_visits(app, site, 1)
    client.get("/desk/?day=2026-12-07")
    few = count_queries(app, client, "/desk/?day=2026-12-07")
    many_visits(app, site, 59)
    assert count_queries(app, client, "/desk/?day=2026-12-07") == few <= 30
    assert DATES


def test_a_board_left_alone_does_not_keep_its_session_alive(app):
    with app.app_context():
        factories.a_site()
        desk = factories.a_desk()
    begun = NOW
    visitor = Client(app)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("intake.web.access.now", lambda: begun)
        visitor.sign_in(desk, now=begun)
        for minutes in range(2, 16, 2):
            patch.setattr("intake.web.access.now", lambda at=begun + timedelta(minutes=minutes): at)
            assert visitor.open("GET", "/desk/board").status_code == 200
        patch.setattr("intake.web.access.now", lambda: begun + timedelta(minutes=16))
        assert visitor.open("GET", "/desk/board").status_code == 302
