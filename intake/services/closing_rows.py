"""The rows of a closing, and taking them back. Shared steps: the caller holds the site's shifts for itself."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from intake.domain.closings import Closing, ClosingKind, cut_shift, is_touched
from intake.domain.errors import DomainError
from intake.models.sites import Chair, Closure, Shift, Site
from intake.queries import closings as reads
from intake.services import sites

CHANGED = "What was closed has been changed since: it cannot be taken back from here."


def apply(session: Session, site: Site, closing: Closing) -> dict[str, Any]:
    """Write a closing; returns as JSON what `take_back` needs."""
    if closing.kind is ClosingKind.CHAIR:
        undo = _retire(session, site, closing)
    elif closing.kind is ClosingKind.PROVIDER:
        undo = _cut_presence(session, site, closing)
    else:
        same = select(Closure.ends).where(
            Closure.site_id == site.id, Closure.on_date == closing.day, Closure.starts == closing.starts
        )
        before = session.scalar(same)
        row = sites.add_closure(session, site.id, closing.day, (closing.starts, closing.ends))
        session.flush()
        undo = {"closure": str(row.id), "before": before, "after": row.ends}
    session.flush()
    return undo


def take_back(session: Session, closing: Closing, undo: dict[str, Any]) -> None:
    """Undo what `apply` wrote. Raises `DomainError` where somebody has changed it since."""
    if closing.kind is ClosingKind.CHAIR:
        chair = session.get(Chair, UUID(undo["chair"]))
        if chair is None or chair.retired_on != _day(undo["after"]):
            raise DomainError(CHANGED)
        chair.retired_on = _day(undo["before"])
    elif closing.kind is ClosingKind.PROVIDER:
        _mend_presence(session, undo)
    else:
        row = session.get(Closure, UUID(undo["closure"]))
        if row is None or row.ends != undo["after"]:
            raise DomainError(CHANGED)
        if undo["before"] is None:
            session.delete(row)
        else:
            row.ends = int(undo["before"])
    session.flush()


def _retire(session: Session, site: Site, closing: Closing) -> dict[str, Any]:
    chair = session.scalars(select(Chair).where(Chair.site_id == site.id, Chair.name == closing.chair)).one()
    before = chair.retired_on
    chair.retired_on = min(before or closing.day, closing.day)
    return {"chair": str(chair.id), "before": _text(before), "after": _text(chair.retired_on)}


def _cut_presence(session: Session, site: Site, closing: Closing) -> dict[str, Any]:
    rows = select(Shift).where(
        Shift.site_id == site.id, Shift.kind == "provider", Shift.account_id.is_not_distinct_from(closing.account_id)
    )
    cut: list[list[str | None]] = []
    added: list[str] = []
    for row in session.scalars(rows).all():
        shift = reads.shift_of(row)
        if not is_touched(shift, closing):
            continue
        first, *others = cut_shift(shift, closing)
        cut.append([str(row.id), _text(row.last_on), _text(first.last_on)])
        row.last_on = first.last_on
        for piece in others:
            new = Shift(id=uuid7(), site_id=site.id, kind=row.kind, weekday=row.weekday, account_id=row.account_id)
            new.starts, new.ends, new.first_on, new.last_on = piece.start, piece.end, piece.first_on, piece.last_on
            session.add(new)
            added.append(str(new.id))
    return {"cut": cut, "added": added}


def _mend_presence(session: Session, undo: dict[str, Any]) -> None:
    for key, before, after in undo["cut"]:
        row = session.get(Shift, UUID(key))
        if row is None or row.last_on != _day(after):
            raise DomainError(CHANGED)
        row.last_on = _day(before)
    for key in undo["added"]:
        piece = session.get(Shift, UUID(key))
        if piece is None:
            raise DomainError(CHANGED)
        session.delete(piece)


def _text(day: date | None) -> str | None:
    return day.isoformat() if day is not None else None


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
