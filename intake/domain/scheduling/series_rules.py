"""The rules over a whole series (7 to 11 of a planning case): order, gaps, span, seven days, window."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from intake.domain.scheduling.values import Case, Fault, Patient, Protocol, Slot


def series_faults(
    dates: Sequence[date], protocol: Protocol, *, done: int = 0, patient: Patient | None = None
) -> list[Fault]:
    """Every rule that a series on these dates breaks, in words: "gap of 1 day between infusion 2 and 3 ...".

    The first `done` dates are over and may break rules among themselves. Without a patient the window is not judged.
    """
    raise NotImplementedError
