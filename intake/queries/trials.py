"""Reads of prior treatments: the rows as entered, their domain values, and a provider's word over a verdict."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import aliased

from intake.domain.history import partial_dates, trials
from intake.domain.history.partial_dates import PartialDate
from intake.extensions import current_session
from intake.models.trials import MedicationTrial, TrialDose, VerdictOverride
from intake.queries import sites

NOW = "now"


def history_settings() -> trials.Settings:
    """By what trials are judged: the clinic's policy `history`, else the defaults."""
    return trials.Settings(**(sites.policy("history") or {}))


def trials_of(patient_id: UUID) -> Sequence[MedicationTrial]:
    """The patient's trials as they stand, without rows that a later one replaces, in the patient's order."""
    later = aliased(MedicationTrial)
    rows = (
        select(MedicationTrial)
        .outerjoin(later, later.replaces_id == MedicationTrial.id)
        .where(MedicationTrial.patient_id == patient_id, later.id.is_(None))
        .order_by(MedicationTrial.position, MedicationTrial.id)
    )
    return current_session().scalars(rows).all()


def overrides_of(patient_id: UUID) -> Mapping[UUID, VerdictOverride]:
    """The latest word of a provider over the verdict of each trial."""
    rows = (
        select(VerdictOverride)
        .join(MedicationTrial, MedicationTrial.id == VerdictOverride.trial_id)
        .where(MedicationTrial.patient_id == patient_id)
        .order_by(VerdictOverride.at, VerdictOverride.id)
    )
    return {row.trial_id: row for row in current_session().scalars(rows)}


def as_entered(row: MedicationTrial) -> trials.MedicationTrial:
    """A row as the rules read it."""
    return trials.MedicationTrial(
        id=str(row.id),
        treatment=row.treatment,
        doses=tuple(_segment(dose) for dose in row.doses),
        episode=trials.Episode(row.episode),
        added_to=str(row.added_to_id) if row.added_to_id else None,
        adherence=trials.Adherence(row.adherence),
        improvement=trials.Improvement(row.improvement),
        wore_off=row.wore_off,
        stop_reason=trials.StopReason(row.stop_reason),
        sessions=row.sessions,
    )


def _segment(dose: TrialDose) -> trials.DoseSegment:
    is_ongoing = dose.to_text == NOW
    return trials.DoseSegment(
        mg_per_day=dose.mg_per_day,
        start=_date(dose.from_text),
        stop=None if is_ongoing else _date(dose.to_text),
        is_ongoing=is_ongoing,
        weeks=dose.weeks,
        about_weeks=dose.about_weeks,
    )


def _date(text: str | None) -> PartialDate | None:
    return partial_dates.read(text) if text else None
