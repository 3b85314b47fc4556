"""The downtime pack: a sealed file with today and tomorrow, made each hour, for when nothing else can be reached."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from intake.extensions import current_session, transaction
from intake.models.messages import WorkerBeat
from intake.queries import downtime
from intake.services import audit
from intake.services.dialects import insert
from intake.services.retries import retried
from intake.services.sealed_files import DOWNTIME, FileRefused, check, pieces, written

EVERY = timedelta(minutes=55)
"""The task looks each ten minutes and writes where the newest pack is older than this, so that a pack is hardly ever
older than 65 minutes and several workers on one folder write one between them."""
STALE = timedelta(minutes=90)
MOST_BYTES = 64 * 1024 * 1024
_NAME = re.compile(r"downtime-(\d{8}T\d{6}Z)\.intake")
_TIME = "%Y%m%dT%H%M%SZ"


def keep_current(folder: Path, *, hours: int, now: datetime) -> Path | None:
    """Write a pack where the newest is getting old, and remove packs older than `hours`; the newest always stays.

    Returns the new pack, None where none was due. May run twice, late and in several workers at once.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    packs = _packs(folder)
    newest = max(packs, default=None)
    made = None
    if newest is None or not now - EVERY < newest <= now:  # one from the future: the clock was set back
        made = _write(folder, now)
    for at, path in packs.items():
        if now - at > timedelta(hours=hours) and (made or at != newest):
            path.unlink(missing_ok=True)
    return made


def read(path: Path) -> dict[str, Any]:
    """What a pack holds, after all of it was found whole. Raises `FileRefused`; needs the key ring and no database."""
    if check(path, DOWNTIME) > MOST_BYTES:
        raise FileRefused(f"{path} is larger than any pack")
    try:
        found = json.loads(b"".join(pieces(path, DOWNTIME)))
    except ValueError as error:
        raise FileRefused(f"{path} holds no pack that can be read") from error
    if not isinstance(found, dict) or not isinstance(found.get("sites"), list):
        raise FileRefused(f"{path} holds no pack that can be read")
    return found


def is_stale(now: datetime) -> bool:
    """Whether no worker has written a pack for more than 90 minutes, or ever."""
    at = downtime.written_at()
    return at is None or now - at > STALE


def _write(folder: Path, now: datetime) -> Path | None:
    content = json.dumps(downtime.pack(now), ensure_ascii=False).encode()
    current_session().rollback()
    path = folder / f"downtime-{now.astimezone(UTC):{_TIME}}.intake"
    if path.exists():  # another worker on the same folder in the same second
        return None
    with written(path, DOWNTIME) as writer:
        writer.write(content)
    _note(now)
    return path


@retried
def _note(now: datetime) -> None:
    with transaction() as session:
        beat = insert(session, WorkerBeat).values(name=downtime.BEAT, at=now)
        session.execute(beat.on_conflict_do_update(index_elements=[WorkerBeat.name], set_={"at": now}))
        audit.add(session, actor_id=None, action="downtime.pack", subject=("pack", ""), now=now)


def _packs(folder: Path) -> dict[datetime, Path]:
    """The packs of a folder by when they were made; anything else in it is left alone."""
    found = {}
    for path in folder.iterdir():
        match = _NAME.fullmatch(path.name)
        if match and path.is_file() and not path.is_symlink():
            found[datetime.strptime(match[1], _TIME).replace(tzinfo=UTC)] = path
    return found
