"""What of a series' offers can be in a plan below a ceiling: most dates and starts cannot and need not be searched.

The bound is reckoned date by date from the offers of the series alone: own points, gaps and delay, while shifts of
time and weekday are left out. A plan that costs no more than the ceiling has nothing that is trimmed away.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from intake.domain.scheduling.batch_tables import Entry
from intake.domain.scheduling.offers import Offer


@dataclass(frozen=True, slots=True)
class Trimmed:
    """One infusion with the offers that are left of it, and the kind of its session."""

    number: int
    kind: int
    offers: Mapping[int, Offer]


@dataclass(frozen=True, slots=True)
class Part:
    """The least cost of one end of a series that reaches a date, and the soonest and latest date of that end."""

    cost: int
    soonest: int
    latest: int


class Trimmer:
    """The trimmed offers of one series, for any ceiling."""

    def __init__(self, entry: Entry) -> None:
        self._entry = entry
        self._case = entry.case
        self._gaps = [(gap, p * entry.case.weights.spacing) for gap, p in entry.case.protocol.gap_points.items()]
        self._numbers = range(len(entry.case.fixed) + 1, entry.case.protocol.infusions + 1)
        self._tracks = {number: track for track in entry.tracks for number in track.numbers}
        self._rest = self._costs_of_rest() if entry.alone is not None and not entry.is_done else {}

    def below(self, ceiling: int) -> tuple[Trimmed, ...]:
        """The offers that plans of at most this cost can use, by the number of the infusion."""
        room = ceiling - self._entry.moved_points
        return tuple(
            Trimmed(number, self._tracks[number].kind, dict(self._kept(number, room))) for number in self._numbers
        )

    def _kept(self, number: int, room: int) -> list[tuple[int, Offer]]:
        kept = []
        for day, offer in self._tracks[number].offers.items():
            rest = self._rest.get((number, day))
            if rest is not None:
                levels = [(points, starts) for points, starts in offer.levels if points + rest <= room]
                if levels:
                    kept.append((day, Offer(levels, offer.chairs)))
        return kept

    def _costs_of_rest(self) -> dict[tuple[int, int], int]:
        """For each infusion and date on which it can be: what all others cost at least."""
        before, after = self._ways_to(), self._ways_from()
        protocol, found = self._case.protocol, {}
        for number in self._numbers:
            for day, come in before[number].items():
                go = after[number].get(day)
                if go is None or go.soonest - come.latest > protocol.max_span_days:
                    continue
                if go.latest - come.soonest >= protocol.min_span_days:
                    found[number, day] = come.cost + go.cost
        return found

    def _ways_to(self) -> dict[int, dict[int, Part]]:
        """The cheapest way to each date of each infusion, its own points left out; ends are first dates."""
        case, ways = self._case, dict[int, dict[int, Part]]()
        first = self._numbers[0]
        delay, earliest = case.weights.delay_day, case.patient.earliest.toordinal()
        for number in self._numbers:
            ways[number] = {}
            for day in self._tracks[number].offers:
                late = delay * (day - earliest) if number == first else 0
                if number == 1:
                    ways[number][day] = Part(late, day, day)
                    continue
                origins = self._origins(number, day, ways.get(number - 1, {}))
                if origins:
                    ways[number][day] = _best([(way, cost + late) for way, cost in origins])
        return ways

    def _origins(self, number: int, day: int, ways: Mapping[int, Part]) -> list[tuple[Part, int]]:
        if number == self._numbers[0]:
            last, start = self._case.fixed[-1].day.toordinal(), self._case.fixed[0].day.toordinal()
            return [(Part(0, start, start), points) for gap, points in self._gaps if day - gap == last]
        return [
            (ways[day - gap], points + self._least(number - 1, day - gap))
            for gap, points in self._gaps
            if day - gap in ways
        ]

    def _ways_from(self) -> dict[int, dict[int, Part]]:
        """The cheapest way on from each date of each infusion, its own points left out; ends are last dates."""
        ways: dict[int, dict[int, Part]] = {}
        for number in reversed(self._numbers):
            ways[number] = {}
            for day in self._tracks[number].offers:
                if number == self._numbers[-1]:
                    ways[number][day] = Part(0, day, day)
                    continue
                onward = ways[number + 1]
                nexts = [
                    (onward[day + gap], points + self._least(number + 1, day + gap))
                    for gap, points in self._gaps
                    if day + gap in onward
                ]
                if nexts:
                    ways[number][day] = _best(nexts)
        return ways

    def _least(self, number: int, day: int) -> int:
        return self._tracks[number].offers[day].levels[0][0]


def _best(ways: list[tuple[Part, int]]) -> Part:
    """The least cost over some ways, with the widest reach of any."""
    return Part(
        min(way.cost + cost for way, cost in ways),
        min(way.soonest for way, _ in ways),
        max(way.latest for way, _ in ways),
    )
