"""Signing, clearing and stopping an order."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import func, select
from uuid_utils.compat import uuid7

from intake.domain.errors import DomainError
from intake.domain.orders import OrderEntry
from intake.domain.reviews import Channel, ContactEntry, ContactOutcome
from intake.domain.roles import Role
from intake.domain.scheduling.protocols import default_regime
from intake.domain.statuses import ConsultationStatus, OrderStatus, SeriesStatus, Status
from intake.extensions import db, transaction
from intake.models.appointments import Appointment, SlotClaim
from intake.models.messages import Message
from intake.models.orders import Order, OrderEvent
from intake.models.reviews import Decision
from intake.models.series import Series
from intake.models.sites import Protocol
from intake.queries import orders as reads
from intake.queries import series as series_reads
from intake.services import contacts, order_stops, orders
from intake.services.errors import NotAllowed
from tests.charts import STOP_MEDICINE, a_medicine, a_trial
from tests.factories import (
    NOW,
    a_consultation,
    a_patient,
    a_protocol,
    a_provider,
    a_site,
    an_account,
    an_evaluation,
)
from tests.racing import race
from tests.refusing import refused

TODAY = date(2026, 12, 1)


class Case:
    """An accepted patient with a signed visit, and an order ready to be signed."""

    def __init__(self, *, evaluated: bool = True, decision: str | None = "accepted", **visit: Any) -> None:
        self.provider, self.site = a_provider(), a_site()
        self.patient = a_patient(self.site)
        self.consultation = a_consultation(self.patient, status=ConsultationStatus.ACCEPTED)
        self.evaluation = an_evaluation(self.consultation, self.provider, **visit) if evaluated else uuid7()
        if decision:
            self._decide(decision)
        regime = default_regime("taper")
        self.entry = OrderEntry(
            a_protocol(name=f"Acute {uuid7()}"), 0.5, TODAY + timedelta(days=90), regime.regime, regime.name
        )

    def _decide(self, kind: str) -> None:
        with transaction() as session:
            values = {"kind": kind, "statement": {}, "decided_by": self.provider, "decided_at": NOW}
            session.add(Decision(consultation_id=self.consultation, effective_at=NOW, **values))

    def sign(self, *, actor: UUID | None = None, key: UUID | None = None, **changes: Any) -> UUID:
        return orders.sign(
            self.consultation,
            replace(self.entry, **changes),
            evaluation_id=self.evaluation,
            request_key=key or uuid7(),
            actor_id=actor or self.provider,
            now=NOW,
        )


def count_of(model: type) -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def test_a_signed_order_keeps_protocol_dose_weight_and_what_it_rests_on() -> None:
    case = Case(weight_kg=81.6)
    a_trial(case.patient)
    order = db.session.get_one(Order, case.sign(conditions=("ECG seen",)))
    assert (order.status, order.infusions, order.weight_kg) == (OrderStatus.SIGNED, 6, 81.6)
    assert [condition.text for condition in order.conditions] == ["ECG seen"]
    assert order.frozen["dose"]["mg"] == 41
    assert order.frozen["counts"]["adequate_failed"] == 1
    assert order.frozen["protocol"]["version"] == 1
    assert series_reads.regime_of(order).steps[0].every_days == 7


def test_no_order_without_a_signed_evaluation() -> None:
    with pytest.raises(DomainError, match="evaluation"):
        Case(evaluated=False).sign()
    assert count_of(Order) == 0


def test_no_order_without_an_acceptance_in_effect() -> None:
    for case in (Case(decision=None), Case(decision="declined")):
        with refused(DomainError, match="not accepted"):
            case.sign()


def test_no_order_on_a_visit_older_than_ninety_days() -> None:
    Case(held_at=NOW - timedelta(days=90)).sign()
    older = Case(held_at=NOW - timedelta(days=90, minutes=1))
    with refused(DomainError, match="90 days"):
        older.sign()


def test_no_order_on_a_visit_that_was_corrected_meanwhile() -> None:
    case = Case()
    an_evaluation(case.consultation, case.provider, replaces_id=case.evaluation)
    with refused(DomainError, match="corrected"):
        case.sign()


def test_no_order_while_a_stop_finding_is_open() -> None:
    case = Case()
    a_medicine(case.patient, STOP_MEDICINE)
    with refused(DomainError, match="stop finding"):
        case.sign()


def test_no_second_order_while_one_is_in_force() -> None:
    case = Case()
    case.sign()
    with refused(DomainError, match="in force"):
        case.sign()


def test_an_expired_order_does_not_stand_in_the_way() -> None:
    case = Case()
    first = case.sign()
    with transaction() as session:
        session.get_one(Order, first).expires_on = TODAY - timedelta(days=1)
    assert case.sign() != first


def test_a_retired_protocol_cannot_be_ordered() -> None:
    case = Case()
    with transaction() as session:
        session.get_one(Protocol, case.entry.protocol_id).retired_at = NOW
    with refused(DomainError) as refusal:
        case.sign()
    assert refusal.value.field == "protocol"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"dose_mg_per_kg": 0}, "dose_mg_per_kg"),
        ({"dose_mg_per_kg": -0.5}, "dose_mg_per_kg"),
        ({"dose_mg_per_kg": 3.1, "dose_reason": "x"}, "dose_mg_per_kg"),
        ({"dose_mg_per_kg": 0.4}, "dose_reason"),
        ({"dose_mg_per_kg": 1.1}, "dose_reason"),
        ({"expires_on": TODAY}, "expires_on"),
        ({"expires_on": TODAY + timedelta(days=181)}, "expires_on"),
        ({"conditions": ("x",) * 21}, "conditions"),
    ],
)
def test_a_hostile_or_mistyped_order_is_refused_beside_its_field(changes: dict[str, Any], field: str) -> None:
    case = Case()
    with pytest.raises(DomainError) as refusal:
        case.sign(**changes)
    assert refusal.value.field == field
    assert count_of(Order) == 0


def test_a_dose_outside_the_usual_range_needs_its_reason_and_keeps_it() -> None:
    order = db.session.get_one(Order, Case().sign(dose_mg_per_kg=0.4, dose_reason="Frail; start low."))
    assert order.frozen["dose_reason"] == "Frail; start low."


def test_the_same_press_twice_is_one_order() -> None:
    case, key = Case(), uuid7()
    assert case.sign(key=key) == case.sign(key=key)
    assert count_of(Order) == 1


@pytest.mark.parametrize("changes", [{"dose_mg_per_kg": 0.45}, {"conditions": ("ECG",)}])
def test_another_order_under_the_same_key_is_refused_not_lost(changes: dict[str, Any]) -> None:
    case, key = Case(), uuid7()
    case.sign(key=key)
    with pytest.raises(DomainError, match="sent before"):
        case.sign(key=key, **changes)
    assert count_of(Order) == 1


def test_two_presses_at_once_are_one_order(app: Flask) -> None:
    case, key = Case(), uuid7()
    answers = race(app, lambda _number: case.sign(key=key), 4)
    assert len({str(answer) for answer in answers}) == 1
    assert count_of(Order) == 1


def test_two_providers_who_sign_at_once_make_one_order(app: Flask) -> None:
    case, other = Case(), a_provider()

    def racer(number: int) -> str:
        try:
            case.sign(actor=(case.provider, other)[number])
        except DomainError as error:
            return error.message
        return "signed"

    answers = race(app, racer, 2)
    assert answers.count("signed") == 1 and any("in force" in answer for answer in answers)
    assert count_of(Order) == 1


@pytest.mark.parametrize("role", [Role.NURSE, Role.DESK, Role.MANAGER, Role.PATIENT])
def test_only_providers_sign_meet_and_stop(role: Role) -> None:
    case = Case()
    order = case.sign(conditions=("ECG seen",))
    condition = db.session.get_one(Order, order).conditions[0].id
    actor = an_account(role)
    for act in (
        lambda: case.sign(actor=actor),
        lambda: orders.meet_condition(condition, actor_id=actor, now=NOW),
        lambda: order_stops.stop(order, "No response.", actor_id=actor, now=NOW),
    ):
        with refused(NotAllowed):
            act()


def test_a_condition_is_met_once_and_by_whom_it_was_first() -> None:
    case = Case()
    order = case.sign(conditions=("ECG seen", "Letter"))
    condition = db.session.get_one(Order, order).conditions[0]
    condition_id = condition.id
    for actor in (case.provider, a_provider()):
        orders.meet_condition(condition_id, actor_id=actor, now=NOW)
    row = db.session.get_one(Order, order)
    assert [one.met_by for one in row.conditions if one.id == condition_id] == [case.provider]
    assert len(reads.open_conditions(row)) == 1


def test_the_desk_finds_orders_that_wait_to_be_booked() -> None:
    case = Case()
    order = case.sign(conditions=("ECG seen",))
    (waiting,) = reads.awaiting_booking(case.site, as_of=TODAY)
    assert (waiting.order.id, waiting.patient.id, waiting.open_conditions) == (order, case.patient, 1)
    assert reads.awaiting_booking(a_site()) == []
    assert reads.awaiting_booking(case.site, as_of=TODAY + timedelta(days=91)) == []
    assert [row.id for row in reads.open_orders_of(case.patient)] == [order]


@pytest.mark.parametrize(
    ("status", "waits"),
    [
        (SeriesStatus.PROPOSED, True),
        (SeriesStatus.BOOKED, False),
        (SeriesStatus.COMPLETED, False),
        (SeriesStatus.STOPPED, True),
    ],
)
def test_an_order_waits_unless_a_series_is_laid_out(status: SeriesStatus, waits: bool) -> None:
    case = Case()
    a_series(case, case.sign(), status)
    assert bool(reads.open_orders_of(case.patient)) is waits


def a_series(case: Case, order: UUID, status: SeriesStatus) -> UUID:
    with transaction() as session:
        row = Series(
            order_id=order,
            patient_id=case.patient,
            site_id=case.site,
            status=status,
            wishes={},
            cost=0,
            breakdown={},
            request_key=uuid7(),
            booked_by=case.provider,
            booked_at=NOW,
        )
        session.add(row)
        return row.id


def tell(patient: UUID, actor: UUID, *, safe: bool = True) -> None:
    entry = ContactEntry(NOW, Channel.PHONE, ContactOutcome.REACHED, safe, "Told; next step agreed.")
    contacts.record(patient, entry, request_key=uuid7(), actor_id=actor, now=NOW)


def test_an_order_is_stopped_only_after_a_contact_with_a_safety_check() -> None:
    case = Case()
    order = case.sign()
    with pytest.raises(DomainError, match="contact"):
        order_stops.stop(order, "No response.", actor_id=case.provider, now=NOW)
    tell(case.patient, case.provider, safe=False)
    with pytest.raises(DomainError, match="contact"):
        order_stops.stop(order, "No response.", actor_id=case.provider, now=NOW)
    tell(case.patient, case.provider)
    for _press in range(2):
        order_stops.stop(order, "No response.", actor_id=case.provider, now=NOW)
    assert db.session.get_one(Order, order).status is OrderStatus.STOPPED
    assert count_of(OrderEvent) == 2  # signed, stopped


def test_a_stop_needs_a_reason() -> None:
    case = Case()
    order = case.sign()
    with refused(DomainError) as refusal:
        order_stops.stop(order, "  ", actor_id=case.provider, now=NOW)
    assert refusal.value.field == "reason"


def test_a_stop_releases_coming_visits_and_their_places_and_leaves_what_was_done() -> None:
    case = Case()
    order = case.sign()
    series = a_series(case, order, SeriesStatus.BOOKED)
    done = a_visit(case, order, series, 1, -2, Status.FULFILLED)
    coming = a_visit(case, order, series, 2, 2, Status.BOOKED)
    tell(case.patient, case.provider)
    assert order_stops.stop(order, "No response.", actor_id=case.provider, now=NOW) == 1
    assert db.session.get_one(Appointment, done).status is Status.FULFILLED
    assert db.session.get_one(Appointment, coming).status is Status.CANCELLED
    assert db.session.get_one(Series, series).status is SeriesStatus.STOPPED
    assert count_of(SlotClaim) == 1  # of the one that was done
    assert db.session.scalars(select(Message.kind)).all() == ["cancelled"]


def a_visit(case: Case, order: UUID, series: UUID, number: int, days: int, status: Status) -> UUID:
    starts_at = NOW + timedelta(days=days)
    with transaction() as session:
        row = Appointment(
            site_id=case.site,
            patient_id=case.patient,
            kind="infusion",
            order_id=order,
            series_id=series,
            number=number,
            on_date=starts_at.date(),
            starts_at=starts_at,
            ends_at=starts_at + timedelta(minutes=15),
            turnover_minutes=0,
            watch_profile=[],
            status=status,
            booked_by=a_desk_of(session),
            booked_at=NOW,
        )
        session.add(row)
        session.flush()
        claim = SlotClaim(site_id=case.site, resource=f"patient:{case.patient}", slot_at=starts_at)
        claim.appointment_id = row.id
        session.add(claim)
        return row.id


def a_desk_of(session: Any) -> UUID:
    """Whoever booked: anybody will do."""
    return UUID(str(session.scalars(select(Order.signed_by)).first()))
