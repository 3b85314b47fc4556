"""Costs as a function of the start: a list of (points, mask of starts), points rising, masks disjoint.

Costs are small whole numbers shared by many starts, so a whole day of starts is handled by a few operations.
"""

from __future__ import annotations

from collections.abc import Iterable

from intake.domain.scheduling.occupancy import WHOLE_DAY, starts_touching

Level = tuple[int, int]
Levels = list[Level]

NEAR_MINUTES = 60
"""Starts of consecutive infusions that differ by more than this are a time shift."""
FREE: Levels = [(0, WHOLE_DAY)]


def near(starts: int) -> int:
    """The minutes that lie within an hour of one of the starts, both ends in."""
    return starts_touching(starts << NEAR_MINUTES, 0, 2 * NEAR_MINUTES + 1) & WHOLE_DAY


def lowest(pieces: Iterable[Level]) -> Levels:
    """The least cost of each start, from pieces that may overlap."""
    levels: Levels = []
    covered = 0
    for points, starts in sorted(pieces):
        fresh = starts & ~covered
        if fresh:
            covered |= fresh
            levels.append((points, fresh))
    return levels


def after_shift(levels: Levels, shift_points: int) -> Levels:
    """What the best neighbour costs, by one's own start: a neighbour more than an hour off costs the shift too."""
    cap = levels[0][0] + shift_points
    pieces = [(points, near(starts)) for points, starts in levels if points < cap]
    return lowest([*pieces, (cap, WHOLE_DAY)])


def added(levels: Levels, others: Levels, points: int = 0) -> Levels:
    """The sum of two functions of the start, where both are defined, and a constant."""
    sums: dict[int, int] = {}
    for here, starts in levels:
        for there, other_starts in others:
            both = starts & other_starts
            if both:
                total = here + there + points
                sums[total] = sums.get(total, 0) | both
    return sorted(sums.items())


def least_sum(levels: Levels, others: Levels) -> int | None:
    """The least value of the sum of two functions of the start; None where no start has both."""
    best: int | None = None
    for here, starts in levels:
        if best is not None and here + others[0][0] >= best:
            break
        for there, other_starts in others:
            if starts & other_starts:
                best = here + there if best is None else min(best, here + there)
                break
    return best
