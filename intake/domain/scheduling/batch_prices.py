"""Prices on what is scarce, and one series planned at them: what its plan takes from all the others counts as cost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from intake.domain.scheduling.batch_scarcity import Limit
from intake.domain.scheduling.batch_tables import ANY_CHAIR, Entry
from intake.domain.scheduling.batch_values import Slots
from intake.domain.scheduling.levels import Levels, lowest
from intake.domain.scheduling.occupancy import WHOLE_DAY
from intake.domain.scheduling.offers import Offer
from intake.domain.scheduling.search import Search
from intake.domain.scheduling.values import Case

FRACTION = 4
"""Prices are whole numbers of parts of a point; a point has this many."""


class Prices:
    """One price for each limit, in parts of a point, and what each start then costs."""

    def __init__(self, limits: Sequence[Limit], prices: Sequence[int]) -> None:
        self._limits = limits
        self._prices = prices
        self._charged: dict[int, list[int]] = {}
        for place, limit in enumerate(limits):
            if prices[place]:
                self._charged.setdefault(limit.day, []).append(place)
        self._known: dict[tuple[int, int], Levels] = {}

    @property
    def given_back(self) -> int:
        """What the limits are worth at these prices."""
        return sum(price * limit.capacity for price, limit in zip(self._prices, self._limits, strict=True))

    def on(self, kind: int, day: int) -> Levels:
        """What each start of a day costs a session of a kind, as disjoint masks."""
        if (kind, day) not in self._known:
            parts = {0: WHOLE_DAY}
            for place in self._charged.get(day, ()):
                for units, starts in self._limits[place].uses.get(kind, ()):
                    parts = _raised(parts, starts, units * self._prices[place])
            self._known[kind, day] = list(parts.items())
        return self._known[kind, day]

    def of(self, entry: Entry, slots: Slots) -> int:
        """What the new infusions of a plan pay."""
        done, total = len(entry.case.fixed), 0
        for number, slot in enumerate(slots[done:], done + 1):
            levels = self.on(entry.kind_of(number), slot.day.toordinal())
            total += next(price for price, starts in levels if starts >> slot.start & 1)
        return total

    def charged(self, offer: Offer, kind: int, day: int) -> Offer:
        """An offer with the price added to each start, all in parts of a point."""
        pieces = [
            (points * FRACTION + price, both)
            for points, starts in offer.levels
            for price, where in self.on(kind, day)
            if (both := starts & where)
        ]
        return Offer(lowest(pieces), ANY_CHAIR)


def _raised(parts: dict[int, int], starts: int, price: int) -> dict[int, int]:
    changed: dict[int, int] = {}
    for before, where in parts.items():
        for after, kept in ((before + price, where & starts), (before, where & ~starts)):
            if kept:
                changed[after] = changed.get(after, 0) | kept
    return changed


def scaled(case: Case) -> Case:
    """The case with what the search itself reckons in parts of a point; offers bring theirs along."""
    weights = case.weights
    names = ("spacing", "delay_day", "time_shift", "weekday_change")
    return replace(case, weights=replace(weights, **{name: getattr(weights, name) * FRACTION for name in names}))


def cheapest(case: Case, offers: Mapping[int, Mapping[int, Offer]]) -> tuple[int, Slots] | None:
    """The cheapest plan from offers, whatever they count in; kept bookings are gains, so it may be below 0."""
    if not all(offers.values()):
        return None
    search = Search(case, offers)
    cost = search.least_cost()
    return None if cost is None else (cost, search.first_plan(cost))
