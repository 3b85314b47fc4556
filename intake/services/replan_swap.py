"""The rows and claims of a re-plan: every place that changes is given back, then the new ones are taken together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from intake.domain import statuses
from intake.domain.scheduling import values
from intake.domain.scheduling.replanning import Change, Fate
from intake.domain.statuses import Status
from intake.models.appointments import Appointment
from intake.models.orders import Order
from intake.models.people import Patient
from intake.models.series import Series
from intake.models.sites import Site
from intake.queries import schedules
from intake.queries import series as series_queries
from intake.queries.replanning import Rest
from intake.services import claims, placing
from intake.services.claims import Owner
from intake.services.placing import Ground, Sitting


@dataclass(frozen=True, slots=True)
class Standing:
    """A series behind its locks, with what is left of it."""

    session: Session
    order: Order
    row: Series
    patient: Patient
    rest: Rest
    rows: dict[UUID, Appointment]
    now: datetime
    actor_id: UUID


@dataclass(frozen=True, slots=True)
class Turn:
    """One infusion of the new plan: what it was, what it becomes, how long it is."""

    change: Change
    row: Appointment | None
    number: int
    session: values.Session

    @property
    def sitting(self) -> Sitting:
        """The place that it wants."""
        assert self.change.after is not None
        return Sitting(self.row.id if self.row else uuid7(), self.change.after, self.session)


def swap(
    standing: Standing,
    turns: Sequence[Turn],
    released: Sequence[Appointment],
    site: Site,
    ground: Ground | None,
    reason: str,
) -> None:
    """Lock own and wanted keys, give back every place that changes, write the rows, take the new places; or `Taken`."""
    session = standing.session
    changed = [turn for turn in turns if turn.row is not None and not _is_same(turn, turn.row, site)]
    fresh = [turn for turn in turns if turn.row is None]
    leaving = [turn.row for turn in changed if turn.row is not None] + list(released)
    own = [(Owner(appointment_id=row.id), placing.place_of(session, row, standing.patient)) for row in leaving]
    sittings = {id(turn): turn.sitting for turn in [*changed, *fresh]}
    wanted = [placing.wanted(ground, Owner(appointment_id=s.key), s) for s in sittings.values()] if ground else []
    claims.lock(session, own, [want.place for want in wanted])
    claims.release(session, own)
    for row in released:
        _release(standing, row, reason)
    _free_numbers(standing, turns)
    for turn in changed:
        if turn.row is not None and ground is not None:
            _move(standing, turn.row, turn, ground, reason)
    for turn in fresh:
        if ground is not None:
            _add(standing, turn, sittings[id(turn)], ground)
    session.flush()
    if wanted:
        claims.claim(session, wanted, standing.now)


def _is_same(turn: Turn, row: Appointment, site: Site) -> bool:
    """Whether an infusion keeps its place as it is: chair, length and watch units too."""
    minutes = int((row.ends_at - row.starts_at).total_seconds() // 60)
    held = (row.site_id, minutes, row.turnover_minutes, schedules.profile_of(row.watch_profile))
    wanted = (site.id, turn.session.minutes, turn.session.turnover_minutes, turn.session.watch_profile)
    return turn.change.fate is Fate.KEPT and held == wanted


def _free_numbers(standing: Standing, turns: Sequence[Turn]) -> None:
    """Infusions are numbered by date, given ones too: a number is given up before another infusion gets it."""
    numbered = {standing.rows[one.id]: place for place, one in enumerate(standing.rest.given, 1)}
    wanted = {turn.row: turn.number for turn in turns if turn.row is not None}
    renamed = {row: number for row, number in (numbered | wanted).items() if row.number != number}
    for row in renamed:
        row.number = None
    standing.session.flush()
    for row, number in renamed.items():
        row.number = number


def _move(standing: Standing, row: Appointment, turn: Turn, ground: Ground, reason: str) -> None:
    before, sitting = state_of(row), turn.sitting
    is_told = turn.change.fate is Fate.MOVED or row.site_id != ground.site.id
    chair = ground.chair(sitting.slot.chair)
    row.site_id, row.chair_id, row.on_date = ground.site.id, chair.id if chair else None, sitting.slot.day
    row.starts_at = ground.instant(sitting.slot)
    row.ends_at = ground.instant(sitting.slot, sitting.session.minutes)
    row.turnover_minutes = sitting.session.turnover_minutes
    row.watch_profile = [list(step) for step in sitting.session.watch_profile]
    row.version += 1 if is_told else 0
    placing.add_event(
        standing.session,
        row.id,
        row.status,
        row.status,
        by_id=standing.actor_id,
        at=standing.now,
        kind="moved",
        reason=reason,
        detail={"from": before, "to": state_of(row)},
    )


def state_of(row: Appointment) -> dict[str, object]:
    """Where an appointment stands, as its events keep it."""
    return {"starts_at": row.starts_at.isoformat(), "chair_id": str(row.chair_id), "version": row.version}


def _release(standing: Standing, row: Appointment, reason: str) -> None:
    before = row.status
    row.status, row.version = statuses.move(before, Status.CANCELLED), row.version + 1
    detail: dict[str, object] = {"asked_by": "clinic"}
    placing.add_event(
        standing.session,
        row.id,
        before,
        row.status,
        by_id=standing.actor_id,
        at=standing.now,
        reason=reason,
        detail=detail,
    )


def _add(standing: Standing, turn: Turn, sitting: Sitting, ground: Ground) -> None:
    common: dict[str, object] = {"kind": series_queries.INFUSION, "order_id": standing.order.id}
    common |= {"series_id": standing.row.id, "tentative": series_queries.lacks_driver(standing.row.wishes)}
    placing.add_appointment(ground, sitting, actor_id=standing.actor_id, number=turn.number, **common)
