"""From an order to six booked infusions at the desk."""

import json
import re
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from html import unescape
from uuid import uuid4

import pytest
from sqlalchemy import func, select

from intake.extensions import db
from intake.models.appointments import Appointment, SlotClaim
from intake.models.series import Series
from intake.services import holds
from intake.web import access
from tests import factories
from tests.factories import NOW
from tests.services.bookings import check_tables
from tests.web.client import Client
from tests.web.desk import a_booked_series, a_desk_at, an_open_order

DAYS = ("mon", "tue", "wed", "thu", "fri")


@pytest.fixture(autouse=True)
def _clock(monkeypatch):
    monkeypatch.setattr(access, "now", lambda: NOW)


@pytest.fixture
def site(client):
    return a_desk_at(client)


def wishes(**values):
    return {"request_key": str(uuid4())} | {f"{day}-when": "all-day" for day in DAYS} | values


def slots_in(body: str) -> list[str]:
    return [unescape(text) for text in re.findall(r'name="slots" value="([^"]+)"', body)]


def hidden(body: str, name: str) -> str:
    return re.search(rf'name="{name}" value="([^"]+)"', body)[1]


def booked(app) -> int:
    with app.app_context():
        return db.session.scalar(select(func.count()).select_from(Appointment))


def test_the_list_says_who_waits_and_since_when(client, app, site, monkeypatch):
    an_open_order(app, site)
    monkeypatch.setattr(access, "now", lambda: NOW + timedelta(minutes=7))
    page = client.get("/desk/orders")
    assert "Rivera, Ana" in page
    assert "7 min" in page


def test_nobody_waiting_says_so(client, site):
    assert "Every signed order is booked" in client.get("/desk/orders")


def test_the_whole_way_from_wishes_to_six_booked_infusions(client, app, site):
    order_id = an_open_order(app, site)
    assert "When can Ana come?" in client.get(f"/desk/series/{order_id}")
    page = client.submit(f"/desk/series/{order_id}/wishes", wishes())
    for letter in "ABC":
        assert f"Plan {letter}" in page
        assert f"Book all six of plan {letter}" in page
    slots = slots_in(page.body)[0]
    form = {"slots": slots, "request_key": hidden(page.body, "request_key")}
    shown = client.submit(f"/desk/series/{order_id}/book", form)
    assert "Booked. A confirmation is on its way." in shown
    assert shown.body.count("visit-when") == 6
    assert booked(app) == 6
    with app.app_context():
        check_tables()


def test_a_double_click_books_one_series(client, app, site):
    order_id = an_open_order(app, site, wishes=True)
    page = client.get(f"/desk/series/{order_id}")
    form = {"slots": slots_in(page.body)[0], "request_key": str(uuid4())}
    first = client.post(f"/desk/series/{order_id}/book", form)
    assert client.post(f"/desk/series/{order_id}/book", form).location == first.location
    assert booked(app) == 6


def test_the_back_button_after_booking_is_told_that_it_is_booked(client, app, site):
    order_id = an_open_order(app, site, wishes=True)
    page = client.get(f"/desk/series/{order_id}")
    client.post(f"/desk/series/{order_id}/book", {"slots": slots_in(page.body)[0], "request_key": str(uuid4())})
    again = client.post(
        f"/desk/series/{order_id}/book", {"slots": slots_in(page.body)[1], "request_key": str(uuid4())}, status=422
    )
    assert "These infusions are booked already." in again
    assert booked(app) == 6


def test_another_plan_of_a_page_that_was_used_is_told_that_it_is_booked(client, app, site):
    order_id = an_open_order(app, site, wishes=True)
    body = client.get(f"/desk/series/{order_id}").body
    forms = [form for form in re.findall(r"<form.*?</form>", body, re.S) if "Book all six of plan" in form]
    a, b = ({"slots": slots_in(form)[0], "request_key": hidden(form, "request_key")} for form in forms[:2])
    client.post(f"/desk/series/{order_id}/book", b)
    again = client.post(f"/desk/series/{order_id}/book", a, status=422)
    assert "These infusions are booked already." in again
    assert booked(app) == 6


