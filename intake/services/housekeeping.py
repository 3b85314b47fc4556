"""What the worker tidies at night: past claims, old tickets and counters. Health records are never touched."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import and_, delete, select, update

from intake.extensions import transaction
from intake.models.appointments import SlotClaim
from intake.models.messages import Message, WorkerBeat
from intake.models.people import ThrottleCounter, Ticket
from intake.services.dialects import insert

BATCH_DAYS = 7
KEEP = timedelta(days=1)


def beat(name: str, now: datetime) -> None:
    """Note that a worker is alive."""
    with transaction() as session:
        new = insert(session, WorkerBeat).values(name=name, at=now)
        session.execute(new.on_conflict_do_update(index_elements=[WorkerBeat.name], set_={"at": now}))
        session.execute(delete(WorkerBeat).where(WorkerBeat.at < now - KEEP))


def purge_claims(now: datetime) -> int:
    """Delete claims of days gone by, a week at a time so that no lock is held for long; returns how many."""
    removed, before = 0, now - KEEP
    while True:
        with transaction() as session:
            oldest = session.scalar(
                select(SlotClaim.slot_at).where(SlotClaim.slot_at < before).order_by(SlotClaim.slot_at).limit(1)
            )
            if oldest is None:
                return removed
            until = min(before, oldest + timedelta(days=BATCH_DAYS))
            gone = session.execute(
                delete(SlotClaim).where(and_(SlotClaim.slot_at < until)).returning(SlotClaim.resource)
            )
            removed += len(gone.all())


def purge_sign_in(now: datetime) -> None:
    """Delete tickets and throttle counters that can no longer matter."""
    with transaction() as session:
        session.execute(delete(Ticket).where(Ticket.expires_at < now - timedelta(days=30)))
        session.execute(delete(ThrottleCounter).where(ThrottleCounter.window_at < now - KEEP))


def void_messages_from(first: UUID, *, keep_one_of: Collection[str], now: datetime) -> int:
    """Void unsent messages with keys from `first` on (keys grow with time), except the newest of each kind to keep.

    For what is written into the past, as the demo does: nobody is to hear of it now. Returns how many.
    """
    unsent = (Message.id >= first, Message.sent_at.is_(None), Message.voided_at.is_(None))
    with transaction() as session:
        ordered = select(Message.kind, Message.id).where(*unsent, Message.kind.in_(keep_one_of)).order_by(Message.id)
        newest = dict(session.execute(ordered).all())  # the last of each kind stays
        others = update(Message).where(*unsent, Message.id.not_in(newest.values()))
        voided = others.values(voided_at=now).returning(Message.id)
        return len(session.scalars(voided).all())
