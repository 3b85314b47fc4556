"""From the request to a signed order, one function a stage: the calls that pages make, with a past `now`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from uuid_utils.compat import uuid7

from intake.demo import histories
from intake.demo.cast import TWICE, Cast, Office
from intake.demo.people import Person
from intake.domain import clinic_time, orders, requests
from intake.domain.evaluation import EvaluationEntry, HeldAs, SuicideRisk
from intake.domain.reviews import (
    AlertContact,
    AlertOutcome,
    AskBack,
    Channel,
    ContactEntry,
    ContactOutcome,
    DecisionEntry,
    DecisionKind,
)
from intake.domain.scheduling import protocols
from intake.extensions import current_session
from intake.queries import alerts as alert_queries
from intake.queries import consultations, evaluations, people
from intake.services import alert_outcomes, contacts, order_stops, reviews, sign_in, submission, tickets
from intake.services import consultations as drafts
from intake.services import evaluations as visits
from intake.services import orders as order_service
from intake.services import people as requests_service

REGIME = "every-four-weeks"
PLAN = "Six infusions, blood pressure watched closely, current medicine continued. Review after the third."
MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Enrolled:
    """Somebody who has signed in once: person, account, patient, consultation."""

    person: Person
    account_id: UUID
    patient_id: UUID
    consultation_id: UUID
    office: Office


def enrol(person: Person, office: Office, reason: str, *, at: datetime) -> Enrolled:
    """Request a consultation and open the link that is sent."""
    links: list[str] = []

    def write(secrets: tickets.Secrets) -> tickets.Letter:
        links.append(secrets.link)
        return tickets.Letter("Sign in", "A sign-in link of the demo; it has ended.")

    wanted = requests_service.RequestDetails(
        site_id=office.id,
        given_name=person.given_name,
        family_name=person.family_name,
        born_on=person.born_on,
        email=person.email,
        phone=person.phone,
        reason=requests.Reason(reason),
        reach_by=list(requests.ReachBy)[person.number % 3],
        reach_when=list(requests.ReachWhen)[person.number % 4],
    )
    key, asker = uuid7(), f"demo-{person.number}"
    requests_service.request_consultation(wanted, request_key=key, browser=asker, write=write, address=asker, now=at)
    sign_in.redeem_link(links[0], browser_name="Safari on iPhone", now=at + 3 * MINUTE)
    return _enrolled(person, office)


def fill_in(who: Enrolled, parts: Iterable[histories.Part], *, at: datetime) -> None:
    """Type and save one screen after the other, a minute and a half each."""
    for place, answers in parts:
        at += 1.5 * MINUTE
        drafts.save_part(who.patient_id, place, answers, seen_version=0, actor_id=who.account_id, now=at, may_add=True)


def send(who: Enrolled, *, at: datetime) -> None:
    """Sign and submit."""
    submission.submit(who.patient_id, signature=who.person.name, request_key=uuid7(), actor_id=who.account_id, now=at)


def claim(cast: Cast, who: Enrolled, *, at: datetime) -> None:
    """Take it into review."""
    reviews.claim(who.consultation_id, actor_id=cast.provider_of(who.person.number), now=at)


def ask_back(cast: Cast, who: Enrolled, *, at: datetime) -> None:
    """Return it with two questions."""
    questions = (
        AskBack("medicines", "", "Is this everything that you take, also without a prescription?"),
        AskBack("reason", "", "When was the last time that you felt like yourself for a month or more?"),
    )
    reviews.return_with_questions(who.consultation_id, questions, actor_id=cast.provider_of(who.person.number), now=at)


def close_alert(cast: Cast, who: Enrolled, *, at: datetime) -> None:
    """Close the patient's open alerts after a call."""
    day = clinic_time.local_day(at, who.office.zone)
    outcome = AlertOutcome(
        contact=AlertContact.REACHED,
        tool="Columbia screener",
        disposition="No plan, no intent. Safety plan written together, copy sent home.",
        has_safety_plan=True,
        next_contact_on=day + timedelta(days=7),
    )
    ids = [alert.id for alert in alert_queries.alerts_of(who.patient_id) if alert.closed_at is None]
    for alert_id in ids:
        actor_id = cast.provider_of(who.person.number)
        alert_outcomes.close(alert_id, outcome, actor_id=actor_id, now=at, today=day)