def test_a_plan_that_somebody_else_took_is_planned_anew_visibly(client, app, site):
    mine, theirs = (an_open_order(app, site, wishes=True) for _ in range(2))
    page = client.get(f"/desk/series/{mine}")
    slots = slots_in(page.body)[0]
    client.post(f"/desk/series/{theirs}/book", {"slots": slots, "request_key": str(uuid4())})
    refused = client.post(f"/desk/series/{mine}/book", {"slots": slots, "request_key": str(uuid4())}, status=422)
    assert "That time was just taken. This is the best that is free now." in refused
    assert "The plans below were made just now." in refused
    fresh = slots_in(refused.body)[0]
    assert fresh != slots
    client.post(f"/desk/series/{mine}/book", {"slots": fresh, "request_key": str(uuid4())})
    assert booked(app) == 12


def test_wishes_that_no_plan_fits_say_what_to_relax(client, app, site):
    order_id = an_open_order(app, site)
    only_monday = wishes() | {f"{day}-when": "not" for day in DAYS[1:]}
    page = client.submit(f"/desk/series/{order_id}/wishes", only_monday)
    assert "There is no plan for all six" in page
    assert re.search(r"(Tuesday|Thursday|Friday|Wednesday|gap|start)", page.text.split("There is no plan")[1])
    assert "Book all six" not in page


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ({"tue-when": "hours", "tue-start": "noon", "tue-end": "5 pm"}, "Enter a time of day"),
        ({"tue-when": "hours", "tue-start": "3 pm", "tue-end": "9 am"}, "later than the first"),
        ({"tue-when": "hours"}, "Enter both times"),
        ({"pickup_from": "3 pm"}, "Enter both times"),
        ({"away": "Smarch 13"}, "is not a date"),
        ({"away": "Feb 30"}, "is not a date"),
        ({"away": "Dec 28 to Dec 24"}, "is not a range"),
        ({"earliest": "9999-12-31"}, "within a year"),
        ({"earliest": "2026-11-30"}, "Choose a day to come"),
        ({"earliest": "2026-12-10", "latest_start": "2026-12-09"}, "lies before the earliest"),
        ({f"{day}-when": "not" for day in DAYS}, "at least one day"),
    ],
)
def test_what_cannot_be_read_is_refused_beside_its_field_and_kept(client, app, site, typed, message):
    order_id = an_open_order(app, site)
    page = client.post(f"/desk/series/{order_id}/wishes", wishes(**typed), status=422)
    assert message in page
    for name, value in typed.items():
        if not name.endswith("when"):
            assert (page.value(name) or "").strip() == value


def test_wishes_are_kept_and_shown_again(client, app, site):
    order_id = an_open_order(app, site)
    typed = wishes(**{"tue-when": "hours", "tue-start": "9", "tue-end": "2:30 pm", "away": "Dec 24 to Dec 26"})
    page = client.submit(f"/desk/series/{order_id}/wishes", typed)
    assert (page.value("tue-start"), page.value("tue-end")) == ("09:00", "14:30")
    with app.app_context():
        kept = db.session.scalars(select(Series.wishes)).one()
    assert kept["available"]["tue"] == [["09:00", "14:30"]]
    assert kept["unavailable_dates"] == ["2026-12-24", "2026-12-25", "2026-12-26"]


