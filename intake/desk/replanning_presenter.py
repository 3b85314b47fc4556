"""A re-plan in words and places: what is booked now, the plans beside it, what each does to every infusion."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from intake.desk.series_presenter import NUMBERS, slots_text, strip_days
from intake.domain import clinic_time, statuses
from intake.domain.scheduling.explanations import Reason
from intake.domain.scheduling.planning import Infeasible, Plan
from intake.domain.scheduling.replanning import Fate
from intake.domain.scheduling.values import Slot
from intake.domain.scheduling.wording import moment_words, points_words
from intake.domain.sign_offs import limits_of_changes
from intake.queries.replanning import Rest
from intake.queries.sites import Site
from intake.services.replanning import FROM_PATIENT, Proposal
from intake.web.fates import changes_of, does_words, fates_of, read_back


def present_proposal(found: Proposal, site: Site) -> dict[str, Any]:
    """The strip with what is booked and each plan, the plans in words, and what would help where there is none."""
    now = [one.slot for one in (*found.rest.given, *found.rest.coming)]
    plans = [found.found, *found.found.alternatives] if isinstance(found.found, Plan) else []
    return {
        "strip": present_strip(now, plans, found, site) if now or plans else None,
        "plans": [
            present_plan(plan, letter, found, is_best=letter == "A")
            for plan, letter in zip(plans, "ABCD", strict=False)
        ],
        "reasons": [present_reason(one) for one in found.found.reasons] if isinstance(found.found, Infeasible) else [],
        "nothing_left": found.found is None,
        "lost": lost_words(found.rest),
        "unmarked": [f"Infusion {one.number}, {moment_words(one.slot)}" for one in found.rest.unmarked],
        "given": len([one for one in found.rest.given if one.status is statuses.Status.FULFILLED]),
    }


def present_strip(now: Sequence[Slot], plans: Sequence[Plan], found: Proposal, site: Site) -> dict[str, Any]:
    """One row for what is booked and one for each plan, on the same days."""
    booked = Plan(tuple(sorted(now, key=lambda slot: (slot.day, slot.start))), 0, {}) if now else None
    before = tuple(one.slot for one in found.rest.given)
    whole = [replace(plan, slots=(*before, *found.rest_slots(plan)), alternatives=()) for plan in plans]
    days = strip_days([*([booked] if booked else []), *whole], site, found.rest.today)
    dates = [day for day, _ in days]
    rows = [_row("Now", "as booked", {slot.day: (slot, False) for slot in now}, dates, chosen=False)]
    for plan, letter in zip(whole, "ABCD", strict=False):
        cells = {slot.day: (slot, False) for slot in before}
        cells |= {
            change.after.day: (change.after, change.fate in (Fate.MOVED, Fate.NEW))
            for change in changes_of(found, plan)
            if change.after is not None
        }
        rows.append(_row(letter, plan.title, cells, dates, chosen=letter == "A"))
    return {"days": [shown for _, shown in days], "rows": rows}


def _row(
    name: str, cost: str, cells: dict[date, tuple[Slot, bool]], dates: Sequence[date], *, chosen: bool
) -> dict[str, Any]:
    shown = {
        day: {"time": clinic_time.clock_words(slot.start), "chair": slot.chair, "moved": moved}
        for day, (slot, moved) in cells.items()
    }
    return {"name": name, "cost": cost, "cells": [shown.get(day) for day in dates], "chosen": chosen}


def present_plan(plan: Plan, letter: str, found: Proposal, *, is_best: bool) -> dict[str, Any]:
    """One plan: every infusion before and after, its cost in words, what to say on the phone."""
    changes = changes_of(found, plan)
    slots = found.rest_slots(plan)
    return {
        "name": letter,
        "price": f"{plan.title}, {points_words(plan.cost)}" if plan.cost else plan.title,
        "rows": fates_of(changes, len(found.rest.given)),
        "reasons": list(plan.words),
        "slots": slots_text(slots),
        "chosen": is_best,
        "does": does_words(changes),
        "say": read_back(changes),
    }


def present_reason(one: Reason) -> dict[str, Any]:
    """What would help, and what one press can do about it: keep it as the patient's wish, or ask the provider."""
    keys = {str(change["key"]) for change in one.changes}
    does = "patient" if keys and keys <= FROM_PATIENT else ("provider" if limits_of_changes(one.changes) else "")
    return {"text": one.text, "does": does}


def lost_words(rest: Rest) -> list[str]:
    """Which infusions have no time any more, and why."""
    found = [f"Infusion {one.number}, {moment_words(one.slot)}: {statuses.word_for(one.status)}" for one in rest.lost]
    nameless = rest.missing - len(found)
    if nameless > 0:
        found.append(f"{NUMBERS.get(nameless, str(nameless)).capitalize()} more to book.")
    return found
