"""The form of a medicine that the patient takes now."""

from __future__ import annotations

from wtforms import StringField

from intake.domain.form.medicine import FREQUENCIES, LAST_TAKEN
from intake.patient.forms import PageForm, radio, select


class MedicineForm(PageForm):
    """One current medicine."""

    name = StringField("What is it called?")
    dose = StringField("How much do you take each time?")
    frequency = select("How often?", {"": "Choose one"} | dict(FREQUENCIES))
    mg_per_day = StringField("How many mg in a whole day, if you know?")
    last_taken = radio("When did you last take it?", LAST_TAKEN)
    last_taken_on = StringField("If on another day, which?")
    reason = StringField("What do you take it for?")
