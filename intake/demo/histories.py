"""A dozen believable histories of treatment, as answers that a patient types into the form."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from uuid_utils.compat import uuid7

from intake.demo.people import Person
from intake.domain.clinic_time import MONTH_NAMES
from intake.domain.form import medicine
from intake.domain.form.pages import Page
from intake.services.consultations import Place

FILE = Path(__file__).with_name("histories.json")
Part = tuple[Place, dict[str, Any]]
"""One screen of the form with what is typed there."""
ITEM_9 = 8
"""The place of the question on self-harm among the ten answers of a history."""


@cache
def histories() -> list[dict[str, Any]]:
    """All of them, as the file has them. Times are months before the form is filled in, or the words typed."""
    loaded: list[dict[str, Any]] = json.loads(FILE.read_text())
    return loaded


def history(number: int) -> dict[str, Any]:
    """The history of a person's number; they repeat."""
    return histories()[number % len(histories())]


def parts(person: Person, history: dict[str, Any], site_name: str, today: date) -> list[Part]:
    """Every screen in the order of the form, so that a form left half way is its beginning."""
    return [
        *_about(person, site_name),
        (Place(Page.REASON, "reason"), _reason(history, today)),
        *_trials(history, today),
        *_medicines(history, today),
        (Place(Page.PHQ9, "answers"), phq9_answers(history["phq9"])),
    ]


def phq9_answers(points: list[int]) -> dict[str, str]:
    """Nine answers and the one on difficulty, as the page sends them."""
    names = [*(f"item_{number}" for number in range(1, 10)), "item_difficulty"]
    return dict(zip(names, map(str, points), strict=True))


def _about(person: Person, site_name: str) -> Iterator[Part]:
    born = {"year": str(person.born_on.year), "month": str(person.born_on.month), "day": str(person.born_on.day)}
    names = {"given_name": person.given_name, "family_name": person.family_name, "preferred_name": ""}
    yield Place(Page.ABOUT, "you"), {**names, "born": born, "sex": person.sex}
    reach = {"phone": person.phone, "may_leave_message": "yes", "address": person.address(site_name)}
    contact = {"contact_name": person.contact_name, "contact_phone": person.contact_phone}
    yield Place(Page.ABOUT, "reach"), {**reach, **contact}
    says_more = "yes" if person.number % 3 else "no"
    yield Place(Page.ABOUT, "messages"), {"place_in_calendar": says_more, "preparation_in_messages": says_more}


def _reason(history: dict[str, Any], today: date) -> dict[str, Any]:
    return {"reason": history["reason"], "began": _typed(history["began"], today), "hopes": history["hopes"]}


def _trials(history: dict[str, Any], today: date) -> Iterator[Part]:
    keys = [str(uuid7()) for _ in history["trials"]]
    for key, trial in zip(keys, history["trials"], strict=True):
        yield Place(Page.TRIAL, "course", key), _course(trial, today)
        yield Place(Page.TRIAL, "effect", key), _effect(trial, keys)
    yield Place(Page.TRIALS, "list"), {"everything": "yes" if keys else "none"}


def _course(trial: dict[str, Any], today: date) -> dict[str, Any]:
    doses = [_dose(dose, today) for dose in trial["doses"]]
    return {"treatment": trial["treatment"], "doses": doses, "still_taking": "stopped" not in trial}


def _dose(dose: dict[str, Any], today: date) -> dict[str, Any]:
    when = {"start": _typed(dose.get("from"), today), "stop": _typed(dose.get("to"), today)}
    length = {"about": str(dose.get("about", "")), "unit": dose.get("unit", "weeks")}
    amount = {"mg_per_day": str(dose.get("mg", "")), "dose_forgotten": dose.get("forgotten", False)}
    return {**amount, **when, **length, "time_forgotten": False}


def _effect(trial: dict[str, Any], keys: list[str]) -> dict[str, Any]:
    added_to = trial.get("added_to")
    return {
        "adherence": trial.get("adherence", "good"),
        "improvement": trial["helped"],
        "wore_off": trial.get("wore_off", "no"),
        "stop_reason": trial.get("stopped", ""),
        "episode": trial.get("episode", "current"),
        "added_to": "" if added_to is None else keys[added_to],
        "sessions": str(trial.get("sessions", "")),
        "side_effects": trial.get("side_effects", []),
        "note": trial.get("note", ""),
    }


def _medicines(history: dict[str, Any], today: date) -> Iterator[Part]:
    for entry in history["medicines"]:
        answers = {"mg_per_day": "", "last_taken_on": "", **entry}
        yield Place(Page.MEDICINE, "medicine", str(uuid7())), dict(medicine.settled(answers, today=today))
    yield Place(Page.MEDICINES, "list"), {"everything": "yes" if history["medicines"] else "none"}


def _typed(when: int | str | None, today: date) -> str:
    """Months ago as people type it, "Apr 2025"; words stay as they are."""
    if when is None or isinstance(when, str):
        return when or ""
    months = today.year * 12 + today.month - 1 - when
    return f"{MONTH_NAMES[months % 12]} {months // 12}"
