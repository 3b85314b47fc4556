"""One patient's chart: everything a provider reads before deciding, in a constant number of queries."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select

from intake.domain.clinic_time import local_day
from intake.domain.screening import instruments
from intake.domain.screening.instruments import Instrument, Score
from intake.extensions import current_session
from intake.models import scores
from intake.models.consultations import Consultation, ConsultationEvent, ReturnedItem, Snapshot
from intake.models.medicines import CurrentMedicine
from intake.models.orders import Order, OrderEvent
from intake.models.people import Account, Patient
from intake.models.reviews import Decision, Evaluation
from intake.models.scores import Alert, Contact
from intake.models.sites import Site
from intake.queries import alerts, consultations, contacts, evaluations, histories, orders, reviews, sites
from intake.queries.histories import JudgedHistory

__all__ = [
    "Account",
    "Chart",
    "CurrentMedicine",
    "Decision",
    "Evaluation",
    "Order",
    "ReturnedItem",
    "Review",
    "ScoredForm",
    "Snapshot",
    "chart_of",
    "patient",
    "scored_forms_of",
]
"""With the kinds of rows that a chart holds, so that pages can name them."""


@dataclass(frozen=True, slots=True)
class ScoredForm:
    """One filled-in instrument, scored when shown."""

    row: scores.Score
    instrument: Instrument
    score: Score

    @property
    def total(self) -> int | None:
        """The total, None when too much is missing."""
        return self.score.total


@dataclass(frozen=True, slots=True)
class Review:
    """What happened to the consultation: visits, decisions, questions, moves; each the newest first but the moves."""

    consultation: Consultation
    evaluations: Sequence[Evaluation]
    decisions: Sequence[Decision]
    questions: Sequence[ReturnedItem]
    events: Sequence[ConsultationEvent]
    snapshot: Snapshot | None

    @property
    def evaluation(self) -> Evaluation | None:
        """The signed visit that counts."""
        return evaluations.current_one(self.evaluations)

    @property
    def decision(self) -> Decision | None:
        """The decision that was not withdrawn."""
        return next((row for row in self.decisions if row.withdrawn_at is None), None)

    @property
    def open_questions(self) -> list[ReturnedItem]:
        """What the patient has not answered yet."""
        return [row for row in self.questions if row.answered_at is None]


@dataclass(frozen=True, slots=True)
class Chart:
    """Everything on one page. `names` gives the name behind each account that acted."""

    patient: Patient
    site: Site
    as_of: date
    history: JudgedHistory
    review: Review | None
    scores: Sequence[ScoredForm]
    alerts: Sequence[Alert]
    contacts: Sequence[Contact]
    orders: Sequence[Order]
    order_events: Sequence[OrderEvent]
    names: Mapping[UUID, str]

    @property
    def has_answers(self) -> bool:
        """Whether anything was submitted, now or in an earlier consultation: before that the rules know nothing."""
        is_submitted = self.review is not None and self.review.snapshot is not None
        return is_submitted or not self.history.is_empty

    @property
    def is_bipolar(self) -> bool:
        """Whether the signed diagnosis is a bipolar one."""
        return self.review is not None and evaluations.is_bipolar(self.review.evaluation)


def patient(patient_id: UUID) -> Patient:
    """One patient; raises `NoResultFound`."""
    return current_session().scalars(select(Patient).where(Patient.id == patient_id)).one()


def chart_of(patient_id: UUID, *, now: datetime) -> Chart:
    """The chart of a patient as it stands; about thirty queries, however long it is. Raises `NoResultFound`."""
    person = patient(patient_id)
    consultation = consultations.latest_of(patient_id)
    site = sites.site(consultation.site_id if consultation else person.home_site_id)
    as_of = local_day(now, site.timezone)
    review = _review(patient_id, consultation) if consultation else None
    is_bipolar = review is not None and evaluations.is_bipolar(review.evaluation)
    found_orders = orders.orders_of(patient_id)
    parts: dict[str, Any] = {
        "history": histories.judged_history(patient_id, as_of=as_of, is_bipolar=is_bipolar),
        "scores": scored_forms_of(patient_id),
        "alerts": alerts.alerts_of(patient_id),
        "contacts": contacts.contacts_of(patient_id),
        "orders": found_orders,
        "order_events": orders.events_of([order.id for order in found_orders]),
    }
    names = _names(_actors(review, parts))
    return Chart(patient=person, site=site, as_of=as_of, review=review, names=names, **parts)


def scored_forms_of(patient_id: UUID) -> list[ScoredForm]:
    """Every filled-in instrument, the newest first."""
    rows = select(scores.Score).where(scores.Score.patient_id == patient_id)
    found = current_session().scalars(rows.order_by(scores.Score.answered_at.desc(), scores.Score.id.desc()))
    return [
        ScoredForm(row, instruments.load(row.instrument), instruments.score(row.instrument, row.answers))
        for row in found
    ]


def _review(patient_id: UUID, consultation: Consultation) -> Review:
    submitted = consultations.snapshots_of(patient_id, consultation.id)
    return Review(
        consultation=consultation,
        evaluations=evaluations.evaluations_of(consultation.id),
        decisions=reviews.decisions_of(consultation.id),
        questions=reviews.returned_items_of(consultation.id),
        events=reviews.events_of(consultation.id),
        snapshot=submitted[-1] if submitted else None,
    )


def _actors(review: Review | None, parts: Mapping[str, Any]) -> set[UUID | None]:
    history: JudgedHistory = parts["history"]
    found: set[UUID | None] = {alert.acknowledged_by for alert in parts["alerts"]}
    found |= {alert.closed_by for alert in parts["alerts"]} | {contact.by_id for contact in parts["contacts"]}
    found |= {order.signed_by for order in parts["orders"]} | {event.by_id for event in parts["order_events"]}
    found |= {trial.override.by_id for trial in history.trials if trial.override}
    found |= {listed.clearance.by_id for listed in history.findings if listed.clearance}
    if review is not None:
        found |= {row.provider_id for row in review.evaluations} | {row.decided_by for row in review.decisions}
        found |= {row.asked_by for row in review.questions} | {row.actor_id for row in review.events}
        found.add(review.consultation.claimed_by)
    return found


def _names(ids: Iterable[UUID | None]) -> dict[UUID, str]:
    wanted = [one for one in ids if one is not None]
    rows = select(Account.id, Account.name).where(Account.id.in_(wanted))
    return dict(current_session().execute(rows).all())
