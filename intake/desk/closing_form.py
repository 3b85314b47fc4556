"""The form of a closing: a day, a part of one, a chair, a provider away."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from wtforms import DateField, HiddenField, RadioField, SelectField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, Optional

from intake.desk import wishes
from intake.desk.forms import choices
from intake.domain import clinic_time
from intake.domain.closings import Closing, ClosingKind
from intake.domain.errors import DomainError
from intake.web.forms import Form, TextField

KINDS = {
    ClosingKind.DAY: "A whole day",
    ClosingKind.PART: "A part of a day, such as from now on",
    ClosingKind.CHAIR: "A chair, from a day on",
    ClosingKind.PROVIDER: "A provider is away",
}
NOBODY = "any"
QUARTER = 15


class ClosingForm(Form):
    """What is closed and when. Hours are needed for a part of a day only."""

    request_key = HiddenField()
    kind = RadioField(
        "What is closed?",
        [InputRequired("Choose what is closed.")],
        choices=choices({kind.value: text for kind, text in KINDS.items()}),
        default=ClosingKind.DAY.value,
    )
    day = DateField("Day", [InputRequired("Choose a day.")])
    last = DateField("Last day", [Optional()], description="For a provider who is away for longer.")
    starts = TextField("From", [Length(max=12)], description="For a part of a day. Empty: from the morning on.")
    ends = TextField("Until", [Length(max=12)], description="Empty: to the end of the day.")
    chair = SelectField("Chair", choices=[], validate_choice=False)
    provider = SelectField("Provider", choices=[], validate_choice=False)

    def show(self, chairs: Sequence[str], people: Sequence[tuple[UUID | None, str]]) -> None:
        """The chairs in use and who is on site by the shifts."""
        self.chair.choices = [SelectChoice(name, name) for name in chairs]
        self.provider.choices = [SelectChoice(str(key or NOBODY), name) for key, name in people]

    def begin(self, now: datetime, zone: str) -> None:
        """Today, from the next quarter of an hour on."""
        minute = min(-(-clinic_time.minutes_of_day(now, zone) // QUARTER) * QUARTER, clinic_time.MIDNIGHT - QUARTER)
        self.day.data = clinic_time.local_day(now, zone)
        self.starts.data = clinic_time.clock_words(minute)

    def to_closing(self) -> Closing:
        """The closing as typed; raises `DomainError` beside the field."""
        kind, day = ClosingKind(self.kind.data), self.day.data
        assert isinstance(day, date)
        has_hours = kind in (ClosingKind.PART, ClosingKind.PROVIDER)
        is_part = kind is ClosingKind.PART
        starts = self._minutes("starts", 0) if is_part or (has_hours and self.ends.data) else 0
        ends = self._minutes("ends", clinic_time.MIDNIGHT) if has_hours else clinic_time.MIDNIGHT
        if kind is ClosingKind.CHAIR and self.chair.data not in {choice.value for choice in self.chair.choices}:
            raise DomainError("Choose a chair.", field="chair")
        if kind is ClosingKind.PROVIDER and not self.provider.choices:
            raise DomainError("This site has no shifts of providers: nothing depends on them.", field="kind")
        if kind is ClosingKind.PROVIDER and self.provider.data not in {one.value for one in self.provider.choices}:
            raise DomainError("Choose who is away.", field="provider")
        account = self.provider.data if kind is ClosingKind.PROVIDER and self.provider.data != NOBODY else None
        return Closing(
            kind,
            day,
            starts,
            ends,
            self.chair.data if kind is ClosingKind.CHAIR else "",
            UUID(account) if account else None,
            self.last.data if kind is ClosingKind.PROVIDER else None,
        )

    def _minutes(self, name: str, otherwise: int) -> int:
        typed = self._fields[name].data
        if not typed:
            return otherwise
        try:
            minutes = clinic_time.parse_clock(wishes.read_time(typed))
        except DomainError as error:
            raise DomainError(error.message, field=name) from None
        if minutes % QUARTER:
            raise DomainError("Enter a time on a quarter of an hour.", field=name)
        return minutes