class TestHold:
    """Places kept while the desk talks."""

    def hold(self, client, order_id):
        page = client.get(f"/desk/series/{order_id}")
        return client.submit(f"/desk/series/{order_id}/hold", {"slots": slots_in(page.body)[0]})

    def test_it_is_shown_with_its_end_and_can_be_booked(self, client, app, site):
        order_id = an_open_order(app, site, wishes=True)
        page = self.hold(client, order_id)
        assert "Held until 9:10 am" in page
        assert 'data-seconds-left="600"' in page.body
        form = {"hold": hidden(page.body, "hold"), "request_key": str(uuid4())}
        client.submit(f"/desk/series/{order_id}/book", form)
        assert booked(app) == 6

    def test_once_it_has_run_out_a_fresh_plan_is_shown(self, client, app, site, monkeypatch):
        order_id = an_open_order(app, site, wishes=True)
        page = self.hold(client, order_id)
        monkeypatch.setattr(access, "now", lambda: NOW + holds.KEPT_FOR)
        form = {"hold": hidden(page.body, "hold"), "request_key": str(uuid4())}
        refused = client.post(f"/desk/series/{order_id}/book", form, status=422)
        assert "The hold has run out. This is the best that is free now." in refused
        assert "Book all six of plan A" in refused
        assert booked(app) == 0

    def test_it_says_how_long_it_is_kept_by_the_servers_clock(self, client, app, site, monkeypatch):
        order_id = an_open_order(app, site, wishes=True)
        self.hold(client, order_id)
        monkeypatch.setattr(access, "now", lambda: NOW + timedelta(minutes=9, seconds=30))
        assert 'data-seconds-left="30"' in client.get(f"/desk/series/{order_id}").body
        monkeypatch.setattr(access, "now", lambda: NOW + holds.KEPT_FOR)
        assert "Held until" not in client.get(f"/desk/series/{order_id}")

    def test_the_holder_still_sees_its_places_as_free_and_others_do_not(self, client, app, site):
        mine, theirs = (an_open_order(app, site, wishes=True) for _ in range(2))
        best = slots_in(client.get(f"/desk/series/{mine}").body)[0]
        self.hold(client, mine)
        assert slots_in(client.get(f"/desk/series/{mine}").body)[0] == best
        assert slots_in(client.get(f"/desk/series/{theirs}").body)[0] != best

    def test_it_is_not_let_go_from_another_patients_page(self, client, app, site):
        mine, theirs = (an_open_order(app, site, wishes=True) for _ in range(2))
        hold = hidden(self.hold(client, mine).body, "hold")
        client.post(f"/desk/series/{theirs}/release", {"hold": hold}, status=404)
        assert "Held until" in client.get(f"/desk/series/{mine}")

    def test_it_can_be_let_go(self, client, app, site):
        order_id = an_open_order(app, site, wishes=True)
        page = self.hold(client, order_id)
        page = client.submit(f"/desk/series/{order_id}/release", {"hold": hidden(page.body, "hold")})
        assert "Held until" not in page
        with app.app_context():
            assert db.session.scalar(select(func.count()).select_from(SlotClaim)) == 0


def test_an_open_condition_closes_booking_and_its_text_is_not_shown(client, app, site):
    order_id = an_open_order(app, site, wishes=True, conditions=("CANARY-CONDITION",))
    page = client.get(f"/desk/series/{order_id}")
    assert "Booking is not open yet" in page
    assert "Book all six" not in page
    assert "CANARY-CONDITION" not in page.body
    form = {"slots": "[]", "request_key": str(uuid4())}
    assert "has 6 infusions" in client.post(f"/desk/series/{order_id}/book", form, status=422)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "[1]",
        '[["2026-12-07","nine","A"]]',
        '{"a":1}',
        '[["9999-12-31",540,"A"]]',
        '[["2026-12-07",9999,"A"]]',
        "[" * 10_000,
    ],
)
def test_places_that_no_page_of_ours_made_are_refused(client, app, site, text):
    order_id = an_open_order(app, site, wishes=True)
    client.post(f"/desk/series/{order_id}/book", {"slots": text, "request_key": str(uuid4())}, status=400)


def test_more_than_any_plan_needs_is_not_read(client, app, site):
    """A place takes some thirty characters, so a body's limit is hundreds of times what a plan sends."""
    order_id = an_open_order(app, site, wishes=True)
    client.post(f"/desk/series/{order_id}/book", {"slots": "[" * 100_000, "request_key": str(uuid4())}, status=413)


def test_an_unknown_order_is_not_found(client, site):
    client.get(f"/desk/series/{uuid4()}", status=404)
    client.post(f"/desk/series/{uuid4()}/book", {"slots": "[]", "request_key": str(uuid4())}, status=404)


def test_a_booked_series_shows_what_its_rules_lack(client, app, site):
    ids = a_booked_series(app, site)
    client.post(f"/desk/appointments/{ids[2]}/press", {"press": "clinic-hold.1.booked"})
    with app.app_context():
        order_id = db.session.get_one(Appointment, ids[0]).order_id
    page = client.get(f"/desk/series/{order_id}")
    assert "The series does not hold as it stands" in page
    assert "5 of 6 infusions are in the plan." in page


