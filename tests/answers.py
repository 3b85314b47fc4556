"""Answers as a patient types them, page by page, and a form filled through the services."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from intake.domain.form.pages import Page
from intake.services.consultations import Place, save_part
from tests import factories

Answers = dict[str, Any]
YOU: Answers = {
    "given_name": "Ana",
    "family_name": "Rivera",
    "preferred_name": "",
    "born": {"month": "3", "day": "14", "year": "1985"},
    "sex": "female",
}
REACH: Answers = {
    "phone": "303 555 0142",
    "may_leave_message": "yes",
    "address": "12 Elm Street\nDenver, CO 80203",
    "contact_name": "Luis Rivera",
    "contact_phone": "303-555-0143",
}
MESSAGES: Answers = {"place_in_calendar": "no", "preparation_in_messages": "yes"}
REASON: Answers = {"reason": "depression", "began": "spring 2025", "began_forgotten": False, "hopes": "To sleep again."}
EVERYTHING: Answers = {"everything": "yes"}
NONE: Answers = {"everything": "none"}
MEDICINE: Answers = {
    "name": "lorazepam",
    "dose": "1 mg",
    "frequency": "as-needed",
    "mg_per_day": "",
    "last_taken": "day",
    "last_taken_on": "11/29/2026",
    "reason": "Sleep",
}
EFFECT: Answers = {
    "adherence": "good",
    "improvement": "little",
    "wore_off": "no",
    "stop_reason": "no benefit",
    "episode": "current",
    "added_to": "",
    "sessions": "",
    "side_effects": ["weight"],
    "note": "",
}


def dose(mg_per_day: str = "100", start: str = "spring 2025", stop: str = "fall 2025", **values: Any) -> Answers:
    """One row of doses."""
    row = {
        "mg_per_day": mg_per_day,
        "dose_forgotten": False,
        "start": start,
        "stop": stop,
        "about": "",
        "unit": "weeks",
    }
    return {**row, "time_forgotten": False, **values}


def course(treatment: str = "Zoloft", *doses: Answers, still_taking: bool = False) -> Answers:
    """What was taken and how much."""
    return {"treatment": treatment, "still_taking": still_taking, "doses": list(doses) or [dose()]}


def phq9(item9: str = "0", others: str = "2", difficulty: str = "1") -> Answers:
    """A PHQ-9 with one answer for the first eight items."""
    return {f"item_{n}": others for n in range(1, 9)} | {"item_9": item9, "item_difficulty": difficulty}


def save(patient_id: UUID, page: Page, part: str, answers: Answers, *, now: datetime, item: str = "") -> None:
    """Save one part as the patient, having seen whatever stands there."""
    actor_id = factories.account_of(patient_id)
    place = Place(page, part, item)
    save_part(patient_id, place, answers, seen_version=10_000, actor_id=actor_id, now=now, may_add=True)


def add_trial(patient_id: UUID, treatment: str = "Zoloft", *, now: datetime, **effect: Any) -> str:
    """A whole trial; returns its key."""
    item = str(uuid4())
    save(patient_id, Page.TRIAL, "course", course(treatment), now=now, item=item)
    save(patient_id, Page.TRIAL, "effect", EFFECT | effect, now=now, item=item)
    return item


def fill_form(patient_id: UUID, *, now: datetime, trials: int = 1, item9: str = "0") -> list[str]:
    """Everything that a submission needs; returns the keys of the trials."""
    save(patient_id, Page.ABOUT, "you", YOU, now=now)
    save(patient_id, Page.ABOUT, "reach", REACH, now=now)
    save(patient_id, Page.ABOUT, "messages", MESSAGES, now=now)
    save(patient_id, Page.REASON, "reason", REASON, now=now)
    items = [add_trial(patient_id, now=now) for _ in range(trials)]
    save(patient_id, Page.TRIALS, "list", EVERYTHING if trials else NONE, now=now)
    save(patient_id, Page.MEDICINE, "medicine", MEDICINE, now=now, item=str(uuid4()))
    save(patient_id, Page.MEDICINES, "list", EVERYTHING, now=now)
    save(patient_id, Page.PHQ9, "answers", phq9(item9), now=now)
    return items
