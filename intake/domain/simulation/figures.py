"""What came of a simulated year, as figures with their definitions, and as a plot."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from html import escape
from statistics import median
from typing import Any

from intake.domain.scheduling.values import Protocol
from intake.domain.simulation.year import Course, Tally, is_completed

DEFINITIONS = {
    "completed": "series completed in 21 days with legal gaps, of those whose order is at least six weeks old",
    "first_days": "days from the order to the first infusion given: median, and nine of ten at most",
    "moved": "other visits of the same person that changed day or hour, for each visit that failed or was closed",
    "chair_use": "minutes of given infusions, of all minutes that chairs stood open",
    "actions": "desk entries for each series laid out: a visit booked by hand is one, a plan booked whole is one",
    "lost": "people for whom no series was found within four weeks of the order",
}
SETTLED_DAYS = 42
"""An order younger than this at the end of the year has had no time to be completed and is not counted."""


@dataclass(frozen=True, slots=True)
class Figures:
    """One way of booking in figures; shares from 0 to 1."""

    way: str
    orders: int
    completed: float
    first_days_median: float
    first_days_most: int
    moved: float
    chair_use: float
    actions: float
    lost: int
    disruptions: int

    def to_json(self) -> dict[str, Any]:
        """The same as plain values."""
        return asdict(self)


def figures_of(tally: Tally, protocol: Protocol) -> Figures:
    """The figures of one year under one way; definitions in `DEFINITIONS`."""
    last = max((course.person.ordered_on for course in tally.courses), default=date.min)
    counted = [one for one in tally.courses if (last - one.person.ordered_on).days >= SETTLED_DAYS]
    waited = sorted(_waited(one) for one in counted if one.done)
    laid_out = sum(one.laid_out_on is not None for one in tally.courses)
    return Figures(
        way=tally.way,
        orders=len(counted),
        completed=sum(is_completed(one, protocol) for one in counted) / max(len(counted), 1),
        first_days_median=median(waited) if waited else 0.0,
        first_days_most=waited[int(0.9 * (len(waited) - 1))] if waited else 0,
        moved=tally.moved / max(tally.disruptions, 1),
        chair_use=tally.chair_minutes / max(tally.open_minutes, 1),
        actions=tally.actions / max(laid_out, 1),
        lost=sum(one.is_lost for one in counted),
        disruptions=tally.disruptions,
    )


def _waited(course: Course) -> int:
    return (course.done[0].day - course.person.ordered_on).days


def rows_of(found: Sequence[Figures]) -> list[tuple[str, ...]]:
    """A table: a line for each figure, a column for each way."""
    lines = (
        ("Completed in 21 days, legal gaps", [f"{one.completed:.0%}" for one in found]),
        (
            "Days to the first infusion (median, 90 %)",
            [f"{one.first_days_median:g}, {one.first_days_most}" for one in found],
        ),
        ("Other visits moved for each disruption", [f"{one.moved:.2f}" for one in found]),
        ("Chair use", [f"{one.chair_use:.0%}" for one in found]),
        ("Desk entries for each series", [f"{one.actions:.1f}" for one in found]),
        ("Nothing found within four weeks", [str(one.lost) for one in found]),
        ("Orders counted, disruptions", [f"{one.orders}, {one.disruptions}" for one in found]),
    )
    return [(name, *cells) for name, cells in lines]


BAR, GAP, LEFT, WIDE = 22, 10, 190, 640
COLOURS = ("#2B6652", "#9C4A28", "#27567F")


def plot_of(found: Sequence[Figures]) -> str:
    """Shares completed and chair use as bars, one colour a way with its name beside it: an SVG of its own."""
    groups = (("Completed in 21 days, legal gaps", "completed"), ("Chair use", "chair_use"))
    height = len(groups) * (30 + len(found) * (BAR + GAP)) + 20
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDE} {height}" width="{WIDE}" height="{height}" '
        'font-family="system-ui, sans-serif" font-size="14" role="img">',
        f"<title>{escape('; '.join(_spoken(one) for one in found))}</title>",
        f'<rect width="{WIDE}" height="{height}" rx="8" fill="#FFFFFF"/>',
    ]
    top = 24
    for title, name in groups:
        parts.append(f'<text x="12" y="{top}" font-weight="600" fill="#1D2825">{escape(title)}</text>')
        for colour, one in zip(COLOURS, found, strict=False):
            top += BAR + GAP
            share = getattr(one, name)
            width = round(share * (WIDE - LEFT - 70))
            parts += [
                f'<text x="{LEFT - 10}" y="{top}" text-anchor="end" fill="#4B5954">{escape(one.way)}</text>',
                f'<rect x="{LEFT}" y="{top - BAR + 6}" width="{width}" height="{BAR}" rx="3" fill="{colour}"/>',
                f'<text x="{LEFT + width + 8}" y="{top}" fill="#1D2825">{share:.0%}</text>',
            ]
        top += 38
    return "\n".join([*parts, "</svg>"])


def _spoken(one: Figures) -> str:
    return f"{one.way}: {one.completed:.0%} completed, chair use {one.chair_use:.0%}"
