"""What a closing would strand, and the cases of those patients on shared capacity."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from intake.domain import clinic_time
from intake.domain.closings import Closing, ClosingKind, closed, cut_shift, is_touched
from intake.domain.scheduling import values
from intake.domain.scheduling.capacity import Calendar, reasons_against
from intake.domain.scheduling.values import Rule
from intake.domain.statuses import Status
from intake.extensions import current_session
from intake.models.appointments import Appointment
from intake.models.orders import Order
from intake.models.people import Account, Patient
from intake.models.replanning import Batch, BatchCase
from intake.models.series import Series
from intake.models.sites import Shift, Site
from intake.queries import cases, orders, replanning, schedules, series, single_visits, sites
from intake.queries.replanning import Rest, Shared
from intake.queries.schedules import Leave

__all__ = [
    "Appointment",
    "Batch",
    "BatchCase",
    "Lost",
    "Patient",
    "batch",
    "batches_of",
    "booked_of",
    "cases_of",
    "closed_site",
    "patients_of",
    "presences",
    "rest_with",
    "shared_ground",
    "standing_in_closed",
    "stranded_by",
]

WITHOUT_CHAIR = frozenset({Rule.CLOSED})
CAUSED = {
    ClosingKind.DAY: Rule.CLOSED,
    ClosingKind.PART: Rule.CLOSED,
    ClosingKind.CHAIR: Rule.CHAIR_UNKNOWN,
    ClosingKind.PROVIDER: Rule.PROVIDER,
}
"""The rule that each closing makes visits break."""


@dataclass(frozen=True, slots=True)
class Lost:
    """A visit that a closing leaves without its place, and the rule that it breaks in words."""

    appointment: Appointment
    words: str
    closing: Closing


def closed_site(site: Site, closing: Closing, first: date) -> values.Site:
    """A site's rules from a date on, as they will be after a closing."""
    rules = closed(schedules.site_rules(site, first=first), closing)
    if closing.kind is not ClosingKind.PROVIDER:
        return rules
    left: list[values.Shift] = []
    for row in site.shifts:
        if row.kind == "provider":
            shift = shift_of(row)
            mine = row.account_id == closing.account_id and is_touched(shift, closing)
            left += cut_shift(shift, closing) if mine else [shift]
    return replace(rules, provider=tuple(left) or None)


def shift_of(row: Shift) -> values.Shift:
    """A row of weekly presence as the domain says it."""
    return values.Shift(frozenset({row.weekday}), row.starts, row.ends, row.capacity, row.first_on, row.last_on)


def presences(site: Site) -> list[tuple[UUID | None, str]]:
    """Who is on site as a provider by the shifts: account and name; None for a presence without a name."""
    found = {row.account_id for row in site.shifts if row.kind == "provider"}
    rows = select(Account.id, Account.name).where(Account.id.in_([key for key in found if key]))
    named: list[tuple[UUID | None, str]] = [(key, name) for key, name in current_session().execute(rows)]
    return ([(None, "The provider on site")] if None in found else []) + sorted(named, key=lambda pair: pair[1])


def stranded_by(site: Site, closing: Closing, *, now: datetime) -> list[Lost]:
    """Coming visits of a site that a closing leaves without a place, by time. Nothing is written.

    Those that break a rule after it and keep it before, and those in a time that is closed like this already.
    """
    today = clinic_time.local_day(now, site.timezone)
    rows = _coming(site, max(closing.day, today), closing.until, now)
    return list(_lost(site, closing, rows, today))


def standing_in_closed(site: Site, *, now: datetime) -> list[tuple[Appointment, str]]:
    """Coming visits that stand where the site is closed as it is, on a retired chair or without a provider; why each.

    By time, with patient and chair.
    """
    today = clinic_time.local_day(now, site.timezone)
    calendar, found = Calendar(schedules.site_rules(site, first=today)), []
    for row in _coming(site, today, None, now):
        slot, session = schedules.slot_of(row, site), single_visits.session_of(row)
        rules = set(CAUSED.values()) if row.chair_id else WITHOUT_CHAIR
        faults = [one.text for one in reasons_against(slot, session, calendar, None) if one.rule in rules]
        if row.chair is not None and row.chair.retired_on is not None and row.chair.retired_on <= row.on_date:
            faults.append(f"Chair {row.chair.name} is out of use by then.")
        if faults:
            found.append((row, faults[0]))
    return found


def _coming(site: Site, first: date, last: date | None, now: datetime) -> list[Appointment]:
    rows = select(Appointment).where(
        Appointment.site_id == site.id,
        Appointment.on_date >= first,
        Appointment.status == Status.BOOKED,
        Appointment.starts_at > now,
    )
    if last is not None:
        rows = rows.where(Appointment.on_date <= last)
    rows = rows.options(joinedload(Appointment.patient), joinedload(Appointment.chair)).order_by(Appointment.starts_at)
    return list(current_session().scalars(rows))


def _lost(site: Site, closing: Closing, rows: Sequence[Appointment], today: date) -> Iterator[Lost]:
    before = Calendar(schedules.site_rules(site, first=max(closing.day, today)))
    after = Calendar(closed_site(site, closing, max(closing.day, today)))
    for row in rows:
        slot, session = schedules.slot_of(row, site), single_visits.session_of(row)
        known = {fault.rule for fault in reasons_against(slot, session, before, None)}
        if _is_meant(closing, slot, session.minutes):
            known.discard(CAUSED[closing.kind])  # closed like this before, and the visit still stands there
        faults = [one for one in reasons_against(slot, session, after, None) if one.rule not in known]
        if row.chair_id is None:
            faults = [one for one in faults if one.rule in WITHOUT_CHAIR]
        if faults:
            yield Lost(row, faults[0].text, closing)
        elif row.provider_id and _is_away(closing, row.provider_id, slot.start, slot.start + session.minutes):
            yield Lost(row, "The provider is away.", closing)


