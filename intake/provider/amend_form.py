"""The form of an amendment: one kind at a time. Its rules stand in `domain/amendments.py`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from wtforms import HiddenField, RadioField, SelectField
from wtforms.validators import Length

from intake.domain.amendments import Amendment, AmendmentKind, regime_json
from intake.domain.errors import DomainError
from intake.domain.scheduling.protocols import default_regimes
from intake.domain.sign_offs import LIMITS
from intake.provider.evaluation_form import CODE
from intake.provider.fields import DayField, KeyForm, LongTextField, NumberField
from intake.provider.forms import TOO_LONG, choices_of
from intake.web.forms import TextField

KINDS = {
    AmendmentKind.PAUSE: "Pause after an infusion, with a day to restart",
    AmendmentKind.CADENCE: "Another rhythm from here on",
    AmendmentKind.COUNT: "More or fewer infusions, or stop early",
    AmendmentKind.BOOSTERS: "Boosters in another way",
    AmendmentKind.SITE: "Another site",
    AmendmentKind.AWAY: "The patient is away for some days",
    AmendmentKind.LIMITS: "Allow more than the protocol does",
}
FIELDS: Mapping[AmendmentKind, tuple[str, ...]] = {
    AmendmentKind.PAUSE: ("after", "restart_on"),
    AmendmentKind.CADENCE: ("protocol",),
    AmendmentKind.COUNT: ("infusions",),
    AmendmentKind.BOOSTERS: ("regime",),
    AmendmentKind.SITE: ("site",),
    AmendmentKind.AWAY: ("away_from", "away_to"),
    AmendmentKind.LIMITS: (),
}
"""Which fields a kind has of its own; every kind has the limits, the reason and the code."""


class OptionalDayField(DayField):
    """A date that may be left empty: `day` is None then."""

    day: Any = None  # a date once it is valid

    def pre_validate(self, form: Any) -> None:
        """Read the date where there is one."""
        if self.data:
            super().pre_validate(form)


def _number(label: str, **kw: Any) -> NumberField:
    return NumberField(label, expected="Enter a whole number, such as 4.", is_whole=True, is_optional=True, **kw)


class AmendForm(KeyForm):
    """What is amended, why, and the second factor once it was shown what it does."""

    kind = HiddenField()
    seen = HiddenField()  # the state of the series that the preview was made from
    slots = HiddenField()
    sign_off = HiddenField()
    after = _number("Pause after infusion number")
    restart_on = OptionalDayField("Restart on")
    protocol = RadioField("Protocol from here on", choices=[], validate_choice=False)
    infusions = _number("Infusions in all", description="Those that are done count. The number done stops here.")
    regime = SelectField("Boosters after the series", choices=[], validate_choice=False)
    site = RadioField("Site from here on", choices=[], validate_choice=False)
    away_from = OptionalDayField("First day away")
    away_to = OptionalDayField("Last day away")
    max_gap_days = _number("Most days between two infusions")
    max_span_days = _number("Most days from the first to the last")
    min_span_days = _number("Fewest days from the first to the last")
    max_in_7_days = _number("Most infusions in 7 days")
    reason = LongTextField("Reason", [TOO_LONG])
    code = TextField("Code of your second factor", [Length(max=40, message="This is too long.")], description=CODE)

    def show(self, protocols: Iterable[tuple[UUID, str]], sites: Iterable[tuple[UUID, str]]) -> None:
        """Give the choices and, when it is first shown, the key."""
        self.show_fresh()
        self.protocol.choices = choices_of({str(key): name for key, name in protocols})
        self.site.choices = choices_of({str(key): name for key, name in sites})
        self.regime.choices = choices_of({one.key: one.name for one in default_regimes()})

    def fill_limits(self, limits: Mapping[str, int]) -> None:
        """Begin with what was asked for."""
        for name in LIMITS:
            self._fields[name].data = str(limits[name]) if name in limits else ""

    @property
    def chosen(self) -> AmendmentKind | None:
        """The kind; None before one is chosen."""
        return AmendmentKind(self.kind.data) if self.kind.data in set(AmendmentKind) else None

    @property
    def own_fields(self) -> list[Any]:
        """The fields that this kind has."""
        return [self._fields[name] for name in FIELDS[self.chosen]] if self.chosen else []

    @property
    def limit_fields(self) -> list[Any]:
        """What may be allowed beyond the protocol."""
        return [self._fields[name] for name in LIMITS]

    def to_amendment(self) -> Amendment:
        """The amendment as typed; raises `DomainError`."""
        kind = self.chosen
        if kind is None:
            raise DomainError("Choose what to amend.")
        limits = {name: int(field.number) for name, field in self._limit_pairs() if field.number is not None}
        return Amendment(
            kind,
            self.reason.data or "",
            after=_whole(self.after) if kind is AmendmentKind.PAUSE else None,
            restart_on=self.restart_on.day if kind is AmendmentKind.PAUSE else None,
            protocol_id=_key(self.protocol) if kind is AmendmentKind.CADENCE else None,
            infusions=_whole(self.infusions) if kind is AmendmentKind.COUNT else None,
            regime=self._regime() if kind is AmendmentKind.BOOSTERS else None,
            site_id=_key(self.site) if kind is AmendmentKind.SITE else None,
            away_from=self.away_from.day if kind is AmendmentKind.AWAY else None,
            away_to=self.away_to.day if kind is AmendmentKind.AWAY else None,
            limits=limits,
        )

    def _limit_pairs(self) -> list[tuple[str, Any]]:
        return [(name, self._fields[name]) for name in LIMITS]

    def _regime(self) -> dict[str, Any] | None:
        version = next((one for one in default_regimes() if one.key == self.regime.data), None)
        return regime_json(version.regime, version.name) if version else None


def _whole(field: NumberField) -> int | None:
    return None if field.number is None else int(field.number)


def _key(field: RadioField) -> UUID | None:
    known = {str(choice.value) for choice in field.choices}
    return UUID(field.data) if field.data in known else None
