"""Many series together: cost, bound and time with and without OR-Tools, against one by one; a closed day of 40 visits.

The targets are shares above the best cost known (`BEST_KNOWN`), which is the least that any run found, OR-Tools with
ten minutes from our own plan among them.
"""

from __future__ import annotations

import resource
import time
from dataclasses import dataclass

from intake import solver
from intake.domain.scheduling.batch import plan_batch
from intake.domain.scheduling.batch_orders import one_by_one
from intake.domain.scheduling.batch_reading import batch_from_json, plan_to_json
from intake.domain.scheduling.batch_tables import Tables
from intake.domain.scheduling.batch_values import BatchCase, BatchPlan
from intake.domain.scheduling.checking_batch import check_batch
from intake.services.batches import Solver, plan_together
from tests.bench.batch_cases import Json, batch_case, closed_day
from tests.bench.figures import table


@dataclass(frozen=True, slots=True)
class Size:
    """One size of the bench: its case, time allowed, best cost known, and shares above it allowed (own, OR-Tools)."""

    title: str
    case: Json
    seconds: float
    best_known: int
    allowed: tuple[float, float]


SIZES = (
    Size("45 series, 6 chairs, 3 weeks", batch_case(1), 10, 1182, (0.02, 0.005)),
    Size("160 series, 6 chairs, 12 weeks", batch_case(3, series=160, weeks=12), 60, 6743, (0.03, 0.01)),
)
VISITS = 40
HEAD = ("", "planner", "s", "cost", "bound", "left out", "above best known", "target")


def main() -> None:
    """Print one table of the sizes, one of the closed day, and the memory of it all."""
    print(table(HEAD, [row for size in SIZES for row in _rows(size)]))
    print(f"\n{_closed_day()}")
    print(f"\nMemory of the process at its peak: {_megabytes():.0f} MB (target 1000).")


def _rows(size: Size) -> list[list[object]]:
    batch = batch_from_json(size.case)
    began = time.monotonic()
    tables = Tables(batch)
    alone = one_by_one(tables, range(len(batch.series)))
    rows = [_row(size, "one by one as they come", time.monotonic() - began, alone.plan(0), "")]
    for using, allowed in zip((Solver.OWN, Solver.ORTOOLS), size.allowed, strict=True):
        if using is Solver.OWN or solver.is_installed():
            plan, took = _timed(batch, size.seconds, using)
            _assert_legal(size.case, plan)
            rows.append(_row(size, using.value, took, plan, f"{allowed:.1%} in {size.seconds:.0f} s"))
    return rows


def _row(size: Size, planner: str, took: float, plan: BatchPlan, target: str) -> list[object]:
    above = plan.cost / size.best_known - 1
    return [size.title, planner, f"{took:.1f}", plan.cost, plan.bound, len(plan.unplaced), f"{above:+.1%}", target]


def _timed(batch: BatchCase, seconds: float, using: Solver) -> tuple[BatchPlan, float]:
    """A plan and its time: of the processor for our own planner, which has one thread; by the clock for OR-Tools."""
    clock = time.process_time if using is Solver.OWN else time.monotonic
    began = clock()
    plan = plan_together(batch, seconds_left=lambda: began + seconds - clock(), using=using)
    return plan, clock() - began


def _closed_day() -> str:
    """Close the fullest day of a planned clinic of twelve chairs; everybody else stays."""
    raw = batch_case(7, series=96, chairs=12, load=0.55)
    base = plan_to_json(plan_batch(batch_from_json(raw), keep_going=lambda: True, rounds=0))
    case = closed_day(base, raw)
    batch = batch_from_json(case)
    plan, took = _timed(batch, 10, Solver.OWN)
    _assert_legal(case, plan)
    return (
        f"A closed day of {len(batch.series)} visits (target {VISITS} in 10 s), own planner: {took:.1f} s, "
        f"{plan.status} at {plan.cost} (bound {plan.bound}), {len(plan.unplaced)} left out."
    )


def _assert_legal(case: Json, plan: BatchPlan) -> None:
    broken, cost = check_batch(case, plan_to_json(plan))
    assert not broken and cost == plan.cost, broken


def _megabytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
