"""Lower bounds: no plan of a batch costs less. First each series alone, then with prices on what is scarce.

A price on a limit is paid by every session for each unit that it takes, and given back once for each unit that there
is: what is left can only be less than what any plan costs (Lagrange). Prices rise where more is wanted than there is
and fall elsewhere (subgradient steps of Polyak's length). All in whole fractions of a point, so the bound is exact.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from intake.domain.scheduling.batch_scarcity import Limit, limits_of
from intake.domain.scheduling.batch_tables import ANY_CHAIR, Entry, Tables
from intake.domain.scheduling.batch_trimming import Trimmer
from intake.domain.scheduling.batch_values import Slots
from intake.domain.scheduling.levels import Levels, lowest
from intake.domain.scheduling.occupancy import WHOLE_DAY
from intake.domain.scheduling.offers import Offer
from intake.domain.scheduling.search import Search
from intake.domain.scheduling.values import Case

FRACTION = 4
"""Prices are counted in this many parts of a point."""
FIRST_LENGTH, LEAST_LENGTH = 1.0, 0.02
"""Length of a step as a share of Polyak's; it is halved when the bound stops rising."""
PATIENCE = 6
"""Steps without a better bound after which the length is halved, from the best prices on."""


def bound_from(tables: Tables, least: Sequence[int | None], scale: int = 1) -> int:
    """The bound from the least cost of each series (None: no plan), counted in `scale` parts of a point.

    Whom leaving out is cheaper counts as left out. The dearest one placed pays `worst` as well, at least for what it
    costs alone; so the bound is the least over who that is.
    """
    batch = tables.batch
    unplaced = batch.unplaced * scale
    costs = [unplaced if cost is None else min(cost, unplaced) for cost in least]
    if not batch.worst:
        return sum(costs)
    alone = [(entry.alone, place) for place, entry in enumerate(tables.entries) if entry.alone is not None]
    found, left_out = [], 0
    for cost, place in sorted(alone, reverse=True):
        found.append(left_out + batch.worst * scale * cost)
        left_out += unplaced - costs[place]
    return sum(costs) + min([*found, left_out])


