"""Signing the evaluation visit and the order, with the second factor."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select
from uuid_utils.compat import uuid7

from intake.domain.roles import Role
from intake.domain.statuses import OrderStatus
from intake.extensions import db
from intake.models.orders import Order, OrderCondition
from intake.models.reviews import Evaluation
from tests import factories
from tests.factories import NOW
from tests.web.client import Client
from tests.web.provider import Case, a_case, accepted, at_work, code, somebody
from tests.web.worlds import Clock, stopped_clock

GOOD_VISIT = {
    "held_as": "in-person",
    "held_on": "2026-12-01",
    "held_time": "8:30 am",
    "diagnosis": "F33.2",
    "asa_class": "2",
    "airway_class": "1",
    "weight_kg": "180",
    "weight_unit": "lb",
    "height_cm": "67",
    "height_unit": "in",
    "systolic": "128",
    "diastolic": "82",
    "heart_rate": "72",
    "spo2": "98",
    "pdmp_on": "12/1/2026",
    "pdmp_time": "08:00",
    "suicide_risk": "low",
    "plan": "Six infusions.",
}


@pytest.fixture(autouse=True)
def clock() -> Iterator[Clock]:
    with stopped_clock(NOW) as stopped:
        yield stopped


def visit_form(provider: Client, case: Case, **changes: str) -> dict[str, str]:
    page = provider.get(f"{case.chart}/evaluation")
    hidden = {name: page.value(name) or "" for name in ("request_key", "replaces")}
    return GOOD_VISIT | hidden | changes


def visits(app: Flask) -> list[Evaluation]:
    with app.app_context():
        return list(db.session.scalars(select(Evaluation).order_by(Evaluation.signed_at, Evaluation.id)))


def test_a_visit_is_signed_with_the_code_and_pounds_become_kilograms(app: Flask) -> None:
    case = a_case(app)
    provider = at_work(app, case.provider)
    page = provider.submit(f"{case.chart}/evaluation", visit_form(provider, case, code=code()))
    assert "The evaluation visit is signed" in page and "81.65 kg" in page
    (row,) = visits(app)
    assert (row.weight_kg, row.height_cm, row.systolic) == (81.65, 170.18, 128)


def test_a_visit_is_not_signed_without_a_right_code_and_nothing_typed_is_lost(app: Flask) -> None:
    case = a_case(app)
    provider = at_work(app, case.provider)
    form = visit_form(provider, case)
    for wrong in ("", "000000"):
        page = provider.post(f"{case.chart}/evaluation", form | {"code": wrong}, status=422)
        assert page.errors and page.value("plan") == "Six infusions."
    assert visits(app) == []


def test_nobody_is_said_to_have_checked_prescription_monitoring_before_they_did(app: Flask) -> None:
    case = a_case(app)
    provider = at_work(app, case.provider)
    page = provider.get(f"{case.chart}/evaluation")
    assert (page.value("pdmp_on"), page.value("pdmp_time")) == ("", "")
    untouched = visit_form(provider, case, code=code()) | {"pdmp_on": "", "pdmp_time": ""}
    refused = provider.post(f"{case.chart}/evaluation", untouched, status=422)
    assert "Check prescription monitoring, then enter the day on which you did." in refused.errors
    assert "#pdmp_on" in refused.links
    assert visits(app) == []


def test_a_correction_begins_with_the_check_that_stands(app: Flask) -> None:
    case = a_case(app)
    with app.app_context():
        factories.an_evaluation(case.consultation, case.provider, pdmp_checked_at=NOW - timedelta(hours=1))
    page = at_work(app, case.provider).get(f"{case.chart}/evaluation")
    assert (page.value("pdmp_on"), page.value("pdmp_time")) == ("2026-12-01", "08:00")


def test_within_five_minutes_of_a_code_a_correction_asks_for_none(app: Flask, clock: Clock) -> None:
    case = a_case(app)
    provider = at_work(app, case.provider)
    provider.submit(f"{case.chart}/evaluation", visit_form(provider, case, code=code()))
    clock.at = NOW + timedelta(minutes=5)
    assert "second factor" not in provider.get(f"{case.chart}/evaluation").text
    provider.submit(f"{case.chart}/evaluation", visit_form(provider, case, weight_kg="175"))
    first, second = visits(app)
    assert second.replaces_id == first.id and first.weight_kg == 81.65
    clock.at = NOW + timedelta(minutes=5, seconds=1)
    assert "second factor" in provider.get(f"{case.chart}/evaluation")


def test_the_second_press_of_a_visit_spends_no_code_and_signs_nothing_twice(app: Flask) -> None:
    case = a_case(app)
    provider = at_work(app, case.provider)
    form = visit_form(provider, case, code=code())
    for _press in range(2):
        assert "is signed" in provider.submit(f"{case.chart}/evaluation", form)
    assert len(visits(app)) == 1


def test_one_code_signs_one_thing(app: Flask) -> None:
    case, other = a_case(app), accepted(app)
    provider = at_work(app, case.provider)
    provider.submit(f"{case.chart}/evaluation", visit_form(provider, case, code=code()))
    page = provider.post(f"{other.chart}/order", order_form(provider, other, code=code()), status=422)
    assert any("not right, or was used already" in error for error in page.errors)


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"weight_kg": "-70"}, "Enter a number above 0"),
        ({"weight_kg": "heavy"}, "Enter the weight as a number, such as 82.5."),
        ({"weight_kg": "900"}, "Enter the weight in kg, from 25 to 300."),
        ({"systolic": "80", "diastolic": "120"}, "The upper blood pressure must be above the lower one."),
        ({"spo2": "101"}, "Enter the oxygen saturation in %, from 50 to 100."),
        ({"heart_rate": "72.5"}, "Enter the heart rate as a number"),
        ({"held_on": "2026-12-02"}, "The visit cannot lie in the future"),
        ({"held_on": "2026-02-30"}, "Enter a date such as 12/31/2026."),
        ({"pdmp_on": "2026-10-01"}, "Check prescription monitoring within 30 days of the visit."),
        ({"diagnosis": "Z99.9"}, "Not a valid choice"),
        ({"asa_class": "7"}, "Not a valid choice"),
        ({"plan": " "}, "Write the plan that you sign."),
        ({"plan": "a\x00b"}, "Leave out signs that cannot be printed."),
        ({"request_key": "x"}, "cannot be sent again"),
        ({"replaces": str(uuid7())}, "since you opened this page"),
    ],
)
def test_a_visit_that_cannot_be_true_is_refused_before_a_code_is_spent(
    app: Flask, changes: dict[str, str], error: str
) -> None:
    case = a_case(app)
    provider = at_work(app, case.provider)
    page = provider.post(f"{case.chart}/evaluation", visit_form(provider, case, code=code()) | changes, status=422)
    assert error in page.text
    assert visits(app) == []


def order_form(provider: Client, case: Case, **changes: str) -> dict[str, str]:
    with provider.app.app_context():
        protocol = str(factories.a_protocol(name=f"Acute {uuid7()}"))
    page = provider.get(f"{case.chart}/order")
    names = ("request_key", "evaluation", "dose_mg_per_kg", "expires_on")
    hidden = {name: page.value(name) or "" for name in names}
    return {"protocol": protocol, "conditions": "", "regime": "taper", "dose_reason": ""} | hidden | changes


def orders(app: Flask) -> list[Order]:
    with app.app_context():
        return list(db.session.scalars(select(Order)))


def test_an_order_shows_the_dose_at_the_visit_s_weight_and_is_signed_with_the_code(app: Flask) -> None:
    case = accepted(app)
    provider = at_work(app, case.provider)
    assert "0.5 mg/kg × 81.6 kg = 41 mg" in provider.get(f"{case.chart}/order")
    form = order_form(provider, case, code=code(), conditions="ECG seen\r\n\r\nLetter of the cardiologist")
    assert "The order is signed" in provider.submit(f"{case.chart}/order", form)
    (order,) = orders(app)
    assert (order.dose_mg_per_kg, order.weight_kg, order.infusions) == (0.5, 81.6, 6)
    assert order.expires_on.isoformat() == "2027-03-01"
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(OrderCondition)) == 2


def test_an_order_always_asks_for_the_code_and_keeps_what_was_typed(app: Flask) -> None:
    case = accepted(app)
    provider = at_work(app, case.provider)
    form = order_form(provider, case, conditions="ECG seen")
    for wrong in ("", "123456"):
        page = provider.post(f"{case.chart}/order", form | {"code": wrong}, status=422)
        assert page.errors and page.value("conditions") == "ECG seen"
    assert orders(app) == []


def test_the_second_press_of_an_order_is_the_first_result(app: Flask) -> None:
    case = accepted(app)
    provider = at_work(app, case.provider)
    form = order_form(provider, case, code=code())
    for _press in range(2):
        assert "The order is signed" in provider.submit(f"{case.chart}/order", form)
    assert len(orders(app)) == 1


def test_no_order_for_a_patient_who_is_not_accepted_or_not_evaluated(app: Flask) -> None:
    case = a_case(app)
    provider = at_work(app, case.provider)
    page = provider.post(f"{case.chart}/order", order_form(provider, case, code=code()), status=422)
    assert "There is no signed evaluation visit: no order without one." in page
    with app.app_context():
        factories.an_evaluation(case.consultation, case.provider)
    page = provider.post(f"{case.chart}/order", order_form(provider, case, code=code()), status=422)
    assert "This consultation is not accepted: decide it first." in page
    assert orders(app) == []


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"dose_mg_per_kg": "-0.5"}, "Enter a number above 0"),
        ({"dose_mg_per_kg": "1,000"}, "Enter the number without a comma"),
        ({"dose_mg_per_kg": "3.5"}, "Enter a figure above 0 and up to 3 mg/kg"),
        ({"dose_mg_per_kg": "0.4"}, "Outside 0.5 to 1 mg/kg an order needs a reason."),
        ({"expires_on": "2026-12-01"}, "Enter a last day after today"),
        ({"expires_on": "never"}, "Enter a date such as 12/31/2026."),
        ({"regime": "fixed"}, "Enter every how many days."),
        ({"regime": "fixed", "every_days": "7", "tolerance_days": "7"}, "shorter than the interval"),
        ({"regime": "forever"}, "Not a valid choice"),
        ({"protocol": str(uuid7())}, "Not a valid choice"),
        ({"protocol": ""}, "Choose a protocol."),
        ({"evaluation": "x"}, "no order without one"),
        ({"request_key": ""}, "cannot be sent again"),
    ],
)
def test_an_order_that_cannot_stand_is_refused_beside_its_field(
    app: Flask, changes: dict[str, str], error: str
) -> None:
    case = accepted(app)
    provider = at_work(app, case.provider)
    page = provider.post(f"{case.chart}/order", order_form(provider, case, code=code()) | changes, status=422)
    assert error in page.text
    assert orders(app) == []


def test_a_dose_with_a_decimal_comma_is_read(app: Flask) -> None:
    case = accepted(app)
    provider = at_work(app, case.provider)
    provider.submit(f"{case.chart}/order", order_form(provider, case, code=code(), dose_mg_per_kg="0,75"))
    assert orders(app)[0].dose_mg_per_kg == 0.75


def test_a_fixed_interval_of_one_s_own_is_kept(app: Flask) -> None:
    case = accepted(app)
    provider = at_work(app, case.provider)
    form = order_form(provider, case, code=code(), regime="fixed", every_days="35", tolerance_days="7")
    provider.submit(f"{case.chart}/order", form)
    assert orders(app)[0].booster_regime["steps"] == [{"every_days": 35, "times": None, "tolerance_days": 7}]


def test_a_condition_is_marked_as_met_on_the_chart(app: Flask) -> None:
    case = accepted(app)
    provider = at_work(app, case.provider)
    provider.submit(f"{case.chart}/order", order_form(provider, case, code=code(), conditions="ECG seen"))
    with app.app_context():
        row = db.session.scalars(select(OrderCondition)).one()
        path = f"{case.chart}/orders/{row.order_id}/conditions/{row.id}/met"
        other = factories.a_patient(case.site)
    assert "open, booking waits" in provider.get(case.chart)
    provider.post(path.replace(str(case.patient), str(other)), status=404)
    assert "Marked as met" in provider.submit(path)
    assert "open, booking waits" not in provider.get(case.chart).text


def test_an_order_is_stopped_after_a_contact_and_says_what_it_releases(app: Flask) -> None:
    case = accepted(app)
    provider = at_work(app, case.provider)
    provider.submit(f"{case.chart}/order", order_form(provider, case, code=code()))
    path = f"{case.chart}/orders/{orders(app)[0].id}/stop"
    assert "Nothing is booked on it" in provider.get(path)
    assert "contact with a safety check" in provider.post(path, {"reason": "No response."}, status=422)
    contact = {"on": "2026-12-01", "at": "09:00", "channel": "phone", "outcome": "reached", "safety_checked": "y"}
    contact |= {"note": "Told.", "request_key": str(uuid7())}
    provider.submit(f"{case.chart}/contacts/new", contact)
    assert "The order is stopped" in provider.submit(path, {"reason": "No response."})
    assert orders(app)[0].status is OrderStatus.STOPPED
    assert "No response." in provider.get(case.chart)


@pytest.mark.parametrize("role", [Role.NURSE, Role.DESK, Role.MANAGER, Role.PATIENT])
def test_nobody_but_a_provider_signs(app: Flask, role: Role) -> None:
    case = accepted(app)
    visitor = somebody(app, role)
    for path in ("/evaluation", "/order", f"/orders/{uuid7()}/stop"):
        visitor.get(case.chart + path, status=403)
        visitor.post(case.chart + path, {"code": code()}, status=403)
