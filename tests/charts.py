"""Rows of a chart for tests: trials, medicines, scores, alerts. Each adds one row and returns its key."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from uuid_utils.compat import uuid7

from intake.domain.screening import instruments, safety
from intake.extensions import transaction
from intake.models.consultations import Snapshot
from intake.models.medicines import CurrentMedicine
from intake.models.people import Patient
from intake.models.scores import Alert, Score
from intake.models.trials import MedicationTrial, TrialDose
from tests.factories import NOW

STOP_MEDICINE = "cocaine"
STOP_FINDING = "Illicit stimulants, recent: cocaine"


def a_trial(patient_id: UUID, treatment: str = "sertraline", *, mg: float | None = 100, **values: Any) -> UUID:
    """Twelve weeks without benefit, taken well, unless said otherwise; `dates` is (from, to) instead of weeks."""
    dates = values.pop("dates", None)
    time = {"from_text": dates[0], "to_text": dates[1]} if dates else {"weeks": values.pop("weeks", 12)}
    fields = {"episode": "current", "adherence": "good", "improvement": "under 25", "stop_reason": "no benefit"}
    with transaction() as session:
        row = MedicationTrial(
            patient_id=patient_id,
            recorded_by=_account(session, patient_id),
            recorded_at=NOW,
            treatment=treatment,
            **({"position": 0} | fields | values),
        )
        session.add(row)
        session.flush()
        session.add(TrialDose(trial_id=row.id, position=0, mg_per_day=mg, **time))
        return row.id


def a_snapshot(consultation_id: UUID, *, number: int = 1, sections: tuple[dict[str, Any], ...] = ()) -> UUID:
    """What was submitted on the pages of the form: each section is page, title and rows."""
    with transaction() as session:
        row = Snapshot(
            consultation_id=consultation_id,
            number=number,
            form_version="test",
            body={"sections": list(sections)},
            signature="Ana Rivera",
            request_key=uuid7(),
            submitted_at=NOW,
        )
        session.add(row)
        return row.id


def a_medicine(patient_id: UUID, name: str = "levothyroxine", **values: Any) -> UUID:
    """A medicine taken daily."""
    with transaction() as session:
        row = CurrentMedicine(
            patient_id=patient_id,
            recorded_by=_account(session, patient_id),
            recorded_at=NOW,
            name=name,
            **({"position": 0, "frequency": "daily"} | values),
        )
        session.add(row)
        return row.id


def a_phq9(patient_id: UUID, *values: int, at: datetime = NOW) -> UUID:
    """A PHQ-9 with these answers to its nine items; all of them 2 unless said otherwise."""
    instrument = instruments.load("phq9")
    answers = dict(zip((item.code for item in instrument.scored), values or (2,) * 9, strict=True))
    with transaction() as session:
        row = Score(
            patient_id=patient_id,
            instrument="phq9",
            instrument_version=instrument.version,
            mode="self",
            answers=answers,
            total=sum(answers.values()),
            scorer_version="test",
            answered_at=at,
        )
        session.add(row)
        return row.id


def an_alert(patient_id: UUID, *, action: safety.Action = safety.Action.CALL_TODAY, **values: Any) -> UUID:
    """An open alert after an answer to PHQ-9 item 9."""
    with transaction() as session:
        row = Alert(
            patient_id=patient_id,
            action=action.value,
            source="phq9:9",
            rule_version=safety.RULES_VERSION,
            detail={
                "question": "Thoughts",
                "reason": "item 9 is 1",
                "first": {"answer": 1, "words": "Several days", "action": action.value, "at": NOW.isoformat()},
                "changes": [],
            },
            raised_at=NOW,
            **values,
        )
        session.add(row)
        return row.id


def _account(session: Any, patient_id: UUID) -> UUID:
    found = session.get_one(Patient, patient_id).account_id
    assert found is not None
    return UUID(str(found))
