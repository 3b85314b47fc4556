"""Planning many series together: with OR-Tools where it is installed, with the planner of our own otherwise."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum

from intake import solver
from intake.domain.errors import DomainError
from intake.domain.scheduling.batch import plan_batch
from intake.domain.scheduling.batch_values import BatchCase, BatchPlan, Progress, Status

OWN_SHARE, OWN_SHARE_OF_SMALL = 0.75, 0.4
"""How much of the time the planner of our own gets before OR-Tools goes on from its plan; less where that proves it."""


class Solver(StrEnum):
    """Who plans: `auto` takes OR-Tools where it is installed."""

    AUTO = "auto"
    OWN = "own"
    ORTOOLS = "ortools"


def plan_together(
    case: BatchCase,
    *,
    seconds_left: Callable[[], float],
    using: Solver = Solver.AUTO,
    is_cancelled: Callable[[], bool] = lambda: False,
    progress: Callable[[Progress], None] | None = None,
    seed: int = 0,
) -> BatchPlan:
    """The best plan of a batch that is found before the time is up or `is_cancelled` says so, with a proven bound.

    Nothing is read or written; call it outside a transaction. `seconds_left` is asked many times a second. Raises
    `DomainError` when OR-Tools is asked for and not installed.
    """
    if using is Solver.ORTOOLS and not solver.is_installed():
        raise DomainError("solver: OR-Tools is not installed (requirements-solver.txt)", field="solver")
    helped = using is not Solver.OWN and solver.is_installed()
    share = OWN_SHARE_OF_SMALL if len(case.series) <= solver.WHOLE_UP_TO else OWN_SHARE
    kept_back = seconds_left() * (1 - share) if helped else 0.0
    plan = plan_batch(
        case,
        keep_going=lambda: seconds_left() > kept_back and not is_cancelled(),
        progress=progress,
        seed=seed,
    )
    if not helped or plan.status is Status.OPTIMAL or is_cancelled():
        return plan
    return solver.improve(
        case, plan, seconds_left=seconds_left, is_cancelled=is_cancelled, progress=progress, seed=seed
    )
