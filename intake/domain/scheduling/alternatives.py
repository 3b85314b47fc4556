"""Other good plans: the best ones that differ from the best plan in a way a person cares about."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from intake.domain.clinic_time import DAY_NAMES
from intake.domain.scheduling.capacity import Calendar
from intake.domain.scheduling.costs import charges
from intake.domain.scheduling.levels import near
from intake.domain.scheduling.occupancy import WHOLE_DAY, mask
from intake.domain.scheduling.offers import Offer, Offers, latest_useful_start, move_points
from intake.domain.scheduling.search import solve
from intake.domain.scheduling.values import TERMS, Case, Slot

NOON = 12 * 60
MORNINGS, AFTERNOONS = mask(0, NOON), WHOLE_DAY & ~mask(0, NOON)
Slots = tuple[Slot, ...]


class Kind(StrEnum):
    """In what way a person would see another plan as another one."""

    START = "start"
    DAYS = "days"
    TIME = "time"
    DETAIL = "detail"


@dataclass(frozen=True, slots=True)
class Alternative:
    """Another plan, with two or three words on how it differs."""

    title: str
    slots: Slots
    cost: int
    kind: Kind


Found = Iterator[tuple[Kind, str, Slots | None]]


def alternatives_to(best: Slots, case: Case, offers: Offers, calendar: Calendar, *, count: int) -> list[Alternative]:
    """Up to `count` other plans, cheapest first; each is the proven best of its kind.

    As many kinds as `count` allows: another start, other days, another time of day; then more of each. Where they do
    not suffice the plan with one infusion elsewhere.
    """
    chosen: list[Alternative] = []
    for found in (_kinds, _small_changes, _slight_changes):
        if len(chosen) < count:
            distinct = _distinct(found(best, case, offers), best, case, calendar, chosen)
            chosen += _of_many_kinds(distinct)[: count - len(chosen)]
    return sorted(chosen, key=lambda other: other.cost)


def _distinct(
    found: Found, best: Slots, case: Case, calendar: Calendar, known: Sequence[Alternative]
) -> list[Alternative]:
    """The plans found, cheapest first, that differ in a date or a start from the best and from each other."""
    ranked = []
    for kind, title, slots in found:
        if slots is not None:
            cost = sum(charge.points for charge in charges(case, slots, calendar))
            ranked.append(Alternative(title, slots, cost, kind))
    seen = {_times(best), *(_times(other.slots) for other in known)}
    kept = []
    for alternative in sorted(ranked, key=lambda other: other.cost):
        if _times(alternative.slots) not in seen:
            seen.add(_times(alternative.slots))
            kept.append(alternative)
    return kept


def _of_many_kinds(ranked: Sequence[Alternative]) -> list[Alternative]:
    """The cheapest of each kind first, then the others, each part cheapest first."""
    first = {kind: next(other for other in ranked if other.kind is kind) for kind in {other.kind for other in ranked}}
    return sorted(ranked, key=lambda other: (other is not first[other.kind], other.cost))


def _times(slots: Slots) -> tuple[tuple[date, int], ...]:
    return tuple((slot.day, slot.start) for slot in slots)


def _kinds(best: Slots, case: Case, offers: Offers) -> Found:
    """Starting sooner, one time of day, other weekdays, one rhythm."""
    new = best[len(case.fixed) :]
    yield Kind.START, "starts sooner", _starting_before(new[0].day, case, offers)
    for title, starts in (("all mornings", MORNINGS), ("all afternoons", AFTERNOONS)):
        yield Kind.TIME, title, _solve_with(case, offers, _within(starts))
    for weekday in sorted({slot.day.weekday() for slot in new}):
        yield Kind.DAYS, f"without {DAY_NAMES[weekday]}s", _solve_with(case, offers, _not_on(weekday))
    yield Kind.DAYS, "same weekdays each week", _without_paying("weekday_change", case, offers)
    yield Kind.TIME, "same time of day", _without_paying("time_shift", case, offers)


def _small_changes(best: Slots, case: Case, offers: Offers) -> Found:
    """The best plan with one infusion on another date, or more than an hour off: for cases that leave little choice."""
    for number, slot in enumerate(best[len(case.fixed) :], len(case.fixed) + 1):
        ordinal = slot.day.toordinal()
        other = {day: offer for day, offer in offers[number].items() if day != ordinal}
        yield Kind.DETAIL, f"infusion {number} on another date", solve(case, {**offers, number: other})
        yield (
            Kind.DETAIL,
            f"infusion {number} at another hour",
            _without_starts(near(1 << slot.start), number, slot, case, offers),
        )


def _slight_changes(best: Slots, case: Case, offers: Offers) -> Found:
    """The best plan but for one start: where nothing else is left to choose."""
    for number, slot in enumerate(best[len(case.fixed) :], len(case.fixed) + 1):
        yield (
            Kind.DETAIL,
            f"infusion {number} at another time",
            _without_starts(1 << slot.start, number, slot, case, offers),
        )


def _without_starts(starts: int, number: int, slot: Slot, case: Case, offers: Offers) -> Slots | None:
    """The best plan in which one infusion has none of these starts on the date of its slot, or is elsewhere."""
    ordinal = slot.day.toordinal()
    left = offers[number][ordinal].only(WHOLE_DAY & ~starts)
    kept = {day: left if day == ordinal else offer for day, offer in offers[number].items()}
    return solve(case, {**offers, number: {day: offer for day, offer in kept.items() if offer is not None}})


def _starting_before(day: date, case: Case, offers: Offers) -> Slots | None:
    number = len(case.fixed) + 1
    sooner = {ordinal: offer for ordinal, offer in offers[number].items() if ordinal < day.toordinal()}
    return solve(case, {**offers, number: sooner}) if sooner else None


def _solve_with(case: Case, offers: Offers, keep: Callable[[int, Offer], Offer | None]) -> Slots | None:
    """The best plan from what `keep` leaves of each offer; pinned infusions stay as they are."""
    left = {
        number: {day: kept for day, offer in found.items() if (kept := keep(day, offer)) is not None}
        for number, found in offers.items()
        if number not in case.pinned
    }
    return solve(case, {**offers, **left}) if all(left.values()) else None


def _not_on(weekday: int) -> Callable[[int, Offer], Offer | None]:
    return lambda day, offer: None if date.fromordinal(day).weekday() == weekday else offer


def _within(starts: int) -> Callable[[int, Offer], Offer | None]:
    return lambda _, offer: offer.only(starts)


def _without_paying(term: str, case: Case, offers: Offers) -> Slots | None:
    """The best plan in which no pair pays a term; None when every plan does."""
    dear = replace(case, weights=replace(case.weights, **{term: _forbidding(case)}))
    slots = solve(dear, offers)
    if slots is None or _pays(term, dear, slots):
        return None
    return slots


def _forbidding(case: Case) -> int:
    """A weight above what any plan can cost: one that pays it shows that no plan does without."""
    dearest_gap = max(case.protocol.gap_points.values(), default=0)
    days = sum(case.protocol.gap_points) + case.protocol.max_span_days
    moves = sum(move_points(case, place) for place in range(len(case.current)))
    each: int = sum(getattr(case.weights, term) for term in TERMS) * (4 + dearest_gap)
    window = (latest_useful_start(case) - case.patient.earliest).days + days
    return 1 + moves + case.protocol.infusions * each + case.weights.delay_day * window


def _pays(term: str, dear: Case, slots: Slots) -> bool:
    """Whether a plan pays a pair term; holes and the like do not matter here, so that any calendar serves."""
    return any(charge.term == term for charge in charges(dear, slots, Calendar(dear.site)))
