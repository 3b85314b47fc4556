"""What fills a day, and the search for the starts that are left: what is booked already may leave any shape."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from intake.demo.cast import DENVER, Office
from intake.domain.scheduling.capacity import Calendar, open_times
from intake.domain.scheduling.values import Booking, Session, Site, Slot

Table = dict[int, int]
"""Minutes after midnight, and which infusion of a series stands there; 0 is a booster."""
FULL: Table = {480: 4, 510: 2, 600: 0, 630: 1, 675: 1, 735: 6, 780: 0, 825: 0, 855: 2}
FULL_FRIDAY: Table = {480: 4, 510: 2, 525: 0, 555: 0, 615: 6, 645: 1, 675: 0, 735: 2, 765: 0}
"""Fridays end at three. Nine fit since the medical assistant watches too: two nurses alone can watch eight."""
SMALL: Table = {480: 0, 600: 2, 735: 0, 855: 0}
"""Phoenix has one nurse, and nobody begins while somebody else is under way."""
SMALL_FRIDAY: Table = {480: 0, 600: 2, 735: 0}
FRIDAY = 4
FIRST_MINUTES = 150
"""A series' first infusion takes half an hour more."""
MOST_STEPS = 6000
"""So many ways are looked at, half a second at the most; then the fullest one so far is taken."""


def table_of(office: Office, day: date) -> Table:
    """What a full day of a site looks like. Bookings ahead keep to these starts, so that every day can be filled."""
    tables = (FULL, FULL_FRIDAY) if office.name == DENVER else (SMALL, SMALL_FRIDAY)
    return tables[day.weekday() == FRIDAY]


@dataclass(frozen=True, slots=True)
class Place:
    """A free place and which infusion of a series is meant for it; 0 is a booster."""

    slot: Slot
    number: int


@dataclass(slots=True)
class Packing:
    """One search on one date: `table` says which infusion is liked at which start, `missing` how many are wanted."""

    site: Site
    day: date
    session: Session
    table: Mapping[int, int]
    missing: int
    found: list[Place] = field(default_factory=list)
    steps: int = 0

    def look(self, booked: tuple[Booking, ...], chosen: tuple[Place, ...] = ()) -> bool:
        """Add places beside what is booked, each later than the one before; whether the search is over.

        The most that were found at once stand in `found`.
        """
        self.steps += 1
        if len(chosen) > len(self.found):
            self.found = list(chosen)
        if len(self.found) >= self.missing or self.steps > MOST_STEPS:
            return True
        after = chosen[-1].slot.start if chosen else -1
        free = self._free(Calendar(self.site, booked), after)
        return any(self.look((*booked, self._booking(place)), (*chosen, place)) for place in free)

    def _free(self, calendar: Calendar, after: int) -> list[Place]:
        """The places after a start, those of the table first."""
        sessions = {number: self._session(number) for number in {0, 1} | set(self.table.values())}
        free = {number: open_times(calendar, session, [self.day]) for number, session in sessions.items()}
        places = [
            Place(slot, number)
            for number, slots in free.items()
            for slot in slots
            if slot.start > after and self.table.get(slot.start, 0) == number
        ]
        return sorted(places, key=lambda place: (place.slot.start not in self.table, place.slot.start))

    def _session(self, number: int) -> Session:
        return replace(self.session, minutes=FIRST_MINUTES) if number == 1 else self.session

    def _booking(self, place: Place) -> Booking:
        slot, session = place.slot, self._session(place.number)
        until = slot.start + session.minutes
        return Booking(slot.chair, slot.day, slot.start, until, session.turnover_minutes, session.watch_profile)
