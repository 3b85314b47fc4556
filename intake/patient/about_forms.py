"""Forms of the pages about the patient and the reason for coming."""

from __future__ import annotations

from wtforms import BooleanField, FormField, StringField, TextAreaField

from intake.domain.form.about import SEXES
from intake.domain.form.reader import YES_NO
from intake.domain.form.reason import REASONS
from intake.patient.forms import PageForm, RowForm, radio


class BirthDate(RowForm):
    """A date of birth in three parts."""

    month = StringField("Month")
    day = StringField("Day")
    year = StringField("Year")


class YouForm(PageForm):
    """Names, birth date, sex."""

    given_name = StringField("First name, as on your ID")
    family_name = StringField("Last name, as on your ID")
    preferred_name = StringField("What should we call you?")
    born = FormField(BirthDate, "Date of birth")
    sex = radio("Sex", SEXES, description="We record it because doses and some health questions depend on it.")


class ReachForm(PageForm):
    """Phone, address, somebody close."""

    phone = StringField("Your phone number")
    may_leave_message = radio("May we leave a message there?", YES_NO)
    address = TextAreaField("Your address")
    contact_name = StringField("Their name")
    contact_phone = StringField("Their phone number")


class MessagesForm(PageForm):
    """What calendar files and messages may say."""

    place_in_calendar = radio("May calendar files show where your appointments are?", YES_NO)
    preparation_in_messages = radio("May messages say how to prepare, such as not eating before?", YES_NO)


class ReasonForm(PageForm):
    """Why the patient comes."""

    reason = radio("What brings you here?", REASONS)
    began = StringField("When did it begin this time?")
    began_forgotten = BooleanField("I do not remember")
    hopes = TextAreaField("What do you hope for?")
