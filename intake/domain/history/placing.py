"""Where each dose of a trial can lie in its widest reading, doses with only a length among their neighbours.

Source: history-format, "Weeks at dose", the sentences on rule 16.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from intake.domain.history.trials import DoseSegment, MedicationTrial
from intake.domain.history.weeks import Span, length_of, spans_of


@dataclass(frozen=True, slots=True)
class Reach:
    """The earliest start and the latest stop of a dose, in days as ordinals; -inf: no limit."""

    start: float
    stop: float

    def shares_days_with(self, other: Reach) -> bool:
        """Whether the two have more than one boundary day in common."""
        return min(self.stop, other.stop) > max(self.start, other.start)


def has_any_date(trial: MedicationTrial, *, as_of: date) -> bool:
    """Whether any start or stop of the trial is known; "now" and still taking are."""
    return any(span is not None and span.has_a_date for span in spans_of(trial, as_of=as_of))


def reaches_of(trial: MedicationTrial, *, as_of: date) -> list[Reach]:
    """The widest reading of each dose, in the trial's order; nothing lies after `as_of`.

    A dose of a length starts where the dose before it stops, or, with nothing dated before it, stops where the next
    one starts.
    """
    limit = as_of.toordinal()
    spans = list(spans_of(trial, as_of=as_of))
    forward = _placed_forward(trial.doses, spans, limit)
    return _placed_backward(trial.doses, spans, forward, limit)


def _placed_forward(doses: Sequence[DoseSegment], spans: Sequence[Span | None], limit: int) -> list[Reach | None]:
    """Dated doses and what follows one; None for a length with nothing dated before it."""
    placed: list[Reach | None] = []
    stop: tuple[float, float] | None = None  # the first and the last day on which the dose before can stop
    for dose, span in zip(doses, spans, strict=True):
        if span is not None:
            placed.append(Reach(span.start_low, span.stop_high))
            stop = (span.stop_low, span.stop_high) if stop or span.has_a_date else None
        elif stop is not None:
            least, most = length_of(dose)
            placed.append(Reach(stop[0], min(stop[1] + most * 7, limit)))
            stop = (min(stop[0] + least * 7, limit), min(stop[1] + most * 7, limit))
        else:
            placed.append(None)
    return placed


def _placed_backward(
    doses: Sequence[DoseSegment], spans: Sequence[Span | None], placed: Sequence[Reach | None], limit: int
) -> list[Reach]:
    """What is left, from the start of the dose after it."""
    found: list[Reach] = []
    start = (-math.inf, float(limit))  # the first and the last day on which the dose after can start
    for dose, span, reach in zip(reversed(doses), reversed(spans), reversed(placed), strict=True):
        if span is not None:
            start = (span.start_low, span.start_high)
        if reach is None:
            least, most = length_of(dose)
            reach = Reach(start[0] - most * 7, start[1])
            start = (start[0] - most * 7, start[1] - least * 7)
        found.append(reach)
    return found[::-1]
