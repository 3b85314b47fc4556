"""The audit chain: the worker links rows each minute, appends an anchor outside, and `verify` finds a break."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from intake.extensions import current_session, ring, transaction
from intake.models.audit import AuditLink, AuditRow
from intake.services.audit import digested_text

CLINIC = UUID(int=0)
START = bytes(32)
BATCH = 1000
LATE = timedelta(minutes=10)
LATE_WORDS = "rows were written more than ten minutes before they were linked"


def link_rows(now: datetime) -> int:
    """Chain every row that has no link yet, oldest first, a batch at a time; returns how many."""
    with transaction() as session:
        unlinked = (
            select(AuditRow).outerjoin(AuditLink, AuditLink.row_id == AuditRow.id).where(AuditLink.row_id.is_(None))
        )
        rows = session.scalars(unlinked.order_by(AuditRow.at, AuditRow.id).limit(BATCH)).all()
        ends: dict[UUID, tuple[int, bytes]] = {}
        for row in rows:
            chain_id = row.site_id or CLINIC
            seq, previous = ends.get(chain_id) or _end_of(session, chain_id)
            link = hashlib.sha256(previous + row.digest).digest()
            session.add(AuditLink(chain_id=chain_id, seq=seq + 1, row_id=row.id, chain=link, linked_at=now))
            ends[chain_id] = (seq + 1, link)
        return len(rows)


def _end_of(session: Session, chain_id: UUID) -> tuple[int, bytes]:
    last = select(AuditLink.seq, AuditLink.chain).where(AuditLink.chain_id == chain_id).order_by(AuditLink.seq.desc())
    found = session.execute(last.limit(1)).one_or_none()
    return (found.seq, found.chain) if found else (0, START)


def append_anchor(path: Path, now: datetime) -> None:
    """Append the end of each chain to a file outside the database, where it moved since the last line."""
    known = dict(_anchors(path.read_text().splitlines())) if path.exists() else {}
    lines = anchor_lines_of(current_session(), now)
    moved = [line for line in lines for chain_id, (seq, _) in _anchors([line]) if known.get(chain_id, (0,))[0] != seq]
    if moved:
        with path.open("a") as file:
            file.writelines(f"{line}\n" for line in moved)


def anchor_lines_of(session: Session, now: datetime) -> list[str]:
    """The end of each chain as one line of an anchor file: chain, number of its last link, that link, when."""
    ends = select(AuditLink.chain_id, func.max(AuditLink.seq)).group_by(AuditLink.chain_id)
    lines = []
    for chain_id, seq in session.execute(ends.order_by(AuditLink.chain_id)):
        chain = session.scalars(select(AuditLink.chain).filter_by(chain_id=chain_id, seq=seq)).one()
        lines.append(f"{chain_id} {seq} {chain.hex()} {now.isoformat()}")
    return lines


def verify(anchor_lines: Iterable[str] = ()) -> Iterator[str]:
    """What is wrong with the chain, the first break of each chain only; nothing when all is whole.

    Finds changed, deleted, swapped and re-pointed rows; a cut tail and a whole rewrite only against an
    anchor; a row that was written long before it was linked is reported as late.
    """
    for chain_id in current_session().scalars(select(AuditLink.chain_id).distinct().order_by(AuditLink.chain_id)):
        yield from _verify_one(chain_id)
    for chain_id, (seq, chain) in _anchors(anchor_lines):
        kept = current_session().scalar(select(AuditLink.chain).filter_by(chain_id=chain_id, seq=seq))
        if kept != chain:
            yield f"chain {chain_id}: link {seq} does not agree with the anchor"


def counts() -> tuple[int, int]:
    """How many rows are linked, and how many wait for the worker."""
    session = current_session()
    linked = session.scalar(select(func.count()).select_from(AuditLink)) or 0
    return linked, (session.scalar(select(func.count()).select_from(AuditRow)) or 0) - linked


def _verify_one(chain_id: UUID) -> Iterator[str]:
    links = select(AuditLink, AuditRow).outerjoin(AuditRow, AuditRow.id == AuditLink.row_id)
    links = links.where(AuditLink.chain_id == chain_id).order_by(AuditLink.seq)
    previous, expected, late = START, 1, 0
    with current_session().execute(links.execution_options(yield_per=BATCH)) as found:
        for link, row in found:
            fault = _fault_of(link, row, previous, expected)
            if fault:
                yield f"chain {chain_id}: link {link.seq}: {fault}"
                return
            late += link.linked_at - row.at > LATE
            previous, expected = link.chain, expected + 1
    if late:
        yield f"chain {chain_id}: {late} {LATE_WORDS}"


def _fault_of(link: AuditLink, row: AuditRow | None, previous: bytes, expected: int) -> str | None:
    if link.seq != expected:
        return f"link {expected} is missing"
    if row is None:
        return "its row is missing"
    if (row.site_id or CLINIC) != link.chain_id:
        return "its row belongs to another chain"
    if ring.audit_digest(digested_text(row)) != row.digest:
        return "its row was changed"
    if hashlib.sha256(previous + row.digest).digest() != link.chain:
        return "it does not follow from the link before"
    return None


def _anchors(lines: Iterable[str]) -> Iterator[tuple[UUID, tuple[int, bytes]]]:
    for line in lines:
        if line.strip():
            chain_id, seq, chain, _at = line.split()
            yield UUID(chain_id), (int(seq), bytes.fromhex(chain))
