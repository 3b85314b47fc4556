"""Joint planning with OR-Tools where it is installed (requirements-solver.txt): CP-SAT makes a batch plan better.

One Boolean stands for each (series, infusion, date, start) that the planner of our own offers, so both plan by one
definition of what is free. A few series that compete are planned together, exactly, while all others stay; group after
group, larger ones as long as that is quick. A small batch is one group, and then the bound is CP-SAT's too.
"""

from __future__ import annotations

import importlib.util
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import ceil
from random import Random

from intake.domain.scheduling.batch_layout import Layout, Placement
from intake.domain.scheduling.batch_tables import Tables, narrowed
from intake.domain.scheduling.batch_trimming import Trimmed, Trimmer
from intake.domain.scheduling.batch_values import BatchCase, BatchPlan, Progress
from intake.domain.scheduling.levels import NEAR_MINUTES
from intake.solver_model import Candidate, Count, SeriesRules, Sessions, SharedDay

WHOLE_UP_TO = 12
"""A batch of at most this many series is given to CP-SAT whole."""
FIRST_GROUP, LARGEST_GROUP = 4, 14
QUICK_SECONDS, GROUP_SECONDS = 0.6, 2.0
"""A group solved more quickly makes the next one larger; one that takes longer is given up and the next smaller."""
LEAST_SECONDS = 0.2
"""With less time left no group is begun."""
WORKERS = 2


def is_installed() -> bool:
    """Whether OR-Tools can be used."""
    return importlib.util.find_spec("ortools") is not None


def improve(
    case: BatchCase,
    plan: BatchPlan,
    *,
    seconds_left: Callable[[], float],
    is_cancelled: Callable[[], bool] = lambda: False,
    progress: Callable[[Progress], None] | None = None,
    seed: int = 0,
) -> BatchPlan:
    """A plan that costs no more than the one given, with a bound no lower, found while there is time.

    Stops after the group at hand when cancelled. Needs OR-Tools (`is_installed`).
    """
    work = _Work(case, plan, Random(seed))
    while seconds_left() > LEAST_SECONDS and not is_cancelled() and work.bound < work.layout.cost:
        work.next_group(seconds_left)
        if progress is not None:
            progress(Progress(work.layout.cost, work.bound, work.groups))
    return work.layout.plan(work.bound) if work.layout.cost <= plan.cost else replace(plan, bound=work.bound)


class _Work:
    """The layout while it is made better."""

    def __init__(self, case: BatchCase, plan: BatchPlan, random: Random) -> None:
        self.tables = Tables(case)
        self.layout = Layout(self.tables)
        self.bound = plan.bound
        self.groups = 0
        self._random = random
        self._trimmers = [Trimmer(entry) for entry in self.tables.entries]
        self._size = FIRST_GROUP
        for place, entry in enumerate(self.tables.entries):
            if entry.id in plan.placed:
                placement = (plan.costs[entry.id], plan.placed[entry.id])
                if entry.is_done:
                    self.layout.placed[place] = placement
                else:
                    self.layout.put_back(place, placement)
        self._places = [p for p, e in enumerate(self.tables.entries) if e.alone is not None and not e.is_done]

    def next_group(self, seconds_left: Callable[[], float]) -> None:
        """Plan some series anew together; a better plan is kept."""
        self.groups += 1
        is_whole = len(self._places) <= max(WHOLE_UP_TO, self._size)
        group = self._places if is_whole else self._chosen()
        before = self.layout.cost
        saved = dict(self.layout.placed)
        self.layout.board.begin()
        for place in group:
            if place in saved:
                self.layout.remove(place)
        model = _Model(self.layout, [self._of(place, before) for place in group], before)
        seconds = max(seconds_left(), LEAST_SECONDS / 2)
        answer = model.solve(seconds if is_whole else min(seconds, GROUP_SECONDS), self._random.randrange(2**31))
        if is_whole:
            self.bound = max(self.bound, min(answer.bound, before))
        self._size += 1 if answer.is_final and answer.seconds < QUICK_SECONDS else 0 if answer.is_final else -1
        self._size = max(FIRST_GROUP, min(self._size, LARGEST_GROUP))
        if not self._is_taken(answer.placed, before):
            self.layout.board.undo()
            self.layout.placed = saved

    def _is_taken(self, placed: Mapping[int, Placement] | None, before: int) -> bool:
        if placed is None:
            return False
        return all(self.layout.put_back(p, found) for p, found in placed.items()) and self.layout.cost < before

    def _chosen(self) -> list[int]:
        """A series that costs more than it would alone, and others that stand in its way or beside it."""
        entries, board = self.tables.entries, self.layout.board
        cost = {p: self.layout.placed[p][0] if p in self.layout.placed else self._unplaced for p in self._places}
        seed = self._random.choices(
            self._places, [cost[p] - min(entries[p].alone or 0, self._unplaced) + 1 for p in self._places]
        )[0]
        weights = dict.fromkeys(self._places, 0.2)
        done = len(entries[seed].case.fixed)
        now = self.layout.placed[seed][1] if seed in self.layout.placed else ()
        for slot in ((entries[seed].plan_alone or ())[done:]) + now[done:]:
            for other, sitter in board.sitters(slot.day.toordinal()).items():
                weights[other] += 2.0 if abs(sitter.start - slot.start) < NEAR_MINUTES * 2 else 0.3
        group = [seed]
        while len(group) < min(self._size, len(self._places)):
            left = [p for p in self._places if p not in group]
            group.append(self._random.choices(left, [weights[p] for p in left])[0])
        return group

    @property
    def _unplaced(self) -> int:
        return self.tables.batch.unplaced

    def _of(self, place: int, before: int) -> Candidate:
        """A series with the starts that are free and can be part of a plan that is better than the one before."""
        entry = self.tables.entries[place]
        floors = sum(min(e.alone or 0, self._unplaced) for p, e in enumerate(self.tables.entries) if p != place)
        parts = tuple(self._free(part) for part in self._trimmers[place].below(max(before - floors, 0)))
        return Candidate(place, entry, parts)

    def _free(self, part: Trimmed) -> Trimmed:
        free = {
            day: kept
            for day, offer in part.offers.items()
            if (kept := narrowed(offer, self.layout.board.free_starts(part.kind, day))) is not None
        }
        return Trimmed(part.number, part.kind, free)