def _is_meant(closing: Closing, slot: values.Slot, minutes: int) -> bool:
    """Whether a visit, which is within the dates of a closing, stands in what it closes."""
    if closing.kind is ClosingKind.CHAIR:
        return slot.chair == closing.chair
    return slot.start < closing.ends and closing.starts < slot.start + minutes


def _is_away(closing: Closing, provider_id: UUID, start: int, end: int) -> bool:
    is_named = closing.kind is ClosingKind.PROVIDER and provider_id == closing.account_id
    return is_named and start < closing.ends and closing.starts < end


def rest_with(order_id: UUID, lost: Collection[UUID], *, now: datetime) -> tuple[Rest, Order, Series]:
    """The rest of a series in which some visits have lost their place, with its rows."""
    order, row = orders.order(order_id), replanning.booked_series(order_id)
    return replanning.rest_of(row, order, now=now, must_move=lost), order, row


def shared_ground(
    site: Site,
    rules: values.Site,
    rests: Sequence[tuple[Rest, Order, Series]],
    singles: Sequence[Appointment],
    waiting: Sequence[Order],
    *,
    now: datetime,
) -> Shared:
    """What all these are planned on: everybody else's bookings, as far as any of them can reach."""
    ids = {one.id for rest, _, _ in rests for one in rest.coming} | {row.id for row in singles}
    first = clinic_time.local_day(now, site.timezone) + timedelta(days=1)
    ends = [day + timedelta(days=single_visits.DAYS) for day in (first, *(row.on_date for row in singles))]
    for rest, order, row in rests:
        terms = replanning.terms_of(order, row)
        protocol = replanning.protocol_under(terms, order)
        ends.append(replanning.last_day(rest, terms, protocol, replanning.patient_of(rest, order, row, terms, now=now)))
    for order in waiting:
        row = series.proposed_of(order.id)
        patient = cases.patient_of(order, site, row.wishes, now=now)
        room = schedules.protocol_of(order).max_span_days + cases.ROOM_DAYS
        ends.append((patient.latest_start or patient.earliest) + timedelta(days=room))
    leave = Leave(appointment_ids=frozenset(ids))
    return Shared(rules, schedules.bookings_at(site, first, max(ends), now=now, leave=leave), leave, first, max(ends))


def rules_of(site: Site, now: datetime) -> values.Site:
    """A site's rules from tomorrow on, as they are."""
    return schedules.site_rules(site, first=clinic_time.local_day(now, site.timezone) + timedelta(days=1))


def joint_case(rest: Rest, order: Order, row: Series, shared: Shared, *, now: datetime) -> values.Case:
    """The case of the rest of a series on shared capacity, which is read from tomorrow on."""
    return replanning.case_of(replace(rest, today_from=None), order, row, now=now, shared=shared)


def waiting_case(order: Order, site: Site, shared: Shared, *, now: datetime) -> values.Case:
    """The whole series of an order that is not booked, on shared capacity."""
    row = series.proposed_of(order.id)
    patient = cases.patient_of(order, site, row.wishes, now=now)
    busy = schedules.busy_of(order.patient_id, site.timezone, shared.first, shared.last, now=now, leave=shared.leave)
    protocol, weights = schedules.protocol_of(order), schedules.weights()
    return values.Case(shared.site, protocol, replace(patient, busy=busy), bookings=shared.bookings, weights=weights)


def batch(batch_id: UUID) -> Batch:
    """One batch; raises `NoResultFound`."""
    return current_session().scalars(select(Batch).where(Batch.id == batch_id)).one()


def cases_of(batch_id: UUID) -> list[BatchCase]:
    """The patients of a batch, in the order in which they were planned."""
    return list(
        current_session().scalars(select(BatchCase).where(BatchCase.batch_id == batch_id).order_by(BatchCase.id))
    )


def batches_of(site_id: UUID, *, limit: int = 8) -> list[Batch]:
    """The newest batches of a site."""
    rows = select(Batch).where(Batch.site_id == site_id).order_by(Batch.made_at.desc(), Batch.id.desc())
    return list(current_session().scalars(rows.limit(limit)))


def appointments_of(ids: Collection[UUID]) -> dict[UUID, Appointment]:
    """Appointments with patient and chair, by key."""
    rows = select(Appointment).where(Appointment.id.in_(ids))
    found = current_session().scalars(rows.options(joinedload(Appointment.patient), joinedload(Appointment.chair)))
    return {row.id: row for row in found}


def booked_of(series_ids: Collection[UUID], *, now: datetime) -> dict[UUID | None, list[Appointment]]:
    """What is booked to come of several series, by series and time; one query."""
    rows = select(Appointment).where(
        Appointment.series_id.in_(series_ids), Appointment.status == Status.BOOKED, Appointment.starts_at > now
    )
    found: dict[UUID | None, list[Appointment]] = {}
    for row in current_session().scalars(rows.order_by(Appointment.starts_at)):
        found.setdefault(row.series_id, []).append(row)
    return found


def patients_of(ids: Collection[UUID]) -> dict[UUID, Patient]:
    """Patients by key; one query."""
    return {row.id: row for row in current_session().scalars(select(Patient).where(Patient.id.in_(ids)))}


def site_of(batch_row: Batch) -> Site:
    """Where a batch is."""
    return sites.site(batch_row.site_id)
