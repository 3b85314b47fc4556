"""Re-planning the rest of one series: what could be, then all of it in one transaction, or nothing."""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select

from intake.domain.amendments import Terms
from intake.domain.errors import DomainError
from intake.domain.scheduling import planning, values
from intake.domain.scheduling.explanations import Reason
from intake.domain.scheduling.planning import Infeasible, Plan
from intake.domain.scheduling.reading import patient_from_json
from intake.domain.scheduling.values import Slot
from intake.domain.sign_offs import limit_words, limits_of_changes, provider_reason
from intake.domain.statuses import LIVE_ORDER, LIVE_SERIES
from intake.extensions import current_session, transaction
from intake.models.orders import Order
from intake.models.replanning import SignOff
from intake.models.series import SeriesEvent
from intake.queries import misses, orders
from intake.queries import replanning as reads
from intake.queries import series as series_queries
from intake.queries.replanning import STRICT, Rest
from intake.services import audit, placing, replan_steps
from intake.services.claims import TAKEN, Taken
from intake.services.placing import NoLongerHolds
from intake.services.retries import retried

logger = logging.getLogger("intake.series")
CHANGED = "This series was changed meanwhile."
FROM_PATIENT = frozenset({"patient.available", "patient.unavailable_dates", "patient.pickup"})
"""The keys of a reason that the patient settles on the call; they are kept as wishes."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """What is left of a series, the plans that can be had for it, and why nothing may be booked, if so.

    `found` is None where nothing is left. `allowed` says what was allowed beyond the protocol; `terms` hold for it.
    `question` is what a provider has to answer after a miss before the desk may book.
    """

    rest: Rest
    terms: Terms
    found: Plan | Infeasible | None
    obstacles: tuple[str, ...] = ()
    allowed: tuple[str, ...] = ()
    question: Reason | None = None

    def rest_slots(self, plan: Plan) -> tuple[Slot, ...]:
        """The part of a plan that is not given yet."""
        count = max(self.terms.infusions - len(self.rest.given), 0)
        return plan.slots[len(plan.slots) - count :] if count else ()


def propose(
    order_id: UUID,
    *,
    now: datetime,
    must_move: Collection[UUID] = (),
    terms: Terms | None = None,
    alternatives: int = 2,
) -> Proposal:
    """The best plans for the rest of a booked series; `terms` are those that an amendment would bring.

    Nothing is written, and planning happens after the read has ended. Raises `NoResultFound` without a booked series.
    """
    order, row = orders.order(order_id), reads.booked_series(order_id)
    rest = reads.rest_of(row, order, now=now, must_move=must_move)
    return propose_rest(rest, terms or reads.terms_of(order, row), now=now, alternatives=alternatives)


def propose_rest(rest: Rest, known: Terms, *, now: datetime, alternatives: int = 2) -> Proposal:
    """The same for a rest that was read already."""
    order, row = orders.order(rest.order_id), reads.booked_series(rest.order_id)
    obstacles = tuple(series_queries.obstacles(order, [], today=rest.today))
    allowed = tuple(limit_words(known.limits))
    if known.infusions <= len(rest.given):
        return Proposal(rest, known, None, obstacles, allowed)
    asks = misses.needed(rest, known, order)
    question = misses.question(asks, rest, reads.protocol_under(known, order))
    obstacles += tuple(misses.obstacle(asks))
    case = reads.case_of(rest, order, row, now=now, terms=known)
    current_session().rollback()
    return Proposal(rest, known, _planned(case, alternatives), obstacles, allowed, question)


def _planned(case: values.Case, alternatives: int) -> Plan | Infeasible:
    """The plans, or the reasons: with what a provider would have to allow where no reason names one."""
    found = planning.plan_series(case, alternatives)
    if isinstance(found, Plan) or any(limits_of_changes(reason.changes) for reason in found.reasons):
        return found
    asked = provider_reason(case)
    return Infeasible((*found.reasons, asked)) if asked else found


def apply(
    order_id: UUID,
    slots: Sequence[Slot],
    *,
    token: str,
    request_key: UUID,
    actor_id: UUID,
    now: datetime,
    must_move: Collection[UUID] = (),
) -> UUID:
    """Bring the rest of a series to the times of a shown plan; returns the series. The same press again is harmless.

    `token` is that of the rest as it was shown. Raises `Taken` or `NoLongerHolds` with a fresh `Proposal` in `offer`
    when somebody was quicker or the series was changed meanwhile, or another `DomainError` for what no plan helps.
    """
    try:
        return _apply(
            order_id,
            tuple(slots),
            token=token,
            request_key=request_key,
            actor_id=actor_id,
            now=now,
            must_move=must_move,
        )
    except (Taken, NoLongerHolds) as error:
        raise with_offer(error, propose(order_id, now=now, must_move=must_move)) from error


@retried
def _apply(
    order_id: UUID,
    slots: tuple[Slot, ...],
    *,
    token: str,
    request_key: UUID,
    actor_id: UUID,
    now: datetime,
    must_move: Collection[UUID],
) -> UUID:
    with transaction() as session:
        standing = replan_steps.lock_series(session, order_id, actor_id=actor_id, now=now, must_move=must_move)
        if reads.replanned_with(request_key, standing.row.id):
            return standing.row.id
        if standing.order.status not in LIVE_ORDER:
            raise DomainError("This order is no longer in force. The provider can sign a new one.")
        if standing.rest.token != token:
            raise NoLongerHolds(CHANGED)
        terms = reads.terms_of(standing.order, standing.row)
        for sentence in misses.obstacle(misses.needed(standing.rest, terms, standing.order)):
            raise DomainError(sentence)
        changes = replan_steps.carry_out(standing, slots, terms, key=request_key)
        series_id = standing.row.id
    logger.info("series_replanned", extra={"series_id": series_id, "changes": len(changes)})
    return series_id


@retried
def keep_wishes(order_id: UUID, wishes: Mapping[str, Any], *, actor_id: UUID, now: datetime) -> None:
    """Keep what the patient can do from now on. Visits outside of it move with the next re-plan, nothing does yet.

    Raises `DomainError` for wishes that cannot be read, `NoResultFound` without a booked series.
    """
    patient_from_json({"earliest": now.date().isoformat(), **wishes}, needs_latest_start=False)
    with transaction() as session:
        standing = replan_steps.lock_series(session, order_id, actor_id=actor_id, now=now)
        row = standing.row
        if row.status not in LIVE_SERIES:
            raise DomainError("All infusions of this series are done.")
        row.wishes = {**wishes, STRICT: True}
        session.add(SeriesEvent(series_id=row.id, kind="wishes", at=now, by_id=actor_id))
        subject, patient_id = ("series", row.id), row.patient_id
        audit.add(session, actor_id=actor_id, action="series.wishes", subject=subject, now=now, patient_id=patient_id)


def wishes_after(order_id: UUID, reason: Reason) -> dict[str, Any] | None:
    """The wishes with a reason's change in them; None where the change is not the patient's to settle."""
    keys = {str(change["key"]) for change in reason.changes}
    if not keys or not keys <= FROM_PATIENT:
        return None
    row = reads.booked_series(order_id)
    changed = {str(change["key"]).removeprefix("patient."): change["to"] for change in reason.changes}
    return {**{name: value for name, value in row.wishes.items() if name != STRICT}, **changed}


@retried
def ask_provider(order_id: UUID, reason: Reason, *, actor_id: UUID, now: datetime) -> UUID:
    """Ask a provider to allow what a reason needs; returns the request. One that is open already is brought up to date.

    Raises `DomainError` for a reason that no provider can settle.
    """
    limits = limits_of_changes(reason.changes)
    if limits is None:
        raise DomainError("This is not for the provider to allow.")
    with transaction() as session:
        patient_id = session.scalars(select(Order.patient_id).where(Order.id == order_id)).one()
        placing.lock_patient(session, patient_id)
        order = placing.lock_order(session, order_id)
        if order.status not in LIVE_ORDER:
            raise DomainError("This order is no longer in force. The provider can sign a new one.")
        rows = select(SignOff).where(SignOff.order_id == order_id, SignOff.decided_at.is_(None))
        row = session.scalars(rows.with_for_update()).first()
        if row is None:
            row = SignOff(order_id=order_id, limits={}, words="", asked_by=actor_id, asked_at=now)
            session.add(row)
        row.limits, row.words = limits, reason.text[:400]
        subject = ("sign_off", row.id)
        audit.add(session, actor_id=actor_id, action="sign-off.ask", subject=subject, now=now, patient_id=patient_id)
        return row.id


def with_offer(error: Taken | NoLongerHolds, offer: Proposal) -> Taken | NoLongerHolds:
    """The same refusal with what is free instead, planned after the transaction has ended."""
    if offer.found is None or isinstance(offer.found, Plan):
        rest = "This is the best that is free now."
    else:
        rest = offer.found.reasons[0].text if offer.found.reasons else "No plan fits these days and hours."
    if isinstance(error, Taken):
        return Taken(f"{TAKEN} {rest}", offer=offer)
    return NoLongerHolds(f"{error.message} {rest}", offer=offer)
