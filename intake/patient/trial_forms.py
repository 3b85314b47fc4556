"""Forms of a medicine that was tried, and of the list of them."""

from __future__ import annotations

from collections.abc import Mapping

from wtforms import BooleanField, FieldList, FormField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice

from intake.domain.form import trial
from intake.domain.form.whole import EVERYTHING, NOTHING_TAKEN, NOTHING_TRIED
from intake.patient.forms import PageForm, RowForm, boxes, radio, select


class DoseForm(RowForm):
    """One dose and when it was taken."""

    mg_per_day = StringField("Dose in a day")
    dose_forgotten = BooleanField("I do not remember the dose")
    start = StringField("Started")
    stop = StringField("Stopped")
    about = StringField("About how long did you take it?")
    unit = select("Weeks or months", trial.UNITS)
    time_forgotten = BooleanField("I do not remember when")


class CourseForm(PageForm):
    """What and how much."""

    treatment = StringField("Which medicine was it?")
    still_taking = BooleanField("I still take it")
    doses = FieldList(FormField(DoseForm), "Doses", min_entries=1, max_entries=trial.MOST_DOSES + 1)


class EffectForm(PageForm):
    """What it did."""

    adherence = radio("Did you take it most days?", trial.ADHERENCE)
    improvement = radio("How much did it help, at its best?", trial.IMPROVEMENTS)
    wore_off = radio("Did it help at first and then stop helping?", trial.WORE_OFF)
    stop_reason = radio("What was the main reason that you stopped?", trial.STOP_REASONS)
    side_effects = boxes("Did you have side effects?", trial.SIDE_EFFECTS)
    episode = radio("When did you take it?", trial.EPISODES)
    sessions = StringField("How many sessions did you have?")
    added_to = select("Was it added to another medicine of your list?", {})
    note = TextAreaField("Anything else about it?")

    def offer(self, others: Mapping[str, str]) -> None:
        """Fill the list of medicines that this one may have been added to."""
        alone = [SelectChoice(trial.ALONE, "No, I took it on its own")]
        self.added_to.choices = alone + [SelectChoice(item, name) for item, name in others.items()]


class ListForm(PageForm):
    """Whether a list that has something is whole."""

    everything = radio("Is that everything?", EVERYTHING)


class NothingTriedForm(PageForm):
    """Whether there is nothing to list."""

    everything = radio("Have you taken any?", NOTHING_TRIED)


class NothingTakenForm(PageForm):
    """Whether there is nothing to list."""

    everything = radio("Do you take any?", NOTHING_TAKEN)
