"""A large clinic for the bench: 20 sites, 20,000 patients, 200,000 appointments. Everybody in it is invented.

Site 1 has twelve chairs and 60 visits a day, the others six chairs and 24; its board is the one that is measured.
The future is 70 % full, so that something is free. Past visits hold no claims, as after the nightly purge.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import insert
from uuid_utils.compat import uuid7

from intake.domain import clinic_time
from intake.domain.statuses import ConsultationStatus, Status
from intake.extensions import Base, transaction
from intake.models.appointments import Appointment, SlotClaim
from intake.models.consultations import Consultation
from intake.models.people import Patient
from intake.models.sites import Chair, SessionKind
from tests import factories

ZONE = "America/Denver"
SLOT = 15
CHUNK = 5_000
OPEN_CONSULTATIONS = 200
Rows = list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Size:
    """How large: sites, patients of each, appointments of each."""

    sites: int = 20
    patients: int = 1_000
    appointments: int = 10_000


WHOLE = Size()


@dataclass(frozen=True, slots=True)
class Room:
    """One site of the clinic with its chairs, and how its day is filled: starts, minutes, turnover."""

    id: UUID
    chairs: tuple[UUID, ...]
    starts: tuple[int, ...]
    minutes: int
    turnover: int


@dataclass(frozen=True, slots=True)
class BigClinic:
    """What was made. `board_day` is the next weekday; patients of each site in the order of sites."""

    rooms: tuple[Room, ...]
    patients: tuple[tuple[UUID, ...], ...]
    desk_id: UUID
    provider_id: UUID
    board_day: date


def build(now: datetime, size: Size = WHOLE) -> BigClinic:
    """Fill an empty database; call inside an app context."""
    desk, provider = factories.a_desk(), factories.a_provider()
    _add_kinds()
    rooms = tuple(_room(number) for number in range(1, size.sites + 1))
    patients = tuple(_patients(room, size, now) for room in rooms)
    day = _next_weekday(clinic_time.local_day(now, ZONE))
    for room, people in zip(rooms, patients, strict=True):
        _fill(room, people, size, day, desk, now)
    _open_consultations(rooms[0], patients[0], now)
    return BigClinic(rooms, patients, desk, provider, day)


def _add_kinds() -> None:
    kinds = [
        ("consultation", 60, 0, False, True),
        ("infusion", 120, 15, True, False),
        ("booster", 120, 15, True, False),
    ]
    with transaction() as session:
        for code, minutes, turnover, chair, provider in kinds:
            profile = [[30, 2], [90, 1]] if chair else []
            session.add(
                SessionKind(
                    code=code,
                    name=code.capitalize(),
                    minutes=minutes,
                    turnover_minutes=turnover,
                    needs_chair=chair,
                    needs_provider=provider,
                    watch_profile=profile,
                )
            )


def _room(number: int) -> Room:
    count = 12 if number == 1 else 6
    starts, minutes = (tuple(range(480, 930, 90)), 75) if number == 1 else ((480, 615, 750, 885), 120)
    site_id = factories.a_site(name=f"Site {number:02d}", chairs=0, watch_units=2 * count, starts_per_slot=count)
    chairs: Rows = [
        {"id": uuid7(), "site_id": site_id, "number": place, "name": f"C{place}", "features": []}
        for place in range(1, count + 1)
    ]
    _add(Chair, chairs)
    return Room(site_id, tuple(chair["id"] for chair in chairs), starts, minutes, 15)


def _patients(room: Room, size: Size, now: datetime) -> tuple[UUID, ...]:
    rows: Rows = []
    for number in range(size.patients):
        key = uuid7()
        rows.append(
            {
                "id": key,
                "home_site_id": room.id,
                "given_name": f"Person{number:04d}",
                "family_name": f"Invented{number % 97:02d}",
                "born_on": date(1950, 1, 1) + timedelta(days=number * 17),
                "email": f"{key}@example.org",
                "created_at": now,
            }
        )
    _add(Patient, rows)
    return tuple(row["id"] for row in rows)


def _fill(room: Room, people: Sequence[UUID], size: Size, day: date, desk: UUID, now: datetime) -> None:
    """The board's day and all before it full, what comes after 70 %; the nearest days first, up to the number."""
    a_day = len(room.chairs) * len(room.starts)
    ahead = list(_weekdays(day, 1, size.appointments * 8 // 100 // a_day))
    back = list(_weekdays(day, -1, size.appointments // a_day + 2))
    rows: Rows = []
    claims: Rows = []
    for on in ahead:
        seen: Counter[tuple[datetime, str]] = Counter()
        for row, chair in _visits(room, people, on, 100 if on == day else 70, desk, now):
            rows.append(row)
            claims += _claims(room, row, chair, seen)
    for on in back[1:]:
        rows += [row for row, _ in _visits(room, people, on, 100, desk, now)][: max(size.appointments - len(rows), 0)]
    _add(Appointment, rows)
    _add(SlotClaim, claims)


def _visits(
    room: Room, people: Sequence[UUID], on: date, percent: int, desk: UUID, now: datetime
) -> Iterator[tuple[dict[str, Any], int]]:
    first = on.toordinal() * len(room.chairs) * len(room.starts)
    for place, start in enumerate(room.starts):
        for number, chair_id in enumerate(room.chairs, 1):
            serial = first + place * len(room.chairs) + number
            if serial * 7919 % 100 >= percent:
                continue
            starts_at = clinic_time.to_utc(on, start, ZONE)
            yield (
                {
                    "id": uuid7(),
                    "site_id": room.id,
                    "patient_id": people[serial % len(people)],
                    "kind": "booster",
                    "chair_id": chair_id,
                    "on_date": on,
                    "starts_at": starts_at,
                    "ends_at": starts_at + timedelta(minutes=room.minutes),
                    "turnover_minutes": room.turnover,
                    "watch_profile": [[30, 2], [room.minutes - 30, 1]],
                    "status": Status.BOOKED if starts_at > now else Status.FULFILLED,
                    "booked_by": desk,
                    "booked_at": now,
                },
                number,
            )


def _claims(
    room: Room, row: dict[str, Any], chair: int, seen: Counter[tuple[datetime, str]]
) -> Iterator[dict[str, Any]]:
    """What a booked visit holds: chair with turnover, patient, a start, watch units; of units the lowest free one."""

    def claim(resource: str, slot: datetime) -> dict[str, Any]:
        return {"site_id": room.id, "resource": resource, "slot_at": slot, "appointment_id": row["id"]}

    start, quarter = row["starts_at"], timedelta(minutes=SLOT)
    for place in range((room.minutes + room.turnover) // SLOT):
        yield claim(f"chair:{chair}", start + place * quarter)
    seen[start, "start"] += 1
    yield claim(f"start:{seen[start, 'start']:02d}", start)
    for place in range(room.minutes // SLOT):
        slot = start + place * quarter
        yield claim(f"patient:{row['patient_id']}", slot)
        for _ in range(2 if place < 2 else 1):
            seen[slot, "watch"] += 1
            yield claim(f"watch:{seen[slot, 'watch']:02d}", slot)


def _open_consultations(room: Room, people: Sequence[UUID], now: datetime) -> None:
    rows: Rows = [
        {
            "id": uuid7(),
            "patient_id": patient_id,
            "site_id": room.id,
            "status": ConsultationStatus.SUBMITTED,
            "reason": "depression",
            "created_at": now - timedelta(days=9),
            "submitted_at": now - timedelta(hours=number),
        }
        for number, patient_id in enumerate(people[:OPEN_CONSULTATIONS])
    ]
    _add(Consultation, rows)


def _add(model: type[Base], rows: Rows) -> None:
    for first in range(0, len(rows), CHUNK):
        with transaction() as session:
            session.execute(insert(model), rows[first : first + CHUNK])


def _next_weekday(day: date) -> date:
    return next(_weekdays(day + timedelta(days=1), 1, 1))


def _weekdays(first: date, step: int, count: int) -> Iterator[date]:
    day = first
    while count:
        if day.weekday() < 5:
            count -= 1
            yield day
        day += timedelta(days=step)
