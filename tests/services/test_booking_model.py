"""Booking against a plain model: whatever happens in whatever order, both hold the same minutes.

The model knows nothing of claims, masks or rules of the engine: it counts minutes in a dictionary. After each step the
claims in the table have to be what its live appointments and open holds take, and no limit may be passed.
"""

from __future__ import annotations

from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from sqlalchemy import select
from uuid_utils.compat import uuid7

from intake.domain.errors import DomainError
from intake.domain.roles import Role
from intake.domain.scheduling.values import Slot
from intake.domain.statuses import Status
from intake.extensions import db
from intake.models.appointments import Appointment, SlotClaim
from intake.models.orders import Order
from intake.services import appointments, attendance, holds, series
from intake.services.appointment_steps import Seen
from intake.services.appointments import NewAppointment
from tests import factories
from tests.factories import NOW
from tests.services.bookings import DATES, an_order_to_book, the_kind, utc

CHAIRS, UNITS, STARTS = "AB", 3, 1
PEOPLE = 3
SERIES, SINGLE = (120, ((30, 2), (90, 1))), (60, ((60, 1),))
TURNOVER = 15
DAYS = DATES[:3]
GRID = [8 * 60 + 30 * step for step in range(15)]  # 8:00 to 15:00: whatever starts then ends before closing

people = st.integers(0, PEOPLE - 1)
chairs = st.sampled_from(CHAIRS)
hours = st.sampled_from(GRID)
days = st.sampled_from(DAYS)


@dataclass(frozen=True)
class Sitting:
    """One session, as the model knows it."""

    person: int
    day: date
    start: int
    chair: str
    minutes: int
    profile: tuple[tuple[int, int], ...]
    number: int | None = None
    is_over: bool = False  # above the limits, with a reason

    def taken(self) -> Counter[tuple[str, str, date, int]]:
        """What it takes, minute by minute."""
        found: Counter[tuple[str, str, date, int]] = Counter()
        units = [units for minutes, units in self.profile for _ in range(minutes)]
        for minute in range(self.minutes):
            found["patient", str(self.person), self.day, self.start + minute] += 1
            found["watch", "", self.day, self.start + minute] += units[minute]
        for minute in range(self.minutes + TURNOVER):
            found["chair", self.chair, self.day, self.start + minute] += 1
        found["start", "", self.day, self.start] += 1
        return found


LIMITS = {"patient": 1, "chair": 1, "watch": UNITS, "start": STARTS}


@dataclass
class Model:
    """Who sits where, and what is on hold."""

    now: datetime = NOW
    live: dict[UUID, Sitting] = field(default_factory=dict)
    gone: dict[UUID, Sitting] = field(default_factory=dict)
    held: dict[int, tuple[UUID, list[Sitting], datetime]] = field(default_factory=dict)

    def open_hold(self, person: int) -> list[Sitting]:
        """What a person has on hold by now."""
        _, sittings, until = self.held.get(person, (None, [], self.now))
        return sittings if until > self.now else []

    def taken(self, *, but: UUID | None = None, hold_of: int | None = None) -> Counter[tuple[str, str, date, int]]:
        """All that is taken, without one appointment and one person's hold."""
        found: Counter[tuple[str, str, date, int]] = Counter()
        for key, sitting in self.live.items():
            if key != but:
                found += sitting.taken()
        for person in self.held:
            for sitting in self.open_hold(person) if person != hold_of else ():
                found += sitting.taken()
        return found

    def fits(
        self, sittings: list[Sitting], *, but: UUID | None = None, hold_of: int | None = None, is_over: bool = False
    ) -> bool:
        """Whether there is room for all of these; `is_over`: where watch units and starts do not count."""
        total = self.taken(but=but, hold_of=hold_of)
        wanted: Counter[tuple[str, str, date, int]] = Counter()
        for sitting in sittings:
            wanted += sitting.taken()
        counted = ("patient", "chair") if is_over else LIMITS
        return all(total[at] + count <= LIMITS[at[0]] for at, count in wanted.items() if at[0] in counted)


