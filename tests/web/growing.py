"""Makes much of everything: long charts and forms, full days, long queues, many people, sites and sign-ins.

Rows alone, without the services: what is looked at is how pages read them.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, cast
from uuid import UUID, uuid4

from sqlalchemy import LargeBinary, Table, UniqueConstraint, inspect, select
from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from intake.domain.clinic_time import local_day
from intake.domain.form.pages import Page
from intake.domain.roles import Role
from intake.domain.statuses import ConsultationStatus, OrderStatus, Status
from intake.extensions import current_session, transaction
from intake.models.appointments import Appointment, AppointmentEvent
from intake.models.boosters import BoosterAdvice, RecallTouch
from intake.models.columns import Encrypted, Record
from intake.models.consultations import Consultation, ConsultationEvent, ReturnedItem, Snapshot
from intake.models.medicines import CurrentMedicine, FindingClearance
from intake.models.messages import Message
from intake.models.orders import Order, OrderCondition, OrderEvent
from intake.models.replanning import Batch, BatchCase, SignOff
from intake.models.response_checks import ResponseCheck
from intake.models.reviews import Decision, Evaluation
from intake.models.scores import Alert, Contact, Score
from intake.models.series import Series
from intake.models.simulations import SimulationRun
from intake.models.sites import Chair, Opening, Protocol, SessionKind, Shift, Site
from intake.models.trials import MedicationTrial, TrialDose, VerdictOverride
from tests import answers, factories
from tests.web.people import Person
from tests.web.worlds import Clinic

ZONE = "America/Denver"
ITEMS, VISITS, PEOPLE, SIGN_INS = 25, 60, 40, 10
REVIEWED = ("in-review", "returned", "declining", "conditional", "booked", "treated", "midway")
"""Whose charts grow."""
BY_PATIENT: Mapping[type[Record], Mapping[str, Any]] = {
    MedicationTrial: {},
    CurrentMedicine: {},
    FindingClearance: {},
    Score: {},
    Alert: {},
    Contact: {},
    Evaluation: {},
    Message: {},
    Order: {"status": OrderStatus.STOPPED},
    ResponseCheck: {},
}
BY_CONSULTATION: Mapping[type[Record], Mapping[str, Any]] = {
    ReturnedItem: {},
    ConsultationEvent: {},
    Snapshot: {},
    Decision: {"withdrawn_at": factories.NOW - timedelta(days=1)},
}
BY_ORDER: Mapping[type[Record], Mapping[str, Any]] = {
    OrderCondition: {},
    OrderEvent: {},
    RecallTouch: {},
    BoosterAdvice: {"ended_at": factories.NOW},
}
BY_SITE: tuple[type[Record], ...] = (Batch, SimulationRun)
WAYS = ("midway", "treated")
"""Whose series others have as well: a check is due on the one, a booster on the other."""


def begin(clinic: Clinic) -> None:
    """One row of each kind that the clinic has none of: a second one is no longer the first of its kind."""
    at, provider = clinic.clock.at - timedelta(minutes=30), clinic.world.account("provider")
    people = clinic.world.people
    with transaction() as session:
        for step in REVIEWED:
            person = people[step]
            if step != "treated":
                word = {
                    "verdict": "not-rated",
                    "computed": "inadequate-dose",
                    "rules_version": "1",
                    "reason": "Said so.",
                }
                session.add(VerdictOverride(trial_id=person.rows["trial_id"], by_id=provider, at=at, **word))
            note = {"channel": "phone", "outcome": "no-answer", "note": "Rang.", "at": at}
            session.add(Contact(patient_id=person.patient_id, by_id=provider, **note))
            if person.order_id:
                session.add(OrderEvent(order_id=person.order_id, kind="amended", detail={}, by_id=provider, at=at))
        for key in people["booked"].appointment_ids:
            session.add(an_event(key, at))
        treated, midway = people["treated"], people["midway"]
        mine: dict[str, Any] = {"patient_id": treated.patient_id, "order_id": treated.order_id, "request_key": uuid7()}
        session.add(RecallTouch(**mine, outcome="no-answer", by_id=clinic.world.account("desk"), at=at))
        session.add(BoosterAdvice(**mine, advice="sooner", by_id=provider, at=at))
        check = {
            "after_infusion": 2,
            "outcome": "ask-again",
            "clinician_impression": "same",
            "by_id": provider,
            "at": at,
        }
        session.add(
            ResponseCheck(patient_id=midway.patient_id, series_id=midway.series_id, request_key=uuid7(), **check)
        )


def grow(clinic: Clinic) -> None:
    """Make the clinic large."""
    people = clinic.world.people
    long_form(people["filling"].patient_id, clinic.clock.at)
    with transaction() as session:
        for step in REVIEWED:
            long_chart(session, people[step], clinic.clock.at)
        for step in ("booked", "treated", "ordered", "held"):
            visits_of(session, clinic, people[step].patient_id, count=VISITS)
        for key in people["booked"].appointment_ids:
            session.add_all(an_event(key, clinic.clock.at - timedelta(minutes=n)) for n in range(1, ITEMS))
        many_sites(session, clinic.world.site_id)
        for model in BY_SITE:
            copies(session, model, "site_id", clinic.world.site_id)
    for number in range(PEOPLE):
        somebody_more(clinic, number)
    for who in ("filling", "returned", "booked", "desk", "provider", "manager"):
        for _ in range(SIGN_INS):
            clinic.visitor(who)


def long_form(patient_id: UUID, now: datetime) -> None:
    """As many trials and medicines as a form takes easily."""
    for number in range(ITEMS):
        answers.add_trial(patient_id, f"Remedy {number}", now=now)
        medicine = answers.MEDICINE | {"name": f"Tablet {number}"}
        answers.save(patient_id, Page.MEDICINE, "medicine", medicine, now=now, item=str(uuid4()))


def long_chart(session: Session, person: Person, now: datetime) -> None:
    """Many rows of each kind that a chart shows, and consultations of earlier years."""
    for model, changes in BY_PATIENT.items():
        copies(session, model, "patient_id", person.patient_id, **changes)
    for model, changes in BY_CONSULTATION.items():
        copies(session, model, "consultation_id", person.consultation_id, **changes)
    if person.order_id:
        for model, changes in BY_ORDER.items():
            copies(session, model, "order_id", person.order_id, **changes)
    session.flush()
    trials = session.scalars(select(MedicationTrial).where(MedicationTrial.patient_id == person.patient_id)).all()
    pattern = session.scalars(select(TrialDose).limit(1)).one()
    override = session.scalars(select(VerdictOverride).limit(1)).one()
    for trial in trials:
        if not trial.doses:
            session.add(copy_of(pattern, 0, trial_id=trial.id))
        session.add(copy_of(override, 0, trial_id=trial.id))
    earlier = {"status": ConsultationStatus.WITHDRAWN, "created_at": now - timedelta(days=400)}
    copies(session, Consultation, "id", person.consultation_id, **earlier, closed_at=now - timedelta(days=390))


def copies(session: Session, model: type[Record], name: str, value: UUID, **changes: Any) -> None:
    """The first row of a kind that hangs there, many times over; nothing where there is none."""
    row = session.scalars(select(model).where(getattr(model, name) == value).order_by(model.id).limit(1)).first()
    if row is not None:
        session.add_all(copy_of(row, number, **changes) for number in range(1, ITEMS))


def copy_of(row: Record, number: int, **changes: Any) -> Record:
    """A row with the same contents and other keys, some time earlier."""
    columns = inspect(type(row)).column_attrs
    alone = {name for one in columns for name in [one.key] if one.columns[0].unique}
    for constraint in table_of(row).constraints:
        if isinstance(constraint, UniqueConstraint):
            alone |= {column.name for column in constraint.columns if not column.foreign_keys}
    values = {one.key: getattr(row, one.key) for one in columns if one.key != "id" and not one.key.endswith("_sealed")}
    values |= {name: getattr(row, name) for name in vars(type(row)) if isinstance(vars(type(row))[name], Encrypted)}
    values |= {name: value - timedelta(minutes=number) for name, value in values.items() if isinstance(value, datetime)}
    values |= {name: another(row, name, number) for name in alone}
    if "position" in values:
        values["position"] += number
    return type(row)(**(values | changes))


def another(row: Record, name: str, number: int) -> Any:
    """A value that no other row has, in a column where each has its own."""
    column, value = table_of(row).columns[name], getattr(row, name)
    if isinstance(column.type, LargeBinary):
        return secrets.token_bytes(32)
    if isinstance(value, UUID):
        return None if column.foreign_keys else uuid7()
    return f"{value[:40]}-{number}" if isinstance(value, str) else (value + number if value is not None else None)


def table_of(row: Record) -> Table:
    """The table that a row is kept in."""
    return cast(Table, type(row).__table__)


def visits_of(session: Session, clinic: Clinic, patient_id: UUID, *, count: int, kind: str = "infusion") -> None:
    """Booked times from the next hour on, one each quarter of an hour."""
    site = session.get_one(Site, clinic.world.site_id)
    for number in range(count):
        at = clinic.clock.at + timedelta(hours=1, minutes=15 * number if count > 1 else 0)
        chair = site.chairs[number % len(site.chairs)]
        values: dict[str, Any] = {"kind": kind, "chair_id": chair.id, "on_date": local_day(at, ZONE), "starts_at": at}
        values |= {"ends_at": at + timedelta(hours=2), "turnover_minutes": 15, "watch_profile": [[120, 1]]}
        values |= {"booked_by": clinic.world.account("desk"), "booked_at": clinic.clock.at, "status": Status.BOOKED}
        session.add(Appointment(site_id=site.id, patient_id=patient_id, **values))


def an_event(appointment_id: UUID, at: datetime) -> AppointmentEvent:
    """A change of an appointment that is in its history."""
    change = {"kind": "driver", "from_status": Status.BOOKED, "to_status": Status.BOOKED, "detail": {}}
    return AppointmentEvent(appointment_id=appointment_id, at=at, **change)


def many_sites(session: Session, site_id: UUID) -> None:
    """Sites with chairs and hours, more chairs at the first one, protocols, kinds of sessions."""
    site = session.get_one(Site, site_id)
    for number in range(1, 8):
        more = copy_of(site, number)
        session.add(more)
        session.flush()
        for model in (Chair, Opening, Shift):
            rows = session.scalars(select(model).where(model.site_id == site_id)).all()
            session.add_all(copy_of(row, 100 * number + place, site_id=more.id) for place, row in enumerate(rows))
    session.add_all(copy_of(site.chairs[0], 50 + number) for number in range(6))
    for other in (Protocol, SessionKind):
        row = session.scalars(select(other).limit(1)).one()
        session.add_all(copy_of(row, number) for number in range(1, ITEMS))


def somebody_more(clinic: Clinic, number: int) -> None:
    """A patient with a consultation, an alert, an order that waits and a visit today; somebody of staff; a sign-in."""
    world, site_id = clinic.world, clinic.world.site_id
    patient_id = factories.a_patient(site_id, with_account=False, family_name="Rivera")
    waiting_id = factories.a_patient(site_id, with_account=False, family_name="Rivera")
    consultation_id = factories.a_consultation(waiting_id, status=ConsultationStatus.SUBMITTED)
    factories.an_order(patient_id, world.account("provider"), conditions=("A letter",) if number % 2 else ())
    factories.an_account(tuple(Role)[1 + number % 5], name=f"Colleague {number}")
    with transaction() as session:
        visits_of(session, clinic, patient_id, count=1)
        alert = session.scalars(select(Alert).where(Alert.closed_at.is_(None)).limit(1)).one()
        session.add(copy_of(alert, number, patient_id=waiting_id, consultation_id=consultation_id))
        same_way(session, clinic, WAYS[number % 2], patient_id, number)
    current_session().rollback()


def same_way(session: Session, clinic: Clinic, step: str, patient_id: UUID, number: int) -> None:
    """The order, series and visits that the patient at a step has, for somebody else; the desk asks and plans."""
    person = clinic.world.people[step]
    order = copy_of(session.get_one(Order, person.order_id), number, patient_id=patient_id)
    session.add(order)
    session.flush()
    own = {"patient_id": patient_id, "order_id": order.id}
    series = copy_of(session.get_one(Series, person.series_id), number, **own)
    session.add(series)
    session.flush()
    for key in person.appointment_ids:
        visit = session.get_one(Appointment, key)
        session.add(copy_of(visit, number, **own, series_id=series.id))
    touch = session.scalars(select(RecallTouch).limit(1)).one()
    session.add(copy_of(touch, number, **own))
    for model in (SignOff, BatchCase):
        row = session.scalars(select(model).limit(1)).one()
        mine = own if model is BatchCase else {"order_id": order.id}
        session.add(copy_of(row, number, **mine, **({"series_id": series.id} if model is BatchCase else {})))
