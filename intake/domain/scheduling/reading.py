"""Cases and clinics from JSON, as the planning format defines them.

What is malformed raises `DomainError` whose message begins with the key to blame: "site.slot_minutes: ...".
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from itertools import combinations
from typing import Any

from intake.domain.clinic_time import MIDNIGHT, zone_of
from intake.domain.errors import DomainError
from intake.domain.scheduling.fields import Fields, refuse
from intake.domain.scheduling.values import (
    ONE_UNIT,
    TERMS,
    WEEKDAYS,
    Booking,
    Busy,
    Case,
    Chair,
    Current,
    OtherSite,
    Patient,
    Profile,
    Protocol,
    Shift,
    Site,
    Slot,
    Span,
    Weekly,
    Weights,
)

_GAP = re.compile("[1-9][0-9]{0,5}")
MOST_INFUSIONS = 100
"""A series is counted in weeks; more than this is a slip of the pen."""
SLOT_STEP = 15
"""Every start and every claim is a multiple of these minutes."""


def site_from_json(raw: Any) -> Site:
    """A site from the object under `site`; may carry a `name`."""
    site = Fields.of(raw, "site")
    slot_minutes = site.whole("slot_minutes", least=1)
    if slot_minutes % SLOT_STEP:
        refuse("site.slot_minutes", f"{slot_minutes} is not a multiple of {SLOT_STEP}")
    return Site(
        timezone=_timezone(site),
        slot_minutes=slot_minutes,
        chairs=_chairs(site),
        hours=_hours(site),
        monitoring=_shifts(site, "monitoring", with_capacity=True),
        starts_per_slot=site.whole("starts_per_slot"),
        closures=_closures(site),
        provider=_shifts(site, "provider") if "provider" in site else None,
        no_start=_shifts(site, "no_start") if "no_start" in site else (),
        protected=_shifts(site, "protected") if "protected" in site else (),
        name=site.text("name", default=""),
    )


def protocol_from_json(raw: Any) -> Protocol:
    """A protocol from the object under `protocol`; may carry a `name`."""
    protocol = Fields.of(raw, "protocol")
    return Protocol(
        infusions=_infusions(protocol),
        chair_minutes=protocol.whole("chair_minutes", least=1),
        turnover_minutes=protocol.whole("turnover_minutes"),
        gap_points=_gap_points(protocol),
        min_span_days=protocol.whole("min_span_days"),
        max_span_days=protocol.whole("max_span_days"),
        max_in_7_days=protocol.whole("max_in_7_days"),
        per_week=protocol.whole("per_week", least=1),
        first_chair_minutes=protocol.whole("first_chair_minutes", least=1)
        if "first_chair_minutes" in protocol
        else None,
        first_start=_range(protocol, "first_start"),
        watch_profile=_profile(protocol),
        name=protocol.text("name", default=""),
    )


def weights_from_json(raw: Any) -> Weights:
    """Planning weights from the object under `weights`; a term left out costs nothing."""
    weights = Fields.of(raw, "weights")
    return Weights(**{name: weights.whole(name) for name in TERMS if weights.has(name)})


def case_from_json(raw: Any) -> Case:
    """A whole case of one series. Raises `DomainError` that names the key for all that is malformed."""
    case = Fields.of(raw, "")
    if "series" in case:
        refuse("series", "a batch of series cannot be planned as one")
    site = site_from_json(case.value("site"))
    protocol = protocol_from_json(case.value("protocol"))
    fixed = tuple(_slot(entry) for entry in case.entries("fixed", default=()))
    patient = _patient(case.value("patient"), needs_latest_start=not fixed)
    built = Case(
        site=site,
        protocol=protocol,
        patient=patient,
        bookings=_bookings(case, protocol.turnover_minutes),
        fixed=fixed,
        pinned=_pinned(case, site),
        current=tuple(_current(entry) for entry in case.entries("current", default=())),
        other_sites=tuple(_other_site(entry, protocol) for entry in case.entries("other_sites", default=())),
        weights=weights_from_json(case.value("weights")) if case.has("weights") else Weights(),
    )
    _refuse_disorder(built)
    return built


def patient_from_json(raw: Any, *, needs_latest_start: bool = True) -> Patient:
    """What a patient can do and wants, from the object under `patient`."""
    return _patient(raw, needs_latest_start=needs_latest_start)


def bookings_from_json(raw: Any, turnover_minutes: int) -> tuple[Booking, ...]:
    """The list under `bookings` of a case; one that states no turnover has the one given."""
    return _bookings(Fields.of(raw, ""), turnover_minutes)


def _timezone(site: Fields) -> str:
    name = site.text("timezone")
    try:
        zone_of(name)
    except DomainError as error:
        refuse(site.key("timezone"), error.message)
    return name


def _chairs(site: Fields) -> tuple[Chair, ...]:
    chairs = tuple(Chair(c.text("name"), c.texts("features", default=())) for c in site.entries("chairs"))
    if len({chair.name for chair in chairs}) < len(chairs):
        refuse(site.key("chairs"), "two chairs with one name")
    return chairs


def _hours(site: Fields) -> Weekly:
    hours = _weekly(site, "hours")
    for weekday, spans in hours.items():
        if any(a < d and c <= b for (a, b), (c, d) in combinations(sorted(spans), 2)):
            refuse(site.key("hours"), f"intervals of {WEEKDAYS[weekday]} touch")
    return hours


def _closures(site: Fields) -> dict[date, tuple[Span, ...]]:
    """Whole days as dates; part of a day as `{"date", "from", "to"}`, which the planning format does not have."""
    found: dict[date, tuple[Span, ...]] = {}
    for entry in site.items("closures", default=()):
        if isinstance(entry, str):
            found[site.day_in("closures", entry)] = ((0, MIDNIGHT),)
        else:
            part = Fields.of(entry, site.key("closures"))
            day = part.day("date")
            found[day] = (*found.get(day, ()), part.span())
    return found


def _shifts(owner: Fields, key: str, *, with_capacity: bool = False) -> tuple[Shift, ...]:
    return tuple(_shift(entry, with_capacity) for entry in owner.entries(key))


def _shift(shift: Fields, with_capacity: bool) -> Shift:
    start, end = shift.span(may_be_empty=True)
    capacity = shift.whole("capacity") if with_capacity else 0
    days = frozenset(shift.weekday_in("days", name) for name in shift.texts("days"))
    return Shift(days, start, end, capacity)


def _weekly(owner: Fields, key: str) -> Weekly:
    found = {}
    for name, spans in owner.inner(key).pairs():
        found[owner.weekday_in(key, name)] = owner.spans_in(key, spans)
    return found


def _range(owner: Fields, key: str) -> Span | None:
    """A range of starts, both ends in; absent or null: None."""
    return owner.inner(key).span(may_be_empty=True) if owner.has(key) else None


def _profile(owner: Fields) -> Profile:
    if not owner.has("watch_profile"):
        return ONE_UNIT
    steps = tuple(owner.whole_pair_in("watch_profile", step) for step in owner.items("watch_profile"))
    return steps or ONE_UNIT


def _infusions(protocol: Fields) -> int:
    count = protocol.whole("infusions", least=1)
    if count > MOST_INFUSIONS:
        refuse(protocol.key("infusions"), f"{count} is more than {MOST_INFUSIONS}")
    return count


def _gap_points(protocol: Fields) -> dict[int, int]:
    key = protocol.key("gap_points")
    found: dict[int, int] = {}
    for gap, points in protocol.inner("gap_points").pairs():
        if not _GAP.fullmatch(gap):
            refuse(key, f"{gap!r} is not a number of days above 0")
        found[int(gap)] = protocol.whole_in("gap_points", points)
    return found


def _patient(raw: Any, *, needs_latest_start: bool) -> Patient:
    patient = Fields.of(raw, "patient")
    return Patient(
        earliest=patient.day("earliest"),
        available=_weekly(patient, "available"),
        latest_start=patient.day("latest_start") if needs_latest_start else None,
        not_after=patient.day("not_after") if patient.has("not_after") else None,
        pickup=_weekly(patient, "pickup") if patient.has("pickup") else None,
        unavailable_dates=frozenset(
            patient.day_in("unavailable_dates", day) for day in patient.items("unavailable_dates", default=())
        ),
        needs=patient.texts("needs", default=()),
        preferred=_range(patient, "preferred"),
        busy=tuple(_busy(entry) for entry in patient.entries("busy", default=())),
    )


def _busy(entry: Fields) -> Busy:
    (start_day, start), (end_day, end) = entry.moment("start"), entry.moment("end")
    if (start_day, start) >= (end_day, end):
        refuse(entry.path, "an appointment ends before it starts")
    return Busy(start_day, start, end_day, end)


def _bookings(owner: Fields, turnover: int) -> tuple[Booking, ...]:
    return tuple(_booking(entry, turnover) for entry in owner.entries("bookings", default=()))


def _booking(entry: Fields, turnover: int) -> Booking:
    (day, start), (last_day, end) = entry.moment("start"), entry.moment("end")
    if day != last_day or start >= end:
        refuse(entry.path, "a booking crosses midnight or ends before it starts")
    if entry.has("turnover_minutes"):
        turnover = entry.whole("turnover_minutes")
    return Booking(entry.text("chair"), day, start, end, turnover, _profile(entry))


def _slot(entry: Fields) -> Slot:
    return Slot(entry.day("date"), entry.clock("start"), entry.text("chair"))


def _pinned(case: Fields, site: Site) -> dict[int, Slot]:
    names = {chair.name for chair in site.chairs}
    found: dict[int, Slot] = {}
    for entry in case.entries("pinned", default=()):
        number, slot = entry.whole("number", least=1), _slot(entry)
        if slot.chair not in names:
            refuse("pinned", f"there is no chair {slot.chair}")
        if number in found:
            refuse("pinned", f"infusion {number} twice")
        found[number] = slot
    return found


def _current(entry: Fields) -> Current:
    return Current(_slot(entry), entry.whole("move_points") if entry.has("move_points") else None)


def _other_site(entry: Fields, protocol: Protocol) -> OtherSite:
    raw = entry.value("site")
    try:
        site = site_from_json(raw)
    except DomainError as error:
        key = f"{entry.path}.{error.field}"
        raise DomainError(f"{entry.path}.{error.message}", field=key) from None
    return OtherSite(site, _bookings(entry, protocol.turnover_minutes))


def _refuse_disorder(case: Case) -> None:
    """Refuse what only the parts together show: fixed and current infusions out of order."""
    done = [slot.day for slot in case.fixed]
    if not _rises(done) or any(day >= case.patient.earliest for day in done):
        refuse("fixed", "not in order, or not before patient.earliest")
    moving = [entry.slot.day for entry in case.current]
    if len(set(moving)) < len(moving) or set(moving) & set(done):
        refuse("current", "a date twice, or on the date of a fixed infusion")


def _rises(days: Sequence[date]) -> bool:
    return all(before < after for before, after in zip(days, days[1:], strict=False))
