"""Batch cases from JSON and batch plans to JSON, as the planning format defines them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from intake.domain.errors import DomainError
from intake.domain.scheduling.batch_values import BatchCase, BatchPlan, Series
from intake.domain.scheduling.fields import Fields, refuse
from intake.domain.scheduling.reading import case_from_json, site_from_json
from intake.domain.scheduling.values import Case
from intake.domain.scheduling.writing import slot_to_json

SHARED = ("site", "bookings", "weights")
"""What stands once for all series of a batch."""
EXTRA_WEIGHTS = ("unplaced", "worst")


def batch_from_json(raw: Any) -> BatchCase:
    """A whole batch case. Raises `DomainError` whose message begins with the key to blame for all that is malformed."""
    batch = Fields.of(raw, "")
    site_from_json(batch.value("site"))
    weights = batch.inner("weights") if batch.has("weights") else Fields({}, "weights")
    unplaced, worst = (weights.whole(name) if weights.has(name) else 0 for name in EXTRA_WEIGHTS)
    reader = _Reader(raw)
    series = tuple(reader.series(entry) for entry in batch.entries("series"))
    names = [one.id for one in series]
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        refuse("series", f"two series with the id {twice!r}")
    return BatchCase(series, unplaced, worst)


class _Reader:
    """Reads series one by one; site, weights and bookings become the same objects for all of them."""

    def __init__(self, raw: dict[str, Any]) -> None:
        self._shared = {key: raw[key] for key in ("site", "weights") if key in raw}
        self._bookings = {"bookings": raw["bookings"]} if "bookings" in raw else {}
        self._by_turnover: dict[int, Case] = {}

    def series(self, entry: Fields) -> Series:
        """One series with the case that it would be alone."""
        name = entry.text("id")
        own = {key: value for key, value in entry.pairs() if key not in SHARED}
        try:
            case = case_from_json({**own, **self._shared})
            like = self._like(case.protocol.turnover_minutes, own)
        except DomainError as error:
            raise DomainError(f"{error.message} (series {name!r})", field=error.field) from None
        return Series(name, replace(case, site=like.site, weights=like.weights, bookings=like.bookings))

    def _like(self, turnover: int, own: dict[str, Any]) -> Case:
        """A case with the shared parts; a booking that states no turnover has that of the series' protocol."""
        if turnover not in self._by_turnover:
            read = case_from_json({**own, **self._shared, **self._bookings})
            same = (known for known in self._by_turnover.values() if known.bookings == read.bookings)
            self._by_turnover[turnover] = next(same, read)
        return self._by_turnover[turnover]


def plan_to_json(plan: BatchPlan) -> dict[str, Any]:
    """A batch plan, with the gap between cost and bound added."""
    return {
        "status": plan.status.value,
        "cost": plan.cost,
        "bound": plan.bound,
        "gap": round(plan.gap, 6),
        "series": [
            {"id": name, "cost": plan.costs[name], "infusions": [slot_to_json(slot) for slot in slots]}
            for name, slots in plan.placed.items()
        ],
        "unplaced": list(plan.unplaced),
    }
