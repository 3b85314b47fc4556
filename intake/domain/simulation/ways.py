"""Three ways to book a series and to mend it: the planner, a good desk by hand, and the next free time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import product
from typing import Protocol as Interface

from intake.domain.scheduling.capacity import Calendar, open_times
from intake.domain.scheduling.replanning import Prices, default_prices, rest_case
from intake.domain.scheduling.search import best_series
from intake.domain.scheduling.values import Case, Patient, Protocol, Slot, Weights

WITHIN_DAYS = 14
"""How far ahead a first or a next infusion is looked for by hand."""
WIDER_SPAN, WIDER_GAP, WIDER_POINTS = 35, 10, 12
"""What a provider allows where a disturbed series no longer fits its window; it then counts as outside."""


@dataclass(frozen=True, slots=True)
class Series:
    """One person's series as it stands: what is done, in order, and what is booked by number."""

    wishes: Patient
    done: tuple[Slot, ...]
    booked: Mapping[int, Slot]


@dataclass(frozen=True, slots=True)
class Answer:
    """What a desk books from now on, by number, and how many entries that took."""

    booked: Mapping[int, Slot]
    actions: int


class Way(Interface):
    """How a desk works. `calendar` holds everybody's bookings but those of this series."""

    name: str

    def lay_out(self, series: Series, calendar: Calendar, today: date) -> Answer | None:
        """All infusions of a new series; None where it finds no way."""

    def mend(self, series: Series, calendar: Calendar, today: date) -> Answer:
        """The infusions that are not done, some of which have lost their place."""


class Planner:
    """The proven best plan of the whole series, and of its rest after each disruption: one press each."""

    name = "planner"

    def __init__(self, protocol: Protocol, weights: Weights, prices: Prices | None = None) -> None:
        self._protocol, self._weights = protocol, weights
        self._prices = prices or default_prices()

    def lay_out(self, series: Series, calendar: Calendar, today: date) -> Answer | None:
        """The best plan of all."""
        case = self._case(series, calendar, self._protocol)
        found = best_series(case, calendar)
        return None if found is None else Answer(dict(enumerate(found, 1)), 1)

    def mend(self, series: Series, calendar: Calendar, today: date) -> Answer:
        """The best plan of the rest; outside the window only where there is none inside it."""
        for protocol in (self._protocol, wider(self._protocol)):
            case = rest_case(
                self._case(series, calendar, protocol),
                given=series.done,
                coming=[slot for _, slot in sorted(series.booked.items())],
                today=today,
                prices=self._prices,
            )
            found = best_series(case, calendar)
            if found is not None:
                new = found[len(case.fixed) :]
                return Answer(dict(enumerate(new, len(series.done) + 1)), 1)
        return one_by_one(series, calendar, self._protocol, today)

    def _case(self, series: Series, calendar: Calendar, protocol: Protocol) -> Case:
        return Case(calendar.site, protocol, series.wishes, weights=self._weights)


class ByHand:
    """A good desk: the same weekdays at the same hour for three weeks, what collides moved visit by visit."""

    name = "by hand"

    def __init__(self, protocol: Protocol) -> None:
        self._protocol = protocol
        self._cycles = list(cycles_of(protocol))

    def lay_out(self, series: Series, calendar: Calendar, today: date) -> Answer | None:
        """The rhythm with the fewest collisions, of these the one that starts first; each visit is one entry."""
        first, later = self._free(series, calendar, today, WITHIN_DAYS + self._protocol.max_span_days)
        best: tuple[tuple[int, int, int], dict[int, Slot]] | None = None
        for ahead, cycle in product(range(1, WITHIN_DAYS + 1), self._cycles):
            dates = self._dates(today + timedelta(days=ahead), cycle)
            for start in sorted(first.get(dates[0], {})):
                placed = self._placed(dates, start, first, later)
                rank = (sum(slot.start != start for slot in placed.values()), ahead, start)
                if len(placed) == len(dates) and (best is None or rank < best[0]):
                    best = (rank, placed)
        return None if best is None else Answer(best[1], len(best[1]))

    def mend(self, series: Series, calendar: Calendar, today: date) -> Answer:
        """What is booked stays; each visit that lost its place goes to the end, at the usual hour where it is free."""
        if has_lost_its_start(series):
            return self.lay_out(replace(series, booked={}), calendar, today) or NOTHING
        hour = series.done[-1].start if series.done else min((s.start for s in series.booked.values()), default=0)
        return one_by_one(series, calendar, self._protocol, today, near=hour)

    def _dates(self, first: date, cycle: Sequence[int]) -> list[date]:
        dates = [first]
        for number in range(1, self._protocol.infusions):
            dates.append(dates[-1] + timedelta(days=cycle[(number - 1) % len(cycle)]))
        return dates

    def _free(self, series: Series, calendar: Calendar, today: date, days: int) -> tuple[FreeTimes, FreeTimes]:
        dates = [today + timedelta(days=ahead) for ahead in range(1, days + 1)]
        return tuple(  # type: ignore[return-value]  # of two
            by_date(open_times(calendar, self._protocol.session(number), dates, series.wishes)) for number in (1, 2)
        )

    @staticmethod
    def _placed(dates: Sequence[date], start: int, first: FreeTimes, later: FreeTimes) -> dict[int, Slot]:
        placed = {}
        for number, day in enumerate(dates, 1):
            free = (first if number == 1 else later).get(day, {})
            if not free:
                return {}
            placed[number] = free[min(free, key=lambda minute: (abs(minute - start), minute))]
        return placed


