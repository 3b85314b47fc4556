"""Many series together on shared capacity: the best plan found in the time allowed, with a proven lower bound."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from random import Random

from intake.domain.scheduling.batch_bounds import Bounds
from intake.domain.scheduling.batch_improving import Improver
from intake.domain.scheduling.batch_layout import Layout, Placement
from intake.domain.scheduling.batch_orders import one_by_one, orders
from intake.domain.scheduling.batch_tables import Tables
from intake.domain.scheduling.batch_values import BatchCase, BatchPlan, KeepGoing, Progress, plan_of

ROUNDS_PER_REPORT = 20
SMALL = 20
"""Up to so many series the bound gets twice the share of the time: there it may well prove the plan."""
ROUNDS_PER_VISIT = 400
"""Rounds without a new best plan after which the search goes back to the best one."""


def plan_batch(
    case: BatchCase,
    *,
    keep_going: KeepGoing,
    progress: Callable[[Progress], None] | None = None,
    seed: int = 0,
    rounds: int | None = None,
) -> BatchPlan:
    """The best plan found until `keep_going` says no, `rounds` are done or the plan is proven to be the best one.

    Never worse than planning one by one in the best of several orders, the case's own among them, as far as these are
    through; the first one is finished even when the time is up. The same seed and number of
    rounds give the same plan. `progress` is called after each order and every twenty rounds.
    """
    if not case.series:
        return plan_of(case, {}, {}, 0)
    search = _Search(Tables(case), keep_going, progress or (lambda _: None), Random(seed))
    search.one_by_one()
    search.improve(rounds)
    return search.plan()


class _Search:
    """The course of one planning run: best plan so far, bound so far."""

    def __init__(
        self, tables: Tables, keep_going: KeepGoing, report: Callable[[Progress], None], random: Random
    ) -> None:
        self._tables = tables
        self._keep_going = keep_going
        self._report = report
        self._random = random
        self._bounds = Bounds(tables)
        self._rounds = 0
        count = len(tables.entries)
        self._rounds_per_step = count // 2 + 1 if count <= SMALL else count
        self._layout = Layout(tables)
        self._best_placed: dict[int, Placement] = {}
        self.best = self._layout.plan(self._bounds.best)

    def one_by_one(self) -> None:
        """Start from the best of several orders. The first one is finished whatever the time: no plan helps nobody."""
        keep_going: KeepGoing = lambda: True  # noqa: E731  # replaced after the first order
        for order in orders(self._tables, self._random):
            self._lay_out(order, keep_going)
            keep_going = self._keep_going
            if self.is_over(None):
                return

    def _lay_out(self, order: list[int], keep_going: KeepGoing) -> None:
        """One series after the other, while there is time; kept when it is the best layout so far."""
        layout = one_by_one(self._tables, order, keep_going)
        if layout.cost < self.best.cost or not self._layout.placed:
            self._layout = layout
            self._keep()
        self._say()

    def improve(self, rounds: int | None) -> None:
        """Rounds of improvement; now and then a step towards a better bound, and back to the best plan."""
        improver = Improver(self._layout, self._random)
        improver.wishes = self._bounds.wishes
        since_best = 0
        while not self.is_over(rounds):
            self._rounds += 1
            improver.round()
            since_best = 0 if self._keep() else since_best + 1
            if since_best >= ROUNDS_PER_VISIT:
                self._layout.restore(self._best_placed)
                since_best = 0
            if self._rounds % self._rounds_per_step == 0:
                self._bounds.step(self.best.cost)
                improver.prices = self._bounds.guide
            if self._rounds % ROUNDS_PER_REPORT == 0:
                self._say()

    def is_over(self, rounds: int | None) -> bool:
        """Whether the plan is proven to be the best, or rounds or time are used up."""
        if self._bounds.best >= self.best.cost or self._rounds == rounds:
            return True
        return not self._keep_going()

    def plan(self) -> BatchPlan:
        """The best plan with the best bound."""
        return replace(self.best, bound=self._bounds.best)

    def _keep(self) -> bool:
        """Remember the layout if it is the best so far."""
        if self._layout.cost >= self.best.cost:
            return False
        self.best = self._layout.plan(self._bounds.best)
        self._best_placed = dict(self._layout.placed)
        return True

    def _say(self) -> None:
        self._report(Progress(self.best.cost, self._bounds.best, self._rounds))
