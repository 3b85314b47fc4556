"""A batch in words: what is closed, and for each patient what was lost, what is planned, what came of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from flask import url_for

from intake.domain import phones
from intake.domain.closings import from_json, in_words
from intake.domain.scheduling.replanning import changes_between
from intake.domain.scheduling.values import Slot
from intake.domain.scheduling.wording import moment_words
from intake.queries import closings as reads
from intake.queries import schedules
from intake.queries.closings import Appointment, Batch, BatchCase, Patient
from intake.queries.sites import Site
from intake.services import closings
from intake.services.closings import BY_HAND, ORDERS, PLACED, WAITING
from intake.web import filters
from intake.web.fates import does_words, fates_of

OUTCOMES = {
    WAITING: ("○", "planned", "plain"),
    PLACED: ("✓", "booked", "sage"),
    BY_HAND: ("!", "by hand", "caution"),
}


def present_batches(rows: Sequence[Batch], site: Site) -> list[dict[str, str]]:
    """The newest batches, a line each."""
    people = dict(reads.presences(site))
    return [
        {
            "title": title_of(row, people),
            "when": filters.when(row.made_at, site.timezone),
            "url": url_for("desk.batch", batch_id=row.id),
            "state": "" if closings.is_closed(row) else "not closed",
        }
        for row in rows
    ]


def present_standing(rows: Sequence[tuple[Appointment, str]], site: Site) -> list[dict[str, str]]:
    """Who still stands in a closed time, a line each."""
    return [
        {
            "name": row.patient.full_name,
            "when": filters.when(row.starts_at, site.timezone),
            "words": words,
            "url": url_for("desk.appointment", appointment_id=row.id),
        }
        for row, words in rows
    ]


def present_batch(row: Batch, now: datetime) -> dict[str, Any]:
    """Everything that the page of a batch says."""
    site, cases = reads.site_of(row), reads.cases_of(row.id)
    ids = {UUID(key) for case in cases for key in case.appointment_ids}
    lost, patients = reads.appointments_of(ids), reads.patients_of({case.patient_id for case in cases})
    booked = reads.booked_of({case.series_id for case in cases if case.series_id}, now=now)
    shown = [
        present_case(case, patients[case.patient_id], lost, booked.get(case.series_id, []), site) for case in cases
    ]
    counts = {outcome: sum(case.outcome == outcome for case in cases) for outcome in OUTCOMES}
    cost, bound = int(row.detail.get("cost", 0)), int(row.detail.get("bound", 0))
    return {
        "id": row.id,
        "title": title_of(row, dict(reads.presences(site))),
        "site": site.name,
        "is_orders": row.kind == ORDERS,
        "is_closed": closings.is_closed(row),
        "may_reopen": row.kind != ORDERS and closings.may_reopen(row, cases),
        "visits": len(ids),
        "cases": shown,
        "waiting": counts[WAITING],
        "placed": counts[PLACED],
        "by_hand": counts[BY_HAND],
        "total": len(cases),
        "not_told": sum(case.told_at is None and case.outcome == PLACED for case in cases),
        "is_searching": row.search_until is not None,
        "percent": row.search_percent,
        "may_search": cost > bound and not counts[PLACED] and (row.kind == ORDERS or not closings.is_closed(row)),
        "gap": f"{100 * (cost - bound) / cost:.0f} %" if cost > bound > 0 else "",
    }


def title_of(row: Batch, people: Mapping[UUID | None, str]) -> str:
    """What a batch is about."""
    if row.kind == ORDERS:
        return "New orders"
    closing = from_json(row.detail["closing"])
    return in_words(closing, people.get(closing.account_id, ""))


def present_case(
    case: BatchCase, patient: Patient, lost: Mapping[UUID, Appointment], booked: Sequence[Appointment], site: Site
) -> dict[str, Any]:
    """One patient: what was lost, the plan against what is booked, the outcome and the next action."""
    after = [Slot(date.fromisoformat(day), int(start), chair) for day, start, chair in case.plan]
    mine = [lost[UUID(key)] for key in case.appointment_ids if UUID(key) in lost]
    before = [schedules.slot_of(row, site) for row in (booked if case.series_id else mine)]
    changes = changes_between(before, after) if after and case.outcome == WAITING else []
    shape, word, kind = OUTCOMES[case.outcome]
    first = min((row.number or 1 for row in booked), default=1) if case.series_id else 1
    return {
        "id": case.id,
        "name": patient.full_name,
        "phone": phones.phone_words(patient.phone) if patient.phone else "no telephone",
        "may_leave_message": patient.may_leave_message,
        "lost": [filters.when(row.starts_at, site.timezone) for row in mine] if case.outcome != PLACED else [],
        "rows": fates_of(changes, first - 1 if case.series_id else None),
        "does": does_words(changes) if changes else "",
        "booked": [moment_words(slot) for slot in after] if case.outcome == PLACED else [],
        "words": case.words,
        "outcome": case.outcome,
        "shape": shape,
        "word": word,
        "kind": kind,
        "is_told": case.told_at is not None,
        "next_url": next_of(case),
    }


def next_of(case: BatchCase) -> str:
    """Where the desk goes on by hand."""
    if case.order_id is not None and case.series_id is not None:
        endpoint = "desk.replan" if case.appointment_ids else "desk.series"
        return url_for(endpoint, order_id=case.order_id)
    return url_for("desk.appointment", appointment_id=case.appointment_ids[0])