class NextFree:
    """The next free time that is not too soon after the one before, one visit after the other."""

    name = "next free"

    def __init__(self, protocol: Protocol) -> None:
        self._protocol = protocol

    def lay_out(self, series: Series, calendar: Calendar, today: date) -> Answer | None:
        """Visit by visit from tomorrow on."""
        answer = one_by_one(series, calendar, self._protocol, today)
        return answer if len(answer.booked) == self._protocol.infusions else None

    def mend(self, series: Series, calendar: Calendar, today: date) -> Answer:
        """What is booked stays; what lost its place goes to the end."""
        if has_lost_its_start(series):
            return self.lay_out(replace(series, booked={}), calendar, today) or NOTHING
        return one_by_one(series, calendar, self._protocol, today)


FreeTimes = Mapping[date, Mapping[int, Slot]]
NOTHING = Answer({}, 0)


def has_lost_its_start(series: Series) -> bool:
    """Whether nothing is given and the first infusion has no place: its longer session does not fit a later one's."""
    return not series.done and 1 not in series.booked


def one_by_one(
    series: Series, calendar: Calendar, protocol: Protocol, today: date, *, near: int | None = None
) -> Answer:
    """Put each missing infusion behind the last one: the first date with a free time, there the earliest or nearest."""
    kept = [slot for _, slot in sorted(series.booked.items())]
    missing = protocol.infusions - len(series.done) - len(kept)
    least = min(protocol.gap_points)
    entries = 0
    while missing > entries:
        number = len(series.done) + len(kept) + 1
        last = (series.done + tuple(kept))[-1].day if series.done or kept else today
        first = max(today + timedelta(days=1), last + timedelta(days=least if series.done or kept else 1))
        dates = [first + timedelta(days=ahead) for ahead in range(2 * WITHIN_DAYS)]
        free = by_date(open_times(calendar, protocol.session(number), dates, series.wishes))
        day = next((day for day in dates if free.get(day)), None)
        if day is None:
            break
        starts = sorted(free[day])
        kept.append(free[day][starts[0] if near is None else min(starts, key=lambda minute: abs(minute - near))])
        entries += 1
    return Answer(dict(enumerate(kept, len(series.done) + 1)), entries)


def by_date(slots: Sequence[Slot]) -> dict[date, dict[int, Slot]]:
    """Free times by date and start."""
    found: dict[date, dict[int, Slot]] = {}
    for slot in slots:
        found.setdefault(slot.day, {})[slot.start] = slot
    return found


def cycles_of(protocol: Protocol) -> Iterator[tuple[int, ...]]:
    """The gaps of a week that repeats itself and costs nothing: (3, 4) and (4, 3) for twice weekly."""
    free = [gap for gap, points in protocol.gap_points.items() if points == 0] or list(protocol.gap_points)
    for gaps in product(sorted(free), repeat=protocol.per_week):
        if sum(gaps) == 7:
            yield gaps


def wider(protocol: Protocol) -> Protocol:
    """The protocol with what a provider may allow when a series was disturbed."""
    gaps = {gap: WIDER_POINTS for gap in range(min(protocol.gap_points), WIDER_GAP + 1)}
    return replace(protocol, gap_points=gaps | dict(protocol.gap_points), max_span_days=WIDER_SPAN, min_span_days=0)
