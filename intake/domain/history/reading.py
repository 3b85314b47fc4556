"""The JSON form of a history, read strictly and answered."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from intake.domain.history.trials import MedicationTrial, Settings


@dataclass(frozen=True, slots=True)
class History:
    """A history as read."""

    as_of: date
    settings: Settings
    is_bipolar: bool
    trials: tuple[MedicationTrial, ...]


def read_history(document: object) -> History:
    """Read a parsed JSON history. Raises `DomainError` with one line that names the trial, the key and why."""
    raise NotImplementedError


def answer(document: object) -> dict[str, Any]:
    """The answer to a parsed JSON history, in the output form of `assess-trials`."""
    raise NotImplementedError
