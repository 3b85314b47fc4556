"""Many series on shared capacity, as plain values: the case, and the plan with its proven bound."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from intake.domain.scheduling.values import Case, Slot

Slots = tuple[Slot, ...]
KeepGoing = Callable[[], bool]
"""Asked many times a second; once it says no, planning ends with the best plan found so far."""


@dataclass(frozen=True, slots=True)
class Series:
    """One series of a batch. The id is unique in its batch; the case is the one that `plan_series` takes."""

    id: str
    case: Case


@dataclass(frozen=True, slots=True)
class BatchCase:
    """Series that are planned together at one site.

    Build one from rows as for `plan_series`: a `Case` for each series, all with the *same* `site` object and the same
    `bookings` tuple. Bookings hold everybody who is not in the batch, and none of its own: what a series has booked
    and may move goes into its `current`, what is done or cannot move into its `fixed`. A fixed infusion that can
    still be in somebody's way (on or after the smallest `earliest`) stands in `bookings` as well. For a closed day
    the site's `closures` hold it, and each visit of that day stands in the `current` of its series. `pinned` is
    obeyed; `other_sites` and the weight `sliver` are ignored.

    `unplaced`: points for each series left out. `worst`: times the highest cost of any placed series.
    """

    series: tuple[Series, ...]
    unplaced: int = 0
    worst: int = 0


class Status(StrEnum):
    """Whether a plan is proven to be the best one."""

    OPTIMAL = "optimal"
    FEASIBLE = "feasible"


@dataclass(frozen=True, slots=True)
class BatchPlan:
    """Plans by series id (fixed infusions included), in the order of the case, and who is left out.

    `costs`: points of each placed series. No plan costs less than `bound`.
    """

    placed: Mapping[str, Slots]
    unplaced: tuple[str, ...]
    costs: Mapping[str, int]
    cost: int
    bound: int

    @property
    def status(self) -> Status:
        """Optimal when the bound meets the cost."""
        return Status.OPTIMAL if self.bound >= self.cost else Status.FEASIBLE

    @property
    def gap(self) -> float:
        """How far the cost may be above the least one, from 0 to 1."""
        return (self.cost - self.bound) / self.cost if self.cost > 0 else 0.0


@dataclass(frozen=True, slots=True)
class Progress:
    """How far planning has come: best cost and bound so far, and rounds of search done."""

    cost: int
    bound: int
    rounds: int


def whole_cost(case: BatchCase, costs: Mapping[str, int]) -> int:
    """The cost of a batch whose placed series cost this much each."""
    left_out = len(case.series) - len(costs)
    return sum(costs.values()) + case.unplaced * left_out + case.worst * max(costs.values(), default=0)


def plan_of(case: BatchCase, placed: Mapping[str, Slots], costs: Mapping[str, int], bound: int) -> BatchPlan:
    """The plan in the order of the case."""
    names = [series.id for series in case.series]
    kept = [name for name in names if name in placed]
    return BatchPlan(
        placed={name: placed[name] for name in kept},
        unplaced=tuple(name for name in names if name not in placed),
        costs={name: costs[name] for name in kept},
        cost=whole_cost(case, costs),
        bound=bound,
    )
