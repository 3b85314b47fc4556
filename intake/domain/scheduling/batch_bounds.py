"""Lower bounds: no plan of a batch costs less. First each series alone, then with prices on what is scarce.

A price on a limit is paid by every session for each unit that it takes, and given back once for each unit that there
is: what is left can only be less than what any plan costs (Lagrange). Prices rise where more is wanted than there is
and fall elsewhere (subgradient steps of Polyak's length). All in whole fractions of a point, so the bound is exact.
"""

from __future__ import annotations

from collections.abc import Sequence

from intake.domain.scheduling.batch_prices import FRACTION, Prices, cheapest, scaled
from intake.domain.scheduling.batch_scarcity import Limit, limits_of
from intake.domain.scheduling.batch_tables import Entry, Tables
from intake.domain.scheduling.batch_trimming import Trimmer
from intake.domain.scheduling.batch_values import Slots
from intake.domain.scheduling.values import Case

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
        self._trimmers: list[Trimmer] = []
        self._cases: list[Case] = []
        self.wishes: dict[int, Slots] = {}
        """What each series (by its place) would have at the present prices."""
        self.guide: Prices | None = None
        """The present prices in whole points: coarse enough to plan by quickly. None before the first step."""
        self._length = FIRST_LENGTH
        self._since_best = 0

    def step(self, cost: int) -> None:
        """One step of prices; `cost` is that of the best plan known, towards which the bound is to rise."""
        if self._length < LEAST_LENGTH:
            return
        if not self._trimmers:
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
        self._prices = self._best_prices = [0.0] * len(self._limits)
        self._trimmers = [Trimmer(entry) for entry in self._tables.entries]
        self._cases = [scaled(entry.case) for entry in self._tables.entries]
        for place, limit in enumerate(self._limits):
            self._on_day.setdefault(limit.day, []).append(place)

    def _priced(self) -> tuple[int, list[int]]:
        """The bound at the present prices in parts of a point, and how much too much of each limit is then wanted."""
        prices = Prices(self._limits, [int(price) for price in self._prices])
        self.guide = Prices(self._limits, [int(price) // FRACTION * FRACTION for price in self._prices])
        least: list[int | None] = []
        usage = [-limit.capacity for limit in self._limits]
        for place, entry in enumerate(self._tables.entries):
            if entry.alone is None:
                least.append(None)
                continue
            cost, slots = self._plan(place, entry, prices)
            self.wishes[place] = slots
            least.append(cost)
            if cost < self._tables.batch.unplaced * FRACTION:
                self._add_usage(entry, slots, usage)
        return bound_from(self._tables, least, FRACTION) - prices.given_back, usage

    def _plan(self, place: int, entry: Entry, prices: Prices) -> tuple[int, Slots]:
        """The least that a series costs at prices: no more than its plan alone does, so dearer plans are left out."""
        moved = entry.moved_points * FRACTION
        if entry.is_done or entry.plan_alone is None:
            return moved, entry.case.fixed
        ceiling = (entry.alone or 0) * FRACTION + prices.of(entry, entry.plan_alone)
        trimmed = self._trimmers[place].below(-(-ceiling // FRACTION))
        offers = {
            part.number: {day: prices.charged(offer, part.kind, day) for day, offer in part.offers.items()}
            for part in trimmed
        }
        found = cheapest(self._cases[place], offers)
        return (ceiling, entry.plan_alone) if found is None else (found[0] + moved, found[1])

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
