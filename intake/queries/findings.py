"""Reads of what stands against an infusion: current medicines, what the rules find in them, what was cleared."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import aliased

from intake.domain.screening import medicines
from intake.domain.screening.medicines import CheckedMedicine, Finding, Medicine, MedicineCheck
from intake.domain.screening.sources import Severity
from intake.extensions import current_session
from intake.models.medicines import CurrentMedicine, FindingClearance

KEY_LENGTH = 200  # of the column


def current_medicines_of(patient_id: UUID) -> Sequence[CurrentMedicine]:
    """What the patient takes now, as entered: neither replaced by a later row nor stopped."""
    later = aliased(CurrentMedicine)
    rows = (
        select(CurrentMedicine)
        .outerjoin(later, later.replaces_id == CurrentMedicine.id)
        .where(CurrentMedicine.patient_id == patient_id, CurrentMedicine.stopped_at.is_(None), later.id.is_(None))
        .order_by(CurrentMedicine.position, CurrentMedicine.id)
    )
    return current_session().scalars(rows).all()


def check_of(rows: Sequence[CurrentMedicine], *, as_of: date, infusion_at: datetime | None = None) -> MedicineCheck:
    """What the rules find in these medicines as they stand on `as_of`; the id of each is the row's."""
    return medicines.check([_medicine(row) for row in rows], as_of=as_of, infusion_at=infusion_at)


def clearances_of(patient_id: UUID) -> Mapping[str, FindingClearance]:
    """The standing clearances of a patient by the key of their finding; the latest counts."""
    rows = select(FindingClearance).where(
        FindingClearance.patient_id == patient_id, FindingClearance.withdrawn_at.is_(None)
    )
    return {row.finding: row for row in current_session().scalars(rows.order_by(FindingClearance.at))}


def key_of(checked: CheckedMedicine, finding: Finding) -> str:
    """What names one finding on one patient's chart: "MAOI antidepressants: phenelzine"."""
    name = checked.match.matched or checked.medicine.name
    return f"{finding.row}: {name}"[:KEY_LENGTH]


def stops_in(check: MedicineCheck) -> list[str]:
    """The keys of the stop findings, each once, in the order of the medicines."""
    found = [
        key_of(checked, finding)
        for checked in check.medicines
        for finding in checked.findings
        if finding.severity is Severity.STOP
    ]
    return list(dict.fromkeys(found))


def uncleared_stops(patient_id: UUID, *, as_of: date) -> list[str]:
    """The keys of stop findings that no provider has cleared in writing; one is enough to block booking."""
    stops = stops_in(check_of(current_medicines_of(patient_id), as_of=as_of))
    if not stops:
        return []
    cleared = clearances_of(patient_id)
    return [key for key in stops if key not in cleared]


def _medicine(row: CurrentMedicine) -> Medicine:
    return Medicine(
        id=str(row.id),
        name=row.name,
        mg_per_day=row.mg_per_day,
        as_needed=row.as_needed,
        last_taken=read_last_taken(row.last_taken),
    )


def read_last_taken(text: str | None) -> date | datetime | None:
    """A day or an instant at the site, as entered; what cannot be read counts as not known."""
    if not text:
        return None
    try:
        return date.fromisoformat(text) if len(text) == len("2025-07-01") else datetime.fromisoformat(text)
    except ValueError:
        return None
