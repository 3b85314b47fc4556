"""Bring the demo clinic to life, or up to date: the same steps at the first start and at every later one."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta
from uuid import UUID

from uuid_utils.compat import uuid7

from intake.demo import board, clinic, courses, haste, packing, paths, rows, staff, today
from intake.demo.cast import THRICE, TWICE, Cast, Office, gather
from intake.domain.errors import DomainError
from intake.queries import sites
from intake.services import clinics, housekeeping, reminders

DAY = timedelta(days=1)
SEEDED = "demo_seeded"
"""The policy that says that the first run came to its end."""
KEPT_MESSAGES = ("confirmation", "reminder-72h", "reminder-24h")
"""Of what seeding causes, one message of each of these kinds goes out."""
SCREENS = (1, 2, 99, 3, 4, 4, 5, 6, 7, 8, 9, 10, 11, 99)
"""How far the people in intake have come; the third one's answers raise the alert."""
ALERT_PLACE = 2
CLAIMED_PLACE, WORRIED_PLACE, RETURNED_PLACE = 2, 3, 4
"""In review: who is with a provider, whose alert was closed after a call, who was asked something back."""
BEGAN_DAYS_AGO = (12, 9, 5, 2, 7, 3)
"""When the series of the first run began that are not tied to the board's day."""
LAID_SHARES = (2, 12)
"""One newcomer in so many begins on the board's day, at Denver and at Phoenix."""
Report = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Sizes:
    """How many people of each kind there are."""

    intake: int = 14
    review: int = 6
    orders: int = 6
    series: int = 12
    boosters: int = 70
    ended: int = 8
    extra: int = 0
    """People who may come beyond these to a site whose board's day would not be full, because nobody is due."""


WHOLE = Sizes(extra=3)
"""The clinic as it is seeded, and who may come beyond."""


@dataclass(frozen=True, slots=True)
class Run:
    """One run: who plays, the board's day, how many people to add, and whether no run came to its end before."""

    cast: Cast
    day: date
    missing: Sizes
    is_first: bool
    report: Report

    def office(self, place: int) -> Office:
        """Denver mostly; every seventh comes to Phoenix."""
        return self.cast.phoenix if place % 7 == 6 else self.cast.denver


def seed(now: datetime, *, sizes: Sizes | None = None, report: Report = lambda _text: None) -> None:
    """Load the clinic, settle what is past, lay the board's day, fill what ran low. Twice in a row adds nothing."""
    first_message = uuid7()
    with haste.in_haste():
        run = _begin(now, sizes or WHOLE, report)
        _add_boosters_and_ended(run)
        _add_series(run)
        _fill_ahead(run)
        _follow_the_clock(run.cast, run.day)
        _add_orders(run)
        _add_reviews(run)
        _add_intake(run)
        _fill_ahead(run)  # who was held today, or found no place before, would be booked by the next start
        _finish(run, first_message)


def _finish(run: Run, first_message: UUID) -> None:
    """Scores, messages, and the note that the first run came to its end."""
    courses.record(run.cast)
    reminders.scan(run.cast.now)
    housekeeping.void_messages_from(first_message, keep_one_of=KEPT_MESSAGES, now=run.cast.now)
    if run.is_first:
        clinics.load({"policies": [{"name": SEEDED, "value": True}]}, now=run.cast.now)


def _begin(now: datetime, sizes: Sizes, report: Report) -> Run:
    _load_clinic(now)
    if staff.make_usable(now):
        report("The clinic is loaded and its staff can sign in")
    cast = gather(now)
    is_first = not sites.policy(SEEDED)
    day = board.board_day(cast, cast.denver)
    _follow_the_clock(cast, day)
    return Run(cast, day, _missing(rows.counts(day), sizes, is_first), is_first, report)


def _fill_ahead(run: Run) -> None:
    for office in run.cast.offices:
        board.fill_ahead(run.cast, office, run.day)


def _follow_the_clock(cast: Cast, day: date) -> None:
    today.hold_one(cast, day)
    today.settle(cast)