@pytest.mark.both_databases
def test_of_many_desks_sending_one_plan_at_once_one_books_and_all_others_get_another(live_server, monkeypatch):
    app = live_server.app
    with app.app_context():
        site = factories.a_site(name="Denver")
    orders = [an_open_order(app, site, wishes=True) for _ in range(8)]
    clients = [Client(app) for _ in orders]
    for one in clients:
        a_desk_at(one, site)
    slots = slots_in(clients[0].get(f"/desk/series/{orders[0]}").body)[0]

    def book(number):
        form = {"slots": slots, "request_key": str(uuid4()), "csrf_token": clients[number].csrf_token()}
        answer = clients[number].open("POST", f"/desk/series/{orders[number]}/book", data=form)
        return answer.status_code, answer.get_data(as_text=True)

    with ThreadPoolExecutor(len(orders)) as pool:
        answers = list(pool.map(book, range(len(orders))))
    assert sorted(status for status, _ in answers) == [302] + [422] * 7
    assert all("That time was just taken." in body and "Plan A" in body for status, body in answers if status == 422)
    with app.app_context():
        check_tables()


class TestDriver:
    """Who drives home: hours of each day, the same for all, or nobody known yet."""

    def kept(self, app):
        with app.app_context():
            return db.session.scalars(select(Series.wishes)).one()

    def test_hours_of_one_day_stand_before_those_of_all_days(self, client, app, site):
        order_id = an_open_order(app, site)
        typed = wishes(pickup_from="11 am", pickup_to="5 pm", **{"tue-pickup_from": "2 pm", "tue-pickup_to": "4 pm"})
        page = client.submit(f"/desk/series/{order_id}/wishes", typed)
        kept = self.kept(app)["pickup"]
        assert (kept["mon"], kept["tue"]) == ([["11:00", "17:00"]], [["14:00", "16:00"]])
        assert (page.value("tue-pickup_from"), page.value("mon-pickup_to")) == ("14:00", "17:00")
        ends = [end_of(slot) for text in slots_in(page.body) for slot in json.loads(text) if is_tuesday(slot)]
        assert ends and all(14 * 60 <= end <= 16 * 60 for end in ends)

    def test_on_days_without_hours_the_driver_can_come_at_any_time(self, client, app, site):
        order_id = an_open_order(app, site)
        typed = wishes(**{"tue-pickup_from": "2 pm", "tue-pickup_to": "4 pm"})
        page = client.submit(f"/desk/series/{order_id}/wishes", typed)
        assert self.kept(app)["pickup"]["wed"] == [["00:00", "24:00"]]
        assert (page.value("wed-pickup_from"), page.value("pickup_from")) == ("", "")

    def test_hours_for_all_days_are_shown_once(self, client, app, site):
        order_id = an_open_order(app, site)
        page = client.submit(f"/desk/series/{order_id}/wishes", wishes(pickup_from="11 am", pickup_to="5 pm"))
        assert (page.value("pickup_from"), page.value("mon-pickup_from")) == ("11:00", "")

    @pytest.mark.parametrize("chosen", ["all-day", "morning", "afternoon", "not"])
    def test_hours_typed_beside_another_answer_are_refused_beside_the_field(self, client, app, site, chosen):
        order_id = an_open_order(app, site)
        typed = wishes(**{"tue-when": chosen, "tue-start": "9 am", "tue-end": "2 pm"})
        page = client.post(f"/desk/series/{order_id}/wishes", typed, status=422)
        assert "Choose “Hours” for these" in page
        assert 'id="tue-start-error"' in page.body
        assert page.value("tue-start") == "9 am"

    @pytest.mark.parametrize(
        ("typed", "tentative"),
        [
            ({}, False),
            ({"driver": "yes"}, False),
            ({"driver": "no"}, True),
            ({"driver": "no", "pickup_from": "8 am", "pickup_to": "5 pm"}, False),
        ],
    )
    def test_infusions_are_tentative_only_while_nobody_is_known(self, client, app, site, typed, tentative):
        order_id = an_open_order(app, site)
        page = client.submit(f"/desk/series/{order_id}/wishes", wishes(**typed))
        form = {"slots": slots_in(page.body)[0], "request_key": str(uuid4())}
        shown = client.submit(f"/desk/series/{order_id}/book", form)
        assert ("tentative" in shown) is tentative
        with app.app_context():
            assert set(db.session.scalars(select(Appointment.tentative))) == {tentative}


def end_of(slot):
    return slot[1] + 120


def is_tuesday(slot):
    return date.fromisoformat(slot[0]).weekday() == 1
