"""Doses under the minimum that a provider has to look at rather than a rule (rule 10)."""

from __future__ import annotations

from functools import cache

from intake.domain.data import read_table
from intake.domain.history.formulary import Treatment

HALF = 0.5  # a dose of half the minimum or more is a question, not a silent failure


def question_for(treatment: Treatment, mg_per_day: float) -> str | None:
    """What to ask the provider about a dose under the row's minimum; None where it is plainly too low."""
    for from_mg, below_mg, question in _table().get(treatment.generic, ()):
        if from_mg <= mg_per_day < below_mg:
            return question
    if treatment.min_mg_per_day is not None and mg_per_day >= HALF * treatment.min_mg_per_day:
        return f"{mg_per_day:g} is at least half of {treatment.min_mg_per_day:g}; does this dose count?"
    return None


@cache
def _table() -> dict[str, list[tuple[float, float, str]]]:
    table: dict[str, list[tuple[float, float, str]]] = {}
    for row in read_table("dose-questions.csv"):
        entry = (float(row["from_mg"]), float(row["below_mg"]), row["question"])
        table.setdefault(row["generic"], []).append(entry)
    return table
