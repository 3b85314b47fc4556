"""Rows as the domain's values: a site's rules, what is booked and held there, what a patient has elsewhere."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select

from intake.domain import clinic_time
from intake.domain.scheduling import values
from intake.domain.scheduling.capacity import Calendar
from intake.domain.scheduling.occupancy import mask
from intake.domain.scheduling.protocols import default_weights, protected_starts
from intake.domain.scheduling.reading import protocol_from_json, weights_from_json
from intake.domain.sign_offs import with_limits
from intake.domain.statuses import LIVE
from intake.extensions import current_session
from intake.models.appointments import Appointment, SlotHold
from intake.models.orders import Order
from intake.models.sites import Protocol, SessionKind, Shift, Site, StartRule
from intake.queries import sites

NO_WATCH: values.Profile = ((clinic_time.MIDNIGHT, 0),)
PROTECTED = "protected"
INFUSION = "infusion"
LOOK_AHEAD = 60  # days to look through for the next open one


@dataclass(frozen=True, slots=True)
class Leave:
    """What does not count as taken: appointments that are to move, and one's own hold."""

    appointment_ids: frozenset[UUID] = frozenset()
    hold_id: UUID | None = None


NOTHING = Leave()


def site_rules(site: Site, *, first: date, now: datetime | None = None) -> values.Site:
    """A site as planning sees it from `first` on; chairs retired by then are left out.

    With `now` its protected starts are released as the clinic has it; without, they stay protected.
    """
    chairs = [chair for chair in site.chairs if chair.retired_on is None or chair.retired_on > first]
    provider = shifts_of(row for row in site.shifts if row.kind == "provider")
    return values.Site(
        timezone=site.timezone,
        slot_minutes=site.slot_minutes,
        chairs=tuple(values.Chair(chair.name, frozenset(chair.features)) for chair in chairs),
        hours=_hours(site),
        monitoring=shifts_of(row for row in site.shifts if row.kind == "monitoring"),
        starts_per_slot=site.starts_per_slot,
        closures=_closures(site),
        provider=provider or None,
        no_start=shifts_of(row for row in site.start_rules if row.kind == "no-start"),
        protected=shifts_of(row for row in site.start_rules if row.kind == PROTECTED),
        name=site.name,
        release=release_at(site, now) if now is not None else None,
    )


def release_at(site: Site, now: datetime) -> values.Release | None:
    """For whom the site's protected starts are kept, and which are released by `now`; None where it has none.

    The policy `protected_starts`, else the defaults. Hours are real hours, over a clock change too.
    """
    if all(row.kind != PROTECTED for row in site.start_rules):
        return None
    kinds, hours = protected_starts_of_clinic()
    until = now + timedelta(hours=hours)
    day, minute = clinic_time.local_day(until, site.timezone), clinic_time.minutes_of_day(until, site.timezone)
    return values.Release(kinds, hours, (day, minute))


def protected_starts_of_clinic() -> tuple[tuple[str, ...], int]:
    """Which kinds of session protected starts are kept for, and how many hours before they are released."""
    own, (kinds, hours) = sites.policy("protected_starts") or {}, protected_starts()
    return tuple(own.get("kinds", kinds)), int(own.get("release_hours", hours))


def calendar_of(site: Site, first: date, last: date, *, now: datetime, leave: Leave = NOTHING) -> Calendar:
    """A site with all that takes capacity from `first` to `last`, both in: two queries, however much is booked."""
    return Calendar(site_rules(site, first=first, now=now), bookings_at(site, first, last, now=now, leave=leave))


def bookings_at(
    site: Site, first: date, last: date, *, now: datetime, leave: Leave = NOTHING
) -> tuple[values.Booking, ...]:
    """Live appointments on a chair, unexpired holds, and chairs that are retired within the range."""
    names = {chair.id: chair.name for chair in site.chairs}
    rows = select(
        Appointment.id,
        Appointment.chair_id,
        Appointment.on_date,
        Appointment.starts_at,
        Appointment.ends_at,
        Appointment.turnover_minutes,
        Appointment.watch_profile,
    ).where(
        Appointment.site_id == site.id,
        Appointment.on_date.between(first, last),
        Appointment.status.in_(LIVE),
        Appointment.chair_id.is_not(None),
    )
    found = []
    for key, chair_id, day, starts_at, ends_at, turnover, profile in current_session().execute(rows):
        if chair_id is not None and key not in leave.appointment_ids:
            start = clinic_time.minutes_of_day(starts_at, site.timezone)
            end = start + _minutes(starts_at, ends_at)
            found.append(values.Booking(names[chair_id], day, start, end, turnover, profile_of(profile)))
    found += [_held(entry) for hold in _holds(now, leave, site_id=site.id) for entry in hold.sessions]
    return (*found, *_retired(site, first, last))


