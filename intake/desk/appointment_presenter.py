"""One appointment in words, with its history and what its series lacks now."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import url_for
from flask_login import current_user

from intake.desk.board_presenter import NO_DRIVER, awaits_provider, presses_of, seen_text, time_words, what_of
from intake.desk.forms import ASKED_BY_WORDS, REASON_WORDS
from intake.desk.series_presenter import present_visit
from intake.domain import clinic_time, phones, statuses
from intake.domain.roles import Permission
from intake.domain.statuses import LIVE, Status
from intake.queries import appointments, orders, series
from intake.queries.appointments import AppointmentEvent, Visit
from intake.web import filters


def present_appointment(visit: Visit, now: datetime) -> dict[str, Any]:
    """Everything that the page of one appointment says."""
    row = visit.appointment
    is_today = clinic_time.local_day(now, visit.zone) >= row.on_date
    return {
        **present_visit(visit),
        "id": row.id,
        "patient": row.patient.full_name,
        "called": row.patient.called,
        "patient_url": url_for("desk.patient", patient_id=row.patient_id),
        "phone": phones.phone_words(row.patient.phone) if row.patient.phone else "",
        "day": filters.full_day(row.on_date),
        "time": time_words(*_minutes(visit)),
        "what": what_of(visit),
        "board_url": url_for("desk.board", day=row.on_date.isoformat()),
        "series_url": url_for("desk.series", order_id=row.order_id) if row.series_id else None,
        "replan_url": url_for("desk.replan", order_id=row.order_id) if row.series_id else None,
        "presses": presses_of(visit, is_today),
        "seen": seen_text(row.version, row.status),
        "no_driver": f"{NO_DRIVER}.{seen_text(row.version, row.status)}" if can_lose_driver(visit) else None,
        "tentative": row.tentative,  # here the two reasons are told apart
        "awaits_provider": awaits_provider(visit),
        "can_cancel": Status.CANCELLED in statuses.allowed_moves(row.status),
        "can_move": row.status is Status.BOOKED,
        "can_book_again": row.status not in LIVE and appointments.live_twin_of(row) is None,
        "overbooked": row.overbooked_reason_sealed is not None,
        "overbooked_reason": row.overbooked_reason if current_user.may(Permission.OVERBOOK) else None,
        "faults": faults_of(visit),
        "events": [event_words(event, by, visit.zone) for event, by in appointments.events_of(row.id)],
    }


def can_lose_driver(visit: Visit) -> bool:
    """Whether the desk can say that the driver is not coming."""
    row = visit.appointment
    return row.chair_id is not None and not row.tentative and row.status in (Status.BOOKED, Status.ARRIVED)


def faults_of(visit: Visit) -> list[str]:
    """Which rules the series of an appointment breaks as it stands now."""
    row = visit.appointment
    if row.series_id is None or row.order_id is None:
        return []
    found = series.faults_of(series.infusions_of(row.series_id), orders.order(row.order_id))
    return [fault.text for fault in found]


def event_words(event: AppointmentEvent, by: str, zone: str) -> dict[str, str]:
    """One line of the history: what, when, who, why."""
    reason = REASON_WORDS.get(event.reason or "", "")
    asked_by = ASKED_BY_WORDS.get(event.detail.get("asked_by", ""), "")
    return {
        "what": _what(event, zone),
        "when": filters.when(event.at, zone),
        "by": by,
        "why": ", ".join(filter(None, (asked_by, reason))),
    }


def _what(event: AppointmentEvent, zone: str) -> str:
    if event.kind == "moved" and "from" in event.detail:
        before = datetime.fromisoformat(event.detail["from"]["starts_at"])
        after = datetime.fromisoformat(event.detail["to"]["starts_at"])
        return f"Moved from {filters.when(before, zone)} to {filters.when(after, zone)}"
    if event.kind == "moved":
        return "Booked again at another time"
    if event.kind == "response":
        return "The provider still confirms" if event.detail.get("awaited") else "Confirmed by the provider"
    if event.kind == "driver":
        return "Driver confirmed" if event.detail.get("driver") else "No driver known"
    word = statuses.word_for(event.to_status)
    return f"Undone, now {word}" if event.kind == "undone" else word.capitalize()


def _minutes(visit: Visit) -> tuple[int, int]:
    row = visit.appointment
    start = clinic_time.minutes_of_day(row.starts_at, visit.zone)
    return start, start + int((row.ends_at - row.starts_at).total_seconds() // 60)
