"""What is left of a booked series, as plain values: given, to come, lost, and a token of this very state."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select

from intake.domain import clinic_time
from intake.domain.scheduling.values import Slot
from intake.domain.statuses import LIVE, SeriesStatus, Status
from intake.extensions import current_session
from intake.models.appointments import Appointment
from intake.models.orders import Order
from intake.models.series import Series
from intake.models.sites import Site
from intake.queries import orders, schedules, series, sites

NOTICE_MINUTES = 60
"""How soon a visit of today that was put on hold may be given after all."""


@dataclass(frozen=True, slots=True)
class Booked:
    """One infusion of a series as it stands."""

    id: UUID
    number: int
    slot: Slot
    minutes: int
    status: Status
    version: int
    is_past: bool = False  # its time has come, and nobody has said what became of it


@dataclass(frozen=True, slots=True)
class Rest:
    """A series with what is given or stays, what is booked and may move, and what was lost.

    `token` names this very state: a plan that was made from it is stale once the token differs.
    """

    order_id: UUID
    series_id: UUID
    patient_id: UUID
    site_id: UUID
    today: date
    infusions: int
    given: tuple[Booked, ...]
    coming: tuple[Booked, ...]
    lost: tuple[Booked, ...]
    must_move: frozenset[UUID] = frozenset()
    token: str = ""
    faults: tuple[str, ...] = field(default=())
    last_done: date | None = None  # the day of the last infusion that was given
    is_missed: bool = False  # one after it was missed or lost its time, made up for or not
    today_from: int | None = None  # the minute from which today will do: after a clinic hold of today

    @property
    def kept_gap_days(self) -> int | None:
        """Days from the last infusion given to the next that stays as booked, else to tomorrow; None before any."""
        if self.last_done is None:
            return None
        stays = [one.slot.day for one in (*self.given, *self.coming) if one.id not in self.must_move]
        after = [day for day in stays if day > self.last_done]
        return (min(after, default=self.today + timedelta(days=1)) - self.last_done).days

    @property
    def missing(self) -> int:
        """How many infusions of the order have no time."""
        return max(self.infusions - len(self.given) - len(self.coming), 0)

    @property
    def unmarked(self) -> list[Booked]:
        """Visits whose time has come and of which nobody has said what became of them."""
        return [one for one in self.given if one.is_past]


def booked_series(order_id: UUID) -> Series:
    """The booked series of an order, completed ones too; raises `NoResultFound` for none."""
    rows = select(Series).where(
        Series.order_id == order_id, Series.status.in_((SeriesStatus.BOOKED, SeriesStatus.COMPLETED))
    )
    return current_session().scalars(rows).one()


def rest_of_order(order_id: UUID, *, now: datetime, must_move: Collection[UUID] = ()) -> Rest:
    """The rest of an order's booked series; raises `NoResultFound`."""
    return rest_of(booked_series(order_id), orders.order(order_id), now=now, must_move=must_move)


def rest_of(
    row: Series,
    order: Order,
    *,
    now: datetime,
    must_move: Collection[UUID] = (),
    restarts: Sequence[date] | None = None,
) -> Rest:
    """What is left of a series. What is done, in the clinic, or booked for today stays, unless it has to move.

    So does what is booked before a pause ends: a pause was signed with it in place. `restarts` are those of an
    amendment that is not signed yet.
    """
    infusions = series.infusions_of(row.id)
    known = {site.id: site for site in sites.all_sites()}
    today = clinic_time.local_day(now, known[row.site_id].timezone)
    restarts = schedules.restarts_of(order) if restarts is None else restarts
    live = sorted((one for one in infusions if one.status in LIVE), key=lambda one: (one.starts_at, one.id))
    given: list[Booked] = []
    coming: list[Booked] = []
    for one in live:
        stays = _is_fixed(one, now) or (one.id not in must_move and _stays(one, today, restarts))
        (given if stays else coming).append(_booked(one, known[one.site_id], now))
    last_done, is_missed = series.since_done(infusions)
    numbers = {one.number for one in live}
    lost = [one for one in infusions if one.status not in LIVE and one.number not in numbers]
    return Rest(
        order_id=order.id,
        series_id=row.id,
        patient_id=row.patient_id,
        site_id=row.site_id,
        today=today,
        infusions=order.infusions,
        given=tuple(given),
        coming=tuple(coming),
        lost=tuple({one.number: _booked(one, known[one.site_id], now) for one in lost}.values()),
        must_move=frozenset(must_move),
        token=_token(infusions, row, order),
        faults=tuple(fault.text for fault in series.faults_of(infusions, order)),
        last_done=last_done,
        is_missed=is_missed,
        today_from=_today_from(lost, given, today, clinic_time.minutes_of_day(now, known[row.site_id].timezone)),
    )


def _today_from(lost: Sequence[Appointment], given: Sequence[Booked], today: date, minute: int) -> int | None:
    """Who could not be given an infusion this morning may have it later today, an hour from now at the soonest."""
    is_held = any(one.status is Status.CLINIC_HOLD and one.on_date == today for one in lost)
    return minute + NOTICE_MINUTES if is_held and all(one.slot.day < today for one in given) else None


def _is_fixed(one: Appointment, now: datetime) -> bool:
    """Done, in the clinic, or its time has come."""
    return one.status is not Status.BOOKED or one.starts_at <= now


def _stays(one: Appointment, today: date, restarts: Sequence[date]) -> bool:
    """Booked for today, or before a pause ends: it may move only when it has to."""
    return one.on_date <= today or (bool(restarts) and one.on_date < max(restarts))


def _booked(one: Appointment, site: Site, now: datetime) -> Booked:
    minutes = int((one.ends_at - one.starts_at).total_seconds() // 60)
    is_past = one.status is Status.BOOKED and one.starts_at <= now
    return Booked(one.id, one.number or 0, schedules.slot_of(one, site), minutes, one.status, one.version, is_past)


def _token(infusions: Sequence[Appointment], row: Series, order: Order) -> str:
    state: list[Any] = [
        sorted([str(one.id), one.version, one.status.value, one.number, str(one.chair_id)] for one in infusions),
        [row.status.value, str(row.site_id), row.wishes],
        [order.status.value, order.infusions, str(order.protocol_id), order.exceptions],
    ]
    return hashlib.sha256(json.dumps(state, sort_keys=True).encode()).hexdigest()[:24]
