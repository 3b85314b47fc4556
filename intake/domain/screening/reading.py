"""The JSON form of a list of medicines, read strictly and answered. The form itself: medicines-format."""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from intake.domain.errors import DomainError
from intake.domain.json_fields import Fields
from intake.domain.screening.medicines import CheckedMedicine, Medicine, MedicineCheck, check, refuse_last_taken

_KILOGRAM_IN_MG = 1_000_000
_LIST_KEYS = ("as_of", "infusion_at", "medicines")
_MEDICINE_KEYS = ("id", "name", "mg_per_day", "as_needed", "last_taken")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_INSTANT = re.compile(_DAY.pattern + r"T[0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:[.][0-9]{1,6})?)?(?:Z|[+-][0-9]{2}:[0-9]{2})?")


@dataclass(frozen=True, slots=True)
class MedicineList:
    """A list as read."""

    as_of: date
    infusion_at: datetime | None
    medicines: tuple[Medicine, ...]


def read_medicines(document: object, *, today: date) -> MedicineList:
    """Read a parsed JSON list. Raises `DomainError` with one line that names the medicine, the key and why."""
    fields = Fields(document, "list", allowed=_LIST_KEYS, required=("medicines",))
    as_of = _moment(fields, "as_of", day_only=True) or today
    infusion_at = _moment(fields, "infusion_at")
    if infusion_at is not None and not isinstance(infusion_at, datetime):
        fields.refuse("infusion_at", "not a date and time")
    medicines = tuple(_medicine(item, place) for place, item in enumerate(fields.items("medicines"), 1))
    _refuse_twice(medicines)
    return MedicineList(as_of, infusion_at, medicines)


def answer(document: object, *, today: date) -> dict[str, Any]:
    """The answer to a parsed JSON list, in the output form of medicines-format."""
    read = read_medicines(document, today=today)
    for medicine in read.medicines:
        _refuse_named(medicine, read.infusion_at)
    return _written(check(read.medicines, as_of=read.as_of, infusion_at=read.infusion_at))


def _refuse_named(medicine: Medicine, infusion_at: datetime | None) -> None:
    try:
        refuse_last_taken(medicine, infusion_at)
    except DomainError as error:
        raise DomainError(f"medicine {medicine.id}, {error.field}: {error.message}") from None


def _written(found: MedicineCheck) -> dict[str, Any]:
    return {
        "rules_version": found.rules_version,
        "medicines": [_written_medicine(each) for each in found.medicines],
        "questions": [{"id": q.medicine_id, "row": q.row, "text": q.text} for q in found.questions],
        "diazepam_equivalent_mg_per_day": found.load.mg_per_day,
        "duplicates": [list(pair) for pair in found.duplicates],
        "unknown": list(found.unknown),
    }


def _written_medicine(each: CheckedMedicine) -> dict[str, Any]:
    return {
        "id": each.medicine.id,
        "matched": each.match.matched,
        "match": each.match.how.value,
        "findings": [
            {
                "row": finding.row,
                "severity": finding.severity.value,
                "action": finding.action,
                "source": finding.source,
                "verified": finding.is_verified,
            }
            for finding in each.findings
        ],
    }


def _medicine(item: object, place: int) -> Medicine:
    given = item.get("id") if isinstance(item, dict) else None
    fallback = f"m{place}"
    where = f"medicine {given if isinstance(given, str) else fallback}"
    fields = Fields(item, where, allowed=_MEDICINE_KEYS, required=("name",))
    return Medicine(
        id=fields.text("id") if fields.has("id") else fallback,
        name=fields.text("name"),
        mg_per_day=_amount(fields),
        as_needed=fields.flag("as_needed"),
        last_taken=_moment(fields, "last_taken"),
    )


def _amount(fields: Fields) -> float | None:
    amount = fields.positive("mg_per_day", allows_null=True)
    if amount is not None and amount > _KILOGRAM_IN_MG:
        fields.refuse("mg_per_day", "more than a kilogram a day")
    return amount


def _moment(fields: Fields, key: str, *, day_only: bool = False) -> date | datetime | None:
    if not fields.has(key):
        return None
    value = fields.raw(key)
    text = value if isinstance(value, str) else ""
    with suppress(ValueError):
        if _DAY.fullmatch(text):
            return date.fromisoformat(text)
        if _INSTANT.fullmatch(text) and not day_only:
            return datetime.fromisoformat(text)
    return fields.refuse(key, "not a date that can be read")


def _refuse_twice(medicines: Sequence[Medicine]) -> None:
    seen: set[str] = set()
    for medicine in medicines:
        if medicine.id in seen:
            raise DomainError(f"medicine {medicine.id}, id: stands twice")
        seen.add(medicine.id)
