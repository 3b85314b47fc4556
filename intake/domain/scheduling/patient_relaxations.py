"""What the desk can settle on the call: the patient's days and hours, the start, the driver, a pin, the other site."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from itertools import combinations

from intake.domain.clinic_time import DAY_NAMES, MIDNIGHT, clock_words, day_words
from intake.domain.scheduling.relaxations import EVERYTHING, MOST_STEP_DAYS, Relaxation, horizon, on_case, on_patient
from intake.domain.scheduling.series_rules import days_words
from intake.domain.scheduling.values import Case, Patient, Span, Weekly
from intake.domain.scheduling.wording import moment_words
from intake.domain.scheduling.writing import busy_to_json, slot_to_json, weekly_to_json

HOUR, NOON = 60, 12 * 60
ALL_DAY: tuple[Span, ...] = ((0, MIDNIGHT),)


def patient_steps(case: Case) -> Iterator[Relaxation]:
    """An hour more on one weekday, one date after all, weekdays more, then all of each weekday."""
    available, hours = case.patient.available, case.site.hours
    for weekday in sorted(available):
        words = f"the patient can come up to an hour earlier and stay an hour later on {DAY_NAMES[weekday]}s"
        yield _weekly_step("available", {**available, weekday: _wider(available[weekday])}, words, {DAY_NAMES[weekday]})
    yield from _dates_after_all(case)
    new = [weekday for weekday in sorted(hours) if weekday not in available and hours[weekday]]
    yield from _new_weekdays(case.patient, {weekday: _whole(hours[weekday]) for weekday in new})
    for weekday in sorted(available):
        words = f"the patient can come at any time on {DAY_NAMES[weekday]}s"
        yield _weekly_step("available", {**available, weekday: ALL_DAY}, words, {DAY_NAMES[weekday]})
    yield _any_time(case)


def _whole(spans: Sequence[Span]) -> Span:
    return min(start for start, _ in spans), max(end for _, end in spans)


def _new_weekdays(patient: Patient, new: Mapping[int, Span]) -> Iterator[Relaxation]:
    """Half a weekday more, then a whole one, then two."""
    for weekday, (first, last) in new.items():
        if first < NOON < last:
            yield _with_weekdays(patient, {weekday: (first, NOON)}, f"{DAY_NAMES[weekday]} mornings")
            yield _with_weekdays(patient, {weekday: (NOON, last)}, f"{DAY_NAMES[weekday]} afternoons")
    for weekday in new:
        yield _with_weekdays(patient, {weekday: new[weekday]}, f"{DAY_NAMES[weekday]}s")
    for one, other in combinations(new, 2):
        days = {one: new[one], other: new[other]}
        yield _with_weekdays(patient, days, f"{DAY_NAMES[one]}s and {DAY_NAMES[other]}s")


def _dates_after_all(case: Case) -> Iterator[Relaxation]:
    """One date at which the patient is away, or one other appointment, given up."""
    patient, (first, last) = case.patient, horizon(case)
    for day in sorted(patient.unavailable_dates):
        if first <= day <= last:
            rest = patient.unavailable_dates - {day}
            change = {"key": "patient.unavailable_dates", "to": [other.isoformat() for other in sorted(rest)]}
            words = f"the patient can come on {day_words(day)} after all"
            yield Relaxation(words, (change,), on_patient(unavailable_dates=rest), frozenset({day.isoformat()}))
    for place, busy in enumerate(patient.busy):
        if busy.start_day <= last and busy.end_day >= first:
            left = (*patient.busy[:place], *patient.busy[place + 1 :])
            words = f"the patient moves the other appointment of {day_words(busy.start_day)}, {clock_words(busy.start)}"
            yield Relaxation(
                words, ({"key": "patient.busy", "to": busy_to_json(left)},), on_patient(busy=left), frozenset({words})
            )


def _any_time(case: Case) -> Relaxation:
    """The widest step: whenever the clinic is open; the driver's hours are another matter."""
    available = {weekday: ALL_DAY for weekday, spans in case.site.hours.items() if spans}
    changes = (
        {"key": "patient.available", "to": weekly_to_json(available)},
        {"key": "patient.unavailable_dates", "to": []},
    )
    widen = on_patient(available=available, unavailable_dates=frozenset())
    return Relaxation("the patient can come whenever the clinic is open", changes, widen, EVERYTHING)