class Bounds:
    """The best bound so far; each step looks for a better one."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables
        self.best = bound_from(tables, [entry.alone for entry in tables.entries])
        self._limits: list[Limit] = []
        self._prices: list[float] = []
        self._best_prices: list[float] = []
        self._highest: int | None = None
        self._on_day: dict[int, list[int]] = {}
        self._plans: list[_Priced | None] = []
        self._length = FIRST_LENGTH
        self._since_best = 0

    def step(self, cost: int) -> None:
        """One step of prices; `cost` is that of the best plan known, towards which the bound is to rise."""
        if self._length < LEAST_LENGTH:
            return
        if not self._plans:
            self._start()
        found, usage = self._priced()
        bound = -(-found // FRACTION)
        if self._highest is None or found > self._highest:
            self._highest, self._since_best, self._best_prices = found, 0, list(self._prices)
            self.best = max(self.best, bound)
        else:
            self._since_best += 1
            if self._since_best >= PATIENCE:
                self._length, self._since_best, self._prices = self._length / 2, 0, list(self._best_prices)
        self._move(max(cost * FRACTION - found, FRACTION), usage)

    def _start(self) -> None:
        self._limits = limits_of(self._tables)
        self._prices = [0.0] * len(self._limits)
        self._plans = [None if entry.alone is None else _Priced(entry) for entry in self._tables.entries]
        for place, limit in enumerate(self._limits):
            self._on_day.setdefault(limit.day, []).append(place)

    def _priced(self) -> tuple[int, list[int]]:
        """The bound at the present prices in parts of a point, and how much of each limit is then wanted."""
        whole = [int(price) for price in self._prices]
        levels: dict[tuple[int, int], Levels] = {}
        least: list[int | None] = []
        usage = [-limit.capacity for limit in self._limits]
        for entry, plan in zip(self._tables.entries, self._plans, strict=True):
            if plan is None:
                least.append(None)
                continue
            cost, slots = plan.best(lambda kind, day: self._levels(kind, day, whole, levels))
            least.append(cost)
            if cost < self._tables.batch.unplaced * FRACTION:
                self._add_usage(entry, slots, usage)
        given_back = sum(price * limit.capacity for price, limit in zip(whole, self._limits, strict=True))
        return bound_from(self._tables, least, FRACTION) - given_back, usage

    def _levels(self, kind: int, day: int, whole: list[int], known: dict[tuple[int, int], Levels]) -> Levels:
        """What each start of a day costs a session of a kind at the present prices, as disjoint masks."""
        if (kind, day) not in known:
            parts = {0: WHOLE_DAY}
            for place in self._on_day.get(day, ()):
                for units, starts in self._limits[place].uses.get(kind, ()) if whole[place] else ():
                    changed: dict[int, int] = {}
                    for price, where in parts.items():
                        for new, kept in ((price + units * whole[place], where & starts), (price, where & ~starts)):
                            if kept:
                                changed[new] = changed.get(new, 0) | kept
                    parts = changed
            known[kind, day] = list(parts.items())
        return known[kind, day]

    def _add_usage(self, entry: Entry, slots: Slots, usage: list[int]) -> None:
        done = len(entry.case.fixed)
        for number, slot in enumerate(slots[done:], done + 1):
            kind = entry.kind_of(number)
            for place in self._on_day[slot.day.toordinal()]:
                for units, starts in self._limits[place].uses.get(kind, ()):
                    if starts >> slot.start & 1:
                        usage[place] += units

    def _move(self, distance: int, usage: list[int]) -> None:
        pulls = [over if over > 0 or price > 0 else 0 for over, price in zip(usage, self._prices, strict=True)]
        norm = sum(pull * pull for pull in pulls)
        if norm:
            step = self._length * distance / norm
            self._prices = [max(0.0, price + step * pull) for price, pull in zip(self._prices, pulls, strict=True)]
        else:
            self._length = 0.0


PricesOn = Callable[[int, int], Levels]
"""What starts cost at the present prices: (kind, day) → levels in parts of a point."""


class _Priced:
    """One series planned at prices, by the exact search."""

    def __init__(self, entry: Entry) -> None:
        self.entry = entry
        self._trimmer = Trimmer(entry)
        self._case = _scaled(entry.case)

    def best(self, levels: PricesOn) -> tuple[int, Slots]:
        entry = self.entry
        if entry.is_done:
            return entry.moved_points * FRACTION, entry.case.fixed
        ceiling = self._cost_of_alone(levels)
        offers = {}
        for part in self._trimmer.below(-(-ceiling // FRACTION)):
            offers[part.number] = {
                day: Offer(_sum(offer.levels, levels(part.kind, day)), ANY_CHAIR) for day, offer in part.offers.items()
            }
        search = Search(self._case, offers)
        cost = search.least_cost()
        assert cost is not None
        return cost + entry.moved_points * FRACTION, search.first_plan(cost)

    def _cost_of_alone(self, levels: PricesOn) -> int:
        entry = self.entry
        done = len(entry.case.fixed)
        total = (entry.alone or 0) * FRACTION
        for number, slot in enumerate((entry.plan_alone or ())[done:], done + 1):
            priced = levels(entry.kind_of(number), slot.day.toordinal())
            total += next(price for price, starts in priced if starts >> slot.start & 1)
        return total


def _scaled(case: Case) -> Case:
    weights = case.weights
    names = ("spacing", "delay_day", "time_shift", "weekday_change")
    return replace(case, weights=replace(weights, **{name: getattr(weights, name) * FRACTION for name in names}))


def _sum(levels: Levels, prices: Levels) -> Levels:
    return lowest(
        [
            (points * FRACTION + price, both)
            for points, starts in levels
            for price, where in prices
            if (both := starts & where)
        ]
    )
