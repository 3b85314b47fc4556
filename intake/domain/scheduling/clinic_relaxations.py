"""What the clinic can settle: gaps, span and order by the provider, then staff, chairs and opening by the manager."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta

from intake.domain.clinic_time import MIDNIGHT, day_words
from intake.domain.scheduling.relaxations import (
    LONGEST_LOOK_DAYS,
    MOST_STEP_DAYS,
    Relaxation,
    horizon,
    on_patient,
    on_protocol,
    on_site,
)
from intake.domain.scheduling.series_rules import days_words
from intake.domain.scheduling.values import EVERY_DAY, Booking, Case, Chair, Shift
from intake.domain.scheduling.writing import gap_points_to_json

LEAST_GAP_DAYS = 2
"""Never less, whoever allows it: never on consecutive days, as in the trials (Murrough 2013, Singh 2016)."""
MOST_IN_7_DAYS = 4
EXTRA_CHAIR = "one more chair"
NOBODY_WATCHED = ((1, 0),)


def gap_steps(case: Case) -> Iterator[Relaxation]:
    """Longer gaps, one day more at a time, at the price of the dearest one; holes between them are filled at once."""
    points = case.protocol.gap_points
    longest = max(points, default=LEAST_GAP_DAYS)
    since = (case.patient.earliest - case.fixed[-1].day).days if case.fixed else 0
    if max(longest, since) > LONGEST_LOOK_DAYS:
        return
    for gap in range(longest + 1, max(longest, since) + MOST_STEP_DAYS + 1):
        allowed = range(max(min(points, default=LEAST_GAP_DAYS), LEAST_GAP_DAYS), gap + 1)
        wider = {day: points.get(day, max(points.values(), default=0)) for day in {*allowed, *points}}
        words = f"the provider allows a gap of {days_words(gap)} instead of {longest}"
        change = {"key": "protocol.gap_points", "to": gap_points_to_json(wider)}
        yield Relaxation(words, (change,), on_protocol(gap_points=wider))


def span_steps(case: Case) -> Iterator[Relaxation]:
    """More days from the first infusion to the last, one at a time; also as many as what is done has used up."""
    limit = case.protocol.max_span_days
    since = (case.patient.earliest - case.fixed[0].day).days if case.fixed else 0
    if since > LONGEST_LOOK_DAYS:
        return
    for days in range(limit + 1, max(limit, since + limit) + MOST_STEP_DAYS + 1):
        words = f"the provider allows {days_words(days)} from the first infusion to the last instead of {limit}"
        yield Relaxation(words, ({"key": "protocol.max_span_days", "to": days},), on_protocol(max_span_days=days))


def short_span_steps(case: Case) -> Iterator[Relaxation]:
    """Fewer days than the least span, one at a time."""
    limit = case.protocol.min_span_days
    for days in range(limit - 1, max(limit - LONGEST_LOOK_DAYS, 0) - 1, -1):
        words = f"the provider allows a series of {days_words(days)} instead of at least {limit}"
        yield Relaxation(words, ({"key": "protocol.min_span_days", "to": days},), on_protocol(min_span_days=days))


def seven_day_steps(case: Case) -> Iterator[Relaxation]:
    """One or two infusions more in any seven days, never above `MOST_IN_7_DAYS`."""
    limit = case.protocol.max_in_7_days
    for count in range(limit + 1, min(limit + 2, MOST_IN_7_DAYS) + 1):
        words = f"the provider allows {count} infusions in 7 days instead of {limit}"
        yield Relaxation(words, ({"key": "protocol.max_in_7_days", "to": count},), on_protocol(max_in_7_days=count))


def order_end_steps(case: Case) -> Iterator[Relaxation]:
    """A later last date: order, consent and clearance would have to be extended."""
    limit = case.patient.not_after
    for days in range(1, MOST_STEP_DAYS + 1 if limit is not None else 1):
        until = (limit or case.patient.earliest) + timedelta(days=days)
        words = f"the provider extends order, consent and clearance by {days_words(days)}, until {day_words(until)}"
        yield Relaxation(words, ({"key": "patient.not_after", "to": until.isoformat()},), on_patient(not_after=until))


def first_start_steps(case: Case) -> Iterator[Relaxation]:
    """Any hour for the first infusion."""
    if case.protocol.first_start is not None and not case.fixed:
        words = "the provider allows the first infusion at any hour"
        yield Relaxation(words, ({"key": "protocol.first_start", "to": None},), on_protocol(first_start=None))


def provider_steps(case: Case) -> Iterator[Relaxation]:
    """A provider on site all the time; the explanation narrows it to the dates that need it."""
    if case.site.provider is not None:
        change = {"key": "site.provider", "more": 1}
        words = "the manager has a provider on site all day"
        yield Relaxation(words, (change,), lambda case: with_provider(case, None))


def with_provider(case: Case, days: Sequence[date] | None) -> Case:
    """The case with a provider on site all day long, on some dates or (None) on all."""
    return replace(case, site=replace(case.site, provider=(*(case.site.provider or ()), *_all_day(days))))


def _all_day(days: Sequence[date] | None) -> list[Shift]:
    """A shift of one from midnight to midnight, on some dates or (None) on all."""
    if days is None:
        return [Shift(EVERY_DAY, 0, MIDNIGHT, 1)]
    return [Shift(EVERY_DAY, 0, MIDNIGHT, 1, first_on=day, last_on=day) for day in days]


def watch_steps() -> Iterator[Relaxation]:
    """One more watch unit; the explanation narrows it to the dates that need it."""
    change = {"key": "site.monitoring", "more": 1}
    yield Relaxation("the manager staffs one more watch unit", (change,), lambda case: with_watch_units(case, None))


def with_watch_units(case: Case, days: Sequence[date] | None) -> Case:
    """The case with one more watch unit all day long, on some dates or (None) on all."""
    return replace(case, site=replace(case.site, monitoring=(*case.site.monitoring, *_all_day(days))))


def chair_steps(case: Case) -> Iterator[Relaxation]:
    """One more chair with what the patient needs; the explanation narrows it to the dates that need it."""
    change = {"key": "site.chairs", "more": 1, "features": sorted(case.patient.needs)}
    words = "the manager has one more chair" + (
        f" ({', '.join(sorted(case.patient.needs))})" if case.patient.needs else ""
    )
    yield Relaxation(words, (change,), lambda case: with_chair(case, None))


def with_chair(case: Case, days: Sequence[date] | None) -> Case:
    """The case with one more fitting chair, on some dates or (None) on all."""
    chairs = (*case.site.chairs, Chair(EXTRA_CHAIR, case.patient.needs))
    first, last = horizon(case)
    dates = [first + timedelta(days=n) for n in range((last - first).days + 1)] if days is not None else []
    away = tuple(Booking(EXTRA_CHAIR, day, 0, MIDNIGHT, 0, NOBODY_WATCHED) for day in dates if day not in (days or ()))
    return replace(case, site=replace(case.site, chairs=chairs), bookings=case.bookings + away)


def starts_steps(case: Case) -> Iterator[Relaxation]:
    """One more session that may start at the same moment."""
    count = case.site.starts_per_slot + 1
    words = f"the manager lets {count} sessions start at the same moment"
    yield Relaxation(words, ({"key": "site.starts_per_slot", "to": count},), on_site(starts_per_slot=count))


def closure_steps(case: Case) -> Iterator[Relaxation]:
    """One closed date that opens after all."""
    first, last = horizon(case)
    for day in sorted(case.site.closures):
        if first <= day <= last and case.site.hours.get(day.weekday()):
            rest = {other: spans for other, spans in case.site.closures.items() if other != day}
            change = {"key": "site.closures", "to": [other.isoformat() for other in sorted(rest)]}
            yield Relaxation(
                f"the manager opens the clinic on {day_words(day)}",
                (change,),
                on_site(closures=rest),
                frozenset({day.isoformat()}),
            )


def no_start_steps(case: Case) -> Iterator[Relaxation]:
    """Sessions that start at hours at which none does."""
    if case.site.no_start:
        words = "the manager lets sessions start at any hour"
        yield Relaxation(words, ({"key": "site.no_start", "to": []},), on_site(no_start=()))
