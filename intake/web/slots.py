"""Places as a form carries them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date

from flask import abort

from intake.domain import clinic_time
from intake.domain.scheduling.values import Slot

YEARS = range(2000, 2100)
"""The years that a page can be asked for."""


def slots_text(slots: Sequence[Slot]) -> str:
    """Places as a form carries them."""
    return json.dumps([[slot.day.isoformat(), slot.start, slot.chair] for slot in slots], separators=(",", ":"))


def read_slots(text: str) -> list[Slot]:
    """The places that a form carried; 400 for what no page of ours has made."""
    try:
        found = [Slot(date.fromisoformat(day), int(start), str(chair)) for day, start, chair in json.loads(text)]
    except (ValueError, TypeError, OverflowError, RecursionError):
        abort(400)
    if any(slot.day.year not in YEARS or not 0 <= slot.start < clinic_time.MIDNIGHT for slot in found):
        abort(400)
    return found
