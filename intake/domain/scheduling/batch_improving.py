"""Large neighbourhoods: some series leave the board, one of them is laid out first, the others around it.

All randomness comes from the generator that is given, and a round never asks for the time: with the same seed the
same rounds are made, so that a time limit only decides after which of them the search ends.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import log
from random import Random

from intake.domain.scheduling.batch_layout import Layout, Placement
from intake.domain.scheduling.batch_prices import Prices
from intake.domain.scheduling.batch_values import Slots

PRICED = 0.5
"""How many of the rounds plan at the prices of the bound, so that a series leaves to others what they need more."""
WITH_RIVALS = 0.6
"""How many of the rounds take out those in the way of one series; the others take out some by chance."""
RIVALS = (1, 1, 1, 2, 2, 3)
"""How many of those in the way of one series leave with it."""
STRANGERS = (2, 3, 4, 5)
"""How many leave when they are drawn by chance; most of them come back to where they were."""
LEFT_OUT = 0.1
"""How many of the rounds leave a series out on purpose, where the highest cost is charged again as `worst`."""
WARMTH = 1.0
"""Points that a round may make things worse by, on average, for the sake of what later rounds find."""


class Improver:
    """Rounds of improvement on one layout, which may also get a little worse; keep the best one seen."""

    def __init__(self, layout: Layout, random: Random) -> None:
        self.layout = layout
        self.prices: Prices | None = None
        self.wishes: Mapping[int, Slots] = {}
        self._at: Prices | None = None
        self._random = random
        self._batch = layout.tables.batch
        self._unplaced = self._batch.unplaced
        self._entries = layout.tables.entries
        self._places = [p for p, entry in enumerate(self._entries) if entry.alone is not None and not entry.is_done]
        self._floor = [
            self._unplaced if entry.alone is None else min(entry.alone, self._unplaced) for entry in self._entries
        ]

    def round(self) -> bool:
        """Lay some series out anew; True when the layout changed or could have, False when it is as before."""
        if not self._places:
            return False
        layout = self.layout
        before, saved = layout.cost, dict(layout.placed)
        spare = self._batch.worst * max((cost for cost, _ in saved.values()), default=0)
        allowed = before - WARMTH * log(1.0 - self._random.random())
        seed = self._random.choices(self._places, [self._excess(place) + 0.5 for place in self._places])[0]
        self._at = self.prices if self._random.random() < PRICED else None
        with_rivals = self._random.random() < WITH_RIVALS
        others = self._rivals(seed) if with_rivals else self._strangers(seed)
        layout.board.begin()
        for place in (seed, *others):
            if place in layout.placed:
                layout.remove(place)
        if self._batch.worst and self._random.random() < LEFT_OUT:
            others = [place for place in others if place in saved and layout.put_back(place, saved[place])]
            if layout.cost <= allowed:
                return True
        elif (
            self._lay_out(seed, others, saved, allowed - before + spare, keeps=not with_rivals)
            and layout.cost <= allowed
        ):
            return True
        layout.board.undo()
        layout.placed = saved
        return False

    def _excess(self, place: int) -> int:
        """What a series costs above its least."""
        return self._cost_in(self.layout.placed, place) - self._floor[place]

    def _cost_in(self, placed: dict[int, Placement], place: int) -> int:
        return placed[place][0] if place in placed else self._unplaced

    def _lay_out(self, seed: int, others: list[int], saved: dict[int, Placement], spare: float, *, keeps: bool) -> bool:
        """Place the seed, then the others: where they were if they may and can be, else anew. False: too dear."""
        spare += self._excess_in(saved, seed)
        order = [seed, *others]
        if keeps:
            if not self._insert(seed, spare):
                return False
            spare -= self._excess(seed)
            order = [p for p in others if p not in saved or not self.layout.put_back(p, saved[p])]
            spare += sum(self._excess_in(saved, place) for place in order)
        else:
            spare += sum(self._excess_in(saved, place) for place in others)
        for place in order:
            if not self._insert(place, spare):
                return False
            spare -= self._excess(place)
        return True

    def _excess_in(self, placed: dict[int, Placement], place: int) -> int:
        return self._cost_in(placed, place) - self._floor[place]

    def _insert(self, place: int, spare: float) -> bool:
        """Place a series that may cost this much above its least; False when it can neither be placed nor left out."""
        if spare < 0:
            return False
        ceiling = min(self._unplaced, self._floor[place] + int(spare))
        return self.layout.insert(place, ceiling, self._at) is not None or self._unplaced - self._floor[place] <= spare

    def _rivals(self, seed: int) -> list[int]:
        """Some of the series whose sessions overlap those that the seed would have alone, or at the bound's prices."""
        entry, board = self._entries[seed], self.layout.board
        wish = self.wishes.get(seed, ()) if self._random.random() < 0.5 else ()
        weights: dict[int, int] = {}
        done = len(entry.case.fixed)
        for number, slot in enumerate((wish or entry.plan_alone or ())[done:], done + 1):
            until = slot.start + self.layout.tables.kinds[entry.kind_of(number)].held_minutes
            for other, sitter in board.sitters(slot.day.toordinal()).items():
                if other != seed and sitter.start < until and slot.start < sitter.until:
                    weights[other] = weights.get(other, 0) + 1
        chosen: list[int] = []
        for _ in range(self._random.choice(RIVALS)):
            left = [place for place in weights if place not in chosen]
            if left:
                chosen.append(self._random.choices(left, [weights[place] for place in left])[0])
        return chosen

    def _strangers(self, seed: int) -> list[int]:
        others = [place for place in self._places if place != seed]
        return self._random.sample(others, min(len(others), self._random.choice(STRANGERS)))
