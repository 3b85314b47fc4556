"""One series: planning, three plans in all, the reasons when there is none; and the same cases by CP-SAT."""

from __future__ import annotations

import gc
import statistics
import time
import tracemalloc
from collections.abc import Callable
from typing import Any

from intake.domain.scheduling.planning import Infeasible, Plan, plan_series
from intake.domain.scheduling.reading import case_from_json
from intake.domain.scheduling.values import Case
from tests.bench.cp_sat import Model
from tests.bench.figures import spread, table
from tests.bench.planning_cases import CHAIRS, CLOSES, HORIZON_DAYS, OPENS, a_case, an_infeasible_case

CASES = 20
RUNS = 5
"""A case is planned this many times; its time is the median."""


def main() -> None:
    """Print times, memory and the comparison."""
    raw = [a_case(seed) for seed in range(CASES)]
    cases = [case_from_json(one) for one in raw]
    without = [case_from_json(an_infeasible_case(seed)) for seed in range(CASES)]
    print(f"{CASES} cases, {HORIZON_DAYS} days, {CHAIRS} chairs, {_load(cases):.0%} full, {RUNS} runs of each.\n")
    rows = [
        ("reading the case (JSON to values)", spread([_ms(lambda one=one: case_from_json(one)) for one in raw]), ""),
        ("best plan", spread([_ms(lambda case=case: plan_series(case, 0)) for case in cases]), 30),
        ("three plans", spread([_ms(lambda case=case: plan_series(case, 2)) for case in cases]), 80),
        (
            f"no plan: {_reasons(without)} reasons",
            spread([_ms(lambda case=case: plan_series(case)) for case in without]),
            400,
        ),
    ]
    print(table(("one series", "ms: median (least to most)", "target, ms"), rows))
    print(f"\nMemory of one plan with three alternatives: {_megabytes(cases[0]):.1f} MB at most (target 50).\n")
    _compare(cases)


def _ms(work: Callable[[], Any]) -> float:
    taken = []
    for _ in range(RUNS):
        began = time.perf_counter()
        work()
        taken.append((time.perf_counter() - began) * 1000)
    return statistics.median(taken)


def _load(cases: list[Case]) -> float:
    """The share of chair minutes on open days that sessions and cleaning take."""
    days = len({booking.day for case in cases[:1] for booking in case.bookings})
    held = [sum(b.end + b.turnover - b.start for b in case.bookings) for case in cases]
    return statistics.mean(held) / (days * CHAIRS * (CLOSES - OPENS))


def _reasons(cases: list[Case]) -> str:
    counts = {len(found.reasons) for case in cases if isinstance(found := plan_series(case), Infeasible)}
    return " to ".join(str(count) for count in sorted({min(counts), max(counts)}))


def _megabytes(case: Case) -> float:
    gc.collect()
    tracemalloc.start()
    plan_series(case, 3)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak / 1e6


def _compare(cases: list[Case]) -> None:
    """The same cases by CP-SAT: the cost, and how many times as long it takes."""
    ours, theirs, candidates, agreed = [], [], [], 0
    for case in cases:
        began = time.perf_counter()
        plan = plan_series(case, 0)
        ours.append((time.perf_counter() - began) * 1000)
        began = time.perf_counter()
        model = Model(case)
        cost = model.solve()
        theirs.append((time.perf_counter() - began) * 1000)
        candidates.append(len(model.candidates))
        agreed += cost == (plan.cost if isinstance(plan, Plan) else None)
    ratios = [there / here for here, there in zip(ours, theirs, strict=True)]
    rows = [
        ("this planner, ms", spread(ours)),
        ("CP-SAT with its model, ms", spread(theirs)),
        ("CP-SAT takes so many times as long", spread(ratios)),
        ("candidate slots", spread([float(count) for count in candidates])),
        ("same optimum", f"{agreed} of {len(cases)}"),
    ]
    print(table(("the same cases", "median (least to most)"), rows))
