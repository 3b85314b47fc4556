"""What the worker does, each a service call that may run twice or late."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from intake.services import (
    audit_chain,
    delivery,
    downtime,
    housekeeping,
    order_expiry,
    reminders,
    searches,
    simulations,
)


@dataclass(frozen=True, slots=True)
class Task:
    """A task and how often it runs; `seconds` 0 means once a night."""

    name: str
    run: Callable[[], object]
    seconds: int


def now() -> datetime:
    """The worker's clock."""
    return datetime.now(UTC)


def all_tasks(
    owner: str, *, mail_url: str, sender: str, anchor: Path, packs: Path | None = None, pack_hours: int = 48
) -> Sequence[Task]:
    """The tasks of one worker called `owner`; downtime packs lie beside the anchor unless `packs` says where."""
    post = delivery.transport(mail_url)
    folder = packs or anchor.parent / "downtime"
    return (
        Task("beat", lambda: housekeeping.beat(owner, now()), 15),
        Task("send", lambda: delivery.send_due(owner, post, sender=sender, now=now()), 2),
        Task("remind", lambda: reminders.scan(now()), 60),
        Task("expire-orders", lambda: order_expiry.expire(now()), 600),
        Task("search", lambda: searches.work(owner, now), 2),
        Task("simulate", lambda: simulations.work(owner, now), 5),
        Task("chain", lambda: chain_and_anchor(anchor), 60),
        Task("downtime-pack", lambda: downtime.keep_current(folder, hours=pack_hours, now=now()), 600),
        Task("purge-claims", lambda: housekeeping.purge_claims(now()), 0),
        Task("purge-sign-in", lambda: housekeeping.purge_sign_in(now()), 0),
    )


def chain_and_anchor(path: Path) -> None:
    """Link all rows that are unlinked, then note the ends outside the database."""
    while audit_chain.link_rows(now()) == audit_chain.BATCH:
        continue
    audit_chain.append_anchor(path, now())
