"""Amending an order: what it would do is shown first, then signed with the re-plan of its series in one transaction."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import NoResultFound
from sqlalchemy.orm import Session

from intake.domain.amendments import Amendment, AmendmentKind, Progress, Terms, amended, cautions
from intake.domain.clinic_time import local_day
from intake.domain.errors import DomainError
from intake.domain.roles import Permission
from intake.domain.scheduling import values
from intake.domain.scheduling.misses import MissRule
from intake.domain.scheduling.replanning import Fate, changes_between
from intake.domain.scheduling.values import Slot
from intake.domain.statuses import LIVE_ORDER
from intake.extensions import transaction
from intake.models.orders import Order
from intake.models.replanning import SignOff
from intake.models.series import Series
from intake.queries import amendments as amendment_reads
from intake.queries import orders, patient_search, sites
from intake.queries import replanning as reads
from intake.queries import series as series_queries
from intake.queries.replanning import Booked, Rest
from intake.services import amendment_rows, order_stops, permissions, placing, replan_steps, replanning
from intake.services.claims import Taken
from intake.services.placing import NoLongerHolds
from intake.services.replan_swap import Standing
from intake.services.replanning import CHANGED, Proposal
from intake.services.retries import retried

logger = logging.getLogger("intake.orders")
NOT_IN_FORCE = "This order is no longer in force."


@dataclass(frozen=True, slots=True)
class Preview:
    """What an amendment would do, before it is signed.

    `proposal` is None where no series is booked. `released` lists the visits that cannot stand: they go at once when
    it is signed without new times.
    """

    before: Terms
    after: Terms
    proposal: Proposal | None
    released: tuple[Booked, ...]
    cautions: tuple[str, ...]


def preview(order_id: UUID, change: Amendment, *, now: datetime, alternatives: int = 2) -> Preview:
    """Plan what an amendment would do to a series; nothing is written.

    Raises `DomainError` beside the field for what cannot be amended so, `NoResultFound` for an unknown order.
    """
    order, row = orders.order(order_id), _booked_of(order_id)
    before = reads.terms_of(order, row or series_queries.series_of_order(order_id))
    rest = reads.rest_of(row, order, now=now) if row else None
    progress = _progress(rest, order, now)
    after = amended(before, change, progress, _protocol_after(before, change, order))
    noted = tuple(cautions(change, after, progress, MissRule.of(order.protocol.rules)))
    if row is None:
        return Preview(before, after, None, (), noted)
    moved = rest_under(row, order, change, after, now=now)
    found = replanning.propose_rest(moved, after, now=now, alternatives=alternatives)
    return Preview(before, after, found, tuple(forbidden(moved, change, after)), noted)


def sign(
    order_id: UUID,
    change: Amendment,
    *,
    slots: Sequence[Slot] | None,
    token: str,
    request_key: UUID,
    actor_id: UUID,
    now: datetime,
    sign_off_id: UUID | None = None,
) -> None:
    """Sign an amendment and, with `slots`, bring the rest of the series to these times in the same transaction.

    Without `slots` what cannot stand is released and the desk finds new times. Visits are only taken away from a
    patient who was told within a week. The second factor was asked for before. The same press again is harmless.
    Raises `Taken` or `NoLongerHolds` with a fresh `Preview` in `offer`, or another `DomainError`.
    """
    try:
        _sign(
            order_id,
            change,
            None if slots is None else tuple(slots),
            token=token,
            request_key=request_key,
            actor_id=actor_id,
            now=now,
            sign_off_id=sign_off_id,
        )
    except (Taken, NoLongerHolds) as error:
        error.offer = preview(order_id, change, now=now)
        raise


@retried
def _sign(
    order_id: UUID,
    change: Amendment,
    slots: tuple[Slot, ...] | None,
    *,
    token: str,
    request_key: UUID,
    actor_id: UUID,
    now: datetime,
    sign_off_id: UUID | None,
) -> None:
    with transaction() as session:
        permissions.check(session, actor_id, Permission.SIGN_ORDER)
        order = _lock_order(session, order_id)
        if amendment_reads.amended_with(order_id, request_key) is not None:
            return
        if order.status not in LIVE_ORDER:
            raise DomainError(NOT_IN_FORCE)
        row = _booked_of(order_id)
        before = reads.terms_of(order, row or series_queries.series_of_order(order_id))
        rest = reads.rest_of(row, order, now=now) if row else None
        if rest is not None and rest.token != token:
            raise NoLongerHolds(CHANGED)
        after = amended(before, change, _progress(rest, order, now), _protocol_after(before, change, order))
        amendment_rows.write(session, order, row, after)
        if row is not None:
            _carry_out(session, order, row, change, after, slots, request_key, actor_id, now)
        amendment_rows.note(session, order, change, (before, after), request_key, actor_id, now)
        amendment_rows.decide(session, order, sign_off_id, True, change.reason, actor_id, now)
    logger.info("order_amended", extra={"order_id": order_id, "kind": change.kind.value})


@retried
def decline(sign_off_id: UUID, reason: str, *, actor_id: UUID, now: datetime) -> None:
    """Say no to what the desk asks to be allowed. Twice is harmless. Raises `DomainError` without a reason."""
    if not reason.strip():
        raise DomainError("Write why not.", field="reason")
    with transaction() as session:
        permissions.check(session, actor_id, Permission.SIGN_ORDER)
        order_id = session.scalars(select(SignOff.order_id).where(SignOff.id == sign_off_id)).one()
        amendment_rows.decide(session, _lock_order(session, order_id), sign_off_id, False, reason, actor_id, now)


def rest_under(row: Series, order: Order, change: Amendment, after: Terms, *, now: datetime) -> Rest:
    """The rest of a series as it stands under the terms of an amendment: what a pause keeps stays in its place."""
    rest = reads.rest_of(row, order, now=now, restarts=after.restarts if change.kind is AmendmentKind.PAUSE else None)
    if change.kind is not AmendmentKind.PAUSE or change.after is None:
        return rest
    standing = sorted((*rest.given, *rest.coming), key=lambda one: (one.slot.day, one.slot.start))
    late = frozenset(one.id for one in standing[change.after :])
    return reads.rest_of(row, order, now=now, restarts=after.restarts, must_move=late)


def forbidden(rest: Rest, change: Amendment, after: Terms) -> list[Booked]:
    """The booked visits that an amendment leaves no place for: in a pause, past the last one, while away."""
    if change.kind is AmendmentKind.PAUSE:
        return [one for one in rest.coming if one.slot.day < max(after.restarts)]
    if change.kind is AmendmentKind.COUNT:
        kept = max(after.infusions - len(rest.given), 0)
        return list(rest.coming[kept:])
    return [one for one in rest.coming if one.slot.day in after.away]


def _carry_out(
    session: Session,
    order: Order,
    row: Series,
    change: Amendment,
    after: Terms,
    slots: tuple[Slot, ...] | None,
    key: UUID,
    actor_id: UUID,
    now: datetime,
) -> None:
    """New times for the rest, or the release of what cannot stand; raises unless who loses a visit was told."""
    rest = rest_under(row, order, change, after, now=now)
    standing = _standing(session, order, row, rest, actor_id, now)
    detail = {"amendment": change.kind.value}
    if change.kind is AmendmentKind.BOOSTERS:
        return
    if slots is None:
        gone = [standing.rows[one.id] for one in forbidden(rest, change, after)]
        if gone:
            order_stops.check_told(session, order, now)
        replan_steps.release_only(standing, gone, key=key, detail=detail)
        return
    fates = [one.fate for one in changes_between([one.slot for one in rest.coming], sorted_slots(slots))]
    if Fate.RELEASED in fates:
        order_stops.check_told(session, order, now)
    replan_steps.carry_out(standing, slots, after, key=key, detail=detail)


def sorted_slots(slots: Sequence[Slot]) -> list[Slot]:
    """Times in their order."""
    return sorted(slots, key=lambda slot: (slot.day, slot.start))


def _standing(session: Session, order: Order, row: Series, rest: Rest, actor_id: UUID, now: datetime) -> Standing:
    rows = {one.id: one for one in series_queries.infusions_of(row.id)}
    return Standing(session, order, row, placing.lock_patient(session, order.patient_id), rest, rows, now, actor_id)


def _lock_order(session: Session, order_id: UUID) -> Order:
    """The patient first, then the order for oneself: bookings hold it shared."""
    patient_id = session.scalars(select(Order.patient_id).where(Order.id == order_id)).one()
    placing.lock_patient(session, patient_id)
    return session.scalars(select(Order).where(Order.id == order_id).with_for_update(of=Order)).one()


def _booked_of(order_id: UUID) -> Series | None:
    try:
        return reads.booked_series(order_id)
    except NoResultFound:
        return None


def _progress(rest: Rest | None, order: Order, now: datetime) -> Progress:
    if rest is not None:
        return reads.progress_of(rest, order)
    known = series_queries.series_of_order(order.id)
    wanted = known.site_id if known else orders.site_wanted(order)
    site_id = wanted or patient_search.patient(order.patient_id).home_site_id
    return Progress((), (), local_day(now, sites.timezone_of(site_id)), order.expires_on)


def _protocol_after(before: Terms, change: Amendment, order: Order) -> values.Protocol:
    """The recipe that holds after an amendment, without what was allowed beyond another one."""
    changed = change.kind is AmendmentKind.CADENCE and change.protocol_id is not None
    if changed and change.protocol_id not in {row.id for row in sites.current_protocols()}:
        raise DomainError("This protocol was changed or retired meanwhile: choose again.", field="protocol")
    protocol_id = change.protocol_id if changed and change.protocol_id else before.protocol_id
    plain = replace(before, protocol_id=protocol_id, limits={})
    return reads.protocol_under(plain, order)
