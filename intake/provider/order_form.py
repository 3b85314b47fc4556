"""The form of an order. Its rules stand in `domain/orders.py`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from uuid import UUID

from flask import request
from wtforms import HiddenField, RadioField, SelectField
from wtforms.validators import InputRequired, Length

from intake.domain.errors import DomainError
from intake.domain.orders import DEFAULT_EXPIRY, DEFAULT_MG_PER_KG, OrderEntry
from intake.domain.reviews import LONGEST_TEXT
from intake.domain.scheduling.boosters import Regime, fixed_interval
from intake.domain.scheduling.protocols import default_regimes
from intake.provider.evaluation_form import CODE
from intake.provider.fields import DayField, KeyForm, LongTextField, NumberField
from intake.provider.forms import TOO_LONG, choices_of
from intake.web.forms import TextField

FIXED = "fixed"
FIXED_SOURCE = "interval set by the provider"
MOST_DAYS = 180


def _regimes() -> dict[str, str]:
    named = {one.key: one.name for one in default_regimes()}
    return named | {FIXED: "Another fixed interval"}


class OrderForm(KeyForm):
    """What is signed: protocol, dose, conditions, boosters, last day, second factor."""

    evaluation = HiddenField()  # the visit whose weight the page showed
    protocol = RadioField("Protocol", [InputRequired("Choose a protocol.")], choices=[])
    dose_mg_per_kg = NumberField("Dose in mg/kg", expected="Enter the dose in mg/kg, such as 0.5.")
    dose_reason = LongTextField(
        "Reason for this dose", [Length(max=LONGEST_TEXT)], description="Needed outside the usual range only."
    )
    conditions = LongTextField(
        "Conditions before the first infusion",
        [TOO_LONG],
        description="One a line. Booking opens when each is marked as met. Leave empty for none.",
    )
    regime = SelectField("Boosters after the series", choices=choices_of(_regimes()))
    every_days = NumberField(
        "Every so many days", expected="Enter whole days, such as 35.", is_whole=True, is_optional=True
    )
    tolerance_days = NumberField(
        "Give or take days", expected="Enter whole days, such as 7.", is_whole=True, is_optional=True
    )
    expires_on = DayField("Last day of this order")
    code = TextField("Code of your second factor", [Length(max=40, message="This is too long.")], description=CODE)

    def show(
        self, protocols: Mapping[str, str], evaluation_id: UUID | None, conditions: Sequence[str], today: date
    ) -> None:
        """Give the choices, and begin with the usual dose and expiry and the conditions of the decision."""
        self.show_fresh()
        self.protocol.choices = choices_of(protocols)
        if request.method == "POST":
            return
        self.evaluation.data = str(evaluation_id) if evaluation_id else ""
        self.dose_mg_per_kg.data = f"{DEFAULT_MG_PER_KG:g}"
        self.expires_on.data = (today + DEFAULT_EXPIRY).isoformat()
        self.conditions.data = "\n".join(conditions)

    @property
    def evaluation_id(self) -> UUID:
        """The visit as sent; raises `DomainError` for what is no key."""
        try:
            return UUID(self.evaluation.data or "")
        except ValueError:
            raise DomainError("There is no signed evaluation visit: no order without one.") from None

    def to_entry(self) -> OrderEntry:
        """The order as typed; raises `DomainError`."""
        regime, name = self._regime()
        return OrderEntry(
            protocol_id=UUID(self.protocol.data),
            dose_mg_per_kg=self.dose_mg_per_kg.number or 0,
            expires_on=self.expires_on.day,
            regime=regime,
            regime_name=name,
            conditions=self.conditions.lines,
            dose_reason=self.dose_reason.data,
        )

    def _regime(self) -> tuple[Regime, str]:
        if self.regime.data != FIXED:
            version = next(one for one in default_regimes() if one.key == self.regime.data)
            return version.regime, version.name
        if self.every_days.number is None:
            raise DomainError("Enter every how many days.", field="every_days")
        days, tolerance = int(self.every_days.number), int(self.tolerance_days.number or 0)
        if days > MOST_DAYS:
            raise DomainError(f"Enter at most {MOST_DAYS} days.", field="every_days")
        regime = fixed_interval(days, tolerance, FIXED_SOURCE)
        return regime.limited_to(max_boosters=_most_boosters(), expires_on=None), f"Every {days} days"


def _most_boosters() -> int | None:
    return default_regimes()[0].regime.max_boosters
