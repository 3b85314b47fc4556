"""Reads of signed evaluation visits."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select

from intake.extensions import current_session
from intake.models.reviews import Evaluation

BIPOLAR_CODES = "F31"  # the ICD-10-CM group of bipolar disorder


def evaluations_of(consultation_id: UUID) -> Sequence[Evaluation]:
    """Every signed visit of a consultation, corrections and what they replace, the newest first."""
    rows = select(Evaluation).where(Evaluation.consultation_id == consultation_id)
    return current_session().scalars(rows.order_by(Evaluation.signed_at.desc(), Evaluation.id.desc())).all()


def evaluation_of(consultation_id: UUID) -> Evaluation | None:
    """The visit that counts: signed, and not replaced by a correction; the newest of several."""
    return current_one(evaluations_of(consultation_id))


def current_one(rows: Sequence[Evaluation]) -> Evaluation | None:
    """The same from rows at hand, the newest first."""
    replaced = {row.replaces_id for row in rows}
    return next((row for row in rows if row.id not in replaced), None)


def is_bipolar(evaluation: Evaluation | None) -> bool:
    """Whether the signed diagnosis is a bipolar one; definitions of treatment resistance then do not apply."""
    return evaluation is not None and evaluation.diagnosis.startswith(BIPOLAR_CODES)


def signed_with(request_key: UUID, actor_id: UUID) -> UUID | None:
    """The visit that one sending of the form made already, if its own signer asks."""
    rows = select(Evaluation.id).where(Evaluation.request_key == request_key, Evaluation.provider_id == actor_id)
    return current_session().scalar(rows)
