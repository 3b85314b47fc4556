"""What a simulated year brings: people with their days and drivers, visits that fail, providers who are away.

Each draw depends on the seed, the person and the try alone, never on how a desk books: every way of booking meets the
same year. The shares are assumptions of the project, not measurements of any clinic.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from random import Random

from intake.domain.scheduling.values import Patient, Site, Span, Weekly

NOON = 12 * 60
MOST_NOTICE = 10
"""Days before a visit at which a cancellation may be made, at most; 0 is the day itself."""


class Outcome(StrEnum):
    """What becomes of a booked visit."""

    DONE = "done"
    CANCELLED = "cancelled"
    MISSED = "missed"
    HELD = "held"  # by the clinic or the body: nobody's fault


@dataclass(frozen=True, slots=True)
class Assumptions:
    """What the year is made of. Shares are of booked visits; `orders_per_week` is a mean.

    `hours_share`: of people who can come all day, mornings only, afternoons only. A person can come on each open
    weekday with `day_share`, on two at least. `driver_share` of them are fetched within a window of hours.
    """

    first: date
    days: int = 365
    seed: int = 1
    orders_per_week: float = 4.0
    cancelled: float = 0.10
    missed: float = 0.07
    held: float = 0.04
    absences: int = 8
    closures: int = 10
    day_share: float = 0.8
    hours_share: tuple[float, float, float] = (0.5, 0.25, 0.25)
    driver_share: float = 0.4
    away_share: float = 0.25


@dataclass(frozen=True, slots=True)
class Fate:
    """What becomes of one try at a visit; a cancellation is made `notice` days before it."""

    outcome: Outcome
    notice: int = 0


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with a signed order. `wishes` begin the day after it."""

    number: int
    ordered_on: date
    wishes: Patient


class Draws:
    """The draws of one year at one site."""

    def __init__(self, site: Site, assumptions: Assumptions) -> None:
        self.assumptions = assumptions
        self._site = site
        days = [assumptions.first + timedelta(days=ahead) for ahead in range(assumptions.days)]
        self.open_days = [day for day in days if day.weekday() in site.hours and day not in site.closures]
        random = self._random("closures")
        closed = random.sample(self.open_days, min(assumptions.closures, len(self.open_days)))
        self.closures = frozenset(closed)
        self.absences = dict(self._absences())
        self.people = list(self._people())

    def fate(self, person: int, infusion: int, failures: int) -> Fate:
        """What becomes of an infusion that failed so many times before."""
        random, known = self._random(f"fate {person} {infusion} {failures}"), self.assumptions
        draw = random.random()
        if draw < known.cancelled:
            return Fate(Outcome.CANCELLED, random.randint(0, MOST_NOTICE))
        if draw < known.cancelled + known.missed:
            return Fate(Outcome.MISSED)
        is_held = draw < known.cancelled + known.missed + known.held
        return Fate(Outcome.HELD if is_held else Outcome.DONE)

    def _random(self, what: str) -> Random:
        return Random(f"{self.assumptions.seed} {what}")  # noqa: S311  # a game of chance, no secret

    def _absences(self) -> Iterator[tuple[date, date]]:
        """Days without a provider, and the day on which that becomes known: up to a week before, or that morning."""
        random = self._random("absences")
        days = [day for day in self.open_days if day not in self.closures]
        for day in sorted(random.sample(days, min(self.assumptions.absences, len(days)))):
            yield day, day - timedelta(days=random.choice((0, 0, 1, 3, 7)))

    def _people(self) -> Iterator[Person]:
        random, number = self._random("orders"), 0
        a_day = self.assumptions.orders_per_week / max(len(self._site.hours), 1)
        for day in self.open_days:
            waiting = random.expovariate(1.0)
            while waiting < a_day:
                number += 1
                yield Person(number, day, self._wishes(number, day))
                waiting += random.expovariate(1.0)

    def _wishes(self, number: int, ordered_on: date) -> Patient:
        random = self._random(f"person {number}")
        weekdays = sorted(self._site.hours)
        kept = [day for day in weekdays if random.random() < self.assumptions.day_share]
        kept = kept if len(kept) > 1 else random.sample(weekdays, min(2, len(weekdays)))
        part = random.choices((None, (0, NOON + 60), (NOON, 24 * 60)), self.assumptions.hours_share)[0]
        available = {day: _cut(self._site.hours[day], part) for day in kept}
        fetched = _driver(random, kept) if random.random() < self.assumptions.driver_share else None
        away: set[date] = set()
        if random.random() < self.assumptions.away_share:
            first = ordered_on + timedelta(days=random.randint(3, 24))
            away = {first + timedelta(days=ahead) for ahead in range(random.randint(2, 5))}
        return Patient(
            earliest=ordered_on + timedelta(days=1),
            available=available,
            latest_start=ordered_on + timedelta(days=14),
            pickup=fetched,
            unavailable_dates=frozenset(away),
        )


def _cut(spans: tuple[Span, ...], part: Span | None) -> tuple[Span, ...]:
    if part is None:
        return spans
    cut = [(max(start, part[0]), min(end, part[1])) for start, end in spans]
    return tuple((start, end) for start, end in cut if start < end)


def _driver(random: Random, weekdays: list[int]) -> Weekly:
    """Somebody who can fetch from late morning on, or only after school or work."""
    window = random.choice(((11 * 60, 18 * 60), (11 * 60, 14 * 60), (14 * 60 + 30, 18 * 60)))
    return dict.fromkeys(weekdays, (window,))
