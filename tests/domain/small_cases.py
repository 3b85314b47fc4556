"""Small random planning cases in JSON, and the best plan found by trying every one: the planner's yardstick.

Legality and points come from the second check, which shares nothing with the planner.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from hypothesis import strategies as st

from intake.domain.scheduling import checking, checking_costs

Json = dict[str, Any]
FIRST = date(2027, 3, 1)
"""A Monday."""
DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
TERMS = ["spacing", "delay_day", "outside_preferred", "time_shift", "weekday_change", "sliver", "protected", "moved"]


def clock(minutes: int) -> str:
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def on(day: int) -> str:
    return (FIRST + timedelta(days=day)).isoformat()


@st.composite
def spans(draw: st.DrawFn) -> list[list[str]]:
    """One or two spans of a morning of four hours."""
    first, last = draw(st.sampled_from([480, 480, 510])), draw(st.sampled_from([720, 720, 690]))
    if draw(st.integers(0, 3)):
        return [[clock(first), clock(last)]]
    return [[clock(first), clock(600)], [clock(630), clock(last)]]


@st.composite
def weekly(draw: st.DrawFn, least: int) -> Json:
    closed = draw(st.sets(st.sampled_from(DAYS), max_size=len(DAYS) - least))
    return {day: draw(spans()) for day in DAYS if day not in closed}


@st.composite
def shifts(draw: st.DrawFn, **extra: Any) -> Json:
    first = draw(st.sampled_from([480, 540, 600]))
    days = sorted(draw(st.sets(st.sampled_from(DAYS), min_size=1)))
    return {"days": days, "from": clock(first), "to": clock(first + draw(st.sampled_from([30, 60, 120]))), **extra}


PROFILES = [[[30, 2], [30, 1]], [[15, 2], [15, 1]], [[60, 1]], [[10, 1], [20, 2]], [[30, 0], [30, 1]]]


@st.composite
def bookings(draw: st.DrawFn) -> Json:
    start = draw(st.sampled_from(range(480, 700, 15)))
    day = on(draw(st.integers(0, 14)))
    found: Json = {"chair": draw(st.sampled_from("AB")), "start": f"{day}T{clock(start)}"}
    found["end"] = f"{day}T{clock(start + draw(st.sampled_from([30, 45, 60])))}"
    if draw(st.booleans()):
        found["watch_profile"] = draw(st.sampled_from(PROFILES))
    if draw(st.booleans()):
        found["turnover_minutes"] = draw(st.sampled_from([0, 15, 40]))
    return found


@st.composite
def sites(draw: st.DrawFn) -> Json:
    capacity = draw(st.sampled_from([2, 3, 4]))
    site: Json = {
        "timezone": "America/Denver",
        "slot_minutes": draw(st.sampled_from([30, 45, 60])),
        "chairs": draw(st.sampled_from([[{"name": "A"}], [{"name": "B", "features": ["private"]}, {"name": "A"}]])),
        "hours": draw(weekly(least=5)),
        "monitoring": [{"days": DAYS, "from": "08:00", "to": "12:00", "capacity": capacity}],
        "starts_per_slot": draw(st.sampled_from([1, 2, 3])),
    }
    site["monitoring"] += draw(st.lists(shifts(capacity=1), max_size=1))
    for key in ("no_start", "protected"):
        site[key] = draw(st.lists(shifts(), max_size=1))
    if draw(st.booleans()):
        site["provider"] = [{"days": DAYS, "from": "08:00", "to": "11:00"}, *draw(st.lists(shifts(), max_size=2))]
    site["closures"] = [on(day) for day in sorted(draw(st.sets(st.integers(0, 14), max_size=2)))]
    return site


@st.composite
def protocols(draw: st.DrawFn) -> Json:
    gaps = draw(st.sampled_from([[1, 2, 3], [2, 3], [2, 4, 7], [3, 4, 5]]))
    protocol: Json = {
        "infusions": 3,
        "chair_minutes": draw(st.sampled_from([30, 60])),
        "turnover_minutes": draw(st.sampled_from([0, 15, 20])),
        "gap_points": {str(gap): draw(st.integers(0, 3)) for gap in gaps},
        "min_span_days": draw(st.integers(0, 4)),
        "max_span_days": draw(st.integers(6, 14)),
        "max_in_7_days": draw(st.sampled_from([2, 3, 3, 3])),
        "per_week": draw(st.sampled_from([1, 2, 3])),
    }
    if draw(st.booleans()):
        protocol["first_chair_minutes"] = draw(st.sampled_from([45, 90]))
    if draw(st.booleans()):
        protocol["first_start"] = {"from": "08:30", "to": draw(st.sampled_from(["09:00", "10:30"]))}
    if draw(st.booleans()):
        protocol["watch_profile"] = draw(st.sampled_from(PROFILES))
    return protocol


@st.composite
def patients(draw: st.DrawFn) -> Json:
    earliest = draw(st.integers(0, 2))
    patient: Json = {
        "earliest": on(earliest),
        "latest_start": on(earliest + draw(st.integers(0, 3))),
        "available": draw(weekly(least=6)),
        "unavailable_dates": [on(day) for day in sorted(draw(st.sets(st.integers(0, 14), max_size=2)))],
    }
    if draw(st.booleans()):
        patient["preferred"] = {"from": "09:00", "to": draw(st.sampled_from(["09:00", "10:00"]))}
    if draw(st.booleans()):
        patient["pickup"] = draw(weekly(least=5))
    if draw(st.booleans()):
        day = draw(st.integers(1, 10))
        patient["busy"] = [{"start": f"{on(day)}T09:00", "end": f"{on(day + draw(st.integers(0, 1)))}T10:30"}]
    if draw(st.booleans()):
        patient["not_after"] = on(draw(st.integers(6, 16)))
    if draw(st.integers(0, 5)) == 0:
        patient["needs"] = ["private"]
    return patient


@st.composite
def cases(draw: st.DrawFn) -> Json:
    """A case of three infusions within two weeks; some have fixed, pinned or current ones."""
    case: Json = {"site": draw(sites()), "protocol": draw(protocols()), "patient": draw(patients())}
    case["bookings"] = draw(st.lists(bookings(), max_size=8))
    case["weights"] = {name: draw(st.integers(0, 5)) for name in TERMS}
    if draw(st.integers(0, 2)) == 0:
        start = draw(st.sampled_from(["08:00", "09:10", "11:00"]))
        case["fixed"] = [{"date": on(-draw(st.integers(1, 4))), "start": start, "chair": "Z"}]
    slot = {"date": on(draw(st.integers(0, 9))), "start": draw(st.sampled_from(["08:00", "09:00", "10:00"]))}
    if draw(st.integers(0, 3)) == 0:
        case["current"] = [{**slot, "chair": "A", "move_points": draw(st.integers(0, 9))}]
    if draw(st.integers(0, 5)) == 0:
        case["pinned"] = [{**slot, "chair": "A", "number": draw(st.integers(1, 3))}]
    return case


def legal_slots(case: Json, number: int, days: range) -> list[Json]:
    """Every slot of the grid that breaks no slot rule, by date, start and order of chairs."""
    found = []
    for day in days:
        for start in range(0, 720, case["site"]["slot_minutes"]):
            for chair in case["site"]["chairs"] if start >= 480 else ():
                slot = {"date": on(day), "start": clock(start), "chair": chair["name"]}
                if not list(checking.slot_faults(case, slot, number)):
                    found.append(slot)
    return found


class EveryPlan:
    """All legal plans of a case, one after the other."""

    def __init__(self, case: Json) -> None:
        self.case = case
        self.done = len(case.get("fixed", []))
        numbers = range(self.done + 1, case["protocol"]["infusions"] + 1)
        self.options = {number: legal_slots(case, number, range(20)) for number in numbers}
        self.own: dict[tuple[Any, ...], int] = {}

    def best(self) -> tuple[int, list[Json]] | None:
        """The cheapest legal plan, ties by dates, then starts, then chairs; None when there is none."""
        found = min(
            ((self._key(infusions), infusions) for infusions in self._legal()), default=None, key=lambda f: f[0]
        )
        return None if found is None else (found[0][0], found[1])

    def _key(self, infusions: list[Json]) -> tuple[Any, ...]:
        order = [chair["name"] for chair in self.case["site"]["chairs"]]
        chairs = [order.index(infusion["chair"]) for infusion in infusions[self.done :]]
        return self._cost(infusions), [i["date"] for i in infusions], [i["start"] for i in infusions], chairs

    def _legal(self) -> Iterator[list[Json]]:
        for infusions in self._longer(self.case.get("fixed", [])):
            if not list(checking.series_faults(self.case, infusions)):
                yield infusions

    def _longer(self, begun: list[Json]) -> Iterator[list[Json]]:
        if len(begun) == self.case["protocol"]["infusions"]:
            yield begun
            return
        for slot in self.options[len(begun) + 1]:
            gap = (date.fromisoformat(slot["date"]) - date.fromisoformat(begun[-1]["date"])).days if begun else None
            if gap is None or str(gap) in self.case["protocol"]["gap_points"]:
                yield from self._longer([*begun, slot])

    def _cost(self, infusions: list[Json]) -> int:
        own = sum(self._own_cost(number, infusions[number - 1]) for number in self.options)
        pairs = range(max(self.done, 1), len(infusions))
        between = sum(checking_costs.pair_cost(self.case, infusions, place) for place in pairs)
        return own + between + checking_costs.whole_cost(self.case, infusions)

    def _own_cost(self, number: int, slot: Json) -> int:
        key = (number, *slot.values())
        if key not in self.own:
            self.own[key] = checking_costs.own_cost(self.case, slot, number)
        return self.own[key]
