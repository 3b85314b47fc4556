"""A series from wishes to six booked infusions: all of them in one transaction, or none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from intake.domain import clinic_time
from intake.domain.errors import DomainError
from intake.domain.scheduling import planning, values
from intake.domain.scheduling.costs import breakdown_of, charges
from intake.domain.scheduling.planning import Infeasible, Plan
from intake.domain.scheduling.reading import patient_from_json
from intake.domain.scheduling.series_rules import series_faults
from intake.domain.statuses import SeriesStatus, move
from intake.extensions import current_session, transaction
from intake.models.appointments import SlotHold
from intake.models.orders import Order
from intake.models.people import Patient
from intake.models.series import Series, SeriesEvent
from intake.queries import appointments as appointment_queries
from intake.queries import cases, orders, schedules, sites
from intake.queries import series as series_queries
from intake.services import audit, booking_messages, claims, holds, placing
from intake.services.appointment_steps import flush
from intake.services.claims import TAKEN, Owner, Taken
from intake.services.placing import Ground, NewTime, NoLongerHolds, Sitting
from intake.services.retries import retried

BOOKED_ALREADY = "These infusions are booked already."


@dataclass(frozen=True, slots=True)
class Booking:
    """What a transaction of `book` works on."""

    order: Order
    patient: Patient
    row: Series
    hold: SlotHold | None
    slots: tuple[values.Slot, ...]


@retried
def keep_wishes(
    order_id: UUID, wishes: Mapping[str, Any], *, site_id: UUID, request_key: UUID, actor_id: UUID, now: datetime
) -> UUID:
    """Keep what the patient can do and wants, in the planning format; returns the series, which is only proposed.

    Raises `DomainError` for a series that is booked already, or for wishes that cannot be read.
    """
    patient_from_json({"earliest": now.date().isoformat(), **wishes}, needs_latest_start=False)
    with transaction() as session:
        _patient, order = _lock(session, order_id)
        row = _proposed(session, order, site_id, request_key, actor_id, now)
        is_first = not row.wishes
        row.site_id = (orders.site_wanted(order) if is_first else None) or site_id
        row.wishes = _with_days_away(wishes, order)
        subject = ("series", row.id)
        audit.add(
            session, actor_id=actor_id, action="series.wishes", subject=subject, now=now, patient_id=order.patient_id
        )
        return row.id


def _with_days_away(wishes: Mapping[str, Any], order: Order) -> dict[str, Any]:
    """The wishes with the dates that a provider noted while there were none to keep them."""
    away = {day.isoformat() for day in orders.away_of(order)} | set(wishes.get("unavailable_dates", []))
    return {**wishes, "unavailable_dates": sorted(away)} if away else dict(wishes)


def propose(order_id: UUID, *, now: datetime, alternatives: int = 2) -> Plan | Infeasible:
    """The best plan for all infusions of an order and others beside it, from the wishes kept; nothing is written.

    Where there is none, what to relax. Own places on hold count as free. Raises `NoResultFound` without wishes.
    """
    found = planning.plan_series(_case(order_id, now), alternatives)
    if isinstance(found, Infeasible):
        wider = _case(order_id, now, with_other_sites=True)
        found = planning.plan_series(wider, alternatives) if wider.other_sites else found
    return found


def hold(order_id: UUID, slots: Sequence[values.Slot], *, actor_id: UUID, now: datetime) -> UUID:
    """Keep the places of a shown plan for ten minutes; returns the hold.

    Raises `Taken` or `NoLongerHolds` with a fresh plan in `offer`, or another `DomainError`.
    """
    try:
        return _hold(order_id, tuple(slots), actor_id=actor_id, now=now)
    except (Taken, NoLongerHolds) as error:
        raise _with_offer(error, order_id, now) from error


def book(order_id: UUID, slots: Sequence[values.Slot], *, request_key: UUID, actor_id: UUID, now: datetime) -> UUID:
    """Book all infusions of a shown plan, or none; returns the series. A repeat of the key answers with the first.

    Raises `Taken` or `NoLongerHolds` with a fresh plan in `offer`, or another `DomainError` for what no plan helps.
    """
    try:
        return _book(order_id, tuple(slots), None, request_key=request_key, actor_id=actor_id, now=now)
    except (Taken, NoLongerHolds) as error:
        raise _with_offer(error, order_id, now) from error


def confirm(order_id: UUID, hold_id: UUID, *, request_key: UUID, actor_id: UUID, now: datetime) -> UUID:
    """Book the places of a hold. Raises `NoLongerHolds` with a fresh plan in `offer` once it has run out."""
    try:
        return _book(order_id, (), hold_id, request_key=request_key, actor_id=actor_id, now=now)
    except (Taken, NoLongerHolds) as error:
        raise _with_offer(error, order_id, now) from error


def _case(order_id: UUID, now: datetime, *, with_other_sites: bool = False) -> values.Case:
    """What is to be planned, as plain values; the read ends here, because planning takes long for an open one."""
    order, row = orders.order(order_id), series_queries.proposed_of(order_id)
    hold = appointment_queries.open_hold_of(order.patient_id, now)
    case = cases.series_case(
        order,
        sites.site(row.site_id),
        row.wishes,
        now=now,
        leave=holds.leave_out(hold),
        with_other_sites=with_other_sites,
    )
    current_session().rollback()
    return case


@retried
def _hold(order_id: UUID, slots: tuple[values.Slot, ...], *, actor_id: UUID, now: datetime) -> UUID:
    with transaction() as session:
        patient, order = _lock(session, order_id)
        booking = _begin(session, (patient, order, series_queries.series_of_order(order_id)), slots, None, now)
        ground, sittings, _case = _checked(session, booking, now)
        holds.end(session, booking.hold, ground.patient, now)
        return holds.add(ground, sittings, actor_id=actor_id).id


@retried
def _book(
    order_id: UUID,
    slots: tuple[values.Slot, ...],
    hold_id: UUID | None,
    *,
    request_key: UUID,
    actor_id: UUID,
    now: datetime,
) -> UUID:
    with transaction() as session:
        patient, order = _lock(session, order_id)
        row = series_queries.series_of_order(order_id)
        if row is None or row.status is not SeriesStatus.PROPOSED:
            first = _booked_with(session, request_key, order_id)
            if first is not None:
                return first
        booking = _begin(session, (patient, order, row), slots, hold_id, now)
        ground, sittings, case = _checked(session, booking, now)
        rows = _write(ground, booking, sittings, actor_id)
        _price(booking, case, ground, request_key, actor_id)
        flush(session)
        if hold_id is not None and booking.hold is not None:
            holds.confirm(ground, booking.hold, sittings)
        else:
            holds.end(session, booking.hold, ground.patient, now)
            claims.claim(session, [placing.wanted(ground, Owner(appointment_id=one.key), one) for one in sittings], now)
        booking_messages.confirm_series(session, booking.row.id, rows, ground.patient, ground.site, now=now)
        _record(session, booking, actor_id, now)
        return booking.row.id


def _lock(session: Session, order_id: UUID) -> tuple[Patient, Order]:
    """The patient first, then the order: every booking goes in this order."""
    patient = placing.lock_patient_of(session, order_id)
    return patient, placing.lock_order(session, order_id)


def _begin(
    session: Session,
    known: tuple[Patient, Order, Series | None],
    slots: tuple[values.Slot, ...],
    hold_id: UUID | None,
    now: datetime,
) -> Booking:
    """What is to be booked, for a locked patient and order; a series that is booked already is refused."""
    patient, order, row = known
    if row is None:
        raise DomainError("Enter first when the patient can come.")
    if row.status is not SeriesStatus.PROPOSED:
        raise DomainError(BOOKED_ALREADY)
    kept = holds.open_hold(session, order.patient_id, now)
    if hold_id is not None:
        if kept is None or kept.id != hold_id:
            raise NoLongerHolds(holds.RUN_OUT)
        slots = tuple(holds.slots_of(kept))
    return Booking(order, patient, row, kept, tuple(sorted(slots, key=lambda slot: (slot.day, slot.start))))


def _checked(session: Session, booking: Booking, now: datetime) -> tuple[Ground, list[Sitting], values.Case]:
    """The plan against every rule as it stands now."""
    order, days = booking.order, [slot.day for slot in booking.slots]
    protocol = schedules.protocol_of(order)
    if len(days) != protocol.infusions:
        raise NoLongerHolds(f"A plan of this order has {protocol.infusions} infusions.")
    leave = holds.leave_out(booking.hold)
    ground = placing.stand(session, booking.row.site_id, booking.patient, days, now=now, leave=leave)
    placing.refuse_obstacles(order, days, clinic_time.local_day(now, ground.site.timezone))
    wishes = cases.patient_of(order, ground.site, booking.row.wishes, now=now)
    patient = placing.wishes_of(ground, days, wishes, leave=leave)
    sittings = [Sitting(uuid7(), slot, protocol.session(number)) for number, slot in enumerate(booking.slots, 1)]
    placing.check(ground, sittings, patient)
    placing.refuse_faults(series_faults(days, protocol, patient=patient))
    case = values.Case(ground.calendar.site, protocol, patient, weights=schedules.weights())
    return ground, sittings, case


def _write(ground: Ground, booking: Booking, sittings: Sequence[Sitting], actor_id: UUID) -> list[NewTime]:
    common: dict[str, object] = {"kind": series_queries.INFUSION, "order_id": booking.order.id}
    common |= {"series_id": booking.row.id, "tentative": series_queries.lacks_driver(booking.row.wishes)}
    return placing.add_infusions(ground, sittings, actor_id=actor_id, **common)


def _price(booking: Booking, case: values.Case, ground: Ground, request_key: UUID, actor_id: UUID) -> None:
    row = booking.row
    breakdown = breakdown_of(charges(replace(case), booking.slots, ground.calendar))
    row.status = move(row.status, SeriesStatus.BOOKED)
    row.cost, row.breakdown = sum(breakdown.values()), breakdown
    row.request_key, row.booked_by, row.booked_at = request_key, actor_id, ground.now


def _record(session: Session, booking: Booking, actor_id: UUID, now: datetime) -> None:
    row = booking.row
    session.add(SeriesEvent(series_id=row.id, kind="booked", at=now, by_id=actor_id))
    audit.add(
        session,
        actor_id=actor_id,
        action="series.book",
        subject=("series", row.id),
        now=now,
        patient_id=row.patient_id,
        site_id=row.site_id,
    )


def _proposed(
    session: Session, order: Order, site_id: UUID, request_key: UUID, actor_id: UUID, now: datetime
) -> Series:
    row = series_queries.series_of_order(order.id)
    if row is None:
        row = Series(
            order_id=order.id,
            patient_id=order.patient_id,
            site_id=site_id,
            status=SeriesStatus.PROPOSED,
            wishes={},
            cost=0,
            breakdown={},
            request_key=request_key,
            booked_by=actor_id,
            booked_at=now,
        )
        session.add(row)
    if row.status is not SeriesStatus.PROPOSED:
        raise DomainError(BOOKED_ALREADY)
    return row


def _booked_with(session: Session, request_key: UUID, order_id: UUID) -> UUID | None:
    """The series that this very form has booked already."""
    rows = select(Series.id).where(
        Series.request_key == request_key, Series.order_id == order_id, Series.status != SeriesStatus.PROPOSED
    )
    return session.scalar(rows)


def _with_offer(error: Taken | NoLongerHolds, order_id: UUID, now: datetime) -> Taken | NoLongerHolds:
    """The same refusal with what is free instead, planned after the transaction has ended."""
    offer = propose(order_id, now=now)
    rest = "This is the best that is free now." if isinstance(offer, Plan) else offer_words(offer)
    if isinstance(error, Taken):
        return Taken(f"{TAKEN} {rest}", offer=offer)
    return NoLongerHolds(f"{error.message} {rest}", offer=offer)


def offer_words(offer: Infeasible) -> str:
    """One true sentence for a case without any plan."""
    return offer.reasons[0].text if offer.reasons else "No plan for all infusions fits these days and hours."
