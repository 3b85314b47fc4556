"""One year, day by day: orders come, visits fail, providers stay away, and a desk books and mends."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from intake.domain.clinic_time import MIDNIGHT
from intake.domain.scheduling.capacity import Calendar
from intake.domain.scheduling.series_rules import series_faults
from intake.domain.scheduling.values import Booking, Protocol, Site, Slot
from intake.domain.simulation.draws import Draws, Outcome, Person
from intake.domain.simulation.ways import Answer, Series, Way

GIVES_UP_AFTER = 28
"""A person for whom no series is found within so many days of the order is lost to the clinic."""
ANSWERS_WITHIN = 21
"""Days from first to last infusion within which a series counts as completed in its window."""
LOOKS_AHEAD = 75


@dataclass
class Course:
    """One person's series: what is booked by number, what is done, what failed, since when each booking stands."""

    person: Person
    done: list[Slot] = field(default_factory=list)
    booked: dict[int, Slot] = field(default_factory=dict)
    booked_on: dict[int, date] = field(default_factory=dict)
    failures: Counter[int] = field(default_factory=Counter)
    is_lost: bool = False
    laid_out_on: date | None = None


@dataclass
class Tally:
    """What came of a year under one way of booking."""

    way: str
    courses: list[Course]
    disruptions: int = 0
    moved: int = 0
    actions: int = 0
    chair_minutes: int = 0
    open_minutes: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)


