"""The rest of a series: prices by notice, what becomes of each infusion, and that no plan moves less."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from intake.domain.errors import DomainError
from intake.domain.scheduling import planning
from intake.domain.scheduling.capacity import Calendar, reasons_against
from intake.domain.scheduling.costs import charges
from intake.domain.scheduling.reading import case_from_json
from intake.domain.scheduling.replanning import (
    Fate,
    changes_between,
    default_prices,
    faults_over_pauses,
    move_points,
    prices_from_json,
    rest_case,
    with_standing_hours,
)
from intake.domain.scheduling.series_rules import series_faults
from intake.domain.scheduling.values import Case, Patient, Protocol, Rule, Slot, Weights
from tests.domain.plain_case import plain_case

TODAY = date(2027, 3, 1)
"""A Monday."""
NINE = 9 * 60


def day(ahead: int) -> date:
    return TODAY + timedelta(days=ahead)


def slot(ahead: int, start: int = NINE, chair: str = "A") -> Slot:
    return Slot(day(ahead), start, chair)


@pytest.mark.parametrize(
    ("notice", "points"),
    [(0, 40), (1, 40), (2, 24), (3, 24), (4, 16), (7, 16), (8, 12), (13, 12), (14, 8), (60, 8)],
)
def test_a_move_is_dear_tomorrow_and_cheap_in_two_weeks(notice: int, points: int) -> None:
    assert move_points(day(notice), TODAY, default_prices()) == points


@pytest.mark.parametrize(
    "raw",
    [
        [],
        None,
        [{"within_days": 3, "points": 1}],
        [{"within_days": 3, "points": 1}, {"within_days": 2, "points": 1}, {"within_days": None, "points": 1}],
        [{"within_days": None, "points": 1}, {"within_days": None, "points": 1}],
        [{"within_days": None, "points": -1}],
        [{"points": 1}],
    ],
)
def test_prices_that_say_nothing_clear_are_refused(raw: object) -> None:
    with pytest.raises(DomainError, match="move_prices"):
        prices_from_json(raw)


class TestChanges:
    """What becomes of each infusion."""

    def fates(self, before: list[Slot], after: list[Slot]) -> list[Fate]:
        return [change.fate for change in changes_between(before, after)]

    def test_the_same_time_is_kept_and_another_chair_is_no_move(self) -> None:
        assert self.fates([slot(1), slot(3)], [slot(1), slot(3, chair="B")]) == [Fate.KEPT, Fate.CHAIR]

    def test_another_start_or_date_is_a_move(self) -> None:
        assert self.fates([slot(1), slot(3)], [slot(1, NINE + 30), slot(4)]) == [Fate.MOVED, Fate.MOVED]

    def test_one_more_is_new_and_the_others_keep_their_own(self) -> None:
        found = changes_between([slot(1), slot(8)], [slot(1), slot(4), slot(8)])
        assert [(change.fate, change.place) for change in found] == [
            (Fate.KEPT, 0),
            (Fate.NEW, None),
            (Fate.KEPT, 1),
        ]

    def test_one_fewer_is_released_and_stands_last(self) -> None:
        assert self.fates([slot(1), slot(3), slot(5)], [slot(1), slot(5)]) == [Fate.KEPT, Fate.KEPT, Fate.RELEASED]

    def test_each_moved_one_goes_where_the_days_add_up_to_the_least(self) -> None:
        found = changes_between([slot(2), slot(9)], [slot(3), slot(6), slot(10)])
        assert [(change.fate, change.place) for change in found] == [
            (Fate.MOVED, 0),
            (Fate.NEW, None),
            (Fate.MOVED, 1),
        ]

    @given(
        st.lists(st.integers(0, 20), min_size=0, max_size=6, unique=True),
        st.lists(st.integers(0, 20), min_size=0, max_size=6, unique=True),
    )
    def test_every_infusion_before_and_after_is_named_once(self, before: list[int], after: list[int]) -> None:
        old, new = [slot(ahead) for ahead in sorted(before)], [slot(ahead) for ahead in sorted(after)]
        found = changes_between(old, new)
        assert sorted(c.place for c in found if c.place is not None) == list(range(len(old)))
        assert [c.after for c in found if c.after is not None] == new
        assert sum(c.fate is Fate.KEPT for c in found) == len(set(before) & set(after))


class TestPauses:
    """A pause cuts a series in two for gaps, span and seven days."""

    protocol = Protocol(4, 60, 0, {2: 0, 3: 0}, 4, 10, 3, 2)
    dates = (day(0), day(2), day(23), day(25))

    def test_without_a_pause_the_gap_breaks(self) -> None:
        rules = {fault.rule for fault in faults_over_pauses(self.dates, self.protocol, ())}
        assert rules == {Rule.GAP, Rule.SPAN}

    def test_with_it_nothing_does(self) -> None:
        assert faults_over_pauses(self.dates, self.protocol, (day(23),)) == []

    def test_a_gap_behind_the_pause_still_breaks_and_is_named_by_its_number(self) -> None:
        found = faults_over_pauses((day(0), day(2), day(23), day(27)), self.protocol, (day(23),))
        assert [fault.text for fault in found] == ["Gap of 4 days between infusion 3 and 4 (allowed: 2 to 3 days)."]

    def test_a_missing_infusion_is_counted_over_the_whole(self) -> None:
        found = faults_over_pauses(self.dates[:3], self.protocol, (day(23),))
        assert [fault.rule for fault in found] == [Rule.COUNT]


class TestRestCase:
    """The case of what is not given."""

    def case(self, **changes: object) -> Case:
        return case_from_json(plain_case(**changes))

    def rest(self, case: Case, given: list[Slot], coming: list[Slot], **more: object) -> Case:
        return rest_case(case, given=given, coming=coming, today=TODAY, prices=default_prices(), **more)  # type: ignore[arg-type]

    def test_what_is_booked_costs_its_notice(self) -> None:
        found = self.rest(self.case(), [slot(-3)], [slot(1), slot(8)])
        assert [entry.move_points for entry in found.current] == [40, 12]

    def test_nothing_new_stands_before_tomorrow_or_beside_what_is_given(self) -> None:
        assert self.rest(self.case(), [slot(-3)], []).patient.earliest == day(1)
        assert self.rest(self.case(), [slot(2)], []).patient.earliest == day(3)

    def test_after_a_pause_the_rest_is_a_series_of_its_own(self) -> None:
        found = self.rest(self.case(), [slot(-3)], [slot(1)], restarts=(day(14),))
        assert found.fixed == () and found.patient.earliest == day(14)
        assert found.protocol.infusions == 2 and found.protocol.min_span_days == 0

    def test_days_of_delay_cost_nothing_once_it_has_begun(self) -> None:
        dear = case_from_json(plain_case(weights={"delay_day": 9}))
        assert self.rest(dear, [slot(-3)], []).weights.delay_day == 0
        assert self.rest(dear, [], []).weights.delay_day == 9

    def test_hours_that_were_agreed_stay_possible_and_no_others(self) -> None:
        patient = Patient(TODAY, {0: ((480, 600),)}, pickup={0: ((600, 600),)})
        wide = with_standing_hours(patient, [(Slot(day(0), 840, "A"), 60), (Slot(day(7), 500, "A"), 60)])
        assert wide.available == {0: ((480, 600), (840, 900))}
        assert wide.pickup == {0: ((600, 600), (900, 900), (560, 560))}


def legal_rests(case: Case) -> list[tuple[Slot, ...]]:
    """Every legal way to place the rest of a small case: plain loops, on the days of ten."""
    calendar, numbers = Calendar(case.site, case.bookings), range(len(case.fixed) + 1, case.protocol.infusions + 1)
    options = [
        [
            one
            for ahead in range(1, 10)
            for start in range(480, 720, 60)
            for chair in case.site.chairs
            if not reasons_against(
                one := Slot(day(ahead), start, chair.name), case.protocol.session(number), calendar, case.patient
            )
        ]
        for number in numbers
    ]
    found = []
    for rest in product(*options):
        dates = [one.day for one in (*case.fixed, *rest)]
        if dates == sorted(set(dates)) and not series_faults(
            dates, case.protocol, done=len(case.fixed), patient=case.patient
        ):
            found.append(rest)
    return found


@settings(max_examples=25, deadline=None)
@given(st.sampled_from([1, 2, 3]), st.sampled_from([3, 4, 5, 6]), st.integers(0, 3), st.booleans())
def test_no_plan_moves_fewer_points_than_the_best_one(first: int, second: int, closed: int, both: bool) -> None:
    """Brute force on small cases: with nothing but moves to pay, the best plan pays the least."""
    if second - first < 2:
        second = first + 2
    booked = [slot(first, 480), slot(second, 540)]
    closures = [day(booked[0].day.toordinal() - TODAY.toordinal() if closed == 1 else second).isoformat()]
    raw = plain_case(site_closures=closures if closed else [], site_starts_per_slot=1)
    whole = case_from_json(raw)
    case = rest_case(
        whole,
        given=[slot(-1, 480)],
        coming=booked if both else booked[:1],
        today=TODAY,
        prices=default_prices(),
    )
    case = Case(case.site, case.protocol, case.patient, case.bookings, case.fixed, current=case.current)
    best = planning.plan_series(case, 0)
    every = legal_rests(case)
    calendar = Calendar(case.site, case.bookings)
    costs = [sum(charge.points for charge in charges(case, (*case.fixed, *rest), calendar)) for rest in every]
    assert isinstance(best, planning.Plan) is bool(costs)
    if isinstance(best, planning.Plan):
        assert best.cost == min(costs)
        moved = {(one.day, one.start) for one in booked[: 2 if both else 1]} - {(s.day, s.start) for s in best.slots}
        assert best.breakdown["moved"] == sum(move_points(d, TODAY, default_prices()) for d, _ in moved)
    assert Weights() == case.weights
