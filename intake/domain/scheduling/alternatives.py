"""Other good plans: the best ones that differ from the best plan in a way a person cares about."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date

from intake.domain.clinic_time import DAY_NAMES
from intake.domain.scheduling.capacity import Calendar
from intake.domain.scheduling.costs import charges
from intake.domain.scheduling.occupancy import WHOLE_DAY, mask
from intake.domain.scheduling.offers import Offer, Offers
from intake.domain.scheduling.search import solve
from intake.domain.scheduling.values import Case, Slot

NOON = 12 * 60
MORNINGS, AFTERNOONS = mask(0, NOON), WHOLE_DAY & ~mask(0, NOON)
FORBIDDING = 10**6
"""A weight so high that a plan which pays it has no plan without it."""

Slots = tuple[Slot, ...]


@dataclass(frozen=True, slots=True)
class Alternative:
    """Another plan, with two or three words on how it differs."""

    title: str
    slots: Slots
    cost: int


def alternatives_to(best: Slots, case: Case, offers: Offers, calendar: Calendar, *, count: int) -> list[Alternative]:
    """Up to `count` other plans, cheapest first; each is the proven best of its kind."""
    chosen: list[Alternative] = []
    for kinds in (_kinds, _small_changes):
        if len(chosen) < count:
            chosen += _cheapest(kinds(best, case, offers), best, case, calendar, chosen, count - len(chosen))
    return chosen


def _cheapest(
    found: Iterator[tuple[str, Slots | None]],
    best: Slots,
    case: Case,
    calendar: Calendar,
    known: list[Alternative],
    count: int,
) -> list[Alternative]:
    """The cheapest plans that differ in a date or a start from the best and from each other."""
    ranked = []
    for title, slots in found:
        if slots is not None:
            cost = sum(charge.points for charge in charges(case, slots, calendar))
            ranked.append(Alternative(title, slots, cost))
    seen = {_times(best), *(_times(other.slots) for other in known)}
    kept = []
    for alternative in sorted(ranked, key=lambda other: other.cost):
        if _times(alternative.slots) not in seen:
            seen.add(_times(alternative.slots))
            kept.append(alternative)
    return kept[:count]


def _times(slots: Slots) -> tuple[tuple[date, int], ...]:
    return tuple((slot.day, slot.start) for slot in slots)


def _kinds(best: Slots, case: Case, offers: Offers) -> Iterator[tuple[str, Slots | None]]:
    """Starting sooner, one time of day, other weekdays, one rhythm."""
    new = best[len(case.fixed) :]
    yield "starts sooner", _starting_before(new[0].day, case, offers)
    for title, starts in (("all mornings", MORNINGS), ("all afternoons", AFTERNOONS)):
        yield title, _solve_with(case, offers, _within(starts))
    for weekday in sorted({slot.day.weekday() for slot in new}):
        yield f"without {DAY_NAMES[weekday]}s", _solve_with(case, offers, _not_on(weekday))
    yield "same weekdays each week", _without_paying("weekday_change", case, offers)
    yield "same time of day", _without_paying("time_shift", case, offers)


def _small_changes(best: Slots, case: Case, offers: Offers) -> Iterator[tuple[str, Slots | None]]:
    """The same plan but for one date, then but for one start: for cases that leave little choice."""
    for number, slot in enumerate(best[len(case.fixed) :], len(case.fixed) + 1):
        ordinal = slot.day.toordinal()
        other = {day: offer for day, offer in offers[number].items() if day != ordinal}
        yield f"infusion {number} on another date", solve(case, {**offers, number: other})
        left = offers[number][ordinal].only(WHOLE_DAY & ~(1 << slot.start))
        yield (
            f"infusion {number} at another time",
            solve(case, {**offers, number: other | ({ordinal: left} if left else {})}),
        )


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
    dear = replace(case, weights=replace(case.weights, **{term: FORBIDDING}))
    slots = solve(dear, offers)
    if slots is None or _pays(term, dear, slots):
        return None
    return slots


def _pays(term: str, dear: Case, slots: Slots) -> bool:
    """Whether a plan pays a pair term; holes and the like do not matter here, so that any calendar serves."""
    return any(charge.term == term for charge in charges(dear, slots, Calendar(dear.site)))
