"""Why no series exists: what to relax so that one does, each verified by planning again."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import combinations, dropwhile, islice
from typing import Any

from intake.domain.clinic_time import day_words
from intake.domain.scheduling.capacity import Calendar, reasons_against
from intake.domain.scheduling.clinic_relaxations import with_chair, with_provider, with_watch_units
from intake.domain.scheduling.families import families_of
from intake.domain.scheduling.obstacles import in_the_way
from intake.domain.scheduling.relaxations import EVERYTHING, Change, Family, Relaxation, horizon
from intake.domain.scheduling.search import Budget, OutOfBudget, best_series, has_misplaced_pin
from intake.domain.scheduling.values import Case, Slot
from intake.domain.scheduling.writing import slot_to_json

_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
MOST_REASONS = 5
WORK, JOINT_WORK = 40_000, 60_000
"""How much an explanation may search for single changes and for several together, in branches: a few seconds each."""
BRANCHES_PER_DATE = 5
"""Working out what a date offers takes about as long as so many branches."""

Slots = tuple[Slot, ...]
Helpful = tuple[Relaxation, Slots]
"""A change that makes a plan exist, and that plan."""
Narrow = Callable[[Case, Sequence[date]], Case]


@dataclass(frozen=True, slots=True)
class Reason:
    """What to relax so that a plan exists: a sentence, its family, the change to the case, who may allow it.

    `changes` are `{"key", "to"}` (or `"more"` with `"dates"`); with none the sentence only names what stands in
    the way most, because no change that was tried helps.
    """

    text: str
    family: str
    changes: tuple[Change, ...]
    allowed_by: str

    def to_json(self) -> dict[str, Any]:
        """The reason as the planning format writes it; `change` is a list where several keys change together."""
        data = [dict(change) for change in self.changes]
        change = data[0] if len(data) == 1 else data or None
        return {"text": self.text, "family": self.family, "change": change, "allowed_by": self.allowed_by}


def explain(case: Case) -> list[Reason]:
    """The reasons for a case without a plan, what can be done on this call first; never empty.

    One from each family of changes that helps; where those are few, more of what patient and driver could do; where
    only staffing helps, or nothing alone, what helps together.
    """
    impossible = _impossible(case)
    if impossible is not None:
        return [impossible]
    planner, families = _Planner(WORK), families_of(case)
    found: list[tuple[Family, list[Helpful]]] = []
    for family in families:
        first = _smallest(family, case, planner) if len(found) < MOST_REASONS else None
        if first is not None:
            found.append((family, [first]))
    left = MOST_REASONS - len(found)
    for family, helpful in found:
        more = list(islice(_others(family, case, helpful[0][0], planner), left))
        helpful += more
        left -= len(more)
    reasons = [_reason(case, family, *one, planner) for family, helpful in found for one in helpful]
    if all(reason.allowed_by == "manager" for reason in reasons):
        joint = _together(case, families, is_desk_alone=bool(reasons))
        reasons = [*([joint] if joint else []), *reasons][:MOST_REASONS]
    return reasons or [_in_the_way(case)]


def _in_the_way(case: Case) -> Reason:
    """What no change that was tried could mend, and how many infusions fit as things are."""
    text, family = in_the_way(case)
    most = _most_that_fit(case, _Planner(WORK))
    if most > len(case.fixed):
        verb = "fits" if most == 1 else "fit"
        text += f" As things are, {_count_words(most)} of the {_count_words(case.protocol.infusions)} infusions {verb}."
    return Reason(text, family, (), "manager" if family == "hours" else "provider")


def _most_that_fit(case: Case, planner: _Planner) -> int:
    """How many infusions can be laid out when no least span has to be kept; those that are fixed at least."""
    for count in range(case.protocol.infusions - 1, len(case.fixed), -1):
        pinned = {number: slot for number, slot in case.pinned.items() if number <= count}
        shorter = replace(case, pinned=pinned, protocol=replace(case.protocol, infusions=count, min_span_days=0))
        if planner.plan(shorter) is not None:
            return count
    return len(case.fixed)


class _Planner:
    """Plans relaxed cases while its budget lasts; then every case counts as without a plan."""

    def __init__(self, work: int) -> None:
        self._budget = Budget(work)
        self._calendars: list[tuple[Case, Calendar]] = []

    def plan(self, case: Case) -> Slots | None:
        """The best series of a relaxed case, or None."""
        first, last = horizon(case)
        try:
            self._budget.spend(((last - first).days + 1) * BRANCHES_PER_DATE)
            return best_series(case, self._calendar(case), self._budget)
        except OutOfBudget:
            return None

    def _calendar(self, case: Case) -> Calendar:
        """One calendar for all cases that share site and bookings: a calendar remembers its days."""
        for known, calendar in self._calendars:
            if known.site is case.site and known.bookings is case.bookings:
                return calendar
        calendar = Calendar(case.site, case.bookings)
        self._calendars.append((case, calendar))
        return calendar


def _impossible(case: Case) -> Reason | None:
    """What no calendar could mend: more done than the series has, an infusion pinned where none can stand."""
    done, total = len(case.fixed), case.protocol.infusions
    if done > total:
        text = f"{done} infusions are done and the series has {total}: it fits if the provider allows {done}."
        return Reason(text, "count", ({"key": "protocol.infusions", "to": done},), "provider")
    return _misplaced_pin(case) if has_misplaced_pin(case) else None


def _misplaced_pin(case: Case) -> Reason:
    """A pin at a number that cannot be had; whether there is a plan without it is planned."""
    done, total = len(case.fixed), case.protocol.infusions
    kept = {number: slot for number, slot in case.pinned.items() if done < number <= total}
    without = replace(case, pinned=kept)
    slots = _Planner(WORK).plan(without)
    text = "An infusion is pinned at a number that is done already or that the series does not have"
    if slots is None:
        return Reason(f"{text}, and without it there is no plan either.", "pinned", (), "desk")
    to = [{"number": number, **slot_to_json(slot)} for number, slot in sorted(kept.items())]
    fits = _sentence(case, "the desk gives it up", slots)
    return Reason(f"{text}. {fits}", "pinned", ({"key": "pinned", "to": to},), "desk")


def _smallest(family: Family, case: Case, planner: _Planner) -> Helpful | None:
    """The first step of a family with which a plan exists, and that plan."""
    if not family.is_rising:
        tries = ((step, planner.plan(step.apply(case))) for step in family.steps)
        return next(((step, slots) for step, slots in tries if slots is not None), None)
    step = family.steps[-1]
    slots = planner.plan(step.apply(case))
    if slots is None:
        return None
    low, high = 0, len(family.steps) - 1
    while low < high:
        middle = (low + high) // 2
        tried = planner.plan(family.steps[middle].apply(case))
        if tried is None:
            low = middle + 1
        else:
            high, step, slots = middle, family.steps[middle], tried
    return step, slots


def _others(family: Family, case: Case, known: Relaxation, planner: _Planner) -> Iterator[Helpful]:
    """Further steps of a family that help, each on another day, in case the answer to the first one is no."""
    topics = {*known.topics, *EVERYTHING}
    later = dropwhile(lambda step: step is not known, () if family.is_rising else family.steps)
    for step in later:
        slots = planner.plan(step.apply(case)) if step is not known and topics.isdisjoint(step.topics) else None
        if slots is not None:
            topics |= step.topics
            yield step, slots


def _reason(case: Case, family: Family, step: Relaxation, slots: Slots, planner: _Planner) -> Reason:
    narrow = _NARROWED.get(family.name)
    words, changes = step.words, step.changes
    if narrow is not None:
        days, slots = _fewest_days(case, narrow, slots, planner)
        words = f"{words} on {_days_list(days)}"
        changes = tuple({**change, "dates": [day.isoformat() for day in days]} for change in changes)
    return Reason(_sentence(case, words, slots), family.name, changes, family.allowed_by)


def _fewest_days(case: Case, narrow: Narrow, slots: Slots, planner: _Planner) -> tuple[list[date], Slots]:
    """The dates on which the change is needed, none of which can be left out, and the plan that uses them."""
    days = _days_in_need(case, slots)
    for day in list(days):
        rest = [other for other in days if other != day]
        found = planner.plan(narrow(case, rest)) if day in days and rest else None
        if found is not None:
            slots, days = found, _days_in_need(case, found)
    return days, slots


_NARROWED: Mapping[str, Narrow] = {"provider on site": with_provider, "watch": with_watch_units, "chair": with_chair}
"""Families whose plan says on which dates alone the change is needed."""


def _days_in_need(case: Case, slots: Slots) -> list[date]:
    """The dates on which a plan of a relaxed case breaks a rule of the case itself."""
    calendar = Calendar(case.site, case.bookings)
    new = enumerate(slots[len(case.fixed) :], len(case.fixed) + 1)
    return [
        slot.day for number, slot in new if reasons_against(slot, case.protocol.session(number), calendar, case.patient)
    ]


def _sentence(case: Case, words: str, slots: Slots) -> str:
    done = len(case.fixed)
    count = _count_words(len(slots) - done)
    which = f"The {count} infusions to come" if done else f"All {count} infusions"
    new = slots[done:]
    when = f": {day_words(new[0].day)} to {day_words(new[-1].day)}" if new else ""
    return f"{which} fit if {words}{when}."


def _count_words(count: int) -> str:
    return _NUMBERS[count] if count < len(_NUMBERS) else str(count)


def _days_list(days: Sequence[date]) -> str:
    *rest, last = [day_words(day) for day in days]
    return f"{', '.join(rest)} and {last}" if rest else last


def _together(case: Case, families: Sequence[Family], *, is_desk_alone: bool) -> Reason | None:
    """Two families, or else the fewest found, that make a plan exist only together, each narrowed again.

    With `is_desk_alone` only what patient, driver, desk and provider can settle, since staffing helps by itself.
    """
    families = [f for f in families if f.name != "site" and not (is_desk_alone and f.allowed_by == "manager")]
    planner = _Planner(JOINT_WORK)
    if planner.plan(_widest(case, families)) is None:
        return None
    pairs = sorted(combinations(families, 2), key=lambda pair: families.index(pair[1]))
    for pair in pairs:
        if planner.plan(_widest(case, pair)) is not None:
            return _joint_reason(case, pair, planner)
    return _many_together(case, families, _Planner(JOINT_WORK))


def _many_together(case: Case, families: Sequence[Family], planner: _Planner) -> Reason | None:
    """Families added one by one until a plan exists; then those not needed are dropped, the last ones first."""
    counts = (n for n in range(3, len(families)) if planner.plan(_widest(case, families[:n])) is not None)
    count = next(counts, len(families))
    chosen = list(families[:count])
    for family in reversed(chosen[:]):
        rest = [other for other in chosen if other is not family]
        if planner.plan(_widest(case, rest)) is not None:
            chosen = rest
    return _joint_reason(case, chosen, planner)


def _widest(case: Case, families: Iterable[Family]) -> Case:
    for family in families:
        case = family.steps[-1].apply(case)
    return case


def _joint_reason(case: Case, chosen: Sequence[Family], planner: _Planner) -> Reason | None:
    """Each family narrowed to its smallest step that still helps beside the others."""
    steps: list[Relaxation] = []
    slots: Slots | None = None
    for place, family in enumerate(chosen):
        relaxed = _widest(case, chosen[place + 1 :])
        for step in steps:
            relaxed = step.apply(relaxed)
        found = _smallest(family, relaxed, planner)
        if found is None:
            return None
        steps.append(found[0])
        slots = found[1]
    if slots is None:
        return None
    allowed_by = " and ".join(dict.fromkeys(family.allowed_by for family in chosen))
    words = " and ".join(step.words for step in steps)
    return Reason(
        _sentence(case, words, slots), "several", tuple(change for step in steps for change in step.changes), allowed_by
    )
