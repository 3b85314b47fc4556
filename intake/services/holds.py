"""Places kept for ten minutes while the desk talks to the patient."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from intake.domain.scheduling.values import Slot
from intake.extensions import transaction
from intake.models.appointments import SlotHold
from intake.models.people import Patient
from intake.models.sites import Chair
from intake.queries import schedules, sites
from intake.queries.schedules import Leave
from intake.services import audit, claims, placing
from intake.services.claims import Owner, Place
from intake.services.placing import Ground, NoLongerHolds, Sitting
from intake.services.retries import retried

KEPT_FOR = timedelta(minutes=10)
RUN_OUT = "The hold has run out."


def add(ground: Ground, sittings: Sequence[Sitting], *, actor_id: UUID) -> SlotHold:
    """Hold these places in the caller's transaction; what the patient had on hold before is let go."""
    hold = SlotHold(
        site_id=ground.site.id,
        patient_id=ground.patient.id,
        held_by=actor_id,
        sessions=[_entry(sitting) for sitting in sittings],
        claim_count=0,
        created_at=ground.now,
        expires_at=ground.now + KEPT_FOR,
    )
    ground.session.add(hold)
    ground.session.flush()
    owner = Owner(hold_id=hold.id, expires_at=hold.expires_at)
    hold.claim_count = claims.claim(
        ground.session, [placing.wanted(ground, owner, sitting) for sitting in sittings], ground.now
    )
    subject = ("slot_hold", hold.id)
    audit.add(
        ground.session,
        actor_id=actor_id,
        action="hold.add",
        subject=subject,
        now=ground.now,
        patient_id=ground.patient.id,
        site_id=ground.site.id,
    )
    return hold


def confirm(ground: Ground, hold: SlotHold, sittings: Sequence[Sitting]) -> None:
    """Turn a hold into appointments that are there already; raises `NoLongerHolds` when part of it ran out."""
    places = [(placing.wanted(ground, _owner(hold), sitting).place, sitting.key) for sitting in sittings]
    if claims.confirm(ground.session, _owner(hold), places, ground.now) != hold.claim_count:
        raise NoLongerHolds(RUN_OUT)
    hold.ended_at = ground.now


def open_hold(session: Session, patient_id: UUID, now: datetime) -> SlotHold | None:
    """The hold that a patient has, locked; None when there is none or it ran out."""
    rows = select(SlotHold).where(
        SlotHold.patient_id == patient_id, SlotHold.ended_at.is_(None), SlotHold.expires_at > now
    )
    return session.scalars(rows.order_by(SlotHold.created_at.desc()).with_for_update()).first()


def leave_out(hold: SlotHold | None) -> Leave:
    """The holder always sees the places of its own hold as free."""
    return Leave(hold_id=hold.id if hold else None)


def end(session: Session, hold: SlotHold | None, patient: Patient, now: datetime) -> None:
    """Give the places of a hold back, in the caller's transaction. None is nothing to do."""
    if hold is not None:
        own = [(_owner(hold), place) for place in _places(session, hold, patient)]
        claims.lock(session, own, [])
        claims.release(session, own)
        hold.ended_at = now


@retried
def let_go(hold_id: UUID, *, patient_id: UUID, actor_id: UUID, now: datetime) -> None:
    """Give the places of a patient's hold back before the time is up. Twice is harmless.

    Raises `NoResultFound`, for somebody else's hold too.
    """
    with transaction() as session:
        patient = placing.lock_patient(session, patient_id)
        rows = select(SlotHold).where(SlotHold.id == hold_id, SlotHold.patient_id == patient_id)
        hold = session.scalars(rows.with_for_update()).one()
        if hold.ended_at is None:
            end(session, hold, patient, now)
            subject = ("slot_hold", hold.id)
            audit.add(session, actor_id=actor_id, action="hold.end", subject=subject, now=now, patient_id=patient_id)


def slots_of(hold: SlotHold) -> list[Slot]:
    """The places of a hold, as they were shown."""
    return [Slot(date.fromisoformat(entry["date"]), int(entry["start"]), entry["chair"]) for entry in hold.sessions]


def _entry(sitting: Sitting) -> dict[str, Any]:
    slot, session = sitting.slot, sitting.session
    return {
        "date": slot.day.isoformat(),
        "start": slot.start,
        "chair": slot.chair,
        "minutes": session.minutes,
        "turnover": session.turnover_minutes,
        "watch_profile": [list(step) for step in session.watch_profile],
    }


def _places(session: Session, hold: SlotHold, patient: Patient) -> list[Place]:
    site = sites.site(hold.site_id)
    numbers = dict(session.execute(select(Chair.name, Chair.number).where(Chair.site_id == site.id)).all())
    persons = placing.persons_of(session, patient, None)
    found = []
    for entry in hold.sessions:
        starts_at, ends_at = schedules.instants_of(entry, site.timezone)
        number, profile = numbers[entry["chair"]], schedules.profile_of(entry["watch_profile"])
        found.append(Place(site.id, starts_at, ends_at, number, int(entry["turnover"]), profile, persons))
    return found


def _owner(hold: SlotHold) -> Owner:
    return Owner(hold_id=hold.id, expires_at=hold.expires_at)