class Year:
    """The clinic under one way of booking; `play` runs it to its end."""

    def __init__(self, site: Site, protocol: Protocol, draws: Draws, way: Way) -> None:
        self._site, self._protocol, self._draws, self._way = site, protocol, draws, way
        self._courses = [Course(person) for person in draws.people]
        self._coming = list(self._courses)
        self._taken: dict[date, dict[tuple[int, int], Slot]] = {}
        self._closures = dict(site.closures) | dict.fromkeys(draws.closures, ((0, MIDNIGHT),))
        self._tally = Tally(way.name, self._courses)

    def play(self, progress: Callable[[float], bool] = lambda _: True) -> Tally:
        """The whole year. `progress` hears the share that is over, once a day, and may end it by saying False."""
        known = self._draws.assumptions
        for ahead in range(known.days):
            if not progress(ahead / known.days):
                break
            self._live(known.first + timedelta(days=ahead))
        days = (day for day in self._draws.open_days if day not in self._closures)
        hours = sum(end - start for day in days for start, end in self._site.hours[day.weekday()])
        self._tally.open_minutes = hours * len(self._site.chairs)
        return self._tally

    def _live(self, today: date) -> None:
        for day, known_on in self._draws.absences.items():
            if known_on == today:
                self._close(day, today)
        self._cancel(today)
        self._lay_out(today)
        for (number, infusion), slot in sorted(self._taken.get(today, {}).items(), key=lambda one: one[1].start):
            self._visit(self._courses[number - 1], infusion, slot, today)

    def _close(self, day: date, today: date) -> None:
        """A provider stays away: whoever was booked that day loses the place."""
        self._closures[day] = ((0, MIDNIGHT),)
        for (number, infusion), _slot in list(self._taken.get(day, {}).items()):
            course = self._courses[number - 1]
            self._free(course, infusion)
            self._tally.outcomes["provider away"] += 1
            self._mend(course, today)

    def _cancel(self, today: date) -> None:
        """Cancellations that come in today, for visits of the days ahead."""
        for ahead in range(1, LOOKS_AHEAD):
            for (number, infusion), slot in list(self._taken.get(today + timedelta(days=ahead), {}).items()):
                course = self._courses[number - 1]
                fate = self._draws.fate(number, infusion, course.failures[infusion])
                made_on = max(slot.day - timedelta(days=fate.notice), course.booked_on[infusion])
                if fate.outcome is Outcome.CANCELLED and made_on <= today:
                    self._fail(course, infusion, Outcome.CANCELLED, today)

    def _lay_out(self, today: date) -> None:
        for course in [one for one in self._coming if one.person.ordered_on <= today]:
            wishes = course.person.wishes
            if (today - course.person.ordered_on).days > GIVES_UP_AFTER:
                course.is_lost = True
            elif today.weekday() in self._site.hours and today not in self._closures:
                tomorrow = today + timedelta(days=1)
                shifted = replace(wishes, earliest=tomorrow, latest_start=today + timedelta(days=14))
                answer = self._way.lay_out(Series(shifted, (), {}), self._calendar(course, today), today)
                if answer is not None:
                    self._book(course, answer, today)
                    course.laid_out_on = today
            if course.is_lost or course.laid_out_on:
                self._coming.remove(course)

    def _visit(self, course: Course, infusion: int, slot: Slot, today: date) -> None:
        fate = self._draws.fate(course.person.number, infusion, course.failures[infusion])
        if course.booked.get(infusion) != slot:
            return  # freed or moved by what happened earlier today
        if fate.outcome is not Outcome.DONE:
            self._fail(course, infusion, fate.outcome, today)
            return
        self._free(course, infusion)
        course.done.append(slot)
        self._tally.outcomes["done"] += 1
        self._tally.chair_minutes += self._protocol.session(infusion).minutes

    def _fail(self, course: Course, infusion: int, outcome: Outcome, today: date) -> None:
        self._free(course, infusion)
        course.failures[infusion] += 1
        self._tally.outcomes[outcome.value] += 1
        self._mend(course, today)

    def _mend(self, course: Course, today: date) -> None:
        """Book what lost its place again; what of the rest changed its day or hour was moved."""
        self._tally.disruptions += 1
        before = list(course.booked.values())
        series = Series(course.person.wishes, tuple(course.done), dict(course.booked))
        answer = self._way.mend(series, self._calendar(course, today), today)
        self._book(course, answer, today)
        after = {(slot.day, slot.start) for slot in course.booked.values()}
        self._tally.moved += sum((slot.day, slot.start) not in after for slot in before)
        if not course.booked and not course.done:  # nothing was found to begin with: the person waits again
            self._coming.append(course)

    def _book(self, course: Course, answer: Answer, today: date) -> None:
        """Take the places of the answer. A time that stands already keeps the day on which it was booked."""
        since = {(slot.day, slot.start): course.booked_on[number] for number, slot in course.booked.items()}
        for number in list(course.booked):
            self._free(course, number)
        for number, slot in answer.booked.items():
            course.booked[number] = slot
            course.booked_on[number] = since.get((slot.day, slot.start), today)
            self._taken.setdefault(slot.day, {})[course.person.number, number] = slot
        self._tally.actions += answer.actions

    def _free(self, course: Course, infusion: int) -> None:
        slot = course.booked.pop(infusion)
        del self._taken[slot.day][course.person.number, infusion]

    def _calendar(self, course: Course, today: date) -> Calendar:
        """What is booked from tomorrow on, without this person's own."""
        days = (today + timedelta(days=ahead) for ahead in range(1, LOOKS_AHEAD))
        taken = (one for day in days for one in self._taken.get(day, {}).items())
        mine = course.person.number
        site = replace(self._site, closures=dict(self._closures))
        return Calendar(site, self._bookings((slot, key[1]) for key, slot in taken if key[0] != mine))

    def _bookings(self, places: Iterable[tuple[Slot, int]]) -> Iterable[Booking]:
        for slot, infusion in places:
            session = self._protocol.session(infusion)
            end = slot.start + session.minutes
            yield Booking(slot.chair, slot.day, slot.start, end, session.turnover_minutes, session.watch_profile)


def is_completed(course: Course, protocol: Protocol) -> bool:
    """Whether all infusions were given, with legal gaps, within 21 days from the first to the last."""
    dates = [slot.day for slot in course.done]
    if len(dates) < protocol.infusions or (dates[-1] - dates[0]).days > ANSWERS_WITHIN:
        return False
    return not series_faults(dates, protocol)
