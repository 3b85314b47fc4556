"""What a plan does to booked infusions, in shapes and words: shared by the desk's and the provider's pages."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from intake.domain import clinic_time
from intake.domain.scheduling.planning import Plan
from intake.domain.scheduling.replanning import Change, Fate, changes_between
from intake.domain.scheduling.values import Slot
from intake.domain.scheduling.wording import moment_words
from intake.services.replanning import Proposal

SHAPES = {
    Fate.KEPT: ("=", "stays", "plain"),
    Fate.CHAIR: ("⇄", "other chair", "note"),
    Fate.MOVED: ("→", "moved", "accent"),
    Fate.NEW: ("+", "new", "sage"),
    Fate.RELEASED: ("×", "released", "caution"),
}
"""What becomes of an infusion: a shape, a word, and the kind of its tag."""


def changes_of(found: Proposal, plan: Plan) -> list[Change]:
    """What a plan does to what is booked."""
    return changes_between([one.slot for one in found.rest.coming], found.rest_slots(plan))


def fates_of(changes: Sequence[Change], given: int | None) -> list[dict[str, Any]]:
    """Every infusion before and after, numbered on from those given; None: a single visit, which has no number."""
    if given is None:
        return [present_change(one, None) for one in changes]
    return [present_change(one, number) for number, one in enumerate(changes, given + 1)]


def present_change(change: Change, number: int | None) -> dict[str, Any]:
    """One infusion of a plan."""
    shape, word, kind = SHAPES[change.fate]
    after, before = change.after, change.before
    return {
        "number": number if after else None,
        "shape": shape,
        "word": word,
        "kind": kind,
        "after": _place(after) if after else "",
        "before": _place(before) if before and change.fate is not Fate.KEPT else "",
    }


def does_words(changes: Sequence[Change]) -> str:
    """'1 moved, 1 new', or 'nothing moves'."""
    counts = [(sum(one.fate is fate for one in changes), SHAPES[fate][1]) for fate in Fate if fate is not Fate.KEPT]
    return ", ".join(f"{count} {word}" for count, word in counts if count) or "nothing moves"


def read_back(changes: Sequence[Change]) -> list[str]:
    """What to say on the phone, a sentence each: what changes, then everything that is to come."""
    found = []
    for one in changes:
        if one.fate is Fate.MOVED and one.before and one.after:
            found.append(f"Your visit on {_moment(one.before)} moves to {_moment(one.after)}.")
        elif one.fate is Fate.NEW and one.after:
            found.append(f"There is a new visit on {_moment(one.after)}.")
        elif one.fate is Fate.RELEASED and one.before:
            found.append(f"Your visit on {_moment(one.before)} is not needed.")
    coming = [_moment(one.after) for one in changes if one.after]
    if coming:
        found.append(f"So you come on {'; '.join(coming)}.")
    return found or ["Nothing changes."]


def _moment(slot: Slot) -> str:
    return f"{clinic_time.day_words(slot.day)} at {clinic_time.clock_words(slot.start)}"


def _place(slot: Slot) -> str:
    return f"{moment_words(slot)}, chair {slot.chair}" if slot.chair else moment_words(slot)
