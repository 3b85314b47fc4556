"""Values back to JSON, as the planning format writes them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from intake.domain.clinic_time import format_clock
from intake.domain.scheduling.boosters import Regime, step_to_json
from intake.domain.scheduling.values import WEEKDAYS, Busy, Slot, Weekly


def slot_to_json(slot: Slot) -> dict[str, str]:
    """`{"date", "start", "chair"}`."""
    return {"date": slot.day.isoformat(), "start": format_clock(slot.start), "chair": slot.chair}


def busy_to_json(busy: Iterable[Busy]) -> list[dict[str, str]]:
    """`{"start", "end"}` as local date-times, for each other appointment."""
    return [
        {
            "start": f"{one.start_day.isoformat()}T{format_clock(one.start)}",
            "end": f"{one.end_day.isoformat()}T{format_clock(one.end)}",
        }
        for one in busy
    ]


def weekly_to_json(weekly: Weekly) -> dict[str, list[list[str]]]:
    """Weekday names to lists of `["HH:MM", "HH:MM"]`."""
    return {
        WEEKDAYS[day]: [[format_clock(start), format_clock(end)] for start, end in weekly[day]]
        for day in sorted(weekly)
    }


def gap_points_to_json(points: Mapping[int, int]) -> dict[str, Any]:
    """Days as text to points."""
    return {str(gap): points[gap] for gap in sorted(points)}


def regime_to_json(regime: Regime) -> dict[str, Any]:
    """A booster regime as an order stores it; the order's own end is not part of it."""
    steps = [step_to_json(step) for step in regime.steps]
    return {"steps": steps, "source": regime.source, "max_boosters": regime.max_boosters}
