"""The exact search: branch and bound over dates, with all starts of a date carried along as cost levels.

First it looks back from the end: the least cost still to go from each date and start when span, seven days and
weekdays are left out. That is a lower bound, so a branch whose bound does not beat the best plan known can be cut
without losing the optimum. A second pass, in the order of dates, finds the first plan of that cost.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from intake.domain.scheduling.capacity import Calendar
from intake.domain.scheduling.levels import FREE, Levels, added, after_shift, least_sum, lowest
from intake.domain.scheduling.offers import Offers, offers_of
from intake.domain.scheduling.series_rules import WEEK_DAYS
from intake.domain.scheduling.values import Case, Slot

Days = tuple[int, ...]


@dataclass(slots=True)
class Budget:
    """How much work is left, in branches, for plans that need not be found at any price."""

    left: int

    def spend(self, work: int) -> None:
        """Take some of it. Raises `OutOfBudget` when that is more than was left."""
        self.left -= work
        if self.left < 0:
            raise OutOfBudget


class OutOfBudget(Exception):
    """The work that was granted did not suffice: whether there is a plan is not known."""


@dataclass(slots=True)
class Branch:
    """The first dates of a series (ordinals, fixed ones included) and their cost by the start of the last one."""

    days: Days
    levels: Levels
    bound: int


def best_series(case: Case, calendar: Calendar, budget: Budget | None = None) -> tuple[Slot, ...] | None:
    """The cheapest legal series of a case, fixed infusions included; None when there is none.

    Of equal ones the earliest dates win, then the earliest starts, then the first chairs. Raises `OutOfBudget` where
    a budget is given and does not suffice.
    """
    if has_misplaced_pin(case) or len(case.fixed) > case.protocol.infusions:
        return None
    return solve(case, offers_of(case, calendar), budget)


def has_misplaced_pin(case: Case) -> bool:
    """Whether an infusion is pinned at a number that the series lacks, or that is fixed elsewhere."""
    done = dict(enumerate(case.fixed, 1))
    return any(
        number > case.protocol.infusions or done.get(number, slot) != slot for number, slot in case.pinned.items()
    )


def solve(case: Case, offers: Offers, budget: Budget | None = None) -> tuple[Slot, ...] | None:
    """The same from given offers, which may leave out what an alternative must not use."""
    if len(case.fixed) == case.protocol.infusions:
        return case.fixed
    search = Search(case, offers, budget)
    cost = search.least_cost()
    return None if cost is None else search.first_plan(cost)


class Search:
    """One search through one table of offers. Costs here leave out what cannot change: bookings all moved."""

    def __init__(self, case: Case, offers: Offers, budget: Budget | None = None) -> None:
        self._case = case
        self._protocol = case.protocol
        self._weights = case.weights
        self._offers = offers
        self._budget = budget
        self._total = case.protocol.infusions
        self._done = tuple(slot.day.toordinal() for slot in case.fixed)
        self._earliest = case.patient.earliest.toordinal()
        self._gaps = [(gap, points * case.weights.spacing) for gap, points in sorted(case.protocol.gap_points.items())]
        window = case.protocol.max_in_7_days
        self._memory = max(case.protocol.per_week, window if window < WEEK_DAYS else 0)
        self._to_go: dict[int, dict[int, Levels]] = {}
        self._ends: dict[int, dict[int, tuple[int, int]]] = {}
        self._spend(sum(map(len, offers.values())))
        self._look_back()

    def least_cost(self) -> int | None:
        """The proven least cost, or None when no plan exists."""
        best: int | None = None
        stack = _dearest_first(self._roots())
        seen: dict[Days, Levels] = {}
        while stack:
            branch = stack.pop()
            if best is not None and branch.bound >= best:
                continue
            if len(branch.days) == self._total:
                best = branch.bound
            elif not self._is_beaten(branch, seen):
                stack += _dearest_first(self._children(branch))
                self._spend(1)
        return best

    def first_plan(self, cost: int) -> tuple[Slot, ...]:
        """Of all plans of the least cost the one whose dates, then starts, then chairs come first."""
        stack = sorted(self._roots(), key=lambda branch: branch.days, reverse=True)
        seen: dict[Days, Levels] = {}
        while stack:
            branch = stack.pop()
            if branch.bound > cost:
                continue
            if len(branch.days) == self._total:
                return (*self._case.fixed, *self._slots_on(branch.days))
            if not self._is_beaten(branch, seen):
                stack += reversed(list(self._children(branch)))
                self._spend(1)
        raise ValueError("no plan has this cost")

    def _spend(self, work: int) -> None:
        if self._budget is not None:
            self._budget.spend(work)

    def _look_back(self) -> None:
        """From the last infusion to the first: the least cost to go, and the first and last end within reach."""
        number = self._total
        self._to_go[number] = dict.fromkeys(self._offers[number], FREE)
        self._ends[number] = {day: (day, day) for day in self._offers[number]}
        while number > max(len(self._done), 1):
            arriving = self._arriving(number)
            number -= 1
            days = self._offers[number] if number > len(self._done) else self._done[-1:]
            self._to_go[number], self._ends[number] = {}, {}
            for day in days:
                self._look_back_from(number, day, arriving)

    def _arriving(self, number: int) -> dict[int, Levels]:
        """What infusion `number` on each date and all after it cost, by the start of the infusion before."""
        shift, to_go = self._weights.time_shift, self._to_go[number]
        return {
            day: after_shift(added(offer.levels, to_go[day]), shift)
            for day, offer in self._offers[number].items()
            if day in to_go
        }

    def _look_back_from(self, number: int, day: int, arriving: dict[int, Levels]) -> None:
        nexts = [(day + gap, points) for gap, points in self._gaps if day + gap in arriving]
        if not nexts:
            return
        pieces = [(cost + points, starts) for after, points in nexts for cost, starts in arriving[after]]
        self._to_go[number][day] = lowest(pieces)
        ends = [self._ends[number + 1][after] for after, _ in nexts]
        self._ends[number][day] = (min(end for end, _ in ends), max(end for _, end in ends))

    def _roots(self) -> Iterator[Branch]:
        """The branches of one new infusion."""
        if self._done:
            yield from self._children(Branch(self._done, [(0, 1 << self._case.fixed[-1].start)], 0))
            return
        for day, offer in self._offers[1].items() if self._protocol.max_in_7_days else ():
            if day in self._to_go[1] and self._can_end_in_span(1, day, first=day):
                levels = [(points + self._delay(day), starts) for points, starts in offer.levels]
                bound = least_sum(levels, self._to_go[1][day])
                if bound is not None:
                    yield Branch((day,), levels, bound)

    def _children(self, branch: Branch) -> Iterator[Branch]:
        """The branches with one infusion more, in the order of dates."""
        number = len(branch.days) + 1
        arrived = after_shift(branch.levels, self._weights.time_shift)
        for gap, points in self._gaps:
            day = branch.days[-1] + gap
            if day not in self._to_go[number] or not self._is_allowed(branch.days, day):
                continue
            extra = points + self._delay(day) * (number == len(self._done) + 1)
            levels = added(self._offers[number][day].levels, arrived, extra + self._weekday_change(branch.days, day))
            bound = least_sum(levels, self._to_go[number][day])
            if bound is not None:
                yield Branch((*branch.days, day), levels, bound)

    def _is_allowed(self, days: Days, day: int) -> bool:
        """Whether one date more keeps the seven-day rule and can still end within the span."""
        limit, number = self._protocol.max_in_7_days, len(days) + 1
        if limit < 1 or (number > limit and day - days[number - limit - 1] < WEEK_DAYS):
            return False
        return self._can_end_in_span(number, day, first=days[0])

    def _can_end_in_span(self, number: int, day: int, *, first: int) -> bool:
        soonest, latest = self._ends[number][day]
        return soonest - first <= self._protocol.max_span_days and latest - first >= self._protocol.min_span_days

    def _delay(self, day: int) -> int:
        return (day - self._earliest) * self._weights.delay_day

    def _weekday_change(self, days: Days, day: int) -> int:
        back = self._protocol.per_week
        changes = len(days) >= back and (day - days[-back]) % WEEK_DAYS != 0
        return self._weights.weekday_change if changes else 0

    def _is_beaten(self, branch: Branch, seen: dict[Days, Levels]) -> bool:
        """Whether branches explored before had the same future at no higher cost, whatever the start."""
        if len(branch.days) <= self._memory + 1:
            return False
        key = (len(branch.days), branch.days[0], *branch.days[-self._memory :])
        known = seen.get(key, [])
        merged = lowest([*known, *branch.levels])
        seen[key] = merged
        return merged == known

    def _slots_on(self, days: Days) -> Iterator[Slot]:
        """The new infusions on these dates: the earliest starts of least cost, from the first one on."""
        done, shift = len(self._done), self._weights.time_shift
        ahead = [FREE]
        for number in range(self._total, done + 1, -1):
            ahead.append(after_shift(added(self._offers[number][days[number - 1]].levels, ahead[-1]), shift))
        before = after_shift([(0, 1 << self._case.fixed[-1].start)], shift) if done else FREE
        for number, day in enumerate(days[done:], done + 1):
            offer = self._offers[number][day]
            _, starts = added(added(offer.levels, before), ahead.pop())[0]
            start = (starts & -starts).bit_length() - 1
            yield Slot(date.fromordinal(day), start, offer.chair_at(start))
            before = after_shift([(0, 1 << start)], shift)


def _dearest_first(branches: Iterable[Branch]) -> list[Branch]:
    """In the order of a stack: the branch with the least bound is taken first."""
    return sorted(branches, key=lambda branch: branch.bound, reverse=True)
