"""Finding a patient at the desk: by the beginning of names, by date of birth, by telephone."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, select

from intake.domain import person_names, phones
from intake.domain.errors import DomainError
from intake.extensions import current_session, ring
from intake.models.people import Patient, PatientNameKey

MOST = 20
_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
_US = re.compile(r"(\d{1,2})[/. ](\d{1,2})[/. ](\d{4})")


@dataclass(frozen=True, slots=True)
class Search:
    """What was found. `was_cut`: there are more than are shown."""

    patients: list[Patient]
    was_cut: bool


def patient(patient_id: UUID) -> Patient:
    """One patient, read once a request; raises `NoResultFound`."""
    return current_session().get_one(Patient, patient_id)


def find(typed: str) -> Search:
    """The patients that a line means, by family name: a birth date, a telephone number or its last four digits,
    else beginnings of names, each of which has to fit."""
    wanted = _wanted(typed.strip())
    if wanted is None:
        return Search([], False)
    rows = select(Patient).where(wanted).order_by(Patient.family_name, Patient.given_name, Patient.id)
    found = list(current_session().scalars(rows.limit(MOST + 1)))
    return Search(found[:MOST], len(found) > MOST)


def read_birth_date(typed: str) -> date | None:
    """1985-03-14 or 3/14/1985; None for anything else."""
    iso, us = _ISO.fullmatch(typed), _US.fullmatch(typed)
    try:
        if iso:
            return date(int(iso[1]), int(iso[2]), int(iso[3]))
        return date(int(us[3]), int(us[1]), int(us[2])) if us else None
    except ValueError:
        return None


def _wanted(typed: str) -> ColumnElement[bool] | None:
    born_on = read_birth_date(typed)
    if born_on is not None:
        return Patient.born_on == born_on
    if re.fullmatch(r"[\d\s()+.\-/]+", typed):
        return _by_phone(typed)
    words = person_names.words_of(typed)
    return _all_of(words) if words else None


def _by_phone(typed: str) -> ColumnElement[bool] | None:
    digits = re.sub(r"\D", "", typed)
    if len(digits) == len("0142"):
        return Patient.phone_last4_index == ring.index("phone-last4", digits)
    try:
        return Patient.phone_index == ring.index("phone", phones.normal_phone(typed))
    except DomainError:
        return None


def _all_of(words: list[str]) -> ColumnElement[bool]:
    wanted = [
        exists().where(
            PatientNameKey.patient_id == Patient.id,
            PatientNameKey.kind == "name",
            PatientNameKey.key == word[: person_names.KEY_LENGTH],
        )
        for word in words
    ]
    return and_(*wanted)
