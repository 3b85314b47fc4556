"""One whole clinic in rows, made by the services: a patient at every step of the way, and staff of every role.

`build` once, then copy its database (`tests/web/worlds.py`). `arguments_of` gives a value for every route argument.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pyotp
from sqlalchemy import select
from uuid_utils.compat import uuid7

from intake.demo import clinic
from intake.domain.clinic_time import local_day
from intake.domain.evaluation import EvaluationEntry, HeldAs, SuicideRisk
from intake.domain.form.pages import Page
from intake.domain.orders import OrderEntry
from intake.domain.requests import ReachBy, ReachWhen, Reason
from intake.domain.reviews import AskBack, Channel, ContactEntry, ContactOutcome, DecisionEntry, DecisionKind
from intake.domain.roles import Role
from intake.domain.scheduling.planning import Plan
from intake.domain.scheduling.protocols import default_regime
from intake.domain.statuses import Status
from intake.extensions import current_session, transaction
from intake.models.appointments import Appointment
from intake.models.consultations import Consultation
from intake.models.people import Account, Patient
from intake.models.sites import Protocol, Site
from intake.queries import consultations
from intake.services import (
    attendance,
    clinics,
    contacts,
    evaluations,
    findings,
    orders,
    passwords,
    people,
    reviews,
    series,
    sign_in,
)
from intake.services.appointment_steps import Seen
from intake.services.submission import submit
from intake.services.tickets import Letter, Secrets
from tests import answers, charts, factories
from tests.web.further import rows_of_clinic
from tests.web.people import Person, rows_of

PASSWORD = "violet harbor sandwich 41"
WISHES: dict[str, Any] = {"available": {day: [["08:00", "17:00"]] for day in ("mon", "tue", "wed", "thu", "fri")}}
STAFF = {
    Role.DESK: "dee.castellano@demo.example.org",
    Role.NURSE: "marcus.bell@demo.example.org",
    Role.PROVIDER: "imran.sayed@demo.example.org",
    Role.MEDICAL_DIRECTOR: "rosa.whitfield@demo.example.org",
}
"""One person of the demo clinic for each role of staff; its manager has two roles, so there is another one."""


@dataclass(frozen=True)
class World:
    """The clinic. `people` by the step where each patient stands."""

    now: datetime
    site_id: UUID
    staff: Mapping[Role, UUID]
    people: dict[str, Person] = field(default_factory=dict)

    def account(self, who: str) -> UUID:
        """The account of a role of staff, or of the patient at a step."""
        return self.people[who].account_id if who in self.people else self.staff[Role(who)]


def build(now: datetime) -> World:
    """Make the clinic as it stands at `now`. Call inside an app context, on an empty database."""
    world = open_clinic(now)
    past = now - timedelta(days=2)
    for step in ("filling", "other"):
        world.people[step] = filling(world, step, now=past)
    for step in ("sent", "in-review", "returned", "declining"):
        world.people[step] = sent(world, filling(world, step, now=past, takes=charts.STOP_MEDICINE), now=past)
    review(world, world.people["in-review"], now=now - timedelta(hours=5))
    _clear(world, world.people["in-review"], now=now - timedelta(hours=5))
    _return(world, world.people["returned"], now=now - timedelta(hours=5))
    _decline(world, world.people["declining"], now=now - timedelta(hours=5))
    for step in ("ordered", "conditional", "held", "booked"):
        person = sent(world, filling(world, step, now=past), now=past)
        conditions = ("A letter of the cardiologist",) if step == "conditional" else ()
        world.people[step] = ordered(world, person, now=now - timedelta(hours=4), conditions=conditions)
    world.people["held"] = _held(world, world.people["held"], now=now - timedelta(minutes=1))
    world.people["booked"] = booked(world, world.people["booked"], now=now - timedelta(hours=3))
    world.people["treated"] = treated(world, "treated", now=now - timedelta(days=40))
    world.people["midway"] = treated(world, "midway", now=now - timedelta(days=13), until=now)
    also = rows_of_clinic(world.site_id, world.people["midway"].order_id, world.staff, now=now - timedelta(hours=2))
    for step, person in world.people.items():
        world.people[step] = replace(person, rows=also | rows_of(person))
    current_session().rollback()
    return world


def open_clinic(now: datetime) -> World:
    """The demo clinic's sites, protocols and staff, before anybody has asked for a consultation."""
    clinics.load(clinic.document(now.date()), now=now - timedelta(days=30))
    site_id = current_session().scalars(select(Site.id).where(Site.name == "Denver")).one()
    staff = {role: _usable(email, now) for role, email in STAFF.items()}
    staff[Role.MANAGER] = factories.an_account(Role.MANAGER, name="Mo Manager")
    return World(now, site_id, staff)