def _weekly_step(field: str, weekly: Weekly, words: str, topics: Iterable[str]) -> Relaxation:
    change = {"key": f"patient.{field}", "to": weekly_to_json(weekly)}
    return Relaxation(words, (change,), on_patient(**{field: weekly}), frozenset(topics))


def _wider(spans: Sequence[Span]) -> tuple[Span, ...]:
    return tuple((max(start - HOUR, 0), min(end + HOUR, MIDNIGHT)) for start, end in spans)


def _with_weekdays(patient: Patient, more: Mapping[int, Span], name: str) -> Relaxation:
    """Some weekdays more, and a driver for them where somebody has to drive; the words have the widest hours."""
    first, last = _whole(list(more.values()))
    words = f"the patient can also come on {name}, {clock_words(first)} to {clock_words(last)}"
    spans = {weekday: (span,) for weekday, span in more.items()}
    changes: dict[str, Weekly] = {"available": {**patient.available, **spans}}
    if patient.pickup is not None and any(weekday not in patient.pickup for weekday in more):
        changes["pickup"] = {**spans, **patient.pickup}
        words += ", and somebody drives home"
    data = tuple({"key": f"patient.{field}", "to": weekly_to_json(weekly)} for field, weekly in changes.items())
    return Relaxation(words, data, on_patient(**changes), frozenset(DAY_NAMES[weekday] for weekday in more))


def start_steps(case: Case) -> Iterator[Relaxation]:
    """A later start, one day more at a time."""
    latest = case.patient.latest_start
    if case.fixed or latest is None:
        return
    for days in range(1, MOST_STEP_DAYS + 1):
        until = latest + timedelta(days=days)
        words = f"the patient can wait {days_words(days)} longer for the start, until {day_words(until)}"
        yield Relaxation(
            words, ({"key": "patient.latest_start", "to": until.isoformat()},), on_patient(latest_start=until)
        )


def driver_steps(case: Case) -> Iterator[Relaxation]:
    """An hour more on one weekday, then a driver for all of a weekday, then for every day."""
    pickup = case.patient.pickup
    if pickup is None:
        return
    for weekday in sorted(pickup):
        words = f"the driver can come up to an hour earlier or later on {DAY_NAMES[weekday]}s"
        yield _weekly_step("pickup", {**pickup, weekday: _wider(pickup[weekday])}, words, {DAY_NAMES[weekday]})
    for weekday in sorted(case.patient.available):
        words = f"a driver can come at any time on {DAY_NAMES[weekday]}s"
        yield _weekly_step("pickup", {**pickup, weekday: ALL_DAY}, words, {DAY_NAMES[weekday]})
    everyday = dict.fromkeys(sorted({*case.patient.available, *case.site.hours}), ALL_DAY)
    yield _weekly_step("pickup", everyday, "a driver can come at any time, whatever the day", EVERYTHING)


def pinned_steps(case: Case) -> Iterator[Relaxation]:
    """One pinned infusion less."""
    for number, slot in sorted(case.pinned.items()):
        rest = {other: pinned for other, pinned in case.pinned.items() if other != number}
        change = {"key": "pinned", "to": [{"number": other, **slot_to_json(pinned)} for other, pinned in rest.items()]}
        words = f"the desk lets infusion {number} be at another time than {moment_words(slot)}"
        yield Relaxation(words, (change,), on_case(pinned=rest), frozenset({str(number)}))


def site_steps(case: Case) -> Iterator[Relaxation]:
    """Another site of the clinic, as it is booked; not where an infusion is pinned to a chair of this one."""
    for place, other in enumerate(case.other_sites if not case.pinned else ()):
        words = f"the patient comes to the {other.site.name or 'other'} site"
        change = {"key": "site", "to": other.site.name, "other_site": place}
        moved = on_case(site=other.site, bookings=other.bookings, current=())
        yield Relaxation(words, (change,), moved, frozenset({str(place)}))
