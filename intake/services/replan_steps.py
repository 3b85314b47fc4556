"""Shared steps of every re-plan: lock the series, check the new times, swap rows and claims. Inside one transaction.

The order of locks is that of `placing`: patient, order, shifts, appointments, claims.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from intake.domain import statuses
from intake.domain.amendments import Terms
from intake.domain.scheduling.replanning import Change, Fate, changes_between, faults_over_pauses
from intake.domain.scheduling.values import Slot
from intake.domain.statuses import LIVE, SeriesStatus, Status
from intake.models.appointments import Appointment
from intake.models.orders import Order
from intake.models.series import Series, SeriesEvent
from intake.models.sites import Site
from intake.queries import misses, sites
from intake.queries import replanning as reads
from intake.queries import series as series_queries
from intake.queries.schedules import Leave
from intake.services import audit, booking_messages, messages, placing
from intake.services.placing import Ground, NoLongerHolds
from intake.services.replan_swap import Standing, Turn, swap

REASON = "other"
"""Why an infusion moved, where nobody chose a reason from the list."""


def lock_series(
    session: Session,
    order_id: UUID,
    *,
    actor_id: UUID,
    now: datetime,
    must_move: Collection[UUID] = (),
    for_update: bool = False,
) -> Standing:
    """Patient, order, series and infusions behind their locks; `for_update` where the order itself changes.

    Raises `NoResultFound` for an order without a booked series.
    """
    patient_id = session.scalars(select(Order.patient_id).where(Order.id == order_id)).one()
    patient = placing.lock_patient(session, patient_id)
    if for_update:
        session.scalars(select(Order.id).where(Order.id == order_id).with_for_update(of=Order)).one()
    order = placing.lock_order(session, order_id)
    row = reads.booked_series(order_id)
    session.scalars(select(Series.id).where(Series.id == row.id).with_for_update()).one()
    rest = reads.rest_of(row, order, now=now, must_move=must_move)
    infusions = series_queries.infusions_of(row.id)
    return Standing(session, order, row, patient, rest, {one.id: one for one in infusions}, now, actor_id)


def carry_out(
    standing: Standing,
    slots: Sequence[Slot],
    terms: Terms,
    *,
    key: UUID,
    kind: str = reads.REPLANNED,
    detail: dict[str, Any] | None = None,
    reason: str = REASON,
) -> list[Change]:
    """Bring the rest of a series to these times: every change or none. Returns what became of each infusion.

    `slots` are those of the rest only. Raises `Taken` or `NoLongerHolds`; the caller's transaction then rolls back.
    """
    ordered = sorted(slots, key=lambda slot: (slot.day, slot.start))
    site = sites.site(terms.site_id or standing.row.site_id)
    turns, ground = _checked(standing, ordered, terms, site)
    changes = changes_between([one.slot for one in standing.rest.coming], ordered)
    gone = [_row_of(standing, change) for change in changes if change.fate is Fate.RELEASED]
    released = [row for row in gone if row is not None]
    was = {one.id: (one.starts_at, one.site_id) for one in standing.rows.values()}
    swap(standing, turns, released, site, ground, reason)
    _tell(standing, released, was, site, key)
    _record(standing, changes, kind, key, detail or {})
    return changes


def release_only(
    standing: Standing, gone: Sequence[Appointment], *, key: UUID, detail: dict[str, Any], reason: str = REASON
) -> None:
    """Release visits that an amendment forbids and leave the rest of the series to the desk; one message for all."""
    site = sites.site(standing.row.site_id)
    was = {one.id: (one.starts_at, one.site_id) for one in standing.rows.values()}
    swap(standing, [], gone, site, None, reason)
    _tell(standing, gone, was, site, key)
    changes = [Change(Fate.RELEASED, place, None, None) for place in range(len(gone))]
    _record(standing, changes, reads.TO_DESK, key, detail)


def _checked(standing: Standing, ordered: Sequence[Slot], terms: Terms, site: Site) -> tuple[list[Turn], Ground | None]:
    """The new times against every rule of the site, the patient and the series as they stand now."""
    rest, order = standing.rest, standing.order
    protocol = misses.with_miss(reads.protocol_under(terms, order), rest, terms, order)
    first = len(rest.given) + 1
    wanted = max(terms.infusions - len(rest.given), 0)
    if len(ordered) != wanted:
        raise NoLongerHolds(f"{wanted} infusions are left to plan.")
    changes = changes_between([one.slot for one in rest.coming], ordered)
    turns = [
        Turn(change, _row_of(standing, change), number, protocol.session(number))
        for number, change in enumerate((c for c in changes if c.after is not None), first)
    ]
    days = [slot.day for slot in ordered]
    if not days:
        return turns, None
    leave = Leave(appointment_ids=frozenset(one.id for one in rest.coming))
    ground = placing.stand(standing.session, site.id, standing.patient, days, now=standing.now, leave=leave)
    placing.refuse_obstacles(standing.order, days, rest.today)
    patient = reads.patient_of(rest, standing.order, standing.row, terms, now=standing.now)
    known = placing.wishes_of(ground, days, patient, leave=leave)
    placing.check(ground, [turn.sitting for turn in turns], known)
    dates = [one.slot.day for one in rest.given] + days
    placing.refuse_faults(faults_over_pauses(dates, protocol, terms.restarts, done=len(rest.given)))
    if known.not_after is not None and days[-1] > known.not_after:
        raise NoLongerHolds("The last infusion would be after the last date allowed.")
    return turns, ground


def _row_of(standing: Standing, change: Change) -> Appointment | None:
    return None if change.place is None else standing.rows[standing.rest.coming[change.place].id]


def _tell(
    standing: Standing,
    released: Sequence[Appointment],
    was: dict[UUID, tuple[datetime, UUID]],
    site: Site,
    key: UUID,
) -> None:
    """One message for everything; who only changes chairs hears nothing. A cancellation on its way is in it too."""
    session, row = standing.session, standing.row
    live = [one for one in series_queries.infusions_of(row.id) if one.status in LIVE and one.starts_at > standing.now]
    moved: list[tuple[Appointment, datetime | None]] = [
        (one, was[one.id][0] if one.id in was else None)
        for one in live
        if was.get(one.id) != (one.starts_at, one.site_id)
    ]
    moved += [(one, was[one.id][0]) for one in released]
    if not moved:
        return
    waiting = [standing.rows[lost.id] for lost in standing.rest.lost]
    moved += [(one, one.starts_at) for one in waiting if messages.has_unsent(session, one.id)]
    messages.void_with_key(session, f"series:{row.id}:confirmation", standing.now)
    booking_messages.tell_replanned(
        session, f"series:{row.id}:replanned:{key}", moved, live, standing.patient, site, now=standing.now
    )


def _record(standing: Standing, changes: Sequence[Change], kind: str, key: UUID, detail: dict[str, Any]) -> None:
    session, row = standing.session, standing.row
    counts = {fate.value: sum(change.fate is fate for change in changes) for fate in Fate}
    noted = {**detail, **{name: count for name, count in counts.items() if count}}
    event = {"detail": noted, "request_key": key, "at": standing.now, "by_id": standing.actor_id}
    session.add(SeriesEvent(series_id=row.id, kind=kind, **event))
    row.wishes = {name: value for name, value in row.wishes.items() if name != reads.STRICT}
    _set_status(standing)
    audit.add(
        session,
        actor_id=standing.actor_id,
        action=f"series.{kind}",
        subject=("series", row.id),
        now=standing.now,
        patient_id=row.patient_id,
        site_id=row.site_id,
        detail=noted,
    )


def _set_status(standing: Standing) -> None:
    """A series is complete when all that its order says is done, and open while an infusion is to come."""
    live = [one for one in series_queries.infusions_of(standing.row.id) if one.status in LIVE]
    is_done = len(live) >= standing.order.infusions and all(one.status is Status.FULFILLED for one in live)
    target = SeriesStatus.COMPLETED if is_done else SeriesStatus.BOOKED
    if standing.row.status is not target:
        standing.row.status = statuses.move(standing.row.status, target)
