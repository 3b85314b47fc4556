"""A booster at the desk: from the rail or the patient's page into its due window."""

import re
from datetime import UTC, date, datetime
from html import unescape
from uuid import uuid4

import pytest
from sqlalchemy import func, select

from intake.domain.roles import Role
from intake.extensions import db, transaction
from intake.models.appointments import Appointment
from intake.models.orders import Order
from intake.web import access
from tests import factories
from tests.services.bookings import a_finished_series, check_tables, the_kind
from tests.web.desk import an_open_order

AFTER = datetime(2027, 1, 4, 16, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _clock(monkeypatch):
    monkeypatch.setattr(access, "now", lambda: AFTER)


@pytest.fixture
def site(client):
    with client.app.app_context():
        site_id, desk = factories.a_site(name="Denver"), factories.a_desk()
        the_kind("booster", minutes=120)
    client.sign_in(desk, now=AFTER)
    return site_id


@pytest.fixture
def order_id(app, site):
    with app.app_context():
        return a_finished_series(site)


def boosters(app) -> int:
    with app.app_context():
        return db.session.scalar(select(func.count()).where(Appointment.kind == "booster"))


def slots_on(page) -> list[str]:
    return [unescape(text) for text in re.findall(r'name="slot" value="([^"]+)"', page.body)]


def best(page) -> dict[str, str]:
    """What one press sends: the time that is chosen when the page is shown."""
    chosen = re.search(r'name="slot" value="([^"]+)" checked', page.body)[1]
    assert page.body.count("checked") == 1
    return {"slot": unescape(chosen), "request_key": page.value("request_key")}


def test_the_rail_and_the_patients_page_lead_there(client, app, order_id):
    assert f"/desk/series/{order_id}/booster" in client.get("/desk/").body
    with app.app_context():
        patient_id = db.session.get_one(Order, order_id).patient_id
    assert "Book the next booster" in client.get(f"/desk/patients/{patient_id}")
    assert "Book booster 1" in client.get(f"/desk/series/{order_id}")


def test_one_press_books_the_best_time_of_the_window(client, app, order_id):
    page = client.get(f"/desk/series/{order_id}/booster")
    assert "best Thu Jan 21, window Thu Jan 14 to Thu Jan 28" in page
    assert "on the best day" in page
    shown = client.submit(f"/desk/series/{order_id}/booster", best(page))
    assert "Booked. A confirmation is on its way." in shown
    assert "Thursday, January 21" in shown
    assert "A booster is booked on this order already" in client.get(f"/desk/series/{order_id}/booster")
    with app.app_context():
        check_tables()


def test_an_overdue_one_is_measured_by_its_best_day(client, app, site, order_id, monkeypatch):
    late = datetime(2027, 2, 1, 16, 0, tzinfo=UTC)
    monkeypatch.setattr(access, "now", lambda: late)
    with app.app_context():
        desk = factories.a_desk()
    client.sign_in(desk, now=late)
    page = client.get(f"/desk/series/{order_id}/booster")
    assert "overdue" in page and "11 days after the best day" in page
    assert "on the best day" not in page


def test_a_double_press_books_one(client, app, order_id):
    form = best(client.get(f"/desk/series/{order_id}/booster"))
    first = client.post(f"/desk/series/{order_id}/booster", form)
    assert client.post(f"/desk/series/{order_id}/booster", form).location == first.location
    assert boosters(app) == 1


def test_a_second_page_that_was_open_is_told(client, app, order_id):
    one, two = (best(client.get(f"/desk/series/{order_id}/booster")) for _ in range(2))
    client.post(f"/desk/series/{order_id}/booster", one)
    assert "already" in client.post(f"/desk/series/{order_id}/booster", two, status=422)
    assert boosters(app) == 1


def test_a_time_that_was_taken_meanwhile_is_answered_with_others(client, app, site, order_id):
    form = best(client.get(f"/desk/series/{order_id}/booster"))
    with app.app_context():
        other = a_finished_series(site, chair="B")
    client.post(f"/desk/series/{other}/booster", form | {"request_key": str(uuid4())})
    page = client.post(f"/desk/series/{order_id}/booster", form, status=422)
    assert "just taken" in page
    assert form["slot"] not in slots_on(page)
    client.submit(f"/desk/series/{order_id}/booster", form | {"slot": slots_on(page)[0]})
    assert boosters(app) == 2


@pytest.mark.parametrize("values", [{"status": "stopped"}, {"expires_on": date(2027, 1, 3)}])
def test_an_order_that_has_ended_shows_why_and_books_nothing(client, app, order_id, values):
    form = best(client.get(f"/desk/series/{order_id}/booster"))
    with app.app_context(), transaction() as session:
        for name, value in values.items():
            setattr(session.get_one(Order, order_id), name, value)
    page = client.post(f"/desk/series/{order_id}/booster", form, status=422)
    assert "no longer in force" in page
    assert "Free times" not in client.get(f"/desk/series/{order_id}/booster")
    assert boosters(app) == 0


def test_before_the_series_is_done_there_is_none(client, app, site):
    order_id = an_open_order(app, site, wishes=True)
    assert "when all infusions of the series are done" in client.get(f"/desk/series/{order_id}/booster")


@pytest.mark.parametrize("slot", ["", "x", "[]", '[["2027-01-21",540,"A"],["2027-01-22",540,"A"]]'])
def test_what_no_page_of_ours_made_is_refused(client, app, order_id, slot):
    form = {"slot": slot, "request_key": str(uuid4())}
    client.post(f"/desk/series/{order_id}/booster", form, status=400 if slot else 422)
    client.post(
        f"/desk/series/{order_id}/booster", {"slot": '[["2027-01-21",540,"A"]]', "request_key": "x"}, status=400
    )
    assert boosters(app) == 0


def test_an_unknown_order_is_not_found(client, site):
    client.get(f"/desk/series/{uuid4()}/booster", status=404)
    client.post(f"/desk/series/{uuid4()}/booster", {"slot": "[]", "request_key": str(uuid4())}, status=404)


@pytest.mark.parametrize("role", [Role.PATIENT, Role.PROVIDER, Role.MANAGER])
def test_others_are_refused(client, app, order_id, role):
    with app.app_context():
        account = factories.an_account(role)
    client.sign_in(account, now=AFTER)
    client.get(f"/desk/series/{order_id}/booster", status=403)
    client.post(f"/desk/series/{order_id}/booster", status=403)
