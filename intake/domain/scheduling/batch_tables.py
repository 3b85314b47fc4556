"""What each series of a batch could have if it were alone: its offers as the calendar is booked, and its optimum."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date

from intake.domain.scheduling.batch_values import BatchCase, Slots
from intake.domain.scheduling.capacity import Calendar, open_starts
from intake.domain.scheduling.occupancy import Day
from intake.domain.scheduling.offers import Offer, Offers, move_points, offers_of
from intake.domain.scheduling.search import Search, has_misplaced_pin
from intake.domain.scheduling.values import Booking, Case, Session, Site


@dataclass(frozen=True, slots=True)
class Kind:
    """Sessions that are alike for capacity: length, turnover, watch units, chairs that fit, bookings that count."""

    session: Session
    chairs: tuple[str, ...]
    calendar: int

    @property
    def held_minutes(self) -> int:
        """How long such a session holds its chair."""
        return self.session.minutes + self.session.turnover_minutes


@dataclass(frozen=True, slots=True)
class Track:
    """New infusions of a series (by number) that have the same offers and are of one kind (by its number)."""

    numbers: tuple[int, ...]
    kind: int
    offers: Mapping[int, Offer]


@dataclass(frozen=True, slots=True)
class Entry:
    """One series with the tracks of its new infusions."""

    id: str
    case: Case
    tracks: tuple[Track, ...]
    moved_points: int
    """What it costs when every booking that may move is moved; the search counts kept ones as gains from here."""
    alone: int | None
    """Its least cost with nobody else of the batch in the way; None where it has no plan at all."""
    plan_alone: Slots | None

    def kind_of(self, number: int) -> int:
        """The kind of one new infusion."""
        return next(track.kind for track in self.tracks if number in track.numbers)

    @property
    def is_done(self) -> bool:
        """Whether nothing is left to plan, because the fixed infusions are all there are."""
        return len(self.case.fixed) == self.case.protocol.infusions


class Tables:
    """The static side of a batch: entries, kinds, and what bookings leave to each kind on each day."""

    def __init__(self, batch: BatchCase) -> None:
        self.batch = batch
        self.kinds: list[Kind] = []
        self.calendars: list[Calendar] = []
        self._kind_numbers: dict[Kind, int] = {}
        self._bookings: list[tuple[Booking, ...]] = []
        self._legal: dict[tuple[int, int], tuple[tuple[str, int], ...]] = {}
        self.entries = [self._entry(series.id, series.case) for series in batch.series]

    def legal(self, kind: int, day: int) -> tuple[tuple[str, int], ...]:
        """The starts that each chair could take on a day (an ordinal) if only the bookings were there."""
        key = (kind, day)
        if key not in self._legal:
            found = self.kinds[kind]
            opened = open_starts(self.calendars[found.calendar], found.session, date.fromordinal(day))
            starts = ((chair.chair, chair.by_holes[0]) for chair in opened if chair.chair in found.chairs)
            self._legal[key] = tuple((chair, legal) for chair, legal in starts if legal)
        return self._legal[key]

    def booked_days(self, day: int) -> list[Day]:
        """One day as each calendar has it; they differ only in turnovers that a booking does not state."""
        return [calendar.day(date.fromordinal(day)) for calendar in self.calendars]

    @property
    def site(self) -> Site:
        """The site that all series share."""
        return self.batch.series[0].case.site

    def _entry(self, name: str, given: Case) -> Entry:
        case = replace(given, weights=replace(given.weights, sliver=0))
        number = self._calendar(case)
        is_possible = not has_misplaced_pin(case) and len(case.fixed) <= case.protocol.infusions
        offers = offers_of(case, self.calendars[number]) if is_possible else {}
        moved = sum(move_points(case, place) for place in range(len(case.current)))
        tracks = tuple(self._tracks(case, offers, number))
        cost, slots = _alone(case, offers) if is_possible else (None, None)
        return Entry(name, case, tracks, moved, None if cost is None else cost + moved, slots)

    def _tracks(self, case: Case, offers: Offers, calendar: int) -> Iterator[Track]:
        numbers: dict[tuple[int, int], list[int]] = {}
        for number, found in offers.items():
            numbers.setdefault((id(found), self._kind(case, number, calendar)), []).append(number)
        for (_, kind), alike in numbers.items():
            yield Track(tuple(alike), kind, offers[alike[0]])

    def _calendar(self, case: Case) -> int:
        """Calendars are shared by all series that were given the same bookings."""
        if case.bookings not in self._bookings:
            self._bookings.append(case.bookings)
            self.calendars.append(Calendar(case.site, case.bookings))
        return self._bookings.index(case.bookings)

    def _kind(self, case: Case, infusion: int, calendar: int) -> int:
        fitting = tuple(chair.name for chair in case.site.chairs if case.patient.needs <= chair.features)
        chairs = (case.pinned[infusion].chair,) if infusion in case.pinned else fitting
        kind = Kind(replace(case.protocol.session(infusion), start_range=None), chairs, calendar)
        if kind not in self._kind_numbers:
            self._kind_numbers[kind] = len(self.kinds)
            self.kinds.append(kind)
        return self._kind_numbers[kind]


def _alone(case: Case, offers: Offers) -> tuple[int | None, Slots | None]:
    if len(case.fixed) == case.protocol.infusions:
        return 0, case.fixed
    search = Search(case, offers)
    cost = search.least_cost()
    return (None, None) if cost is None else (cost, search.first_plan(cost))


ANY_CHAIR = (("", -1),)


def narrowed(offer: Offer, starts: int) -> Offer | None:
    """An offer to the starts that are still free; the chair is found when the session is seated."""
    levels = [(points, kept) for points, mask in offer.levels if (kept := mask & starts)]
    return Offer(levels, ANY_CHAIR) if levels else None