def busy_of(
    patient_id: UUID, zone: str, first: date, last: date, *, now: datetime, leave: Leave = NOTHING
) -> tuple[values.Busy, ...]:
    """What the patient has booked or held anywhere in the range, on the clock of `zone`."""
    return busy_of_all([patient_id], zone, first, last, now=now, leave=leave)[patient_id]


def busy_of_all(
    patient_ids: Sequence[UUID], zone: str, first: date, last: date, *, now: datetime, leave: Leave = NOTHING
) -> dict[UUID, tuple[values.Busy, ...]]:
    """The same for many patients, in as many queries as for one."""
    begin, end = clinic_time.day_bounds(first, zone)[0], clinic_time.day_bounds(last, zone)[1]
    rows = select(Appointment.id, Appointment.patient_id, Appointment.starts_at, Appointment.ends_at).where(
        Appointment.patient_id.in_(patient_ids),
        Appointment.starts_at < end,
        Appointment.starts_at > begin - timedelta(days=1),
        Appointment.ends_at > begin,
        Appointment.status.in_(LIVE),
    )
    found: dict[UUID, list[values.Busy]] = {patient_id: [] for patient_id in patient_ids}
    for key, patient_id, starts_at, ends_at in current_session().execute(rows):
        if key not in leave.appointment_ids:
            found[patient_id].append(busy_between(starts_at, ends_at, zone))
    zones: dict[UUID, str] = {}
    for hold in _holds(now, leave, patient_ids=patient_ids):
        zones = zones or {site.id: site.timezone for site in sites.all_sites()}
        spans = [instants_of(entry, zones[hold.site_id]) for entry in hold.sessions]
        found[hold.patient_id] += [busy_between(starts_at, ends_at, zone) for starts_at, ends_at in spans]
    return {patient_id: tuple(spans) for patient_id, spans in found.items()}


def protocol_of(order: Order) -> values.Protocol:
    """The recipe of an order in the version it was signed with; the order says how many infusions and what may bend."""
    return recipe(order.protocol, order.infusions, (order.exceptions or {}).get("limits", {}))


def recipe(row: Protocol, infusions: int, limits: Mapping[str, Any]) -> values.Protocol:
    """A protocol as planning sees it, for so many infusions, with what a provider allowed beyond it."""
    return with_limits(protocol_from_json(row.rules | {"infusions": infusions, "name": row.name}), limits)


def restarts_of(order: Order) -> tuple[date, ...]:
    """The dates at which the pauses of an order end; gaps and spans are reckoned anew from each."""
    return tuple(date.fromisoformat(day) for day in (order.exceptions or {}).get("restarts", []))


def session_of(kind: SessionKind) -> values.Session:
    """A kind of time as what is to be placed. A series' infusions may have protected starts too, at a price."""
    kinds, _hours = protected_starts_of_clinic() if kind.needs_chair else ((), 0)
    return values.Session(
        kind.minutes,
        kind.turnover_minutes,
        profile_of(kind.watch_profile),
        needs_chair=kind.needs_chair,
        may_use_protected=kind.code in (INFUSION, *kinds),
    )


def weights() -> values.Weights:
    """What compromises cost at this clinic: the policy `planning_weights`, else the defaults."""
    own = sites.policy("planning_weights")
    return default_weights() if own is None else weights_from_json(own)


def profile_of(steps: Iterable[Iterable[int]]) -> values.Profile:
    """A watch profile from its column; an empty one watches nobody."""
    return tuple((minutes, units) for minutes, units in steps) or NO_WATCH


def slot_of(row: Appointment, site: Site) -> values.Slot:
    """Where an appointment stands at its site, as the domain says it."""
    chair = next((chair.name for chair in site.chairs if chair.id == row.chair_id), "")
    return values.Slot(row.on_date, clinic_time.minutes_of_day(row.starts_at, site.timezone), chair)