def filling(world: World, step: str, *, now: datetime, takes: str | None = None) -> Person:
    """Somebody new who asked for a consultation, signed in and filled in everything, but has not sent it.

    There are two trials, one medicine and another one where `takes` names it, and a PHQ-9 with a positive item 9.
    """
    person = arrive(world.site_id, f"{step}@example.org", family_name=f"Rivera-{step}".title(), now=now)
    trials = tuple(answers.fill_form(person.patient_id, now=now, trials=2, item9="1"))
    if takes is not None:
        more = answers.MEDICINE | {"name": takes}
        answers.save(person.patient_id, Page.MEDICINE, "medicine", more, now=now, item=str(uuid4()))
    return replace(person, trials=trials, medicines=_items(person, Page.MEDICINE))


def arrive(site_id: UUID, email: str, *, now: datetime, family_name: str = "Rivera") -> Person:
    """Somebody who asked on the public page and used the link that came by e-mail."""
    made: list[Secrets] = []

    def write(secrets: Secrets) -> Letter:
        made.append(secrets)
        return Letter("Your sign-in link", secrets.link)

    details = people.RequestDetails(
        site_id,
        "Ana",
        family_name,
        date(1985, 3, 14),
        email,
        "303 555 0142",
        *map(next, map(iter, (Reason, ReachBy, ReachWhen))),
    )
    people.request_consultation(details, request_key=uuid4(), browser="test", write=write, address=email, now=now)
    sign_in.redeem_link(made[0].link, browser_name="Test", now=now)
    session = current_session()
    patient = session.scalars(select(Patient).where(Patient.email == email)).one()
    consultation_id = session.scalars(select(Consultation.id).where(Consultation.patient_id == patient.id)).one()
    assert patient.account_id is not None
    return Person(patient.id, patient.account_id, consultation_id)


def sent(world: World, person: Person, *, now: datetime) -> Person:
    """Sign and send the form."""
    submit(person.patient_id, signature="Ana Rivera", request_key=uuid4(), actor_id=person.account_id, now=now)
    return person


def review(world: World, person: Person, *, now: datetime) -> UUID:
    """A provider takes the consultation and signs the visit; returns the visit."""
    provider = world.staff[Role.PROVIDER]
    reviews.claim(person.consultation_id, actor_id=provider, now=now)
    entry = EvaluationEntry(
        held_as=HeldAs.IN_PERSON,
        held_at=now - timedelta(hours=1),
        diagnosis="F33.2",
        asa_class=2,
        airway_class=1,
        weight_kg=81.6,
        systolic=128,
        diastolic=82,
        heart_rate=72,
        spo2=98,
        pdmp_checked_at=now - timedelta(hours=2),
        suicide_risk=SuicideRisk.LOW,
        plan="Six infusions, twice weekly.",
    )
    return evaluations.sign(
        person.consultation_id, entry, replaces_id=None, request_key=uuid7(), actor_id=provider, now=now
    )


def ordered(world: World, person: Person, *, now: datetime, conditions: tuple[str, ...] = ()) -> Person:
    """Accept the patient and sign an order; the wishes for its infusions are known."""
    visit, provider = review(world, person, now=now), world.staff[Role.PROVIDER]
    kind = DecisionKind.ACCEPTED_WITH_CONDITIONS if conditions else DecisionKind.ACCEPTED
    entry = DecisionEntry(kind, conditions=conditions)
    reviews.decide(person.consultation_id, entry, actor_id=provider, now=now)
    versions = select(Protocol.id).where(Protocol.name.contains("twice weekly")).order_by(Protocol.version.desc())
    protocol_id = current_session().scalars(versions.limit(1)).one()
    regime = default_regime("taper")
    last = local_day(now, "America/Denver") + timedelta(days=90)
    wanted = OrderEntry(protocol_id, 0.5, last, regime.regime, regime.name, conditions)
    order_id = orders.sign(
        person.consultation_id, wanted, evaluation_id=visit, request_key=uuid7(), actor_id=provider, now=now
    )
    desk = world.staff[Role.DESK]
    series_id = series.keep_wishes(order_id, WISHES, site_id=world.site_id, request_key=uuid7(), actor_id=desk, now=now)
    return replace(person, order_id=order_id, series_id=series_id)


