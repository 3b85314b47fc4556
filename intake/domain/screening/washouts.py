"""Washouts as questions to the provider: how long ago the last dose was, and what the table speaks of.

Nothing here is ever shown to a patient: whether something is stopped, and how, is for the provider and the prescriber.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from intake.domain.data import is_verified, names_in, read_table
from intake.domain.screening.medicines import CheckedMedicine, MedicineCheck
from intake.domain.screening.sources import key_of


@dataclass(frozen=True, slots=True)
class Washout:
    """How many days between last dose and infusion are spoken of, for a row or some of its members."""

    row: str
    members: frozenset[str]
    days: int
    source: str
    is_verified: bool

    def covers(self, checked: CheckedMedicine) -> bool:
        """Whether it speaks of this medicine."""
        if self.row not in {finding.row for finding in checked.findings}:
            return False
        return not self.members or not self.members.isdisjoint(map(key_of, checked.match.components))


@dataclass(frozen=True, slots=True)
class WashoutQuestion:
    """A question to the provider about one medicine. `days_since` None: the last dose is not known."""

    medicine_id: str
    washout: Washout
    days_since: int | None

    @property
    def text(self) -> str:
        """The question in words; it suggests, and leaves the decision where it is."""
        speaks = f"The table speaks of {_days(self.washout.days)} ({self.washout.source})."
        if self.days_since is None:
            return f"When was the last dose? {speaks} Is a washout wanted?"
        return f"Last dose {_days(self.days_since)} before. {speaks} Wait, go ahead, or ask the prescriber?"


@cache
def washouts() -> tuple[Washout, ...]:
    """The table, in its order."""
    return tuple(
        Washout(
            row["row"],
            frozenset(map(key_of, names_in(row["members"]))),
            int(row["days"]),
            row["source"],
            is_verified(row["confidence"]),
        )
        for row in read_table("washouts.csv")
    )


def questions_of(check: MedicineCheck) -> tuple[WashoutQuestion, ...]:
    """One question for each medicine and washout that is not over, or of which nobody knows; in input order.

    A last dose exactly so many days before is long enough.
    """
    return tuple(question for checked in check.medicines for question in _asked(checked))


def _asked(checked: CheckedMedicine) -> Iterator[WashoutQuestion]:
    for washout in washouts():
        since = checked.days_since_last_dose
        if washout.covers(checked) and (since is None or since < washout.days):
            yield WashoutQuestion(checked.medicine.id, washout, since)


def _days(count: int) -> str:
    return "1 day" if count == 1 else f"{count} days"