def watch_capacity(empty: Calendar, day: date, start: int, end: int) -> int:
    """The watch units that are there throughout `[start, end)` of a date; `empty` is the site with nothing booked."""
    here = [one for one in empty.site.monitoring if one.start < end and one.end > start and one.is_on(day)]
    most = sum(shift.capacity for shift in here)
    if all(shift.start <= start and end <= shift.end for shift in here):
        return most  # no shift begins or ends within
    today, wanted, units = empty.day(day), mask(start, end), 0
    while units < most and not today.short_of(units + 1) & wanted:
        units += 1
    return units


def board_day(site: Site, now: datetime) -> date:
    """The day that the desk looks at: today, or the next open one when today is closed or over."""
    rules = site_rules(site, first=clinic_time.local_day(now, site.timezone))
    today, calendar = clinic_time.local_day(now, site.timezone), Calendar(rules)
    openings = calendar.day(today).openings
    if openings and clinic_time.minutes_of_day(now, site.timezone) < max(closing for _, closing in openings):
        return today
    later = (today + timedelta(days=days) for days in range(1, LOOK_AHEAD))
    return next((day for day in later if calendar.day(day).openings), today)


def _hours(site: Site) -> dict[int, tuple[values.Span, ...]]:
    found: dict[int, list[values.Span]] = defaultdict(list)
    for row in sorted(site.openings, key=lambda row: row.opens):
        found[row.weekday].append((row.opens, row.closes))
    return {weekday: tuple(spans) for weekday, spans in found.items()}


def _closures(site: Site) -> dict[date, tuple[values.Span, ...]]:
    found: dict[date, tuple[values.Span, ...]] = {}
    for row in site.closures:
        found[row.on_date] = (*found.get(row.on_date, ()), (row.starts, row.ends))
    return found


def shifts_of(rows: Iterable[Shift | StartRule]) -> tuple[values.Shift, ...]:
    """Weekly rows as planning sees them."""
    return tuple(
        values.Shift(
            frozenset({row.weekday}),
            row.starts,
            row.ends,
            getattr(row, "capacity", 0),
            getattr(row, "first_on", None),
            getattr(row, "last_on", None),
        )
        for row in rows
    )


def _retired(site: Site, first: date, last: date) -> Iterator[values.Booking]:
    """A chair that is retired within the range is taken from that day on."""
    for chair in site.chairs:
        if chair.retired_on is not None and first < chair.retired_on <= last:
            for days in range((last - chair.retired_on).days + 1):
                day = chair.retired_on + timedelta(days=days)
                yield values.Booking(chair.name, day, 0, clinic_time.MIDNIGHT, watch_profile=NO_WATCH)


def _holds(
    now: datetime, leave: Leave, *, site_id: UUID | None = None, patient_ids: Sequence[UUID] | None = None
) -> Collection[SlotHold]:
    rows = select(SlotHold).where(SlotHold.expires_at > now, SlotHold.ended_at.is_(None))
    if site_id is not None:
        rows = rows.where(SlotHold.site_id == site_id)
    if patient_ids is not None:
        rows = rows.where(SlotHold.patient_id.in_(patient_ids))
    return [hold for hold in current_session().scalars(rows) if hold.id != leave.hold_id]


def _held(entry: dict[str, Any]) -> values.Booking:
    start = int(entry["start"])
    return values.Booking(
        entry["chair"],
        date.fromisoformat(entry["date"]),
        start,
        start + int(entry["minutes"]),
        int(entry["turnover"]),
        profile_of(entry["watch_profile"]),
    )


def instants_of(entry: dict[str, Any], zone: str) -> tuple[datetime, datetime]:
    """When a held session begins and ends."""
    starts_at = clinic_time.to_utc(date.fromisoformat(entry["date"]), int(entry["start"]), zone)
    return starts_at, starts_at + timedelta(minutes=int(entry["minutes"]))


def busy_between(starts_at: datetime, ends_at: datetime, zone: str) -> values.Busy:
    """A stretch of somebody's time on the clock of `zone`."""
    minutes = clinic_time.minutes_of_day
    return values.Busy(
        clinic_time.local_day(starts_at, zone),
        minutes(starts_at, zone),
        clinic_time.local_day(ends_at, zone),
        minutes(ends_at, zone),
    )


def _minutes(starts_at: datetime, ends_at: datetime) -> int:
    return int((ends_at - starts_at).total_seconds() // 60)
