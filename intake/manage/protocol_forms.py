"""The form of a protocol: every value with a place for its new source, gaps and watch units in rows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from wtforms import BooleanField, HiddenField
from wtforms.validators import Length

from intake.domain.errors import DomainError
from intake.domain.scheduling.recipes import LABELS, VALUES
from intake.manage.protocol_fields import TimeField, WholeField
from intake.services.protocols import LONGEST_SOURCE, ProtocolEdit
from intake.web.forms import Form, TextField

GAP_ROWS = 10
WATCH_ROWS = 3
WHOLE = (
    "infusions", "per_week", "min_span_days", "max_span_days", "max_in_7_days", "chair_minutes", "turnover_minutes",
)  # fmt: skip
"""The values that are one whole number."""
MAY_BE_EMPTY = (
    "first_chair_minutes", "checkpoint_after", "miss_usual_gap_days", "miss_provider_over_days",
    "miss_screen_over_days", "miss_append_below_days", "miss_worse_points",
)  # fmt: skip
BESIDE = {"gap_points": "gap_2", "watch_profile": "watch_minutes_1", "first_start": "first_from"}
"""Where a message about a value of several fields stands."""


class ProtocolForm(Form):
    """The values that every protocol has; `form_for` adds rows and sources."""

    base = HiddenField()  # the version whose values the form began with
    seen = HiddenField()  # the newest version that was shown
    reviewed = HiddenField()  # what was shown before saving, in short
    consecutive_days = BooleanField(LABELS["consecutive_days"])
    first_from = TimeField("from")
    first_to = TimeField("to")

    gaps: tuple[int, ...] = ()
    steps: tuple[int, ...] = ()

    def show(self, row_id: UUID, rules: Mapping[str, Any]) -> None:
        """Begin with the values of a version."""
        self.base.data = self.seen.data = str(row_id)
        for key in (*WHOLE, *MAY_BE_EMPTY):
            self[key].show(rules.get(key))
        self.consecutive_days.data = bool(rules.get("consecutive_days"))
        start = rules.get("first_start") or {}
        self.first_from.show(start.get("from"))
        self.first_to.show(start.get("to"))
        for gap in self.gaps:
            self[f"gap_{gap}"].show(rules["gap_points"].get(str(gap)))
        profile = rules.get("watch_profile") or []
        for step in self.steps:
            minutes, units = profile[step - 1] if step <= len(profile) else (None, None)
            self[f"watch_minutes_{step}"].show(minutes)
            self[f"watch_units_{step}"].show(units)

    def to_rules(self, base: Mapping[str, Any]) -> dict[str, Any]:
        """The rules as typed; what the form does not know stays as it was. Raises `DomainError` beside its field."""
        found = {key: value for key, value in base.items() if key not in LABELS}
        found |= {key: self[key].number for key in (*WHOLE, *MAY_BE_EMPTY)}
        found["consecutive_days"] = bool(self.consecutive_days.data)
        found["gap_points"] = {
            str(gap): self[f"gap_{gap}"].number for gap in self.gaps if self[f"gap_{gap}"].number is not None
        }
        found["first_start"] = self._first_start()
        found["watch_profile"] = self._profile()
        return _in_order(base, found)

    def to_edit(self, base_id: UUID, seen_id: UUID, base: Mapping[str, Any]) -> ProtocolEdit:
        """The change as typed; raises `DomainError` beside its field."""
        sources = {value.key: self[f"source_{value.key}"].data for value in VALUES if self[f"source_{value.key}"].data}
        return ProtocolEdit(base_id, seen_id, self.to_rules(base), sources)

    def blame(self, error: DomainError) -> None:
        """Put a refusal beside the first field of the value that it names."""
        field, message = error.field or "", error.message
        key = field.removeprefix("protocol.")
        if key != field:  # a refusal of the planning format begins with its key
            message = f"{message.partition(': ')[2].capitalize()}."
        super().blame(DomainError(message, field=BESIDE.get(key, key)))

    def _first_start(self) -> dict[str, str] | None:
        first, last = self.first_from.text, self.first_to.text
        if first is None and last is None:
            return None
        if first is None or last is None:
            raise DomainError("Enter both times, or leave both empty.", field="first_start")
        return {"from": first, "to": last}

    def _profile(self) -> list[list[int]]:
        found, is_over = [], False
        for step in self.steps:
            minutes, units = self[f"watch_minutes_{step}"].number, self[f"watch_units_{step}"].number
            if (minutes is None) is not (units is None):
                raise DomainError("Enter both minutes and units.", field=f"watch_minutes_{step}")
            if minutes is None or units is None:
                is_over = True
            elif is_over:
                raise DomainError("Fill the rows from the first one on.", field=f"watch_minutes_{step}")
            else:
                found.append([minutes, units])
        if not found:
            raise DomainError("Enter how many watch units a session takes.", field="watch_profile")
        return found


def form_for(rules: Mapping[str, Any]) -> ProtocolForm:
    """A form with enough rows for a version's gaps and watch units."""
    gaps = range(1, max([GAP_ROWS, *map(int, rules["gap_points"])]) + 1)
    steps = range(1, max(WATCH_ROWS, len(rules.get("watch_profile") or [])) + 1)
    fields: dict[str, Any] = {"gaps": tuple(gaps), "steps": tuple(steps)}
    fields |= {key: WholeField(LABELS[key]) for key in WHOLE}
    fields |= {key: WholeField(LABELS[key], is_optional=True) for key in MAY_BE_EMPTY}
    fields |= {f"gap_{gap}": WholeField(f"{gap}", is_optional=True) for gap in gaps}
    for step in steps:
        fields[f"watch_minutes_{step}"] = WholeField("Minutes", is_optional=True)
        fields[f"watch_units_{step}"] = WholeField("Units", is_optional=True)
    long = Length(max=LONGEST_SOURCE, message=f"Keep the source within {LONGEST_SOURCE} characters.")
    fields |= {f"source_{value.key}": TextField("Source of the new value", [long]) for value in VALUES}
    made: ProtocolForm = type("FreshProtocolForm", (ProtocolForm,), fields)()
    return made


def _in_order(base: Mapping[str, Any], found: Mapping[str, Any]) -> dict[str, Any]:
    """Keys of the version first, in its order; what is empty is left out, and an exception that it never had."""
    kept = {key: found[key] for key in base if found.get(key) is not None}
    more = {key: value for key, value in found.items() if key not in base and value is not None and value is not False}
    return kept | more


class AdoptForm(Form):
    """A shipped protocol under a name of the clinic's."""

    key = HiddenField()
    name = TextField("Name")