def _missing(there: rows.Counts, wanted: Sizes, is_first: bool) -> Sizes:
    """How many to add: all that lack at first, later only where fewer than half are left."""
    names = [field.name for field in fields(there)]
    pairs = {name: (getattr(there, name), getattr(wanted, name)) for name in names}
    lacking = {
        name: max(most - count, 0) if is_first or count < most / 2 else 0 for name, (count, most) in pairs.items()
    }
    ended = wanted.ended if is_first and lacking["boosters"] == wanted.boosters else 0
    return Sizes(ended=ended, extra=wanted.extra, **lacking)


def _load_clinic(now: datetime) -> None:
    """With next week's half-closed day where that strands nobody, else without.

    Where a site has changed since, by hand or with this version, and has appointments, it stays as it is.
    """
    clinic.reopen(now)
    for part in clinic.documents(now.date()):
        with suppress(DomainError):
            clinics.load(part, now=now)
            return


def _add_boosters_and_ended(run: Run) -> None:
    missing = run.missing.boosters
    span = 32 + missing * 1.6
    for place in range(missing):
        first = run.day - timedelta(days=round(span - place * 1.6))
        paths.on_boosters(run.cast, run.office(place), run.office(place).near(first), avoid=[run.day])
        if place % 10 == 9:
            run.report(f"{place + 1} of {missing} people on boosters")
    for kind in range(run.missing.ended):
        office = run.office(kind)
        paths.ended(run.cast, office, kind, office.near(run.day - (150 + 9 * kind) * DAY), avoid=[run.day])
    today.settle(run.cast)


def _add_series(run: Run) -> None:
    """Those of the board's day first, then others at different infusions; later ones begin in the days to come."""
    missing = run.missing.series
    laid = sum(_lay(run, office, missing // share) for office, share in zip(run.cast.offices, LAID_SHARES, strict=True))
    for place in range(missing - laid):
        office = run.cast.phoenix if place % 3 == 2 else run.cast.denver
        ahead = place % 4 + 1
        first = run.day - BEGAN_DAYS_AGO[place % len(BEGAN_DAYS_AGO)] * DAY if run.is_first else run.day + ahead * DAY
        full = rows.full_days(office.id, first, len(packing.table_of(office, first)))
        protocol = THRICE if place % 3 == 1 else TWICE
        paths.into_series(run.cast, office, first, avoid=[run.day, *full], protocol=protocol)
    if missing:
        run.report(f"{missing} people in series")


def _lay(run: Run, office: Office, newcomers: int) -> int:
    return board.lay(run.cast, office, board.board_day(run.cast, office), newcomers, extra=run.missing.extra)


def _add_orders(run: Run) -> None:
    missing = run.missing.orders
    for place in range(missing):
        office = run.office(place)
        day = office.near(office.today(run.cast.now) - (1 + place % 3) * DAY)
        paths.to_order(run.cast, office, day, protocol=THRICE if place % 2 else TWICE)
    if missing:
        run.report(f"{missing} orders that wait for the front desk")


def _add_reviews(run: Run) -> None:
    missing = run.missing.review
    for place in range(missing):
        who = paths.in_review(run.cast, run.office(place), place, worry=int(place == WORRIED_PLACE))
        if place == WORRIED_PLACE:
            paths.after_a_call(run.cast, who)
        elif place in (CLAIMED_PLACE, RETURNED_PLACE):
            paths.claimed(run.cast, who, is_returned=place == RETURNED_PLACE)
    if missing:
        run.report(f"{missing} people in review")


def _add_intake(run: Run) -> None:
    missing = run.missing.intake
    for place in range(missing):
        has_alert = place == ALERT_PLACE
        screens, days_ago = SCREENS[place % len(SCREENS)], 0 if has_alert else place
        paths.in_intake(run.cast, run.office(place), screens, days_ago=days_ago, alert=has_alert)
    if missing:
        run.report(f"{missing} people filling in their form")