@dataclass(frozen=True, slots=True)
class _Answer:
    """What CP-SAT says: better placements or None, a bound on the whole cost, whether it was sure, how long it took."""

    placed: Mapping[int, Placement] | None
    bound: int
    is_final: bool
    seconds: float


class _Model:
    """CP-SAT's view of a group whose series are off the board, while all others stand on it."""

    def __init__(self, layout: Layout, group: Sequence[Candidate], before: int) -> None:
        from ortools.sat.python import cp_model

        self._cp = cp_model
        self._model = cp_model.CpModel()
        self._layout = layout
        self._before = before
        sessions_of: Sessions = defaultdict(lambda: defaultdict(list))
        self._series = [SeriesRules(self._model, candidate, sessions_of) for candidate in group]
        for day, sessions in sessions_of.items():
            SharedDay(self._model, layout, day, sessions)
        self._minimize()

    def _minimize(self) -> None:
        batch, placed = self._layout.tables.batch, self._layout.placed
        out = batch.unplaced * (len(self._layout.tables.entries) - len(placed) - len(self._series))
        total: Count = sum(cost for cost, _ in placed.values()) + out
        for series in self._series:
            total += series.cost + batch.unplaced * (1 - series.inside)
        if batch.worst:
            highest = self._model.new_int_var(max((cost for cost, _ in placed.values()), default=0), self._before, "")
            for series in self._series:
                self._model.add(highest >= series.cost)
            total += batch.worst * highest
        self._model.add(total <= self._before - 1)
        self._model.minimize(total)

    def solve(self, seconds: float, seed: int) -> _Answer:
        """Look for a better plan; that none exists is the usual answer."""
        solver = self._cp.CpSolver()
        solver.parameters.max_time_in_seconds = seconds
        solver.parameters.num_workers = WORKERS
        solver.parameters.random_seed = seed
        status = solver.solve(self._model)
        took = solver.wall_time
        if status == self._cp.INFEASIBLE:
            return _Answer(None, self._before, True, took)
        if status not in (self._cp.OPTIMAL, self._cp.FEASIBLE):
            return _Answer(None, ceil(solver.best_objective_bound - 1e-6), False, took)
        placed = {s.place: s.placement(solver) for s in self._series if solver.value(s.inside)}
        return _Answer(placed, ceil(solver.best_objective_bound - 1e-6), status == self._cp.OPTIMAL, took)
