"""One series as a CP-SAT model, to compare with: one Boolean for each infusion and candidate slot.

The candidates and what each costs alone come from `capacity`; order, gaps, span, seven days, rhythm and shifts are
stated to the solver, which proves the optimum by its own means. Cases without fixed, pinned or current infusions.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from ortools.sat.python import cp_model

from intake.domain.scheduling.capacity import Calendar, minutes_in, open_starts
from intake.domain.scheduling.series_rules import WEEK_DAYS
from intake.domain.scheduling.values import Case, Slot

SECONDS = 60.0
WORKERS = 2


@dataclass(frozen=True, slots=True)
class Candidate:
    """A legal slot of one infusion and what it costs alone."""

    number: int
    slot: Slot
    points: int


def candidates_of(case: Case) -> list[Candidate]:
    """Every legal slot of every infusion, on every chair."""
    calendar = Calendar(case.site, case.bookings)
    patient, protocol = case.patient, case.protocol
    latest = patient.latest_start or patient.earliest
    last = min(latest + timedelta(days=protocol.max_span_days), patient.not_after or date.max)
    found = []
    for number in range(1, protocol.infusions + 1):
        day = patient.earliest
        while day <= (min(latest, last) if number == 1 else last):
            found += _candidates_on(case, calendar, number, day)
            day += timedelta(days=1)
    return found


def _candidates_on(case: Case, calendar: Calendar, number: int, day: date) -> list[Candidate]:
    usable, weights = case.protocol.chair_minutes, case.weights
    found = []
    for chair in open_starts(calendar, case.protocol.session(number), day, case.patient, usable_minutes=usable):
        for holes, starts in enumerate(chair.by_holes):
            for start in minutes_in(starts):
                points = weights.sliver * holes
                if case.patient.preferred and not case.patient.preferred[0] <= start <= case.patient.preferred[1]:
                    points += weights.outside_preferred
                if calendar.day(day).protected >> start & 1:
                    points += weights.protected
                found.append(Candidate(number, Slot(day, start, chair.chair), points))
    return found


class Model:
    """The model of one case; `solve` gives the proven least cost, or None when there is no plan."""

    def __init__(self, case: Case) -> None:
        self._case = case
        self._model = cp_model.CpModel()
        self._first = case.patient.earliest
        self._numbers = range(1, case.protocol.infusions + 1)
        self.candidates = candidates_of(case)
        self._chosen = [self._model.new_bool_var("") for _ in self.candidates]
        self._terms: list[cp_model.LinearExprT] = []
        self._on: dict[int, dict[int, cp_model.LinearExprT]] = {}
        self._choose_one_slot_each()
        self._keep_gaps()
        self._keep_span_and_seven_days()
        self._charge_rhythm()
        self._charge_shifts()
        self._model.minimize(sum(self._terms))

    def solve(self) -> int | None:
        """The proven least cost in points."""
        solver = cp_model.CpSolver()
        solver.parameters.max_time_in_seconds = SECONDS
        solver.parameters.num_workers = WORKERS
        status = solver.solve(self._model)
        if status == cp_model.INFEASIBLE:
            return None
        if status != cp_model.OPTIMAL:
            raise TimeoutError(f"not proven within {SECONDS} seconds")
        return int(round(solver.objective_value))

    def _choose_one_slot_each(self) -> None:
        for number in self._numbers:
            slots = [(c, x) for c, x in zip(self.candidates, self._chosen, strict=True) if c.number == number]
            self._model.add_exactly_one(x for _, x in slots)
            self._terms += [c.points * x for c, x in slots if c.points]
            days = sorted({self._ahead(c) for c, _ in slots})
            self._on[number] = {day: self._flag(sum(x for c, x in slots if self._ahead(c) == day)) for day in days}
        delay = self._case.weights.delay_day
        self._terms += [delay * day * y for day, y in self._on[1].items()]

    def _flag(self, total: cp_model.LinearExprT) -> cp_model.IntVar:
        """A Boolean that equals a sum of which at most one part is true."""
        flag = self._model.new_bool_var("")
        self._model.add(flag == total)
        return flag

    def _ahead(self, candidate: Candidate) -> int:
        return (candidate.slot.day - self._first).days

    def _keep_gaps(self) -> None:
        gaps, spacing = self._case.protocol.gap_points, self._case.weights.spacing
        for number in self._numbers[:-1]:
            here, after = self._on[number], self._on[number + 1]
            taken = {(day, gap): self._model.new_bool_var("") for day in here for gap in gaps if day + gap in after}
            self._model.add_exactly_one(taken.values())
            for (day, gap), flag in taken.items():
                self._model.add_implication(flag, here[day])
                self._model.add_implication(flag, after[day + gap])
                self._terms.append(spacing * gaps[gap] * flag)

    def _keep_span_and_seven_days(self) -> None:
        protocol = self._case.protocol
        first, last = (sum(day * y for day, y in self._on[n].items()) for n in (1, protocol.infusions))
        self._model.add(last - first >= protocol.min_span_days)
        self._model.add(last - first <= protocol.max_span_days)
        for begin in range(max(max(days) for days in self._on.values()) + 1):
            window = range(begin, begin + WEEK_DAYS)
            held = [y for days in self._on.values() for day, y in days.items() if day in window]
            self._model.add(sum(held) <= protocol.max_in_7_days)

    def _charge_rhythm(self) -> None:
        back = self._case.protocol.per_week
        for number in self._numbers[back:]:
            changes = self._model.new_bool_var("")
            for weekday in range(WEEK_DAYS):
                here, before = (
                    sum(y for day, y in self._on[n].items() if day % WEEK_DAYS == weekday)
                    for n in (number, number - back)
                )
                self._model.add(here - before <= changes)
            self._terms.append(self._case.weights.weekday_change * changes)

    def _charge_shifts(self) -> None:
        starts = {
            number: sum(
                c.slot.start * x for c, x in zip(self.candidates, self._chosen, strict=True) if c.number == number
            )
            for number in self._numbers
        }
        for number in self._numbers[1:]:
            shifts = self._model.new_bool_var("")
            apart = starts[number] - starts[number - 1]
            self._model.add(apart <= 60).only_enforce_if(~shifts)
            self._model.add(apart >= -60).only_enforce_if(~shifts)
            self._terms.append(self._case.weights.time_shift * shifts)
