"""A page asks the database as often for many rows as for few."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import event

from intake.domain.clinic_time import local_day
from intake.domain.statuses import ConsultationStatus, Status
from intake.extensions import current_session, db, transaction
from intake.models.appointments import Appointment
from intake.models.sites import Site
from tests import answers, factories
from tests.web import world
from tests.web.worlds import Clinic

TRIALS, VISITS, ROWS = 25, 60, 50
ZONE = "America/Denver"
Grow = Callable[[Clinic], None]


@contextmanager
def counted(app: Flask) -> Iterator[list[str]]:
    """Every statement that is sent meanwhile."""
    said: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        said.append(statement)

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield said
    finally:
        event.remove(engine, "before_cursor_execute", note)


def statements_of(clinic: Clinic, who: str, path: str) -> list[str]:
    """What one GET asks, when the page was opened before: the first one is noted in the audit trail."""
    visitor = clinic.visitor(who)
    assert visitor.open("GET", path).status_code == 200, path
    with counted(clinic.app) as said:
        assert visitor.open("GET", path).status_code == 200, path
    return said


def more_trials(clinic: Clinic) -> None:
    patient_id = clinic.world.people["filling"].patient_id
    for _ in range(TRIALS - 2):
        answers.add_trial(patient_id, now=clinic.clock.at)


def a_long_chart(clinic: Clinic) -> None:
    """The patient who was filling in the form sends it, with as many trials and visits as anybody has."""
    more_trials(clinic)
    person = clinic.world.people["filling"]
    world.sent(clinic.world, person, now=clinic.clock.at)
    visits_of(clinic, person.patient_id)


def many_visits(clinic: Clinic) -> None:
    visits_of(clinic, clinic.world.people["booked"].patient_id)


def a_long_queue(clinic: Clinic) -> None:
    for _ in range(ROWS):
        patient_id = factories.a_patient(clinic.world.site_id, with_account=False)
        factories.a_consultation(patient_id, status=ConsultationStatus.SUBMITTED)


def many_orders(clinic: Clinic) -> None:
    provider = clinic.world.account("provider")
    for _ in range(ROWS):
        patient_id = factories.a_patient(clinic.world.site_id, with_account=False)
        factories.an_order(patient_id, provider, conditions=("A letter",))


def a_full_day(clinic: Clinic) -> None:
    for _ in range(VISITS):
        visits_of(clinic, factories.a_patient(clinic.world.site_id, with_account=False), count=1)


def visits_of(clinic: Clinic, patient_id: UUID, count: int = VISITS) -> None:
    """Rows alone: what is counted is how they are read."""
    site = current_session().get_one(Site, clinic.world.site_id)
    chairs = [chair.id for chair in site.chairs]
    with transaction() as session:
        for number in range(count):
            at = clinic.clock.at + timedelta(hours=1, minutes=15 * number if count > 1 else 0)
            values: dict[str, Any] = {"kind": "infusion", "chair_id": chairs[number % len(chairs)]}
            values |= {"on_date": local_day(at, ZONE), "starts_at": at, "ends_at": at + timedelta(hours=2)}
            values |= {"turnover_minutes": 15, "watch_profile": [[120, 1]], "status": Status.BOOKED}
            values |= {"booked_by": clinic.world.account("desk"), "booked_at": clinic.clock.at}
            session.add(Appointment(site_id=clinic.world.site_id, patient_id=patient_id, **values))


@pytest.mark.parametrize(
    ("who", "path", "grow"),
    [
        ("filling", "/patient/", more_trials),
        ("filling", "/patient/trials", more_trials),
        ("filling", "/patient/check", more_trials),
        ("booked", "/patient/", many_visits),
        ("booked", "/patient/appointments", many_visits),
        ("booked", "/patient/appointments.ics", many_visits),
        ("provider", "/provider/", a_long_queue),
        ("provider", "/provider/patients/{filling}", a_long_chart),
        ("provider", "/provider/patients/{booked}", many_visits),
        ("provider", "/provider/patients/{filling}/answers", a_long_chart),
        ("provider", "/provider/patients/{filling}/contacts/new", a_long_chart),
        ("provider", "/provider/patients/{filling}/decision", a_long_chart),
        ("provider", "/provider/patients/{filling}/evaluation", a_long_chart),
        ("provider", "/provider/patients/{filling}/order", a_long_chart),
        ("provider", "/provider/patients/{filling}/questions", a_long_chart),
        ("provider", "/provider/patients/{booked}/orders/{order}/stop", many_visits),
        ("desk", "/desk/", a_full_day),
        ("desk", "/desk/", many_orders),
        ("desk", "/desk/board", a_full_day),
        ("desk", "/desk/orders", many_orders),
        ("desk", "/desk/patients/{booked}", many_visits),
        ("desk", "/desk/series/{order}", a_full_day),
        ("desk", "/desk/series/{order}", many_visits),
        ("desk", "/desk/appointments/{visit}", a_full_day),
        ("desk", "/desk/appointments/{visit}", many_visits),
        ("desk", "/desk/appointments/{visit}/cancel", many_visits),
        ("desk", "/desk/appointments/{visit}/move", a_full_day),
        ("manager", "/manage/", a_long_queue),
    ],
)
def test_a_page_asks_as_often_for_many_rows_as_for_few(clinic: Clinic, who: str, path: str, grow: Grow) -> None:
    people = clinic.world.people
    known = {"booked": people["booked"].patient_id, "order": people["booked"].order_id}
    known["visit"] = people["booked"].appointment_ids[-1]
    address = path.format(filling=people["sent"].patient_id, **known)
    few = statements_of(clinic, who, address)
    with clinic.app.app_context():
        grow(clinic)
    address = path.format(filling=people["filling"].patient_id, **known)
    many = statements_of(clinic, who, address)
    assert len(many) <= len(few), most_repeated(many)


def most_repeated(said: list[str]) -> str:
    """The statement that is sent most often."""
    return max(said, key=said.count)[:400]
