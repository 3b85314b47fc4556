"""PHQ-9 courses: readings of patients over time, scored when read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from intake.domain.clinic_time import local_day
from intake.domain.scheduling.booster_signals import Reading
from intake.domain.screening import instruments
from intake.extensions import current_session
from intake.models.scores import Score

PHQ9 = "phq9"


@dataclass(frozen=True, slots=True)
class Answered:
    """One PHQ-9 with the instant at which it was answered."""

    at: datetime
    reading: Reading


def courses_of(patient_ids: Sequence[UUID], zone: str) -> dict[UUID, list[Answered]]:
    """The PHQ-9 of each patient, the oldest first, with days on the clock of `zone`; one query for all."""
    found: dict[UUID, list[Answered]] = {patient_id: [] for patient_id in patient_ids}
    rows = select(Score).where(Score.patient_id.in_(patient_ids), Score.instrument == PHQ9)
    for row in current_session().scalars(rows.order_by(Score.answered_at, Score.id)):
        score = instruments.score(PHQ9, row.answers)
        item9 = score.safety_answer if isinstance(score.safety_answer, int) else None
        reading = Reading(local_day(row.answered_at, zone), score.total, item9)
        found[row.patient_id].append(Answered(row.answered_at, reading))
    return found


def around(course: Sequence[Answered], first_at: datetime) -> tuple[Reading | None, Reading | None]:
    """The last reading before an instant, and the last one from it on; None where there is none."""
    before = [one.reading for one in course if one.at < first_at]
    after = [one.reading for one in course if one.at >= first_at]
    return (before[-1] if before else None), (after[-1] if after else None)
