"""One series: planning, three plans in all, the reasons when there is none; and the same cases by CP-SAT."""

from __future__ import annotations

import gc
import statistics
import time
import tracemalloc
from collections.abc import Callable, Sequence
from functools import partial
from itertools import count, islice
from typing import Any

from intake.domain.scheduling.explanations import MOST_REASONS
from intake.domain.scheduling.planning import Infeasible, Plan, plan_series
from intake.domain.scheduling.reading import case_from_json
from intake.domain.scheduling.values import Case
from tests.bench.cp_sat import Model
from tests.bench.figures import milliseconds, spread, table
from tests.bench.planning_cases import CHAIRS, CLOSES, HORIZON_DAYS, OPENS, a_case, an_infeasible_case

CASES = 20
RUNS = 5
"""A case is planned this many times; its time is the median."""


def main() -> None:
    """Print times, memory and the comparison."""
    raw = [a_case(seed) for seed in range(CASES)]
    cases = [case_from_json(one) for one in raw]
    without = _with_five_reasons()
    print(f"{CASES} cases, {HORIZON_DAYS} days, {CHAIRS} chairs, {_load(cases):.0%} full, {RUNS} runs of each.\n")
    rows = [
        ("reading the case (JSON to values)", _times(case_from_json, raw), ""),
        ("best plan", _times(partial(plan_series, alternatives=0), cases), 30),
        ("three plans", _times(partial(plan_series, alternatives=2), cases), 80),
        ("no plan, five reasons", _times(plan_series, without), 400),
    ]
    print(table(("one series", "ms: median (least to most)", "target, ms"), rows))
    print(f"\nMemory of one plan with three alternatives: {_megabytes(cases[0]):.1f} MB at most (target 50).\n")
    _compare(cases)


def _times(work: Callable[[Any], Any], cases: Sequence[Any]) -> str:
    """The spread over the cases of the median time of one case, in milliseconds."""
    return spread([statistics.median(milliseconds(partial(work, case), RUNS)) for case in cases])


def _load(cases: list[Case]) -> float:
    """The share of chair minutes on open days that sessions and cleaning take."""
    days = len({booking.day for case in cases[:1] for booking in case.bookings})
    held = [sum(b.end + b.turnover - b.start for b in case.bookings) for case in cases]
    return statistics.mean(held) / (days * CHAIRS * (CLOSES - OPENS))


def _with_five_reasons() -> list[Case]:
    """The first cases without a plan for which as many reasons are found as are ever given."""
    every = (case_from_json(an_infeasible_case(seed)) for seed in count())
    return list(islice((case for case in every if _reasons(case) == MOST_REASONS), CASES))


def _reasons(case: Case) -> int:
    found = plan_series(case, 0)
    return len(found.reasons) if isinstance(found, Infeasible) else 0


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
        agreed += isinstance(plan, Plan) and plan.cost == cost
    ratios = [there / here for here, there in zip(ours, theirs, strict=True)]
    rows = [
        ("this planner, ms", spread(ours)),
        ("CP-SAT with its model, ms", spread(theirs)),
        ("CP-SAT takes so many times as long", spread(ratios)),
        ("candidate slots", spread([float(count) for count in candidates])),
        ("same optimum", f"{agreed} of {len(cases)}"),
    ]
    print(table(("the same cases", "median (least to most)"), rows))
