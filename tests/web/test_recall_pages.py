"""The recall list of the desk and of the provider: one shows no score, the other says why."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select

from intake.domain.roles import Role
from intake.extensions import db, transaction
from intake.models.appointments import Appointment
from intake.models.audit import AuditRow
from intake.models.boosters import BoosterAdvice, RecallTouch
from intake.models.orders import Order
from intake.models.scores import Score
from tests import factories
from tests.services.bookings import a_finished_series, the_kind, utc
from tests.web.client import Client
from tests.web.test_query_counts import counted
from tests.web.worlds import stopped_clock

AFTER = utc(factories.NOW.date().replace(year=2027, month=1, day=4), 16)


@pytest.fixture(autouse=True)
def _clock():
    with stopped_clock(AFTER):
        yield


@pytest.fixture
def site(app):
    with app.app_context():
        the_kind("booster", minutes=120)
        return factories.a_site(name="Denver", watch_units=20)


@pytest.fixture
def order_id(app, site):
    with app.app_context():
        return a_finished_series(site)


@pytest.fixture
def patient_id(app, order_id):
    with app.app_context():
        return db.session.get_one(Order, order_id).patient_id


def signed_in(app, role):
    with app.app_context():
        account = factories.an_account(role, name=f"Some {role.value}")
    visitor = Client(app)
    visitor.sign_in(account, now=AFTER)
    return visitor


@pytest.fixture
def desk(app, order_id):
    return signed_in(app, Role.DESK)


@pytest.fixture
def provider(app, order_id):
    return signed_in(app, Role.PROVIDER)


def course(app, patient_id, *totals, item9=0):
    """PHQ-9 a week apart, the last one yesterday; items 1 to 8 share the total."""
    with app.app_context(), transaction() as session:
        for place, total in enumerate(reversed(totals)):
            at = AFTER - timedelta(days=1 + 7 * place)
            last = item9 if place == 0 else 0
            rest = total - last
            answers = {str(item): min(3, max(0, rest - 3 * (item - 1))) for item in range(1, 9)} | {"9": last}
            values = {"instrument": "phq9", "instrument_version": "1", "mode": "self", "scorer_version": "1"}
            row = Score(patient_id=patient_id, answered_at=at, total=None, **values)
            row.answers = answers
            session.add(row)


def advise_url(patient_id, order_id):
    return f"/provider/patients/{patient_id}/orders/{order_id}/boosters"


def advise(visitor, patient_id, order_id, **changes):
    url = advise_url(patient_id, order_id)
    key = visitor.get(url).value("request_key")
    return visitor.submit(url, {"request_key": key, "advice": "sooner", "note": "Sleeps badly."} | changes)


class TestDesk:
    """What the desk sees."""

    def test_the_list_says_who_when_what_was_tried_and_what_comes_next(self, desk, order_id):
        page = desk.get("/desk/boosters")
        assert "Rivera" in page and "Thu Jan 14 to Thu Jan 28" in page and "best Thu Jan 21" in page
        assert "none yet" in page and "Call and book" in page
        assert f"/desk/series/{order_id}/booster" in page.body
        assert "The whole list" in desk.get("/desk/")

    def test_where_no_booster_is_due_no_call_is_noted(self, desk, order_id, app):
        with app.app_context():
            other = factories.an_order(factories.a_patient(factories.a_site(name="Boulder")), factories.a_provider())
        url = f"/desk/boosters/{other}/call"
        assert "Note this call" not in desk.get(url)
        form = {"request_key": "01920000-0000-7000-8000-000000000000", "outcome": "no-answer"}
        assert "No booster is due on this order." in desk.post(url, form, status=422)
        desk.post("/desk/boosters/01920000-0000-7000-8000-000000000000/call", form, status=404)

    def test_noting_a_call_says_who_touched_it_last_and_makes_it_wait(self, desk, order_id, app):
        url = f"/desk/boosters/{order_id}/call"
        key = desk.get(url).value("request_key")
        form = {"request_key": key, "outcome": "call-again", "call_again_on": "2027-01-06"}
        shown = desk.submit(url, form)
        assert "Some desk: asked to be called again on a day, call again Wed Jan 6" in shown
        assert "Wait" in shown and "Call and book" not in shown
        desk.post(url, form)
        with app.app_context():
            assert len(db.session.scalars(select(RecallTouch)).all()) == 1
        assert "Tried before" in desk.get(url)

    @pytest.mark.parametrize(
        ("form", "message"),
        [
            ({}, "Choose what came of it."),
            ({"outcome": "call-again"}, "Enter on which day"),
            ({"outcome": "call-again", "call_again_on": "soon"}, "Enter a date"),
            ({"outcome": "call-again", "call_again_on": "2027-01-03"}, "Enter a day to come"),
        ],
    )
    def test_bad_input_is_told_beside_its_field(self, desk, order_id, app, form, message):
        page = desk.post(f"/desk/boosters/{order_id}/call", {"request_key": str(uuid4())} | form, status=422)
        assert any(message in error for error in page.errors)
        with app.app_context():
            assert db.session.scalars(select(RecallTouch)).all() == []

    def test_it_hears_that_the_provider_suggests_sooner_and_never_why_or_any_score(
        self, desk, provider, patient_id, order_id, app
    ):
        course(app, patient_id, 17, 4, 19, item9=2)
        assert "suggests" not in desk.get("/desk/boosters")  # nothing is said by itself
        advise(provider, patient_id, order_id)
        for path in ("/desk/boosters", f"/desk/boosters/{order_id}/call", f"/desk/series/{order_id}/booster"):
            page = desk.get(path)
            assert "The provider suggests sooner." in page
            for secret in ("PHQ", "Sleeps", "score", "up by"):
                assert secret not in page.body

    def test_after_the_first_of_a_pair_the_second_is_offered(self, desk, order_id, app):
        with app.app_context(), transaction() as session:
            steps = [{"every_days": 28, "times": None, "tolerance_days": 7, "pair_days": 3}]
            session.get_one(Order, order_id).booster_regime = {"steps": steps, "max_boosters": 6}
        page = desk.get(f"/desk/series/{order_id}/booster")
        assert "The first of a pair" in page
        chosen = re.search(r'name="slot" value="([^"]+)" checked', page.body)[1].replace("&#34;", '"')
        desk.post(f"/desk/series/{order_id}/booster", {"slot": chosen, "request_key": page.value("request_key")})
        assert "second of a pair" in desk.get("/desk/boosters")
        assert "The second of a pair" in desk.get(f"/desk/series/{order_id}/booster")

    def test_an_odd_address_shows_the_first_page_of_what_is_due(self, desk):
        for query in ("?show=x", "?page=x", "?page=-1", "?page=99", "?show=all&page=0"):
            assert "Rivera" in desk.get(f"/desk/boosters{query}")
        assert "Nobody is to be called." in desk.get("/desk/boosters?show=overdue")

    def test_an_unknown_order_is_not_found_and_a_form_without_its_key_is_refused(self, desk, order_id):
        desk.get(f"/desk/boosters/{uuid4()}/call", status=404)
        desk.post(f"/desk/boosters/{order_id}/call", {"outcome": "no-answer", "request_key": "x"}, status=400)


class TestProvider:
    """What the provider sees."""

    def test_the_list_has_the_last_score_and_what_the_course_suggests(self, provider, patient_id, order_id, app):
        course(app, patient_id, 17, 4, 9)
        page = provider.get("/provider/boosters")
        assert "9 Sun Jan 3" in page and "PHQ-9 up by 5 from the best (4 to 9)." in page
        with app.app_context():
            row = db.session.scalars(select(AuditRow).where(AuditRow.action == "patient.search")).one()
            assert row.detail == {"found": [str(patient_id)]}

    def test_the_page_says_why_with_its_source_and_that_it_is_not_verified(self, provider, patient_id, order_id, app):
        course(app, patient_id, 17, 4, 9, item9=1)
        page = provider.get(advise_url(patient_id, order_id))
        assert "Item 9 went from 0 to 1: offer a review slot within 7 days." in page
        assert "a rise of 5 or more from the best PHQ-9" in page and "not verified" in page
        with app.app_context():
            assert db.session.scalars(select(AuditRow).where(AuditRow.action == "view.chart")).one()

    def test_the_word_to_the_desk_is_kept_with_why_and_can_be_taken_back(self, provider, patient_id, order_id, app):
        assert "The desk sees it on its list." in advise(provider, patient_id, order_id)
        page = provider.get(advise_url(patient_id, order_id))
        assert "Sooner: the desk may book from today on" in page and "Sleeps badly." in page
        advise(provider, patient_id, order_id, advice="nothing")
        with app.app_context():
            assert [row.ended_at for row in db.session.scalars(select(BoosterAdvice))] != [None]
        assert "told the desk" not in provider.get(advise_url(patient_id, order_id)).text.lower().replace("tell", "")

    def test_nothing_is_chosen_beforehand(self, provider, patient_id, order_id):
        assert "checked" not in provider.get(advise_url(patient_id, order_id)).body
        provider.post(advise_url(patient_id, order_id), {"request_key": str(uuid4())}, status=422)

    def test_another_patients_order_is_not_found(self, provider, order_id, app):
        with app.app_context():
            other = factories.a_patient(factories.a_site())
        provider.get(advise_url(other, order_id), status=404)
        provider.post(advise_url(other, order_id), {"advice": "sooner"}, status=404)
        provider.get(advise_url(other, uuid4()), status=404)


@pytest.mark.parametrize("role", [Role.PATIENT, Role.MANAGER, Role.NURSE, Role.DESK, Role.PROVIDER])
def test_others_do_not_open_them(app, order_id, patient_id, role):
    visitor = signed_in(app, role)
    own = {Role.DESK: ("desk",), Role.PROVIDER: ("provider", "advise"), Role.NURSE: ("provider",)}.get(role, ())
    paths = {"desk": "/desk/boosters", "provider": "/provider/boosters", "advise": advise_url(patient_id, order_id)}
    for name, path in paths.items():
        visitor.get(path, status=200 if name in own else 403)
    if role is not Role.DESK:
        visitor.post(f"/desk/boosters/{order_id}/call", {}, status=403)


@pytest.mark.parametrize(("role", "path"), [(Role.DESK, "/desk/boosters"), (Role.PROVIDER, "/provider/boosters")])
def test_whom_a_list_shows_is_audited_once_in_ten_minutes(app, patient_id, order_id, role, path):
    visitor = signed_in(app, role)
    for _visit in range(2):
        visitor.get(path)
    with app.app_context():
        rows = db.session.scalars(select(AuditRow.detail).where(AuditRow.action == "patient.search"))
        assert list(rows) == [{"found": [str(patient_id)]}]


@pytest.mark.parametrize(("role", "path"), [(Role.DESK, "/desk/boosters"), (Role.PROVIDER, "/provider/boosters")])
def test_a_page_asks_as_often_for_many_as_for_one(app, site, order_id, role, path):
    visitor = signed_in(app, role)
    visitor.get(path)
    with counted(app) as few:
        visitor.get(path)
    with app.app_context():
        for chair in "BCD":
            made = a_finished_series(site, chair=chair)
            patient = db.session.get_one(Order, made).patient_id
            db.session.rollback()
            course(app, patient, 17, 4, 9)
    visitor.get(path)  # whom it shows for the first time is noted in the audit trail
    with counted(app) as many:
        shown = visitor.get(path)
    assert shown.body.count("Rivera") >= 4
    assert len(many) <= len(few)
    with app.app_context():
        assert db.session.scalars(select(Appointment.id).limit(1)).first()