def booked(world: World, person: Person, *, now: datetime) -> Person:
    """Book the best plan for the patient's order."""
    assert person.order_id is not None
    plan = series.propose(person.order_id, now=now, alternatives=0)
    assert isinstance(plan, Plan)
    desk = world.staff[Role.DESK]
    series_id = series.book(person.order_id, plan.slots, request_key=uuid7(), actor_id=desk, now=now)
    rows = select(Appointment.id).where(Appointment.series_id == series_id).order_by(Appointment.number)
    return replace(person, series_id=series_id, appointment_ids=tuple(current_session().scalars(rows)))


def treated(world: World, step: str, *, now: datetime, until: datetime | None = None) -> Person:
    """Somebody who came from `now` on and has had the infusions `until` then, or all six: a booster comes next."""
    person = filling(world, step, now=now)
    medicine = answers.MEDICINE | {"last_taken": "unsure"}  # the day that others name is still to come
    answers.save(person.patient_id, Page.MEDICINE, "medicine", medicine, now=now, item=person.medicines[0])
    sent(world, person, now=now)
    person = booked(world, ordered(world, person, now=now + timedelta(hours=2)), now=now + timedelta(hours=3))
    desk = world.staff[Role.DESK]
    for appointment_id in person.appointment_ids:
        row = current_session().get_one(Appointment, appointment_id)
        at, before = row.starts_at, Status.BOOKED
        if until is not None and row.ends_at > until:
            break
        for to in (Status.ARRIVED, Status.CHECKED_IN, Status.FULFILLED):
            attendance.mark(appointment_id, to, seen=Seen(1, before), actor_id=desk, now=at)
            before = to
    return person


def current_code(account_id: UUID, now: datetime) -> str:
    """What the authenticator of a member of staff shows."""
    session = current_session()
    secret = session.get_one(Account, account_id).totp_secret
    session.rollback()
    assert secret is not None
    return pyotp.TOTP(secret).at(now)


def _usable(email: str, now: datetime) -> UUID:
    """Give a member of staff a password and an authenticator."""
    fresh = passwords.hashed(PASSWORD)
    with transaction() as session:
        account = session.scalars(select(Account).where(Account.email == email)).one()
        account.password_hash, account.totp_secret = fresh, pyotp.random_base32()
        account.totp_confirmed_at = now - timedelta(days=20)
        return account.id


def _items(person: Person, page: Page) -> tuple[str, ...]:
    drafts = consultations.drafts_of(person.patient_id, person.consultation_id)
    return tuple(draft.item for draft in drafts if draft.page == page.value)


def _clear(world: World, person: Person, *, now: datetime) -> None:
    findings.clear(
        person.patient_id,
        charts.STOP_FINDING,
        "Years ago, once.",
        request_key=uuid7(),
        actor_id=world.staff[Role.PROVIDER],
        now=now,
        as_of=now.date(),
    )


def _return(world: World, person: Person, *, now: datetime) -> None:
    provider = world.staff[Role.PROVIDER]
    reviews.claim(person.consultation_id, actor_id=provider, now=now)
    asked = (
        AskBack(Page.TRIAL.value, str(rows_of(person)["trial_id"]), "Was it longer?"),
        AskBack(Page.ABOUT.value, "", "Where do you live now?"),
    )
    reviews.return_with_questions(person.consultation_id, asked, actor_id=provider, now=now)


def _decline(world: World, person: Person, *, now: datetime) -> None:
    provider = world.staff[Role.PROVIDER]
    reviews.claim(person.consultation_id, actor_id=provider, now=now)
    entry = DecisionEntry(DecisionKind.DECLINED, reason="Another treatment comes first.")
    reviews.decide(person.consultation_id, entry, actor_id=provider, now=now)
    tried = ContactEntry(now, Channel.PHONE, ContactOutcome.NO_ANSWER, False, "Rang twice, will try again.")
    contacts.record(person.patient_id, tried, request_key=uuid7(), actor_id=provider, now=now)


def _held(world: World, person: Person, *, now: datetime) -> Person:
    assert person.order_id is not None
    plan = series.propose(person.order_id, now=now, alternatives=0)
    assert isinstance(plan, Plan)
    hold_id = series.hold(person.order_id, plan.slots, actor_id=world.staff[Role.DESK], now=now)
    return replace(person, hold_id=hold_id)
