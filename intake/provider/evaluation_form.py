"""The form of an evaluation visit. What can be true of it stands in `domain/evaluation.py`."""

from __future__ import annotations

from datetime import datetime

from flask import request
from wtforms import HiddenField, RadioField, SelectField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length

from intake.domain.clinic_time import format_clock, local_day, minutes_of_day, to_utc
from intake.domain.evaluation import (
    AIRWAY_CLASSES,
    ASA_CLASSES,
    CM_PER_INCH,
    KG_PER_LB,
    LONGEST_PLAN,
    EvaluationEntry,
    HeldAs,
    SuicideRisk,
    diagnoses,
    limits,
)
from intake.provider.fields import ClockField, DayField, KeyForm, LongTextField, NumberField
from intake.provider.forms import choices_of
from intake.provider.words import HELD, RISKS
from intake.queries.charts import Evaluation
from intake.web.forms import TextField

CODE = "Your authenticator's six digits, or a recovery code. Signing asks for it so that nobody signs in your name."
PDMP_MISSING = "Check prescription monitoring, then enter the day on which you did."


def _expected(field: str) -> str:
    limit = limits()[field]
    return f"Enter the {limit.name} as a number, such as {round((limit.lowest + limit.highest) / 2):g}."


def _diagnoses() -> list[SelectChoice]:
    found = [SelectChoice("", "Choose a diagnosis")]
    return found + [SelectChoice(one.code, f"{one.code} {one.name}") for one in diagnoses()]


class EvaluationForm(KeyForm):
    """The visit, in the order in which it is held."""

    replaces = HiddenField()  # the visit that the page showed as the standing one
    held_as = RadioField("How it was held", [InputRequired("Choose how it was held.")], choices=choices_of(HELD))
    held_on = DayField("Day of the visit")
    held_time = ClockField("Time of the visit")
    diagnosis = SelectField("Diagnosis (ICD-10-CM)", [InputRequired("Choose a diagnosis.")], choices=_diagnoses())
    asa_class = RadioField(
        "ASA physical status",
        [InputRequired("Choose an ASA class.")],
        choices=choices_of({str(value): label for value, label in ASA_CLASSES.items()}),
    )
    airway_class = RadioField(
        "Airway (Mallampati)",
        [InputRequired("Choose a Mallampati class.")],
        choices=choices_of({str(value): label for value, label in AIRWAY_CLASSES.items()}),
    )
    weight_kg = NumberField("Weight", expected="Enter the weight as a number, such as 82.5.")
    weight_unit = SelectField("Unit of weight", choices=choices_of({"kg": "kg", "lb": "lb"}))
    height_cm = NumberField("Height", expected="Enter the height as a number, such as 175.", is_optional=True)
    height_unit = SelectField("Unit of height", choices=choices_of({"cm": "cm", "in": "in"}))
    systolic = NumberField("Upper blood pressure", expected=_expected("systolic"), is_whole=True)
    diastolic = NumberField("Lower blood pressure", expected=_expected("diastolic"), is_whole=True)
    heart_rate = NumberField("Heart rate", expected=_expected("heart_rate"), is_whole=True)
    spo2 = NumberField("Oxygen saturation", expected=_expected("spo2"), is_whole=True)
    pdmp_on = DayField("Prescription monitoring checked on", missing=PDMP_MISSING)
    pdmp_time = ClockField("at")
    suicide_risk = RadioField(
        "Risk of suicide, your own judgement",
        [InputRequired("Choose your judgement.")],
        choices=choices_of(RISKS),
        description="After contact with the patient. No questionnaire fills this in.",
    )
    plan = LongTextField("Plan", [Length(max=LONGEST_PLAN, message=f"Keep the plan within {LONGEST_PLAN} characters.")])
    code = TextField("Code of your second factor", [Length(max=40, message="This is too long.")], description=CODE)

    def show(self, standing: Evaluation | None, now: datetime, zone: str) -> None:
        """Begin the visit with this moment, or with the one that is corrected. A check is never said to be done."""
        self.show_fresh()
        if request.method == "POST":
            return
        self.replaces.data = str(standing.id) if standing else ""
        self.held_on.data, self.held_time.data = _day_and_time(standing.held_at if standing else now, zone)
        if standing:
            self._show_values(standing, zone)

    def _show_values(self, row: Evaluation, zone: str) -> None:
        self.pdmp_on.data, self.pdmp_time.data = _day_and_time(row.pdmp_checked_at, zone)
        for name in ("held_as", "diagnosis", "suicide_risk", "plan"):
            self[name].data = getattr(row, name)
        for name in ("asa_class", "airway_class"):
            self[name].data = str(getattr(row, name))
        for name in ("weight_kg", "height_cm", "systolic", "diastolic", "heart_rate", "spo2"):
            value = getattr(row, name)
            self[name].data = f"{value:g}" if value is not None else ""

    def to_entry(self, zone: str) -> EvaluationEntry:
        """The visit as typed, pounds and inches turned into kg and cm. Raises `DomainError`."""
        return EvaluationEntry(
            held_as=HeldAs(self.held_as.data),
            held_at=to_utc(self.held_on.day, self.held_time.minutes, zone),
            diagnosis=self.diagnosis.data,
            asa_class=int(self.asa_class.data),
            airway_class=int(self.airway_class.data),
            weight_kg=self._converted(self.weight_kg, self.weight_unit.data == "lb", KG_PER_LB) or 0,
            height_cm=self._converted(self.height_cm, self.height_unit.data == "in", CM_PER_INCH),
            systolic=int(self.systolic.number or 0),
            diastolic=int(self.diastolic.number or 0),
            heart_rate=int(self.heart_rate.number or 0),
            spo2=int(self.spo2.number or 0),
            pdmp_checked_at=to_utc(self.pdmp_on.day, self.pdmp_time.minutes, zone),
            suicide_risk=SuicideRisk(self.suicide_risk.data),
            plan=self.plan.data,
        )

    @staticmethod
    def _converted(field: NumberField, is_other_unit: bool, factor: float) -> float | None:
        if field.number is None:
            return None
        return round(field.number * factor, 2) if is_other_unit else round(field.number, 2)


def _day_and_time(at: datetime, zone: str) -> tuple[str, str]:
    return local_day(at, zone).isoformat(), format_clock(minutes_of_day(at, zone))
