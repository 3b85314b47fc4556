"""Medicines that count as two but are close: rule 17 and the decisions of trial-adequacy."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import cache

from intake.domain.data import read_table


@dataclass(frozen=True, slots=True)
class Relation:
    """Two molecules and what they have in common ("closely related", "shares a medicine")."""

    one: str
    other: str
    relation: str

    def in_words(self) -> str:
        """The flag as a provider reads it; it changes no count."""
        verb = "are closely related" if self.relation == "closely related" else "share a medicine"
        return f"{self.one} and {self.other} {verb}: counted as two"


def relations_among(molecules: Collection[str]) -> tuple[Relation, ...]:
    """The related pairs of which both are there, in the order of the table."""
    return tuple(each for each in _relations() if each.one in molecules and each.other in molecules)


@cache
def _relations() -> tuple[Relation, ...]:
    return tuple(Relation(row["one"], row["other"], row["relation"]) for row in read_table("related-medicines.csv"))
