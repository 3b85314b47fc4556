"""A patient of the whole clinic, and the keys of everything that hangs on one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import select

from intake.extensions import current_session
from intake.models.consultations import ReturnedItem
from intake.models.medicines import CurrentMedicine, FindingClearance
from intake.models.orders import Order, OrderCondition
from intake.models.replanning import SignOff
from intake.models.scores import Alert
from intake.models.trials import MedicationTrial


@dataclass(frozen=True, slots=True)
class Person:
    """A patient and what hangs on them.

    `trials` and `medicines` are the keys of items in the form, `rows` the keys of rows by the argument that names them.
    """

    patient_id: UUID
    account_id: UUID
    consultation_id: UUID
    trials: tuple[str, ...] = ()
    medicines: tuple[str, ...] = ()
    order_id: UUID | None = None
    series_id: UUID | None = None
    hold_id: UUID | None = None
    appointment_ids: tuple[UUID, ...] = ()
    rows: Mapping[str, UUID] = field(default_factory=dict)


def rows_of(person: Person) -> dict[str, UUID]:
    """The first row of each kind that belongs to a patient, by the argument of a route that names it."""
    mine = {
        "trial_id": select(MedicationTrial.id).where(MedicationTrial.patient_id == person.patient_id),
        "medicine_id": select(CurrentMedicine.id)
        .where(CurrentMedicine.patient_id == person.patient_id)
        .order_by(CurrentMedicine.position.desc()),
        "alert_id": select(Alert.id).where(Alert.patient_id == person.patient_id),
        "clearance_id": select(FindingClearance.id).where(FindingClearance.patient_id == person.patient_id),
        "question_id": select(ReturnedItem.id).where(ReturnedItem.consultation_id == person.consultation_id),
        "sign_off_id": select(SignOff.id).where(SignOff.order_id == person.order_id),
        "protocol_id": select(Order.protocol_id).where(Order.id == person.order_id),
        "condition_id": select(OrderCondition.id).where(OrderCondition.order_id == person.order_id),
    }
    found = {name: current_session().scalars(rows.limit(1)).first() for name, rows in mine.items()}
    return {name: row_id for name, row_id in found.items() if row_id is not None}
