"""The day on the board, and the weeks after it: nine visits today, boosters booked for those who are due."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from intake.demo import paths, rows, treatment
from intake.demo.cast import Cast, Office
from intake.demo.rows import OnBoosters
from intake.domain.scheduling.values import Slot
from intake.domain.statuses import Status
from intake.extensions import current_session
from intake.queries import schedules, sites

Start = tuple[int, int]
"""Minutes after midnight, and which infusion of a series stands there; 0 is a booster."""
TABLE: tuple[Start, ...] = (
    (480, 4), (510, 2), (600, 0), (630, 1), (675, 1), (735, 6), (780, 0), (825, 0), (855, 2),
)  # fmt: skip
FRIDAY: tuple[Start, ...] = ((480, 4), (510, 2), (540, 0), (600, 0), (630, 6), (675, 1), (735, 0), (765, 0))
"""Fridays end at three, and eight is the most that the staff can watch."""
SPARE = (540, 900, 585, 810, 720)
INTERVAL_DAYS, EARLY_DAYS = 28, 7
MOST_BOOSTERS = 6
AHEAD_DAYS = 14
LEFT_WAITING = 6
"""One of so many who are due stays for the desk to call."""


def board_day(cast: Cast, office: Office) -> date:
    """The day that the board opens on."""
    day = schedules.board_day(sites.site(office.id), cast.now)
    current_session().rollback()
    return day


def lay(cast: Cast, day: date, newcomers: int) -> int:
    """Fill the day at Denver up to its table, start after start; returns how many of the newcomers came into series."""
    table, began = (FRIDAY if day.weekday() == 4 else TABLE), 0
    for start, number in table:
        if _is_full(cast, day, table):
            return began
        if _free(cast, day, (start,)) is None:
            continue
        if number and began < newcomers:
            began += 1
            if paths.into_series_at(cast, day, start, number):
                continue
        _give_booster(cast, day, (start,))
    starts = (*(start for start, _ in table), *SPARE)
    while not _is_full(cast, day, table) and _give_booster(cast, day, starts):
        pass
    return began


def fill_ahead(cast: Cast, office: Office, day: date) -> int:
    """Book the boosters that fall due within two weeks after the board's day; returns how many."""
    until, count = day + timedelta(days=AHEAD_DAYS), 0
    for one in rows.on_boosters(office.id, until):
        target = max(one.last_on + timedelta(days=INTERVAL_DAYS), day + timedelta(days=1))
        if one.given < MOST_BOOSTERS and target <= until and one.patient_id.int % LEFT_WAITING:
            count += paths.booster_near(cast, one.patient_id, one.order_id, office, target) is not None
    return count


def _is_full(cast: Cast, day: date, table: tuple[Start, ...]) -> bool:
    """Whether as many came, come or were expected as the table has; what was cancelled does not count."""
    return len([one for one in rows.on_day(cast.denver.id, day) if one.status is not Status.CANCELLED]) >= len(table)


def _free(cast: Cast, day: date, starts: tuple[int, ...]) -> Slot | None:
    return treatment.free_slot(cast.denver, day, at=_the_day_before(cast, day), starts=starts, most=len(TABLE))


def _give_booster(cast: Cast, day: date, starts: tuple[int, ...]) -> bool:
    """Book somebody who may have a booster that day at the first free one of these starts."""
    slot = _free(cast, day, starts)
    if slot is None:
        return False
    at = _the_day_before(cast, day)
    may = (one for one in rows.on_boosters(cast.denver.id, day) if _is_due(one, day))
    return any(treatment.book_booster(cast, one.patient_id, one.order_id, cast.denver, slot, at=at) for one in may)


def _the_day_before(cast: Cast, day: date) -> datetime:
    return cast.past(cast.denver.at(day - timedelta(days=1), 960))


def _is_due(one: OnBoosters, day: date) -> bool:
    soonest = one.last_on + timedelta(days=INTERVAL_DAYS - EARLY_DAYS)
    return one.given < MOST_BOOSTERS and soonest <= day
