"""PHQ-9 at visits. No page asks for it yet, so no service writes it: the demo adds the rows itself."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import exists, or_, select

from intake.demo.cast import Cast
from intake.demo.people import DOMAIN
from intake.demo.rows import BOOSTER
from intake.domain.form import phq9
from intake.domain.screening import instruments
from intake.domain.statuses import Status
from intake.extensions import current_session, transaction
from intake.models.appointments import Appointment
from intake.models.people import Patient
from intake.models.scores import Score

ASKED_AT = (1, 3, 6)
"""The infusions of a series before which it is asked; and before every booster."""
COURSES = (
    {1: 0.9, 3: 0.6, 6: 0.35, 0: 0.4},
    {1: 1.0, 3: 0.75, 6: 0.5, 0: 0.5},
    {1: 0.95, 3: 0.5, 6: 0.2, 0: 0.25},
    {1: 1.0, 3: 0.95, 6: 0.85, 0: 0.8},
)
"""What is left of each answer's points before those infusions (0: a booster)."""
SCORER_VERSION = "1"


def record(cast: Cast) -> int:
    """Add a PHQ-9 to each visit of the past that should have one; returns how many."""
    with transaction() as session:
        first = _first_answers()
        found = _without_score(cast.now)
        session.add_all(_score(row, first[row.patient_id]) for row in found if row.patient_id in first)
        return len(found)


def _score(row: Appointment, first: dict[str, Any]) -> Score:
    course = COURSES[row.patient_id.int % len(COURSES)]
    left = course[row.number or 0]
    answers = {code: int(points * left + 0.5) for code, points in first.items() if isinstance(points, int)}
    answers[phq9.safety_item().code] = 0
    scored = instruments.score(phq9.CODE, answers)
    return Score(
        patient_id=row.patient_id,
        appointment_id=row.id,
        instrument=phq9.CODE,
        instrument_version=scored.version,
        mode="staff",
        answers=answers,
        total=scored.total,
        scorer_version=SCORER_VERSION,
        answered_at=row.starts_at,
    )


def _first_answers() -> dict[UUID, dict[str, Any]]:
    """The answers that each demo patient sent with the form."""
    rows = select(Score).join(Patient, Patient.id == Score.patient_id)
    rows = rows.where(Score.snapshot_id.is_not(None), Patient.email.endswith(f"@{DOMAIN}"))
    return {row.patient_id: row.answers for row in current_session().scalars(rows.order_by(Score.answered_at.desc()))}


def _without_score(now: datetime) -> list[Appointment]:
    is_asked = or_(Appointment.number.in_(ASKED_AT), Appointment.kind == BOOSTER)
    rows = (
        select(Appointment)
        .join(Patient, Patient.id == Appointment.patient_id)
        .where(Appointment.status == Status.FULFILLED, Appointment.starts_at <= now, is_asked)
        .where(Patient.email.endswith(f"@{DOMAIN}"), ~exists().where(Score.appointment_id == Appointment.id))
    )
    return list(current_session().scalars(rows.order_by(Appointment.starts_at)))