def evaluate(cast: Cast, who: Enrolled, *, at: datetime) -> None:
    """Hold the evaluation visit and sign it half an hour later."""
    number = who.person.number
    entry = EvaluationEntry(
        held_as=HeldAs.IN_PERSON if number % 4 else HeldAs.VIDEO,
        held_at=at,
        diagnosis="F33.2" if number % 3 else "F33.1",
        asa_class=1 + number % 2,
        airway_class=1 + number % 3,
        weight_kg=float(54 + number * 7 % 52),
        height_cm=float(156 + number * 5 % 34),
        systolic=112 + number * 3 % 26,
        diastolic=68 + number * 5 % 18,
        heart_rate=60 + number * 7 % 24,
        spo2=96 + number % 4,
        pdmp_checked_at=at - timedelta(hours=20),
        suicide_risk=SuicideRisk.LOW if number % 3 else SuicideRisk.NOT_RAISED,
        plan=PLAN,
    )
    actor_id = cast.provider_of(number)
    now = at + 30 * MINUTE
    visits.sign(who.consultation_id, entry, replaces_id=None, request_key=uuid7(), actor_id=actor_id, now=now)


def accept(cast: Cast, who: Enrolled, *, at: datetime) -> None:
    """Accept for treatment."""
    entry = DecisionEntry(DecisionKind.ACCEPTED)
    reviews.decide(who.consultation_id, entry, actor_id=cast.provider_of(who.person.number), now=at)


def decline(cast: Cast, who: Enrolled, kind: DecisionKind, *, at: datetime) -> None:
    """Decline or refer away, call the patient, and let it take effect with that call."""
    actor_id = cast.provider_of(who.person.number)
    reason = "Blood pressure is not controlled yet; treatment elsewhere first."
    reviews.decide(who.consultation_id, DecisionEntry(kind, reason), actor_id=actor_id, now=at)
    call(cast, who, "Explained the reason and the next step; names of two clinics given.", at=at + 20 * MINUTE)


def call(cast: Cast, who: Enrolled, note: str, *, at: datetime) -> None:
    """Reach the patient by phone and ask about safety."""
    entry = ContactEntry(at, Channel.PHONE, ContactOutcome.REACHED, is_safety_checked=True, note=note)
    actor_id = cast.provider_of(who.person.number)
    contacts.record(who.patient_id, entry, request_key=uuid7(), actor_id=actor_id, now=at + 5 * MINUTE)


def order(cast: Cast, who: Enrolled, *, at: datetime, protocol: str = TWICE, days: int = 0) -> UUID:
    """Sign an order; its last day is so many days on, else as late as can be."""
    last = clinic_time.local_day(at, who.office.zone) + (timedelta(days) if days else orders.LONGEST_EXPIRY)
    regime = protocols.default_regime(REGIME)
    entry = orders.OrderEntry(
        protocol_id=cast.protocol_ids[protocol],
        dose_mg_per_kg=orders.DEFAULT_MG_PER_KG,
        expires_on=last,
        regime=regime.regime,
        regime_name=regime.name,
    )
    visit = evaluations.evaluation_of(who.consultation_id)
    if visit is None:
        raise LookupError("an order rests on a signed visit")
    visit_id = visit.id
    actor_id = cast.provider_of(who.person.number)
    return order_service.sign(
        who.consultation_id, entry, evaluation_id=visit_id, request_key=uuid7(), actor_id=actor_id, now=at
    )


def stop(cast: Cast, who: Enrolled, order_id: UUID, *, at: datetime) -> None:
    """Tell the patient and stop the order; what is still booked on it is released."""
    call(cast, who, "Talked about stopping: little change after three, and a job in another town.", at=at)
    actor_id = cast.provider_of(who.person.number)
    order_stops.stop(order_id, "The patient moves away.", actor_id=actor_id, now=at + 15 * MINUTE)


def parts_of(who: Enrolled, day: date) -> list[histories.Part]:
    """Every screen of the form as this person types it that day."""
    history = histories.history(who.person.number)
    return histories.parts(who.person, history, who.office.name, day)


def _enrolled(person: Person, office: Office) -> Enrolled:
    account = people.account_by_email(person.email)
    patient = account.patient if account else None
    row = consultations.latest_of(patient.id) if patient else None
    if account is None or patient is None or row is None:
        raise LookupError("a used link opens account, patient and consultation")
    who = Enrolled(person, account.id, patient.id, row.id, office)
    current_session().rollback()
    return who
