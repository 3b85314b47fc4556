"""What has become of the visits by now: those of the past are settled, those of today follow the clock."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from intake.demo import rows
from intake.demo.cast import Cast, Office
from intake.demo.rows import Visit
from intake.domain import clinic_time
from intake.domain.statuses import Status
from intake.services import attendance
from intake.services.appointment_steps import Seen

HELD_AS = (6, 7, 4, 3)
"""Of a day's visits in order of time (0 is the first), the first of these that is a booster is put on hold."""
HOLD_REASON = "blood-pressure"
MISSED_EVERY = 23
"""One booster of the past in so many was missed."""


@dataclass(frozen=True, slots=True)
class Course:
    """How a visit goes, in minutes: arrival and check-in after its start, the end after its planned one."""

    arrived: int = -10
    checked_in: int = 0
    done: int = 0


USUAL = Course()
COURSES = {2: Course(done=45), 5: Course(arrived=30, checked_in=35, done=20)}
"""The third visit of a day takes longer, the sixth person comes late."""


def settle(cast: Cast) -> int:
    """Mark what has happened by now, each with its own time; returns how many marks there were. Twice adds nothing."""
    places: dict[tuple[UUID, date], list[UUID]] = {}
    count = 0
    for visit in rows.under_way(cast.now):
        key = (visit.site_id, visit.day)
        if key not in places:
            places[key] = [one.id for one in rows.on_day(*key)]
        office = next(one for one in cast.offices if one.id == visit.site_id)
        place = places[key].index(visit.id) if visit.id in places[key] else 0
        count += _follow(cast, visit, list(_steps(cast, visit, place, office)))
    return count


def hold_one(cast: Cast, day: date) -> bool:
    """Put one booster of a day that has begun at Denver on hold; whether it was done now. Call it before `settle`."""
    office, visits = cast.denver, rows.on_day(cast.denver.id, day)
    held_at = office.at(day, office.opens(day)) + timedelta(minutes=20)
    if cast.now < held_at or any(one.status is Status.CLINIC_HOLD for one in visits):
        return False
    untouched = [one for one in visits if one.kind == rows.BOOSTER and (one.status, one.version) == (Status.BOOKED, 1)]
    near = [visits[place] for place in HELD_AS if place < len(visits) and visits[place] in untouched]
    for visit in near[:1]:
        seen, actor_id = Seen(visit.version, visit.status), cast.nurse_of(day)
        attendance.mark(
            visit.id,
            Status.CLINIC_HOLD,
            seen=seen,
            actor_id=actor_id,
            now=held_at,
            reason=HOLD_REASON,
            asked_by="clinic",
        )
    return bool(near)


def _steps(cast: Cast, visit: Visit, place: int, office: Office) -> Iterator[tuple[Status, datetime]]:
    """What happens in the visit and when."""
    start = clinic_time.minutes_of_day(visit.starts_at, office.zone)
    was_due = visit.day < office.today(cast.now) and visit.status is Status.BOOKED
    if was_due and visit.kind == rows.BOOSTER and (visit.day.toordinal() * 7 + start) % MISSED_EVERY == 0:
        yield Status.NO_SHOW, visit.starts_at + timedelta(minutes=45)
        return
    course = COURSES.get(place, USUAL)
    yield Status.ARRIVED, visit.starts_at + timedelta(minutes=course.arrived)
    yield Status.CHECKED_IN, visit.starts_at + timedelta(minutes=course.checked_in)
    yield Status.FULFILLED, visit.ends_at + timedelta(minutes=course.done)


def _follow(cast: Cast, visit: Visit, steps: list[tuple[Status, datetime]]) -> int:
    """Take the steps that come after where the visit stands, as far as the clock allows."""
    passed = [Status.BOOKED, *(status for status, _ in steps)].index(visit.status)
    count, seen = 0, Seen(visit.version, visit.status)
    for status, at in steps[passed:]:
        if at > cast.now:
            break
        actor_id = cast.desk_id if status in (Status.ARRIVED, Status.NO_SHOW) else cast.nurse_of(visit.day)
        attendance.mark(visit.id, status, seen=seen, actor_id=actor_id, now=at)
        count, seen = count + 1, Seen(visit.version, status)
    return count
