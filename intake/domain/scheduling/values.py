"""The nouns of scheduling, as plain values. Times are minutes after midnight at the site; spans are half-open."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
"""How weekdays are written in JSON; in memory a weekday is its place here, as `date.weekday()` counts."""
EVERY_DAY = frozenset(range(7))

Span = tuple[int, int]
Weekly = Mapping[int, tuple[Span, ...]]
Profile = tuple[tuple[int, int], ...]
"""Steps of (minutes, watch units) from the start of a session; the last one lasts to its end."""
ONE_UNIT: Profile = ((1, 1),)


class Rule(StrEnum):
    """The rules that a slot or a series can break, as planning cases number them."""

    OFF_GRID = "off-grid"
    CLOSED = "closed"
    NO_START = "no-start"
    FIRST_START = "first-start"
    CHAIR_UNKNOWN = "chair-unknown"
    CHAIR_FEATURE = "chair-feature"
    CHAIR_TAKEN = "chair-taken"
    MONITORING = "monitoring"
    STARTS = "starts"
    NOT_AVAILABLE = "not-available"
    DATE_UNAVAILABLE = "date-unavailable"
    PICKUP = "pickup"
    BUSY = "busy"
    PROVIDER = "provider"
    PROTECTED = "protected"
    ATTENDANT = "attendant"
    COUNT = "count"
    ORDER = "order"
    PINNED = "pinned"
    GAP = "gap"
    SPAN = "span"
    SEVEN_DAYS = "seven-days"
    WINDOW = "window"


@dataclass(frozen=True, slots=True)
class Fault:
    """One broken rule, with a sentence for a person."""

    rule: Rule
    text: str


@dataclass(frozen=True, slots=True)
class Slot:
    """One place in the calendar: a date, a start, a chair."""

    day: date
    start: int
    chair: str


@dataclass(frozen=True, slots=True)
class Chair:
    """Where an infusion is given; features such as `private`, `wheelchair`."""

    name: str
    features: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Shift:
    """A weekly stretch of time: monitoring staff, a provider on site, no starts, protected starts.

    `capacity` (watch units) matters for monitoring only. It holds from `first_on` to `last_on`, both in.
    """

    days: frozenset[int]
    start: int
    end: int
    capacity: int = 0
    first_on: date | None = None
    last_on: date | None = None

    def is_on(self, day: date) -> bool:
        """Whether the shift is worked on that date."""
        if day.weekday() not in self.days:
            return False
        return (self.first_on is None or self.first_on <= day) and (self.last_on is None or day <= self.last_on)


@dataclass(frozen=True, slots=True)
class Release:
    """Whom protected starts are kept for, by kind of session, and when that ends.

    From `hours` before it begins a protected start is anybody's. `until` is the last start that is released by now,
    as date and minute, itself in.
    """

    kinds: tuple[str, ...]
    hours: int
    until: tuple[date, int]


@dataclass(frozen=True, slots=True)
class Site:
    """A site's rules. `closures` maps a date to its closed spans; a whole closed day is `((0, 1440),)`.

    `provider` None means that a provider is always on site; `release` None that protected starts are never released.
    """

    timezone: str
    slot_minutes: int
    chairs: tuple[Chair, ...]
    hours: Weekly
    monitoring: tuple[Shift, ...]
    starts_per_slot: int
    closures: Mapping[date, tuple[Span, ...]] = field(default_factory=dict)
    provider: tuple[Shift, ...] | None = None
    no_start: tuple[Shift, ...] = ()
    protected: tuple[Shift, ...] = ()
    name: str = ""
    release: Release | None = None


@dataclass(frozen=True, slots=True)
class Busy:
    """Another appointment of a person, `[start, end)`; it may run over midnight."""

    start_day: date
    start: int
    end_day: date
    end: int


@dataclass(frozen=True, slots=True)
class Attendant:
    """Who holds a session in person: when they work (None: whenever the site is open) and what they have already."""

    shifts: tuple[Shift, ...] | None = None
    busy: tuple[Busy, ...] = ()


@dataclass(frozen=True, slots=True)
class Session:
    """What is to be placed: how long, with what turnover, watch units and range of starts (both ends in).

    One that needs no chair (a consultation, a follow-up, an integration) takes neither chair, watch unit nor start;
    its slot names no chair. `may_use_protected` False: protected starts are out until they are released.
    """

    minutes: int
    turnover_minutes: int = 0
    watch_profile: Profile = ONE_UNIT
    start_range: Span | None = None
    needs_chair: bool = True
    may_use_protected: bool = True
    attendant: Attendant | None = None


@dataclass(frozen=True, slots=True)
class Protocol:
    """The recipe of a series; `gap_points` maps allowed days between infusions to penalty points."""

    infusions: int
    chair_minutes: int
    turnover_minutes: int
    gap_points: Mapping[int, int]
    min_span_days: int
    max_span_days: int
    max_in_7_days: int
    per_week: int
    first_chair_minutes: int | None = None
    first_start: Span | None = None
    watch_profile: Profile = ONE_UNIT
    name: str = ""

    def session(self, number: int) -> Session:
        """The session of infusion `number`; 1 is the first of the series, longer and with its own range of starts."""
        if number == 1:
            minutes = self.chair_minutes if self.first_chair_minutes is None else self.first_chair_minutes
            return Session(minutes, self.turnover_minutes, self.watch_profile, self.first_start)
        return Session(self.chair_minutes, self.turnover_minutes, self.watch_profile)


@dataclass(frozen=True, slots=True)
class Patient:
    """What the patient and the driver can do and want. `pickup` None: nobody need fetch; spans include both ends."""

    earliest: date
    available: Weekly
    latest_start: date | None = None
    not_after: date | None = None
    pickup: Weekly | None = None
    unavailable_dates: frozenset[date] = frozenset()
    needs: frozenset[str] = frozenset()
    preferred: Span | None = None
    busy: tuple[Busy, ...] = ()


@dataclass(frozen=True, slots=True)
class Booking:
    """A session or a hold of anybody that takes capacity, within one date."""

    chair: str
    day: date
    start: int
    end: int
    turnover: int = 0
    watch_profile: Profile = ONE_UNIT


@dataclass(frozen=True, slots=True)
class Current:
    """A booking of this series that may move, and what moving it costs (None: the weight `moved`)."""

    slot: Slot
    move_points: int | None = None


@dataclass(frozen=True, slots=True)
class Weights:
    """What each kind of compromise costs, in points. The names are the eight terms of a breakdown."""

    spacing: int = 0
    delay_day: int = 0
    outside_preferred: int = 0
    time_shift: int = 0
    weekday_change: int = 0
    sliver: int = 0
    protected: int = 0
    moved: int = 0


TERMS = ("spacing", "delay_day", "outside_preferred", "time_shift", "weekday_change", "sliver", "protected", "moved")


@dataclass(frozen=True, slots=True)
class OtherSite:
    """Another site of the clinic with its bookings; used only for reasons that name it."""

    site: Site
    bookings: tuple[Booking, ...] = ()


@dataclass(frozen=True, slots=True)
class Case:
    """One series to lay out. `fixed` infusions stand first and take no capacity; `pinned` maps number to slot."""

    site: Site
    protocol: Protocol
    patient: Patient
    bookings: tuple[Booking, ...] = ()
    fixed: tuple[Slot, ...] = ()
    pinned: Mapping[int, Slot] = field(default_factory=dict)
    current: tuple[Current, ...] = ()
    other_sites: tuple[OtherSite, ...] = ()
    weights: Weights = Weights()


def names_of(days: Iterable[int]) -> list[str]:
    """Weekday numbers as they are written in JSON, from Monday on."""
    return [WEEKDAYS[day] for day in sorted(days)]
