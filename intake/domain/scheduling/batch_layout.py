"""Where every series of a batch stands while it is planned, and how one is laid out anew around all the others."""

from __future__ import annotations

from collections.abc import Iterable

from intake.domain.scheduling.batch_board import Board
from intake.domain.scheduling.batch_prices import FRACTION, Prices, cheapest, scaled
from intake.domain.scheduling.batch_tables import Entry, Tables, narrowed
from intake.domain.scheduling.batch_trimming import Trimmed, Trimmer
from intake.domain.scheduling.batch_values import BatchPlan, Slots, plan_of, whole_cost
from intake.domain.scheduling.offers import Offer
from intake.domain.scheduling.values import Slot

MOST_REPAIRS = 30
"""How often a series is planned again because a day had no seating for it; then it stays out."""
MOST_REMEMBERED = 20_000
"""Plans kept of all series together, by what was free when they were planned: about 10 kB each."""

STEPS = (6, 16, 40, 100, 10**9)
"""Points above the least cost of a series alone up to which its plans are searched, step by step."""

Placement = tuple[int, Slots]
"""What a series costs, and its slots without chairs; chairs are read off the board."""
Seen = tuple[int, ...]


class Layout:
    """A board with the series on it. Series are named by their place in the batch."""

    def __init__(self, tables: Tables) -> None:
        self.tables = tables
        self.board = Board(tables)
        self.placed: dict[int, Placement] = {}
        self._known: list[dict[Seen, Placement | None]] = [{} for _ in tables.entries]
        self._most_remembered = max(MOST_REMEMBERED // max(len(tables.entries), 1), 1)
        self._scaled = [scaled(entry.case) for entry in tables.entries]
        self._usual = [0] * len(tables.entries)
        self._trimmers = [Trimmer(entry) for entry in tables.entries]
        self._trims: dict[tuple[int, int], tuple[Trimmed, ...]] = {}
        self._narrowed: dict[tuple[int, ...], tuple[int, Offer | None]] = {}

    @property
    def cost(self) -> int:
        """The cost of the whole batch as it stands."""
        names = {self.tables.entries[place].id: cost for place, (cost, _) in self.placed.items()}
        return whole_cost(self.tables.batch, names)

    def insert(self, place: int, ceiling: int, prices: Prices | None = None) -> int | None:
        """Lay a series out at the least cost around all the others; its cost, or None when it has no room.

        A plan that costs more than `ceiling` is not placed either. At `prices` it is the plan of least cost and price
        together, near the least; the ceiling is for its cost alone. What can cost little more than the series alone is
        searched first, and more only where that holds no plan.
        """
        entry = self.tables.entries[place]
        if entry.alone is None:
            return None
        if entry.is_done:
            self.placed[place] = (entry.moved_points, entry.case.fixed)
            return entry.moved_points
        for _ in range(MOST_REPAIRS):
            found = self._best(place, entry, ceiling, prices)
            if found is None or found[0] > ceiling:
                return None
            if self._seat(place, entry, found[1]):
                self.placed[place] = found
                return found[0]
        return None

    def restore(self, placed: dict[int, Placement]) -> None:
        """Make the layout what it was before. Chairs may come out otherwise, sessions do not."""
        for place in [place for place in self.placed if self.placed[place] != placed.get(place)]:
            self.remove(place)
        for place, placement in placed.items():
            if place not in self.placed:
                self.put_back(place, placement)

    def put_back(self, place: int, placement: Placement) -> bool:
        """Place a series where it stood before, if all of that is still free and can be seated."""
        entry = self.tables.entries[place]
        done = len(entry.case.fixed)
        new = list(enumerate(placement[1][done:], done + 1))
        for number, slot in new:
            if not self.board.is_free(entry.kind_of(number), slot.day.toordinal(), slot.start):
                return False
        if not self._seat(place, entry, placement[1]):
            return False
        self.placed[place] = placement
        return True

    def remove(self, place: int) -> None:
        """Take a series off the board."""
        _, slots = self.placed.pop(place)
        for slot in slots[len(self.tables.entries[place].case.fixed) :]:
            self.board.remove(place, slot.day.toordinal())

    def plan(self, bound: int) -> BatchPlan:
        """The layout as a plan, with the chairs of the moment."""
        entries = self.tables.entries
        slots = {entries[place].id: tuple(self._seated(place)) for place in self.placed}
        costs = {entries[place].id: cost for place, (cost, _) in self.placed.items()}
        return plan_of(self.tables.batch, slots, costs, bound)

    def _seated(self, place: int) -> Iterable[Slot]:
        fixed = len(self.tables.entries[place].case.fixed)
        _, slots = self.placed[place]
        yield from slots[:fixed]
        for slot in slots[fixed:]:
            yield Slot(slot.day, slot.start, self.board.chair_of(place, slot.day.toordinal()))

    def _seat(self, place: int, entry: Entry, slots: Slots) -> bool:
        """Put all new infusions on the board, or none; a day that has no chair is looked at closely."""
        done = len(entry.case.fixed)
        for number, slot in enumerate(slots[done:], done + 1):
            kind, day = entry.kind_of(number), slot.day.toordinal()
            if not self.board.place(place, kind, day, slot.start):
                for earlier in slots[done : number - 1]:
                    self.board.remove(place, earlier.day.toordinal())
                self.board.refine(kind, day)
                return False
        return True

    def _best(self, place: int, entry: Entry, ceiling: int, prices: Prices | None) -> Placement | None:
        """The cheapest plan of a series in what is free now, if it costs no more than the ceiling."""
        alone = entry.alone or 0
        for step in range(self._usual[place], len(STEPS)):
            found = self._remembered(place, entry, step, prices)
            if found is not None and (prices is not None or found[0] <= alone + STEPS[step]):
                is_less = step > 0 and found[0] <= alone + STEPS[step - 1]
                self._usual[place] = step - 1 if is_less else step
                return found
            if alone + STEPS[step] >= ceiling:
                return None
        return None

    def _remembered(self, place: int, entry: Entry, step: int, prices: Prices | None) -> Placement | None:
        known, trimmed = self._known[place], self._trimmed(place, entry, step)
        board = self.board
        free = tuple(board.free_starts(part.kind, day) for part in trimmed for day in part.offers)
        if prices is not None:
            return self._search(place, entry, step, free, prices)
        key = (step, *free)
        if key not in known:
            if len(known) >= self._most_remembered:
                known.clear()
            known[key] = self._search(place, entry, step, free)
        return known[key]

    def _trimmed(self, place: int, entry: Entry, step: int) -> tuple[Trimmed, ...]:
        key = (place, step)
        if key not in self._trims:
            self._trims[key] = self._trimmers[place].below((entry.alone or 0) + STEPS[step])
        return self._trims[key]

    def _search(
        self, place: int, entry: Entry, step: int, free: tuple[int, ...], prices: Prices | None = None
    ) -> Placement | None:
        left: dict[int, dict[int, Offer]] = {}
        starts_of = iter(free)
        for part in self._trimmed(place, entry, step):
            offers = left[part.number] = {}
            for day, offer in part.offers.items():
                kept = self._narrow((place, step, part.number, day), offer, next(starts_of))
                if kept is not None:
                    offers[day] = kept if prices is None else prices.charged(kept, part.kind, day)
        if prices is None:
            found = cheapest(entry.case, left)
            return None if found is None else (found[0] + entry.moved_points, found[1])
        found = cheapest(self._scaled[place], left)
        if found is None:
            return None
        return (found[0] - prices.of(entry, found[1])) // FRACTION + entry.moved_points, found[1]

    def _narrow(self, key: tuple[int, ...], offer: Offer, starts: int) -> Offer | None:
        known = self._narrowed.get(key)
        if known is None or known[0] != starts:
            known = self._narrowed[key] = (starts, narrowed(offer, starts))
        return known[1]