class Booking(RuleBasedStateMachine):
    """What desks do, on the tables and on the model."""

    def __init__(self) -> None:
        super().__init__()
        db.session.rollback()
        self.site = factories.a_site(chairs=len(CHAIRS), watch_units=UNITS, starts_per_slot=STARTS)
        self.desk = factories.an_account(Role.DESK, Role.MANAGER)
        protocol = factories.a_protocol(name=f"Acute {self.site}")
        self.orders = [an_order_to_book(self.site, protocol_id=protocol) for _ in range(PEOPLE)]
        self.patients = [db.session.get_one(Order, order).patient_id for order in self.orders]
        db.session.rollback()
        self.model = Model()
        self.booked: set[int] = set()

    @property
    def who(self) -> dict[str, object]:
        return {"actor_id": self.desk, "now": self.model.now}

    @contextmanager
    def expecting(self, is_possible: bool):
        """The tables refuse exactly what the model has no room for."""
        try:
            yield
        except DomainError as error:
            assert not is_possible, f"refused though there is room: {error.message}"
        else:
            assert is_possible, "there is no room, and nobody said so"
        finally:
            db.session.rollback()

    def six(self, person: int, chair: str, start: int) -> list[Sitting]:
        return [Sitting(person, day, start, chair, *SERIES, number) for number, day in enumerate(DATES, 1)]

    @staticmethod
    def slots(sittings: list[Sitting]) -> list[Slot]:
        return [Slot(one.day, one.start, one.chair) for one in sittings]

    def seen(self, key: UUID) -> Seen:
        row = db.session.get_one(Appointment, key)
        found = Seen(row.version, row.status)
        db.session.rollback()
        return found

    @rule(person=people, day=days, start=hours, chair=chairs)
    def book_one(self, person: int, day: date, start: int, chair: str) -> None:
        sitting = Sitting(person, day, start, chair, *SINGLE)
        wanted = NewAppointment(self.patients[person], self.site, "follow-up", Slot(day, start, chair))
        with self.expecting(self.model.fits([sitting])):
            self.model.live[appointments.book(wanted, request_key=uuid7(), **self.who)] = sitting

    @rule(person=people, start=hours, chair=chairs)
    def book_series(self, person: int, start: int, chair: str) -> None:
        sittings = self.six(person, chair, start)
        fits = person not in self.booked and self.model.fits(sittings, hold_of=person)
        with self.expecting(fits):
            key = series.book(self.orders[person], self.slots(sittings), request_key=uuid7(), **self.who)
            self.now_booked(person, key, sittings)

    @rule(person=people, start=hours, chair=chairs)
    def hold(self, person: int, start: int, chair: str) -> None:
        sittings = self.six(person, chair, start)
        fits = person not in self.booked and self.model.fits(sittings, hold_of=person)
        with self.expecting(fits):
            key = series.hold(self.orders[person], self.slots(sittings), **self.who)
            self.model.held[person] = (key, sittings, self.model.now + holds.KEPT_FOR)

    @precondition(lambda self: self.model.held)
    @rule(data=st.data())
    def confirm(self, data: st.DataObject) -> None:
        person = data.draw(st.sampled_from(sorted(self.model.held)))
        hold_id, sittings, _ = self.model.held[person]
        with self.expecting(person not in self.booked and bool(self.model.open_hold(person))):
            key = series.confirm(self.orders[person], hold_id, request_key=uuid7(), **self.who)
            self.now_booked(person, key, sittings)

    @precondition(lambda self: self.model.held)
    @rule(data=st.data())
    def let_go(self, data: st.DataObject) -> None:
        person = data.draw(st.sampled_from(sorted(self.model.held)))
        holds.let_go(self.model.held.pop(person)[0], patient_id=self.patients[person], **self.who)

    @precondition(lambda self: self.model.live)
    @rule(data=st.data(), start=hours, chair=chairs)
    def move(self, data: st.DataObject, start: int, chair: str) -> None:
        key = data.draw(st.sampled_from(sorted(self.model.live)))
        moved = replace(self.model.live[key], start=start, chair=chair, is_over=False)
        with self.expecting(self.model.fits([moved], but=key)):
            slot = Slot(moved.day, start, chair)
            appointments.move(key, slot, seen=self.seen(key), reason="other", **self.who)
            self.model.live[key] = moved

    @precondition(lambda self: self.model.live)
    @rule(data=st.data(), start=hours, chair=chairs)
    def overbook(self, data: st.DataObject, start: int, chair: str) -> None:
        key = data.draw(st.sampled_from(sorted(self.model.live)))
        moved = replace(self.model.live[key], start=start, chair=chair, is_over=False)
        is_over = not self.model.fits([moved], but=key)
        with self.expecting(self.model.fits([moved], but=key, is_over=True)):
            slot, why = Slot(moved.day, start, chair), {"reason": "other", "overbook": "Drove two hours"}
            appointments.move(key, slot, seen=self.seen(key), **why, **self.who)
            self.model.live[key] = replace(moved, is_over=is_over)

    @precondition(lambda self: self.model.live)
    @rule(data=st.data(), to=st.sampled_from([Status.CANCELLED, Status.CLINIC_HOLD]))
    def give_up(self, data: st.DataObject, to: Status) -> None:
        key = data.draw(st.sampled_from(sorted(self.model.live)))
        attendance.mark(key, to, seen=self.seen(key), reason="ill", **self.who)
        self.model.gone[key] = self.model.live.pop(key)

    @precondition(lambda self: self.model.gone)
    @rule(data=st.data())
    def undo(self, data: st.DataObject) -> None:
        key = data.draw(st.sampled_from(sorted(self.model.gone)))
        sitting = self.model.gone[key]
        with self.expecting(not self.has_twin(sitting) and self.model.fits([sitting], is_over=sitting.is_over)):
            attendance.undo(key, seen=self.seen(key), **self.who)
            self.model.live[key] = self.model.gone.pop(key)

    @precondition(lambda self: any(one.number for one in self.model.gone.values()))
    @rule(data=st.data(), start=hours, chair=chairs)
    def book_anew(self, data: st.DataObject, start: int, chair: str) -> None:
        lost = sorted(key for key, one in self.model.gone.items() if one.number)
        key = data.draw(st.sampled_from(lost))
        sitting = replace(self.model.gone[key], start=start, chair=chair, is_over=False)
        with self.expecting(not self.has_twin(sitting) and self.model.fits([sitting])):
            slot = Slot(sitting.day, start, chair)
            new = appointments.book_anew(key, slot, request_key=uuid7(), reason="ill", **self.who)
            self.model.live[new] = sitting

    @rule(minutes=st.sampled_from([1, 4, 6, 11]))
    def wait(self, minutes: int) -> None:
        self.model.now += timedelta(minutes=minutes)

    def now_booked(self, person: int, series_id: UUID, sittings: list[Sitting]) -> None:
        rows = select(Appointment.id).where(Appointment.series_id == series_id).order_by(Appointment.number)
        keys = list(db.session.scalars(rows))
        assert len(keys) == len(sittings)
        self.model.live |= dict(zip(keys, sittings, strict=True))
        self.booked.add(person)
        self.model.held.pop(person, None)

    def has_twin(self, sitting: Sitting) -> bool:
        same = (sitting.person, sitting.number)
        return sitting.number is not None and same in {(one.person, one.number) for one in self.model.live.values()}

    @invariant()
    def the_table_holds_what_the_model_holds(self) -> None:
        expected: Counter[tuple[str, datetime]] = Counter()
        is_over = any(one.is_over for one in self.model.live.values())
        for (kind, name, day, minute), count in self.model.taken().items():
            assert count <= LIMITS[kind] or (kind in ("watch", "start") and is_over)
            if minute % 15 == 0 and count:  # everything here begins and ends on a quarter
                expected[self.resource(kind, name), utc(day, 7) + timedelta(minutes=minute)] += count
        found: Counter[tuple[str, datetime]] = Counter()
        for resource, slot_at in self.claims():
            kind = resource.partition(":")[0]
            found[kind if kind in ("watch", "start") else resource, slot_at] += 1
        assert found == expected

    def claims(self):
        """The claims of appointments and of holds that are open; what expired ones left counts for nobody."""
        rows = select(SlotClaim.resource, SlotClaim.slot_at).where(SlotClaim.site_id == self.site)
        is_open = SlotClaim.expires_at.is_(None) | (SlotClaim.expires_at > self.model.now)
        found = db.session.execute(rows.where(is_open)).all()
        db.session.rollback()
        return found

    def resource(self, kind: str, name: str) -> str:
        named = {"patient": lambda: str(self.patients[int(name)]), "chair": lambda: str(CHAIRS.index(name) + 1)}
        return f"{kind}:{named[kind]()}" if kind in named else kind


@pytest.fixture
def _kind():
    the_kind("follow-up")


def test_booking_keeps_step_with_a_plain_model(_kind):
    bounds = settings(
        max_examples=12, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck), database=None
    )
    run_state_machine_as_test(Booking, settings=bounds)
