"""The simulated year: the same draws for every way, no rule of the clinic broken, and figures that can be trusted."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date
from xml.etree import ElementTree

import pytest

from intake.domain.scheduling.protocols import default_protocol, default_weights
from intake.domain.scheduling.reading import site_from_json
from intake.domain.scheduling.values import Booking, Case, Site, Slot
from intake.domain.simulation.asking import Change, Ended, changed, compare_sites, compare_ways
from intake.domain.simulation.draws import Assumptions, Draws, Outcome
from intake.domain.simulation.figures import figures_of, plot_of, rows_of
from intake.domain.simulation.ways import ByHand, NextFree, Planner, Way, cycles_of
from intake.domain.simulation.year import Tally, Year

FIRST = date(2027, 1, 4)
PROTOCOL = default_protocol("acute-twice-weekly").protocol
RAW = {
    "timezone": "America/Denver",
    "slot_minutes": 15,
    "chairs": [{"name": "A"}, {"name": "B"}],
    "hours": {day: [["08:00", "17:00"]] for day in ("mon", "tue", "wed", "thu", "fri")},
    "monitoring": [{"days": ["mon", "tue", "wed", "thu", "fri"], "from": "08:00", "to": "17:00", "capacity": 3}],
    "starts_per_slot": 1,
}
SITE = site_from_json(RAW)
QUIET = Assumptions(
    FIRST, days=120, orders_per_week=1, cancelled=0, missed=0, held=0, absences=0, closures=0, away_share=0
)
BUSY = Assumptions(FIRST, days=120, orders_per_week=3, seed=5)


def ways() -> list[Way]:
    return [Planner(PROTOCOL, default_weights()), ByHand(PROTOCOL), NextFree(PROTOCOL)]


def played(way: Way, assumptions: Assumptions, site: Site = SITE) -> Tally:
    return Year(site, PROTOCOL, Draws(site, assumptions), way).play()


def given(tally: Tally) -> list[tuple[int, int, Slot]]:
    """Person, number and slot of every infusion given."""
    return [(c.person.number, n, slot) for c in tally.courses for n, slot in enumerate(c.done, 1)]


@pytest.mark.parametrize("way", ways(), ids=lambda way: way.name)
def test_nothing_that_was_given_overlaps_on_a_chair_or_exceeds_the_staff(way: Way) -> None:
    minutes: Counter[tuple[date, int]] = Counter()
    chairs: Counter[tuple[date, int, str]] = Counter()
    for _, number, slot in given(played(way, BUSY)):
        length = PROTOCOL.session(number).minutes
        for minute in range(length + PROTOCOL.turnover_minutes):
            chairs[slot.day, slot.start + minute, slot.chair] += 1
            if minute < length:
                minutes[slot.day, slot.start + minute] += 2 if minute < 30 else 1
    assert set(chairs.values()) == {1}
    assert max(minutes.values()) <= 3


@pytest.mark.parametrize("way", ways(), ids=lambda way: way.name)
def test_nobody_is_treated_when_they_or_the_clinic_cannot(way: Way) -> None:
    draws = Draws(SITE, BUSY)
    wishes = {person.number: person.wishes for person in draws.people}
    for number, infusion, slot in given(played(way, BUSY)):
        end = slot.start + PROTOCOL.session(infusion).minutes
        mine = wishes[number]
        assert any(a <= slot.start and end <= b for a, b in mine.available[slot.day.weekday()])
        assert slot.day not in mine.unavailable_dates | draws.closures | set(draws.absences)
        assert mine.pickup is None or any(a <= end <= b for a, b in mine.pickup[slot.day.weekday()])


def test_every_way_meets_the_same_people_and_the_same_fates() -> None:
    tallies = [played(way, BUSY) for way in ways()]
    people = [[course.person for course in tally.courses] for tally in tallies]
    assert people[0] == people[1] == people[2]
    one, other = Draws(SITE, BUSY), Draws(SITE, BUSY)
    assert [one.fate(3, n, 0) for n in range(1, 7)] == [other.fate(3, n, 0) for n in range(1, 7)]


def test_the_same_seed_gives_the_same_year_and_another_another() -> None:
    again = [figures_of(played(ways()[0], BUSY), PROTOCOL) for _ in range(2)]
    assert again[0] == again[1]
    assert again[0] != figures_of(played(ways()[0], replace(BUSY, seed=6)), PROTOCOL)


def test_without_trouble_every_series_of_the_planner_is_completed_in_its_window() -> None:
    found = figures_of(played(ways()[0], replace(QUIET, day_share=1, driver_share=0, hours_share=(1, 0, 0))), PROTOCOL)
    assert (found.completed, found.disruptions, found.moved, found.actions, found.lost) == (1, 0, 0, 1, 0)


def test_shares_of_failures_are_those_assumed() -> None:
    draws = Draws(SITE, BUSY)
    count = Counter(draws.fate(person, number, 0).outcome for person in range(1500) for number in range(1, 7))
    shares = {outcome: count[outcome] / 9000 for outcome in Outcome}
    assert shares[Outcome.CANCELLED] == pytest.approx(0.10, abs=0.015)
    assert shares[Outcome.MISSED] == pytest.approx(0.07, abs=0.015)
    assert shares[Outcome.HELD] == pytest.approx(0.04, abs=0.015)


def test_orders_come_as_often_as_assumed() -> None:
    many = Draws(SITE, replace(BUSY, days=1000, orders_per_week=10))
    assert len(many.people) / (1000 / 7) == pytest.approx(10, rel=0.06)


def test_by_hand_keeps_one_hour_and_a_rhythm_where_nothing_collides() -> None:
    tally = played(ByHand(PROTOCOL), replace(QUIET, orders_per_week=0.4))
    course = next(one for one in tally.courses if len(one.done) == 6)
    assert len({slot.start for slot in course.done}) == 1
    assert len({slot.day.weekday() for slot in course.done}) == 2


def test_cycles_are_the_free_gaps_that_fill_a_week() -> None:
    assert set(cycles_of(PROTOCOL)) == {(3, 4), (4, 3)}


@pytest.mark.parametrize(
    ("change", "chairs", "weekdays", "capacity"),
    [(Change.CHAIR, 3, 5, 3), (Change.NURSE, 2, 5, 5), (Change.SATURDAY, 2, 6, 3)],
)
def test_a_change_adds_what_it_says(change: Change, chairs: int, weekdays: int, capacity: int) -> None:
    site = changed(SITE, change)
    on_monday = sum(shift.capacity for shift in site.monitoring if 0 in shift.days)
    assert (len(site.chairs), len(site.hours), on_monday) == (chairs, weekdays, capacity)


def test_saturdays_are_staffed_as_the_last_open_weekday() -> None:
    site = changed(SITE, Change.SATURDAY)
    assert sum(shift.capacity for shift in site.monitoring if 5 in shift.days) == 3


def test_more_room_never_makes_the_chairs_fuller() -> None:
    found = compare_sites(SITE, PROTOCOL, default_weights(), BUSY, Change.CHAIR)
    assert [one.way for one in found] == ["as today", "with one more chair"]
    assert found[1].chair_use < found[0].chair_use


def test_progress_rises_to_the_end_and_can_end_the_run() -> None:
    heard: list[float] = []

    def hear(share: float) -> bool:
        heard.append(share)
        return True

    compare_ways(SITE, PROTOCOL, default_weights(), QUIET, hear)
    assert heard == sorted(heard) and 0.99 < heard[-1] < 1
    with pytest.raises(Ended):
        compare_ways(SITE, PROTOCOL, default_weights(), QUIET, lambda share: share < 0.1)


def test_the_plot_is_an_image_with_a_bar_and_a_number_for_each_way() -> None:
    found = compare_ways(SITE, PROTOCOL, default_weights(), replace(QUIET, days=90))
    drawn = ElementTree.fromstring(plot_of(found))  # noqa: S314  # drawn here
    shapes = [child.tag.rpartition("}")[2] for child in drawn]
    assert (shapes.count("rect"), shapes.count("text")) == (1 + 6, 2 + 12)
    assert [len(row) for row in rows_of(found)] == [4] * 7


def test_the_planner_takes_the_best_plan_there_is() -> None:
    """What it lays out is what the series planner proves to be best for the same case."""
    from intake.domain.scheduling.capacity import Calendar
    from intake.domain.scheduling.search import best_series
    from intake.domain.simulation.ways import Series

    person = Draws(SITE, BUSY).people[0]
    taken = [Booking("A", FIRST, 480, 960, 15)]
    answer = ways()[0].lay_out(Series(person.wishes, (), {}), Calendar(SITE, taken), FIRST)
    best = best_series(Case(SITE, PROTOCOL, person.wishes, weights=default_weights()), Calendar(SITE, taken))
    assert answer is not None and best is not None
    assert tuple(answer.booked.values()) == best


def test_a_year_without_any_order_has_figures_too() -> None:
    found = figures_of(played(ways()[0], replace(QUIET, days=3, orders_per_week=0.0001)), PROTOCOL)
    assert (found.orders, found.completed, found.disruptions) == (0, 0, 0)
